// @ts-check
// The state of a photograph: links, channels, the filtered image, its colours, and the entries under the window.

import { applyStages, decodeStages, encodeStages, parseStages, stageWindow } from "./chain.js";
import { NAMES, RANGE, parseMatrix, parseText, shape, windowGeometry } from "./model.js";

/** @import { FeatureMap, Stage } from "./chain.js" */
/** @import { Geometry, Matrix, Pair, State } from "./model.js" */
/** @typedef {{image: string, k: number[][][], s: number, p: number, d: number, after: Stage[], at: Pair}} PhotoState
    The name of the image, the kernel's slices (three filter a photograph in colour), stride, padding, dilation, the
    stages that follow, and the entry of the convolution that the lens shows. */
/** @typedef {{rows: number, cols: number, channels: FeatureMap[], grey: FeatureMap}} Photo */
/** @typedef {{pixels: (number|null)[][], weights: number[][], products: number[][], sum: number}} Slice
    What lies under the window in one channel; a pixel is null where there is padding. */

export const OWN = "own"; // the name of the reader's own picture
export const CHANNELS = ["red", "green", "blue"];
/** The colours of the largest output, and of the most negative one, as in cnnlib.explain.palette; zero is clear. */
export const [PLUS, MINUS] = [[36, 154, 134], [171, 80, 137]];

/** Validate a state. The message of the error that is thrown can be shown to readers.
    @param {any} raw @param {Record<string, number>} images The number of channels of each image, by name @returns {PhotoState} */
export function parsePhotoState(raw, images) {
  if (typeof raw?.image !== "string" || !Object.hasOwn(images, raw.image))
    throw RangeError(raw?.image === OWN ? "Your own picture is not kept: choose it again." : `The image is one of ${Object.keys(images).join(", ")}.`);
  const number = (key) => {
    const [least, most] = RANGE[key];
    const found = raw[key] ?? least;
    if (!Number.isInteger(found) || found < least || found > most) throw RangeError(`The ${NAMES[key]} is a whole number from ${least} to ${most}.`);
    return found;
  };
  const slices = Array.isArray(raw.k) ? raw.k : [];
  if (slices.length !== 1 && slices.length !== images[raw.image]) throw RangeError(`The kernel has 1${images[raw.image] > 1 ? " or 3 slices" : " slice"} here.`);
  const k = slices.map((slice) => parseMatrix(slice, "k"));
  const numbers = k.flat(2).every((e) => typeof e === "number");
  if (!numbers || k.some((slice) => String(shape(slice)) !== String(shape(k[0])))) throw RangeError("The kernel's slices are numbers, all of one size.");
  const at = raw.at ?? [0, 0];
  if (!Array.isArray(at) || at.length !== 2 || !at.every((n) => Number.isInteger(n) && n >= 0 && n < 1000)) throw RangeError(`The ${NAMES.at} is a pair of whole numbers.`);
  const [s, p, d] = ["s", "p", "d"].map(number);
  return { image: raw.image, k: /** @type {any} */ (k), s, p, d, after: parseStages(raw.after), at: [at[0], at[1]] };
}

/** Encode a state as the part of a link that follows `#id?`. The image is named, not encoded. @param {PhotoState} st */
export function encodePhoto(st) {
  const slices = st.k.map((slice) => slice.map((row) => row.join()).join(";")).join("/");
  return `image=${st.image}&k=${slices}&s=${st.s}&p=${st.p}&d=${st.d}${st.after.length ? `&after=${encodeStages(st.after)}` : ""}&at=${st.at}`;
}

/** Decode what `encodePhoto` returned, or throw an error. @param {string} text @returns {PhotoState} */
export function decodePhoto(text, images) {
  if (text.length > 4000) throw RangeError("The link is too long.");
  /** @type {any} */ const raw = Object.fromEntries(text.split("&").map((part) => part.split("=")));
  const whole = (/** @type {string} */ n) => (/^\d{1,3}$/.test(n) ? Number(n) : NaN);
  for (const key of ["s", "p", "d"]) if (raw[key] !== undefined) raw[key] = whole(raw[key]);
  if (raw.at !== undefined) raw.at = raw.at.split(",").map(whole);
  if (raw.after !== undefined) raw.after = decodeStages(raw.after);
  raw.k = (raw.k ?? "").split("/").map((slice) => parseText(slice, "k"));
  return parsePhotoState(raw, images);
}

/** A photograph from pixels as a canvas gives them: red, green, blue and opacity in turn.
    @param {ArrayLike<number>} pixels @returns {Photo} */
export function photoFrom(pixels, rows, cols) {
  const pick = (/** @type {(i: number) => number} */ f) => ({ rows, cols, values: Float64Array.from({ length: rows * cols }, (_, i) => f(4 * i)) });
  const channels = CHANNELS.map((_, n) => pick((i) => pixels[i + n]));
  // How bright each colour looks to us decides its weight; the result is a whole number.
  const grey = pick((i) => Math.floor((299 * pixels[i] + 587 * pixels[i + 1] + 114 * pixels[i + 2] + 500) / 1000));
  return { rows, cols, channels, grey };
}

/** The channels that the kernel reads. @param {PhotoState} st @param {Photo} photo */
export const channelsOf = (st, photo) => (st.k.length > 1 ? photo.channels : [photo.grey]);

/** Sizes and windows. @param {PhotoState} st @param {{rows: number, cols: number}} photo @returns {Geometry} */
export function photoGeometry(st, { rows, cols }) {
  const pair = (/** @type {number} */ n) => /** @type {Pair} */ ([n, n]);
  const x = Array(rows).fill({ length: cols }); // only its size is used
  return windowGeometry({ op: "conv2d", x, k: st.k[0], s: pair(st.s), p: pair(st.p), d: pair(st.d), at: st.at });
}

/** The maps that a state makes of a photograph: that of the convolution, and one after each stage.
    @param {PhotoState} st @param {Photo} photo @param {Geometry} geometry @returns {FeatureMap[]} */
export function photoMaps(st, photo, geometry) {
  const map = convolve(channelsOf(st, photo), st, geometry.out);
  return [map, ...applyStages(map, st.after)];
}

/** The cross-correlation of channels with a kernel, one slice each. Weight by weight, since the innermost loop is then
    short and runs along rows. @param {FeatureMap[]} channels @param {PhotoState} st @param {Pair} size */
function convolve(channels, st, [rows, cols]) {
  const values = new Float64Array(rows * cols);
  channels.forEach((channel, n) => st.k[n].forEach((line, u) => line.forEach((weight, v) => {
    const [up, left] = [u * st.d - st.p, v * st.d - st.p];
    const [top, bottom] = reach(up, st.s, channel.rows, rows);
    const [first, end] = reach(left, st.s, channel.cols, cols);
    for (let r = top; r < bottom; r += 1) {
      let from = (r * st.s + up) * channel.cols + first * st.s + left;
      for (let to = r * cols + first, last = r * cols + end; to < last; to += 1, from += st.s) values[to] += weight * channel.values[from];
    }
  })));
  return { rows, cols, values };
}
/** The output indices, from the first to before the last, for which a weight lies on the input. */
const reach = (offset, stride, size, out) => [Math.max(0, Math.ceil(-offset / stride)), Math.min(out, Math.floor((size - 1 - offset) / stride) + 1)];

/** The largest magnitude of a map, which has full colour. @param {FeatureMap} map */
export const largest = ({ values }) => {
  let most = 0;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  return most;
};

/** Whether the output is an image again: no weight and no bias can make it negative. @param {PhotoState} st */
export const isGrey = ({ k, after }) => [k, after].flat(3).every((e) => !(Number(e) < 0));

/** Pixels of a map as a canvas takes them: hue by sign, opacity by size; or in grey. @param {FeatureMap} map
    @param {number} most The value of full colour @param {boolean} [grey] */
export function mapPixels({ values }, most, grey) {
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (let i = 0, to = 0; i < values.length; i += 1, to += 4) {
    const colour = values[i] < 0 ? MINUS : PLUS, level = most && (255 * Math.abs(values[i])) / most;
    for (let n = 0; n < 3; n += 1) pixels[to + n] = grey ? level : colour[n];
    pixels[to + 3] = grey ? 255 : level;
  }
  return pixels;
}

/** Pixels of the input with its padding, which stays clear. @param {PhotoState} st @param {Photo} photo */
export function photoPixels(st, photo) {
  const [rows, cols] = [photo.rows + 2 * st.p, photo.cols + 2 * st.p];
  const pixels = new Uint8ClampedArray(4 * rows * cols);
  const shown = st.k.length > 1 ? photo.channels : CHANNELS.map(() => photo.grey);
  for (let r = 0, from = 0; r < photo.rows; r += 1)
    for (let c = 0, to = 4 * ((r + st.p) * cols + st.p); c < photo.cols; c += 1, from += 1, to += 4) {
      for (let n = 0; n < 3; n += 1) pixels[to + n] = shown[n].values[from];
      pixels[to + 3] = 255;
    }
  return { rows, cols, pixels };
}

/** What the window of one output entry holds, channel by channel. @param {PhotoState} st @param {Photo} photo
    @param {Geometry} geometry @param {Pair} at @returns {Slice[]} */
export function slicesAt(st, photo, geometry, at) {
  const [down, across] = at.map((o, axis) => geometry.axes[axis].taps[o].map(([i]) => i));
  return channelsOf(st, photo).map((channel, n) => {
    const inside = (r, c) => r >= 0 && c >= 0 && r < channel.rows && c < channel.cols;
    const pixels = down.map((r) => across.map((c) => (inside(r, c) ? channel.values[r * channel.cols + c] : null)));
    const products = pixels.map((row, u) => row.map((e, v) => (e ?? 0) * st.k[n][u][v] + 0));
    return { pixels, weights: st.k[n], products, sum: products.flat().reduce((sum, e) => sum + e, 0) };
  });
}

/** A single channel under the window as a state of the explorer, whose equations and descriptions then fit.
    @param {Slice} slice @returns {State} */
export const sliceState = ({ pixels, weights }) => ({
  op: "conv2d", x: pixels.map((row) => row.map((e) => e ?? 0)), k: weights, s: [1, 1], p: [0, 0], d: [1, 1], at: [0, 0],
});

/** @param {PhotoState} st */
export const hasRelu = (st) => st.after.some(([name]) => name === "relu");
/** Pooling, if it is the last stage. @param {PhotoState} st @returns {Stage|undefined} */
export const poolingOf = (st) => st.after.find(([name]) => name === "max" || name === "avg");

/** The entry of the last map that an entry of the convolution leads to, or null. @param {PhotoState} st @param {FeatureMap} last @param {Pair} at @returns {Pair|null} */
export function entryFrom(st, last, at) {
  const pooling = poolingOf(st);
  const to = pooling ? at.map((n) => Math.floor(n / pooling[2])) : at;
  const reached = to[0] < last.rows && to[1] < last.cols && (!pooling || at.every((n, axis) => n < to[axis] * pooling[2] + pooling[1]));
  return reached ? /** @type {Pair} */ (to) : null;
}
/** The entry of the convolution that an entry of the last map comes from: the maximum, or the first of a mean.
    @param {PhotoState} st @param {FeatureMap[]} maps @param {Pair} to @returns {Pair} */
export function entryBehind(st, maps, to) {
  const pooling = poolingOf(st);
  if (!pooling) return to;
  const last = maps.at(-1);
  if (!last.winners) return /** @type {Pair} */ (to.map((n) => n * pooling[2]));
  const index = last.winners[to[0] * last.cols + to[1]];
  return [Math.floor(index / maps[0].cols), index % maps[0].cols];
}

/** The entries that pooling reads for one of its own, as rows. @param {Stage} pooling @param {FeatureMap} before @param {Pair} to */
export function pooledFrom(pooling, before, to) {
  const { rows, cols } = stageWindow(pooling, to);
  return rows.map((r) => cols.map((c) => before.values[r * before.cols + c]));
}
