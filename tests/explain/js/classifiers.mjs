// Prints what the script of classifiers computes: node classifiers.mjs path/to/web path/to/elements.json
// An element has its state, its weights as base64, images, and values to explain: [stage, map, row, column].
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${folder}/${name}`).href);
const { ClassifierModel, withWeights } = await load("classifier-model.js");
const { explainValue } = await load("classifier-words.js");
const { centred, inkBox, moved, withStroke, emptyGrid } = await load("classifier-board.js");
const { elements, drawings } = JSON.parse(readFileSync(file, "utf8"));

const shown = elements.map(({ state, weights, images, entries }) => {
  const bytes = Uint8Array.from(Buffer.from(weights, "base64"));
  const model = new ClassifierModel(withWeights(state.layers, state.format, bytes.buffer), state.size, state);
  return images.map((rows) => {
    model.run(Float64Array.from(rows.flat()));
    return {
      stages: model.stages.map(({ size }, n) => ({ size, values: [...model.values(n)] })),
      shares: [...model.shares],
      entries: entries.map(([stage, ...at]) => {
        const origin = model.origin(stage, at);
        const sums = origin.groups.map(({ sum }) => sum);
        return { ...origin, sums, field: model.field(stage, at), words: explainValue(model, state.classes, stage, at, origin) };
      }),
    };
  });
});
const made = drawings.map(({ lines, by, pen }) => {
  let grid = emptyGrid(28, 28);
  for (const [from, to] of lines) grid = withStroke(grid, from, to, pen);
  const shifted = moved(grid, by);
  const { grid: middle, placing } = centred(shifted, pen.levels);
  return { drawn: [...shifted.values], centred: [...middle.values], placing, box: inkBox(middle), again: [...centred(middle, pen.levels).grid.values] };
});
console.log(JSON.stringify({ shown, made }));
