// @ts-check
// The stages that follow an explorer's operation: a bias, ReLU and pooling, each with a map whose entries lead back to
// the window that they come from.

import { applyStages, cellWidth, clamp, count, describe, entryText, equation, featureMap, isNumeric, joinPieces, makeMatrix, operator, parseStages, piece, place, range, resizeChildren, setProps, setStyle, shades, stageLetter, stageWindow, typeset, value, windowGeometry } from "./explorer.js";

/** @import { State, Stage, FeatureMap } from "./explorer.js" */
/** @typedef {number[]} Place Row and column, counted from 0. */

const TITLES = { bias: "with bias", relu: "after ReLU", max: "max pooled", avg: "mean pooled" };
const asMatrix = (/** @type {FeatureMap} */ { rows, cols, values }) => makeMatrix([rows, cols], (r, c) => values[r * cols + c]);
const named = (letter, /** @type {Place} */ [r, c], role) => piece(`${letter}_{${r + 1},${c + 1}}`, role);
const fence = (text) => ({ tex: text, mathml: `<mo stretchy="false">${text}</mo>` });
const maximum = { tex: "\\max", mathml: '<mo lspace="0" rspace="0">max</mo>' };

/** A pooling of a map, as the state of an explorer, which equations and descriptions are written for. @returns {State} */
const asPooling = (/** @type {FeatureMap} */ before, /** @type {any} */ [kind, window, stride], at) =>
  ({ op: /** @type {any} */ (`${kind}_pool2d`), x: asMatrix(before), k: makeMatrix([window, window], () => 1), s: [stride, stride], p: [0, 0], d: [1, 1], at });

/** The equation of one entry after a stage. @param {Stage[]} stages @param {FeatureMap[]} maps From the operation's output on
    @param {number} i Which stage @param {Place} at */
export function stageEquation(stages, maps, i, at) {
  const stage = stages[i];
  const [kind] = stage;
  const own = named(stageLetter(kind), at, "output");
  if (kind === "max" || kind === "avg") {
    const pooling = asPooling(maps[i], stage, at);
    const [, , numbers, end] = equation(pooling, windowGeometry(pooling), at);
    return [own, ...numbers, ...end];
  }
  const entry = (n) => maps[n].values[at[0] * maps[n].cols + at[1]];
  const number = (n, role) => piece(entry(n), role);
  const biased = stages[0][0] === "bias";
  const sum = (y, b) => (biased ? [y, operator("+"), b] : [y]);
  const inside = (pieces) => (kind === "bias" ? pieces : [maximum, fence("("), piece(0), fence(","), ...pieces, fence(")")]);
  const equals = (...pieces) => joinPieces(operator("="), ...pieces);
  const letters = sum(named("Y", at, "input"), piece("b", "kernel"));
  const numbers = sum(number(0, "input"), piece(/** @type {number} */ (stages[0][1] ?? 0), "kernel"));
  return [own, equals(...inside(letters)), equals(...inside(numbers)), equals(piece(entry(i + 1), "output", false))];
}

/** What an entry after a stage is, in a sentence. @param {Stage[]} stages @param {FeatureMap[]} maps @param {Place} at */
export function stageSentence(stages, maps, i, at) {
  const [kind, number] = stages[i];
  const [before, now] = [maps[i], maps[i + 1]].map(({ cols, values }) => values[at[0] * cols + at[1]]);
  const text = entryText(kind === "max" || kind === "avg" ? maps[i + 1].values[at[0] * maps[i + 1].cols + at[1]] : now, false);
  if (kind === "bias") return `The bias makes ${entryText(before, false)} ${text}.`;
  if (kind === "relu") return before < 0 ? `ReLU makes ${entryText(before, false)} 0.` : `ReLU keeps ${text}, as it is not negative.`;
  const from = i ? `of ${stageLetter(stages[i - 1][0])}` : "of Y";
  const entries = `${count(number * number, "entry").replace("ys", "ies")} ${from}`;
  const winner = maps[i + 1].winners?.[at[0] * maps[i + 1].cols + at[1]];
  return winner === undefined ? `This ${text} is the mean of ${entries}.`
    : `This ${text} is the largest of ${entries}: it stands in ${place(Math.floor(winner / maps[i].cols), winner % maps[i].cols)}.`;
}

const Element = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

class Stages extends Element {
  /** @type {any} */ explorer;
  /** @type {{i: number, at: Place, from: string}|null} */ picked = null; // the entry that the reader chose, and that of Y
  /** @type {FeatureMap[]} */ maps = []; // from the operation's output on
  key = "";
  listening = new AbortController();

  connectedCallback() {
    this.explorer = this.closest("cnn-explorer");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.explorer.addEventListener("shown", () => this.render(), { signal });
    this.addEventListener("change", () => this.onChange(), { signal });
    this.addEventListener("click", ({ target }) => this.pick(/** @type {any} */ (target).closest("td")), { signal });
    this.addEventListener("keydown", (event) => this.onKey(event), { signal });
    if (this.explorer.state) this.render();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  control = (name) => /** @type {any} */ (this.querySelector(`[name="${name}"]`));

  /** Read the stages from the controls. */
  onChange() {
    const bias = Number(this.control("bias").value);
    const kind = this.control("pool").value;
    /** @type {any[]} */
    const after = [...(bias ? [["bias", bias]] : []), ...(this.control("relu").checked ? [["relu"]] : [])];
    if (kind) after.push([kind, Number(this.control("window").value), Number(this.control("step").value)]);
    this.picked = null;
    this.explorer.attempt(() => this.explorer.setState({ after: parseStages(after) }, "push"));
  }

  render() {
    const { state: st, geometry } = this.explorer;
    const stages = st.after;
    const key = JSON.stringify({ ...st, at: 0 });
    if (this.picked && String(st.at) !== this.picked.from) this.picked = null;
    if (key !== this.key) {
      this.key = key;
      this.picked = null;
      this.renderControls(stages);
      const numbers = !geometry.why && isNumeric(st);
      const y = numbers ? featureMap(makeMatrix(geometry.out, (r, c) => value(st, geometry, [r, c]))) : null;
      this.maps = y && stages.length ? [y, ...applyStages(y, stages)] : [];
      this.renderMaps(stages);
      this.says = !stages.length ? "" : !numbers ? "Stages follow where the output is made of numbers." : this.maps.at(-1).values.length ? "" : "The window of the pooling is larger than the map.";
    }
    this.renderPick(stages);
  }

  renderControls(stages) {
    const found = (...kinds) => stages.find(([kind]) => kinds.includes(kind));
    const pool = found("max", "avg");
    setProps(this.control("bias"), { value: found("bias")?.[1] ?? 0 });
    setProps(this.control("relu"), { checked: Boolean(found("relu")) });
    setProps(this.control("pool"), { value: pool?.[0] ?? "" });
    for (const [i, name] of ["window", "step"].entries()) setProps(this.control(name), { value: pool?.[i + 1] ?? 2, disabled: !pool });
  }

  renderMaps(stages) {
    const panels = resizeChildren(this.querySelector(".maps"), "div", 0, this.maps.length ? stages.length : 0);
    panels.forEach((panel, i) => {
      const m = asMatrix(this.maps[i + 1]);
      const [kind] = stages[i];
      if (!panel.firstChild) panel.innerHTML = '<div><b></b> <span></span></div><div class="scroll"><table role="grid"></table></div>';
      panel.className = "panel map";
      const table = panel.querySelector("table");
      setProps(table, { ariaLabel: `${stageLetter(kind)}, ${TITLES[kind]}` });
      setProps(panel.querySelector("b"), { textContent: `${TITLES[kind]} ${stageLetter(kind)}` });
      setProps(panel.querySelector("span"), { textContent: `${m.length}×${m[0]?.length ?? 0}` });
      const texts = m.map((line) => line.map((v) => entryText(v, false)));
      const high = clamp(15 / Math.max(1, m.length), 2, 1.42);
      const wide = cellWidth({ rows: 0, cols: 0, longest: Math.max(1, ...texts.flat().map((text) => text.length)) }, high);
      setStyle(panel, `--high:${high}rem;--wide:${wide}rem`);
      setStyle(table, `width:calc(${m[0]?.length ?? 0}*${wide}rem + 1px);height:calc(${m.length}*${high}rem + 1px)`);
      const levels = shades(m);
      const body = table.tBodies[0] ?? table.createTBody();
      resizeChildren(body, "tr", 0, m.length).forEach((row, r) => resizeChildren(row, "td", 0, m[0].length).forEach((cell, c) => {
        setProps(cell, { textContent: texts[r][c], tabIndex: -1, className: levels[r][c] < 0 ? "minus" : "" });
        setStyle(cell, `--level:${Math.abs(levels[r][c]).toPrecision(3)}`);
      }));
    });
  }

  cell = (i, [r, c]) => this.querySelectorAll("table")[i]?.rows[r]?.cells[c];

  /** The entry that is explained: the one chosen, or the last one that uses the output entry shown. */
  current(stages) {
    if (this.picked && !this.explorer.hoverY) return this.picked;
    const at = this.explorer.hoverY ?? this.explorer.state.at;
    for (let i = stages.length - 1; i >= 0; i -= 1) {
      const [kind, , stride] = stages[i];
      const found = kind === "max" || kind === "avg" ? at.map((n, axis) => clamp(Math.floor(n / stride), (axis ? this.maps[i + 1].cols : this.maps[i + 1].rows) - 1)) : at;
      const { rows, cols } = stageWindow(stages[i], found);
      if (rows.includes(at[0]) && cols.includes(at[1])) return { i, at: found };
    }
    return null;
  }

  renderPick(stages) {
    const now = this.maps.length && !this.says ? this.current(stages) : null;
    for (const old of this.querySelectorAll(".now, .lit, .best, [tabindex='0']:is(td)")) {
      old.classList.remove("now", "lit", "best");
      /** @type {any} */ (old).tabIndex = -1;
    }
    for (const i of stages.keys()) {
      const stop = this.cell(i, now?.i === i ? now.at : [0, 0]);
      if (stop) stop.tabIndex = 0;
    }
    /** @type {any[]} */ let sources = [];
    if (now) {
      this.cell(now.i, now.at)?.classList.add("now");
      const { rows, cols } = stageWindow(stages[now.i], now.at);
      const winner = this.maps[now.i + 1].winners?.[now.at[0] * this.maps[now.i + 1].cols + now.at[1]];
      for (const r of rows)
        for (const c of cols) {
          range(now.i).forEach((i) => this.cell(i, [r, c])?.classList.add("lit"));
          sources.push([r, c]);
        }
      const width = this.maps[now.i].cols;
      if (winner !== undefined && now.i) this.cell(now.i - 1, [Math.floor(winner / width), winner % width])?.classList.add("best");
    }
    this.markSources(sources.length > 1 ? sources : []);
    const says = this.querySelector(".says");
    setProps(says, { textContent: this.says || (now ? stageSentence(stages, this.maps, now.i, now.at) : "") });
    typeset(this.querySelector(".equation"), now ? stageEquation(stages, this.maps, now.i, now.at) : []);
  }

  /** Mark the entries of the operation's output that a pooled value comes from, and those of the input that they use.
      @param {Place[]} sources */
  markSources(sources) {
    const { axes } = this.explorer.geometry;
    const used = sources.flatMap(([r, c]) => axes[0].taps[r].flatMap(([i]) => axes[1].taps[c].map(([j]) => this.explorer.cell("x", [i, j]))));
    this.explorer.setClass("source", [...sources.map((at) => this.explorer.cell("y", at)), ...new Set(used)]);
  }

  /** Choose an entry of a map: the window moves to where it comes from. */
  pick(cell) {
    if (!cell) return;
    const i = [...this.querySelectorAll("table")].indexOf(cell.closest("table"));
    const at = [cell.parentElement.rowIndex, cell.cellIndex];
    const { after } = this.explorer.state;
    const { rows, cols } = stageWindow(after[i], at);
    const winner = this.maps[i + 1].winners?.[at[0] * this.maps[i + 1].cols + at[1]];
    const width = this.maps[i].cols;
    this.explorer.select(winner === undefined ? [rows[0], cols[0]] : [Math.floor(winner / width), winner % width]);
    this.picked = { i, at, from: String(this.explorer.state.at) };
    this.renderPick(after);
    const said = stageSentence(after, this.maps, i, at);
    cell.focus(); // a bias that was being typed is taken over, which changes the maps
    this.explorer.announce(() => said); // after a pause, in which they may change again
  }

  onKey(event) {
    const cell = event.target.closest("td");
    if (!cell || event.altKey || event.metaKey) return;
    const [r, c] = [cell.parentElement.rowIndex, cell.cellIndex];
    const rows = cell.closest("table").rows;
    const to = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], Enter: [r, c], " ": [r, c] }[event.key];
    if (!to) return;
    event.preventDefault();
    this.pick(rows[clamp(to[0], rows.length - 1)].cells[clamp(to[1], rows[0].cells.length - 1)]);
  }
}

globalThis.customElements?.get("cnn-stages") ?? globalThis.customElements?.define("cnn-stages", Stages);
