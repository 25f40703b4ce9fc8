// Prints the parameters after a training: node learning.mjs path/to/learn.js path/to/training.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, file] = process.argv.slice(2);
const js = await import(pathToFileURL(script).href);
const { exp, rint } = await import(new URL("forward.js", pathToFileURL(script)).href);
const { layers, batches, random, numbers } = JSON.parse(readFileSync(file, "utf8"));

const network = layers.map((layer) => (layer.weight ? js.weighted(layer.name, layer.shape, layer.weight, layer.bias) : layer));
const losses = batches.map(({ images, labels, rate }) => {
  const maps = images.map((rows) => ({ values: Float64Array.from(rows.flat()), size: [1, rows.length, rows[0].length] }));
  return js.step(network, maps, labels, rate);
});
const trained = network.filter((layer) => layer.fine);
const generator = new js.Random(random.seed);
const { exponents, halves } = numbers;
const result = {
  fine: trained.flatMap((layer) => layer.fine.map((values) => [...values])),
  used: trained.flatMap((layer) => [[...layer.weight], [...layer.bias]]),
  losses,
  order: generator.order(random.count),
  below: Array.from({ length: random.count }, () => generator.below(random.count)),
  exp: exponents.map(exp),
  rint: halves.map(rint),
};
console.log(JSON.stringify(result));
