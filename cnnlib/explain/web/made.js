// @ts-check
// Lets readers make the output: an entry is shown once the window has been there, and some ask for a guess before.

/** @import { Geometry, Pair } from "./model.js" */

/** Tells a window from others, whatever the numbers in it: the input entries that it covers. @param {Geometry} geometry @param {Pair} at */
export const windowKey = (geometry, at) => at.map((o, axis) => geometry.axes[axis].taps[o].map(([i]) => i)).join("|");

/** Which windows have been made. */
export class Made {
  /** @param {boolean} empty Whether no entry is shown at first @param {string[]} asked The windows that ask for a guess */
  constructor(empty, asked) {
    this.empty = empty;
    this.asked = asked;
    this.begin();
  }

  /** Whether something was not shown at first. */
  get asks() {
    return this.empty || this.asked.length > 0;
  }

  begin() {
    this.all = !this.empty;
    this.open = new Set(this.asked);
    /** @type {Set<string>} */ this.visited = new Set();
  }

  fill() {
    this.all = true;
    this.open.clear();
  }

  /** Note that the window has been at a place, and say whether that is new. @param {string} key */
  visit(key) {
    const before = this.visited.size;
    return this.visited.add(key).size > before;
  }

  /** Show an entry that asked. @param {string} key */
  answer(key) {
    this.open.delete(key);
    this.visit(key);
  }

  /** Whether something is not shown. */
  get partial() {
    return !this.all || this.open.size > 0;
  }

  /** How an output entry is shown. @param {string} key @returns {"empty"|"asked"|""} */
  kind = (key) => (this.open.has(key) ? "asked" : this.all || this.visited.has(key) ? "" : "empty");
}
