// @ts-check
// Draws a photograph: its pictures, the lens, the numbers under the window, the equation, and its controls.

import { entryText } from "./equations.js";
import { RANGE, clamp, formatSize, shades } from "./model.js";
import { CHANNELS, MINUS, PLUS, entryFrom, largest, mapPixels, photoGeometry, photoMaps, photoPixels, poolingOf, slicesAt } from "./photo-model.js";
import { describePhoto, photoEquation } from "./photo-words.js";
import { resizeChildren, setProps, typeset } from "./typeset.js";

/** @import { FeatureMap } from "./chain.js" */
/** @import { Geometry, Pair } from "./model.js" */
/** @import { Photo, PhotoState, Slice } from "./photo-model.js" */

const PhotoBase = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {}); // Node has no elements
const [LARGEST_CELL, SMALLEST_CELL, WIDEST] = [2.35, 1.42, 8.75]; // rem: a cell's height, a matrix
const [STRETCH, BESIDE] = [1.15, 9.2]; // a cell's width in heights; what else stands beside the matrices, in rem
const LINES = 6; // of the equation at most: three slices, their sum, ReLU, pooling

export class PhotoView extends PhotoBase {
  /** @type {PhotoState} */ photoState;
  /** @type {Photo} */ photo;
  /** @type {Geometry} */ geometry;
  /** @type {FeatureMap[]} */ maps = [];
  /** @type {Record<string, Photo>} */ photos = {};
  /** @type {Pair|null} */ hover = null; // the entry of the convolution under the pointer
  error = "";
  /** @type {HTMLElement|null} */ editing = null; // the weight that is being edited
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
    this.draw("y", mapPixels(last, most), last.rows, last.cols, formatSize([last.rows, last.cols]));
    this.renderKey(last, most);
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

  /** State the scale of the output. */
  renderKey({ values }, most) {
    const signed = !this.photoState.after.some(([name]) => name === "relu");
    const colour = (rgb) => `rgb(${rgb})`;
    this.$(".ramp").style.background = `linear-gradient(to right, ${signed ? `${colour(MINUS)}, ` : ""}#000, ${colour(PLUS)})`;
    setProps(this.$(".low"), { textContent: signed ? entryText(-most || 0) : "0" });
    setProps(this.$(".high"), { textContent: entryText(most) });
    setProps(this.$(".means"), { textContent: values.length ? "black is zero" : "" });
    setProps(this.$(".picture.y canvas"), { ariaLabel: `Output: entries${signed ? ` from ${entryText(-most || 0)}` : " from 0"} to ${entryText(most)}, zero is black` });
  }

  renderControls() {
    const { photoState: st, photos } = this;
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
    setProps(this.$(".relu"), { checked: st.after.some(([name]) => name === "relu") });
    setProps(this.$(".pool"), { value: poolingOf(st)?.join() ?? "" });
    if (!photos[st.image]) throw Error(`no pixels of ${st.image}`);
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
    const lines = slices.length ? photoEquation(st, slices, maps, at) : [];
    const rows = resizeChildren(this.$(".sums"), "div", 0, LINES);
    rows.forEach((row, n) => {
      if (!row.firstChild) row.append(document.createElement("span"), Object.assign(document.createElement("div"), { className: "equation" }));
      setProps(row, { hidden: !lines[n] });
      setProps(row.firstChild, { textContent: lines[n]?.name ?? "", hidden: !lines[n]?.name });
      typeset(row.lastChild, lines[n]?.pieces ?? []);
    });
  }

  /** Put the frames around the window and around the entry of the output. @param {Pair} at */
  moveFrames(at) {
    const { photoState: st, geometry, photo, maps } = this;
    const [frame, grip] = this.$$(".picture.x i");
    const put = (el, /** @type {number[]} */ [top, left], /** @type {number[]} */ [high, wide], /** @type {number[]} */ [rows, cols]) =>
      Object.assign(el.style, { top: `${(100 * top) / rows}%`, left: `${(100 * left) / cols}%`, height: `${(100 * high) / rows}%`, width: `${(100 * wide) / cols}%` });
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

  /** Render the numbers: for each slice the pixels under the window, the weights, the products, and their sum.
      @param {Slice[]} slices */
  renderSlices(slices) {
    const area = this.$(".slices");
    const most = Math.max(slices[0].weights.length, slices[0].weights[0].length);
    const { width } = this;
    // On a phone the products stand below window and kernel.
    const high = clamp((width > 28 ? (width - BESIDE) / 3 : (width - 1.5) / 2) / (STRETCH * most), Math.min(LARGEST_CELL, WIDEST / most), SMALLEST_CELL);
    area.style.cssText = `--high:${high}rem;--wide:${high * STRETCH}rem`;
    area.classList.toggle("coloured", slices.length > 1);
    const rows = resizeChildren(area, "div", 0, slices.length);
    const shaded = shades(slices.flatMap((slice) => slice.products));
    slices.forEach((slice, n) => {
      const row = rows[n];
      if (!row.firstChild) row.innerHTML = SLICE;
      const name = slices.length > 1 ? ` (${CHANNELS[n]})` : "";
      const titles = [slices.length > 1 ? CHANNELS[n] : "window", "kernel K", "products"];
      row.querySelectorAll("b").forEach((title, i) => setProps(title, { textContent: titles[i] }));
      const [pixels, weights, products] = row.querySelectorAll("table");
      fill(pixels, slice.pixels, `Window${name}`, (cell, e) => paintPixel(cell, e, slices.length > 1 ? n : -1));
      const levels = shades(slice.weights);
      fill(weights, slice.weights, `Kernel${name}`, (cell, e, r, c) => this.paintWeight(cell, levels[r][c], n, r, c));
      const from = n * slice.products.length;
      fill(products, slice.products, `Products${name}`, (cell, e, r, c) => paintLevel(cell, shaded[from + r][c]));
      setProps(row.querySelector("output"), { value: entryText(slice.sum) });
    });
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

  /** The width of the place for the numbers, in rem. */
  get width() {
    return (this.$(".slices").clientWidth || 640) / parseFloat(getComputedStyle(document.documentElement).fontSize);
  }
}

const PANEL = (role) => `<div class="panel ${role}"><b></b><table></table></div>`;
const SLICE = `${PANEL("x")}<span>×</span>${PANEL("k")}<span class="to">→</span>${PANEL("y")}<span class="total">sum <output></output></span>`;

/** Give a table these entries. Cells that exist are kept. */
function fill(table, entries, label, paint) {
  const [rows, cols] = [entries.length, entries[0].length];
  setProps(table, { ariaLabel: label });
  table.style.cssText = `width:calc(${cols}*var(--wide) + 1px);height:calc(${rows}*var(--high) + 1px)`;
  const body = table.tBodies[0] ?? table.createTBody();
  resizeChildren(body, "tr", 0, rows).forEach((line, r) => resizeChildren(line, "td", 0, cols).forEach((cell, c) => {
    const text = entryText(entries[r][c] ?? 0);
    if (cell !== document.activeElement && cell.textContent !== text) cell.textContent = text;
    const size = text.length > 4 ? `calc(var(--high) * ${(1.76 / text.length).toFixed(3)})` : "";
    if (cell.size !== size) cell.style.fontSize = cell.size = size;
    paint(cell, entries[r][c], r, c);
  }));
}

function paintLevel(cell, level) {
  cell.style.setProperty("--level", Math.abs(level).toPrecision(3));
  cell.classList.toggle("minus", level < 0);
}

/** The colour of the brightest pixel in each channel. */
const TINTS = [[1, 0.4, 0.36], [0.4, 0.86, 0.46], [0.42, 0.6, 1]];
/** Show a pixel in its own colour; padding has none. */
function paintPixel(cell, value, channel) {
  cell.classList.toggle("ring", value === null);
  const rgb = TINTS[channel]?.map((part) => part * value) ?? [value, value, value];
  const luminance = [0.2126, 0.7152, 0.0722].reduce((sum, part, n) => sum + part * (rgb[n] / 255) ** 2.2, 0);
  cell.style.backgroundColor = value === null ? "" : `rgb(${rgb})`;
  cell.style.color = value === null ? "" : luminance > 0.18 ? "#000" : "#fff";
}

/** Whether a kernel to choose from is the one shown: one slice stands for all. */
const sameKernel = (chosen, k) => k.every((slice, n) => String(slice) === String(chosen[n] ?? chosen[0])) && (chosen.length === 1 || chosen.length === k.length);
