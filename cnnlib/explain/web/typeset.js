// @ts-check
// Updates elements of a page with as little work for the browser as possible.

import { range } from "./model.js";

/** @import { Piece } from "./equations.js" */

export const same = (a, b) => String(a) === String(b);
export const setStyle = (el, css) => el.css === css || (el.style.cssText = el.css = css);
/** Set only the properties that differ, since each assignment may cost a layout. */
export const setProps = (el, values) => {
  for (const key in values) if (String(el[key]) !== String(values[key])) el[key] = values[key];
};
/** Numbers and identifiers in MathML. Operators are left out, since their layout depends on their text. */
const TEXTS = /(<m[in][^>]*>)([^<]+)/g;
/** @type {Map<string, Element>} Parsed MathML without its texts, for cloning. */
const FRAMES = new Map();
/** Give an element these pieces. Pieces with the same key stay in place, and where only numbers and letters differ,
    only these are updated, since layout is slow. @param {any} el @param {Piece[]} pieces */
export function typeset(el, pieces) {
  setProps(el, { hidden: !pieces.length });
  const old = el.pieces ?? new Map();
  el.pieces = new Map(pieces.map(({ key, mathml }, i) => [key ?? i, mathElement(mathml, old.get(key ?? i))]));
  for (const [key, math] of old) if (el.pieces.get(key) !== math) removePiece(math);
  let next = el.firstElementChild;
  for (const math of el.pieces.values())
    if (math === next) next = next.nextElementSibling;
    else addPiece(el, math, next);
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
export function resizeChildren(parent, tag, up, count) {
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
export const cellPosition = (el) => [el.closest("tr").rowIndex, el.closest("td").cellIndex];
