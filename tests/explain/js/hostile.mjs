// Throws thousands of random states and links at explorer.js: each is taken whole or refused in a sentence.
import { pathToFileURL } from "node:url";

const js = await import(pathToFileURL(process.argv[2]).href);
let seed = Number(process.argv[3] ?? 1);
const next = (below) => (seed = (seed * 48271) % 2147483647) % below;
const bits = ["op=", "conv2d", "max_pool2d", "&", "x=", "k=", "s=", "p=", "d=", "at=", "1,2;3,4", "1,2", "0,0", "99,99", "-1", "1e999",
  "NaN", "Infinity", "<img src=x onerror=alert(1)>", "%3Cscript%3E", "%", "%ff", "__proto__", "constructor", "[object Object]", "'", '"',
  "\u202e", "\u0000", "💥", "a", "k_{11}", "x_99", ";;;", ",,,", "[[1,2],[3,4]]", "1 2\n3 4", "\t", "9".repeat(400), "−3", ".5", "5."];
const values = [null, undefined, NaN, Infinity, -1, 0, 1, 2.5, 1e308, "3", "a", "<b>", [], [[]], [[1]], [[1, 2], [3]], [[null]], [[{}]], {}, true, [1, 1], [0, 0],
  [4, 4], [5, 1], "conv2d", "avg_pool2d", "toString", Array(13).fill([1]), [Array(13).fill(1)], [["a"]], [["<i>"]], Symbol.iterator, () => 1, Object.create(null)];
const any = (list) => list[next(list.length)];
const text = () => Array.from({ length: next(14) }, () => any(bits)).join("");
const bad = [];
let taken = 0;

/** What is taken must be drawn from numbers and letters alone, and give every result without an error. */
function judge(what, f) {
  let st;
  try {
    st = f();
  } catch (error) {
    if (!(error instanceof RangeError) || !/^[A-Z].*\.$/.test(error.message) || /[<>]/.test(error.message)) bad.push(`${what}: ${error}`);
    return;
  }
  try {
    taken += 1;
    const geo = js.geometry(st);
    const made = [js.encode(st), JSON.stringify(js.code(st)), geo.why];
    if (!geo.why) {
      const at = st.at.map((n, i) => Math.min(n, geo.out[i] - 1));
      made.push(...js.equation(st, geo, at).flat().map((piece) => piece.mathml), js.spoken(st, geo, at));
    }
    for (const key of "xkspd") for (const axis of [0, 1]) js.limits(st, key, axis);
    if (/onerror|script|<img|<i>|<b>|NaN|undefined/.test(made.join())) bad.push(`${what} came through: ${made.join().slice(0, 200)}`);
  } catch (error) {
    bad.push(`${what} was taken, then: ${error}`);
  }
}

const random = Number(process.argv[4] ?? 10000);
for (let i = 0; i < random; i += 1) {
  const link = next(3) ? text() : `op=conv2d&x=${any(bits)}&k=${any(bits)}&s=${any(bits)}&p=${any(bits)}&d=${any(bits)}&at=${any(bits)}`;
  judge(`link ${JSON.stringify(link)}`, () => js.decode(link));
  const state = Object.fromEntries(["op", "x", "k", "s", "p", "d", "at"].map((key) => [key, any(values)]));
  if (next(2)) Object.assign(state, { op: any(js.OPS), x: [[1, "b"], [3, -4]], k: [[1]] });
  judge("state", () => js.check(next(50) ? state : any(values)));
  const pasted = text();
  judge(`paste ${JSON.stringify(pasted)}`, () => js.check({ op: "conv2d", x: js.paste(pasted, "x"), k: [[1]] }));
}
console.log(JSON.stringify({ taken, bad: bad.slice(0, 5), count: bad.length }));
process.exitCode = bad.length ? 1 : 0;
