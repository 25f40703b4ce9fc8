// @ts-check
// Slides a grey window over what a network reads, and draws how the score changes with what is covered.

import { covered } from "./classifier-board.js";
import { paintInk, paintSigned, placeFrame, setText } from "./classifier-paint.js";
import { ClassifierWhy } from "./classifier-why.js";
import { decimal, ranking } from "./classifier-words.js";

const REACH_PART = 3 / 28; // of the side: pixels on each side of the window's middle
const BUDGET = 9; // milliseconds of computing between two pictures of the sliding window

export class ClassifierCover extends ClassifierWhy {
  /** @type {Float64Array|null} */ changes = null; // of the score, by the pixel in the middle of the window
  /** @type {[number, number]} */ over = [0, 0]; // the middle of the window
  followed = 0; // the class whose score is followed
  sliding = 0; // the number of the frame that is asked for

  get reach() {
    return Math.max(1, Math.round(REACH_PART * Math.min(...this.given.size)));
  }

  /** The scores with the window over a pixel. @param {[number, number]} at */
  coveredScores(at) {
    const { ink, levels } = this.given;
    return this.model.scoresOf(covered(this.read, at, this.reach, Math.round((ink / 2) * levels) / levels).values);
  }

  /** Cover one place after the other; as fast as it can be computed, and at once for readers who prefer no motion. */
  slide() {
    this.endCover();
    const [rows, cols] = this.given.size;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.followed = this.best;
    this.changes = new Float64Array(rows * cols);
    const base = this.model.scores[this.followed];
    let next = 0;
    const go = () => {
      const until = performance.now() + BUDGET;
      while (next < rows * cols && (still || performance.now() < until)) {
        this.over = [Math.floor(next / cols), next % cols];
        this.changes[next] = this.coveredScores(this.over)[this.followed] - base;
        next += 1;
      }
      if (next < rows * cols) this.sliding = requestAnimationFrame(go);
      else this.endSlide();
      this.renderCover(next < rows * cols);
    };
    go();
  }

  endSlide() {
    this.sliding = 0;
    const most = this.changes.reduce((found, change, i) => (change < this.changes[found] ? i : found), 0);
    this.over = [Math.floor(most / this.given.size[1]), most % this.given.size[1]];
  }

  /** Forget what was found: the drawing is another one. */
  endCover() {
    cancelAnimationFrame(this.sliding);
    this.sliding = 0;
    this.changes = null;
    this.renderCover();
  }

  /** Move the window. @param {[number, number]} by */
  moveCover(by) {
    const { size } = this.given;
    this.over = /** @type {[number, number]} */ (this.over.map((n, axis) => Math.max(0, Math.min(size[axis] - 1, n + by[axis]))));
    this.renderCover();
  }

  renderCover(moving = false) {
    const { changes, given, over, reach } = this;
    const [rows, cols] = given.size;
    const side = 2 * reach + 1;
    const limit = changes ? changes.reduce((most, n) => Math.max(most, Math.abs(n)), 0) : 1;
    paintInk(this.$(".under"), this.read.values, rows, cols, given.ink);
    paintSigned(this.$(".over"), changes ?? new Float64Array(rows * cols), rows, cols, limit);
    this.$(".sheet").classList.toggle("done", Boolean(changes));
    this.$(".pad .grey").hidden = !changes;
    setText(this.$("[data-act=cover]"), moving ? "Stop" : "Slide the window");
    this.$("[data-act=cover]").classList.toggle("playing", moving);
    const middle = /** @type {[number, number]} */ (given.size.map((length) => length >> 1));
    const around = ([row, col]) => [row - reach, row + reach, col - reach, col + reach].map((n, i) => Math.max(0, Math.min((i < 2 ? rows : cols) - 1, n)));
    placeFrame(this.$(".pad .grey"), this.onBoard(around(over)), given.size);
    // Before it slides, the window waits in the middle; then a frame shows which place it is over.
    placeFrame(this.$(".sheet i"), changes ? [over[0], over[0], over[1], over[1]] : around(middle), given.size);
    if (!changes) return setText(this.$(".covering"), `A grey window of ${side} × ${side} pixels slides over the picture: purple where the score falls, green where it rises.`);
    if (moving) return setText(this.$(".covering"), `The score of ${given.classes[this.followed]}, while the window slides.`);
    this.describeCover();
  }

  describeCover() {
    const { given, over, followed, model } = this;
    const scores = this.coveredScores(over);
    const [now, was] = [scores[followed], model.scores[followed]];
    const [name, other] = [followed, ranking(scores)[0]].map((k) => given.classes[k]);
    const change = now === was ? "does not change" : `${now < was ? "falls" : "rises"} from ${decimal(was, 1)} to ${decimal(now, 1)}`;
    const answer = name === other ? "" : ` The answer becomes ${other}.`;
    setText(this.$(".covering"), `With the window on row ${over[0] + 1}, column ${over[1] + 1}, the score of ${name} ${change}.${answer}`);
  }
}
