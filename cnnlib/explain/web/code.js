// @ts-check
// Python code that reproduces the state of an explorer. It is loaded when the place for it comes near.

import { NAMES, entriesOf, isPool, shape, stageLetter } from "./explorer.js";

/** @import { State, Pair, Stage } from "./explorer.js" */

const stageFunction = (/** @type {any} */ [name]) => ({ relu: "relu", max: "max_pool2d", avg: "avg_pool2d" })[name];
/** A line of code for each stage, which continues with the result of the one before.
    @param {Stage[]} stages @param {string} end Where PyTorch needs it, what takes the result out of its batch */
function stageCode(stages, end) {
  let before = "Y";
  return stages.map((stage) => {
    const [name, number, stride] = stage;
    const call = `${end && "F."}${stageFunction(stage)}(${before}`;
    const value = name === "bias" ? `${before} ${number < 0 ? "-" : "+"} ${Math.abs(number)}` : name === "relu" ? `${call})` : `${call}${end && "[None, None]"}, ${number}, stride=${stride})${end}`;
    before = stageLetter(name);
    return `${before} = ${value}`;
  });
}

/** Python code that computes the same output. @param {State} st @returns {{cnnlib: string, torch: string}} */
export function code(st) {
  const pool = isPool(st.op);
  // A row of a matrix on each line, below the first one.
  const list = (call, m) => `${call}(${JSON.stringify(m).replaceAll(",", ", ").replaceAll('"', "").replaceAll("], [", `],\n${" ".repeat(call.length + 6)}[`)}`;
  const pair = (/** @type {Pair} */ [a, b]) => (a === b ? `${a}` : `(${a}, ${b})`);
  const window = pair(shape(st.k));
  const defaults = { s: pool ? window : "1", p: "0", d: "1" };
  const options = (keys) => [...keys].map((key) => (pair(st[key]) === defaults[key] ? "" : `, ${NAMES[key]}=${pair(st[key])}`)).join("");
  const letters = [...new Set(entriesOf(st))].filter((e) => typeof e === "string");
  const write = (head, array, call, keys = "spd", end = "") =>
    [...head, `X = ${array(st.x)}`, pool ? "" : `K = ${array(st.k)}`, `Y = ${call}${options(keys)})${end}`, ...stageCode(after, end)].filter(Boolean).join("\n");
  const symbols = ["from sympy import symbols", `${letters.join(", ")} = symbols("${letters.join(" ")}")`];
  const floats = st.op === "max_pool2d" && Math.max(...st.p) ? ", dtype=float" : "";
  const after = letters[0] ? [] : st.after ?? [];
  const head = ["import numpy as np", `from cnnlib import ${[...new Set([st.op, ...after.map(stageFunction).filter(Boolean)])].sort().join(", ")}`, ...(letters[0] ? symbols : [])];
  const cnnlib = write(head, (m) => `${list("np.array", m)}${floats})`, `${st.op}(X, ${pool ? window : "K"}`);
  if (letters[0]) return { cnnlib, torch: "# PyTorch computes with numbers: put some in place of the letters." };
  const [name, kernel] = st.op === "convolve2d" ? ["conv2d", "K.flip(0, 1)[None, None]"] : [st.op, "K[None, None]"];
  const tensor = (m) => `${list("torch.tensor", m)}, dtype=torch.float64)`;
  // PyTorch limits the padding of pooling to half the kernel size, without regard to dilation.
  const [rows, cols] = st.p;
  const prepad = pool && st.p.some((p, axis) => 2 * p > shape(st.k)[axis]);
  const x = prepad ? `F.pad(X[None, None], (${cols}, ${cols}, ${rows}, ${rows}), value=-torch.inf)` : "X[None, None]";
  const torch = write(["import torch", "import torch.nn.functional as F"], tensor, `F.${name}(${x}, ${pool ? window : kernel}`, prepad ? "sd" : "spd", "[0, 0]");
  return { cnnlib, torch };
}

/** Write the code of an explorer's state into its place. @param {any} explorer The <cnn-explorer> element */
function showCode(explorer) {
  const texts = Object.values(code(explorer.state));
  explorer.$$("pre").forEach((pre, i) => {
    const lines = texts[i].split(/(?<=\n)/);
    while (pre.childNodes.length > lines.length) pre.lastChild.remove();
    // One text node per line: unchanged lines are not laid out again.
    lines.forEach((line, j) => {
      const node = pre.childNodes[j] ?? pre.appendChild(new Text());
      if (node.data !== line) node.data = line;
    });
  });
}

const page = globalThis.document; // missing outside a browser
page?.addEventListener("shown", ({ target }) => showCode(target), true);
page?.querySelectorAll("cnn-explorer.live").forEach(showCode);
