// @ts-check
// Inputs and kernels to choose from.

import { isPool, makeMatrix, parseMatrix, shape } from "./model.js";

/** @import { State } from "./model.js" */

const random = (below) => Math.floor(Math.random() * below);

/** The change of a state that a preset makes: a matrix, or an input together with a kernel with which something happens.
    @param {State} st @param {"x"|"k"} key What is chosen: an input or a kernel
    @param {string} choice The value of the option that was chosen: a word, or JSON @returns {Partial<State>} */
export function presetChange(st, key, choice) {
  const size = shape(st[key]);
  const few = size[0] * size[1] > 26 ? [5, 5] : size; // there are no more letters
  const made =
    choice === "letters" ? makeMatrix(few, (r, c) => String.fromCharCode(97 + r * few[1] + c))
    : choice === "count" ? makeMatrix(size, (r, c) => r * size[1] + c + 1)
    : choice === "random" ? makeMatrix(size, () => (key === "x" ? random(10) : random(7) - 3))
    : JSON.parse(choice);
  if (!made.x) return { [key]: parseMatrix(made, key) };
  const x = parseMatrix(made.x, "x");
  return isPool(st.op) ? { x } : { x, k: parseMatrix(made.k, "k"), s: [1, 1], p: [0, 0], d: [1, 1] };
}
