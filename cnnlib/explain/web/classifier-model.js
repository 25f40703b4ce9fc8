// @ts-check
// A chain of layers and what it makes of an image: the layers that are shown, where each value comes from, and what it sees.

import { forward, placeWindows, softmax } from "./forward.js";

/** @import { ForwardLayer, Maps } from "./forward.js" */
/** @typedef {[number, number, number]} Entry Map, row and column, counted from 0. */
/** @typedef {{layer: ForwardLayer, index: number, title: string, size: number[], limit: number}} Stage
    A layer that is shown; the first is the image, and has no layer. A row of numbers has the size of a single map. */
/** @typedef {{at: Entry|null, value: number, weight: number, product: number}} Term `at` is null in the padding. */
/** @typedef {{channel: number, cols: number, terms: Term[], sum: number}} Group What one map gives. */
/** @typedef {{kind: "sum"|"largest"|"mean"|"positive", groups: Group[], bias: number, value: number}} Origin */

const HIDDEN = ["flatten", "softmax", "on_grid"];
const NUMBERS = { int16: Int16Array, float32: Float32Array, float64: Float64Array };

/** The layers with the weights of the file, one after the other. @param {any[]} layers @param {{type: string, bits: number}} format
    @param {ArrayBuffer} file @returns {ForwardLayer[]} */
export function withWeights(layers, { type, bits }, file) {
  const numbers = new NUMBERS[type](file);
  let place = 0;
  const take = (count) => Float64Array.from(numbers.subarray(place, (place += count)), (n) => n / 2 ** bits);
  return layers.map((layer) => {
    if (!layer.shape) return layer;
    const weight = take(layer.shape.reduce((a, b) => a * b));
    return { ...layer, weight, bias: layer.biased ? take(layer.shape[0]) : new Float64Array(layer.shape[0]) };
  });
}

export class ClassifierModel {
  /** @param {ForwardLayer[]} layers @param {[number, number]} size Of the image @param {{titles: string[], limits: number[]}} named Of each stage */
  constructor(layers, size, { titles, limits }) {
    this.layers = layers;
    this.size = size;
    const sizes = forward(layers, { values: new Float64Array(size[0] * size[1]), size: [1, ...size] }).map((maps) => maps.size);
    this.sizes = sizes;
    const shown = [-1, ...layers.keys()].filter((i) => i < 0 || !HIDDEN.includes(layers[i].name));
    /** @type {Stage[]} */
    this.stages = shown.map((i, n) => ({ layer: layers[i], index: i + 1, title: titles[n], limit: limits[n], size: asMaps(sizes[i + 1], n === shown.length - 1) }));
    /** @type {Maps[]} */ this.maps = [];
  }

  get last() {
    return this.stages.length - 1;
  }

  /** Run an image. @param {Float64Array} values */
  run(values) {
    this.maps = forward(this.layers, { values, size: [1, ...this.size] });
    return this;
  }

  /** The scores of an image, of which nothing is kept. @param {Float64Array} values */
  scoresOf(values) {
    return forward(this.layers, { values, size: [1, ...this.size] })[this.stages[this.last].index].values;
  }

  get scores() {
    return this.maps[this.stages[this.last].index].values;
  }

  get shares() {
    return softmax(this.scores);
  }

  /** The values of a stage. @param {number} stage */
  values(stage) {
    return this.maps[this.stages[stage].index].values;
  }

  /** @param {number} stage @param {Entry} at */
  valueAt(stage, at) {
    return this.values(stage)[flat(at, this.stages[stage].size)];
  }

  /** What a value was computed from. @param {number} stage Not the first @param {Entry} at @returns {Origin} */
  origin(stage, at) {
    const { layer, size } = this.stages[stage];
    const value = this.valueAt(stage, at);
    const before = this.stages[stage - 1].size;
    const term = (/** @type {Entry|null} */ from, weight = 1) => {
      const entry = from ? this.values(stage - 1)[flat(from, before)] : 0;
      return { at: from, value: entry, weight, product: entry * weight };
    };
    if (layer.name === "relu") return { kind: "positive", bias: 0, value, groups: [grouped(at[0], 1, [term(at)])] };
    if (layer.name === "linear") {
      const unit = flat(at, size);
      const [channels, rows, cols] = before;
      const inputs = layer.shape[1];
      const groups = Array.from({ length: channels }, (_, channel) => {
        const count = Math.min(rows * cols, inputs - channel * rows * cols);
        return grouped(channel, cols, Array.from({ length: count }, (__, i) => term([channel, Math.floor(i / cols), i % cols], layer.weight[unit * inputs + channel * rows * cols + i])));
      });
      return { kind: "sum", bias: layer.bias[unit], value, groups };
    }
    const { kernel: [kh, kw], stride: [down, across], padding: [[above], [left]], dilation: [dh, dw] } = placeWindows(layer, before);
    const window = (/** @type {number} */ channel, /** @type {number} */ offset) =>
      grouped(channel, kw, Array.from({ length: kh * kw }, (_, i) => {
        const [row, col] = [at[1] * down + Math.floor(i / kw) * dh - above, at[2] * across + (i % kw) * dw - left];
        const inside = row >= 0 && row < before[1] && col >= 0 && col < before[2];
        return term(inside ? [channel, row, col] : null, layer.weight ? layer.weight[offset + i] : 1);
      }));
    if (layer.name !== "conv2d") return { kind: layer.name === "max_pool2d" ? "largest" : "mean", bias: 0, value, groups: [window(at[0], 0)] };
    const [outputs, channels] = layer.shape;
    const first = Math.floor((at[0] * (layer.groups ?? 1)) / outputs) * channels;
    return { kind: "sum", bias: layer.bias[at[0]], value, groups: Array.from({ length: channels }, (_, i) => window(first + i, (at[0] * channels + i) * kh * kw)) };
  }

  /** The first and last row, and the first and last column, of a stage before (by default of the image) that a value depends on.
      @param {number} stage @param {Entry} at @returns {[number, number, number, number]} */
  field(stage, [, row, col], until = 0) {
    let [top, bottom, left, right] = [row, row, col, col];
    for (let n = stage; n > until; n -= 1) {
      const { layer } = this.stages[n];
      const [, rows, cols] = this.stages[n - 1].size;
      if (layer.name === "linear") [top, bottom, left, right] = [0, rows - 1, 0, cols - 1];
      else if (layer.name !== "relu") {
        const { kernel, stride, padding, dilation } = placeWindows(layer, this.stages[n - 1].size);
        const from = (axis, first) => first * stride[axis] - padding[axis][0];
        const to = (axis, last) => from(axis, last) + dilation[axis] * (kernel[axis] - 1);
        [top, bottom, left, right] = [from(0, top), to(0, bottom), from(1, left), to(1, right)];
      }
      [top, bottom] = [top, bottom].map((n) => Math.min(rows - 1, Math.max(0, n)));
      [left, right] = [left, right].map((n) => Math.min(cols - 1, Math.max(0, n)));
    }
    return [top, bottom, left, right];
  }
}

/** A row of numbers as one map that is nearly square; the last one as a map for each class. */
function asMaps(size, isLast) {
  if (size.length === 3) return size;
  const cols = Math.ceil(Math.sqrt(size[0]));
  return isLast ? [size[0], 1, 1] : [1, Math.ceil(size[0] / cols), cols];
}

/** The place of an entry among the values of its stage. @param {Entry} at @param {number[]} size */
export const flat = ([channel, row, col], [, rows, cols]) => (channel * rows + row) * cols + col;

/** @param {number} channel @param {number} cols @param {Term[]} terms @returns {Group} */
const grouped = (channel, cols, terms) => ({ channel, cols, terms, sum: terms.reduce((sum, one) => sum + one.product, 0) });
