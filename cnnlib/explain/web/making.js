// @ts-check
// What readers do to make the output: show all of it, and begin anew.

import { Made, windowKey } from "./made.js";
import { windowGeometry } from "./model.js";

/** @import { View } from "./view.js" */
/** @typedef {View & {say(text: string): void, refresh(): void}} Speaker */

/** What is shown at first, as the attributes of an explorer say. @param {View} explorer */
export function startMaking({ initial, dataset }) {
  const geometry = windowGeometry(initial);
  return new Made("empty" in dataset, JSON.parse(dataset.ask ?? "[]").map((at) => windowKey(geometry, at)));
}

/** Show all entries of the output, or if all are shown, begin anew. @param {Speaker} explorer */
export function fillOutput(explorer) {
  const { made, geometry, state, letters } = explorer;
  if (!explorer.complete) made.fill();
  else {
    made.begin();
    if (!geometry.why) made.visit(windowKey(geometry, state.at));
  }
  explorer.refresh();
  explorer.say(explorer.complete ? `All entries of ${letters[2]} are shown.` : `${letters[2]} is empty but for the entry whose window is shown.`);
}
