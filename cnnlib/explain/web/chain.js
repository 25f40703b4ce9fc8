// @ts-check
// The stages that can follow an operation: adding a bias, ReLU, and pooling. A map is a flat list of numbers with its
// sizes, so that photographs can use the same functions.

/** @typedef {{rows: number, cols: number, values: ArrayLike<number>, winners?: Int32Array}} FeatureMap
    After max pooling, `winners` has for each entry the index in the values before at which the maximum was found first. */
/** @typedef {["bias", number]|["relu"]|["max"|"avg", number, number]} Stage
    Pooling has the size of its window and its stride, both the same for rows and columns. */

export const POOL_RANGE = { window: [2, 4], stride: [1, 4] };
const ORDER = ["bias", "relu", "max", "avg"];
const rank = (/** @type {any} */ [name]) => Math.min(ORDER.indexOf(name), 2); // either pooling comes last

/** The name of a map in equations and code. @param {Stage[0]} name */
export const stageLetter = (name) => ({ bias: "B", relu: "R", max: "P", avg: "P" })[name];

/** Validate the stages of a state: each at most once, in the order above. @param {any} raw @returns {Stage[]} */
export function parseStages(raw = []) {
  const inside = (n, /** @type {number[]} */ [least, most]) => Number.isInteger(n) && n >= least && n <= most;
  const complete = (/** @type {any} */ [name, ...numbers]) =>
    name === "bias" ? numbers.length === 1 && typeof numbers[0] === "number" && Math.abs(numbers[0]) < 1e6
    : name === "relu" ? !numbers.length
    : numbers.length === 2 && inside(numbers[0], POOL_RANGE.window) && inside(numbers[1], POOL_RANGE.stride);
  const valid = (/** @type {any} */ stage, i) => Array.isArray(stage) && rank(stage) >= 0 && complete(stage) && (!i || rank(stage) > rank(raw[i - 1]));
  if (!Array.isArray(raw) || !raw.every(valid))
    throw RangeError("The stages after the operation are a bias below 1000000, ReLU, and pooling with a window of 2 to 4 and a stride of 1 to 4, in this order.");
  return raw.map((/** @type {any} */ [name, ...numbers]) => /** @type {Stage} */ ([name, ...numbers.map((n) => Number(n.toPrecision(6)) + 0)]));
}

/** Write stages as a part of a link: bias,-3;relu;max,2,2 @param {Stage[]} stages */
export const encodeStages = (stages) => stages.map((stage) => stage.join()).join(";");
/** Read what `encodeStages` returned, or throw an error. @param {string} text */
export const decodeStages = (text) =>
  parseStages(text.split(";").map((stage) => stage.split(",").map((part, i) => (i && part ? Number(part) : part))));

/** @param {number[][]} m @returns {FeatureMap} */
export const featureMap = (m) => ({ rows: m.length, cols: m[0]?.length ?? 0, values: m.flat() });

/** @param {FeatureMap} map @param {(v: number) => number} f @returns {FeatureMap} */
const mapValues = ({ rows, cols, values }, f) => ({ rows, cols, values: Float64Array.from(values, f) });

/** How many windows lie along an axis of `n` entries; at least 0. */
export const pooledSize = (n, window, stride) => Math.max(0, Math.floor((n - window) / stride) + 1);

/** @param {FeatureMap} map @param {Stage} stage @returns {FeatureMap} */
function pool(map, [name, window, stride]) {
  const [rows, cols] = [map.rows, map.cols].map((n) => pooledSize(n, window, stride));
  const values = new Float64Array(rows * cols);
  const winners = new Int32Array(rows * cols);
  for (let r = 0, o = 0; r < rows; r += 1)
    for (let c = 0; c < cols; c += 1, o += 1) {
      let [sum, best] = [0, r * stride * map.cols + c * stride];
      for (let i = 0; i < window; i += 1)
        for (let j = 0; j < window; j += 1) {
          const from = (r * stride + i) * map.cols + c * stride + j;
          sum += map.values[from];
          if (map.values[from] > map.values[best]) best = from;
        }
      values[o] = name === "max" ? map.values[best] : sum / (window * window);
      winners[o] = best;
    }
  return name === "max" ? { rows, cols, values, winners } : { rows, cols, values };
}

/** What one stage makes of a map. @param {FeatureMap} map @param {Stage} stage @returns {FeatureMap} */
export function applyStage(map, stage) {
  const [name, bias] = stage;
  if (name === "bias") return mapValues(map, (v) => v + bias);
  if (name === "relu") return mapValues(map, (v) => Math.max(v, 0));
  return pool(map, stage);
}

/** The maps after each of the stages. @param {FeatureMap} map @param {Stage[]} stages */
export const applyStages = (map, stages) => stages.map((stage) => (map = applyStage(map, stage)));

/** The rows and columns of the map before a stage from which it computes one entry.
    @param {Stage} stage @param {number[]} at */
export function stageWindow([name, window, stride], at) {
  const [size, step] = name === "max" || name === "avg" ? [window, stride] : [1, 1];
  const [rows, cols] = at.map((n) => Array.from({ length: size }, (_, i) => n * step + i));
  return { rows, cols };
}
