// @ts-check
// The <cnn-classifier> element: what the pointer, the keyboard and the buttons do.

import { centred, emptyGrid, inkBox, moved, withStroke } from "./classifier-board.js";
import { ClassifierCover } from "./classifier-cover.js";
import { ClassifierModel, withWeights } from "./classifier-model.js";
import { keepChildren, paintGreys } from "./classifier-paint.js";
import { decimal, describeAnswer, entryName } from "./classifier-words.js";

/** @import { Grid, Point } from "./classifier-board.js" */
/** @import { Entry } from "./classifier-model.js" */

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const REMEMBERED = 60; // drawings that Undo can bring back
const PAUSE = 500; // milliseconds without a change until the answer is said

class Classifier extends ClassifierCover {
  tool = "draw";
  /** @type {{grid: Grid, offset: Point}} */ board; // the drawing, and by how many pixels it was moved
  /** @type {{grid: Grid, offset: Point}[]} */ earlier = [];
  /** @type {Point|null} */ held = null; // where the pointer was
  sayTimer = 0;
  frame = 0;

  async connectedCallback() {
    if (this.given) return;
    this.given = JSON.parse(this.dataset.state);
    const content = document.importNode(this.querySelector("template").content, true);
    try {
      const answer = await fetch(this.dataset.weights);
      if (!answer.ok) throw Error(answer.statusText);
      const { layers, format, size } = this.given;
      this.model = new ClassifierModel(withWeights(layers, format, await answer.arrayBuffer()), size, this.given);
    } catch {
      this.append(Object.assign(document.createElement("p"), { className: "wrong", textContent: "The network’s weights could not be loaded." }));
      return;
    }
    this.replaceChildren(content);
    this.$(".centre").checked = this.given.centre;
    this.buildLayers();
    this.buildExamples();
    this.listen();
    this.classList.add("live");
    this.pen = [Math.floor(this.given.size[0] / 2), Math.floor(this.given.size[1] / 2)];
    this.showExample(0, false);
  }

  /** A drawing from text: two or one signs for a pixel. @param {string} text @returns {Grid} */
  fromText(text) {
    const [rows, cols] = this.given.size;
    const each = text.length / (rows * cols);
    return { rows, cols, values: Float64Array.from({ length: rows * cols }, (_, i) => parseInt(text.slice(i * each, (i + 1) * each), 16) / this.given.levels) };
  }

  buildExamples() {
    const { examples, ink, misread } = this.given;
    this.$(".framed").hidden = !misread.length;
    keepChildren(this.$(".examples"), "button", examples.length, (button, n) => {
      const [name, text] = examples[n];
      const grid = this.fromText(text);
      Object.assign(button, { type: "button", ariaLabel: name, title: name });
      button.classList.toggle("misread", misread.includes(n));
      button.dataset.example = n;
      button.append(document.createElement("canvas"));
      paintGreys(button.firstChild, grid.values, grid.rows, grid.cols, ink);
    });
  }

  listen() {
    const on = (target, types, f) => types.split(" ").forEach((type) => target.addEventListener(type, f));
    on(this, "click", (e) => this.onClick(e));
    on(this, "keydown", (e) => this.onKey(e));
    on(this.$(".centre"), "change", () => this.update(true));
    const pad = this.$(".pad");
    on(pad, "pointerdown", (e) => {
      if (e.button || this.held) return;
      pad.setPointerCapture(e.pointerId);
      this.remember();
      this.held = this.pointAt(pad, e);
      if (this.tool !== "move") this.stroke(this.held, this.held);
      pad.focus({ preventScroll: true, focusVisible: false });
      e.preventDefault();
    });
    on(pad, "touchstart", (e) => e.preventDefault()); // a quick stroke is no fling, which would swallow the next tap
    on(pad, "pointermove", (e) => this.held && this.onDrag(pad, e));
    on(pad, "pointerup pointercancel lostpointercapture", () => (this.held = null));
    on(this.$(".sheet"), "pointerdown pointermove", (e) => {
      if (!this.changes || this.sliding || (e.type === "pointermove" && !e.buttons && e.pointerType !== "mouse")) return;
      this.over = /** @type {Point} */ (this.pointAt(this.$(".sheet"), e).map(Math.round));
      this.moveCover([0, 0]);
    });
    on(this.$(".large"), "pointerdown pointermove", (e) => (e.type === "pointerdown" || e.buttons) && this.chooseAt(this.$(".large"), e));
  }

  /** The place of the pointer, in pixels of the picture, whose middles are whole numbers. @returns {Point} */
  pointAt(box, event, [rows, cols] = this.given.size) {
    const { left, top, width, height } = box.querySelector("canvas").getBoundingClientRect();
    return [((event.clientY - top) / height) * rows - 0.5, ((event.clientX - left) / width) * cols - 0.5];
  }

  /** The entry under the pointer, in a map. @returns {[number, number]} */
  entryAt(box, event, /** @type {number[]} */ [, rows, cols]) {
    const [row, col] = this.pointAt(box, event, /** @type {any} */ ([rows, cols])).map(Math.round);
    return [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(cols - 1, col))];
  }

  onDrag(pad, event) {
    const to = this.pointAt(pad, event);
    if (this.tool !== "move") {
      // Between two frames the pointer may have been in several places.
      for (const one of event.getCoalescedEvents?.() ?? []) {
        const next = this.pointAt(pad, one);
        this.stroke(this.held, next);
        this.held = next;
      }
      this.stroke(this.held, to);
      this.held = to;
      return;
    }
    const by = /** @type {Point} */ (to.map((n, axis) => Math.round(n - this.held[axis])));
    if (!by[0] && !by[1]) return;
    this.held = [this.held[0] + by[0], this.held[1] + by[1]];
    this.shift(by);
  }

  /** Keep the drawing, so that it can be brought back. */
  remember() {
    this.earlier = [...this.earlier.slice(1 - REMEMBERED), this.board];
  }

  /** Draw a line with the pen. @param {Point} from @param {Point} to */
  stroke(from, to) {
    const { ink, levels } = this.given;
    this.board = { grid: withStroke(this.drawn, from, to, { ink, levels, erase: this.tool === "erase" }), offset: [0, 0] };
    this.drawn = this.board.grid;
    this.pen = /** @type {Point} */ (to.map((n, axis) => Math.max(0, Math.min(this.given.size[axis] - 1, Math.round(n)))));
    this.update();
  }

  /** Move the drawing by whole pixels, at most until it has left the board. @param {Point} by */
  shift(by) {
    const { grid, offset } = this.board;
    const to = /** @type {Point} */ (offset.map((n, axis) => Math.max(-this.given.size[axis], Math.min(this.given.size[axis], n + by[axis]))));
    this.board = { grid, offset: to };
    this.update();
  }

  /** @param {{grid: Grid, offset: Point}} board */
  show(board) {
    this.board = board;
    this.update(true);
  }

  showExample(n, keep = true) {
    if (keep) this.remember();
    this.show({ grid: this.fromText(this.given.examples[n][1]), offset: [0, 0] });
  }

  /** Show what follows from the drawing, with the next frame unless at once. */
  update(atOnce = false) {
    this.drawn = moved(this.board.grid, this.board.offset);
    if (this.changes) this.endCover();
    cancelAnimationFrame(this.frame);
    if (atOnce) this.render();
    else this.frame = requestAnimationFrame(() => this.render());
    clearTimeout(this.sayTimer);
    this.sayTimer = window.setTimeout(() => this.sayAnswer(), PAUSE);
  }

  render() {
    const { given, drawn } = this;
    const isCentred = this.$(".centre").checked;
    const { grid, placing } = isCentred ? centred(drawn, given.levels) : { grid: drawn, placing: { scale: 1, shift: /** @type {Point} */ ([0, 0]) } };
    [this.read, this.placing] = [grid, placing];
    this.renderAll();
    this.renderWhy();
    this.renderCover();
    this.renderPen();
    this.$("[data-act=undo]").disabled = !this.earlier.length;
    const [down, right] = this.board.offset;
    const moves = [down && `${Math.abs(down)} ${down > 0 ? "down" : "up"}`, right && `${Math.abs(right)} to the ${right > 0 ? "right" : "left"}`].filter(Boolean);
    const place = moves.length ? `Moved by ${moves.join(" and ")}${isCentred ? "; centring undoes it" : ""}. ` : "";
    this.$(".placed").textContent = place || (isCentred ? "The network reads this: as large as what it learnt from, and in the middle." : "The network reads the drawing as it is. Move it, and watch the score.");
  }

  renderPen() {
    const [row, col] = this.pen;
    const [rows, cols] = this.given.size;
    this.$(".pen").style.cssText = `top:${(100 * row) / rows}%;left:${(100 * col) / cols}%;height:${100 / rows}%;width:${100 / cols}%`;
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const { act, tool, example, stage, channel, back, part, to } = button.dataset;
    if (act) this[act]();
    else if (tool) this.choose(tool);
    else if (example) this.showExample(Number(example));
    else if (stage) this.choosePart(button, event, Number(stage), Number(channel));
    else if (back) this.go(this.path.slice(0, Number(back) + 1));
    else if (part) this.go(this.path, Number(part));
    else if (to) {
      this.go([...(this.path.length ? this.path : [this.stop]), { stage: this.stop.stage - 1, at: to.split(",").map(Number) }]);
      (this.$(".grids").querySelector("[tabindex='0']") ?? this.$(".large")).focus({ preventScroll: true });
    }
  }

  choose(tool) {
    this.tool = tool;
    for (const one of this.querySelectorAll("[data-tool]")) one.ariaPressed = String(/** @type {any} */ (one).dataset.tool === tool);
    this.dataset.tool = tool;
  }

  undo() {
    const board = this.earlier.pop();
    if (board) this.show(board);
  }

  clear() {
    this.remember();
    this.show({ grid: emptyGrid(...this.given.size), offset: [0, 0] });
  }

  cover() {
    if (this.sliding) this.endCover();
    else this.slide();
  }

  /** Show a value, which the following drawings show as well. */
  go(path, channel = -1) {
    this.path = path;
    this.channel = channel;
    this.renderWhy();
    const { stage, at } = this.stop;
    this.say(stage ? `${this.$(".explained").textContent} ${this.$(".depends").textContent}` : entryName(this.model, this.given.classes, stage, at));
  }

  /** Show a score, or the entry of a map under the pointer; from the keyboard, that which is farthest from zero. */
  choosePart(button, event, stage, channel) {
    const size = /** @type {[number, number, number]} */ (this.model.stages[stage].size);
    if (stage === this.model.last) return this.go([{ stage, at: [channel, 0, 0] }]);
    const [row, col] = event.detail ? this.entryAt(button, event, size) : this.farthest(stage, channel);
    this.go([{ stage, at: [channel, row, col] }]);
  }

  /** @returns {[number, number]} */
  farthest(stage, channel) {
    const [, rows, cols] = this.model.stages[stage].size;
    const values = this.model.values(stage).subarray(channel * rows * cols, (channel + 1) * rows * cols);
    const best = values.reduce((found, value, i) => (Math.abs(value) > Math.abs(values[found]) ? i : found), 0);
    return [Math.floor(best / cols), best % cols];
  }

  chooseAt(box, event) {
    const { stage, at } = this.stop;
    const [row, col] = this.entryAt(box, event, this.model.stages[stage].size);
    if (row !== at[1] || col !== at[2]) this.go([...this.path.slice(0, -1), { stage, at: [at[0], row, col] }]);
  }

  onKey(event) {
    const { target, key } = event;
    if (event.altKey || ((event.ctrlKey || event.metaKey) && key !== "z")) return;
    const by = STEPS[key];
    if (target.matches(".pad")) return this.onPadKey(event, by);
    if (!by) return;
    if (target.matches(".sheet")) {
      event.preventDefault();
      if (this.changes && !this.sliding) this.moveCover(by);
      this.say(this.$(".covering").textContent);
    } else if (target.matches(".large")) {
      event.preventDefault();
      const { stage, at } = this.stop;
      const { size } = this.model.stages[stage];
      const to = /** @type {Entry} */ ([at[0], ...[1, 2].map((axis) => Math.max(0, Math.min(size[axis] - 1, at[axis] + by[axis - 1])))]);
      this.go([...this.path.slice(0, -1), { stage, at: to }]);
    } else if (target.matches(".maps button, .scores button, .grids button")) this.moveFocus(event, by);
  }

  onPadKey(event, by) {
    const { key } = event;
    const [row, col] = this.pen;
    if (by && this.tool === "move") {
      this.remember();
      this.shift(/** @type {Point} */ (by));
    } else if (by) {
      const to = /** @type {Point} */ ([row, col].map((n, axis) => Math.max(0, Math.min(this.given.size[axis] - 1, n + by[axis]))));
      if (event.shiftKey) {
        this.remember();
        this.stroke(this.pen, to);
      } else this.pen = to;
      this.renderPen();
      this.sayPen(event.shiftKey ? (this.tool === "erase" ? "erased" : "painted") : "");
    } else if (key === " " || key === "Enter") {
      this.remember();
      this.stroke(this.pen, this.pen);
      this.sayPen(this.tool === "erase" ? "erased" : "painted");
    } else if (key === "Backspace" || key === "Delete") {
      const { tool } = this;
      this.tool = "erase";
      this.remember();
      this.stroke(this.pen, this.pen);
      this.tool = tool;
      this.sayPen("erased");
    } else if (key === "z") this.undo();
    else return;
    event.preventDefault();
  }

  sayPen(done) {
    const [row, col] = this.pen;
    const ink = this.drawn.values[row * this.drawn.cols + col];
    this.say(`Row ${row + 1}, column ${col + 1}, ${done || (ink ? "ink" : "empty")}.`);
  }

  /** Move the focus among the maps of a layer, the scores, or the numbers of a table. */
  moveFocus(event, [down, right]) {
    const group = event.target.closest(".maps, .scores, table");
    const all = [...group.querySelectorAll("button")];
    const { top, left, width, height } = event.target.getBoundingClientRect();
    const next = all.filter((one) => one !== event.target).map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => (down ? Math.sign(Math.round(box.top - top)) === down && Math.abs(box.left - left) < width / 2 : Math.sign(Math.round(box.left - left)) === right && Math.abs(box.top - top) < height / 2))
      .sort(([, a], [, b]) => Math.hypot(a.top - top, a.left - left) - Math.hypot(b.top - top, b.left - left))[0]?.[0];
    event.preventDefault();
    if (!next) return;
    if (!group.matches(".scores")) {
      event.target.tabIndex = -1;
      next.tabIndex = 0;
    }
    next.focus();
  }
}

const elements = globalThis.customElements; // missing outside a browser
elements?.get("cnn-classifier") ?? elements?.define("cnn-classifier", Classifier);
