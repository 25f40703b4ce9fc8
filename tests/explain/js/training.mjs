// Prints what the worker's training gives: node training.mjs path/to/folder/of/scripts path/to/training.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";

const [folder, file] = process.argv.slice(2);
const { Run, rateAt, unpack } = await import(pathToFileURL(`${folder}/training-worker.js`).href);
const { plotMarkup } = await import(pathToFileURL(`${folder}/training-plot.js`).href);
const { compare } = await import(pathToFileURL(`${folder}/training.js`).href);
const { settings, digits, weights, changed } = JSON.parse(readFileSync(file, "utf8"));

const pixels = unpack(inflateSync(Buffer.from(digits, "base64")));
const bytes = inflateSync(Buffer.from(weights, "base64"));
const expected = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

const train = (given, rate) => {
  const run = new Run(given, pixels);
  const losses = Array.from({ length: given.compared }, () => run.step(rate));
  return { losses, right: run.right(), compared: compare(run.fine, expected, settings.parts), steps: run.steps };
};
const few = { ...settings, compared: changed.steps };
const relabelled = { ...few, labels: settings.labels.map((label, n) => (n === settings.first.index ? changed.label : label)) };
const first = new Run(few, pixels);
for (let n = 0; n < changed.steps; n++) first.step(settings.rate);
const apart = (given, rate) => {
  const run = new Run(given, pixels);
  for (let n = 0; n < changed.steps; n++) run.step(rate);
  return compare(run.fine, first.fine, settings.parts);
};
const plotted = { steps: 200, heldOut: 50, compared: 100 };
console.log(JSON.stringify({
  start: new Run(few, pixels).kernels,
  plots: [plotMarkup({ loss: [], right: [], ...plotted }), plotMarkup({ loss: [2.5, 4.2, 1], right: [[2, 12]], ...plotted })],
  same: train(settings, settings.rate),
  again: apart(few, settings.rate),
  label: apart(relabelled, settings.rate),
  rate: apart(few, changed.rate),
  rates: Array.from({ length: settings.steps }, (_, n) => rateAt(n, settings.steps, settings.rate, settings.warmup)),
}));
