// @ts-check
// How large cells are, so that all matrices fit into the stage of an explorer. Lengths are in rem.

import { range } from "./model.js";

/** @typedef {{rows?: number, cols?: number, longest?: number, wide?: number, tall?: number}} Panel
    The size of a matrix, and of its longest text; or a size that does not depend on the cells. */

const [LARGEST, LARGEST_FULL, SMALLEST] = [2.35, 3, 1.42];
const [TITLE_WIDTH, TITLE_HEIGHT] = [5.75, 1.7];
const [COLUMN_GAP, ROW_GAP] = [1.4, 0.9]; // as in explorer.css
const TALLEST = 34;
/** The least height where all controls are shown, so that larger matrices have room: on a wide screen, on a narrow one. */
const [FULL_WIDE, FULL_NARROW] = [21, 27.25];

/** Cells are not made smaller than this to let all panels stand in one row. */
const SMALLEST_IN_ROW = 1.9;

/** Where the buttons for kernels stand: in a column beside the kernel, or on a narrow stage in a row of their own. */
export const isNarrow = (width) => width < 28;
/** @returns {Panel} */
export const shelfPanel = (width) => (isNarrow(width) ? { wide: width, tall: 2.25 } : { wide: 7.3, tall: 7 }); // as in explorer.css

/** @param {Panel} panel */
export const cellWidth = ({ longest }, high) => high * Math.max(1, 0.22 * longest + 0.1);

/** The height of the panels, which stand side by side as far as they fit. @param {Panel[]} panels */
function heightOf(panels, high, width) {
  let [total, used, tallest] = [-ROW_GAP, Infinity, 0];
  for (const panel of panels) {
    const own = Math.min(width, panel.wide ?? Math.max(TITLE_WIDTH, panel.cols * cellWidth(panel, high) + 0.1));
    const fits = used + COLUMN_GAP + own <= width;
    if (!fits) [total, tallest] = [total + tallest + ROW_GAP, 0];
    used = fits ? used + COLUMN_GAP + own : own;
    tallest = Math.max(tallest, panel.tall ?? panel.rows * high + TITLE_HEIGHT);
  }
  return total + tallest;
}

/** Heights of cells to choose from, the largest first. */
const cellHeights = (full) => {
  const largest = full ? LARGEST_FULL : LARGEST;
  return range(21).map((n) => largest - ((largest - SMALLEST) * n) / 20);
};

/** The height that the stage keeps, whatever readers change. @param {Panel[]} panels What it shows at first */
export function stageHeight(panels, width, full) {
  const inRow = (high) => high > SMALLEST_IN_ROW && heightOf(panels, high, width) === heightOf(panels, high, 999);
  const high = cellHeights(false).find(inRow) ?? LARGEST;
  const height = Math.min(heightOf(panels, high, width), Math.max(TALLEST, heightOf(panels, SMALLEST, width)));
  return full ? Math.max(height, isNarrow(width) ? FULL_NARROW : FULL_WIDE) : height;
}

/** The largest height of cells with which the panels fit into the stage, or the smallest that can be read and touched.
    @param {Panel[]} panels */
export const cellHeight = (panels, width, height, full) =>
  cellHeights(full).find((high) => heightOf(panels, high, width) <= height + 0.01) ?? SMALLEST;

/** The height of cells with which input and output stand where the picture of a small explorer has them: it has room for
    0.81 more cells, between the matrices and at the edges. @param {Record<string, Panel>} panels */
export const cellHeightInPicture = ({ x, y }, width) => width / (x.cols * cellWidth(x, 1) + y.cols * cellWidth(y, 1) + 0.81);
