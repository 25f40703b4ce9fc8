// @ts-check
// The <cnn-explorer> element. Pure functions come first; the element that uses them follows.

/** @typedef {number|string} Entry A number, or a letter in place of one. */
/** @typedef {Entry[][]} Matrix */
/** @typedef {number[]} Pair One value for the rows, one for the columns. */
/** @typedef {"conv2d"|"convolve2d"|"conv_transpose2d"|"max_pool2d"|"avg_pool2d"} Op */
/** @typedef {{op: Op, x: Matrix, k: Matrix, s: Pair, p: Pair, d: Pair, at: Pair}} State
    Operation, input, kernel, stride, padding, dilation and the output entry shown. Pooling uses only the shape of `k`. */
/** @typedef {{tex: string, mathml: string, key?: string}} Piece A part of an equation without line breaks.
    The key identifies the term, whatever numbers it contains. */
/** @typedef {{rows: number[], cols: number[], terms: {r: number, c: number, entry: Entry, letter: Entry, weight: Entry,
    weightLetter: string}[], value: number|null}} Step */

export const OPS = ["conv2d", "convolve2d", "conv_transpose2d", "max_pool2d", "avg_pool2d"];
const RANGE = { x: [1, 12], k: [1, 7], s: [1, 4], p: [0, 3], d: [1, 3] };
const NAMES = { x: "input", k: "kernel", s: "stride", p: "padding", d: "dilation", at: "output shown" };
const LETTER = /^([A-Za-z])(?:_(\d{1,2}))?$/;

/** @returns {number[]} */
const range = (n) => Array.from({ length: n }, (_, i) => i);
export const clamp = (n, most, least = 0) => Math.max(least, Math.min(n, most));
/** @param {Matrix} m @returns {Pair} */
export const shape = (m) => [m.length, m[0].length];
const formatSize = (size) => size.join("×");
export const isPool = (op) => op.endsWith("pool2d");
/** @template T @param {Pair} size @param {(r: number, c: number) => T} f */
export const makeMatrix = ([rows, cols], f) => range(rows).map((r) => range(cols).map((c) => f(r, c)));

// Parsing and validating states

/** Parse one entry, either typed text or a JSON value. @param {unknown} raw @returns {Entry} */
function parseEntry(raw) {
  if (typeof raw === "string") {
    const text = raw.trim().replaceAll("−", "-");
    if (LETTER.test(text)) return text;
    const [, top, bottom = 1] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?:\/(\d+))?$/i.exec(text.replace(",", ".")) ?? [];
    raw = Number(top) / Number(bottom);
  }
  if (typeof raw !== "number" || !(Math.abs(raw) < 1e6)) throw RangeError("An entry is a number between -1000000 and 1000000, or a letter.");
  return Number(raw.toPrecision(6)) + 0;
}

/** Validate a matrix; `key` says whether it is the input or the kernel. @param {any} raw @returns {Matrix} */
function parseMatrix(raw, key) {
  const most = key === "x" ? RANGE.x[1] : RANGE.k[1];
  const fits = (list) => Array.isArray(list) && list.length > 0 && list.length <= most;
  if (!fits(raw) || !raw.every((row) => fits(row) && row.length === raw[0].length))
    throw RangeError(`The ${NAMES[key]} is a matrix with rows of equal length, of at most ${most}×${most} entries.`);
  return raw.map((row) => row.map(parseEntry));
}

/** Validate a state. The message of the error that is thrown can be shown to readers. @param {any} raw @returns {State} */
export function parseState(raw) {
  if (!OPS.includes(raw?.op)) throw RangeError(`The operation is one of ${OPS.join(", ")}.`);
  const pair = (key, [least, most] = RANGE[key]) => {
    const found = raw[key] ?? [least, least];
    if (!Array.isArray(found) || found.length !== 2 || !found.every((n) => Number.isInteger(n) && n >= least && n <= most))
      throw RangeError(`The ${NAMES[key]} is a pair of whole numbers from ${least} to ${most}.`);
    return found.slice();
  };
  const d = raw.op === "avg_pool2d" ? [1, 1] : pair("d");
  return { op: raw.op, x: parseMatrix(raw.x, "x"), k: parseMatrix(raw.k, "k"), s: pair("s"), p: pair("p"), d, at: pair("at", [0, 99]) };
}

/** Encode a state as the part of a link that follows `#id?`. @param {State} st */
export function encode(st) {
  const rows = (m) => m.map((row) => row.join()).join(";");
  return `op=${st.op}&x=${rows(st.x)}&k=${rows(st.k)}&s=${st.s}&p=${st.p}&d=${st.d}&at=${st.at}`;
}

/** Decode what `encode` returned, or throw an error. @returns {State} */
export function decode(text) {
  if (text.length > 4000) throw RangeError("The link is too long.");
  const raw = Object.fromEntries(text.split("&").map((part) => part.split("=")));
  for (const key of ["x", "k"]) raw[key] = parseText(raw[key] ?? "", key);
  for (const key of ["s", "p", "d", "at"]) raw[key] = raw[key]?.split(",").map((n) => (/^\d{1,2}$/.test(n) ? Number(n) : NaN));
  return parseState(raw);
}

/** Parse a matrix from text: spreadsheet cells, an array as Python prints it, or lines of numbers. @returns {Matrix} */
export function parseText(text, key) {
  // Without names of functions and variables, keyword arguments, brackets and quotes.
  text = text.slice(0, 9999).replace(/^.*:\n|\b[a-z_][\w.]*\(|,?\s*\b\w+\s*=[^,)[]*|[()"']/gi, "");
  if (/;\S.*\n/.test(text)) text = text.replaceAll(";", "\t");
  // A comma between digits is decimal if something else separates the entries.
  if (/\t|[\w.] +[-−+.\w]/.test(text) && !/,\s/.test(text)) text = text.replace(/(\d),(?=\d)/g, "$1.");
  const lines = text
    .split(/\][\s,]*\[|[\r\n;]+/)
    .map((line) => line.replace(/[[\]]/g, " ").replace(/^\s+|[\s,]+$/g, ""))
    .filter(Boolean);
  return parseMatrix(lines.map((line) => line.split(/\s*[,\t]\s*|\s+/)), key);
}

/** Sizes and parameters along one axis; `out` is the size of the output. @param {State} st */
function axisSizes(st, axis, change = {}) {
  const a = { n: shape(st.x)[axis], k: shape(st.k)[axis], s: st.s[axis], p: st.p[axis], d: st.d[axis], ...change };
  const span = a.d * (a.k - 1) + 1;
  const out = st.op === "conv_transpose2d" ? (a.n - 1) * a.s - 2 * a.p + span : Math.floor((a.n + 2 * a.p - span) / a.s) + 1;
  return { ...a, span, out };
}

/** The same with `taps`: for each output index, the pairs [input index, kernel index] it uses. @param {State} st */
function axisGeometry(st, axis) {
  const a = axisSizes(st, axis);
  const flip = st.op === "convolve2d";
  const taps = range(a.out).map(st.op === "conv_transpose2d"
    ? (o) => range(a.n).map((i) => [i, (o + a.p - i * a.s) / a.d]).filter(([, u]) => u >= 0 && u < a.k && Number.isInteger(u))
    : (o) => range(a.k).map((u) => [o * a.s - a.p + u * a.d, flip ? a.k - 1 - u : u]));
  return { ...a, taps };
}

/** Sizes and windows of a state. If there is no output, `why` gives the reason in a sentence. @param {State} st */
export function windowGeometry(st) {
  const axes = [axisGeometry(st, 0), axisGeometry(st, 1)];
  const of = (key) => axes.map((a) => a[key]);
  const fit = axes.every((a) => a.out > 0);
  let why = "";
  if (st.op === "conv_transpose2d") {
    if (!fit) why = `Padding ${formatSize(of("p"))} leaves nothing of the output ${formatSize(axes.map((a) => a.out + 2 * a.p))}.`;
  } else if (!fit) {
    const spans = formatSize(of("span")) === formatSize(of("k")) ? "" : ` with dilation ${formatSize(of("d"))} spans ${formatSize(of("span"))}, which`;
    const fits = Math.max(...axes.map((a) => -Math.floor((a.n - a.span) / 2)));
    why = `Kernel ${formatSize(of("k"))}${spans} is larger than the padded input ${formatSize(axes.map((a) => a.n + 2 * a.p))}; padding of ${fits} or more would fit.`;
  } else if (isPool(st.op) && axes.some((a) => 2 * a.p > a.span))
    why = `Padding ${formatSize(of("p"))} is more than half of the window ${formatSize(of("span"))}: windows at the border could hold no input.`;
  return { axes, why, out: /** @type {Pair} */ (why ? [0, 0] : of("out")) };
}
/** @typedef {ReturnType<typeof windowGeometry>} Geometry */

/** Rows (axis 0) or columns (axis 1) of the input that no window covers. @param {Geometry} geometry */
export function unread(geometry, axis) {
  const read = new Set(geometry.axes[axis].taps.flat().map(([i]) => i));
  return range(geometry.axes[axis].n).filter((i) => !read.has(i));
}

/** Minimum and maximum of a control while all others stay as they are. @param {State} st @returns {Pair} */
export function limits(st, key, axis) {
  const [least, most] = RANGE[key];
  if (key === "d" && st.op === "avg_pool2d") return [1, 1];
  const fits = (v) => {
    const a = axisSizes(st, axis, { [key === "x" ? "n" : key]: v });
    return a.out > 0 && !(isPool(st.op) && 2 * a.p > a.span);
  };
  const fitting = range(most + 1).slice(least).filter(fits);
  return fitting.length ? [fitting[0], fitting.at(-1)] : [least, most];
}

/** The symbol of an input entry in equations. @param {State} st */
function letter(st, r, c) {
  const [rows, cols] = shape(st.x);
  return rows * cols > 26 ? `x_{${r + 1},${c + 1}}` : String.fromCharCode(97 + r * cols + c);
}

export const padValue = (st) => (st.op === "max_pool2d" ? -Infinity : 0);
export const inputRing = (st) => (st.op === "conv_transpose2d" ? [0, 0] : st.p);

/** One output entry with the terms it is computed from. @param {State} st @param {Geometry} geometry
    @param {Pair} at @returns {Step} */
export function step(st, geometry, [row, col]) {
  const [down, across] = [geometry.axes[0].taps[row], geometry.axes[1].taps[col]];
  const empty = padValue(st);
  const terms = down.flatMap(([r, u]) =>
    across.map(([c, v]) => {
      const found = st.x[r]?.[c];
      return {
        r, c, entry: found ?? empty, weight: st.k[u][v],
        letter: found === undefined ? empty : letter(st, r, c),
        weightLetter: `k_{${u + 1}${v + 1}}`,
      };
    }),
  );
  return { rows: down.map(([r]) => r), cols: across.map(([c]) => c), terms, value: value(st, geometry, [row, col]) };
}

/** The value of one output entry, or null if it depends on letters. @param {State} st @param {Geometry} geometry
    @param {Pair} at @returns {number|null} */
function value(st, geometry, [row, col]) {
  const empty = padValue(st);
  const pool = isPool(st.op);
  let [sum, most, count] = [0, -Infinity, 0];
  for (const [r, u] of geometry.axes[0].taps[row])
    for (const [c, v] of geometry.axes[1].taps[col]) {
      const e = st.x[r]?.[c] ?? empty;
      const w = pool ? 1 : st.k[u][v];
      if (typeof e === "string" || typeof w === "string") return null;
      sum += e * w;
      most = Math.max(most, e);
      count += 1;
    }
  return (st.op === "max_pool2d" ? most : st.op === "avg_pool2d" ? sum / count : sum) + 0;
}

/** Format a number as cnnlib does: integers in full if `integers` is set, otherwise six digits, as 1.5e6 if huge or tiny. */
function numberText(v, integers) {
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "-∞";
  if (v === 0 || (integers && Number.isInteger(v))) return String(v);
  let [digits, power] = v.toExponential(5).split("e");
  // Python rounds ties to even; toExponential rounds them up.
  if (Number(v.toPrecision(7)) === v) digits = v.toExponential(60).match(/^(-?\d\.\d{4}[02468])50*e/)?.[1] ?? digits;
  const e = Number(power);
  if (e < -4 || e > 5) return `${Number(digits)}e${e}`;
  return String(Number(`${digits}e${e}`));
}

/** All entries that take part in the computation. @param {State} st @returns {Entry[]} */
const entriesOf = (st) => [st.x, isPool(st.op) ? [] : st.k].flat(2);
/** Whether the result is computed from integers alone. @param {State} st */
export const allIntegers = (st) =>
  st.op !== "avg_pool2d" && entriesOf(st).every((e) => typeof e === "string" || Number.isInteger(e));

export const entryText = (e, integers = true) =>
  typeof e === "number" ? numberText(e, integers).replaceAll("-", "−") : e.replace(/_\{?([\d,]+)\}?/, (_, n) => subscript(n));
const subscript = (digits) => digits.replace(/\d/g, (n) => String.fromCharCode(0x2080 + Number(n))); // U+2080: subscript zero
/** The texts of the output cells. @param {State} st @param {Geometry} geometry */
export function outputTexts(st, geometry) {
  const integers = allIntegers(st);
  return makeMatrix(geometry.out, (r, c) => {
    const v = value(st, geometry, [r, c]);
    return v === null ? `Y${subscript(`${r + 1}${r > 8 || c > 8 ? "," : ""}${c + 1}`)}` : entryText(v, integers);
  });
}

// Equations: the same pieces as in cnnlib.explain.equations

/** @returns {Piece} */
const join = (...pieces) => ({ tex: pieces.map((p) => p.tex).join(" "), mathml: pieces.map((p) => p.mathml).join("") });
/** @returns {Piece} */
const operator = (sign) => ({ tex: sign, mathml: `<mo form="infix">${sign}</mo>` });
const [open, close] = ["(", ")"].map((sign) => `<mo stretchy="false">${sign}</mo>`);
const dot = { tex: "\\cdot", mathml: "<mo>·</mo>" };
const cls = (role) => (role ? ` class="${role}"` : "");

/** Typeset one entry: a letter, or a number, in parentheses if it is negative. @returns {Piece} */
function piece(e, role = "", bracket = true, integers = true) {
  if (typeof e === "string") {
    const [name, index] = e.replace(/[{}]/g, "").split("_");
    if (index === undefined) return { tex: name, mathml: `<mi${cls(role)}>${name}</mi>` };
    const below = index.split(",").map((n) => `<mn>${n}</mn>`).join("<mo>,</mo>");
    return { tex: `${name}_{${index}}`, mathml: `<msub${cls(role)}><mi>${name}</mi><mrow>${below}</mrow></msub>` };
  }
  const [size, power] = numberText(Math.abs(e), integers).split("e");
  const mathml = power
    ? `<mrow${cls(role)}><mn>${size}</mn><mo lspace="0" rspace="0">×</mo><msup><mn>10</mn><mn>${power.replace("-", "−")}</mn></msup></mrow>`
    : size === "∞" ? `<mi${cls(role)}>∞</mi>` : `<mn${cls(role)}>${size}</mn>`;
  const tex = power ? `${size} \\times 10^{${power}}` : size.replace("∞", "\\infty");
  if (e >= 0) return { tex, mathml };
  const signed = `<mrow${cls(role)}><mo form="prefix">−</mo>${mathml}</mrow>`;
  return bracket ? { tex: `(-${tex})`, mathml: `<mrow>${open}${signed}${close}</mrow>` } : { tex: `-${tex}`, mathml: signed };
}

/** @returns {Piece} */
function matrixPiece(lines, role) {
  const table = lines.map((line) => line.map((e) => piece(e, role, false)));
  return {
    tex: `\\begin{bmatrix} ${table.map((line) => line.map((p) => p.tex).join(" & ")).join(" \\\\ ")} \\end{bmatrix}`,
    mathml: `<mrow><mo stretchy="true">[</mo><mtable>${table
      .map((line) => `<mtr>${line.map((p) => `<mtd>${p.mathml}</mtd>`).join("")}</mtr>`)
      .join("")}</mtable><mo stretchy="true">]</mo></mrow>`,
  };
}

/** The equation of one output entry in four parts: its name, the terms with symbols, the terms with numbers, the value.
    @param {State} st @param {Geometry} geometry @param {Pair} at @returns {Piece[][]} */
export function equation(st, geometry, at) {
  const { terms, cols, value: result } = step(st, geometry, at);
  const integers = allIntegers(st);
  const name = piece(`Y_{${at[0] + 1},${at[1] + 1}}`, "output");
  const write = (which) => {
    if (!isPool(st.op))
      return terms.map((t, i) =>
        ({ ...join(operator(i ? "+" : "="), piece(t[which], "input"), dot, piece(which === "entry" ? t.weight : t.weightLetter, "kernel")), key: t.weightLetter }),
      );
    const entries = terms.map((t) => t[which]);
    if (st.op === "max_pool2d") {
      const lines = range(entries.length / cols.length).map((r) => entries.slice(r * cols.length, (r + 1) * cols.length));
      return [join(operator("="), { tex: "\\max", mathml: '<mo lspace="0" rspace="0.17em">max</mo>' }, matrixPiece(lines, "input"))];
    }
    const total = join(...entries.flatMap((e) => [operator("+"), piece(e, "input")]).slice(1));
    const count = piece(entries.length);
    return [join(operator("="), { tex: `\\frac{${total.tex}}{${count.tex}}`, mathml: `<mfrac><mrow>${total.mathml}</mrow>${count.mathml}</mfrac>` })];
  };
  const end = result === null ? [] : [join(operator("="), piece(result, "output", false, integers))];
  return [[name], write("letter"), write("entry"), end];
}

/** The output-size formula along one axis, with the numbers of this state.
    @param {State} st @param {Geometry} geometry @returns {Piece[]} */
export function sizeFormula(st, geometry, axis) {
  const { n, k, s, p, d, out } = geometry.axes[axis];
  const row = (text) => text.match(/\d+|\S/g).map((part) => ({ "(": open, ")": close })[part] ?? (/\d/.test(part) ? `<mn>${part}</mn>` : `<mo>${part}</mo>`)).join("");
  const reach =
    st.op === "conv_transpose2d"
      ? row(`(${n} − 1) · ${s} − 2 · ${p} + ${d} · (${k} − 1)`)
      : `<mo>⌊</mo><mfrac><mrow>${row(`${n} + 2 · ${p} − ${d} · (${k} − 1) − 1`)}</mrow><mn>${s}</mn></mfrac><mo>⌋</mo>`;
  return [{ tex: "", mathml: reach }, join(operator("+"), piece(1)), join(operator("="), piece(out, "output"))];
}

export const tex = (pieces) => pieces.map((p) => p.tex).join(" ");

/** Describe one step for screen readers. @param {State} st @param {Geometry} geometry @param {Pair} at */
export function describe(st, geometry, at) {
  const { terms, value: v } = step(st, geometry, at);
  const where = `Output row ${at[0] + 1}, column ${at[1] + 1}`;
  const ends = v === null ? "" : ` equals ${entryText(v, allIntegers(st))}`;
  if (isPool(st.op)) return `${where}: ${st.op === "max_pool2d" ? "maximum" : "mean"} of ${terms.map((t) => entryText(t.entry)).join(", ")}${ends}.`;
  if (terms.length > 9) return `${where}: the sum of ${terms.length} products${ends}.`;
  return `${where}: ${terms.map((t) => `${entryText(t.entry)} times ${entryText(t.weight)}`).join(", plus ") || "nothing reaches it,"}${ends}.`;
}

// Code that reproduces a state

/** Python code that computes the same output. @param {State} st @returns {{cnnlib: string, torch: string}} */
export function code(st) {
  const pool = isPool(st.op);
  const list = (m) => JSON.stringify(m).replaceAll(",", ", ").replaceAll('"', "");
  const pair = (/** @type {Pair} */ [a, b]) => (a === b ? `${a}` : `(${a}, ${b})`);
  const window = pair(shape(st.k));
  const defaults = { s: pool ? window : "1", p: "0", d: "1" };
  const options = (keys) => [...keys].map((key) => (pair(st[key]) === defaults[key] ? "" : `, ${NAMES[key]}=${pair(st[key])}`)).join("");
  const letters = [...new Set(entriesOf(st))].filter((e) => typeof e === "string");
  const write = (head, array, call, keys = "spd", end = "") =>
    [...head, `X = ${array(st.x)}`, pool ? "" : `K = ${array(st.k)}`, `Y = ${call}${options(keys)})${end}`].filter(Boolean).join("\n");
  const symbols = ["from sympy import symbols", `${letters.join(", ")} = symbols("${letters.join(" ")}")`];
  const floats = st.op === "max_pool2d" && Math.max(...st.p) ? ", dtype=float" : "";
  const head = ["import numpy as np", `from cnnlib import ${st.op}`, ...(letters[0] ? symbols : [])];
  const cnnlib = write(head, (m) => `np.array(${list(m)}${floats})`, `${st.op}(X, ${pool ? window : "K"}`);
  if (letters[0]) return { cnnlib, torch: "# PyTorch computes with numbers: put some in place of the letters." };
  const [name, kernel] = st.op === "convolve2d" ? ["conv2d", "K.flip(0, 1)[None, None]"] : [st.op, "K[None, None]"];
  const tensor = (m) => `torch.tensor(${list(m)}, dtype=torch.float64)`;
  // PyTorch limits the padding of pooling to half the kernel size, without regard to dilation.
  const [rows, cols] = st.p;
  const prepad = pool && st.p.some((p, axis) => 2 * p > shape(st.k)[axis]);
  const x = prepad ? `F.pad(X[None, None], (${cols}, ${cols}, ${rows}, ${rows}), value=-torch.inf)` : "X[None, None]";
  const torch = write(["import torch", "import torch.nn.functional as F"], tensor, `F.${name}(${x}, ${pool ? window : kernel}`, prepad ? "sd" : "spd", "[0, 0]");
  return { cnnlib, torch };
}

/** The index of the output entry whose window is closest to the one selected before.
    @param {State} st @param {State} before @returns {Pair} */
const keepWindow = (st, before) => /** @type {Pair} */ (before.at.map((n, axis) => {
  const [p, old] = [st.p[axis], before.p[axis]];
  return Math.max(0, st.op === "conv_transpose2d" ? n + old - p : Math.round((n * before.s[axis] - old + p) / st.s[axis]));
}));

/** The nearest valid output index. @param {Pair} at @param {Geometry} geometry @returns {Pair} */
const clampIndex = (at, geometry) => /** @type {Pair} */ (at.map((n, axis) => clamp(n, geometry.out[axis] - 1)));

/** A matrix of the given size that keeps the entries that fit. @param {Matrix} m @param {Pair} size @returns {Matrix} */
const resize = (m, size) => makeMatrix(size, (r, c) => m[r]?.[c] ?? (r + c) % 10);

// The element

const PACE = 1100; // milliseconds per step while playing
/** @type {any} */ let drawn; // the module that draws pictures to copy, once the controls were shown

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

class Explorer extends Base {
  /** @type {State} */ state;
  /** @type {State} */ initial;
  /** @type {Geometry} */ geometry;
  /** @type {Record<string, HTMLTableCellElement[][]>} */ cells = { x: [], k: [], y: [] };
  /** @type {HTMLElement|undefined} */ selected; // the output cell at `state.at`
  rings = { x: [0, 0], k: [0, 0], y: [0, 0] }; // rows and columns of padding around the entries
  /** @type {Record<string, HTMLElement[]>} */ marked = {}; // by class, the cells that `setClass` gave it to
  unusedText = ""; // says which rows and columns are not used
  /** @type {Pair|null} */ hoverY = null; // the output entry under the pointer
  /** @type {Pair|null} */ hoverX = null; // the input entry under the pointer, or being edited
  listeners = new AbortController();
  error = "";
  pinned = false;
  editing = null; // the cell being edited
  /** @type {Entry|null} */ kept = null; // what it held before
  dirty = false; // whether cells may show text that differs from the state
  timer = 0;
  idleTimer = 0;
  saveTimer = 0;
  sayTimer = 0;

  connectedCallback() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const on = (target, types, f) => types.split(" ").forEach((type) => target.addEventListener(type, f, { signal }));
    if (!this.state) {
      try {
        this.initial = parseState(JSON.parse(this.dataset.state));
      } catch (error) {
        this.append(Object.assign(document.createElement("p"), { className: "wrong", textContent: message(error) }));
        return;
      }
      this.replaceChildren(this.$("template").content);
      this.classList.add("live");
      if (!this.id) this.button("link").remove();
      this.showMore(this.dataset.form === "full");
      this.$(".both").checked = ["s", "p", "d"].every((key) => this.initial[key][0] === this.initial[key][1]);
      this.setState(this.initial, "");
    }
    on(this, "click", (e) => this.onClick(e.target));
    on(this, "input", (e) => this.onInput(e.target));
    on(this, "focusin", (e) => this.onFocus(e.target));
    on(this, "focusout", (e) => e.target === this.editing && this.onCellBlur());
    on(this, "keydown", (e) => this.onKey(e));
    on(this, "paste", (e) => this.onPaste(e));
    on(this, "submit", (e) => {
      e.preventDefault();
      this.pasteText(this.$("textarea").value, e.submitter.name);
    });
    on(this, "pointerover pointerleave", (e) => e.pointerType === "mouse" && this.onPointer(e.type === "pointerover" && e.target));
    on(window, "hashchange", () => this.restore());
    on(document, "copy", () => this.prepare([])); // hidden terms must not be copied
    on(document, "visibilitychange", () => document.hidden && this.stop());
    const watch = new IntersectionObserver((seen) => seen.at(-1).isIntersecting || this.stop());
    watch.observe(this);
    on(signal, "abort", () => watch.disconnect());
    this.restore();
  }

  disconnectedCallback() {
    this.stop();
    clearTimeout(this.saveTimer);
    clearTimeout(this.sayTimer);
    this.listeners.abort();
  }

  /** @type {Record<string, any[]>} */ parts = {};
  /** Elements from the template. They never change, so each selector is queried once. */
  $$ = (selector) => (this.parts[selector] ??= [...this.querySelectorAll(selector)]);
  $ = (selector) => this.$$(selector)[0];
  button = (name) => this.$(`[data-act="${name}"]`);
  table = (which) => this.$(`.${which} table`);

  /** Change the state. `how` says what happens to the page's address: choosing a preset adds an entry to the
      history, typing replaces the current one, and "" leaves it unchanged. @param {Partial<State>} change @param {"push"|"replace"|""} [how] */
  setState(change, how = "replace") {
    const before = this.state;
    const st = { ...before, ...change };
    const changed = Object.keys(change).some((key) => key !== "at");
    if (changed) this.geometry = windowGeometry(st);
    st.at = clampIndex(st.at, this.geometry);
    this.state = st;
    this.hoverY = null;
    this.error = "";
    if (changed) this.renderState();
    this.renderStep();
    clearTimeout(this.saveTimer);
    if (!how || !this.id) return;
    const historyState = (state) => ({ ...history.state, [this.id]: encode(state) });
    const save = (way) => history[`${way}State`](historyState(st), "", `#${this.id}?${encode(st)}`);
    if (how === "push") {
      history.replaceState(historyState(before), "");
      save(how);
    } else this.saveTimer = setTimeout(save, 300, how);
  }

  /** Restore the state from the address, if it names this explorer, otherwise from the history entry. */
  restore() {
    const start = `#${this.id}?`;
    const own = this.id && location.hash.startsWith(start);
    const text = own ? location.hash.slice(start.length) : history.state?.[this.id];
    if (!text) return;
    this.attempt(() => this.setState(decode(text), ""));
    if (own) this.scrollIntoView();
  }

  /** Render what depends only on the state, not on the step shown. */
  renderState() {
    const { state: st, geometry } = this;
    const [ring, cut] = [inputRing(st), geometry.why || st.op !== "conv_transpose2d" ? [0, 0] : st.p];
    const high = Math.max(shape(st.x)[1] + 2 * ring[1], geometry.out[1] + 2 * cut[1]) > 8 ? 2 : 2.35;
    this.toggleAttribute("data-pool", isPool(st.op));
    this.renderTable("x", high, st.x, ring, entryText(padValue(st)));
    this.renderTable("k", high, st.k);
    // More padding adds windows before the first one; the existing output cells move along with their values.
    this.renderTable("y", high, outputTexts(st, geometry), cut, "", st.op === "conv_transpose2d" ? [0, 0] : st.p.map((p, axis) => Math.floor(p / st.s[axis])));
    const unused = [0, 1].map((axis) => (geometry.why ? [] : unread(geometry, axis)));
    this.setClass("gone", st.x.flatMap((line, r) => line.map((_, c) => (unused[0].includes(r) || unused[1].includes(c)) && this.cell("x", [r, c]))));
    this.unusedText = unused.map((list, axis) => (list.length ? `${axis ? "Columns" : "Rows"} under no window: ${list.map((n) => n + 1).join(", ")}. ` : "")).join("");
    if (Math.max(...cut)) this.unusedText += "Padding cuts the hatched edge off.";
    this.renderControls();
  }

  /** Render the step shown, of the selected output entry or the one under the pointer: window, equation, position. */
  renderStep() {
    const { state: st, geometry, hoverX } = this;
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
      this.setText(tap, isPool(st.op) ? "" : `×${entryText(t.weight)}`);
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
    const fed = (axis, o) => geometry.axes[axis].taps[o].some(([i]) => i === hoverX[axis]);
    const feeds = hoverX ? makeMatrix(geometry.out, (r, c) => fed(0, r) && fed(1, c) && this.cell("y", [r, c])).flat().filter(Boolean) : [];
    this.setClass("best", terms.map((t) => st.op === "max_pool2d" && t.entry === now.value && this.cell("x", [t.r, t.c])));
    this.setClass("now", [current]);
    this.setClass("pinned", [this.pinned && chosen]);
    this.setClass("from", [hoverX && this.cell("x", hoverX)]);
    this.setClass("fed", feeds);
    if (this.selected && this.selected !== chosen) setProps(this.selected, { ariaSelected: "false", tabIndex: -1 });
    this.selected = chosen;
    if (chosen) setProps(chosen, { ariaSelected: "true", tabIndex: 0 });
    const goes = hoverX && `X row ${hoverX[0] + 1}, column ${hoverX[1] + 1} feeds outputs: ${feeds.length}.`;
    const wrong = this.error || geometry.why;
    this.setText(this.$(".note"), wrong || goes || this.unusedText);
    this.$(".note").classList.toggle("wrong", wrong);
    this.renderEquation(shown);
    this.renderPosition(shown);
  }

  renderEquation(shown) {
    const lines = this.geometry.why ? [] : equation(this.state, this.geometry, shown);
    this.$$(".sums .equation").forEach((line, i) => typeset(line, lines[i] ?? []));
    this.idleTimer ||= (globalThis.requestIdleCallback ?? setTimeout)(() => this.prepareTerms());
  }

  /** When idle, lay out the terms that a larger kernel would add. */
  prepareTerms() {
    this.idleTimer = 0;
    const { state: st, geometry, timer } = this;
    if (geometry.why || isPool(st.op) || timer || this.$(".more").hidden) return;
    const next = { ...st, k: resize(st.k, shape(st.k).map((n, axis) => Math.min(n + 1, limits(st, "k", axis)[1]))) };
    const then = windowGeometry(next);
    this.prepare(equation(next, then, clampIndex(st.at, then)));
  }

  prepare(lines) {
    for (const i of [1, 2]) prepare(this.$$(".sums .equation")[i], lines[i] ?? []);
  }

  renderPosition(shown) {
    const count = this.last + 1;
    const number = count && shown[0] * this.geometry.out[1] + shown[1] + 1;
    const ariaValueText = `${number} of ${count}`;
    this.setText(this.$(".where"), ariaValueText);
    setProps(this.$(".scrub"), { max: count || 1, value: number, ariaValueText, disabled: count < 2 });
    for (const button of this.$$(".steps button")) setProps(button, { disabled: !count });
    setProps(this.button("play"), { ariaLabel: this.timer ? "Pause" : "Play" });
    setProps(this.button("pin"), { ariaPressed: String(this.pinned) });
  }

  renderControls() {
    const { state: st, geometry } = this;
    for (const input of this.$$("input[data-key]")) {
      const { key, axis } = input.dataset;
      const value = this.sliderPair(key)[axis % 2];
      const [least, most] = limits(st, key, axis % 2);
      setProps(input, { min: Math.min(least, value), max: Math.max(most, value), value, disabled: least === most && value === least });
      setProps(input.nextElementSibling, { value });
    }
    const flip = this.$(".flip");
    setProps(flip, { checked: st.op === "convolve2d" });
    setProps(this.$(".op"), { value: flip.checked ? "conv2d" : st.op });
    setProps(flip.parentElement, { hidden: !/^conv(olve)?2d$/.test(st.op) });
    setProps(this.$(".kernels"), { hidden: isPool(st.op) });
    if (this.$(".more").hidden) return;
    this.$$(".formula span").forEach((span, axis) => typeset(span, geometry.why ? [{ tex: "", mathml: "<mtext>no</mtext>" }] : sizeFormula(st, geometry, axis)));
    const pres = this.$$("pre");
    // One text node per line: unchanged lines are not laid out again.
    Object.values(code(st)).forEach((text, i) => {
      const lines = text.split(/(?<=\n)/);
      while (pres[i].childNodes.length > lines.length) pres[i].lastChild.remove();
      lines.forEach((line, j) => {
        const node = pres[i].childNodes[j] ?? pres[i].appendChild(new Text());
        if (node.data !== line) node.data = line;
      });
    });
  }

  /** The pair that a slider controls; for a matrix, its size. */
  sliderPair = (key, st = this.state) => (key === "x" || key === "k" ? shape(st[key]) : st[key]);
  /** The table cell of an entry. */
  cell = (which, /** @type {Pair} */ [r, c]) => this.cells[which][r + this.rings[which][0]]?.[c + this.rings[which][1]];

  /** Give a class to these cells and remove it from all others. */
  setClass(name, cells) {
    const before = this.marked[name] ?? [];
    this.marked[name] = cells.filter(Boolean);
    for (const old of before) if (!cells.includes(old)) old.classList.remove(name);
    for (const cell of this.marked[name]) cell.classList.add(name);
  }

  /** Render a table: the entries, with `ring` rows and columns of `fill` on each side. Existing cells are kept;
      `ahead` is how many rows and columns come before the cell that stays in place. */
  renderTable(which, high, entries, ring = [0, 0], fill = "", ahead = ring) {
    const size = [entries.length, entries[0]?.length ?? 0];
    const [rows, cols] = size.map((n, axis) => n && n + 2 * ring[axis]);
    const table = this.table(which);
    const key = `${rows},${cols},${ring},${ahead},${high},${fill}`;
    if (table.entries === entries && table.key === key && !this.dirty) return;
    table.entries = entries;
    const texts = makeMatrix([rows, cols], (i, j) => entryText(entries[i - ring[0]]?.[j - ring[1]] ?? fill));
    this.setText(this.$(`.${which} span`), formatSize(size));
    const wide = Math.max(high, 0.22 * high * Math.max(...texts.flat().map((text) => text.length)));
    setStyle(table.parentElement, `--wide:${wide}rem;--high:${high}rem`);
    setStyle(table, `width:calc(${cols * wide}rem + 1px);height:calc(${rows * high}rem + 1px)`);
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
        if (cell.label === (cell.label = real ? `${which.toUpperCase()} row ${r + 1}, column ${c + 1}` : "")) return;
        cell.classList.toggle("ring", !real);
        // Without a tabindex, a touch would be attributed to a neighbouring cell that has one.
        real ? (cell.tabIndex = -1) : cell.removeAttribute("tabindex");
        if (which !== "y") setProps(cell, { contentEditable: real ? "plaintext-only" : "inherit", ariaDescription: cell.label || null });
      }));
      if (which !== "y" && !table.querySelector("[tabindex='0']")) this.cell(which, [0, 0]).tabIndex = 0;
      if (editing?.isConnected && !editing.matches(".ring")) this.editing = editing;
      const stay = focused && this.cell(which, focused.map((n, axis) => Math.min(n, size[axis] - 1)));
      if (stay && stay !== document.activeElement) stay.focus();
    }
    this.cells[which].forEach((line, r) => line.forEach((/** @type {any} */ cell, c) => {
      const text = texts[r][c];
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

  onClick(target) {
    const act = target.closest("[data-act]")?.dataset.act;
    if (act) return this.onAction(act);
    const cell = target.closest(".y td:not(.ring)");
    if (!cell) return;
    this.pinned = !(this.pinned && same(this.entryIndex(cell), this.state.at));
    this.select(this.entryIndex(cell));
    cell.focus();
  }

  onAction(act) {
    const { state: st, geometry } = this;
    if (act === "play") return this.timer ? this.stop() : this.play();
    if (act === "back") return this.select(this.indexAt(this.position - 1));
    if (act === "next") return this.select(this.indexAt(this.position + 1));
    if (act === "more") return this.showMore(this.$(".more").hidden);
    if (act === "reset") return this.setState(this.initial, "push");
    if (act === "pin") {
      this.pinned = !this.pinned;
      return this.renderStep();
    }
    const texts = {
      tex: () => (geometry.why ? "" : tex(equation(st, geometry, st.at).flat())),
      svg: () => (geometry.why || !drawn ? "" : drawn.withColours(drawn.drawing(st, geometry), this.$(".said"))),
      link: () => `${location.href.split("#")[0]}#${this.id}?${encode(st)}`,
    };
    const done = () => {
      this.say("Copied.");
      this.button(act).dataset.done = "";
      setTimeout(() => delete this.button(act).dataset.done, 1500);
    };
    const text = (texts[act] ?? (() => code(st)[act]))();
    (async () => (text ? navigator.clipboard.writeText(text) : Promise.reject()))().then(done, () => this.say("Copying was refused."));
  }

  async showMore(open) {
    this.$(".more").hidden = !open;
    this.button("more").ariaExpanded = String(open);
    if (this.state) this.renderControls();
    if (open) drawn ??= await import("./drawing.js");
  }

  get last() {
    return this.geometry.out[0] * this.geometry.out[1] - 1;
  }

  get position() {
    return this.state.at[0] * this.geometry.out[1] + this.state.at[1];
  }

  indexAt(number) {
    const n = clamp(number, this.last);
    const cols = this.geometry.out[1] || 1;
    return [Math.floor(n / cols), n % cols];
  }

  select(at) {
    this.stop();
    this.setState({ at });
    this.announce();
  }

  play() {
    this.pinned = false;
    this.timer = setInterval(() => {
      this.setState({ at: this.indexAt(this.position + 1) }, "");
      if (this.position === this.last) this.stop();
    }, PACE);
    this.setState(this.position === this.last ? { at: [0, 0] } : {}, "");
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.setState({});
    this.announce();
  }

  onInput(target) {
    const { key, axis } = target.dataset;
    const cell = target.closest("td");
    this.stop();
    if (cell) return this.attempt(() => {
      const [r, c] = this.entryIndex(cell);
      const which = this.table("x").contains(cell) ? "x" : "k";
      this.dirty = true;
      this.editing = target === document.activeElement ? target : null; // an undo changes a cell without focus
      target.ariaInvalid = "true";
      let value = (this.kept = (this.editing && this.kept) ?? this.state[which][r][c]);
      try {
        value = parseEntry(target.textContent);
        target.ariaInvalid = null;
      } finally {
        this.setState({ [which]: this.state[which].map((row, i) => row.map((old, j) => (i === r && j === c ? value : old))) });
      }
    });
    if (target.matches(".scrub")) return this.select(this.indexAt(target.value - 1));
    if (target.matches(".preset")) {
      const raw = target.value;
      if (!raw) return;
      target.value = "";
      const size = shape(this.state[key]);
      const few = size[0] * size[1] > 26 ? [5, 5] : size;
      const next = (below) => Math.floor(Math.random() * below);
      const made =
        raw === "letters" ? makeMatrix(few, (r, c) => String.fromCharCode(97 + r * few[1] + c))
        : raw === "count" ? makeMatrix(size, (r, c) => r * size[1] + c + 1)
        : raw === "random" ? makeMatrix(size, () => (key === "x" ? next(10) : next(7) - 3))
        : JSON.parse(raw);
      this.attempt(() => this.setState({ [key]: parseMatrix(made, key) }, "push"));
    } else if (key) this.setPair(key, Number(axis), Number(target.value));
    else if (target.matches(".op, .flip")) this.setOperation(this.$(".op").value, this.$(".flip").checked);
  }

  /** Set what a slider controls; on both axes if `axis` is 2 or rows and columns are linked. */
  setPair(key, axis, value) {
    const alike = axis === 2 || (this.$(".both").checked && key !== "x");
    let next = this.state;
    for (const one of [0, 1]) {
      if (!alike && one !== axis) continue;
      const [least, most] = limits(next, key, one);
      const pair = [...this.sliderPair(key, next)];
      pair[one] = clamp(value, most, least);
      next = { ...next, [key]: key === "x" || key === "k" ? resize(next[key], pair) : pair };
    }
    this.setState({ ...next, at: keepWindow(next, this.state) });
    this.announce();
  }

  /** Change the operation. A change between convolution and pooling resets stride, padding and dilation. */
  setOperation(op, flip) {
    const { state: st } = this;
    const change = { op: op === "conv2d" && flip ? "convolve2d" : op };
    if (isPool(op) !== isPool(st.op)) Object.assign(change, { s: isPool(op) ? shape(st.k).map((n) => Math.min(n, 4)) : [1, 1], p: [0, 0], d: [1, 1] });
    if (op === "avg_pool2d") change.d = [1, 1];
    this.setState(change, "push");
    this.announce();
  }

  /** Row and column of the entry in a cell. @returns {Pair} */
  entryIndex = (cell) => cellPosition(cell).map((n, axis) => n - this.rings[cell.closest(".panel").className.at(-1)][axis]);

  onPointer(target) {
    const cell = target ? target.closest("td") : null;
    const hoverY = cell?.matches(".y td:not(.ring)") && !this.pinned && !this.timer ? this.entryIndex(cell) : null;
    const hoverX = cell?.matches(".x td:not(.ring)") ? this.entryIndex(cell) : null;
    if (same(hoverY, this.hoverY) && same(hoverX, this.hoverX)) return;
    Object.assign(this, { hoverY, hoverX });
    this.renderStep();
  }

  onFocus(target) {
    if (!target.matches("[contenteditable^=p]")) return;
    setProps(target.closest("table").querySelector("[tabindex='0']"), { tabIndex: -1 });
    target.tabIndex = 0;
    getSelection().selectAllChildren(target);
    this.editing = target;
    this.hoverX = target.closest(".x") ? this.entryIndex(target) : null;
    this.renderStep();
  }

  onCellBlur() {
    this.editing.ariaInvalid = null;
    Object.assign(this, { editing: null, kept: null, dirty: true, hoverX: null, error: "" });
    this.renderState();
    this.dirty = false;
    this.renderStep();
  }

  onKey(event) {
    const cell = event.target.closest("td:not(.ring)");
    if (!cell || event.altKey || event.metaKey) return;
    const which = cell.closest(".y") ? "y" : cell.closest(".x") ? "x" : "k";
    const lines = this.cells[which].map((line) => line.filter((one) => !one.matches(".ring"))).filter((line) => line.length);
    const r = lines.findIndex((line) => line.includes(cell));
    const c = lines[r].indexOf(cell);
    const to = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      Home: [event.ctrlKey ? 0 : r, 0], End: [event.ctrlKey ? Infinity : r, Infinity] }[event.key];
    if (to) {
      const [i, j] = to.map((n, axis) => clamp(n, (axis ? lines[0] : lines).length - 1));
      if (which === "y") this.select([i, j]);
      lines[i][j].focus();
    } else if (event.key === "Enter" || event.key === " ") which === "y" && cell.click();
    else if (event.key === "Escape" && this.editing) {
      this.onCellBlur();
      cell.focus();
      getSelection().selectAllChildren(cell);
    } else return;
    event.preventDefault();
  }

  onPaste(event) {
    const panel = event.target.closest("td")?.closest(".x, .k");
    const text = event.clipboardData.getData("text/plain").trim();
    if (!panel || !/[\s;[]|,.*,/.test(text)) return; // one decimal comma is typed
    event.preventDefault();
    this.editing = null;
    this.pasteText(text, panel.matches(".x") ? "x" : "k");
  }

  pasteText(text, which) {
    this.attempt(() => this.setState({ [which]: parseText(text, which) }, "push"));
  }

  attempt(f) {
    try {
      f();
    } catch (error) {
      this.error = message(error);
      this.renderStep();
    }
    this.announce();
  }

  say = (text) => this.setText(this.$(".said"), text);

  /** Announce what is shown to screen readers after a pause, but not while playing. */
  announce() {
    clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => {
      if (!this.timer) this.say(this.error || this.geometry.why || describe(this.state, this.geometry, this.state.at));
    }, 400);
  }
}

const message = (error) => (error instanceof RangeError ? error.message : "This is no state of an explorer.");
const same = (a, b) => String(a) === String(b);
const setStyle = (el, css) => el.css === css || (el.style.cssText = el.css = css);
/** Set only the properties that differ, since each assignment may cost a layout. */
const setProps = (el, values) => {
  for (const key in values) if (String(el[key]) !== String(values[key])) el[key] = values[key];
};
/** Numbers and identifiers in MathML. Operators are left out, since their layout depends on their text. */
const TEXTS = /(<m[in][^>]*>)([^<]+)/g;
/** @type {Map<string, Element>} Parsed MathML without its texts, for cloning. */
const FRAMES = new Map();
/** Give an element these pieces. Pieces with the same key stay in place, and where only numbers and letters differ,
    only these are updated, since layout is slow. Terms no longer needed are hidden, since they may be needed again.
    @param {any} el @param {Piece[]} pieces */
function typeset(el, pieces) {
  setProps(el, { hidden: !pieces.length });
  const old = el.pieces ?? new Map();
  const now = (el.pieces = new Map(pieces.map(({ key, mathml }, i) => [key ?? i, mathElement(mathml, old.get(key ?? i))])));
  const shown = [...now.values()];
  for (const [key, math] of old)
    if (now.get(key) !== math) now.has(key) || !pieces[0]?.key ? removePiece(math) : now.set(key, hide(math));
  let next = el.firstElementChild;
  for (const math of shown) {
    while (next?.ariaHidden && next !== math) next = next.nextElementSibling;
    if (math === next) next = next.nextElementSibling;
    else addPiece(el, math, next);
    if (math.ariaHidden) hide(math, null);
  }
}
/** Insert those of these pieces that are not yet shown, but hidden: laying them out ahead of time is most of the work.
    @param {any} el @param {Piece[]} pieces */
function prepare(el, pieces) {
  const now = el.pieces;
  for (const [key, math] of now) if (math.ariaHidden && !pieces.some((piece) => piece.key === key)) now.delete(key), removePiece(math);
  let next = el.firstElementChild;
  for (const { key, mathml } of pieces) {
    const there = now.get(key);
    const math = there && !there.ariaHidden ? there : mathElement(mathml, there);
    if (math !== there) {
      addPiece(el, math, next);
      now.set(key, hide(math));
      if (there) removePiece(there);
    }
    next = math.nextElementSibling;
  }
}
/** Hide a piece and the space before it but keep its layout, or show both again. */
function hide(math, hidden = true) {
  math.ariaHidden = hidden;
  math.previousSibling.data = hidden ? "" : " ";
  return math;
}
/** An element for this MathML: the previous one with new texts if the structure is the same, otherwise a new one.
    @param {string} mathml @param {any} there */
function mathElement(mathml, there) {
  if (there?.mathml === mathml) return there;
  const frame = mathml.replace(TEXTS, "$1");
  const math = there?.frame === frame ? there : clonePiece(frame);
  [...mathml.matchAll(TEXTS)].forEach(([, , text], i) => math.texts[i].data !== text && (math.texts[i].data = text));
  math.mathml = mathml;
  return math;
}
/** A new element with empty texts. Cloning is faster than parsing MathML. */
function clonePiece(frame) {
  if (FRAMES.size > 99) FRAMES.clear();
  if (!FRAMES.has(frame)) {
    const made = document.createElement("template");
    made.innerHTML = `<math>${frame}</math>`;
    for (const leaf of made.content.querySelectorAll("mi, mn")) leaf.append("");
    FRAMES.set(frame, made.content.firstElementChild);
  }
  const math = document.importNode(FRAMES.get(frame), true);
  return Object.assign(math, { frame, texts: [...math.querySelectorAll("mi, mn")].map((leaf) => leaf.firstChild) });
}
/** Insert a piece, preceded by a space, before another one or at the end. */
function addPiece(el, math, next) {
  if (math.parentNode) removePiece(math);
  next ? next.previousSibling.before(" ", math) : el.append(" ", math);
}
/** Remove a piece and the space before it. */
function removePiece(math) {
  math.previousSibling.remove();
  math.remove();
}
/** Add `up` children at the start (or remove `-up`), then add or remove at the end until there are `count`. */
function resizeChildren(parent, tag, up, count) {
  const kids = [...parent.children];
  const make = (n) => range(n).map(() => document.createElement(tag));
  const removed = kids.splice(0, -up);
  kids.unshift(...make(up));
  parent.prepend(...kids.slice(0, Math.max(up, 0)));
  for (const kid of [...removed, ...kids.splice(count)]) kid.remove();
  const last = make(count - kids.length);
  parent.append(...last);
  return kids.concat(last);
}
/** Row and column of a cell in its table, padding included. */
const cellPosition = (el) => [el.closest("tr").rowIndex, el.closest("td").cellIndex];

const registry = globalThis.customElements; // missing outside a browser
registry?.get("cnn-explorer") ?? registry?.define("cnn-explorer", Explorer);
