// @ts-check
// How large cells are, so that all matrices fit into the stage of an explorer. Lengths are in rem.

import { range } from "./model.js";

/** @typedef {{rows: number, cols: number, longest: number, wide?: number, below?: number, shelf?: number}} Panel The size of a
    matrix, and of its longest text; the least width of its panel, and the height of what stands below it and below all. */

/** Heights of cells. A stage is not made lower by cells smaller than `ROW`, which let more panels stand in one row. */
const [LARGEST, USUAL, ROW, SMALLEST] = [3.5, 2.35, 1.9, 0.65];
const TITLE_WIDTH = 5.75;
export const TITLE_HEIGHT = 1.7;
const [COLUMN_GAP, ROW_GAP] = [1.4, 0.9]; // as in explorer.css
const [TALLEST, TALLEST_IN_POST] = [34, 25]; // the second on a phone, so that the equation is seen with it
/** Cells are larger than usual only where the stage stays lower than this. */
const LOW = 20;

const isNarrow = (width) => width < 28;

/** The panel of a kernel, with buttons to choose from or without. On a narrow stage they stand in a row below it and the
    output. As in explorer.css.
    @param {number} width @param {boolean} offered */
export const kernelPanel = (width, offered) =>
  !offered ? { wide: 5 } : isNarrow(width) ? { wide: 5, shelf: 2.5 } : { wide: 7.3, below: 7.3 };

/** @param {Panel} panel */
export const cellWidth = ({ longest }, high) => high * Math.max(1, 0.22 * longest + 0.1);

/** How the panels stand: the input, and beside it or below it the others, in one row as far as they fit. The height is
    infinite if one is wider than the stage, or two that buttons stand below.
    @param {Panel[]} panels */
function arrange(panels, high, width) {
  const widths = panels.map((panel) => Math.max(panel.wide ?? TITLE_WIDTH, panel.cols * cellWidth(panel, high) + 0.1));
  const heights = panels.map((panel) => panel.rows * high + TITLE_HEIGHT + (panel.below ?? 0));
  const others = widths.slice(1).reduce((sum, own) => sum + COLUMN_GAP + own, -COLUMN_GAP);
  const { shelf = 0 } = panels[1];
  const rows =
    widths[0] + COLUMN_GAP + others <= width ? [heights]
    : others <= width || shelf ? [heights.slice(0, 1), heights.slice(1)]
    : heights.map((own) => [own]);
  const height = rows.reduce((sum, row) => sum + ROW_GAP + Math.max(...row), shelf - ROW_GAP);
  return { rows: rows.length, height: Math.max(...widths, shelf && others) > width ? Infinity : height };
}

/** Heights of cells to choose from, from `LARGEST` to `SMALLEST`. */
const HEIGHTS = range(58).map((n) => LARGEST - n / 20);

/** The height that the stage keeps, whatever readers change. @param {Panel[]} panels What it shows at first */
export function stageHeight(panels, width, full) {
  const { rows } = arrange(panels, ROW, width);
  const tallest = isNarrow(width) && !full ? TALLEST_IN_POST : TALLEST;
  const high = HEIGHTS.find((one) => {
    const stands = arrange(panels, one, width);
    return stands.rows === rows && stands.height <= (one > USUAL ? LOW : tallest);
  }) ?? SMALLEST;
  const most = Math.min(arrange(panels, high, width).height, tallest);
  // Cells that are smaller, so that all fits, may stand otherwise and need less.
  const height = Math.min(most, arrange(panels, cellHeight(panels, width, most), width).height);
  // Where all controls are shown, larger matrices have room.
  return full ? Math.max(height, isNarrow(width) ? 29 : 21) : height;
}

/** The largest height of cells with which all panels are seen at once, however many entries they have.
    @param {Panel[]} panels */
export const cellHeight = (panels, width, height) =>
  HEIGHTS.find((high) => arrange(panels, high, width).height <= height + 0.01) ?? SMALLEST;

/** The height of cells with which input and output stand where the picture of a small explorer has them: it has room for
    0.81 more cells, between the matrices and at the edges. @param {Record<string, Panel>} panels */
export const cellHeightInPicture = ({ x, y }, width) => width / (x.cols * cellWidth(x, 1) + y.cols * cellWidth(y, 1) + 0.81);
