// Compares explorer.js with results of cnnlib: node vectors.mjs path/to/explorer.js path/to/vectors.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, vectors] = process.argv.slice(2);
const js = await import(pathToFileURL(script).href);
const { code } = await import(new URL("code.js", pathToFileURL(script)).href);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const flat = (nested) => nested.flat(Infinity);
const near = (a, b) => {
  const expected = flat(b);
  return flat(a).every((n, i) => close(n, expected[i])) && flat(a).length === expected.length;
};
const close = (a, b) => (a === null || b === null || a === b ? a === b : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)));
let wrong = 0;
const compare = (number, what, got, expected, equal = same) => {
  if (equal(got, expected)) return;
  wrong += 1;
  if (wrong > 5) return;
  const [ours, theirs] = [JSON.stringify(got), JSON.stringify(expected)];
  const start = [...ours].findIndex((c, i) => c !== theirs[i]);
  const excerpt = (text) => text.slice(Math.max(start - 60, 0), start + 60);
  console.error(`vector ${number} (${all[number].state.op}), ${what}:\n  script …${excerpt(ours)}\n  cnnlib …${excerpt(theirs)}`);
};

const all = JSON.parse(readFileSync(vectors, "utf8"));
all.forEach((v, number) => {
  const st = js.parseState(v.state);
  const geometry = js.windowGeometry(st);
  compare(number, "state after a round trip through a link", js.decode(js.encode(st)), st);
  compare(number, "link", js.encode(st).includes("after"), Boolean(st.after.length));
  if (v.why) return compare(number, "reason for having no output", geometry.why, v.why);
  if (v.link) compare(number, "state in cnnlib's link", js.decode(v.link), st);
  compare(number, "shape", geometry.out, v.shape);
  const values = v.output.map((row, r) => row.map((_, c) => (geometry.why ? undefined : js.step(st, geometry, [r, c]).value)));
  compare(number, "values", values, v.output, near);
  const shades = [js.shades(st.x), ...(js.isPool(st.op) ? [] : [js.shades(st.k)]), js.outputShades(st, geometry)];
  compare(number, "shades", shades, v.shades, near);
  compare(number, "equation (MathML)", js.equation(st, geometry, st.at).flat().map((piece) => piece.mathml), v.mathml);
  compare(number, "equation (TeX)", js.tex(js.equation(st, geometry, st.at).flat()), v.tex);
  for (const axis of [0, 1]) {
    compare(number, "size formula", js.sizeFormula(st, geometry, axis).map((piece) => `<math>${piece.mathml}</math>`).join(" "), v.size[axis]);
    compare(number, "rows or columns under no window", js.unread(geometry, axis), v.unread[axis]);
  }
});
console.log(JSON.stringify({ compared: all.length, wrong, code: all.map((v) => code(js.parseState(v.state))) }));
process.exitCode = wrong ? 1 : 0;
