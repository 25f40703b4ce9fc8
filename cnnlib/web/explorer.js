// @ts-check
// Pure functions first, then the element.

/** @typedef {number|string} Entry A number, or a letter that stands for one. */
/** @typedef {Entry[][]} Matrix */
/** @typedef {number[]} Pair Rows, then columns. */
/** @typedef {"conv2d"|"convolve2d"|"conv_transpose2d"|"max_pool2d"|"avg_pool2d"} Op */
/** @typedef {{op: Op, x: Matrix, k: Matrix, s: Pair, p: Pair, d: Pair, at: Pair}} State Of
    a pooling, only the kernel's shape counts. */
/** @typedef {{tex: string, mathml: string}} Piece A part of an equation that is never broken. */
/** @typedef {{rows: number[], cols: number[], terms: {entry: Entry, letter: Entry, weight: Entry,
    weightLetter: string}[], value: number|null}} Step */

export const OPS = ["conv2d", "convolve2d", "conv_transpose2d", "max_pool2d", "avg_pool2d"];
export const RANGE = { x: [1, 12], k: [1, 7], s: [1, 4], p: [0, 3], d: [1, 3] };
const NAMES = { x: "input", k: "kernel", s: "stride", p: "padding", d: "dilation", at: "output shown" };
const LETTER = /^([A-Za-z])(?:_(\d{1,2}))?$/;

/** @returns {number[]} */
const range = (n) => [...Array(Math.max(n, 0)).keys()];
/** @param {Matrix} m @returns {Pair} */
export const shape = (m) => [m.length, m[0].length];
const times = (size) => size.join("×");
export const isPool = (op) => op.endsWith("pool2d");
/** @template T @param {Pair} size @param {(r: number, c: number) => T} f */
const grid = ([rows, cols], f) => range(rows).map((r) => range(cols).map((c) => f(r, c)));

// What a state may hold

/** Read one entry, as typed or as JSON has it. @param {unknown} raw @returns {Entry} */
export function entry(raw) {
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

/** Along one axis: how many outputs, and for each the pairs [input, kernel entry] it is made of.
    @param {State} st */
function along(st, axis) {
  const [n, k] = [shape(st.x)[axis], shape(st.k)[axis]];
  const [s, p, d] = [st.s[axis], st.p[axis], st.d[axis]];
  const span = d * (k - 1) + 1;
  if (st.op === "conv_transpose2d") {
    const out = (n - 1) * s - 2 * p + span;
    const reach = (o) =>
      range(n)
        .map((i) => [i, (o + p - i * s) / d])
        .filter(([, u]) => u >= 0 && u < k && Number.isInteger(u));
    return { n, k, s, p, d, span, out, taps: range(out).map(reach) };
  }
  const out = n + 2 * p < span ? 0 : Math.floor((n + 2 * p - span) / s) + 1;
  const flip = st.op === "convolve2d";
  const taps = range(out).map((o) => range(k).map((u) => [o * s - p + u * d, flip ? k - 1 - u : u]));
  return { n, k, s, p, d, span, out, taps };
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
  } else if (isPool(st.op) && axes.some((a) => a.p > Math.floor(a.span / 2)))
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
  const now = along(st, axis);
  const fits = range(most + 1).slice(least).filter((v) => {
    const a = { ...now, [key === "x" ? "n" : key]: v };
    const span = a.d * (a.k - 1) + 1;
    if (isPool(st.op) && a.p > Math.floor(span / 2)) return false;
    return st.op === "conv_transpose2d" ? (a.n - 1) * a.s - 2 * a.p + span > 0 : a.n + 2 * a.p >= span;
  });
  return fits.length ? [fits[0], fits[fits.length - 1]] : [least, most];
}

/** The letter that stands for an input entry. @param {State} st */
export function letter(st, r, c) {
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
      const stands = found === undefined ? empty : letter(st, r, c);
      return { entry: found ?? empty, letter: stands, weight: st.k[u][v], weightLetter: `k_{${u + 1}${v + 1}}` };
    }),
  );
  return { rows: down.map(([r]) => r), cols: across.map(([c]) => c), terms, value: value(st, terms) };
}

/** @param {State} st @param {Step["terms"]} terms @returns {number|null} Nothing, if letters are in it. */
function value(st, terms) {
  if (isPool(st.op)) {
    const entries = terms.map((t) => t.entry);
    if (!entries.every((e) => typeof e === "number")) return null;
    const numbers = /** @type {number[]} */ (entries);
    if (st.op === "max_pool2d") return Math.max(...numbers) + 0;
    return numbers.reduce((a, b) => a + b, 0) / numbers.length + 0;
  }
  let sum = 0;
  for (const { entry: e, weight: w } of terms) {
    if (typeof e === "string" || typeof w === "string") return null;
    sum += e * w;
  }
  return sum + 0;
}

/** Print a number as Python does: whole ones whole if all are (`exact`), else six digits. */
export function numberText(v, exact) {
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

/** Whether all that a state computes with is whole. @param {State} st */
export const exact = (st) =>
  st.op !== "avg_pool2d" && [st.x, ...(isPool(st.op) ? [] : [st.k])].flat(2).every((e) => typeof e === "string" || Number.isInteger(e));

export const plain = (e, whole = true) =>
  typeof e === "number" ? numberText(e, whole).replace("-", "−") : e.replace(/_\{?([\d,]+)\}?/, (_, n) => low(n));
const low = (digits) => digits.replace(/\d/g, (n) => "₀₁₂₃₄₅₆₇₈₉"[Number(n)]);
/** What stands in an output cell. @param {State} st @param {number|null} v */
export const outputText = (st, v, r, c) => (v === null ? `Y${low(`${r + 1}${r > 8 || c > 8 ? "," : ""}${c + 1}`)}` : plain(v, exact(st)));

// Equations: the same pieces as cnnlib.equations writes

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
        join(operator(i ? "+" : "="), piece(t[which], "input"), dot, piece(which === "entry" ? t.weight : t.weightLetter, "kernel")),
      );
    const entries = terms.map((t) => t[which]);
    if (st.op === "max_pool2d") {
      const lines = range(entries.length / cols.length).map((r) => entries.slice(r * cols.length, (r + 1) * cols.length));
      return [join(operator("="), { tex: "\\max", mathml: '<mo lspace="0" rspace="0.17em">max</mo>' }, bracketed(lines, "input"))];
    }
    const total = join(...entries.flatMap((e, i) => (i ? [operator("+"), piece(e, "input")] : [piece(e, "input")])));
    const count = piece(entries.length);
    return [join(operator("="), { tex: `\\frac{${total.tex}}{${count.tex}}`, mathml: `<mfrac><mrow>${total.mathml}</mrow>${count.mathml}</mfrac>` })];
  };
  const end = result === null ? [] : [join(operator("="), piece(result, "output", false, whole))];
  return [[name], write("letter"), write("entry"), end];
}

/** The formula of the output's size along one axis, this moment's numbers in it, as MathML.
    @param {State} st @param {Geometry} geo */
export function sizeFormula(st, geo, axis) {
  const { n, k, s, p, d, out } = geo.axes[axis];
  const row = (text) => text.match(/\d+|\S/g).map((part) => (part === "(" ? open : part === ")" ? close : /\d/.test(part) ? `<mn>${part}</mn>` : `<mo>${part}</mo>`)).join("");
  const reach =
    st.op === "conv_transpose2d"
      ? row(`(${n} − 1) · ${s} − 2 · ${p} + ${d} · (${k} − 1)`)
      : `<mo>⌊</mo><mfrac><mrow>${row(`${n} + 2 · ${p} − ${d} · (${k} − 1) − 1`)}</mrow><mn>${s}</mn></mfrac><mo>⌋</mo>`;
  return mathml([{ tex: "", mathml: reach }, join(operator("+"), piece(1)), join(operator("="), piece(out, "output"))]);
}

export const mathml = (pieces) => pieces.map((p) => `<math>${p.mathml}</math>`).join(" ");
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
  const geometry = ["s", "p", "d"].map((key) => (pair(st[key]) === usual[key] ? "" : `, ${NAMES[key]}=${pair(st[key])}`)).join("");
  const letters = [...new Set([st.x, pool ? [] : st.k].flat(2))].filter((e) => typeof e === "string");
  const write = (head, array, call, end = "") =>
    [...head, `X = ${array(st.x)}`, pool ? "" : `K = ${array(st.k)}`, `Y = ${call}${geometry})${end}`].filter(Boolean).join("\n");
  const symbols = ["from sympy import symbols", `${letters.join(", ")} = symbols("${letters.join(" ")}")`];
  const floats = st.op === "max_pool2d" && Math.max(...st.p) ? ", dtype=float" : "";
  const head = ["import numpy as np", `from cnnlib import ${st.op}`, ...(letters[0] ? symbols : [])];
  const cnnlib = write(head, (m) => `np.array(${list(m)}${floats})`, `${st.op}(X, ${pool ? window : "K"}`);
  if (letters[0]) return { cnnlib, torch: "# PyTorch computes with numbers: put some in place of the letters." };
  const [name, kernel] = st.op === "convolve2d" ? ["conv2d", "K.flip(0, 1)[None, None]"] : [st.op, "K[None, None]"];
  const tensor = (m) => `torch.tensor(${list(m)}, dtype=torch.float64)`;
  const torch = write(["import torch", "import torch.nn.functional as F"], tensor, `F.${name}(X[None, None], ${pool ? window : kernel}`, "[0, 0]");
  return { cnnlib, torch };
}

/** A matrix of another size: what is there is kept. @param {Matrix} m @param {Pair} size @returns {Matrix} */
export const resized = (m, size) => grid(size, (r, c) => m[r]?.[c] ?? (r + c) % 10);

// The element

const PACE = 1100; // milliseconds that a step is shown while playing

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

class Explorer extends Base {
  /** @type {State} */ state;
  /** @type {State} */ first;
  /** @type {Geometry} */ geo;
  /** @type {Record<string, HTMLTableCellElement[][]>} */ cells = { x: [], k: [], y: [] };
  /** @type {Pair|null} */ over = null; // the output under the pointer
  /** @type {Pair|null} */ feeding = null; // the input entry under the pointer
  ends = new AbortController();
  values = []; // what stands in the output
  complaint = "";
  pinned = false;
  typing = null; // the cell somebody is typing in
  timer = 0;
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

  $ = (selector) => /** @type {any} */ (this.querySelector(selector));
  $$ = (selector) => ([...this.querySelectorAll(selector)]);
  act = (name) => this.$(`[data-act="${name}"]`);
  table = (which) => this.$(`.${which} table`);

  /** Change the state; `how` says what becomes of the page's address: a preset adds an entry to the
      history, typing replaces the last one. @param {Partial<State>} change @param {"push"|"replace"|""} [how] */
  set(change, how = "replace") {
    const before = this.state;
    const st = { ...before, ...change };
    this.geo = geometry(st);
    st.at = st.at.map((n, axis) => Math.max(0, Math.min(n, this.geo.out[axis] - 1)));
    this.state = st;
    this.values = grid(this.geo.out, (r, c) => outputText(st, step(st, this.geo, [r, c]).value, r, c));
    this.over = null;
    this.complaint = "";
    this.draw();
    clearTimeout(this.saving);
    if (!how || !this.id) return;
    const kept = (state) => ({ ...history.state, [this.id]: encode(state) });
    const link = `#${this.id}?${encode(st)}`;
    if (how === "push") {
      history.replaceState(kept(before), "");
      history.pushState(kept(st), "", link);
    } else this.saving = setTimeout(() => history.replaceState(kept(st), "", link), 300);
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

  draw() {
    const { state: st, geo } = this;
    const shown = this.over ?? st.at;
    const now = geo.why ? null : step(st, geo, shown);
    const ring = ringOf(st);
    const [rows, cols] = shape(st.x);
    const pool = isPool(st.op);
    this.toggleAttribute("data-pool", pool);
    const empty = plain(padding(st));
    const padded = [rows + 2 * ring[0], cols + 2 * ring[1]];
    const high = Math.max(padded[1], geo.out[1]) > 8 ? 2 : 2.35;
    this.grid("x", high, grid(padded, (i, j) => plain(st.x[i - ring[0]]?.[j - ring[1]] ?? empty)), ring);
    this.grid("k", high, st.k.map((line) => line.map((e) => plain(e))), [0, 0]);
    this.grid("y", high, this.values);

    // The window on the input, and the weight under which each entry lies.
    const gone = [unread(geo, 0), unread(geo, 1)];
    const wide = now?.cols.length;
    this.each("x", (cell, i, j) => {
      const [r, c] = [i - ring[0], j - ring[1]];
      const [u, v] = now ? [now.rows.indexOf(r), now.cols.indexOf(c)] : [-1, -1];
      const term = u < 0 || v < 0 ? null : now.terms[u * wide + v];
      const real = st.x[r]?.[c] !== undefined;
      look(cell, {
        ring: !real, tap: term, best: term && st.op === "max_pool2d" && term.entry === now.value,
        gone: real && !geo.why && (gone[0].includes(r) || gone[1].includes(c)), from: real && same(this.feeding, [r, c]),
      });
      put(cell.dataset, { weight: term && !pool ? `×${plain(term.weight)}` : "" });
    });
    const fed = (axis, o) => geo.axes[axis].taps[o].some(([i]) => i === this.feeding?.[axis]);
    let feeds = 0;
    this.each("y", (cell, r, c) => {
      const [chosen, on] = [same(st.at, [r, c]), this.feeding && fed(0, r) && fed(1, c)];
      feeds += on ? 1 : 0;
      look(cell, { now: same(shown, [r, c]), fed: on, pinned: chosen && this.pinned });
      put(cell, { ariaSelected: String(chosen), tabIndex: chosen ? 0 : -1 });
    });
    const frame = (which, ...at) =>
      ["r", "c", "h", "w"].forEach((name, i) => this.$(`.${which} i`).style.setProperty(`--${name}`, at[i] ?? 0));
    const [top, left] = [now?.rows[0], now?.cols[0]];
    if (left === undefined || top === undefined) frame("x");
    else frame("x", top + ring[0], left + ring[1], now.rows.at(-1) - top + 1, now.cols.at(-1) - left + 1);
    frame("y", ...(now ? [...shown, 1, 1] : []));
    [shape(st.x), shape(st.k), geo.out].forEach((size, i) => this.write(this.$$(".panel span")[i], times(size)));
    const lost = gone.map((list, axis) => (list[0] >= 0 ? `${axis ? "Columns" : "Rows"} under no window: ${list.map((n) => n + 1).join(", ")}. ` : ""));
    const goes = this.feeding && `X row ${this.feeding[0] + 1}, column ${this.feeding[1] + 1} feeds outputs: ${feeds}.`;
    const wrong = this.complaint || geo.why;
    this.write(this.$(".note"), wrong || goes || lost.join(""));
    this.$(".note").classList.toggle("wrong", wrong);
    this.equations(shown);
    this.controls(shown);
  }

  equations(shown) {
    const [[name], ...parts] = this.geo.why ? [[]] : equation(this.state, this.geo, shown);
    const line = (pieces) => `<div class="equation">${mathml(pieces)}</div>`;
    const html = name ? `${line([name])}<div>${parts.filter((part) => part.length).map(line).join("")}</div>` : "";
    typeset(this.$(".sums"), html);
  }

  controls(shown) {
    const { state: st, geo } = this;
    const count = this.last + 1;
    const number = count && shown[0] * geo.out[1] + shown[1] + 1;
    const ariaValueText = `${number} of ${count}`;
    this.write(this.$(".where"), ariaValueText);
    put(this.$(".scrub"), { max: count || 1, value: number, ariaValueText, disabled: count < 2 });
    for (const act of ["back", "play", "next", "pin"]) put(this.act(act), { disabled: !count });
    put(this.act("play"), { ariaLabel: this.timer ? "Pause" : "Play" });
    put(this.act("pin"), { ariaPressed: String(this.pinned) });
    for (const input of this.$$("input[data-key]")) {
      const { key, axis } = input.dataset;
      const value = this.size(key)[axis % 2];
      const [least, most] = limits(st, key, axis % 2);
      put(input, { min: Math.min(least, value), max: Math.max(most, value), value, disabled: least === most && value === least });
      put(input.nextElementSibling, { value });
    }
    const flip = this.$(".flip");
    flip.checked = st.op === "convolve2d";
    this.$(".op").value = flip.checked ? "conv2d" : st.op;
    put(flip.parentElement, { hidden: !/^conv(olve)?2d$/.test(st.op) });
    put(this.$(".kernels"), { hidden: isPool(st.op) });
    if (this.$(".more").hidden) return;
    this.$$(".formula span").forEach((span, axis) => typeset(span, geo.why ? "no" : sizeFormula(st, geo, axis)));
    Object.values(code(st)).forEach((text, i) => this.write(this.$$("pre")[i], text));
  }

  /** The pair that a slider shows: of a matrix, its size. */
  size = (key) => (key === "x" || key === "k" ? shape(this.state[key]) : this.state[key]);
  each = (which, f) => this.cells[which].forEach((line, r) => line.forEach((cell, c) => f(cell, r, c)));

  /** Write a table and give it the rows and columns it takes; what lies inside `ring` can be typed in. */
  grid(which, high, texts, ring = null) {
    const [rows, cols] = [texts.length, texts[0]?.length ?? 0];
    const table = this.table(which);
    const wide = Math.max(high, 0.22 * high * Math.max(...texts.flat().map((text) => text.length)));
    const size = `--n:${cols};--m:${rows};--wide:${wide}rem;--high:${high}rem`;
    if (table.dataset.size !== size) table.parentElement.style.cssText = table.dataset.size = size;
    const key = `${rows},${cols},${ring}`;
    if (table.dataset.shape !== key) {
      table.dataset.shape = key;
      this.typing = null;
      const held = table.contains(document.activeElement) && place(document.activeElement);
      const fit = (list, n, add) => {
        while (list.length > n) list[n].remove();
        while (list.length < n) add();
      };
      fit(table.rows, rows, () => table.insertRow());
      this.cells[which] = [...table.rows].map((row) => {
        fit(row.cells, cols, () => (row.insertCell().tabIndex = -1));
        return [...row.cells];
      });
      if (ring) this.each(which, (cell, i, j) => {
        const [r, c] = [i - ring[0], j - ring[1]];
        const real = Math.min(r, c, rows - 2 * ring[0] - 1 - r, cols - 2 * ring[1] - 1 - c) >= 0;
        put(cell, { tabIndex: r || c ? -1 : 0, contentEditable: real ? "plaintext-only" : "false",
          ariaDescription: real ? `${which.toUpperCase()} row ${r + 1}, column ${c + 1}` : null });
      });
      if (held && !table.contains(document.activeElement)) this.cells[which][Math.min(held[0], rows - 1)]?.[Math.min(held[1], cols - 1)].focus();
    }
    this.each(which, (cell, r, c) => this.write(cell, texts[r][c]));
  }

  /** Put text into an element, unless somebody is typing there. */
  write(el, textContent) {
    if (el !== this.typing) put(el, { textContent });
  }

  click(target) {
    const act = target.closest("[data-act]")?.dataset.act;
    if (act) return this.does(act);
    const cell = target.closest(".y td");
    if (!cell) return;
    this.pinned = !(this.pinned && same(place(cell), this.state.at));
    this.go(place(cell));
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
    const parts = this.$$(".stage :is(b, td, i)").map((el) => {
      const { left, top, width, height } = el.getBoundingClientRect();
      const [x, y, style] = [left - box.left, top - box.top, getComputedStyle(el)];
      const text = el.textContent.replace(/[<&]/g, "");
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${style.borderRightColor}" stroke-width="${style.borderRightWidth}"/>
<text x="${x + width / 2}" y="${y + height * 0.66}" fill="${style.color}">${text}</text>`;
    });
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${box.width} ${box.height}" font-size="14" text-anchor="middle">${parts.join("")}</svg>`;
  }

  toggle(open) {
    this.$(".more").hidden = !open;
    this.act("more").ariaExpanded = String(open);
    if (this.state) this.draw();
  }

  get last() {
    return this.geo.out[0] * this.geo.out[1] - 1;
  }

  get number() {
    return this.state.at[0] * this.geo.out[1] + this.state.at[1];
  }

  nth(number) {
    const n = Math.max(0, Math.min(number, this.last));
    return [Math.floor(n / this.geo.out[1]), n % this.geo.out[1]];
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
      this.typing = target;
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
      const pair = key === "x" || key === "k" ? shape(next[key]) : [...next[key]];
      pair[one] = Math.max(least, Math.min(value, most));
      next = { ...next, [key]: key === "x" || key === "k" ? resized(next[key], pair) : pair };
    }
    this.set(next);
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

  /** Row and column of a cell in its matrix, the ring not counted. @returns {Pair} */
  spot(cell) {
    const [r, c] = place(cell);
    const ring = this.table("x").contains(cell) ? ringOf(this.state) : [0, 0];
    return [r - ring[0], c - ring[1]];
  }

  point(target) {
    const cell = target ? target.closest("td") : null;
    const over = cell?.closest(".y") && !this.pinned && !this.timer ? place(cell) : null;
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
    Object.assign(this, { typing: null, feeding: null, complaint: "" });
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
      const [i, j] = to.map((n, axis) => Math.max(0, Math.min(n, (axis ? lines[0] : lines).length - 1)));
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
/** Set what differs, since setting costs a layout. */
const put = (el, values) => {
  for (const key in values) if (String(el[key]) !== String(values[key])) el[key] = values[key];
};
const typeset = (el, html) => el.html === html || (el.innerHTML = el.html = html);
const look = (el, classes) => put(el, { className: Object.keys(classes).filter((key) => classes[key]).join(" ") });
/** Row and column of a cell in its table. */
const place = (el) => [el.closest("tr").rowIndex, el.closest("td").cellIndex];

globalThis.customElements?.get("cnn-explorer") ?? globalThis.customElements?.define("cnn-explorer", Explorer);
