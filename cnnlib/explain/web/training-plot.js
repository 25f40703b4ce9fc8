// @ts-check
// Draws a training: its curves, with axes, and kernels as pictures.

const BOX = { left: 26, right: 264, top: 20, bottom: 152 }; // where the curves are, of 300 by 170
const APART = 13; // between two texts, one above the other

/** How a share is written. @param {number} n @param {number} of */
export const share = (n, of) => `${((100 * n) / of).toFixed(1)}%`;

/** The contents of the plot: an axis for the loss on the left, one for digits read right on the right.
    @param {{loss: number[], right: [number, number][], steps: number, heldOut: number, compared: number}} curves */
export function plotMarkup({ loss, right, steps, heldOut, compared }) {
  const most = Math.ceil(Math.max(3, ...loss)); // the loss begins below the top
  const x = (/** @type {number} */ step) => BOX.left + ((BOX.right - BOX.left) * step) / steps;
  const y = (/** @type {number} */ part) => BOX.bottom - (BOX.bottom - BOX.top) * part;
  const text = (/** @type {number} */ at, /** @type {number} */ height, /** @type {string} */ anchor, /** @type {string|number} */ words, kind = "") => `<text x="${at.toFixed(1)}" y="${height.toFixed(1)}" text-anchor="${anchor}" class="${kind}">${words}</text>`;
  const rules = [0, 0.5, 1].map((part) => `<path class="grid" d="M${BOX.left} ${y(part)}H${BOX.right}"/>${text(BOX.left - 5, y(part) + 4, "end", most * part)}${text(BOX.right + 5, y(part) + 4, "start", `${100 * part}%`)}`).join("");
  const names = text(BOX.left, 9, "start", "loss", "minus") + text(BOX.right, 9, "end", `read right, of ${heldOut} held out`, "right");
  const below = BOX.bottom + 14;
  const mark = `<path class="grid mark" d="M${x(compared)} ${y(1)}V${y(0)}"/>`;
  const across = text(x(0), below, "middle", 0) + text(x(compared) - 8, below, "start", `${compared}: comparison`) + text(BOX.right, below, "end", `${steps} steps`);
  const curves = [
    { kind: "minus", points: loss.map((value, n) => [x(n + 1), y(value / most)]), last: loss.length ? loss.at(-1).toFixed(2) : "" },
    { kind: "right", points: right.map(([n, value]) => [x(n), y(value / heldOut)]), last: right.length ? share(right.at(-1)[1], heldOut) : "" },
  ].filter(({ points }) => points.length);
  return rules + mark + names + across + curves.map(({ kind, points }) => `<polyline class="line ${kind}" points="${points.map((at) => at.map((n) => n.toFixed(1)).join()).join(" ")}"/>`).join("") + ends(curves).map(({ at, height, kind, last, side }) => text(at, height, side, last, kind)).join("");
}

/** Where the last values stand: at the ends of their curves, inside the axes, the upper one clear of the lower one. */
function ends(/** @type {{kind: string, points: number[][], last: string}[]} */ curves) {
  const placed = curves.map(({ kind, points, last }) => {
    const [at, height] = /** @type {number[]} */ (points.at(-1));
    const before = at > (BOX.left + BOX.right) / 2;
    // Near the end there is no room after a curve: the value stands below a high one, and above a low one.
    const shifted = before ? height + (height < (BOX.top + BOX.bottom) / 2 ? 16 : -9) : height + 4;
    return { kind, last, at: before ? at - 4 : at + 5, side: before ? "end" : "start", height: Math.min(shifted, BOX.bottom - 4) };
  });
  const [upper, lower] = placed.slice().sort((a, b) => a.height - b.height);
  const missing = lower ? APART - (lower.height - upper.height) : 0;
  if (missing > 0) {
    upper.height -= missing;
  }
  return placed;
}

/** Draw kernels side by side, each of `side` by `side` weights; return what the picture shows, in words. @param {HTMLCanvasElement} canvas
    @param {ArrayLike<number>} weights @param {number} side @param {{minus: number[], plus: number[]}} colours */
export function drawKernels(canvas, weights, side, { minus, plus }) {
  const count = weights.length / side ** 2;
  const across = 4;
  const most = Math.max(...Array.from(weights, Math.abs)) || 1;
  const width = across * (side + 1) - 1;
  const rows = Math.ceil(count / across) * (side + 1) - 1;
  const cells = Array.from({ length: width * rows }, (_, i) => {
    const [row, col] = [Math.floor(i / width), i % width];
    const n = Math.floor(row / (side + 1)) * across + Math.floor(col / (side + 1));
    const [u, v] = [row % (side + 1), col % (side + 1)];
    return u < side && v < side && n < count ? weights[(n * side + u) * side + v] / most : NaN;
  });
  paint(canvas, cells, width, (v) => (Number.isNaN(v) ? null : v === 0 ? [128, 128, 128, 0.15] : v < 0 ? [...minus, -v] : [...plus, v]));
  return `${count} kernels of ${side} by ${side} weights, of at most ${most.toPrecision(2)}; green is positive, purple negative.`;
}

/** @param {HTMLCanvasElement} canvas @param {number[]} values @param {number} width @param {(value: number) => number[]|null} colour */
export function paint(canvas, values, width, colour) {
  [canvas.width, canvas.height] = [width, values.length / width];
  const pixels = values.flatMap((value) => {
    const [r, g, b, alpha = 1] = colour(value) ?? [0, 0, 0, 0];
    return [r, g, b, 255 * alpha];
  });
  canvas.getContext("2d").putImageData(new ImageData(Uint8ClampedArray.from(pixels), canvas.width, canvas.height), 0, 0);
}
