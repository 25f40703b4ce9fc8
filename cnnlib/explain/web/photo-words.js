// @ts-check
// What is written about the window on a photograph: its equation, line by line, and a description.

import { entryText, equation, joinPieces, operator, piece } from "./equations.js";
import { windowGeometry } from "./model.js";
import { CHANNELS, entryFrom, hasRelu, poolingOf, pooledFrom, sliceState } from "./photo-model.js";

/** @import { Piece } from "./equations.js" */
/** @import { FeatureMap } from "./chain.js" */
/** @import { Pair } from "./model.js" */
/** @import { PhotoState, Slice } from "./photo-model.js" */
/** @typedef {{name: string, pieces: Piece[]}} Line */

/** The products of a slice as terms, and their sum, as the explorer writes them. @param {Slice} slice */
function parts(slice) {
  const st = sliceState(slice);
  const [, , terms, end] = equation(st, windowGeometry(st), [0, 0]);
  return { terms, end };
}
const integral = (/** @type {number[]} */ numbers) => numbers.every(Number.isInteger);

/** The values of one entry of the convolution along the stages: after the sum, the bias, ReLU, and pooling.
    @param {PhotoState} st @param {Slice[]} slices @param {FeatureMap[]} maps @param {Pair} at */
export function valuesAt(st, slices, maps, at) {
  const sum = slices.reduce((total, slice) => total + slice.sum, 0);
  const bias = st.after.find(([name]) => name === "bias")?.[1] ?? 0;
  const biased = sum + bias + 0;
  const active = hasRelu(st) ? Math.max(biased, 0) : biased;
  const pooling = poolingOf(st);
  const to = pooling && entryFrom(st, maps.at(-1), at);
  const pooled = to ? pooledFrom(pooling, maps.at(-2), to) : null;
  return { sum, bias, biased, active, pooled, to, value: to ? maps.at(-1).values[to[0] * maps.at(-1).cols + to[1]] : active };
}

const WRITTEN = 9; // terms of a sum that are written out; of a longer one, the first two and the last
/** What equations of photographs have besides terms; nobody can copy it as LaTeX. @param {string} mathml */
const sign = (mathml) => ({ tex: "", mathml });
const mtext = (/** @type {string} */ text) => sign(`<mtext>${text}</mtext>`);
const [dots, comma, bracket] = ["⋯", ",", ")"].map((text) => sign(`<mo stretchy="false">${text}</mo>`));
/** @param {Piece[]} terms @param {Piece} between */
const shortened = (terms, between) => (terms.length > WRITTEN ? [...terms.slice(0, 2), between, terms.at(-1)] : terms);

/** A function of numbers, as max(0, 3). @param {string} name @param {number[]} numbers @param {string} role */
const call = (name, numbers, role) => [
  joinPieces(operator("="), sign(`<mi>${name}</mi><mo stretchy="false">(</mo>`)),
  ...shortened(numbers.map((e, n) => joinPieces(piece(e, role, false), n < numbers.length - 1 ? comma : bracket)), joinPieces(dots, comma)),
];

/** The number of products of an entry. @param {Slice[]} slices */
export const countProducts = (slices) => slices.length * slices[0].weights.flat().length;
/** Whether an equation leaves out products, for which `allProducts` has the lines. @param {Slice[]} slices */
export const isLong = (slices) => slices.length > 1 || countProducts(slices) > WRITTEN;

/** The equation of the entry under the lens: a line for its sum (in colour, that of the slices' sums), one for ReLU and one
    for pooling. @param {PhotoState} st @param {Slice[]} slices @param {FeatureMap[]} maps @param {Pair} at @returns {Line[]} */
export function photoEquation(st, slices, maps, at) {
  const { bias, biased, active, pooled, to, value } = valuesAt(st, slices, maps, at);
  const whole = integral([bias, ...slices.flatMap((slice) => slice.weights.flat())]);
  const end = (/** @type {number} */ v) => joinPieces(operator("="), piece(v, "output", false, whole));
  const terms = slices.length > 1
    ? slices.map((slice, n) => joinPieces(operator(n ? "+" : "="), mtext(CHANNELS[n]), piece(slice.sum, "output", true, whole)))
    : shortened(parts(slices[0]).terms, joinPieces(operator("+"), dots));
  if (bias) terms.push(joinPieces(operator("+"), piece(bias, "kernel")));
  /** @type {Line[]} */ const lines = [{ name: "", pieces: [piece(`Y_{${at[0] + 1},${at[1] + 1}}`, "output"), ...terms, end(biased)] }];
  if (hasRelu(st)) lines.push({ name: "ReLU", pieces: [...call("max", [0, biased], "output"), end(active)] });
  if (to) lines.push({ name: "pooling", pieces: [...call(poolingOf(st)[0] === "max" ? "max" : "mean", pooled.flat(), "input"), end(value)] });
  return lines;
}

/** All products, in colour a line for each slice. @param {Slice[]} slices @returns {Line[]} */
export const allProducts = (slices) => slices.map((slice, n) => {
  const { terms, end } = parts(slice);
  return { name: slices.length > 1 ? CHANNELS[n] : "", pieces: [...terms, ...end] };
});

/** Describe the window for screen readers. @param {PhotoState} st @param {Slice[]} slices @param {FeatureMap[]} maps @param {Pair} at */
export function describePhoto(st, slices, maps, at) {
  const { biased, active, bias, to, value } = valuesAt(st, slices, maps, at);
  const count = countProducts(slices);
  const sums = slices.map((slice, n) => `${CHANNELS[n]} ${entryText(slice.sum)}`);
  const added = [...sums, ...(bias ? [`the bias ${entryText(bias)}`] : [])];
  const sum = slices.length > 1
    ? `${added.slice(0, -1).join(", ")} and ${added.at(-1)} make ${entryText(biased)}`
    : `the sum of ${count} product${count > 1 ? "s" : ""}${bias ? " and the bias" : ""} is ${entryText(biased)}`;
  const said = [`Row ${at[0] + 1}, column ${at[1] + 1}: ${sum}`];
  if (hasRelu(st)) said.push(`ReLU gives ${entryText(active)}`);
  if (to) said.push(`${poolingOf(st)[0] === "max" ? "max" : "average"} pooling gives ${entryText(value)}`);
  return `${said.join("; ")}.`;
}
