// @ts-check
// Pure functions first, then the element.

/** @typedef {number|string} Entry A number, or a letter that stands for one. */
/** @typedef {Entry[][]} Matrix */
/** @typedef {number[]} Pair Rows, then columns. */
/** @typedef {"conv2d"|"convolve2d"|"conv_transpose2d"|"max_pool2d"|"avg_pool2d"} Op */
/** @typedef {{op: Op, x: Matrix, k: Matrix, s: Pair, p: Pair, d: Pair, at: Pair}} State Of
    a pooling, only the kernel's shape counts. */
/** @typedef {{tex: string, mathml: string, key?: string}} Piece A part of an equation that is never broken; the
    key says which part it is, whatever its numbers are. */
/** @typedef {{rows: number[], cols: number[], terms: {r: number, c: number, entry: Entry, letter: Entry, weight: Entry,
    weightLetter: string}[], value: number|null}} Step */

export const OPS = ["conv2d", "convolve2d", "conv_transpose2d", "max_pool2d", "avg_pool2d"];
const RANGE = { x: [1, 12], k: [1, 7], s: [1, 4], p: [0, 3], d: [1, 3] };
const NAMES = { x: "input", k: "kernel", s: "stride", p: "padding", d: "dilation", at: "output shown" };
const LETTER = /^([A-Za-z])(?:_(\d{1,2}))?$/;

/** @returns {number[]} */
const range = (n) => Array.from({ length: n }, (_, i) => i);
const clamp = (n, most, least = 0) => Math.max(least, Math.min(n, most));
/** @param {Matrix} m @returns {Pair} */
export const shape = (m) => [m.length, m[0].length];
const times = (size) => size.join("×");
export const isPool = (op) => op.endsWith("pool2d");
/** @template T @param {Pair} size @param {(r: number, c: number) => T} f */
const grid = ([rows, cols], f) => range(rows).map((r) => range(cols).map((c) => f(r, c)));

// What a state may hold

/** Read one entry, as typed or as JSON has it. @param {unknown} raw @returns {Entry} */
function entry(raw) {
  if (typeof raw === "string") {
    const text = raw.trim().replace("−", "-");
    if (LETTER.test(text)) return text;
    raw = /^[-+]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
  }
  if (typeof raw !== "number" || !(Math.abs(raw) < 1e6)) throw RangeError("An entry is a number between -1000000 and 1000000, or a letter.");
  return Number(raw.toPrecision(6)) + 0;
}

/** @param {any} raw @returns {Matrix} */
function matrix(raw, key) {
  const most = key === "x" ? RANGE.x[1] : RANGE.k[1];
  const fits = (list) => Array.isArray(list) && list.length > 0 && list.length <= most;
  if (!fits(raw) || !raw.every((row) => fits(row) && row.length === raw[0].length))
    throw RangeError(`The ${NAMES[key]} is a matrix with rows of equal length, of at most ${most}×${most} entries.`);
  return raw.map((row) => row.map(entry));
}

/** Make a state of anything, or say in one sentence why not. @param {any} raw @returns {State} */
export function check(raw) {
  if (!OPS.includes(raw?.op)) throw RangeError(`The operation is one of ${OPS.join(", ")}.`);
  const pair = (key, [least, most] = RANGE[key]) => {
    const found = raw[key] ?? [least, least];
    if (!Array.isArray(found) || found.length !== 2 || !found.every((n) => Number.isInteger(n) && n >= least && n <= most))
      throw RangeError(`The ${NAMES[key]} is a pair of whole numbers from ${least} to ${most}.`);
    return found.slice();
  };
  const d = raw.op === "avg_pool2d" ? [1, 1] : pair("d");
  return { op: raw.op, x: matrix(raw.x, "x"), k: matrix(raw.k, "k"), s: pair("s"), p: pair("p"), d, at: pair("at", [0, 99]) };
}

/** Write a state as the part of a link after `#id?`. @param {State} st */
export function encode(st) {
  const rows = (m) => m.map((row) => row.join()).join(";");
  return `op=${st.op}&x=${rows(st.x)}&k=${rows(st.k)}&s=${st.s}&p=${st.p}&d=${st.d}&at=${st.at}`;
}

/** Read what `encode` wrote, or refuse it. @returns {State} */
export function decode(text) {
  if (text.length > 4000) throw RangeError("The link is too long.");
  const raw = Object.fromEntries(text.split("&").map((part) => part.split("=")));
  for (const key of ["x", "k"]) raw[key] = paste(raw[key] ?? "", key);
  for (const key of ["s", "p", "d", "at"]) raw[key] = raw[key]?.split(",").map((n) => (/^\d{1,2}$/.test(n) ? Number(n) : NaN));
  return check(raw);
}

/** Read a matrix as text: cells of a spreadsheet, a Python list, numbers in lines. @returns {Matrix} */
export function paste(text, key) {
  const lines = text
    .slice(0, 9999)
    .replace(/array|tensor|[()"']/g, "")
    .split(/\][\s,]*\[|[\r\n;]+/)
    .map((line) => line.replace(/[[\]]/g, " ").trim().replace(/,$/, ""))
    .filter(Boolean);
  return matrix(lines.map((line) => line.split(/\s*[,\t]\s*|\s+/)), key);
}

/** The numbers of one axis; `out` says how many outputs there are. @param {State} st */
function measure(st, axis, change = {}) {
  const a = { n: shape(st.x)[axis], k: shape(st.k)[axis], s: st.s[axis], p: st.p[axis], d: st.d[axis], ...change };
  const span = a.d * (a.k - 1) + 1;
  const out = st.op === "conv_transpose2d" ? (a.n - 1) * a.s - 2 * a.p + span : Math.floor((a.n + 2 * a.p - span) / a.s) + 1;
  return { ...a, span, out };
}

/** Along one axis, for each output, the pairs [input, kernel entry] it is made of. @param {State} st */
function along(st, axis) {
  const a = measure(st, axis);
  const flip = st.op === "convolve2d";
  const taps = range(a.out).map(st.op === "conv_transpose2d"
    ? (o) => range(a.n).map((i) => [i, (o + a.p - i * a.s) / a.d]).filter(([, u]) => u >= 0 && u < a.k && Number.isInteger(u))
    : (o) => range(a.k).map((u) => [o * a.s - a.p + u * a.d, flip ? a.k - 1 - u : u]));
  return { ...a, taps };
}

/** Sizes and windows of a state; `why` says in a sentence why nothing comes out. @param {State} st */
export function geometry(st) {
  const axes = [along(st, 0), along(st, 1)];
  const of = (key) => axes.map((a) => a[key]);
  const fit = axes.every((a) => a.out > 0);
  let why = "";
  if (st.op === "conv_transpose2d") {
    if (!fit) why = `Padding ${times(of("p"))} leaves nothing of the output ${times(axes.map((a) => a.out + 2 * a.p))}.`;
  } else if (!fit) {
    const spans = times(of("span")) === times(of("k")) ? "" : ` with dilation ${times(of("d"))} spans ${times(of("span"))}, which`;
    const fits = Math.max(...axes.map((a) => -Math.floor((a.n - a.span) / 2)));
    why = `Kernel ${times(of("k"))}${spans} is larger than the padded input ${times(axes.map((a) => a.n + 2 * a.p))}; padding of ${fits} or more would fit.`;
  } else if (isPool(st.op) && axes.some((a) => 2 * a.p > a.span))
    why = `Padding ${times(of("p"))} is more than half of the window ${times(of("span"))}: windows at the border could hold no input.`;
  return { axes, why, out: /** @type {Pair} */ (why ? [0, 0] : of("out")) };
}
/** @typedef {ReturnType<typeof geometry>} Geometry */

/** Rows (or columns) of the input that no window reads. @param {Geometry} geo */
export function unread(geo, axis) {
  const read = new Set(geo.axes[axis].taps.flat().map(([i]) => i));
  return range(geo.axes[axis].n).filter((i) => !read.has(i));
}

/** What each control may be set to, all others kept: least and most. @param {State} st @returns {Pair} */
export function limits(st, key, axis) {
  const [least, most] = RANGE[key];
  if (key === "d" && st.op === "avg_pool2d") return [1, 1];
  const fits = (v) => {
    const a = measure(st, axis, { [key === "x" ? "n" : key]: v });
    return a.out > 0 && !(isPool(st.op) && 2 * a.p > a.span);
  };
  const fitting = range(most + 1).slice(least).filter(fits);
  return fitting.length ? [fitting[0], fitting.at(-1)] : [least, most];
}

/** The letter that stands for an input entry. @param {State} st */
function letter(st, r, c) {
  const [rows, cols] = shape(st.x);
  return rows * cols > 26 ? `x_{${r + 1},${c + 1}}` : String.fromCharCode(97 + r * cols + c);
}

const padding = (st) => (st.op === "max_pool2d" ? -Infinity : 0);
const ringOf = (st) => (st.op === "conv_transpose2d" ? [0, 0] : st.p);

/** One output entry and all that it is made of. @param {State} st @param {Geometry} geo
    @param {Pair} at @returns {Step} */
export function step(st, geo, [row, col]) {
  const [down, across] = [geo.axes[0].taps[row], geo.axes[1].taps[col]];
  const empty = padding(st);
  const terms = down.flatMap(([r, u]) =>
    across.map(([c, v]) => {
      const found = st.x[r]?.[c];
      return {
        r, c, entry: found ?? empty, weight: st.k[u][v],
        get letter() { return found === undefined ? empty : letter(st, r, c); },
        get weightLetter() { return `k_{${u + 1}${v + 1}}`; },
      };
    }),
  );
  return { rows: down.map(([r]) => r), cols: across.map(([c]) => c), terms, value: value(st, geo, [row, col]) };
}

/** The value of one output; nothing, if letters are in it. @param {State} st @param {Geometry} geo
    @param {Pair} at @returns {number|null} */
function value(st, geo, [row, col]) {
  const empty = padding(st);
  const pool = isPool(st.op);
  let [sum, most, count] = [0, -Infinity, 0];
  for (const [r, u] of geo.axes[0].taps[row])
    for (const [c, v] of geo.axes[1].taps[col]) {
      const e = st.x[r]?.[c] ?? empty;
      const w = pool ? 1 : st.k[u][v];
      if (typeof e === "string" || typeof w === "string") return null;
      sum += e * w;
      most = Math.max(most, e);
      count += 1;
    }
  return (st.op === "max_pool2d" ? most : st.op === "avg_pool2d" ? sum / count : sum) + 0;
}

/** Print a number as Python does: whole ones whole if all are (`exact`), else six digits. */
function numberText(v, exact) {
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "-∞";
  if (v === 0 || (exact && Number.isInteger(v))) return String(v);
  let [digits, power] = v.toExponential(5).split("e");
  // A tie goes to the even digit, as in Python; toExponential rounds it up.
  if (Number(v.toPrecision(7)) === v) {
    const [long] = v.toExponential(60).split("e");
    const cut = long.indexOf(".") + 6;
    if (/^50*$/.test(long.slice(cut)) && "02468".includes(long[cut - 1])) digits = long.slice(0, cut);
  }
  const e = Number(power);
  if (e < -4 || e > 5) return `${Number(digits)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
  return String(Number(`${digits}e${e}`));
}

/** All entries that a state computes with. @param {State} st @returns {Entry[]} */
const entriesOf = (st) => [st.x, isPool(st.op) ? [] : st.k].flat(2);
/** Whether all that a state computes with is whole. @param {State} st */
export const exact = (st) =>
  st.op !== "avg_pool2d" && entriesOf(st).every((e) => typeof e === "string" || Number.isInteger(e));

export const plain = (e, whole = true) =>
  typeof e === "number" ? numberText(e, whole).replace("-", "−") : e.replace(/_\{?([\d,]+)\}?/, (_, n) => low(n));
const low = (digits) => digits.replace(/\d/g, (n) => String.fromCharCode(0x2080 + Number(n))); // U+2080 is the subscript zero
/** What stands in the output cells. @param {State} st @param {Geometry} geo */
export function outputs(st, geo) {
  const whole = exact(st);
  return grid(geo.out, (r, c) => {
    const v = value(st, geo, [r, c]);
    return v === null ? `Y${low(`${r + 1}${r > 8 || c > 8 ? "," : ""}${c + 1}`)}` : plain(v, whole);
  });
}

// Equations: the same pieces as cnnlib.explain.equations writes

/** @returns {Piece} */
const join = (...pieces) => ({ tex: pieces.map((p) => p.tex).join(" "), mathml: pieces.map((p) => p.mathml).join("") });
/** @returns {Piece} */
const operator = (sign) => ({ tex: sign, mathml: `<mo form="infix">${sign}</mo>` });
const [open, close] = ["(", ")"].map((sign) => `<mo stretchy="false">${sign}</mo>`);
const dot = { tex: "\\cdot", mathml: "<mo>·</mo>" };
const cls = (role) => (role ? ` class="${role}"` : "");

/** Print one entry: a number, in brackets if negative, or a letter. @returns {Piece} */
function piece(e, role = "", bracket = true, whole = true) {
  if (typeof e === "string") {
    const [name, index] = e.replace(/[{}]/g, "").split("_");
    if (index === undefined) return { tex: name, mathml: `<mi${cls(role)}>${name}</mi>` };
    const below = index.split(",").map((n) => `<mn>${n}</mn>`).join("<mo>,</mo>");
    return { tex: `${name}_{${index}}`, mathml: `<msub${cls(role)}><mi>${name}</mi><mrow>${below}</mrow></msub>` };
  }
  const text = numberText(e, whole);
  const size = text.replace("-", text[0] === "-" ? "" : "-");
  const mathml = size === "∞" ? `<mi${cls(role)}>∞</mi>` : `<mn${cls(role)}>${size}</mn>`;
  const tex = text.replace("∞", "\\infty");
  if (text[0] !== "-") return { tex, mathml };
  const signed = `<mrow${cls(role)}><mo form="prefix">−</mo>${mathml}</mrow>`;
  return bracket ? { tex: `(${tex})`, mathml: `<mrow>${open}${signed}${close}</mrow>` } : { tex, mathml: signed };
}

/** @returns {Piece} */
function bracketed(lines, role) {
  const table = lines.map((line) => line.map((e) => piece(e, role, false)));
  return {
    tex: `\\begin{bmatrix} ${table.map((line) => line.map((p) => p.tex).join(" & ")).join(" \\\\ ")} \\end{bmatrix}`,
    mathml: `<mrow><mo stretchy="true">[</mo><mtable>${table
      .map((line) => `<mtr>${line.map((p) => `<mtd>${p.mathml}</mtd>`).join("")}</mtr>`)
      .join("")}</mtable><mo stretchy="true">]</mo></mrow>`,
  };
}

/** The equation of one output: its name, then with symbols, with numbers, and its value.
    @param {State} st @param {Geometry} geo @param {Pair} at @returns {Piece[][]} */
export function equation(st, geo, at) {
  const { terms, cols, value: result } = step(st, geo, at);
  const whole = exact(st);
  const name = piece(`Y_{${at[0] + 1},${at[1] + 1}}`, "output");
  const write = (which) => {
    if (!isPool(st.op))
      return terms.map((t, i) =>
        ({ ...join(operator(i ? "+" : "="), piece(t[which], "input"), dot, piece(which === "entry" ? t.weight : t.weightLetter, "kernel")), key: t.weightLetter }),
      );
    const entries = terms.map((t) => t[which]);
    if (st.op === "max_pool2d") {
      const lines = range(entries.length / cols.length).map((r) => entries.slice(r * cols.length, (r + 1) * cols.length));
      return [join(operator("="), { tex: "\\max", mathml: '<mo lspace="0" rspace="0.17em">max</mo>' }, bracketed(lines, "input"))];
    }
    const total = join(...entries.flatMap((e) => [operator("+"), piece(e, "input")]).slice(1));
    const count = piece(entries.length);
    return [join(operator("="), { tex: `\\frac{${total.tex}}{${count.tex}}`, mathml: `<mfrac><mrow>${total.mathml}</mrow>${count.mathml}</mfrac>` })];
  };
  const end = result === null ? [] : [join(operator("="), piece(result, "output", false, whole))];
  return [[name], write("letter"), write("entry"), end];
}

/** The formula of the output's size along one axis, this moment's numbers in it.
    @param {State} st @param {Geometry} geo @returns {Piece[]} */
export function sizeFormula(st, geo, axis) {
  const { n, k, s, p, d, out } = geo.axes[axis];
  const row = (text) => text.match(/\d+|\S/g).map((part) => ({ "(": open, ")": close })[part] ?? (/\d/.test(part) ? `<mn>${part}</mn>` : `<mo>${part}</mo>`)).join("");
  const reach =
    st.op === "conv_transpose2d"
      ? row(`(${n} − 1) · ${s} − 2 · ${p} + ${d} · (${k} − 1)`)
      : `<mo>⌊</mo><mfrac><mrow>${row(`${n} + 2 · ${p} − ${d} · (${k} − 1) − 1`)}</mrow><mn>${s}</mn></mfrac><mo>⌋</mo>`;
  return [{ tex: "", mathml: reach }, join(operator("+"), piece(1)), join(operator("="), piece(out, "output"))];
}

export const tex = (pieces) => pieces.map((p) => p.tex).join(" ");

/** Say one step aloud. @param {State} st @param {Geometry} geo @param {Pair} at */
export function spoken(st, geo, at) {
  const { terms, value: v } = step(st, geo, at);
  const where = `Output row ${at[0] + 1}, column ${at[1] + 1}`;
  const ends = v === null ? "" : ` equals ${plain(v, exact(st))}`;
  if (isPool(st.op)) return `${where}: ${st.op === "max_pool2d" ? "maximum" : "mean"} of ${terms.map((t) => plain(t.entry)).join(", ")}${ends}.`;
  if (terms.length > 9) return `${where}: the sum of ${terms.length} products${ends}.`;
  return `${where}: ${terms.map((t) => `${plain(t.entry)} times ${plain(t.weight)}`).join(", plus ") || "nothing reaches it,"}${ends}.`;
}

// What reproduces a state elsewhere

/** Code that computes exactly this. @param {State} st @returns {{cnnlib: string, torch: string}} */
export function code(st) {
  const pool = isPool(st.op);
  const list = (m) => JSON.stringify(m).replaceAll(",", ", ").replaceAll('"', "");
  const pair = (/** @type {Pair} */ [a, b]) => (a === b ? `${a}` : `(${a}, ${b})`);
  const window = pair(shape(st.k));
  const usual = { s: pool ? window : "1", p: "0", d: "1" };
  const geometry = (keys) => [...keys].map((key) => (pair(st[key]) === usual[key] ? "" : `, ${NAMES[key]}=${pair(st[key])}`)).join("");
  const letters = [...new Set(entriesOf(st))].filter((e) => typeof e === "string");
  const write = (head, array, call, keys = "spd", end = "") =>
    [...head, `X = ${array(st.x)}`, pool ? "" : `K = ${array(st.k)}`, `Y = ${call}${geometry(keys)})${end}`].filter(Boolean).join("\n");
  const symbols = ["from sympy import symbols", `${letters.join(", ")} = symbols("${letters.join(" ")}")`];
  const floats = st.op === "max_pool2d" && Math.max(...st.p) ? ", dtype=float" : "";
  const head = ["import numpy as np", `from cnnlib import ${st.op}`, ...(letters[0] ? symbols : [])];
  const cnnlib = write(head, (m) => `np.array(${list(m)}${floats})`, `${st.op}(X, ${pool ? window : "K"}`);
  if (letters[0]) return { cnnlib, torch: "# PyTorch computes with numbers: put some in place of the letters." };
  const [name, kernel] = st.op === "convolve2d" ? ["conv2d", "K.flip(0, 1)[None, None]"] : [st.op, "K[None, None]"];
  const tensor = (m) => `torch.tensor(${list(m)}, dtype=torch.float64)`;
  // PyTorch pads a pooling by half of the kernel at most, even where dilation spreads it wider.
  const [rows, cols] = st.p;
  const far = pool && st.p.some((p, axis) => 2 * p > shape(st.k)[axis]);
  const x = far ? `F.pad(X[None, None], (${cols}, ${cols}, ${rows}, ${rows}), value=-torch.inf)` : "X[None, None]";
  const torch = write(["import torch", "import torch.nn.functional as F"], tensor, `F.${name}(${x}, ${pool ? window : kernel}`, far ? "sd" : "spd", "[0, 0]");
  return { cnnlib, torch };
}

/** The output whose window lies where another state's did, as near as the stride allows.
    @param {State} st @param {State} before @returns {Pair} */
const kept = (st, before) => /** @type {Pair} */ (before.at.map((n, axis) => {
  const [p, old] = [st.p[axis], before.p[axis]];
  return Math.max(0, st.op === "conv_transpose2d" ? n + old - p : Math.round((n * before.s[axis] - old + p) / st.s[axis]));
}));

/** The nearest output that there is. @param {Pair} at @param {Geometry} geo @returns {Pair} */
const inside = (at, geo) => /** @type {Pair} */ (at.map((n, axis) => clamp(n, geo.out[axis] - 1)));

/** A matrix of another size: what is there is kept. @param {Matrix} m @param {Pair} size @returns {Matrix} */
const resized = (m, size) => grid(size, (r, c) => m[r]?.[c] ?? (r + c) % 10);

// The element

const PACE = 1100; // milliseconds that a step is shown while playing

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

class Explorer extends Base {
  /** @type {State} */ state;
  /** @type {State} */ first;
  /** @type {Geometry} */ geo;
  /** @type {Record<string, HTMLTableCellElement[][]>} */ cells = { x: [], k: [], y: [] };
  /** @type {HTMLElement|undefined} */ chosen; // the cell of the output that stays shown
  rings = { x: [0, 0], k: [0, 0], y: [0, 0] }; // rows and columns around the entries
  /** @type {Record<string, HTMLElement[]>} */ classed = {}; // cells that have a class for now
  lost = ""; // which rows and columns stride and padding lose
  /** @type {Pair|null} */ over = null; // the output under the pointer
  /** @type {Pair|null} */ feeding = null; // the input entry under the pointer
  ends = new AbortController();
  complaint = "";
  pinned = false;
  typing = null; // the cell somebody is typing in
  typed = false; // whether cells may hold what the state does not
  timer = 0;
  idle = 0;
  saving = 0;
  saying = 0;

  connectedCallback() {
    this.ends = new AbortController();
    const { signal } = this.ends;
    const on = (target, types, f) => types.split(" ").forEach((type) => target.addEventListener(type, f, { signal }));
    if (!this.state) {
      try {
        this.first = check(JSON.parse(this.dataset.state));
      } catch (error) {
        this.append(Object.assign(document.createElement("p"), { className: "wrong", textContent: message(error) }));
        return;
      }
      this.replaceChildren(this.$("template").content);
      this.classList.add("live");
      if (!this.id) this.act("link").remove();
      this.toggle(this.dataset.form === "full");
      this.$(".both").checked = ["s", "p", "d"].every((key) => this.first[key][0] === this.first[key][1]);
      this.set(this.first, "");
    }
    on(this, "click", (e) => this.click(e.target));
    on(this, "input", (e) => this.input(e.target));
    on(this, "focusin", (e) => this.focused(e.target));
    on(this, "focusout", (e) => e.target === this.typing && this.left());
    on(this, "keydown", (e) => this.key(e));
    on(this, "paste", (e) => this.pasted(e));
    on(this, "submit", (e) => {
      e.preventDefault();
      this.fill(this.$("textarea").value, e.submitter.name);
    });
    on(this, "pointerover pointerleave", (e) => e.pointerType === "mouse" && this.point(e.type === "pointerover" && e.target));
    on(window, "hashchange", () => this.restore());
    on(document, "copy", () => this.prepare([])); // what is hidden is not for copying
    on(document, "visibilitychange", () => document.hidden && this.stop());
    const watch = new IntersectionObserver((seen) => seen.at(-1).isIntersecting || this.stop());
    watch.observe(this);
    on(signal, "abort", () => watch.disconnect());
    this.restore();
  }

  disconnectedCallback() {
    this.stop();
    clearTimeout(this.saving);
    clearTimeout(this.saying);
    this.ends.abort();
  }

  /** @type {Record<string, any[]>} */ parts = {};
  /** The parts that the template brought; they stay, so each is looked for once. */
  $$ = (selector) => (this.parts[selector] ??= [...this.querySelectorAll(selector)]);
  $ = (selector) => this.$$(selector)[0];
  act = (name) => this.$(`[data-act="${name}"]`);
  table = (which) => this.$(`.${which} table`);

  /** Change the state; `how` says what becomes of the page's address: a preset adds an entry to the
      history, typing replaces the last one. @param {Partial<State>} change @param {"push"|"replace"|""} [how] */
  set(change, how = "replace") {
    const before = this.state;
    const st = { ...before, ...change };
    const other = Object.keys(change).some((key) => key !== "at");
    if (other) this.geo = geometry(st);
    st.at = inside(st.at, this.geo);
    this.state = st;
    this.over = null;
    this.complaint = "";
    if (other) this.show();
    this.draw();
    clearTimeout(this.saving);
    if (!how || !this.id) return;
    const noted = (state) => ({ ...history.state, [this.id]: encode(state) });
    const save = (way) => history[`${way}State`](noted(st), "", `#${this.id}?${encode(st)}`);
    if (how === "push") {
      history.replaceState(noted(before), "");
      save(how);
    } else this.saving = setTimeout(save, 300, how);
  }

  /** Take the state from the address, if it is meant for this explorer, or from where the history led. */
  restore() {
    const start = `#${this.id}?`;
    const own = this.id && location.hash.startsWith(start);
    const text = own ? location.hash.slice(start.length) : history.state?.[this.id];
    if (!text) return;
    this.attempt(() => this.set(decode(text), ""));
    if (own) this.scrollIntoView();
  }

  /** Show what depends on the state alone. */
  show() {
    const { state: st, geo } = this;
    const [ring, cut] = [ringOf(st), geo.why || st.op !== "conv_transpose2d" ? [0, 0] : st.p];
    const high = Math.max(shape(st.x)[1] + 2 * ring[1], geo.out[1] + 2 * cut[1]) > 8 ? 2 : 2.35;
    this.toggleAttribute("data-pool", isPool(st.op));
    this.grid("x", high, st.x, ring, plain(padding(st)));
    this.grid("k", high, st.k);
    // More padding adds windows before the first: what the others gave goes with its cells.
    this.grid("y", high, outputs(st, geo), cut, "", st.op === "conv_transpose2d" ? [0, 0] : st.p.map((p, axis) => Math.floor(p / st.s[axis])));
    const gone = [0, 1].map((axis) => (geo.why ? [] : unread(geo, axis)));
    this.only("gone", st.x.flatMap((line, r) => line.map((_, c) => (gone[0].includes(r) || gone[1].includes(c)) && this.cell("x", [r, c]))));
    this.lost = gone.map((list, axis) => (list.length ? `${axis ? "Columns" : "Rows"} under no window: ${list.map((n) => n + 1).join(", ")}. ` : "")).join("");
    if (Math.max(...cut)) this.lost += "Padding cuts the hatched edge off.";
    this.controls();
  }

  /** Show one output, the chosen one or the one under the pointer: its window, equation and place. */
  draw() {
    const { state: st, geo, feeding } = this;
    const shown = this.over ?? st.at;
    const now = geo.why ? { rows: [], cols: [], terms: [], value: null } : step(st, geo, shown);
    const { terms, rows, cols } = now;
    // The weights lie on the window and move with it.
    const frame = this.$(".x i");
    const taps = frame.taps ?? new Map();
    frame.taps = new Map(terms.map((t) => {
      const css = `left:calc(${t.c - cols[0]}*var(--wide));top:calc(${t.r - rows[0]}*var(--high))`;
      const tap = taps.get(css) ?? frame.appendChild(document.createElement("u"));
      style(tap, css);
      this.write(tap, isPool(st.op) ? "" : `×${plain(t.weight)}`);
      return [css, tap];
    }));
    for (const [css, tap] of taps) if (!frame.taps.has(css)) tap.remove();
    // A frame moves over the cells that stay, not with what padding adds before them.
    const move = (which, at, size) => {
      const { ahead } = this.table(which);
      const [down, right] = at.map((n, axis) => n + this.rings[which][axis] - ahead[axis]);
      style(this.$(`.${which} i`), `top:calc(${ahead[0]}*var(--high) + 3px);left:calc(${ahead[1]}*var(--wide) + 3px);translate:calc(${right}*var(--wide)) calc(${down}*var(--high));` +
        `width:calc(${size[1]}*var(--wide) + 1px);height:calc(${size[0]}*var(--high) + 1px);outline-width:${size[1] && 3}px`);
    };
    const [chosen, current] = [this.cell("y", st.at), this.cell("y", shown)];
    if (terms.length) move("x", [rows[0], cols[0]], [rows, cols].map((n) => n.at(-1) - n[0] + 1));
    else move("x", [0, 0], [0, 0]);
    move("y", shown, current ? [1, 1] : [0, 0]);
    const fed = (axis, o) => geo.axes[axis].taps[o].some(([i]) => i === feeding[axis]);
    const feeds = feeding ? grid(geo.out, (r, c) => fed(0, r) && fed(1, c) && this.cell("y", [r, c])).flat().filter(Boolean) : [];
    this.only("best", terms.map((t) => st.op === "max_pool2d" && t.entry === now.value && this.cell("x", [t.r, t.c])));
    this.only("now", [current]);
    this.only("pinned", [this.pinned && chosen]);
    this.only("from", [feeding && this.cell("x", feeding)]);
    this.only("fed", feeds);
    if (this.chosen && this.chosen !== chosen) put(this.chosen, { ariaSelected: "false", tabIndex: -1 });
    this.chosen = chosen;
    if (chosen) put(chosen, { ariaSelected: "true", tabIndex: 0 });
    const goes = feeding && `X row ${feeding[0] + 1}, column ${feeding[1] + 1} feeds outputs: ${feeds.length}.`;
    const wrong = this.complaint || geo.why;
    this.write(this.$(".note"), wrong || goes || this.lost);
    this.$(".note").classList.toggle("wrong", wrong);
    this.equations(shown);
    this.steps(shown);
  }

  equations(shown) {
    const lines = this.geo.why ? [] : equation(this.state, this.geo, shown);
    this.$$(".sums .equation").forEach((line, i) => typeset(line, lines[i] ?? []));
    this.idle ||= (globalThis.requestIdleCallback ?? setTimeout)(() => this.ready());
  }

  /** While nothing happens, make the terms ready that a larger kernel would add. */
  ready() {
    this.idle = 0;
    const { state: st, geo, timer } = this;
    if (geo.why || isPool(st.op) || timer || this.$(".more").hidden) return;
    const next = { ...st, k: resized(st.k, shape(st.k).map((n, axis) => Math.min(n + 1, limits(st, "k", axis)[1]))) };
    const then = geometry(next);
    this.prepare(equation(next, then, inside(st.at, then)));
  }

  prepare(lines) {
    for (const i of [1, 2]) prepare(this.$$(".sums .equation")[i], lines[i] ?? []);
  }

  steps(shown) {
    const count = this.last + 1;
    const number = count && shown[0] * this.geo.out[1] + shown[1] + 1;
    const ariaValueText = `${number} of ${count}`;
    this.write(this.$(".where"), ariaValueText);
    put(this.$(".scrub"), { max: count || 1, value: number, ariaValueText, disabled: count < 2 });
    for (const act of ["back", "play", "next", "pin"]) put(this.act(act), { disabled: !count });
    put(this.act("play"), { ariaLabel: this.timer ? "Pause" : "Play" });
    put(this.act("pin"), { ariaPressed: String(this.pinned) });
  }

  controls() {
    const { state: st, geo } = this;
    for (const input of this.$$("input[data-key]")) {
      const { key, axis } = input.dataset;
      const value = this.size(key)[axis % 2];
      const [least, most] = limits(st, key, axis % 2);
      put(input, { min: Math.min(least, value), max: Math.max(most, value), value, disabled: least === most && value === least });
      put(input.nextElementSibling, { value });
    }
    const flip = this.$(".flip");
    put(flip, { checked: st.op === "convolve2d" });
    put(this.$(".op"), { value: flip.checked ? "conv2d" : st.op });
    put(flip.parentElement, { hidden: !/^conv(olve)?2d$/.test(st.op) });
    put(this.$(".kernels"), { hidden: isPool(st.op) });
    if (this.$(".more").hidden) return;
    this.$$(".formula span").forEach((span, axis) => typeset(span, geo.why ? [{ tex: "", mathml: "<mtext>no</mtext>" }] : sizeFormula(st, geo, axis)));
    const pres = this.$$("pre");
    // A line for itself: those that stay are not set again.
    Object.values(code(st)).forEach((text, i) => {
      const lines = text.split(/(?<=\n)/);
      while (pres[i].childNodes.length > lines.length) pres[i].lastChild.remove();
      lines.forEach((line, j) => {
        const node = pres[i].childNodes[j] ?? pres[i].appendChild(new Text());
        if (node.data !== line) node.data = line;
      });
    });
  }

  /** The pair that a slider shows: of a matrix, its size. */
  size = (key, st = this.state) => (key === "x" || key === "k" ? shape(st[key]) : st[key]);
  /** The cell of an entry. */
  cell = (which, /** @type {Pair} */ [r, c]) => this.cells[which][r + this.rings[which][0]]?.[c + this.rings[which][1]];

  /** Let these cells, and no others, have a class. */
  only(name, cells) {
    const before = this.classed[name] ?? [];
    this.classed[name] = cells.filter(Boolean);
    for (const old of before) if (!cells.includes(old)) old.classList.remove(name);
    for (const cell of this.classed[name]) cell.classList.add(name);
  }

  /** Write a table, `ring` rows and columns of `fill` around its entries; cells come and go at its ends, `ahead`
      of them before the one that stays. */
  grid(which, high, entries, ring = [0, 0], fill = "", ahead = ring) {
    const size = [entries.length, entries[0]?.length ?? 0];
    const [rows, cols] = size.map((n, axis) => n && n + 2 * ring[axis]);
    const table = this.table(which);
    const key = `${rows},${cols},${ring},${ahead},${high},${fill}`;
    if (table.entries === entries && table.key === key && !this.typed) return;
    table.entries = entries;
    const texts = grid([rows, cols], (i, j) => plain(entries[i - ring[0]]?.[j - ring[1]] ?? fill));
    this.write(this.$(`.${which} span`), times(size));
    const wide = Math.max(high, 0.22 * high * Math.max(...texts.flat().map((text) => text.length)));
    style(table.parentElement, `--wide:${wide}rem;--high:${high}rem`);
    style(table, `width:calc(${cols * wide}rem + 1px);height:calc(${rows * high}rem + 1px)`);
    if (table.key !== key) {
      table.key = key;
      const { typing } = this;
      this.typing = null; // a cell that goes away is not left by the reader
      const held = table.contains(document.activeElement) && this.spot(document.activeElement);
      const [up, back] = ahead.map((n, axis) => n - (table.ahead?.[axis] ?? 0));
      table.ahead = ahead;
      this.rings[which] = ring;
      const body = table.tBodies[0] ?? table.createTBody();
      this.cells[which] = fit(body, "tr", up, rows).map((row) => fit(row, "td", back, cols));
      this.cells[which].forEach((line, i) => line.forEach((/** @type {any} */ cell, j) => {
        const [r, c] = [i - ring[0], j - ring[1]];
        const real = entries[r]?.[c] !== undefined;
        if (cell.stands === (cell.stands = real ? `${which.toUpperCase()} row ${r + 1}, column ${c + 1}` : "")) return;
        cell.classList.toggle("ring", !real);
        // Without it, a finger's touch is taken for one on a cell beside that has it.
        real ? (cell.tabIndex = -1) : cell.removeAttribute("tabindex");
        if (which !== "y") put(cell, { contentEditable: real ? "plaintext-only" : "inherit", ariaDescription: cell.stands || null });
      }));
      if (which !== "y" && !table.querySelector("[tabindex='0']")) this.cell(which, [0, 0]).tabIndex = 0;
      if (typing?.isConnected && !typing.matches(".ring")) this.typing = typing;
      const stay = held && this.cell(which, held.map((n, axis) => Math.min(n, size[axis] - 1)));
      if (stay && stay !== document.activeElement) stay.focus();
    }
    this.cells[which].forEach((line, r) => line.forEach((/** @type {any} */ cell, c) => {
      const text = texts[r][c];
      if (cell.text !== text || this.typed) this.write(cell, (cell.text = text));
    }));
  }

  /** Put text into an element, unless somebody is typing there. */
  write(el, text) {
    if (el === this.typing) return;
    const node = el.firstChild;
    if (node?.nodeType !== 3 || node.nextSibling) put(el, { textContent: text });
    else if (node.data !== text) node.data = text;
  }

  click(target) {
    const act = target.closest("[data-act]")?.dataset.act;
    if (act) return this.does(act);
    const cell = target.closest(".y td:not(.ring)");
    if (!cell) return;
    this.pinned = !(this.pinned && same(this.spot(cell), this.state.at));
    this.go(this.spot(cell));
    cell.focus();
  }

  does(act) {
    const { state: st, geo } = this;
    if (act === "play") return this.timer ? this.stop() : this.play();
    if (act === "back") return this.go(this.nth(this.number - 1));
    if (act === "next") return this.go(this.nth(this.number + 1));
    if (act === "more") return this.toggle(this.$(".more").hidden);
    if (act === "reset") return this.set(this.first, "push");
    if (act === "pin") {
      this.pinned = !this.pinned;
      return this.draw();
    }
    const texts = {
      tex: () => (geo.why ? "" : tex(equation(st, geo, st.at).flat())),
      svg: () => this.svg(),
      link: () => `${location.href.split("#")[0]}#${this.id}?${encode(st)}`,
    };
    const done = () => {
      this.say("Copied.");
      this.act(act).dataset.done = "";
      setTimeout(() => delete this.act(act).dataset.done, 1500);
    };
    const text = (texts[act] ?? (() => code(st)[act]))();
    (async () => navigator.clipboard.writeText(text))().then(done, () => this.say("Copying was refused."));
  }

  svg() {
    const box = this.$(".stage").getBoundingClientRect();
    const parts = [...this.querySelectorAll(".stage :is(b, td, u, i)")].map((el) => {
      const { left, top, width, height } = el.getBoundingClientRect();
      const [x, y, style] = [left - box.left, top - box.top, getComputedStyle(el)];
      const edge = el.matches("i") ? "outline" : "borderRight";
      const [fill, right, down] = el.matches("u") ? [style.color, 0.75, 0.94] : ["none", 0.5, 0.66];
      const text = el.matches("i") ? "" : el.textContent.replace(/[<&]/g, "");
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" fill-opacity=".16" stroke="${style[`${edge}Color`]}" stroke-width="${style[`${edge}Width`]}"/>
<text x="${x + width * right}" y="${y + height * down}" font-size="${parseFloat(style.fontSize)}" fill="${style.color}">${text}</text>`;
    });
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${box.width} ${box.height}" font-size="14" text-anchor="middle">${parts.join("")}</svg>`;
  }

  toggle(open) {
    this.$(".more").hidden = !open;
    this.act("more").ariaExpanded = String(open);
    if (this.state) this.controls();
  }

  get last() {
    return this.geo.out[0] * this.geo.out[1] - 1;
  }

  get number() {
    return this.state.at[0] * this.geo.out[1] + this.state.at[1];
  }

  nth(number) {
    const n = clamp(number, this.last);
    const cols = this.geo.out[1] || 1;
    return [Math.floor(n / cols), n % cols];
  }

  go(at) {
    this.stop();
    this.set({ at });
    this.announce();
  }

  play() {
    this.pinned = false;
    this.timer = setInterval(() => {
      this.set({ at: this.nth(this.number + 1) }, "");
      if (this.number === this.last) this.stop();
    }, PACE);
    this.set(this.number === this.last ? { at: [0, 0] } : {}, "");
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.set({});
    this.announce();
  }

  input(target) {
    const { key, axis } = target.dataset;
    const cell = target.closest("td");
    this.stop();
    if (cell) return this.attempt(() => {
      const [r, c] = this.spot(cell);
      const which = this.table("x").contains(cell) ? "x" : "k";
      this.typed = true;
      this.typing = target === document.activeElement ? target : null; // else it was undone from elsewhere
      target.ariaInvalid = "true";
      const value = entry(target.textContent);
      target.ariaInvalid = null;
      this.set({ [which]: this.state[which].map((row, i) => row.map((old, j) => (i === r && j === c ? value : old))) });
    });
    if (target.matches(".scrub")) return this.go(this.nth(target.value - 1));
    if (target.matches(".preset")) {
      const raw = target.value;
      if (!raw) return;
      target.value = "";
      const size = shape(this.state[key]);
      const few = size[0] * size[1] > 26 ? [5, 5] : size;
      const next = (below) => Math.floor(Math.random() * below);
      const made =
        raw === "letters" ? grid(few, (r, c) => String.fromCharCode(97 + r * few[1] + c))
        : raw === "count" ? grid(size, (r, c) => r * size[1] + c + 1)
        : raw === "random" ? grid(size, () => (key === "x" ? next(10) : next(7) - 3))
        : JSON.parse(raw);
      this.attempt(() => this.set({ [key]: matrix(made, key) }, "push"));
    } else if (key) this.slide(key, Number(axis), Number(target.value));
    else if (target.matches(".op, .flip")) this.operate(this.$(".op").value, this.$(".flip").checked);
  }

  /** Move a slider; with `axis` 2, or if rows and columns go alike, for both. */
  slide(key, axis, value) {
    const alike = axis === 2 || (this.$(".both").checked && key !== "x");
    let next = this.state;
    for (const one of [0, 1]) {
      if (!alike && one !== axis) continue;
      const [least, most] = limits(next, key, one);
      const pair = [...this.size(key, next)];
      pair[one] = clamp(value, most, least);
      next = { ...next, [key]: key === "x" || key === "k" ? resized(next[key], pair) : pair };
    }
    this.set({ ...next, at: kept(next, this.state) });
    this.announce();
  }

  /** Change the operation; between sums and pooling, what is usual there is set. */
  operate(op, flip) {
    const { state: st } = this;
    const change = { op: op === "conv2d" && flip ? "convolve2d" : op };
    if (isPool(op) !== isPool(st.op)) Object.assign(change, { s: isPool(op) ? shape(st.k).map((n) => Math.min(n, 4)) : [1, 1], p: [0, 0], d: [1, 1] });
    if (op === "avg_pool2d") change.d = [1, 1];
    this.set(change, "push");
    this.announce();
  }

  /** Row and column of a cell's entry. @returns {Pair} */
  spot = (cell) => place(cell).map((n, axis) => n - this.rings[cell.closest(".panel").className.at(-1)][axis]);

  point(target) {
    const cell = target ? target.closest("td") : null;
    const over = cell?.matches(".y td:not(.ring)") && !this.pinned && !this.timer ? this.spot(cell) : null;
    const feeding = cell?.matches(".x td:not(.ring)") ? this.spot(cell) : null;
    if (same(over, this.over) && same(feeding, this.feeding)) return;
    Object.assign(this, { over, feeding });
    this.draw();
  }

  focused(target) {
    if (!target.matches("[contenteditable^=p]")) return;
    put(target.closest("table").querySelector("[tabindex='0']"), { tabIndex: -1 });
    target.tabIndex = 0;
    getSelection().selectAllChildren(target);
    this.typing = target;
    this.feeding = target.closest(".x") ? this.spot(target) : null;
    this.draw();
  }

  left() {
    this.typing.ariaInvalid = null;
    Object.assign(this, { typing: null, typed: true, feeding: null, complaint: "" });
    this.show();
    this.typed = false;
    this.draw();
  }

  key(event) {
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
      if (which === "y") this.go([i, j]);
      lines[i][j].focus();
    } else if (event.key === "Enter" || event.key === " ") which === "y" && cell.click();
    else if (event.key === "Escape" && this.typing) {
      this.left();
      cell.focus();
      getSelection().selectAllChildren(cell);
    } else return;
    event.preventDefault();
  }

  pasted(event) {
    const panel = event.target.closest("td")?.closest(".x, .k");
    const text = event.clipboardData.getData("text/plain").trim();
    if (!panel || !/[\s,;[]/.test(text)) return;
    event.preventDefault();
    this.typing = null;
    this.fill(text, panel.matches(".x") ? "x" : "k");
  }

  fill(text, which) {
    this.attempt(() => this.set({ [which]: paste(text, which) }, "push"));
  }

  attempt(f) {
    try {
      f();
    } catch (error) {
      this.complaint = message(error);
      this.draw();
    }
    this.announce();
  }

  say = (text) => this.write(this.$(".said"), text);

  /** Say what is shown, once the reader rests; never during a run. */
  announce() {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      if (!this.timer) this.say(this.complaint || this.geo.why || spoken(this.state, this.geo, this.state.at));
    }, 400);
  }
}

const message = (error) => (error instanceof RangeError ? error.message : "This is no state of an explorer.");
const same = (a, b) => String(a) === String(b);
const style = (el, css) => el.css === css || (el.style.cssText = el.css = css);
/** Set what differs, since setting costs a layout. */
const put = (el, values) => {
  for (const key in values) if (String(el[key]) !== String(values[key])) el[key] = values[key];
};
/** Numbers and letters in MathML. Operators are none: the layout of one depends on what it is. */
const TEXTS = /(<m[in][^>]*>)([^<]+)/g;
/** @type {Map<string, Element>} Pieces without their texts. */
const FRAMES = new Map();
/** Give an element these pieces. What has the same key stays in place, and where only numbers and letters differ,
    they alone are written, since layout takes the time. Terms that go are only hidden: they may come back.
    @param {any} el @param {Piece[]} pieces */
function typeset(el, pieces) {
  put(el, { hidden: !pieces.length });
  const old = el.pieces ?? new Map();
  const now = (el.pieces = new Map(pieces.map(({ key, mathml }, i) => [key ?? i, written(mathml, old.get(key ?? i))])));
  const shown = [...now.values()];
  for (const [key, math] of old)
    if (now.get(key) !== math) now.has(key) || !pieces[0]?.key ? drop(math) : now.set(key, hide(math));
  let next = el.firstElementChild;
  for (const math of shown) {
    while (next?.ariaHidden && next !== math) next = next.nextElementSibling;
    if (math === next) next = next.nextElementSibling;
    else insert(el, math, next);
    if (math.ariaHidden) hide(math, null);
  }
}
/** Lay out hidden what these pieces have beyond those shown, which is most of what showing it takes.
    @param {any} el @param {Piece[]} pieces */
function prepare(el, pieces) {
  const now = el.pieces;
  for (const [key, math] of now) if (math.ariaHidden && !pieces.some((piece) => piece.key === key)) now.delete(key), drop(math);
  let next = el.firstElementChild;
  for (const { key, mathml } of pieces) {
    const there = now.get(key);
    const math = there && !there.ariaHidden ? there : written(mathml, there);
    if (math !== there) {
      insert(el, math, next);
      now.set(key, hide(math));
      if (there) drop(there);
    }
    next = math.nextElementSibling;
  }
}
/** Hide a piece, its layout kept, or show it, and its space. */
function hide(math, hidden = true) {
  math.ariaHidden = hidden;
  math.previousSibling.data = hidden ? "" : " ";
  return math;
}
/** A piece with these numbers and letters: the one that was there, if it is of the same form.
    @param {string} mathml @param {any} there */
function written(mathml, there) {
  if (there?.mathml === mathml) return there;
  const frame = mathml.replace(TEXTS, "$1");
  const math = there?.frame === frame ? there : framed(frame);
  [...mathml.matchAll(TEXTS)].forEach(([, , text], i) => math.texts[i].data !== text && (math.texts[i].data = text));
  math.mathml = mathml;
  return math;
}
/** A piece still without its texts: one that was there before is copied, which is quicker than reading MathML. */
function framed(frame) {
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
/** Put a piece, and a space before it, before another one. */
function insert(el, math, next) {
  if (math.parentNode) drop(math);
  next ? next.previousSibling.before(" ", math) : el.append(" ", math);
}
/** Remove a piece with its space. */
function drop(math) {
  math.previousSibling.remove();
  math.remove();
}
/** Add or remove children, `up` of them at the beginning, until there are `many`. */
function fit(parent, tag, up, many) {
  const kids = [...parent.children];
  const made = (n) => range(n).map(() => document.createElement(tag));
  const gone = kids.splice(0, -up);
  kids.unshift(...made(up));
  parent.prepend(...kids.slice(0, Math.max(up, 0)));
  for (const kid of [...gone, ...kids.splice(many)]) kid.remove();
  const last = made(many - kids.length);
  parent.append(...last);
  return kids.concat(last);
}
/** Row and column of a cell in its table. */
const place = (el) => [el.closest("tr").rowIndex, el.closest("td").cellIndex];

const registry = globalThis.customElements; // missing outside a browser
registry?.get("cnn-explorer") ?? registry?.define("cnn-explorer", Explorer);
