// @ts-check
// Draws a photograph: its pictures, the lens, the numbers under the window, the equation, and its controls.

import { entryText } from "./equations.js";
import { RANGE, formatSize, shades } from "./model.js";
import { CHANNELS, MINUS, PLUS, entryFrom, hasRelu, isGrey, largest, mapPixels, photoGeometry, photoMaps, photoPixels, poolingOf, slicesAt } from "./photo-model.js";
import { allProducts, countProducts, describePhoto, isLong, photoEquation } from "./photo-words.js";
import { resizeChildren, setProps, setStyle, typeset } from "./typeset.js";

/** @import { FeatureMap } from "./chain.js" */
/** @import { Geometry, Pair } from "./model.js" */
/** @import { Photo, PhotoState, Slice } from "./photo-model.js" */

const PhotoBase = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {}); // Node has no elements
// In rem: a matrix, a cell's height, what else stands in a row with three matrices, the width below which they stand in two
// rows, the gap between two matrices there, a term of the equation.
const [WIDEST, HIGHEST, BESIDE, NARROW, GAP, TERM] = [10, 2.9, 11.4, 28, 1.6, 7.4];
const LINES = 5.5; // of the equation: what is longer scrolls

export class PhotoView extends PhotoBase {
  /** @type {PhotoState} */ photoState;
  /** @type {Photo} */ photo;
  /** @type {Geometry} */ geometry;
  /** @type {FeatureMap[]} */ maps = [];
  /** @type {Record<string, Photo>} */ photos = {};
  /** @type {Pair|null} */ hover = null; // the entry of the convolution under the pointer
  slice = 0; // the one whose numbers are shown
  error = "";
  /** @type {Record<string, any[]>} */ parts = {};
  /** Elements from the template, which never change: each selector is queried once. */
  $$ = (selector) => (this.parts[selector] ??= [...this.querySelectorAll(selector)]);
  $ = (selector) => this.$$(selector)[0];
  /** Whether this photograph offers a way to change what it shows. */
  offers = (what) => this.dataset.offers.split(" ").includes(what);

  /** Render what depends on more than the lens: both pictures, the kernel and the controls. */
  renderPhoto() {
    const { photoState: st, photo } = this;
    this.geometry = photoGeometry(st, photo);
    this.maps = this.geometry.why ? [] : photoMaps(st, photo, this.geometry);
    const input = photoPixels(st, photo);
    this.draw("x", input.pixels, input.rows, input.cols, formatSize([photo.rows, photo.cols]));
    const last = this.maps.at(-1) ?? { rows: 0, cols: 0, values: [] };
    const most = largest(last);
    this.draw("y", mapPixels(last, most, isGrey(st)), last.rows, last.cols, formatSize([last.rows, last.cols]));
    this.renderKey(most);
    this.renderControls();
  }

  /** Draw one of the two pictures. Both have the same frame, in which they are as large as fits. */
  draw(which, pixels, rows, cols, size) {
    const [canvas, sheet] = [this.$(`.picture.${which} canvas`), this.$(`.picture.${which} .sheet`)];
    setProps(this.$(`.picture.${which} span`), { textContent: size });
    setProps(canvas, { width: cols || 1, height: rows || 1 });
    // Pixels are set one by one, so the canvas is better kept in memory than on the graphics card.
    const context = (canvas.context ??= canvas.getContext("2d", { willReadFrequently: true }));
    if (rows && cols) context.putImageData(new ImageData(pixels, cols, rows), 0, 0);
    else context.clearRect(0, 0, 1, 1);
    const ratio = this.photo.cols / this.photo.rows; // of the frame
    const most = Math.max(rows, cols / ratio) || 1;
    sheet.parentElement.style.setProperty("--ratio", String(ratio));
    sheet.style.width = `${(100 * cols) / (most * ratio)}%`;
    sheet.style.height = `${(100 * rows) / most}%`;
  }

  /** State the scale of the output: zero is in the middle, or on the left where nothing is negative. */
  renderKey(most) {
    const grey = isGrey(this.photoState), signed = !grey && !hasRelu(this.photoState);
    const low = signed ? entryText(-most || 0) : "0";
    setStyle(this.$(".ramp"), `background:linear-gradient(to right,${grey ? "#000,#fff" : `${signed ? `rgb(${MINUS}),` : ""}transparent,rgb(${PLUS})`})`);
    setProps(this.$(".low"), { textContent: low });
    setProps(this.$(".ramp"), { textContent: signed ? "0" : "" });
    setProps(this.$(".high"), { textContent: entryText(most) });
    setProps(this.$(".picture.y canvas"), { ariaLabel: `Output: entries from ${low} to ${entryText(most)}, ${grey ? "black" : "clear"} at zero` });
  }

  renderControls() {
    const { photoState: st } = this;
    const bias = st.after.find(([name]) => name === "bias")?.[1] ?? 0;
    for (const input of this.$$("[data-key]")) {
      const { key } = input.dataset;
      const [min, max] = RANGE[key] ?? [-500, 500];
      const value = key === "bias" ? bias : key === "k" ? Math.max(st.k[0].length, st.k[0][0].length) : st[key];
      setProps(input, { min, max, value });
      setProps(input.nextElementSibling, { value: entryText(value) });
    }
    setProps(this.$(".unlinked"), { hidden: st.image !== "own" || !this.id });
    const channels = this.images[st.image];
    for (const button of this.$$("[data-act=image]")) setProps(button, { ariaPressed: String(button.value === st.image) });
    for (const button of this.$$("[data-act=kernel]")) {
      setProps(button, { ariaPressed: String(sameKernel(JSON.parse(button.value), st.k)), disabled: Number(button.dataset.channels ?? 1) > channels });
    }
    setProps(this.$(".colour"), { checked: st.k.length > 1, disabled: channels < 2 });
    setProps(this.$(".relu"), { checked: hasRelu(st) });
    setProps(this.$(".pool"), { value: poolingOf(st)?.join() ?? "" });
  }

  /** The number of channels of each image that is there. @returns {Record<string, number>} */
  get images() {
    const given = this.$$("[data-act=image] img").map((/** @type {any} */ img) => [img.parentElement.value, Number(img.dataset.channels)]);
    return Object.fromEntries([...given, ...(this.photos.own ? [["own", 3]] : [])]);
  }

  /** Render the lens: the window, the entry it gives, its numbers and its equation. */
  renderLens() {
    const { photoState: st, geometry, maps } = this;
    const at = this.hover ?? st.at;
    const slices = geometry.why ? [] : slicesAt(st, this.photo, geometry, at);
    setProps(this.$(".note"), { textContent: this.error || geometry.why || describePhoto(st, slices, maps, at) });
    this.$(".note").classList.toggle("wrong", Boolean(this.error || geometry.why));
    this.moveFrames(at);
    if (slices.length) this.renderSlices(slices);
    writeLines(this.$(".sums"), slices.length ? photoEquation(st, slices, maps, at) : []);
    const all = this.$(".all");
    setProps(all, { hidden: !slices.length || !isLong(slices) || this.$("[data-act=all]").ariaExpanded !== "true" });
    if (!all.hidden) writeLines(all, allProducts(slices));
  }

  /** Put the frames around the window and around the entry of the output. @param {Pair} at */
  moveFrames(at) {
    const { photoState: st, geometry, photo, maps } = this;
    const [frame, grip] = this.$$(".picture.x i");
    const put = (el, /** @type {number[]} */ [top, left], /** @type {number[]} */ [high, wide], /** @type {number[]} */ [rows, cols]) =>
      setStyle(el, `top:${(100 * top) / rows}%;left:${(100 * left) / cols}%;height:${(100 * high) / rows}%;width:${(100 * wide) / cols}%`);
    const to = geometry.why ? null : entryFrom(st, maps.at(-1), at);
    this.$(".picture.y i").hidden = !to;
    frame.hidden = grip.hidden = Boolean(geometry.why);
    if (geometry.why) return;
    const start = at.map((n) => n * st.s); // counted with the padding
    const size = [photo.rows + 2 * st.p, photo.cols + 2 * st.p];
    const spans = geometry.axes.map((axis) => axis.span);
    put(frame, start, spans, size);
    put(grip, start.map((n, axis) => n + spans[axis] / 2), [0, 0], size);
    if (to) put(this.$(".picture.y i"), to, [1, 1], [maps.at(-1).rows, maps.at(-1).cols]);
  }

  /** Render the numbers of the chosen slice: the pixels under the window, the weights, and the products; and the sums of all.
      @param {Slice[]} slices */
  renderSlices(slices) {
    const coloured = slices.length > 1;
    const n = Math.min(this.slice, slices.length - 1);
    const { pixels, weights, products } = slices[n];
    this.reserve(Math.max(weights.length, weights[0].length), countProducts(slices));
    const name = coloured ? `${CHANNELS[n]} ` : "";
    setProps(this.$(".slices b"), { textContent: `${name}window` });
    const [x, k, y] = this.$$(".slices table");
    fill(x, pixels, `${name}window`, (cell, e) => paintPixel(cell, e, coloured ? n : -1));
    const levels = shades(weights);
    fill(k, weights, `${name}kernel`, (cell, e, r, c) => this.paintWeight(cell, levels[r][c], n, r, c));
    const shaded = shades(slices.flatMap((slice) => slice.products));
    fill(y, products, `${name}products`, (cell, e, r, c) => paintLevel(cell, shaded[n * products.length + r][c]));
    setProps(this.$(".totals output"), { value: entryText(slices[0].sum) });
    setProps(this.$(".totals span"), { hidden: coloured });
    resizeChildren(this.$(".tabs"), "button", 0, coloured ? slices.length : 0).forEach((tab, i) => {
      setProps(tab, { type: "button", value: i, ariaPressed: String(i === n), textContent: `${CHANNELS[i]} ${entryText(slices[i].sum)}` });
      tab.dataset.act = "slice";
    });
    setProps(this.$("[data-act=all]"), { hidden: !isLong(slices), textContent: `All ${countProducts(slices)} products` });
  }

  /** Give the numbers a room that depends on the width alone, so that nothing below moves.
      @param {number} most Rows or columns of the kernel @param {number} count Products */
  reserve(most, count) {
    const area = this.$(".slices");
    const width = (area.clientWidth || 640) / parseFloat(getComputedStyle(document.documentElement).fontSize);
    const narrow = width <= NARROW;
    const side = Math.min(WIDEST, narrow ? (width - GAP) / 2 : (width - BESIDE) / 3);
    const stretch = narrow ? 1 : 1.15; // a cell's width in heights
    const high = Math.min(HIGHEST, side / stretch / most);
    setStyle(area, `--side:${side}rem;--tall:${side / stretch}rem;--high:${high}rem;--wide:${high * stretch}rem`);
    area.classList.toggle("narrow", narrow);
    const each = Math.floor(width / TERM);
    const stages = Number(this.offers("relu")) + Number(this.offers("pool"));
    setStyle(this.$(".sums"), `--lines:${Math.min(LINES, Math.ceil(10 / each) + stages)}`);
    setStyle(this.$(".all"), `--lines:${Math.min(2 * LINES, Math.ceil(count / each) + 3)}`);
  }

  /** Make the cell of a weight editable, if that is offered. */
  paintWeight(cell, level, n, r, c) {
    paintLevel(cell, level);
    const label = `K${this.photoState.k.length > 1 ? ` ${CHANNELS[n]},` : ""} row ${r + 1}, column ${c + 1}`;
    if (cell.label === label || !this.offers("edit")) return;
    cell.label = label;
    Object.assign(cell.dataset, { slice: n, row: r, col: c });
    Object.assign(cell, { contentEditable: "plaintext-only", role: "textbox", ariaLabel: label, tabIndex: 0, spellcheck: false, inputMode: "text" });
  }
}

/** Write lines, each with its name. @param {HTMLElement} area @param {import("./photo-words.js").Line[]} lines */
function writeLines(area, lines) {
  resizeChildren(area, "div", 0, lines.length).forEach((row, n) => {
    if (!row.firstChild) row.append(document.createElement("span"), Object.assign(document.createElement("div"), { className: "equation" }));
    setProps(row.firstChild, { textContent: lines[n].name, hidden: !lines[n].name });
    typeset(row.lastChild, lines[n].pieces);
  });
}

/** Give a table these entries. Cells that exist are kept. */
function fill(table, entries, label, paint) {
  const [rows, cols] = [entries.length, entries[0].length];
  setProps(table, { ariaLabel: label });
  table.style.cssText = `width:calc(${cols}*var(--wide) + 1px);height:calc(${rows}*var(--high) + 1px)`;
  const body = table.tBodies[0] ?? table.createTBody();
  resizeChildren(body, "tr", 0, rows).forEach((line, r) => resizeChildren(line, "td", 0, cols).forEach((cell, c) => {
    const text = entryText(entries[r][c] ?? 0);
    if (cell !== document.activeElement && cell.textContent !== text) cell.textContent = text;
    const size = text.length > 3 ? `min(1em, calc(var(--wide) * ${(1.6 / text.length).toFixed(3)}))` : "";
    if (cell.size !== size) cell.style.fontSize = cell.size = size;
    paint(cell, entries[r][c], r, c);
  }));
}

function paintLevel(cell, level) {
  cell.style.setProperty("--level", Math.abs(level).toPrecision(3));
  cell.classList.toggle("minus", level < 0);
}

/** The colour of the brightest pixel in each channel, and the value from which black is read better on it than white. */
const TINTS = [[1, 0.4, 0.36, 197], [0.4, 0.86, 0.46, 153], [0.42, 0.6, 1, 192]];
/** Show a pixel in its own colour; padding has none. @param {number} channel Or -1 in grey */
function paintPixel(cell, value, channel) {
  const [red, green, blue, bright] = TINTS[channel] ?? [1, 1, 1, 117];
  cell.classList.toggle("ring", value === null);
  cell.style.backgroundColor = value === null ? "" : `rgb(${[red * value, green * value, blue * value]})`;
  cell.style.color = value === null ? "" : value > bright ? "#000" : "#fff";
}

/** Whether a kernel to choose from is the one shown: one slice stands for all. */
const sameKernel = (chosen, k) => k.every((slice, n) => String(slice) === String(chosen[n] ?? chosen[0])) && (chosen.length === 1 || chosen.length === k.length);
