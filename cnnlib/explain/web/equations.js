// @ts-check
// What is written about a state: numbers, equations and descriptions. Equations consist of the same pieces as in
// cnnlib.explain.equations.

import { allIntegers, isPool, makeMatrix, range, step, value } from "./model.js";

/** @import { State, Geometry, Pair, Entry } from "./model.js" */
/** @typedef {{tex: string, mathml: string, key?: string}} Piece A part of an equation without line breaks.
    The key identifies the term, whatever numbers it contains. */

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

// Equations

/** @returns {Piece} */
export const joinPieces = (...pieces) => ({ tex: pieces.map((p) => p.tex).join(" "), mathml: pieces.map((p) => p.mathml).join("") });
/** @returns {Piece} */
export const operator = (sign) => ({ tex: sign, mathml: `<mo form="infix">${sign}</mo>` });
const [open, close] = ["(", ")"].map((sign) => `<mo stretchy="false">${sign}</mo>`);
const dot = { tex: "\\cdot", mathml: "<mo>·</mo>" };
const cls = (role) => (role ? ` class="${role}"` : "");

/** Typeset one entry: a letter, or a number, in parentheses if it is negative. @returns {Piece} */
export function piece(e, role = "", bracket = true, integers = true) {
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
        ({ ...joinPieces(operator(i ? "+" : "="), piece(t[which], "input"), dot, piece(which === "entry" ? t.weight : t.weightLetter, "kernel")), key: t.weightLetter }),
      );
    const entries = terms.map((t) => t[which]);
    if (st.op === "max_pool2d") {
      const lines = range(entries.length / cols.length).map((r) => entries.slice(r * cols.length, (r + 1) * cols.length));
      return [joinPieces(operator("="), { tex: "\\max", mathml: '<mo lspace="0" rspace="0.17em">max</mo>' }, matrixPiece(lines, "input"))];
    }
    const total = joinPieces(...entries.flatMap((e) => [operator("+"), piece(e, "input")]).slice(1));
    const count = piece(entries.length);
    return [joinPieces(operator("="), { tex: `\\frac{${total.tex}}{${count.tex}}`, mathml: `<mfrac><mrow>${total.mathml}</mrow>${count.mathml}</mfrac>` })];
  };
  const end = result === null ? [] : [joinPieces(operator("="), piece(result, "output", false, integers))];
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
  return [{ tex: "", mathml: reach }, joinPieces(operator("+"), piece(1)), joinPieces(operator("="), piece(out, "output"))];
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
