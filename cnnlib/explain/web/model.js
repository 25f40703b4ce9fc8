// @ts-check
// The state of an explorer: parsing, links, sizes and windows, and the terms of each output entry.

import { decodeStages, encodeStages, parseStages } from "./chain.js";

/** @typedef {number|string} Entry A number, or a letter in place of one. */
/** @import { Stage } from "./chain.js" */
/** @typedef {Entry[][]} Matrix */
/** @typedef {number[]} Pair One value for the rows, one for the columns. */
/** @typedef {"conv2d"|"convolve2d"|"conv_transpose2d"|"max_pool2d"|"avg_pool2d"} Op */
/** @typedef {{op: Op, x: Matrix, k: Matrix, s: Pair, p: Pair, d: Pair, at: Pair, after?: Stage[]}} State
    Operation, input, kernel, stride, padding, dilation, the output entry shown, and the stages that follow. Pooling uses only the shape of `k`. */
/** @typedef {{rows: number[], cols: number[], terms: {r: number, c: number, u: number, v: number, entry: Entry, letter: Entry, weight: Entry,
    weightLetter: string}[], value: number|null}} Step */

export const OPS = ["conv2d", "convolve2d", "conv_transpose2d", "max_pool2d", "avg_pool2d"];
export const RANGE = { x: [1, 12], k: [1, 7], s: [1, 4], p: [0, 3], d: [1, 3] };
export const NAMES = { x: "input", k: "kernel", s: "stride", p: "padding", d: "dilation", at: "output shown" };
const LETTER = /^([A-Za-z])(?:_(\d{1,2}))?$/;

/** @returns {number[]} */
export const range = (n) => Array.from({ length: n }, (_, i) => i);
export const clamp = (n, most, least = 0) => Math.max(least, Math.min(n, most));
/** @param {Matrix} m @returns {Pair} */
export const shape = (m) => [m.length, m[0].length];
/** The pair that a slider controls; for a matrix, its size. @param {State} st @param {string} key @returns {Pair} */
export const pairOf = (st, key) => (key === "x" || key === "k" ? shape(st[key]) : st[key]);
export const formatSize = (size) => size.join("×");
export const isPool = (op) => op.endsWith("pool2d");
/** @template T @param {Pair} size @param {(r: number, c: number) => T} f */
export const makeMatrix = ([rows, cols], f) => range(rows).map((r) => range(cols).map((c) => f(r, c)));

// Parsing and validating states

/** Parse one entry, either typed text or a JSON value. @param {unknown} raw @returns {Entry} */
export function parseEntry(raw) {
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
export function parseMatrix(raw, key) {
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
  return { op: raw.op, x: parseMatrix(raw.x, "x"), k: parseMatrix(raw.k, "k"), s: pair("s"), p: pair("p"), d, at: pair("at", [0, 99]), after: parseStages(raw.after) };
}

/** Encode a state as the part of a link that follows `#id?`. @param {State} st */
export function encode(st) {
  const rows = (m) => m.map((row) => row.join()).join(";");
  return `op=${st.op}&x=${rows(st.x)}&k=${rows(st.k)}&s=${st.s}&p=${st.p}&d=${st.d}&at=${st.at}${st.after?.length ? `&after=${encodeStages(st.after)}` : ""}`;
}

/** Decode what `encode` returned, or throw an error. @returns {State} */
export function decode(text) {
  if (text.length > 4000) throw RangeError("The link is too long.");
  const raw = Object.fromEntries(text.split("&").map((part) => part.split("=")));
  for (const key of ["x", "k"]) raw[key] = parseText(raw[key] ?? "", key);
  for (const key of ["s", "p", "d", "at"]) raw[key] = raw[key]?.split(",").map((n) => (/^\d{1,2}$/.test(n) ? Number(n) : NaN));
  if (raw.after !== undefined) raw.after = decodeStages(raw.after);
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

/** The output index along one axis whose window lies closest to a place in the input.
    @param {Geometry} geometry @param {number} middle Where the middle of the window should be */
export function nearestOutput(geometry, axis, middle) {
  const distances = geometry.axes[axis].taps.map((taps) => Math.abs(windowMiddle(taps) - middle));
  return distances.reduce((best, distance, o) => (distance < distances[best] ? o : best), 0);
}
/** The middle of a window along one axis; far away where no input reaches the output. @param {number[][]} taps */
export const windowMiddle = (taps) => (taps.length ? (taps[0][0] + taps.at(-1)[0]) / 2 : Infinity);

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
        r, c, u, v, entry: found ?? empty, weight: st.k[u][v],
        letter: found === undefined ? empty : letter(st, r, c),
        weightLetter: `k_{${u + 1}${v + 1}}`,
      };
    }),
  );
  return { rows: down.map(([r]) => r), cols: across.map(([c]) => c), terms, value: value(st, geometry, [row, col]) };
}

/** The value of one output entry, or null if it depends on letters. @param {State} st @param {Geometry} geometry
    @param {Pair} at @returns {number|null} */
export function value(st, geometry, [row, col]) {
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
const STRONGEST = 0.3; // the shade of the largest entry, as in cnnlib.explain.scene
/** How strongly to shade each entry: by its size, with its sign; in a matrix with letters not at all.
    @param {(Entry|null)[][]} m */
export function shades(m) {
  const numeric = m.flat().every((e) => typeof e === "number");
  const most = numeric ? Math.max(...m.flat().filter(Number.isFinite).map((/** @type {any} */ e) => Math.abs(e))) : 0;
  return m.map((row) => row.map((/** @type {any} */ e) => (most > 0 && Number.isFinite(e) ? (e / most) * STRONGEST : 0)));
}
/** The shades of the output entries; where letters take part, there are none. @param {State} st @param {Geometry} geometry */
export function outputShades(st, geometry) {
  const numeric = isNumeric(st);
  return shades(makeMatrix(geometry.out, (r, c) => (numeric ? value(st, geometry, [r, c]) : null)));
}

/** All entries that take part in the computation. @param {State} st @returns {Entry[]} */
export const entriesOf = (st) => [st.x, isPool(st.op) ? [] : st.k].flat(2);
/** Whether no letters take part. @param {State} st */
export const isNumeric = (st) => entriesOf(st).every((e) => typeof e === "number");
/** Whether the result is computed from integers alone. @param {State} st */
export const allIntegers = (st) =>
  st.op !== "avg_pool2d" && entriesOf(st).every((e) => typeof e === "string" || Number.isInteger(e));

/** The index of the output entry whose window is closest to the one selected before.
    @param {State} st @param {State} before @returns {Pair} */
export const keepWindow = (st, before) => /** @type {Pair} */ (before.at.map((n, axis) => {
  const [p, old] = [st.p[axis], before.p[axis]];
  return Math.max(0, st.op === "conv_transpose2d" ? n + old - p : Math.round((n * before.s[axis] - old + p) / st.s[axis]));
}));

/** The nearest valid output index. @param {Pair} at @param {Geometry} geometry @returns {Pair} */
export const clampIndex = (at, geometry) => /** @type {Pair} */ (at.map((n, axis) => clamp(n, geometry.out[axis] - 1)));

/** An input of the given size: the entries that fit, and digits. @param {Matrix} m @param {Pair} size @returns {Matrix} */
const resizeInput = (m, size) => makeMatrix(size, (r, c) => m[r]?.[c] ?? (r + c) % 10);
/** A kernel of the given size: the entries around the centre that fit, and zeros. @param {Matrix} m @param {Pair} size @returns {Matrix} */
function resizeKernel(m, size) {
  const [up, back] = shape(m).map((n, axis) => Math.floor((size[axis] - 1) / 2) - Math.floor((n - 1) / 2));
  return makeMatrix(size, (r, c) => m[r - up]?.[c - back] ?? 0);
}
export const resize = { x: resizeInput, k: resizeKernel };
