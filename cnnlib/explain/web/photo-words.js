// @ts-check
// What is written about the window on a photograph: its equation, line by line, and a description.

import { entryText, equation, joinPieces, operator, piece } from "./equations.js";
import { windowGeometry } from "./model.js";
import { CHANNELS, entryFrom, poolingOf, pooledFrom, sliceState } from "./photo-model.js";

/** @import { Piece } from "./equations.js" */
/** @import { FeatureMap } from "./chain.js" */
/** @import { Pair, State } from "./model.js" */
/** @import { PhotoState, Slice } from "./photo-model.js" */
/** @typedef {{name: string, pieces: Piece[]}} Line */

/** The terms and the value that the explorer writes for the only output of a state. @param {State} st */
function parts(st) {
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
  const active = st.after.some(([name]) => name === "relu") ? Math.max(biased, 0) : biased;
  const pooling = poolingOf(st);
  const to = pooling && entryFrom(st, maps.at(-1), at);
  const pooled = to ? pooledFrom(pooling, maps.at(-2), to) : null;
  return { sum, bias, biased, active, pooled, to, value: to ? maps.at(-1).values[to[0] * maps.at(-1).cols + to[1]] : active };
}

/** The equation of the entry under the lens: in colour a line for each slice and one for their sum, then ReLU and pooling.
    @param {PhotoState} st @param {Slice[]} slices @param {FeatureMap[]} maps @param {Pair} at @returns {Line[]} */
export function photoEquation(st, slices, maps, at) {
  const { bias, biased, active, pooled, to } = valuesAt(st, slices, maps, at);
  const whole = integral([bias, ...slices.flatMap((slice) => slice.weights.flat())]);
  const end = (/** @type {number} */ v) => joinPieces(operator("="), piece(v, "output", false, whole));
  const plusBias = bias ? [joinPieces(operator("+"), piece(bias, "kernel"))] : [];
  const name = piece(`Y_{${at[0] + 1},${at[1] + 1}}`, "output");
  const written = slices.map((slice) => parts(sliceState(slice)));
  /** @type {Line[]} */ const lines = [];
  if (slices.length > 1) {
    written.forEach(({ terms, end: own }, n) => lines.push({ name: CHANNELS[n], pieces: [...terms, ...own] }));
    const sums = slices.map((slice, n) => joinPieces(operator(n ? "+" : "="), piece(slice.sum, "output", true, whole)));
    lines.push({ name: "sum", pieces: [name, ...sums, ...plusBias, end(biased)] });
  } else lines.push({ name: "", pieces: [name, ...written[0].terms, ...plusBias, end(biased)] });
  if (st.after.some(([stage]) => stage === "relu")) {
    const max = { tex: "\\max", mathml: '<mo lspace="0" rspace="0.17em">max</mo>' };
    const zero = { tex: "(0,", mathml: `<mo stretchy="false">(</mo><mn>0</mn><mo separator="true">,</mo>` };
    lines.push({ name: "ReLU", pieces: [joinPieces(max, zero, piece(biased, "output", false, whole), { tex: ")", mathml: '<mo stretchy="false">)</mo>' }), end(active)] });
  }
  if (to) {
    const op = poolingOf(st)[0] === "max" ? "max_pool2d" : "avg_pool2d";
    const { terms, end: own } = parts({ op, x: pooled, k: pooled, s: [1, 1], p: [0, 0], d: [1, 1], at: [0, 0] });
    lines.push({ name: "pooling", pieces: [...terms, ...own] });
  }
  return lines;
}

/** Describe the window for screen readers. @param {PhotoState} st @param {Slice[]} slices @param {FeatureMap[]} maps @param {Pair} at */
export function describePhoto(st, slices, maps, at) {
  const { biased, active, bias, to, value } = valuesAt(st, slices, maps, at);
  const count = slices.length * slices[0].weights.flat().length;
  const said = [`Row ${at[0] + 1}, column ${at[1] + 1}: the sum of ${count} product${count > 1 ? "s" : ""}${bias ? " and the bias" : ""} is ${entryText(biased)}`];
  if (st.after.some(([name]) => name === "relu")) said.push(`ReLU gives ${entryText(active)}`);
  if (to) said.push(`${poolingOf(st)[0] === "max" ? "max" : "average"} pooling gives ${entryText(value)}`);
  return `${said.join("; ")}.`;
}
