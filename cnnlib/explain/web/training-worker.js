// @ts-check
// Trains the network that reads digits, step by step, in a worker: the same steps as cnnlib.explain.digit_network.

import { forward } from "./forward.js";
import { Random, step, weighted } from "./learn.js";

/** @typedef {{seed: number, count: number, size: number, reach: number, side: number, greys: number, epochs: number,
    warmup: number, heldOut: number, compared: number, layers: {name: any, shape?: number[]}[], labels: number[]}} Settings
    What to train on what; `count` digits to learn from come first, then those held out. */

/** The rate of a step: it rises over the warm-up, then falls to 0. */
export function rateAt(/** @type {number} */ at, /** @type {number} */ steps, /** @type {number} */ rate, /** @type {number} */ warmup) {
  if (at < warmup) return (rate * (at + 1)) / warmup;
  return rate * (1 - (at - warmup) / Math.max(1, steps - warmup));
}

/** Unpack two greys from each byte. @param {Uint8Array} packed */
export const unpack = (packed) => Uint8Array.from({ length: 2 * packed.length }, (_, i) => (i % 2 ? packed[i >> 1] & 15 : packed[i >> 1] >> 4));

/** A training that goes on by one step at a time. */
export class Run {
  /** @param {Settings} settings @param {Uint8Array} pixels Of all digits, as whole numbers */
  constructor(settings, pixels) {
    this.settings = settings;
    this.pixels = pixels;
    this.labels = settings.labels.slice();
    const random = (this.random = new Random(settings.seed));
    this.layers = settings.layers.map(({ name, shape }) => {
      if (!shape) return { name };
      const size = shape.reduce((a, b) => a * b);
      const bound = Math.sqrt((6 * shape[0]) / size);
      const drawn = Array.from({ length: size }, () => (2 * random.uniform() - 1) * bound);
      return weighted(name, shape, drawn, new Float64Array(shape[0]));
    });
    this.steps = settings.epochs * Math.floor(settings.count / settings.size);
    this.done = 0;
    this.queue = this.batches();
  }

  /** Go through the digits in random order, again and again; each is shifted by up to `reach` pixels. */
  *batches() {
    const { count, size, reach } = this.settings;
    for (;;) {
      const order = this.random.order(count);
      for (let first = 0; first + size <= count; first += size)
        yield order.slice(first, first + size).map((n) => [n, this.random.below(2 * reach + 1), this.random.below(2 * reach + 1)]);
    }
  }

  /** A digit as one map, moved down and across. */
  image(/** @type {number} */ n, down = this.settings.reach, across = this.settings.reach) {
    const { side, reach, greys } = this.settings;
    const values = new Float64Array(side * side);
    for (let r = 0; r < side; r++)
      for (let c = 0; c < side; c++) {
        const [y, x] = [r + down - reach, c + across - reach];
        if (y >= 0 && y < side && x >= 0 && x < side) values[r * side + c] = this.pixels[(n * side + y) * side + x] / greys;
      }
    return { values, size: [1, side, side] };
  }

  /** Learn from the next batch; return the mean loss before. @param {number} rate The largest of the training */
  step(rate) {
    const batch = /** @type {number[][]} */ (this.queue.next().value);
    const images = batch.map(([n, down, across]) => this.image(n, down, across));
    const now = rateAt(this.done, this.steps, rate, this.settings.warmup);
    this.done += 1;
    return step(this.layers, images, batch.map(([n]) => this.labels[n]), now);
  }

  /** How many of the digits held out get the highest score for their class. */
  right() {
    const { count, heldOut } = this.settings;
    let found = 0;
    for (let n = count; n < count + heldOut; n++) {
      const scores = forward(this.layers, this.image(n)).at(-1).values;
      found += Number(scores.indexOf(Math.max(...scores)) === this.labels[n]);
    }
    return found;
  }

  /** All parameters, as fine as steps move them. */
  get fine() {
    return this.layers.flatMap((layer) => ("fine" in layer ? layer.fine.flatMap((values) => [...values]) : []));
  }

  /** The weights of the first layer, as they are used. */
  get kernels() {
    return [.../** @type {{weight: Float64Array}} */ (this.layers[0]).weight];
  }
}

/** Obey the page: begin, go on up to a step, pause, and take another rate. */
function obey() {
  /** @type {Run} */ let run;
  let [until, rate, timer] = [0, 0, 0];
  const EVERY = 10; // steps from one look at the digits held out to the next

  const report = (/** @type {number|null} */ loss) => {
    const { done, kernels, settings: { compared } } = run;
    const right = done > 0 && (done % EVERY === 0 || done >= until) ? run.right() : null;
    postMessage({ done, loss, kernels, right, fine: loss !== null && done === compared ? run.fine : null });
  };
  const go = () => {
    timer = 0;
    if (run.done >= until) return;
    report(run.step(rate));
    timer = setTimeout(go); // lets messages in
  };
  onmessage = ({ data }) => {
    if (data.settings) {
      run = new Run(data.settings, unpack(data.packed));
      report(null);
    }
    rate = data.rate ?? rate;
    if (data.until === undefined) return;
    until = Math.min(data.until, run.steps);
    if (run.done >= until) report(null); // it pauses: what does it read now?
    else if (!timer) go();
  };
}

if (globalThis.WorkerGlobalScope) obey();
