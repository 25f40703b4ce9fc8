// Prints what is copied as a picture of each state: node drawings.mjs path/to/explorer.js path/to/states.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, states] = process.argv.slice(2).map((path) => pathToFileURL(path));
const { parseState, windowGeometry } = await import(script.href);
const { drawing } = await import(new URL("drawing.js", script).href);
const draw = (raw) => {
  const st = parseState(raw);
  return drawing(st, windowGeometry(st));
};
console.log(JSON.stringify(JSON.parse(readFileSync(states, "utf8")).map(draw)));
