// @ts-check
// A drawing as a grid of greys: strokes, moving, and centring it as the digits of MNIST were centred.

/** @typedef {{rows: number, cols: number, values: Float64Array}} Grid Greys from 0 for no ink. */
/** @typedef {[number, number]} Point Row and column; a pixel's middle is a whole number. */
/** @typedef {{scale: number, shift: Point}} Placing Where centring puts a point: scale · point + shift. */

const RADIUS = 1.15; // of the pen, in pixels of a drawing of 28 by 28
const PEN_SIDE = 28;
const BOX_PART = 20 / 28; // of the side that a centred digit fills
const NEAR = 0.75; // pixels from the middle at which a centre of mass may stay
const MOST_SCALE = 3; // a dot stays a dot
const FRINGE = 0.6; // of a pixel: what scaling adds to the longer side, faintly
const SAMPLES = 4; // along each side of a pixel, where a drawing is scaled

/** @param {number} rows @param {number} cols @returns {Grid} */
export const emptyGrid = (rows, cols) => ({ rows, cols, values: new Float64Array(rows * cols) });

/** A value rounded to the greys that there are, which are multiples of 1/levels. */
const toLevel = (value, levels) => Math.round(value * levels) / levels;

/** The grid with a stroke along a line. @param {Grid} grid @param {Point} from @param {Point} to
    @param {{ink: number, levels: number, erase?: boolean}} pen Ink is the value of a full stroke. @returns {Grid} */
export function withStroke(grid, from, to, { ink, levels, erase = false }) {
  const radius = (RADIUS * Math.max(grid.rows, grid.cols)) / PEN_SIDE + (erase ? 0.6 : 0);
  const [dr, dc] = [to[0] - from[0], to[1] - from[1]];
  const length = dr * dr + dc * dc;
  const values = grid.values.map((value, i) => {
    const [r, c] = [Math.floor(i / grid.cols) - from[0], (i % grid.cols) - from[1]];
    const along = length ? Math.min(1, Math.max(0, (r * dr + c * dc) / length)) : 0;
    const cover = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(r - along * dr, c - along * dc)));
    if (!cover) return value;
    return erase ? Math.min(value, toLevel(ink * (1 - cover), levels)) : Math.max(value, toLevel(ink * cover, levels));
  });
  return { ...grid, values };
}

/** The grid moved by whole pixels. What leaves it is lost. @param {Grid} grid @param {Point} by @returns {Grid} */
export function moved(grid, [down, right]) {
  const result = emptyGrid(grid.rows, grid.cols);
  for (let r = Math.max(0, down); r < Math.min(grid.rows, grid.rows + down); r++)
    for (let c = Math.max(0, right); c < Math.min(grid.cols, grid.cols + right); c++) result.values[r * grid.cols + c] = grid.values[(r - down) * grid.cols + c - right];
  return result;
}

/** The first and last row, and the first and last column with ink; null if there is none. @param {Grid} grid */
export function inkBox({ cols, values }) {
  let box = null;
  values.forEach((value, i) => {
    const [r, c] = [Math.floor(i / cols), i % cols];
    if (value > 0) box = box ? [Math.min(box[0], r), Math.max(box[1], r), Math.min(box[2], c), Math.max(box[3], c)] : [r, r, c, c];
  });
  return /** @type {[number, number, number, number]|null} */ (box);
}

/** A drawing in the middle of its grid: its longer side fills 20 of 28 pixels, and its centre of mass is in the middle. One that
    is as large already is only moved, by whole pixels. @param {Grid} grid @param {number} levels @returns {{grid: Grid, placing: Placing}} */
export function centred(grid, levels) {
  const box = inkBox(grid);
  if (!box) return { grid, placing: { scale: 1, shift: [0, 0] } };
  const wanted = Math.round(BOX_PART * Math.min(grid.rows, grid.cols));
  const longest = Math.max(box[1] - box[0], box[3] - box[2]) + 1;
  const scale = Math.abs(longest - wanted) <= 1 ? 1 : Math.min(MOST_SCALE, wanted / (longest + FRINGE));
  const from = [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2];
  const middle = [grid.rows / 2, grid.cols / 2]; // where MNIST's digits have it, pixels counted from 0
  const start = scale === 1 ? [0, 0] : middle.map((to, axis) => to - scale * from[axis]);
  const scaled = scale === 1 ? grid : resampled(grid, scale, start, levels);
  const mass = centreOfMass(scaled);
  const by = /** @type {Point} */ (middle.map((to, axis) => (Math.abs(to - mass[axis]) < NEAR ? 0 : Math.round(to - mass[axis]))));
  return { grid: moved(scaled, by), placing: { scale, shift: /** @type {Point} */ (start.map((n, axis) => n + by[axis])) } };
}

/** @param {Grid} grid */
function centreOfMass({ cols, values }) {
  let [mass, down, right] = [0, 0, 0];
  values.forEach((value, i) => {
    mass += value;
    down += value * Math.floor(i / cols);
    right += value * (i % cols);
  });
  return mass ? [down / mass, right / mass] : [0, 0];
}

/** The grid scaled: each pixel is the mean of what its parts meet in the drawing. @param {Grid} grid @param {number} scale @param {number[]} shift @param {number} levels */
function resampled(grid, scale, shift, levels) {
  const result = emptyGrid(grid.rows, grid.cols);
  const offsets = Array.from({ length: SAMPLES }, (_, i) => (i + 0.5) / SAMPLES - 0.5);
  for (let i = 0; i < result.values.length; i++) {
    const [r, c] = [Math.floor(i / grid.cols), i % grid.cols];
    let sum = 0;
    for (const a of offsets) for (const b of offsets) sum += between(grid, (r + a - shift[0]) / scale, (c + b - shift[1]) / scale);
    result.values[i] = toLevel(sum / SAMPLES ** 2, levels);
  }
  return result;
}

/** The value between four pixels. @param {Grid} grid @param {number} row @param {number} col */
function between({ rows, cols, values }, row, col) {
  const [top, left] = [Math.floor(row), Math.floor(col)];
  const at = (r, c) => (r >= 0 && r < rows && c >= 0 && c < cols ? values[r * cols + c] : 0);
  const [down, right] = [row - top, col - left];
  return (at(top, left) * (1 - right) + at(top, left + 1) * right) * (1 - down) + (at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right) * down;
}

/** The grid with a square of one grey, of which this pixel is the middle. @param {Grid} grid @param {Point} at @param {number} reach @param {number} grey @returns {Grid} */
export function covered(grid, at, reach, grey) {
  const values = grid.values.slice();
  for (let r = Math.max(0, at[0] - reach); r <= Math.min(grid.rows - 1, at[0] + reach); r++)
    for (let c = Math.max(0, at[1] - reach); c <= Math.min(grid.cols - 1, at[1] + reach); c++) values[r * grid.cols + c] = grey;
  return { ...grid, values };
}
