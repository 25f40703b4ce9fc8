// @ts-check
// How large cells are, so that all matrices fit into the stage of an explorer. Lengths are in rem.

import { range } from "./model.js";

/** @typedef {{rows: number, cols: number, longest: number}} Panel The size of a matrix, and of its longest text. */

const [LARGEST, LARGEST_FULL, SMALLEST] = [2.35, 3, 1.42];
const [TITLE_WIDTH, TITLE_HEIGHT] = [7, 1.7];
const [COLUMN_GAP, ROW_GAP] = [1.9, 0.9]; // as in explorer.css
const TALLEST = 34;
/** The least height where all controls are shown, so that larger matrices have room: on a wide screen, on a narrow one. */
const [FULL_WIDE, FULL_NARROW] = [21, 26];

/** @param {Panel} panel */
export const cellWidth = ({ longest }, high) => high * Math.max(1, 0.22 * longest);

/** The height of the panels, which stand side by side as far as they fit. @param {Panel[]} panels */
function heightOf(panels, high, width) {
  let [total, used, tallest] = [-ROW_GAP, Infinity, 0];
  for (const panel of panels) {
    const own = Math.min(width, Math.max(TITLE_WIDTH, panel.cols * cellWidth(panel, high) + 0.1));
    const fits = used + COLUMN_GAP + own <= width;
    if (!fits) [total, tallest] = [total + tallest + ROW_GAP, 0];
    used = fits ? used + COLUMN_GAP + own : own;
    tallest = Math.max(tallest, panel.rows * high + TITLE_HEIGHT);
  }
  return total + tallest;
}

/** The height that the stage keeps, whatever readers change. @param {Panel[]} panels What it shows at first */
export function stageHeight(panels, width, full) {
  const height = Math.min(heightOf(panels, LARGEST, width), Math.max(TALLEST, heightOf(panels, SMALLEST, width)));
  return full ? Math.max(height, width > 28 ? FULL_WIDE : FULL_NARROW) : height;
}

/** The largest height of cells with which the panels fit into the stage, or the smallest that can be read and touched.
    @param {Panel[]} panels */
export function cellHeight(panels, width, height, full) {
  const largest = full ? LARGEST_FULL : LARGEST;
  const sizes = range(21).map((n) => largest - ((largest - SMALLEST) * n) / 20);
  return sizes.find((high) => heightOf(panels, high, width) <= height + 0.01) ?? SMALLEST;
}
