// @ts-check
// What belongs together: an entry of the input, the weights it is multiplied by, terms of the equation, output entries.

import { entryText } from "./equations.js";
import { allIntegers, isPool, makeMatrix, step } from "./model.js";

/** @import { State, Geometry, Pair } from "./model.js" */
/** @typedef {{on: "x"|"k"|"y"|"term", at: Pair}} Pointed What the reader points at; a term has its number in the sum,
    and 0. */

const WORDS = "no one two three four five six seven eight nine ten".split(" ");
export const word = (n) => WORDS[n] ?? n;
export const count = (n, noun) => `${word(n)} ${noun}${n === 1 ? "" : "s"}`;
export const place = (r, c) => `row ${r + 1}, column ${c + 1}`;

/** The output entries that use an entry of the input (`which` 0) or of the kernel (1). @param {Geometry} geometry */
export function usedIn(geometry, which, at) {
  const uses = (axis, o) => geometry.axes[axis].taps[o].some((tap) => tap[which] === at[axis]);
  return makeMatrix(geometry.out, (r, c) => (uses(0, r) && uses(1, c) ? [[r, c]] : [])).flat(2);
}

/** The partners of what is pointed at, with what is said about them. Terms are numbered as in the step of the output
    entry `shown`. @param {State} st @param {Geometry} geometry @param {Pair} shown @param {Pointed} pointed */
export function partners(st, geometry, shown, { on, at }) {
  const { terms, value } = step(st, geometry, shown);
  const pairs = { x: (t) => [t.r, t.c], k: (t) => [t.u, t.v], term: (_, i) => [i, 0], y: () => [] };
  const same = (t, i) => String(pairs[on](t, i)) === String(at);
  const numbers = terms.flatMap((t, i) => (same(t, i) ? [i] : []));
  const found = numbers.map((i) => terms[i]);
  const users = on === "x" || on === "k" ? usedIn(geometry, on === "x" ? 0 : 1, at) : [];
  return {
    x: on === "x" ? [at] : found.map(pairs.x),
    k: on === "k" ? [at] : found.map(pairs.k),
    y: on === "x" ? users : on === "y" ? [] : [shown],
    terms: numbers,
    text: sentence(),
  };

  function sentence() {
    // What was pointed at is gone if a matrix became smaller.
    if (on === "x" || on === "k" ? st[on][at[0]]?.[at[1]] === undefined : on === "term" && !found.length) return "";
    const [first] = found;
    const pool = isPool(st.op);
    const where = first && (st.x[first.r]?.[first.c] === undefined ? "in the padding" : `in ${place(first.r, first.c)}`);
    const total = geometry.out[0] * geometry.out[1];
    const used = users.length === total && total > 1 ? `all ${word(total)} outputs` : users.length && total > 1 ? `${word(users.length)} of the ${word(total)} outputs` : count(users.length, "output");
    if (on === "x") return `This ${entryText(st.x[at[0]][at[1]])} is used in ${used}${first && !pool ? `; here it is multiplied by ${entryText(first.weight)}` : ""}.`;
    if (on === "k") return `This ${entryText(st.k[at[0]][at[1]])} is used in ${used}${first ? `; here it multiplies the ${entryText(first.entry)} ${where}` : ""}.`;
    if (on === "term") return pool ? `This ${entryText(first.entry)} stands ${where}.` : `The ${entryText(first.entry)} ${where} times the weight in ${place(first.u, first.v)}.`;
    const parts = { max_pool2d: "the largest of", avg_pool2d: "the mean of" }[st.op] ?? "the sum of";
    return `This ${value === null ? "output" : entryText(value, allIntegers(st))} is ${parts} ${count(terms.length, pool ? "entry" : "product").replace(/ys$/, "ies")}.`;
  }
}
