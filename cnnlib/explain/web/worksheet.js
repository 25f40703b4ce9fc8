// @ts-check
// Rewrites the worksheet of a page for the explorer's settings and a seed. Its HTML is the same as that of
// cnnlib.explain.worksheet.

import { allIntegers, entryText, isPool, outputTexts, parseState, shape, windowGeometry } from "./explorer.js";

/** A generator of integers from 0 to 65535, the same as in Python. @param {number} seed */
function randomIntegers(seed) {
  const next = () => {
    seed = (Math.imul(1664525, seed) + 1013904223) >>> 0;
    return seed >>> 16;
  };
  next(), next(), next(); // the first numbers of consecutive seeds are similar
  return next;
}

/** @typedef {import("./explorer.js").State} State */

/** States with new numbers, as many as fit on a page.
    @param {State} st @param {number} seed @returns {State[]} */
export function exercises(st, seed) {
  const next = randomIntegers(seed);
  const tall = Math.max(st.x.length, st.k.length, windowGeometry(st).out[0]);
  return Array.from({ length: tall <= 4 ? 4 : tall <= 6 ? 3 : tall <= 9 ? 2 : 1 }, () => ({
    ...st,
    x: st.x.map((line) => line.map(() => next() % 10)),
    k: st.k.map((line) => line.map(() => (next() % 4) - 1)),
  }));
}

/** @param {string} name @param {string[][]} texts */
const table = (name, texts) =>
  `<table><caption>${name}</caption><tbody>${texts
    .map((line) => `<tr>${line.map((text) => `<td>${text}</td>`).join("")}</tr>`)
    .join("")}</tbody></table>`;

/** The HTML of exercises and answers. @param {State} st @param {number} seed @param {Record<string, string>} tasks */
export function sheet(st, seed, tasks) {
  const geometry = windowGeometry(st);
  if (geometry.why) return `<p>${geometry.why}</p>`;
  const pool = isPool(st.op);
  const columns = shape(st.x)[1] + geometry.out[1] + (pool ? 0 : shape(st.k)[1]);
  const rows = Math.max(st.x.length, geometry.out[0]);
  const size = [9, 7, 5].find((mm) => columns * mm <= 170 && rows * mm <= 200) ?? 3;
  const formatSize = (/** @type {number[]} */ pair) => pair.join("×");
  const settings = `${pool ? "Window" : "Kernel"} ${formatSize(shape(st.k))}, stride ${formatSize(st.s)}, padding ${formatSize(st.p)}, dilation ${formatSize(st.d)}.`;
  let [exerciseItems, answerItems] = ["", ""];
  for (const one of exercises(st, seed)) {
    const filled = outputTexts(one, geometry);
    const [x, k] = [one.x, one.k].map((m) => m.map((line) => line.map((e) => entryText(e, allIntegers(one)))));
    exerciseItems += `<li>${table("X", x)}${pool ? "" : table("K", k)}${table("Y", filled.map((line) => line.map(() => "")))}</li>`;
    answerItems += `<li>${table("Y", filled)}</li>`;
  }
  const list = (/** @type {string} */ items) => `<ol class="mm-${size}">${items}</ol>`;
  return `<h2>Worksheet ${seed}</h2><p>${tasks[st.op]} ${settings}</p>${list(exerciseItems)}<h2>Answers to worksheet ${seed}</h2>${list(answerItems)}`;
}

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

class Worksheet extends Base {
  listeners = new AbortController();

  connectedCallback() {
    /** @type {HTMLElement} */ (this.querySelector(".seed")).hidden = false;
    const [newNumbers, print] = this.querySelectorAll("button");
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    newNumbers.addEventListener("click", () => (this.input.value = String(1 + Math.floor(Math.random() * 9999))), { signal });
    print.addEventListener("click", () => window.print(), { signal });
    addEventListener("beforeprint", () => this.update(), { signal });
  }

  disconnectedCallback() {
    this.listeners.abort();
  }

  get input() {
    return /** @type {HTMLInputElement} */ (this.querySelector("input"));
  }

  update() {
    const explorer = /** @type {any} */ (document.getElementById(this.dataset.for ?? ""));
    if (!explorer) return;
    if (!this.input.checkValidity()) this.input.value = "1";
    const st = explorer.state ?? parseState(JSON.parse(explorer.dataset.state));
    const paper = /** @type {HTMLElement} */ (this.querySelector(".sheet"));
    paper.innerHTML = sheet(st, Number(this.input.value), JSON.parse(this.dataset.tasks ?? "{}"));
  }
}

globalThis.customElements?.get("cnn-worksheet") ?? globalThis.customElements?.define("cnn-worksheet", Worksheet);
