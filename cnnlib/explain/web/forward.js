// @ts-check
// Networks run forwards, one image at a time, as cnnlib runs them. Where all sums are exact (see cnnlib/exact.py), the results
// are the same to the last bit, in whatever order they are added.

/** @typedef {object} ForwardLayer
    @property {"conv2d"|"linear"|"relu"|"max_pool2d"|"avg_pool2d"|"flatten"|"softmax"|"on_grid"} name
    @property {number[]} [shape] Of the weight: outputs, inputs, and for a convolution rows and columns.
    @property {Float64Array} [weight] Row after row.
    @property {Float64Array} [bias]
    @property {number} [bits] The results are rounded to multiples of 2^-bits.
    @property {number[]} [kernel] Rows and columns of a pooling window, by default 2 by 2.
    @property {number[]} [stride] Rows and columns.
    @property {number[][]} [padding] Above and below, then left and right.
    @property {number[]} [dilation] Rows and columns.
    @property {number} [groups]
    @property {boolean} [inside] Whether a mean counts only the entries inside the input. */
/** @typedef {{values: Float64Array, size: number[]}} Maps Of one image: channels, rows and columns, or a row of numbers. */

export const SHARE_BITS = 40;
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

/** Run an image through the layers; return it and the output of each. @param {ForwardLayer[]} layers @param {Maps} image */
export function forward(layers, image) {
  const maps = [image];
  for (const layer of layers) maps.push(apply(layer, maps.at(-1)));
  return maps;
}

/** @param {ForwardLayer} layer @param {Maps} input @returns {Maps} */
function apply(layer, input) {
  const output = OPERATIONS[layer.name](layer, input);
  if (layer.bits !== undefined) roundTo(output.values, layer.bits);
  return output;
}

/** @type {Record<ForwardLayer["name"], (layer: ForwardLayer, input: Maps) => Maps>} */
const OPERATIONS = {
  conv2d: convolve,
  linear: combine,
  relu: (_, { values, size }) => ({ values: values.map((x) => Math.max(x, 0)), size }),
  max_pool2d: (layer, input) => ({ values: Float64Array.from(maxima(layer, input), (at) => input.values[at]), size: [input.size[0], ...placeWindows(layer, input.size).output] }),
  avg_pool2d: means,
  flatten: (_, { values }) => ({ values, size: [values.length] }),
  softmax: (_, { values, size }) => ({ values: softmax(values), size }),
  on_grid: (_, { values, size }) => ({ values: values.slice(), size }),
};

/** Where the windows of a layer lie on maps of a size. @param {ForwardLayer} layer @param {number[]} size */
export function placeWindows(layer, size) {
  const kernel = layer.kernel ?? layer.shape?.slice(2) ?? [2, 2];
  const { stride = layer.shape ? [1, 1] : kernel, padding = [[0, 0], [0, 0]], dilation = [1, 1] } = layer;
  const output = kernel.map((n, axis) => Math.floor((size[axis + 1] + padding[axis][0] + padding[axis][1] - dilation[axis] * (n - 1) - 1) / stride[axis]) + 1);
  return { kernel, stride, padding, dilation, output };
}

/** Visit all pairs of an input and an output entry that share a weight, a row of the output at a time: `visit` gets the index of
    the weight, those of the first entries of both rows, how many pairs there are, and the steps from one input to the next.
    @param {ForwardLayer} layer @param {number[]} size */
export function eachRow(layer, size, visit) {
  const { shape: [outputs, channels], groups = 1 } = layer;
  const { kernel: [kh, kw], stride: [down, across], padding: [[above], [before]], dilation: [dh, dw], output: [rows, cols] } = placeWindows(layer, size);
  const [, height, width] = size;
  // The outputs, from the first on and how many, that meet an input at this distance from their windows' start.
  const inside = (start, step, length, count) => {
    const first = Math.max(0, Math.ceil(-start / step));
    return [first, Math.min(count - 1, Math.floor((length - 1 - start) / step)) - first + 1];
  };
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < channels; i++) {
      const channel = Math.floor((o * groups) / outputs) * channels + i;
      for (let u = 0; u < kh; u++)
        for (let v = 0; v < kw; v++) {
          const tap = ((o * channels + i) * kh + u) * kw + v;
          const [top, left] = [u * dh - above, v * dw - before];
          const [row, high] = inside(top, down, height, rows);
          const [col, wide] = inside(left, across, width, cols);
          let from = (channel * height + top + row * down) * width + left + col * across;
          let to = (o * rows + row) * cols + col;
          for (let r = 0; r < high; r++, from += down * width, to += cols) visit(tap, from, to, wide, across);
        }
    }
}

/** @param {ForwardLayer} layer @param {Maps} input @returns {Maps} */
function convolve(layer, { values: x, size }) {
  const [rows, cols] = placeWindows(layer, size).output;
  const y = Float64Array.from({ length: layer.shape[0] * rows * cols }, (_, i) => layer.bias[Math.floor(i / (rows * cols))]);
  eachRow(layer, size, (tap, from, to, count, step) => {
    const weight = layer.weight[tap];
    for (let c = 0; c < count; c++, from += step) y[to + c] += weight * x[from];
  });
  return { values: y, size: [layer.shape[0], rows, cols] };
}

/** @param {ForwardLayer} layer @param {Maps} input @returns {Maps} */
function combine({ shape: [outputs, inputs], weight, bias }, { values: x }) {
  const y = bias.slice();
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) y[o] += weight[o * inputs + i] * x[i];
  return { values: y, size: [outputs] };
}

/** Visit each window of a pooling layer with the indices under it, without those of the padding, in one array that is used again.
    @param {ForwardLayer} layer @param {number[]} size @param {(under: number[]) => void} visit */
function eachWindow(layer, size, visit) {
  const { kernel: [kh, kw], stride: [down, across], padding: [[above], [before]], dilation: [dh, dw], output: [rows, cols] } = placeWindows(layer, size);
  const [channels, height, width] = size;
  const under = [];
  for (let i = 0; i < channels; i++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++) {
        under.length = 0;
        for (let u = 0, row = r * down - above; u < kh; u++, row += dh)
          for (let v = 0, col = c * across - before; v < kw; v++, col += dw)
            if (row >= 0 && row < height && col >= 0 && col < width) under.push((i * height + row) * width + col);
        visit(under);
      }
}

/** The index of the first largest entry of each window. @param {ForwardLayer} layer @param {Maps} input */
export function maxima(layer, { values, size }) {
  const found = [];
  eachWindow(layer, size, (under) => {
    let best = under[0];
    for (const at of under) if (values[at] > values[best]) best = at;
    found.push(best);
  });
  return found;
}

/** @param {ForwardLayer} layer @param {Maps} input @returns {Maps} */
function means(layer, { values, size }) {
  const { kernel, output } = placeWindows(layer, size);
  const found = [];
  eachWindow(layer, size, (under) => {
    let sum = 0;
    for (const at of under) sum += values[at];
    found.push(sum / (layer.inside ? under.length : kernel[0] * kernel[1]));
  });
  return { values: Float64Array.from(found), size: [size[0], ...output] };
}
