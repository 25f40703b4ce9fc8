// Prints the partners of everything that can be pointed at: node partners.mjs path/to/explorer.js path/to/states.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, states] = process.argv.slice(2);
const { parseState, partners, step, windowGeometry } = await import(pathToFileURL(script).href);
const indices = (m) => m.flatMap((row, r) => row.map((_, c) => [r, c]));

const all = (raw) => {
  const st = parseState(raw);
  const geometry = windowGeometry(st);
  const terms = step(st, geometry, st.at).terms.map((_, i) => [i, 0]);
  const of = (on, places) => places.map((at) => ({ on, at, ...partners(st, geometry, st.at, { on, at }) }));
  const gone = [st.x.length, 0]; // below the input
  return [...of("x", [...indices(st.x), gone]), ...of("k", indices(st.k)), ...of("term", terms), ...of("y", [st.at])];
};
console.log(JSON.stringify(JSON.parse(readFileSync(states, "utf8")).map(all)));
