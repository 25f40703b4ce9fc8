// Prints all entries of a network as network.js computes them: node networks.mjs path/to/network.js path/to/state.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, path] = process.argv.slice(2);
const { makeNetwork } = await import(pathToFileURL(script).href);
const { image, layers } = JSON.parse(readFileSync(path, "utf8"));
const { shapes, value, terms, field } = makeNetwork(image, layers);
const range = (n) => [...Array(n).keys()];
const maps = shapes.map(([channels, rows, cols], layer) => range(channels).map((c) => range(rows).map((r) => range(cols).map((k) => value(layer, [c, r, k])))));
const last = shapes.length - 1;
console.log(JSON.stringify({ maps, fields: shapes.map((_, layer) => field(layer, [0, 0, 0])), terms: shapes.map((_, layer) => terms(layer, [0, 0, 0]).length), score: terms(last, [0, 0, 0]) }));
