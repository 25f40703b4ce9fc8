// @ts-check
// Moves the window of an explorer with the pointer: it follows to the nearest place where a window can lie.

import { onDrag } from "./gesture.js";
import { nearestOutput, windowMiddle } from "./model.js";
import { canScrub } from "./scrub.js";
import { same } from "./typeset.js";

/** @import { Pair } from "./model.js" */
/** @import { View } from "./view.js" */

/** Let the pointer move the window over the input, by the entries under it. A mouse can also start where no number
    can be scrubbed; a finger that starts there scrolls the page.
    @param {View & {select(at: Pair): void}} explorer @param {AbortSignal} signal */
export function enableDragging(explorer, signal) {
  onDrag(explorer.table("x"), signal, "dragged", (event, cell) => {
    if (explorer.geometry.why || !explorer.offers("drag") || canScrub(cell)) return false;
    if (event.pointerType !== "mouse" && !cell.matches(".held")) return false;
    const middles = explorer.state.at.map((o, axis) => windowMiddle(explorer.geometry.axes[axis].taps[o]));
    const box = cell.getBoundingClientRect();
    return (right, down) => {
      const way = [down / box.height, right / box.width];
      const at = /** @type {Pair} */ (way.map((cells, axis) => nearestOutput(explorer.geometry, axis, middles[axis] + cells)));
      if (!same(at, explorer.state.at)) explorer.select(at);
    };
  });
}
