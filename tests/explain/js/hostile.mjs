// Fuzzes explorer.js with random states, links and texts: node hostile.mjs path/to/explorer.js [seed] [rounds]
// Each must be rejected with a sentence, or be accepted and then work and produce safe output.
import { pathToFileURL } from "node:url";

const js = await import(pathToFileURL(process.argv[2]).href);
const { code } = await import(new URL("code.js", pathToFileURL(process.argv[2])).href);
let seed = Number(process.argv[3] ?? 1);
const next = (below) => (seed = (seed * 48271) % 2147483647) % below;
const tokens = ["op=", "conv2d", "max_pool2d", "&", "x=", "k=", "s=", "p=", "d=", "at=", "1,2;3,4", "1,2", "0,0", "99,99", "-1", "1e999",
  "NaN", "Infinity", "<img src=x onerror=alert(1)>", "%3Cscript%3E", "%", "%ff", "__proto__", "constructor", "[object Object]", "'", '"',
  "\u202e", "\u0000", "💥", "a", "k_{11}", "x_99", ";;;", ",,,", "[[1,2],[3,4]]", "1 2\n3 4", "\t", "after=", "bias,", "relu;", "max,2,1", "9".repeat(400), "−3", ".5", "5."];
const values = [null, undefined, NaN, Infinity, -1, 0, 1, 2.5, 1e308, "3", "a", "<b>", [], [[]], [[1]], [[1, 2], [3]], [[null]], [[{}]], {}, true, [1, 1], [0, 0], [["relu"]], [["bias", "<b>"]], [["max", 2, 1]],
  [4, 4], [5, 1], "conv2d", "avg_pool2d", "toString", Array(13).fill([1]), [Array(13).fill(1)], [["a"]], [["<i>"]], Symbol.iterator, () => 1, Object.create(null)];
const pick = (list) => list[next(list.length)];
const text = () => Array.from({ length: next(14) }, () => pick(tokens)).join("");
const bad = [];
let accepted = 0;

/** Check that the input is rejected with a readable message, or that all results are computed without error
    and contain no markup. */
function probe(what, parse) {
  let st;
  try {
    st = parse();
  } catch (error) {
    if (!(error instanceof RangeError) || !/^[A-Z].*\.$/.test(error.message) || /[<>]/.test(error.message)) bad.push(`${what}: ${error}`);
    return;
  }
  try {
    accepted += 1;
    const geometry = js.windowGeometry(st);
    const results = [js.encode(st), JSON.stringify(code(st)), geometry.why];
    if (!geometry.why) {
      const at = st.at.map((n, i) => Math.min(n, geometry.out[i] - 1));
      results.push(...js.equation(st, geometry, at).flat().map((piece) => piece.mathml), js.describe(st, geometry, at), ...js.outputShades(st, geometry).flat());
    }
    for (const key of "xkspd") for (const axis of [0, 1]) js.limits(st, key, axis);
    if (/onerror|script|<img|<i>|<b>|NaN|undefined/.test(results.join())) bad.push(`${what} produced: ${results.join().slice(0, 200)}`);
  } catch (error) {
    bad.push(`${what} was accepted, but then: ${error}`);
  }
}

const rounds = Number(process.argv[4] ?? 10000);
for (let i = 0; i < rounds; i += 1) {
  const link = next(3) ? text() : `op=conv2d&x=${pick(tokens)}&k=${pick(tokens)}&s=${pick(tokens)}&p=${pick(tokens)}&d=${pick(tokens)}&at=${pick(tokens)}${next(2) ? "" : `&after=${pick(tokens)}`}`;
  probe(`link ${JSON.stringify(link)}`, () => js.decode(link));
  const state = Object.fromEntries(["op", "x", "k", "s", "p", "d", "at", "after"].map((key) => [key, pick(values)]));
  if (next(2)) Object.assign(state, { op: pick(js.OPS), x: [[1, "b"], [3, -4]], k: [[1]] });
  probe("state", () => js.parseState(next(50) ? state : pick(values)));
  const pasted = text();
  probe(`paste ${JSON.stringify(pasted)}`, () => js.parseState({ op: "conv2d", x: js.parseText(pasted, "x"), k: [[1]] }));
}
console.log(JSON.stringify({ accepted, bad: bad.slice(0, 5), count: bad.length }));
process.exitCode = bad.length ? 1 : 0;
