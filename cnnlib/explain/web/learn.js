// @ts-check
// Training a network of convolutions, ReLU, pooling and a linear layer: the same weights as cnnlib, bit for bit.
// Every sum is exact (see cnnlib/exact.py), so that one image after another gives what whole batches give.

import { SHARE_BITS, eachRow, forward, maxima, rint, roundTo, softmax } from "./forward.js";

/** @typedef {import("./forward.js").ForwardLayer} ForwardLayer */
/** @typedef {import("./forward.js").Maps} Maps */
/** @typedef {ForwardLayer & {fine: Float64Array[], speed: Float64Array[]}} Weighted
    A layer with weights on their grid; the finer values that steps move, and their velocities: of the weight and the bias. */
/** @typedef {Weighted | ForwardLayer} Layer */

export const [WEIGHT_BITS, ACTIVATION_BITS, GRADIENT_BITS] = [14, 10, 22];

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
  return { name, shape, weight: onGrid, bias: biasOnGrid, bits: ACTIVATION_BITS, fine, speed: fine.map((values) => new Float64Array(values.length)) };
}

/** What a layer passes back to its input, from the gradient of its output; adds what its weights get to `sums`.
    @param {Layer} layer @param {Maps} input @param {Float64Array} grad @param {Float64Array[]} sums @param {boolean} first */
function passBack(layer, input, grad, sums, first) {
  const { values: x, size } = input;
  if (layer.name === "flatten") return grad;
  if (layer.name === "relu") return grad.map((g, i) => (x[i] > 0 ? g : 0));
  const back = new Float64Array(x.length);
  if (layer.name === "max_pool2d") {
    maxima(layer, input).forEach((at, i) => (back[at] += grad[i]));
    return back;
  }
  roundTo(grad, GRADIENT_BITS);
  const { weight, bias } = /** @type {Weighted} */ (layer);
  const positions = grad.length / bias.length;
  grad.forEach((g, i) => (sums[1][Math.floor(i / positions)] += g));
  const visit = (tap, from, to, count, step = 1) => {
    let sum = 0;
    for (let c = 0, at = from; c < count; c++, at += step) sum += x[at] * grad[to + c];
    sums[0][tap] += sum;
    if (!first) for (let c = 0, at = from; c < count; c++, at += step) back[at] += weight[tap] * grad[to + c];
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
