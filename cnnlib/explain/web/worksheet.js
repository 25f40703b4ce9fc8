// @ts-check
// Writes a page's worksheet anew for the explorer's settings and a seed, as cnnlib.explain.worksheet does.

import { check, exact, geometry, isPool, outputs, plain, shape } from "./explorer.js";

/** Whole numbers from 0 to 65535, the same as in Python. @param {number} seed */
function drawn(seed) {
  const next = () => {
    seed = (Math.imul(1664525, seed) + 1013904223) >>> 0;
    return seed >>> 16;
  };
  next(), next(), next(); // seeds that follow each other begin alike
  return next;
}

/** @typedef {import("./explorer.js").State} State */

/** The state again, with new numbers: as many times as a page has room for.
    @param {State} st @param {number} seed @returns {State[]} */
export function exercises(st, seed) {
  const next = drawn(seed);
  const tall = Math.max(st.x.length, st.k.length, geometry(st).out[0]);
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

/** @param {State} st @param {number} seed @param {Record<string, string>} tasks */
export function sheet(st, seed, tasks) {
  const geo = geometry(st);
  if (geo.why) return `<p>${geo.why}</p>`;
  const pool = isPool(st.op);
  const columns = shape(st.x)[1] + geo.out[1] + (pool ? 0 : shape(st.k)[1]);
  const rows = Math.max(st.x.length, geo.out[0]);
  const size = [9, 7, 5].find((mm) => columns * mm <= 170 && rows * mm <= 200) ?? 3;
  const times = (/** @type {number[]} */ pair) => pair.join("×");
  const settings = `${pool ? "Window" : "Kernel"} ${times(shape(st.k))}, stride ${times(st.s)}, padding ${times(st.p)}, dilation ${times(st.d)}.`;
  let [asked, answers] = ["", ""];
  for (const one of exercises(st, seed)) {
    const filled = outputs(one, geo);
    const [x, k] = [one.x, one.k].map((m) => m.map((line) => line.map((e) => plain(e, exact(one)))));
    asked += `<li>${table("X", x)}${pool ? "" : table("K", k)}${table("Y", filled.map((line) => line.map(() => "")))}</li>`;
    answers += `<li>${table("Y", filled)}</li>`;
  }
  const list = (/** @type {string} */ items) => `<ol class="mm-${size}">${items}</ol>`;
  return `<h2>Worksheet ${seed}</h2><p>${tasks[st.op]} ${settings}</p>${list(asked)}<h2>Answers to worksheet ${seed}</h2>${list(answers)}`;
}

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

class Worksheet extends Base {
  ends = new AbortController();

  connectedCallback() {
    if (!this.input) {
      const form =
        '<div class="seed"><label>Seed <input type="number" min="1" max="9999" required></label> <button type="button">New numbers</button> <button type="button">Print the worksheet</button></div>';
      this.querySelector(".offer").insertAdjacentHTML("afterend", form);
      this.input.value = this.dataset.seed ?? "1";
    }
    const [fresh, print] = this.querySelectorAll("button");
    this.ends = new AbortController();
    const { signal } = this.ends;
    fresh.addEventListener("click", () => (this.input.value = String(1 + Math.floor(Math.random() * 9999))), { signal });
    print.addEventListener("click", () => window.print(), { signal });
    addEventListener("beforeprint", () => this.write(), { signal });
  }

  disconnectedCallback() {
    this.ends.abort();
  }

  get input() {
    return /** @type {HTMLInputElement} */ (this.querySelector("input"));
  }

  write() {
    const explorer = /** @type {any} */ (document.getElementById(this.dataset.for ?? ""));
    if (!explorer) return;
    if (!this.input.checkValidity()) this.input.value = "1";
    const st = explorer.state ?? check(JSON.parse(explorer.dataset.state));
    const paper = /** @type {HTMLElement} */ (this.querySelector(".sheet"));
    paper.innerHTML = sheet(st, Number(this.input.value), JSON.parse(this.dataset.tasks ?? "{}"));
  }
}

globalThis.customElements?.get("cnn-worksheet") ?? globalThis.customElements?.define("cnn-worksheet", Worksheet);
