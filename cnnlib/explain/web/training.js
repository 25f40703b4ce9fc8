// @ts-check
// The <cnn-training> element: trains a network in a worker, and compares its weights with those of the build.

import { drawKernels, paint, plotMarkup, share } from "./training-plot.js";

const WORKER = "./training-worker.js"; // in a notebook, the worker itself as a data URL
const Element = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});
const written = (/** @type {number} */ n) => n.toLocaleString("en-GB");
const PACED = 5; // steps until the page says how long the others will take

/** How two lists of weights differ, part by part. @param {number[]} found @param {ArrayLike<number>} expected @param {[string, number][]} parts */
export function compare(found, expected, parts) {
  let [start, largest] = [0, 0];
  const differing = parts.map(([name, size]) => {
    let count = 0;
    for (let i = start; i < start + size; i++) {
      const apart = Math.abs(found[i] - expected[i]);
      if (apart === 0) continue;
      count += 1;
      largest = Math.max(largest, apart);
    }
    start += size;
    return /** @type {[string, number, number]} */ ([name, count, size]);
  });
  return { total: start, count: differing.reduce((sum, [, count]) => sum + count, 0), largest, differing };
}

class Training extends Element {
  /** @type {Worker} */ worker;
  /** @type {{loss: number[], right: [number, number][]}} */ curve;
  done = 0;
  until = 0;
  pace = 0; // milliseconds for a step, once that is known
  /** @type {{time: number, done: number}} */ began;
  /** @type {Uint8Array} */ packed; // the digits, once they are loaded

  connectedCallback() {
    if (this.state) return;
    this.state = JSON.parse(this.dataset.state);
    const { rates, rate, first, start, kernel } = this.state;
    const option = (/** @type {number|string} */ value, /** @type {boolean} */ chosen) => `<option${chosen ? " selected" : ""}>${value}</option>`;
    this.innerHTML = `<div class="bar"><button class="run play" type="button"></button><button class="one" type="button">One step</button><button class="end" type="button">To the end</button><button class="again" type="button">Start again</button></div>
<div class="bar"><label>Rate <select class="rate">${rates.map((r) => option(r, r === rate)).join("")}</select></label><label><canvas class="digit" width="28" height="28"></canvas> Label of the first digit <select class="label">${[..."0123456789"].map((n) => option(n, Number(n) === first.label)).join("")}</select></label></div>
<div class="shown"><div><p class="loss"></p><svg viewBox="0 0 300 170" role="img"></svg></div>
<div><p class="which"></p><canvas class="kernels" role="img"></canvas><p class="apart"></p><div class="tiles"><canvas class="apart" role="img"></canvas><span aria-hidden="true">${"<i></i>".repeat(start.length / kernel ** 2)}</span></div></div></div>
<p class="result" role="status"></p><p class="compared" aria-live="polite"></p>`;
    const total = this.state.parts.reduce((/** @type {number} */ sum, /** @type {[string, number]} */ [, size]) => sum + size, 0);
    this.$(".compared").dataset.awaited = `After ${this.state.compared} steps, the build’s ${written(total)} weights will be subtracted from yours, and the result will stand here.`;
    paint(this.$(".digit"), [...first.image].map((grey) => parseInt(grey, 16) / 15), 28, (v) => [255 * v, 255 * v, 255 * v]);
    this.$(".digit").ariaLabel = `a handwritten ${first.label}`;
    this.addEventListener("click", ({ target }) => this.onClick(/** @type {HTMLElement} */ (target)));
    this.addEventListener("change", ({ target }) => this.onChange(/** @type {HTMLSelectElement} */ (target)));
    this.classList.add("live");
    this.restart();
  }

  disconnectedCallback() {
    this.worker?.terminate();
  }

  /** @returns {any} */
  $ = (selector) => this.querySelector(selector);

  get running() {
    return this.done < this.until;
  }

  /** Forget what was learnt, but not what the reader changed. */
  restart() {
    this.worker?.terminate();
    Object.assign(this, { worker: null, curve: { loss: [], right: [] }, done: 0, until: 0, kernels: this.state.start });
    this.rates = new Set();
    this.$(".compared").textContent = "";
    this.$("p.apart").textContent = `Minus the build’s, at step ${this.state.compared}`;
    this.say("Nothing is loaded or computed before you begin. Once the first steps are done, the time still needed stands above.");
    this.show();
    this.tile("", this.kernels.map(() => NaN), "Not compared yet.");
  }

  /** Go on up to a step; the first time, load the digits. @param {number} until */
  async go(until) {
    this.until = Math.min(until, this.state.steps);
    this.began = null;
    this.rates.add(this.rate);
    if (!this.worker) {
      const worker = (this.worker = new Worker(new URL(WORKER, import.meta.url), { type: "module" }));
      worker.onmessage = ({ data }) => this.onReport(data);
      worker.onerror = () => this.fail();
      this.say("Loading the digits …");
      this.show();
      try {
        this.packed ??= await this.load("digits");
      } catch {
        return this.fail();
      }
      if (worker !== this.worker) return;
      const labels = this.state.labels.slice();
      labels[this.state.first.index] = Number(this.$(".label").value);
      worker.postMessage({ settings: { ...this.state, labels }, packed: this.packed });
    }
    this.worker.postMessage({ until: this.until, rate: this.rate });
    this.report();
  }

  /** Load a file of the build. @param {string} name */
  async load(name) {
    const body = (await fetch(this.dataset[name])).body.pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(body).arrayBuffer());
  }

  fail() {
    this.until = this.done;
    this.say("The training could not begin: the digits were not loaded, or this browser has no workers.");
    this.show();
  }

  get rate() {
    return Number(this.$(".rate").value);
  }

  onClick(/** @type {HTMLElement} */ target) {
    if (target.matches(".run") && this.running) this.pause();
    else if (target.matches(".run")) this.go((Math.floor(this.done / this.state.compared) + 1) * this.state.compared);
    else if (target.matches(".one")) this.go(this.done + 1);
    else if (target.matches(".end")) this.go(this.state.steps);
    else if (target.matches(".again")) this.restart();
  }

  onChange(/** @type {HTMLSelectElement} */ target) {
    if (target.matches(".label")) {
      this.restart();
      this.say(`The first digit is now labelled as a ${target.value}. The training starts again from the same random weights.`);
    } else if (this.worker) {
      this.rates.add(this.rate);
      this.worker.postMessage({ rate: this.rate });
    }
  }

  pause() {
    this.until = this.done;
    this.worker?.postMessage({ until: 0 });
    this.report();
  }

  onReport({ done, loss, kernels, right, fine }) {
    if (done < this.done) return;
    this.measurePace(done);
    this.done = done;
    if (loss !== null) this.curve.loss.push(loss);
    if (right !== null && done > (this.curve.right.at(-1)?.[0] ?? 0)) this.curve.right.push([done, right]);
    this.kernels = kernels;
    if (fine) this.compareWithBuild(fine, kernels);
    if (done > 0) this.report();
  }

  measurePace(/** @type {number} */ done) {
    const now = performance.now();
    this.began ??= { time: now, done };
    if (done - this.began.done >= PACED) this.pace = (now - this.began.time) / (done - this.began.done);
  }

  /** How long some steps will take. @param {number} steps */
  seconds(steps) {
    return this.pace && steps ? `, about ${Math.ceil((this.pace * steps) / 1000)} s` : "";
  }

  /** Say where the training is. */
  report() {
    const { steps, compared } = this.state;
    const { done } = this;
    const toCome = done < compared ? `${compared - done} to the comparison with the build` : `${steps - done} to the end${this.seconds(steps - done)}`;
    if (this.running) this.say("Training …");
    else if (done === steps) this.say(`The end, after ${steps} steps.${this.readNow()}`);
    else this.say(`Stopped after step ${done} of ${steps}.${this.readNow()} Still to come: ${toCome}.`);
    this.show();
  }

  /** What it reads after this step, once that is counted. */
  readNow() {
    const [step, right] = this.curve.right.at(-1) ?? [];
    return step === this.done ? ` It reads ${right} of ${this.state.heldOut} digits that it never learns from.` : "";
  }

  /** Subtract the build's weights after the same number of steps. */
  async compareWithBuild(/** @type {number[]} */ fine, /** @type {number[]} */ kernels) {
    const { worker } = this;
    const bytes = await this.load("weights");
    if (worker !== this.worker) return;
    const expected = new Float64Array(bytes.buffer);
    const { total, count, largest, differing } = compare(fine, expected, this.state.parts);
    const changed = this.changed();
    const head = `After ${this.state.compared} steps, the build’s ${written(total)} weights subtracted from yours:`;
    const compared = this.$(".compared");
    if (!count) {
      this.tile("same", kernels.map(() => NaN), "No kernel differs: all are 0.");
      compared.innerHTML = `${head} <b class="right">${written(total)} differences, all 0.</b>${changed && ` ${changed}, but that has made no difference yet.`}`;
      return;
    }
    this.tile("differ", kernels.map((_, n) => fine[n] - expected[n]));
    const parts = differing.map(([name, n, size]) => `${written(n)} of ${written(size)} in the ${name}`).join(", ");
    const apart = count === total ? "none of the differences is 0" : `${written(count)} differences are not 0 (${parts})`;
    compared.textContent = `${head} ${apart}; the largest is ${largest.toPrecision(2)}. ${changed ? `${changed}: that is the only reason.` : "That should not be: please tell us."}`;
  }

  /** What the reader changed, in words. */
  changed() {
    const { first, rate } = this.state;
    const label = Number(this.$(".label").value);
    const others = [...this.rates].filter((r) => r !== rate);
    const said = [label !== first.label && `you labelled the first digit as a ${label}`, others.length && `you took the rate ${others.join(" and ")}`].filter(Boolean).join(" and ");
    return said && said[0].toUpperCase() + said.slice(1);
  }

  say(/** @type {string} */ text) {
    if (this.$(".result").textContent !== text) this.$(".result").textContent = text;
  }

  /** Draw what is known. */
  show() {
    const { steps, heldOut, compared } = this.state;
    const { loss, right } = this.curve;
    const run = this.$(".run");
    run.textContent = this.running ? "Pause" : this.done < compared ? `Train ${compared - this.done} steps` : `${Math.min(compared, steps - this.done)} more steps`;
    run.classList.toggle("playing", this.running);
    for (const name of [".run", ".one", ".end"]) this.$(name).disabled = this.done >= steps;
    this.$(".one").disabled ||= this.running;
    const [at, count] = right.at(-1) ?? [0, 0];
    const read = at ? `, <b class="right">${share(count, heldOut)} right</b>${at < this.done ? ` at step ${at}` : ""}` : "";
    const left = this.running ? this.seconds(this.until - this.done).replace(",", "; still") : "";
    this.$(".loss").innerHTML = this.done ? `Step ${this.done} of ${steps}: <b>loss ${loss.at(-1).toFixed(2)}</b>${read}${left}` : `Step 0 of ${steps}`;
    this.$(".which").textContent = this.done ? "The eight kernels" : "Eight kernels, at random";
    this.$("svg").innerHTML = plotMarkup({ loss, right, steps, heldOut, compared });
    this.$("svg").ariaLabel = this.done ? `The loss fell from ${loss[0].toFixed(2)} to ${loss.at(-1).toFixed(2)}${at ? `; after step ${at}, ${share(count, heldOut)} of ${heldOut} digits held out are read right` : ""}.` : `A plot with axes for the loss and for the digits that are read right, over ${steps} steps. No step has been made yet.`;
    this.draw(this.$(".kernels"), this.kernels);
  }

  /** Show the differences of the kernels: empty frames before they are known, then a 0 in each, or their weights.
      @param {string} state @param {number[]} weights @param {string} [words] */
  tile(state, weights, words) {
    const canvas = this.$("canvas.apart");
    canvas.parentNode.className = `tiles ${state}`;
    this.draw(canvas, weights);
    if (words) canvas.ariaLabel = words;
  }

  /** Draw kernels in the colours of the curves, which are other ones where it is dark. */
  draw(/** @type {HTMLCanvasElement} */ canvas, /** @type {number[]} */ weights) {
    const [minus, plus] = ["text.minus", "text.right"].map((name) => getComputedStyle(this.$(name)).fill.match(/[\d.]+/g).slice(0, 3).map(Number));
    canvas.ariaLabel = drawKernels(canvas, weights, this.state.kernel, { minus, plus });
  }
}

globalThis.customElements?.get("cnn-training") ?? globalThis.customElements?.define("cnn-training", Training);
