// @ts-check
// What keys do in the cells of an explorer: move through a matrix, change its numbers, choose an output.

import { clamp } from "./model.js";
import { stepNumber } from "./scrub.js";

/** @param {any} explorer The <cnn-explorer> element @param {KeyboardEvent} event */
export function onKey(explorer, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches(".sums") && walkTerms(explorer, event.key)) return event.preventDefault();
  const cell = target.closest(".stage td:not(.ring)");
  if (!cell || event.metaKey) return;
  const { which } = /** @type {HTMLElement} */ (cell.closest(".panel")).dataset;
  if (event.altKey ? changeNumber(explorer, cell, which, event) : moveFocus(explorer, cell, which, event)) event.preventDefault();
}

/** Go through the terms of the equation. @returns {boolean} */
function walkTerms(explorer, key) {
  const most = explorer.termElements(explorer.$$(".sums .equation")[2]).length - 1;
  const now = explorer.pointed?.on === "term" ? explorer.pointed.at[0] : key === "ArrowLeft" ? most + 1 : -1;
  const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: most }[key];
  if (to !== undefined && most >= 0) explorer.pointTo({ on: "term", at: [clamp(to, most), 0] });
  return to !== undefined;
}

/** Change the number of the cell that has the focus, with Alt and an arrow key. */
function changeNumber(explorer, cell, which, { key, shiftKey }) {
  const steps = { ArrowUp: 1, ArrowDown: -1 }[key];
  const at = explorer.entryIndex(cell);
  const value = steps && explorer.editing === cell && explorer.state[which][at[0]][at[1]];
  if (typeof value !== "number") return steps;
  Object.assign(explorer, { editing: null, kept: null }); // so that the cell shows it
  explorer.setEntry(which, at, stepNumber(value, steps, shiftKey));
  explorer.editing = cell;
  getSelection().selectAllChildren(cell);
  explorer.say(cell.textContent);
  explorer.announce();
  return true;
}

/** Move through a matrix; in Y that selects, and Enter chooses; Escape gives up an edit. */
function moveFocus(explorer, cell, which, { key, ctrlKey }) {
  const lines = explorer.cells[which].map((line) => line.filter((one) => !one.matches(".ring"))).filter((line) => line.length);
  const r = lines.findIndex((line) => line.includes(cell));
  const c = lines[r].indexOf(cell);
  const to = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
    Home: [ctrlKey ? 0 : r, 0], End: [ctrlKey ? Infinity : r, Infinity] }[key];
  const field = which === "y" && explorer.kind(explorer.entryIndex(cell)) === "asked" && explorer.$(".guess input");
  if (to) {
    const [i, j] = to.map((n, axis) => clamp(n, (axis ? lines[0] : lines).length - 1));
    if (which === "y") explorer.select([i, j]);
    lines[i][j].focus();
  } else if (field && !ctrlKey && /^([-−+.\d]|Enter)$/.test(key)) {
    if (key !== "Enter") field.value = key;
    field.focus();
  } else if (key === "Enter" || key === " ") which === "y" && cell.click();
  else if (key === "Escape" && explorer.editing) {
    explorer.error = "";
    explorer.onCellBlur();
    cell.focus();
    getSelection().selectAllChildren(cell);
  } else return false;
  return true;
}
