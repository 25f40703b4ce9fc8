// @ts-check
// Draws the state of an explorer: its matrices, the window, the equation and the position of its controls.

import { showControls } from "./controls.js";
import { entryText, equation, outputTexts } from "./equations.js";
import { TITLE_HEIGHT, cellHeight, cellHeightInPicture, cellWidth, kernelPanel, stageHeight } from "./layout.js";
import { windowKey } from "./made.js";
import { formatSize, inputRing, isPool, makeMatrix, outputShades, padValue, range, shades, step, unread, value, windowGeometry } from "./model.js";
import { partners } from "./partners.js";
import { cellPosition, resizeChildren, same, setProps, setStyle, typeset } from "./typeset.js";

/** @import { State, Geometry, Pair } from "./model.js" */
/** @import { Pointed } from "./partners.js" */
/** @import { Made } from "./made.js" */
/** @import { Past } from "./undo.js" */

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {}); // Node has no elements

/** Whole numbers in ascending order as text: 2, 4–6. @param {number[]} list */
const spans = (list) => list.filter((n) => !list.includes(n - 1)).map((first) => {
  let last = first;
  while (list.includes(last + 1)) last += 1;
  return first === last ? first : `${first}–\u2060${last}`;
}).join(", ");

/** What stands below a digit under the window; there is no room for more than three characters. */
export const factorText = (weight) => (entryText(weight).length > 3 ? "" : `×${entryText(weight)}`);

/** Shades in steps of 1/200, as classes: browsers compute the style of cells that have the same classes only once. */
const shadeClass = (level) => `shade${Math.round(Math.abs(level) * 200)}`;
if (globalThis.document) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(range(61).map((n) => `.shade${n}{--level:${n / 200}}`).join(""));
  document.adoptedStyleSheets.push(sheet);
}

export class View extends Base {
  /** @type {State} */ state;
  /** @type {Geometry} */ geometry;
  /** @type {Record<string, HTMLTableCellElement[][]>} */ cells = { x: [], k: [], y: [] };
  /** @type {HTMLElement|undefined} */ selected; // the output cell at `state.at`
  /** @type {Made} */ made; // which output entries are shown
  rings = { x: [0, 0], k: [0, 0], y: [0, 0] }; // rows and columns of padding around the entries
  /** @type {Record<string, HTMLElement[]>} */ marked = {}; // by class, the cells that `setClass` gave it to
  unusedText = ""; // says which rows and columns are not used
  /** @type {Pair|null} */ hoverY = null; // the output entry under the pointer
  /** @type {Pointed|null} */ pointed = null; // what is under the pointer, or has the focus
  /** @type {State} */ initial;
  width = 40; // of the stage, in rem
  height = 0;
  hint = ""; // why a control stays where it is
  error = "";
  idle = false; // whether the window moves by itself
  pinned = false;
  editing = null; // the cell being edited
  dirty = false; // whether cells may show text that differs from the state
  timer = 0; // set while playing
  /** @type {Past} */ past;

  /** @type {Record<string, any[]>} */ parts = {};
  /** Elements from the template. They never change, so each selector is queried once. */
  $$ = (selector) => (this.parts[selector] ??= [...this.querySelectorAll(selector)]);
  $ = (selector) => this.$$(selector)[0];
  button = (name) => this.$(`[data-act="${name}"]`);
  table = (which) => this.$(`.${which} table`);
  /** Row and column of the entry in a cell. @returns {Pair} */
  entryIndex = (cell) => cellPosition(cell).map((n, axis) => n - this.rings[cell.closest(".panel").dataset.which][axis]);

  /** Whether this explorer offers a way to change what it shows; by default all but the buttons for kernels. */
  offers = (what) => this.dataset.offers?.split(" ").includes(what) ?? what !== "kernels";

  /** What the matrices are called; those of a gradient have other names. */
  get letters() { return (this.dataset.letters ?? "X K Y").split(" "); }

  /** What readers can do, in a sentence. */
  get invitation() {
    if (this.dataset.invite !== undefined) return this.dataset.invite;
    const [pool, [x, k]] = [isPool(this.state.op), this.letters];
    const ways = [["drag", "drag the window"], ["edit", `change a number of ${x}${pool ? "" : ` or ${k}`}`], ["kernels", pool ? "" : "choose a kernel"]]
      .flatMap(([offer, way]) => (way && this.offers(offer) && (this.last || offer !== "drag") ? [way] : []));
    const text = `${ways.slice(0, -1).join(", ")}${ways.length > 1 ? ", or " : ""}${ways.at(-1) ?? ""}.`;
    return ways.length ? text[0].toUpperCase() + text.slice(1) : "";
  }

  /** How an output entry is shown: in full (""), "empty" until the window has been there, or "asked" for.
      @param {Pair} at @returns {"empty"|"asked"|""} */
  kind(at) {
    const { state: st, geometry, made } = this;
    if (!made.partial || geometry.why) return "";
    const kind = made.kind(windowKey(geometry, at));
    return kind === "asked" && value(st, geometry, at) === null ? "" : kind; // letters have no value to guess
  }

  /** Whether all output entries are shown. */
  get complete() {
    return !makeMatrix(this.geometry.out, (r, c) => this.kind([r, c])).flat().some(Boolean);
  }

  get small() { return this.dataset.form === "small"; }

  /** The number of the last output entry, counted from 0. */
  get last() { return this.geometry.out[0] * this.geometry.out[1] - 1; }

  /** What limits the size of cells: for each matrix its size, with padding, and its longest text.
      @param {State} st @param {Geometry} geometry @param {string[][]} output */
  panels(st, geometry, output) {
    const panel = (texts, [down, across] = [0, 0]) => {
      const [rows, cols] = [texts.length, texts[0]?.length ?? 0];
      return { rows: rows && rows + 2 * down, cols: cols && cols + 2 * across, longest: Math.max(1, ...texts.flat().map((e) => entryText(e).length)) };
    };
    const x = panel(st.x, inputRing(st));
    if (st.op === "max_pool2d" && Math.max(...st.p)) x.longest = Math.max(x.longest, 2); // the padding is -∞
    const y = panel(output, this.outputRing(st, geometry));
    // What stands beside the output must not move with the stride.
    if (this.dataset.form !== "full" && this.offers("stride")) {
      const [rows, cols] = windowGeometry({ ...st, s: [1, 1] }).out;
      Object.assign(y, { rows: Math.max(y.rows, rows), cols: Math.max(y.cols, cols) });
    }
    return { x, ...(isPool(st.op) ? {} : { k: { ...panel(st.k), ...kernelPanel(this.width, this.offers("kernels")) } }), y };
  }

  outputRing = (st, geometry) => (geometry.why || st.op !== "conv_transpose2d" ? [0, 0] : st.p);

  /** Fit the stage to the width of the page. Its height depends on the initial state alone. */
  fitStage() {
    const stage = this.$(".stage");
    const width = stage.offsetWidth / parseFloat(getComputedStyle(document.documentElement).fontSize);
    if (!width || width === this.width) return false;
    const geometry = windowGeometry(this.initial);
    this.width = width;
    if (this.small) return true;
    const panels = this.panels(this.initial, geometry, outputTexts(this.initial, geometry));
    this.height = stageHeight(Object.values(panels), width, this.dataset.form === "full");
    setStyle(stage, `height:${this.height}rem`);
    return true;
  }

  /** Keep the place that the equation takes up now, and another line. */
  reserveEquation() {
    if (this.small) return; // styles do
    const sums = this.$(".sums");
    sums.style.height = "";
    sums.style.height = `calc(${sums.offsetHeight}px + 1.75rem)`;
  }

  /** Render what depends only on the state, not on the step shown. */
  renderState() {
    const { state: st, geometry } = this;
    const [ring, cut] = [inputRing(st), this.outputRing(st, geometry)];
    const output = outputTexts(st, geometry);
    const panels = this.panels(st, geometry, output);
    const high = this.small ? cellHeightInPicture(panels, this.width) : cellHeight(Object.values(panels), this.width, this.height || Infinity);
    this.cellSize = { x: [high, cellWidth(panels.x, high)], k: [high, cellWidth(panels.k ?? panels.y, high)], y: [high, cellWidth(panels.y, high)] };
    this.toggleAttribute("data-pool", isPool(st.op));
    this.$(".x").classList.toggle("tiny", high < 1.8);
    if (!this.small) setStyle(this.$(".y"), `min-width:${panels.y.cols * this.cellSize.y[1] + 0.1}rem;min-height:${panels.y.rows * high + TITLE_HEIGHT}rem`);
    for (const button of this.$$(".shelf button")) setProps(button, { ariaPressed: String(same(JSON.parse(button.value), st.k)) });
    this.renderTable("x", st.x, shades, ring, entryText(padValue(st)));
    this.renderTable("k", st.k, shades);
    this.renderOutput(output);
    const unused = [0, 1].map((axis) => (geometry.why ? [] : unread(geometry, axis)));
    this.setClass("gone", st.x.flatMap((line, r) => line.map((_, c) => (unused[0].includes(r) || unused[1].includes(c)) && this.cell("x", [r, c]))));
    const named = unused.map((list, axis) => (list.length ? `${axis ? "column" : "row"}${list.length > 1 ? "s" : ""} ${spans(list.map((n) => n + 1))}` : "")).filter(Boolean);
    this.unusedText = named.length ? `Under no window: ${named.join("; ")}. ` : "";
    if (Math.max(...cut)) this.unusedText += "Padding cuts the hatched edge off.";
    this.renderControls();
  }

  /** Render the output entries that are shown. */
  renderOutput(texts = outputTexts(this.state, this.geometry)) {
    const { state: st, geometry } = this;
    const kinds = makeMatrix(geometry.out, (r, c) => this.kind([r, c]));
    const shown = texts.map((line, r) => line.map((text, c) => ({ empty: "", asked: "?" })[kinds[r][c]] ?? text));
    const shade = () => outputShades(st, geometry).map((line, r) => line.map((level, c) => (kinds[r][c] ? 0 : level)));
    // More padding adds windows before the first one; the existing output cells move along with their values.
    this.renderTable("y", shown, shade, this.outputRing(st, geometry), "", st.op === "conv_transpose2d" ? [0, 0] : st.p.map((p, axis) => Math.floor(p / st.s[axis])));
    if (!this.made.asks) return;
    const cells = kinds.map((line, r) => line.map((kind, c) => /** @type {const} */ ([kind, this.cell("y", [r, c])]))).flat();
    for (const name of ["empty", "asked"]) this.setClass(name, cells.map(([kind, cell]) => kind === name && cell));
    for (const [kind, cell] of cells) setProps(cell, { ariaLabel: { empty: "empty", asked: "not guessed yet" }[kind] ?? null });
    const fill = this.button("fill");
    if (fill) this.setText(fill, `${this.complete ? "Empty" : "Fill"} ${this.letters[2]}`);
  }

  /** Render the step shown, of the selected output entry or the one under the pointer: window, equation, position. */
  renderStep() {
    const { state: st, geometry, pointed } = this;
    const shown = this.hoverY ?? st.at;
    const now = geometry.why ? { rows: [], cols: [], terms: [], value: null } : step(st, geometry, shown);
    const { terms, rows, cols } = now;
    // The weights are children of the window's frame, so that they move with it.
    const frame = this.$(".x i");
    const taps = frame.taps ?? new Map();
    frame.taps = new Map(terms.map((t) => {
      const css = `left:calc(${t.c - cols[0]}*var(--wide));top:calc(${t.r - rows[0]}*var(--high))`;
      const tap = taps.get(css) ?? frame.appendChild(document.createElement("u"));
      setStyle(tap, css);
      this.setText(tap, isPool(st.op) ? "" : factorText(t.weight));
      return [css, tap];
    }));
    for (const [css, tap] of taps) if (!frame.taps.has(css)) tap.remove();
    // Frames are positioned relative to the cells that stay, so that added padding does not animate them.
    const move = (which, at, size) => {
      const { ahead } = this.table(which);
      const [down, right] = at.map((n, axis) => n + this.rings[which][axis] - ahead[axis]);
      setStyle(this.$(`.${which} i`), `top:calc(${ahead[0]}*var(--high) + 3px);left:calc(${ahead[1]}*var(--wide) + 3px);translate:calc(${right}*var(--wide)) calc(${down}*var(--high));` +
        `width:calc(${size[1]}*var(--wide) + 1px);height:calc(${size[0]}*var(--high) + 1px);outline-width:${size[1] && 3}px`);
    };
    const [chosen, current] = [this.cell("y", st.at), this.cell("y", shown)];
    if (terms.length) move("x", [rows[0], cols[0]], [rows, cols].map((n) => n.at(-1) - n[0] + 1));
    else move("x", [0, 0], [0, 0]);
    move("y", shown, current ? [1, 1] : [0, 0]);
    this.setClass("best", terms.map((t) => st.op === "max_pool2d" && t.entry === now.value && this.cell("x", [t.r, t.c])));
    this.setClass("now", [current]);
    this.setClass("held", this.offers("drag") ? terms.map((t) => this.cell("x", [t.r, t.c])) : []);
    this.setClass("pinned", [this.pinned && chosen]);
    if (this.selected && this.selected !== chosen) setProps(this.selected, { ariaSelected: "false", tabIndex: -1 });
    this.selected = chosen;
    if (chosen) setProps(chosen, { ariaSelected: "true", tabIndex: 0 });
    this.renderEquation(shown);
    const found = pointed && !geometry.why && partners(st, geometry, shown, pointed);
    this.partnerText = found ? found.text : "";
    this.setClass("lit", found ? this.partnerElements(found) : []);
    const asked = this.kind(shown) === "asked" && `Row ${shown[0] + 1}, column ${shown[1] + 1} is asked: type your answer below.`;
    const kept = this.pinned && "Pinned: pointing at another output does not move the window.";
    const wrong = this.error || geometry.why;
    this.setText(this.$(".note"), wrong || this.hint || this.partnerText || asked || kept || this.unusedText || this.invitation);
    this.$(".note").classList.toggle("wrong", wrong);
    this.renderPosition(shown);
    this.dispatchEvent(new Event("shown")); // for what follows the operation
  }

  renderEquation(shown) {
    const lines = this.geometry.why ? [] : equation(this.state, this.geometry, shown);
    if (this.dataset.equation === "numbers") lines[1] = []; // the line with letters
    if (this.dataset.entry) lines[0] = [{ tex: "", mathml: this.dataset.entry.replace("R", shown[0] + 1).replace("C", shown[1] + 1) }];
    const asked = this.kind(shown) === "asked";
    this.$(".sums").classList.toggle("asking", asked);
    if (!asked && !this.hoverY) this.$(".guess")?.reset(); // pointing at another output loses no answer
    this.$$(".sums .equation").forEach((line, i) => typeset(line, lines[i] ?? []));
  }

  /** The elements of an equation that stand for its terms: in a sum, each is a piece of its own. */
  termElements(line) {
    const entries = [...line.querySelectorAll(".input")];
    return isPool(this.state.op) ? entries : entries.map((entry) => entry.closest("math"));
  }

  partnerElements(found) {
    const taps = [...this.$(".x i").taps.values()];
    const lines = this.$$(".sums .equation").map((line) => this.termElements(line));
    return ["x", "k", "y"].flatMap((which) => found[which].map((at) => this.cell(which, at)))
      .concat(found.terms.flatMap((i) => [taps[i], ...lines.map((terms) => terms[i])]));
  }

  renderPosition(shown) {
    const count = this.last + 1;
    const number = count && shown[0] * this.geometry.out[1] + shown[1] + 1;
    const ariaValueText = `${number} of ${count}`;
    for (const button of this.$$(".steps button")) setProps(button, { disabled: !count });
    const ariaLabel = this.timer ? "Pause" : "Play";
    setProps(this.button("play"), { ariaLabel, className: this.timer ? "play playing" : "play" });
    if (this.small) return;
    // With a single window there is nothing to step through, unless its size can be changed here.
    setProps(this.$(".steps"), { hidden: count === 1 && !this.offers("stride") });
    this.setText(this.$(".where"), ariaValueText);
    setProps(this.$(".scrub"), { max: count || 1, value: number, ariaValueText, disabled: count < 2 });
    this.setText(this.$(".word"), ariaLabel);
    setProps(this.button("undo"), { ariaDisabled: String(!this.past.before.length) });
    setProps(this.button("pin"), { ariaPressed: String(this.pinned) });
  }

  renderControls() {
    if (!this.small) showControls(this);
  }

  /** The table cell of an entry. */
  cell = (which, /** @type {Pair} */ [r, c]) => this.cells[which][r + this.rings[which][0]]?.[c + this.rings[which][1]];

  /** Give a class to these cells and remove it from all others. */
  setClass(name, cells) {
    const before = this.marked[name] ?? [];
    this.marked[name] = cells.filter(Boolean);
    for (const old of before) if (!cells.includes(old)) old.classList.remove(name);
    for (const cell of this.marked[name]) cell.classList.add(name);
  }

  /** Render a table: the entries, shaded by `shade`, with `ring` rows and columns of `fill` on each side. Existing cells are kept;
      `ahead` is how many rows and columns come before the cell that stays in place. */
  renderTable(which, entries, shade, ring = [0, 0], fill = "", ahead = ring) {
    const size = [entries.length, entries[0]?.length ?? 0];
    const [rows, cols] = size.map((n, axis) => n && n + 2 * ring[axis]);
    const table = this.table(which);
    const key = `${rows},${cols},${ring},${ahead},${fill}`;
    const [high, wide] = this.cellSize[which];
    setStyle(table.parentElement, `--wide:${wide}rem;--high:${high}rem`);
    setStyle(table, `width:calc(${cols * wide}rem + 1px);height:calc(${rows * high}rem + 1px)`);
    if (table.entries === entries && table.key === key && !this.dirty) return;
    table.entries = entries;
    const texts = makeMatrix([rows, cols], (i, j) => entryText(entries[i - ring[0]]?.[j - ring[1]] ?? fill));
    this.setText(this.$(`.${which} span`), formatSize(size));
    if (table.key !== key) {
      table.key = key;
      const { editing } = this;
      this.editing = null; // removing a cell must not count as a blur
      const focused = table.contains(document.activeElement) && this.entryIndex(document.activeElement);
      const [up, back] = ahead.map((n, axis) => n - (table.ahead?.[axis] ?? 0));
      table.ahead = ahead;
      this.rings[which] = ring;
      const body = table.tBodies[0] ?? table.createTBody();
      this.cells[which] = resizeChildren(body, "tr", up, rows).map((row) => resizeChildren(row, "td", back, cols));
      this.cells[which].forEach((line, i) => line.forEach((/** @type {any} */ cell, j) => {
        const [r, c] = [i - ring[0], j - ring[1]];
        const real = entries[r]?.[c] !== undefined;
        if (cell.label === (cell.label = real ? `${this.letters["xky".indexOf(which)]} row ${r + 1}, column ${c + 1}` : "")) return;
        cell.classList.toggle("ring", !real);
        // Without a tabindex, a touch would be attributed to a neighbouring cell that has one.
        real ? (cell.tabIndex = -1) : cell.removeAttribute("tabindex");
        if (which !== "y") setProps(cell, { contentEditable: real && this.offers("edit") ? "plaintext-only" : "inherit", ariaDescription: cell.label || null });
      }));
      if (which !== "y" && !table.querySelector("[tabindex='0']")) this.cell(which, [0, 0]).tabIndex = 0;
      if (editing?.isConnected && !editing.matches(".ring")) this.editing = editing;
      const stay = focused && this.cell(which, focused.map((n, axis) => Math.min(n, size[axis] - 1)));
      if (stay && stay !== document.activeElement) stay.focus();
    }
    const levels = shade(entries);
    table.classList.toggle("plain", !levels.flat().some(Boolean));
    table.classList.toggle("long", texts.flat().some((text) => text.length > 3));
    this.cells[which].forEach((line, r) => line.forEach((/** @type {any} */ cell, c) => {
      const text = texts[r][c];
      const level = levels[r - ring[0]]?.[c - ring[1]] ?? 0;
      if (cell.level !== level) {
        cell.classList.remove(shadeClass(cell.level ?? 0));
        cell.classList.add(shadeClass(level));
        if (level < 0 !== cell.level < 0) cell.classList.toggle("minus", level < 0);
        cell.level = level;
      }
      if (cell.text !== text || this.dirty) this.setText(cell, (cell.text = text));
    }));
  }

  /** Set the text of an element, unless it is being edited. */
  setText(el, text) {
    if (el === this.editing) return;
    const node = el.firstChild;
    if (node?.nodeType !== 3 || node.nextSibling) setProps(el, { textContent: text });
    else if (node.data !== text) node.data = text;
  }
}
