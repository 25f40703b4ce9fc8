// @ts-check
// The <cnn-network> element: what each number of a small network was made of, from the scores back to the pixels.

/** @typedef {number[]} At Channel, row and column, counted from 0.
    @typedef {{at: At, weight: number}} Term An entry of the layer before, with its weight.
    @typedef {{kind: "input"|"conv"|"max"|"linear", weights?: any, size?: number, names: string[], title: string}} Layer */

/** The values and the origins of all entries. @param {number[][]} image @param {Layer[]} layers The first one is the input. */
export function makeNetwork(image, layers) {
  const known = layers.map(() => new Map());
  const shapes = [[1, image.length, image[0].length]];
  for (const { kind, weights, size, names } of layers.slice(1)) {
    const [, rows, cols] = shapes.at(-1);
    shapes.push(kind === "conv" ? [names.length, rows - weights[0][0].length + 1, cols - weights[0][0][0].length + 1] : kind === "max" ? [names.length, Math.floor(rows / size), Math.floor(cols / size)] : [names.length, 1, 1]);
  }

  /** What an entry is computed from. @returns {Term[]} */
  const terms = (/** @type {number} */ layer, /** @type {At} */ [channel, row, col]) => {
    const { kind, weights, size } = layers[layer];
    if (kind === "input") return [];
    if (kind === "max") return [...Array(size * size).keys()].map((n) => ({ at: [channel, row * size + Math.floor(n / size), col * size + (n % size)], weight: 1 }));
    const [down, right] = kind === "conv" ? [row, col] : [0, 0];
    return weights[channel].flatMap((grid, c) => grid.flatMap((line, r) => line.map((weight, k) => ({ at: [c, down + r, right + k], weight }))));
  };

  /** An entry; a maximum is taken after ReLU. @returns {number} */
  const value = (/** @type {number} */ layer, /** @type {At} */ at) => {
    const key = at.join();
    if (!known[layer].has(key)) {
      const found = terms(layer, at).map((term) => value(layer - 1, term.at) * term.weight);
      const { kind } = layers[layer];
      known[layer].set(key, kind === "input" ? image[at[1]][at[2]] : kind === "max" ? Math.max(0, ...found) : found.reduce((sum, one) => sum + one, 0));
    }
    return known[layer].get(key);
  };

  /** The first and last row and column of the image that an entry depends on. */
  const field = (/** @type {number} */ layer, /** @type {At} */ [, row, col]) => {
    let [top, bottom, left, right] = [row, row, col, col];
    for (let l = layer; l > 0; l -= 1) {
      const { kind, weights, size } = layers[l];
      if (kind === "linear") [top, left, bottom, right] = [0, 0, shapes[l - 1][1] - 1, shapes[l - 1][2] - 1];
      else if (kind === "max") [top, left, bottom, right] = [top * size, left * size, bottom * size + size - 1, right * size + size - 1];
      else [bottom, right] = [bottom + weights[0][0].length - 1, right + weights[0][0][0].length - 1];
    }
    return [top, bottom, left, right];
  };
  return { shapes, terms, value, field };
}

const written = (/** @type {number} */ n) => String(n).replace("-", "−");
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});
const WAYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

class Network extends Base {
  /** @type {[number, At][]} */ path = []; // from a score to the entry shown
  /** @type {Layer[]} */ layers;
  /** @type {ReturnType<typeof makeNetwork>} */ net;

  connectedCallback() {
    if (this.net) return;
    const { image, layers, at } = JSON.parse(this.dataset.state);
    this.layers = layers;
    this.net = makeNetwork(image, layers);
    const top = layers.length - 1;
    this.innerHTML = '<div class="heads" role="group"></div><nav></nav><div class="shown"><div class="seen"><canvas></canvas><i></i></div><p role="status"></p></div><div class="grids"></div>';
    this.$(".heads").ariaLabel = layers[top].title;
    this.$("nav").ariaLabel = "The way back to the pixels";
    this.draw(image);
    this.classList.add("live");
    this.addEventListener("click", ({ target }) => this.onClick(/** @type {HTMLElement} */ (target).closest("button")));
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.go([[top, [at, 0, 0]]]);
  }

  /** @returns {any} */
  $ = (selector) => this.querySelector(selector);

  draw(image) {
    const canvas = this.$("canvas");
    [canvas.height, canvas.width] = [image.length, image[0].length];
    const most = Math.max(...image.flat()) || 1;
    const pixels = image.flat().flatMap((shade) => [...Array(3).fill((255 * shade) / most), 255]);
    canvas.getContext("2d").putImageData(new ImageData(Uint8ClampedArray.from(pixels), canvas.width, canvas.height), 0, 0);
  }

  /** Where an entry stands, in words. */
  place(/** @type {number} */ layer, /** @type {At} */ [channel, row, col]) {
    const { kind, names } = this.layers[layer];
    return kind === "linear" ? names[channel] : `${names[channel]}, row ${row + 1}, column ${col + 1}`;
  }

  /** Show an entry. @param {[number, At][]} path */
  go(path, focus = false) {
    this.path = path;
    const [layer, at] = path.at(-1);
    const { kind } = this.layers[layer];
    const { shapes, terms, value, field } = this.net;
    const found = terms(layer, at);
    const products = found.map((term) => value(layer - 1, term.at) * term.weight);
    const made = kind === "max" ? `the largest of ${found.length} entries, after ReLU` : `the sum of ${found.length} products`;
    const place = this.place(layer, at);
    this.$("[role=status]").textContent = `${place[0].toUpperCase()}${place.slice(1)}: ${written(value(layer, at))} is ${made}.`;
    const top = this.layers.length - 1;
    this.$(".heads").replaceChildren(...this.layers[top].names.map((name, n) => this.button(`${name}: ${written(value(top, [n, 0, 0]))}`, [[top, [n, 0, 0]]], String(path[0][1][0] === n))));
    this.$("nav").replaceChildren(...path.map(([l, p], n) => this.button(`${this.layers[l].title}: ${written(value(l, p))}`, path.slice(0, n + 1), n === path.length - 1 ? "step" : "")));
    const most = Math.max(...products.map(Math.abs)) || 1;
    const best = products.indexOf(Math.max(...products));
    this.$(".grids").replaceChildren(...this.layers[layer - 1].names.flatMap((name, channel) => {
      const own = found.flatMap((term, n) => (term.at[0] === channel ? [n] : []));
      return own.length ? [this.grid(name, own.map((n) => ({ ...found[n], product: products[n], level: products[n] / most, best: n === best })), layer)] : [];
    }));
    const [first, last, left, right] = field(layer, at);
    const [, rows, cols] = shapes[0];
    this.$("i").style.cssText = `left:${(100 * left) / cols}%;top:${(100 * first) / rows}%;width:${(100 * (right - left + 1)) / cols}%;height:${(100 * (last - first + 1)) / rows}%`;
    if (focus) (this.$("td [tabindex='0']") ?? this.$("nav [aria-current]")).focus();
  }

  /** A button that leads to an entry. */
  button(text, /** @type {[number, At][]} */ path, current = "") {
    const button = document.createElement("button");
    button.textContent = text;
    button.type = "button";
    button.dataset.path = JSON.stringify(path);
    if (current === "step") button.setAttribute("aria-current", "step");
    else if (current) button.ariaPressed = current;
    return button;
  }

  /** A table of entries with their weights. */
  grid(name, cells, /** @type {number} */ layer) {
    const table = document.createElement("table");
    table.createCaption().textContent = name;
    const { kind } = this.layers[layer];
    let row, line;
    const focusable = cells.some(({ best }) => best) ? cells.findIndex(({ best }) => best) : 0;
    for (const [n, { at, weight, product, level, best }] of cells.entries()) {
      if (at[1] !== line) row = table.insertRow();
      line = at[1];
      const cell = row.insertCell();
      cell.className = `${level < 0 ? "minus" : ""} ${best && kind === "max" ? "best" : ""}`;
      cell.style.setProperty("--level", Math.abs(level).toFixed(2));
      const entry = this.net.value(layer - 1, at);
      const times = kind === "max" ? "" : `×${written(weight)}`;
      /** @type {HTMLElement} */
      let holder = cell;
      if (layer > 1) {
        holder = this.button("", [...this.path, [layer - 1, at]]);
        holder.tabIndex = n === focusable ? 0 : -1;
        holder.ariaLabel = `${this.place(layer - 1, at)}: ${written(entry)}${times && ` times ${written(weight)}, ${written(product)}`}`;
        cell.append(holder);
      }
      holder.append(written(entry));
      if (times) holder.append(Object.assign(document.createElement("small"), { textContent: times }));
    }
    return table;
  }

  onClick(button) {
    if (!button) return;
    const now = button.closest("nav") ? "nav [aria-current]" : button.closest(".heads") ? "[aria-pressed=true]" : "";
    this.go(JSON.parse(button.dataset.path), !now);
    if (now) this.$(now).focus({ preventScroll: true }); // the buttons are new ones
  }

  onKey(event) {
    const cell = event.target.closest("td");
    if (!cell || !WAYS[event.key]) return;
    event.preventDefault();
    const [down, right] = WAYS[event.key];
    const next = cell.closest("table").rows[cell.parentElement.rowIndex + down]?.cells[cell.cellIndex + right]?.firstElementChild;
    if (!next) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

globalThis.customElements?.get("cnn-network") ?? globalThis.customElements?.define("cnn-network", Network);
