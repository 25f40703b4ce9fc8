// @ts-check
// Follows the pointer while something is dragged.

const SLACK = 5; // pixels: a shorter way is a click

/** Call `begin` where the pointer goes down on a cell. If it returns a function, that gets the way from there, in pixels
    to the right and down, whenever the pointer moves. @param {HTMLElement} table @param {AbortSignal} signal
    @param {(event: PointerEvent, cell: HTMLElement) => ((right: number, down: number, event: PointerEvent) => void)|false} begin
    @param {string} name The class of the table meanwhile */
export function onDrag(table, signal, name, begin) {
  /** @type {{id: number, x: number, y: number, move: (right: number, down: number, event: PointerEvent) => void}|null} */
  let drag = null;

  table.addEventListener("pointerdown", (event) => {
    const cell = /** @type {HTMLElement} */ (event.target).closest("td");
    const move = !drag && !event.button && cell && begin(event, cell);
    if (move) drag = { id: event.pointerId, x: event.clientX, y: event.clientY, move };
  }, { signal });

  table.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drag?.id) return;
    const way = [event.clientX - drag.x, event.clientY - drag.y];
    if (!table.classList.contains(name)) {
      if (Math.hypot(...way) < SLACK) return;
      table.setPointerCapture(event.pointerId);
      table.classList.add(name);
      /** @type {HTMLElement} */ (document.activeElement).blur(); // the cell where the drag began is not edited
      getSelection().removeAllRanges();
    }
    drag.move(way[0], way[1], event);
  }, { signal });

  // The text of a cell that is being edited is selected: without this, the browser would drag the text.
  table.addEventListener("dragstart", (event) => event.preventDefault(), { signal });

  const end = (event) => {
    if (event.pointerId !== drag?.id) return;
    drag = null;
    table.classList.remove(name);
  };
  for (const type of ["pointerup", "pointercancel"]) addEventListener(type, end, { signal });
}
