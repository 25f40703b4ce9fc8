// @ts-check
// Moves the window of an explorer with the pointer: it follows to the nearest place where a window can lie.

import { nearestOutput, windowMiddle } from "./model.js";
import { same } from "./typeset.js";

/** @import { Pair } from "./model.js" */
/** @import { View } from "./view.js" */

const SLACK = 5; // pixels: a shorter way is a click

/** Let the pointer move the window over the input. A finger has to start in the window, so that elsewhere it scrolls
    the page. @param {View & {select(at: Pair): void}} explorer @param {AbortSignal} signal */
export function enableDragging(explorer, signal) {
  const table = explorer.table("x");
  /** @type {{id: number, x: number, y: number, middles: number[], side: number[], moved: boolean}|null} */
  let drag = null;

  table.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest("td");
    if (drag || event.button || explorer.geometry.why || !explorer.offers("drag") || !cell) return;
    if (event.pointerType !== "mouse" && !cell.matches(".held")) return;
    const middles = explorer.state.at.map((o, axis) => windowMiddle(explorer.geometry.axes[axis].taps[o]));
    const box = cell.getBoundingClientRect();
    drag = { id: event.pointerId, x: event.clientX, y: event.clientY, middles, side: [box.height, box.width], moved: false };
  }, { signal });

  table.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drag?.id) return;
    const way = [event.clientY - drag.y, event.clientX - drag.x];
    if (!drag.moved) {
      if (Math.hypot(...way) < SLACK) return;
      drag.moved = true;
      table.setPointerCapture(event.pointerId);
      table.classList.add("dragged");
      /** @type {HTMLElement} */ (document.activeElement).blur(); // the cell where the drag began is not edited
      getSelection().removeAllRanges();
    }
    const { geometry, state } = explorer;
    const at = way.map((pixels, axis) => nearestOutput(geometry, axis, drag.middles[axis] + pixels / drag.side[axis]));
    if (!same(at, state.at)) explorer.select(at);
  }, { signal });

  // The text of a cell that is being edited is selected: without this, the browser would drag the text.
  table.addEventListener("dragstart", (event) => event.preventDefault(), { signal });

  const end = (event) => {
    if (event.pointerId !== drag?.id) return;
    drag = null;
    table.classList.remove("dragged");
  };
  for (const type of ["pointerup", "pointercancel"]) addEventListener(type, end, { signal });
}
