// @ts-check
// What the pointer points at in an explorer.

import { same } from "./typeset.js";

/** @import { Pointed } from "./partners.js" */

/** @param {any} explorer The <cnn-explorer> element @param {Element} target @returns {Pointed|null} */
export function pointedAt(explorer, target) {
  const cell = target.closest(".stage td:not(.ring)");
  if (cell) return { on: /** @type {any} */ (cell.closest(".panel")).dataset.which, at: explorer.entryIndex(cell) };
  const line = target.closest(".sums .equation");
  const i = line ? explorer.termElements(line).findIndex((term) => term.contains(target)) : -1;
  return i < 0 ? null : { on: "term", at: [i, 0] };
}

/** Show what belongs to what the pointer is over now. @param {any} explorer @param {Element|null} target */
export function onPointer(explorer, target) {
  const pointed = target ? pointedAt(explorer, target) : null;
  const overY = pointed?.on === "y";
  const hoverY = overY && !explorer.kind(pointed.at) && !explorer.pinned && !explorer.timer ? pointed.at : null;
  if (same(hoverY, explorer.hoverY) && JSON.stringify(pointed) === JSON.stringify(explorer.pointed)) return;
  Object.assign(explorer, { hoverY, pointed: overY && !hoverY ? null : pointed });
  explorer.renderStep();
}
