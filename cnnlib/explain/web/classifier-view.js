// @ts-check
// Draws a classifier: the drawing, what the network reads, all maps of all layers, and the scores.

import { flat } from "./classifier-model.js";
import { keepChildren, paintGreys, paintSigned, placeFrame, setText } from "./classifier-paint.js";
import { decimal, describeAnswer, describeShares, percent, ranking } from "./classifier-words.js";

/** @import { Grid, Placing } from "./classifier-board.js" */
/** @import { ClassifierModel, Entry } from "./classifier-model.js" */
/** @typedef {{stage: number, at: Entry}} Stop One value on the way back to the picture. */

const ClassifierBase = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {}); // Node has no elements

export class ClassifierView extends ClassifierBase {
  /** @type {ClassifierModel} */ model;
  /** @type {{layers: any[], size: [number, number], levels: number, ink: number, classes: string[], centre: boolean, examples: [string, string][], misread: number[], titles: string[], limits: number[], format: any}} */ given;
  /** @type {Grid} */ drawn; // what is on the board
  /** @type {Grid} */ read; // what the network reads
  /** @type {Placing} */ placing = { scale: 1, shift: [0, 0] };
  /** @type {[number, number]} */ pen = [0, 0];
  /** @type {Stop[]} */ path = []; // from a value that was chosen back to the one that is shown; empty for the highest score
  /** @type {Record<string, any>} */ parts = {};
  /** An element from the template, which never changes. */
  $ = (selector) => (this.parts[selector] ??= this.querySelector(selector));

  get isEmpty() {
    return !this.read.values.some(Boolean);
  }

  get best() {
    return ranking(this.model.scores)[0];
  }

  /** The value that is explained. @returns {Stop} */
  get stop() {
    return this.path.at(-1) ?? { stage: this.model.last, at: [this.best, 0, 0] };
  }

  /** Make the pictures of the layers, once. */
  buildLayers() {
    const { stages, last } = this.model;
    let [column, widest] = [0, 1];
    for (const [n, { layer, title, size }] of stages.entries()) {
      if (n === 0 || n === last) continue;
      const begins = layer.shape || n === 1;
      column = begins ? 1 : column + 1;
      widest = Math.max(widest, column);
      const box = document.createElement("div");
      box.className = `layer${begins ? " begins" : ""}`;
      const name = Object.assign(document.createElement("p"), { innerHTML: "<b></b> <span></span>" });
      name.firstElementChild.textContent = title;
      name.lastElementChild.textContent = size.join(" × ");
      const maps = Object.assign(document.createElement("div"), { className: "maps" });
      maps.role = "group";
      maps.ariaLabel = title;
      maps.dataset.count = size[0] > 1 ? "many" : "one";
      keepChildren(maps, "button", size[0], (button, channel) => {
        Object.assign(button, { type: "button", className: "map", tabIndex: channel ? -1 : 0, ariaLabel: size[0] > 1 ? `${title}, map ${channel + 1}` : title });
        Object.assign(button.dataset, { stage: n, channel });
        button.append(document.createElement("canvas"));
      });
      box.append(name, maps);
      this.$(".layers").append(box);
    }
    this.$(".layers").style.setProperty("--columns", String(widest));
    this.$(".scores").style.setProperty("--names", String(Math.max(...this.given.classes.map((name) => name.length))));
    keepChildren(this.$(".scores"), "button", this.given.classes.length, (button, k) => {
      button.type = "button";
      Object.assign(button.dataset, { stage: last, channel: k });
      button.innerHTML = "<b></b><span class='bar'><i></i></span><span class='share'></span><span class='score'></span>";
      button.firstElementChild.textContent = this.given.classes[k];
    });
    /** @type {Record<string, any>} */
    this.buttons = {};
    for (const button of this.querySelectorAll("[data-stage]")) this.buttons[/** @type {any} */ (button).dataset.stage + "," + /** @type {any} */ (button).dataset.channel] = button;
  }

  /** Show what follows from the drawing. */
  renderAll() {
    const { model, given, read, drawn } = this;
    paintGreys(this.$(".pad canvas"), drawn.values, drawn.rows, drawn.cols, given.ink);
    model.run(read.values);
    model.stages.forEach(({ size: [channels, rows, cols], limit }, n) => {
      if (n === model.last) return;
      const values = model.values(n);
      for (let k = 0; k < channels; k += 1) {
        const part = values.subarray(k * rows * cols, (k + 1) * rows * cols);
        const canvas = this.buttons[`${n},${k}`].firstElementChild;
        if (n) paintSigned(canvas, part, rows, cols, limit);
        else paintGreys(canvas, part, rows, cols, given.ink);
      }
    });
    this.renderScores();
  }

  renderScores() {
    const { model, given, isEmpty } = this;
    const [shares, scores] = [model.shares, model.scores];
    const first = isEmpty ? -1 : this.best;
    setText(this.$(".verdict output"), isEmpty ? "–" : given.classes[first]);
    this.$(".verdict output").classList.toggle("word", !isEmpty && given.classes[first].length > 2);
    setText(this.$(".verdict span"), isEmpty ? "Nothing is drawn." : describeShares(shares, given.classes));
    given.classes.forEach((name, k) => {
      const button = this.buttons[`${model.last},${k}`];
      const [, bar, share, score] = button.children;
      bar.firstElementChild.style.width = `${(100 * shares[k]).toFixed(2)}%`;
      setText(share, percent(shares[k]));
      setText(score, scores[k].toFixed(1).replace("-", "−"));
      button.ariaLabel = `${name}: share ${percent(shares[k])}, score ${decimal(scores[k], 1)}`;
      button.classList.toggle("first", k === first);
    });
  }

  /** Put the frames on the drawing, around what the shown value depends on, and on the map. */
  renderFrames() {
    const { model, stop } = this;
    const { stage, at } = stop;
    placeFrame(this.$(".pad .field"), this.onBoard(model.field(stage, at)), this.given.size);
    for (const one of this.querySelectorAll("[data-stage][aria-pressed=true]")) one.ariaPressed = "false";
    const button = this.buttons[`${stage},${at[0]}`];
    button.ariaPressed = "true";
    if (stage !== model.last) this.mark(button, "spot", [at[1], at[1], at[2], at[2]], model.stages[stage].size);
    else this.querySelector(".spot")?.remove();
  }

  /** A frame within a map. @param {Element} button @param {string} kind @param {number[]} field @param {number[]} size */
  mark(button, kind, field, [, rows, cols]) {
    const frame = this.querySelector(`.${kind}`) ?? Object.assign(document.createElement("i"), { className: kind });
    if (frame.parentElement !== button) button.append(frame);
    placeFrame(/** @type {HTMLElement} */ (frame), field, [rows, cols]);
  }

  /** Where a part of what is read lies on the board, which centring may have moved and scaled. @param {number[]} field @returns {number[]} */
  onBoard([top, bottom, left, right]) {
    const { scale, shift } = this.placing;
    const back = (n, axis) => (n - shift[axis]) / scale;
    const edges = [back(top - 0.5, 0) + 0.5, back(bottom + 0.5, 0) - 0.5, back(left - 0.5, 1) + 0.5, back(right + 0.5, 1) - 0.5];
    const [rows, cols] = this.given.size;
    return [Math.max(0, edges[0]), Math.min(rows - 1, edges[1]), Math.max(0, edges[2]), Math.min(cols - 1, edges[3])];
  }

  /** The value of a stop. */
  valueOf = ({ stage, at }) => this.model.values(stage)[flat(at, this.model.stages[stage].size)];

  say(text) {
    setText(this.$(".said"), text);
  }

  sayAnswer() {
    this.say(describeAnswer(this.model.shares, this.given.classes, this.isEmpty));
  }
}
