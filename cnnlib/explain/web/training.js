// @ts-check
// The <cnn-training> element: trains a network in a worker, and compares its weights with those of the build.

const WORKER = "./training-worker.js"; // in a notebook, the worker itself as a data URL
const Element = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});
const written = (/** @type {number} */ n) => n.toLocaleString("en-GB");
const share = (/** @type {number} */ n, /** @type {number} */ of) => `${((100 * n) / of).toFixed(1)}%`;

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
  /** @type {Uint8Array} */ packed; // the digits, once they are loaded

  connectedCallback() {
    if (this.state) return;
    this.state = JSON.parse(this.dataset.state);
    const { rates, rate, first } = this.state;
    const option = (/** @type {number|string} */ value, /** @type {boolean} */ chosen) => `<option${chosen ? " selected" : ""}>${value}</option>`;
    this.innerHTML = `<div class="bar"><button class="run" type="button"></button><button class="one" type="button">One step</button><button class="end" type="button">To the end</button><button class="again" type="button">Start again</button></div>
<div class="bar"><label>Rate <select class="rate">${rates.map((r) => option(r, r === rate)).join("")}</select></label><label><canvas class="digit" width="28" height="28"></canvas> The first digit is a <select class="label">${[..."0123456789"].map((n) => option(n, Number(n) === first.label)).join("")}</select></label></div>
<div class="shown"><div><p class="loss"></p><svg viewBox="0 0 300 120" role="img"><path class="grid" d="M0 119.5H300M0 .5H300"/><polyline class="line"/><polyline class="line right"/></svg></div>
<div><p>The eight kernels</p><canvas class="kernels" role="img"></canvas><p class="apart" hidden>How they differ from the build’s</p><canvas class="apart" role="img" hidden></canvas></div></div>
<p class="result" role="status"></p>`;
    this.paint(this.$(".digit"), [...first.image].map((grey) => parseInt(grey, 16) / 15), 28, (v) => [255 * v, 255 * v, 255 * v]);
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
    Object.assign(this, { worker: null, curve: { loss: [], right: [] }, done: 0, until: 0, compared: null });
    this.rates = new Set();
    for (const part of this.querySelectorAll(".apart")) /** @type {HTMLElement} */ (part).hidden = true;
    this.say("Nothing is loaded or computed before you begin.");
    this.show();
  }

  /** Go on up to a step; the first time, load the digits. @param {number} until */
  async go(until) {
    this.until = Math.min(until, this.state.steps);
    this.rates.add(this.rate);
    if (!this.worker) {
      const worker = (this.worker = new Worker(new URL(WORKER, import.meta.url), { type: "module" }));
      worker.onmessage = ({ data }) => this.onReport(data);
      worker.onerror = () => this.fail();
      this.say("Loading the digits …");
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
    this.say(this.running ? "Training …" : "");
    this.show();
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
      this.say(`From now on the first digit is called a ${target.value}. The training starts again.`);
    } else if (this.worker) {
      this.rates.add(this.rate);
      this.worker.postMessage({ rate: this.rate });
    }
  }

  pause() {
    this.until = this.done;
    this.worker?.postMessage({ until: 0 });
    this.say(`Paused after ${this.done} step${this.done > 1 ? "s" : ""}.`);
    this.show();
  }

  onReport({ done, loss, kernels, right, fine }) {
    if (done > 0 && done <= this.done) return;
    this.done = done;
    this.until = Math.max(this.until, 0);
    if (loss !== null) this.curve.loss.push(loss);
    if (right !== null) this.curve.right.push([done, right]);
    this.kernels = kernels;
    if (done === this.state.compared && fine) this.compareWithBuild(fine, kernels);
    else if (done === this.state.steps) this.say(`The end: ${done} steps. ${this.readNow()}`);
    else if (!this.running && done > 0) this.say(`${done} step${done > 1 ? "s" : ""}. ${this.readNow()}`);
    this.show();
  }

  readNow() {
    const [, right] = this.curve.right.at(-1);
    return `It reads ${right} of ${this.state.heldOut} digits that it never learns from.`;
  }

  /** Subtract the build's weights after the same number of steps. */
  async compareWithBuild(/** @type {number[]} */ fine, /** @type {number[]} */ kernels) {
    const bytes = await this.load("weights");
    const expected = new Float64Array(bytes.buffer);
    const { total, count, largest, differing } = compare(fine, expected, this.state.parts);
    const doings = this.doings();
    const head = `After ${this.state.compared} steps, the build’s ${written(total)} weights subtracted from yours:`;
    if (!count) return this.say(`${head} ${written(total)} differences, all 0.${doings && ` ${doings}, but it has made no difference yet.`} ${this.readNow()}`);
    const parts = differing.map(([name, n, size]) => `${written(n)} of ${written(size)} in the ${name}`).join(", ");
    const apart = count === total ? "not one is 0" : `${written(count)} are not 0 (${parts})`;
    this.say(`${head} ${apart}, the largest is ${largest.toPrecision(2)}. ${doings ? `${doings}: the difference is your doing.` : "That should not be: please tell us."} ${this.readNow()}`);
    for (const part of this.querySelectorAll(".apart")) /** @type {HTMLElement} */ (part).hidden = false;
    this.drawKernels(this.$("canvas.apart"), kernels.map((_, n) => fine[n] - expected[n]));
  }

  /** What the reader changed. */
  doings() {
    const { first, rate } = this.state;
    const label = Number(this.$(".label").value);
    const others = [...this.rates].filter((r) => r !== rate);
    const said = [label !== first.label && `you called the first digit a ${label}`, others.length && `you took the rate ${others.join(" and ")}`].filter(Boolean).join(" and ");
    return said && said[0].toUpperCase() + said.slice(1);
  }

  say(/** @type {string} */ text) {
    this.$(".result").textContent = text;
  }

  /** Draw what is known. */
  show() {
    const { steps, heldOut, compared } = this.state;
    const { loss, right } = this.curve;
    this.$(".run").textContent = this.running ? "Pause" : this.done < compared ? `Train ${compared} steps` : `${compared} more steps`;
    for (const name of [".run", ".one", ".end"]) this.$(name).disabled = this.done >= steps;
    this.$(".one").disabled ||= this.running;
    const last = loss.at(-1);
    const now = right.at(-1);
    this.$(".loss").innerHTML = this.done ? `Step ${this.done} of ${steps}: <b>loss ${last.toFixed(2)}</b>, <b class="right">${share(now[1], heldOut)} right</b>` : `Step 0 of ${steps}`;
    const most = Math.max(2.5, ...loss);
    const across = (/** @type {number} */ n) => ((300 * n) / steps).toFixed(1);
    this.$("polyline.line").setAttribute("points", loss.map((value, n) => `${across(n + 1)},${(119 - (118 * value) / most).toFixed(1)}`).join(" "));
    this.$("polyline.right").setAttribute("points", right.map(([n, value]) => `${across(n)},${(119 - (118 * value) / heldOut).toFixed(1)}`).join(" "));
    this.$("svg").ariaLabel = this.done ? `The loss fell from ${loss[0].toFixed(2)} to ${last.toFixed(2)}; ${share(now[1], heldOut)} of ${heldOut} digits held out are right.` : "No step was made yet.";
    if (this.kernels) this.drawKernels(this.$(".kernels"), this.kernels);
  }

  /** Draw kernels side by side, each of `side` by `side` weights. @param {HTMLCanvasElement} canvas @param {number[]} weights */
  drawKernels(canvas, weights) {
    const side = this.state.kernel;
    const count = weights.length / side ** 2;
    const across = 4;
    const most = Math.max(...weights.map(Math.abs)) || 1;
    const width = across * (side + 1) - 1;
    const rows = Math.ceil(count / across) * (side + 1) - 1;
    const cells = Array.from({ length: width * rows }, (_, i) => {
      const [y, x] = [Math.floor(i / width), i % width];
      const n = Math.floor(y / (side + 1)) * across + Math.floor(x / (side + 1));
      const [u, v] = [y % (side + 1), x % (side + 1)];
      return u < side && v < side && n < count ? weights[(n * side + u) * side + v] / most : NaN;
    });
    // The colours of the curves, which are other ones where it is dark.
    const [minus, plus] = [".line", ".line.right"].map((line) => getComputedStyle(this.$(line)).stroke.match(/[\d.]+/g).slice(0, 3).map(Number));
    this.paint(canvas, cells, width, (v) => (Number.isNaN(v) ? null : v < 0 ? [...minus, -v] : [...plus, v]));
    canvas.ariaLabel = `${count} kernels of ${side} by ${side} weights, of at most ${most.toPrecision(2)}; green is positive, purple negative.`;
  }

  /** @param {HTMLCanvasElement} canvas @param {number[]} values @param {number} width @param {(value: number) => number[]|null} colour */
  paint(canvas, values, width, colour) {
    [canvas.width, canvas.height] = [width, values.length / width];
    const pixels = values.flatMap((value) => {
      const [r, g, b, alpha = 1] = colour(value) ?? [0, 0, 0, 0];
      return [r, g, b, 255 * alpha];
    });
    canvas.getContext("2d").putImageData(new ImageData(Uint8ClampedArray.from(pixels), canvas.width, canvas.height), 0, 0);
  }
}

globalThis.customElements?.get("cnn-training") ?? globalThis.customElements?.define("cnn-training", Training);
