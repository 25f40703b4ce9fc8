// Prints code, equations and sentences of stages: node stages.mjs path/to/stages.js path/to/requests.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, requests] = process.argv.slice(2);
const { stageEquation, stageSentence } = await import(pathToFileURL(script).href);
const js = await import(new URL("explorer.js", pathToFileURL(script)).href);
const { code } = await import(new URL("code.js", pathToFileURL(script)).href);

const answer = ({ state, i, at }) => {
  const st = js.parseState(state);
  const geometry = js.windowGeometry(st);
  const y = js.featureMap(js.makeMatrix(geometry.out, (r, c) => js.value(st, geometry, [r, c])));
  const maps = [y, ...js.applyStages(y, st.after)];
  const shown = i === undefined ? {} : { tex: js.tex(stageEquation(st.after, maps, i, at)), says: stageSentence(st.after, maps, i, at) };
  return { code: code(st), again: js.decode(js.encode(st)).after, ...shown };
};
console.log(JSON.stringify(JSON.parse(readFileSync(requests, "utf8")).map(answer)));
