// @ts-check
// The changes of a state that the controls of an explorer make.

import { NAMES, clamp, isPool, limits, pairOf, resize, shape } from "./model.js";

/** @import { State, Matrix } from "./model.js" */

/** Set what a slider controls on these axes, as far as it fits. Returns the new state, and a sentence if it did not fit.
    @param {State} st @param {{x?: Matrix, k?: Matrix}} sources What was resized since it was last entered or chosen
    @param {string} key @param {number[]} axes @param {number} value @returns {[State, string]} */
export function pairChange(st, sources, key, axes, value) {
  let [next, hint] = [st, ""];
  for (const axis of axes) {
    const [least, most] = limits(next, key, axis);
    const pair = [...pairOf(next, key)];
    pair[axis] = clamp(value, most, least);
    if (pair[axis] !== value) hint = `The ${NAMES[key]} can be ${least === most ? "only" : `${least} to`} ${most} here.`;
    next = { ...next, [key]: resize[key]?.(sources[key] ?? next[key], pair) ?? pair };
  }
  return [next, hint];
}

/** Change the operation. A change between convolution and pooling resets stride, padding and dilation.
    @param {State} st @param {string} op @param {boolean} flip @returns {Partial<State>} */
export function operationChange(st, op, flip) {
  const pool = isPool(op);
  const reset = pool !== isPool(st.op) ? { s: pool ? shape(st.k).map((n) => Math.min(n, 4)) : [1, 1], p: [0, 0] } : {};
  const change = { ...reset, op: op === "conv2d" && flip ? "convolve2d" : op };
  return /** @type {any} */ (reset.s || op === "avg_pool2d" ? { ...change, d: [1, 1] } : change);
}
