// @ts-check
// Changes a number by dragging it sideways, or by keys.

import { onDrag } from "./gesture.js";
import { clamp, parseEntry } from "./model.js";

/** @import { Pair, Entry } from "./model.js" */
/** @import { View } from "./view.js" */
/** @typedef {View & {setEntry(which: "x"|"k", at: Pair, value: Entry, how: "push"|"replace"): void}} Scrubbed */

const PIXELS = 6; // for one step
export const SCRUB_HELP = "Alt with the up or down arrow key changes a number by 1, and with Shift by 0.1.";

/** A number some steps further: whole ones, or tenths. */
export const stepNumber = (value, steps, tenths) => parseEntry(clamp(value + steps * (tenths ? 0.1 : 1), 999999, -999999));

/** Whether dragging this cell changes its number: any in K, and in X those that the window does not cover.
    @param {HTMLElement} cell */
export const canScrub = (cell) => cell.matches("[contenteditable^=p]:not(.held)");

/** Let the pointer change the numbers of X and K. @param {Scrubbed} explorer @param {AbortSignal} signal */
export function enableScrubbing(explorer, signal) {
  for (const which of /** @type {const} */ (["x", "k"]))
    onDrag(explorer.table(which), signal, "scrubbed", (event, cell) => {
      const at = explorer.entryIndex(cell);
      let value = canScrub(cell) && explorer.state[which][at[0]][at[1]];
      let [before, how] = [0, /** @type {"push"|"replace"} */ ("push")]; // one entry of the history for all steps
      return typeof value === "number" && ((right, _, { shiftKey }) => {
        const steps = Math.trunc(right / PIXELS);
        if (steps === before) return;
        value = stepNumber(value, steps - before, shiftKey);
        explorer.pointed = { on: which, at };
        explorer.setEntry(which, at, value, how);
        [before, how] = [steps, "replace"];
      });
    });
}
