// @ts-check
// Training a network of convolutions, ReLU, pooling and a linear layer: the same weights as cnnlib, bit for bit.
// Every sum is exact (see cnnlib/exact.py), so that one image after another gives what whole batches give.

/** @typedef {{name: "conv2d"|"linear", shape: number[], weight: Float64Array, bias: Float64Array, fine: Float64Array[], speed: Float64Array[]}} Weighted
    A layer with weights on their grid; the finer values that steps move, and their velocities: of the weight and the bias. */
/** @typedef {{name: "relu"|"max_pool2d"|"flatten"}} Plain */
/** @typedef {Weighted | Plain} Layer */
/** @typedef {{values: Float64Array, size: number[]}} Maps Of one image: channels, rows and columns, or a row of numbers. */

export const [WEIGHT_BITS, ACTIVATION_BITS, GRADIENT_BITS, SHARE_BITS] = [14, 10, 22, 40];
const POOL = 2; // side of a pooling window, and its stride
const LOG2_E = 1.4426950408889634;
const [LN2_HIGH, LN2_LOW] = [0.693147180369123816490, 1.90821492927058770002e-10];
const EXP_TERMS = 14;

/** Round to a whole number, halves to the even one, as NumPy does. @param {number} x */
export function rint(x) {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** Round each value to a multiple of 2^-bits, in place. @param {Float64Array} values @param {number} bits */
export function roundTo(values, bits) {
  const scale = 2 ** bits;
  for (let i = 0; i < values.length; i++) values[i] = rint(values[i] * scale) / scale;
  return values;
}

/** The exponential of a number up to 0, by additions and multiplications alone. @param {number} x */
export function exp(x) {
  const n = rint(x * LOG2_E);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let total = 1;
  for (let k = EXP_TERMS; k > 0; k--) total = 1 + (r * total) / k;
  for (let i = 0; i > n && total > 0; i--) total /= 2;
  return total;
}

/** Probabilities of scores. @param {Float64Array} scores */
export function softmax(scores) {
  const most = scores.reduce((a, b) => Math.max(a, b));
  const raised = roundTo(scores.map((score) => exp(score - most)), SHARE_BITS);
  const total = raised.reduce((a, b) => a + b, 0);
  return raised.map((value) => value / total);
}

/** Random numbers as those of cnnlib.learn.Random. */
export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = (seed % 2147483646) + 1;
    for (let i = 0; i < 3; i++) this.uniform();
  }

  /** A number above 0 and below 1. */
  uniform() {
    this.state = (this.state * 48271) % 2147483647;
    return this.state / 2147483647;
  }

  /** A whole number from 0 to n - 1. @param {number} n */
  below(n) {
    return Math.floor(this.uniform() * n);
  }

  /** The numbers from 0 to n - 1 in a random order. @param {number} n */
  order(n) {
    const numbers = Array.from({ length: n }, (_, i) => i);
    for (let last = n - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [numbers[last], numbers[other]] = [numbers[other], numbers[last]];
    }
    return numbers;
  }
}

/** A layer with the given fine parameters. @param {"conv2d"|"linear"} name @param {number[]} shape @param {ArrayLike<number>} weight @param {ArrayLike<number>} bias @returns {Weighted} */
export function weighted(name, shape, weight, bias) {
  const fine = [weight, bias].map((values) => Float64Array.from(values));
  const [onGrid, biasOnGrid] = fine.map((values) => roundTo(values.slice(), WEIGHT_BITS));
  return { name, shape, weight: onGrid, bias: biasOnGrid, fine, speed: fine.map((values) => new Float64Array(values.length)) };
}

/** Run an image through the layers; return it and the output of each. @param {Layer[]} layers @param {Maps} image */
export function forward(layers, image) {
  const maps = [image];
  for (const layer of layers) maps.push(apply(layer, maps.at(-1)));
  return maps;
}

/** @param {Layer} layer @param {Maps} input @returns {Maps} */
function apply(layer, input) {
  if (layer.name === "relu") return { ...input, values: input.values.map((x) => Math.max(x, 0)) };
  if (layer.name === "flatten") return { values: input.values, size: [input.values.length] };
  if (layer.name === "max_pool2d") return pool(input);
  const sums = layer.name === "conv2d" ? convolve : combine;
  const output = sums(/** @type {Weighted} */ (layer), input);
  roundTo(output.values, ACTIVATION_BITS);
  return output;
}

/** Visit each pair of an input and an output entry that share a weight: `visit` gets the index of the weight and of the
    first entries of a row, and the length of that row. @param {Weighted} layer @param {number[]} size */
function eachRow({ shape: [outputs, channels, kh, kw] }, [, height, width], visit) {
  const [rows, cols] = [height - kh + 1, width - kw + 1];
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < channels; i++)
      for (let u = 0; u < kh; u++)
        for (let v = 0; v < kw; v++)
          for (let r = 0; r < rows; r++)
            visit(((o * channels + i) * kh + u) * kw + v, (i * height + r + u) * width + v, (o * rows + r) * cols, cols);
}

/** @param {Weighted} layer @param {Maps} input @returns {Maps} */
function convolve(layer, { values: x, size }) {
  const [outputs, , kh, kw] = layer.shape;
  const [rows, cols] = [size[1] - kh + 1, size[2] - kw + 1];
  const y = Float64Array.from({ length: outputs * rows * cols }, (_, i) => layer.bias[Math.floor(i / (rows * cols))]);
  eachRow(layer, size, (tap, from, to, count) => {
    const weight = layer.weight[tap];
    for (let c = 0; c < count; c++) y[to + c] += weight * x[from + c];
  });
  return { values: y, size: [outputs, rows, cols] };
}

/** @param {Weighted} layer @param {Maps} input @returns {Maps} */
function combine({ shape: [outputs, inputs], weight, bias }, { values: x }) {
  const y = bias.slice();
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) y[o] += weight[o * inputs + i] * x[i];
  return { values: y, size: [outputs] };
}

/** The index of the first largest entry of each window. @param {Maps} input */
function maxima({ values, size: [channels, height, width] }) {
  const found = [];
  for (let i = 0; i < channels; i++)
    for (let r = 0; r + POOL <= height; r += POOL)
      for (let c = 0; c + POOL <= width; c += POOL) {
        let best = (i * height + r) * width + c;
        for (let u = 0; u < POOL; u++)
          for (let v = 0; v < POOL; v++) {
            const at = (i * height + r + u) * width + c + v;
            if (values[at] > values[best]) best = at;
          }
        found.push(best);
      }
  return found;
}

/** @param {Maps} input @returns {Maps} */
function pool(input) {
  const [channels, height, width] = input.size;
  const values = Float64Array.from(maxima(input), (at) => input.values[at]);
  return { values, size: [channels, Math.floor(height / POOL), Math.floor(width / POOL)] };
}

/** What a layer passes back to its input, from the gradient of its output; adds what its weights get to `sums`.
    @param {Layer} layer @param {Maps} input @param {Float64Array} grad @param {Float64Array[]} sums @param {boolean} first */
function passBack(layer, input, grad, sums, first) {
  const { values: x, size } = input;
  if (layer.name === "flatten") return grad;
  if (layer.name === "relu") return grad.map((g, i) => (x[i] > 0 ? g : 0));
  const back = new Float64Array(x.length);
  if (layer.name === "max_pool2d") {
    maxima(input).forEach((at, i) => (back[at] += grad[i]));
    return back;
  }
  roundTo(grad, GRADIENT_BITS);
  const { weight, bias } = /** @type {Weighted} */ (layer);
  const positions = grad.length / bias.length;
  grad.forEach((g, i) => (sums[1][Math.floor(i / positions)] += g));
  const visit = (tap, from, to, count) => {
    let sum = 0;
    for (let c = 0; c < count; c++) sum += x[from + c] * grad[to + c];
    sums[0][tap] += sum;
    if (!first) for (let c = 0; c < count; c++) back[from + c] += weight[tap] * grad[to + c];
  };
  if (layer.name === "conv2d") eachRow(layer, size, visit);
  else grad.forEach((_, o) => x.forEach((__, i) => visit(o * x.length + i, i, o, 1)));
  return back;
}

/** Move all weights once by gradient descent with momentum; return the mean loss of the batch before.
    @param {Layer[]} layers @param {Maps[]} images @param {number[]} labels @param {number} rate */
export function step(layers, images, labels, rate, momentum = 0.9) {
  const sums = layers.map((layer) => ("fine" in layer ? layer.fine.map((values) => new Float64Array(values.length)) : []));
  let loss = 0;
  images.forEach((image, n) => {
    const maps = forward(layers, image);
    const shares = softmax(maps.at(-1).values);
    loss -= Math.log(Math.max(shares[labels[n]], 2 ** -SHARE_BITS));
    shares[labels[n]] -= 1;
    /** @type {Float64Array} */ let grad = shares.map((g) => g / images.length);
    for (let k = layers.length - 1; k >= 0; k--) grad = passBack(layers[k], maps[k], grad, sums[k], k === 0);
  });
  layers.forEach((layer, k) => "fine" in layer && move(layer, sums[k], rate, momentum));
  return loss / images.length;
}

/** @param {Weighted} layer @param {Float64Array[]} gradients */
function move(layer, gradients, rate, momentum) {
  layer.fine.forEach((fine, part) => {
    const speed = layer.speed[part];
    const used = part ? layer.bias : layer.weight;
    for (let i = 0; i < fine.length; i++) {
      speed[i] = speed[i] * momentum + gradients[part][i];
      fine[i] -= rate * speed[i];
      used[i] = rint(fine[i] * 2 ** WEIGHT_BITS) / 2 ** WEIGHT_BITS;
    }
  });
}
