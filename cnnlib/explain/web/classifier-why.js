// @ts-check
// Shows where a value comes from: its window, the weights, the products, the sum of each map, and the bias.

import { keepChildren, paintGreys, paintSigned, placeFrame, setText } from "./classifier-paint.js";
import { ClassifierView } from "./classifier-view.js";
import { decimal, describeField, entryName, explainValue, fixed, shortName } from "./classifier-words.js";

/** @import { Group, Origin, Term } from "./classifier-model.js" */

const NAMES = { sum: ["window", "weights", "products"], largest: ["window"], mean: ["window"], positive: ["before ReLU"] };

export class ClassifierWhy extends ClassifierView {
  channel = -1; // of the map whose numbers are shown; -1 for the one that gives most

  renderWhy() {
    const { model, given, stop } = this;
    const { stage, at } = stop;
    const { classes } = given;
    this.renderFrames();
    this.renderPath();
    this.renderLarge();
    const seen = model.field(stage, at);
    setText(this.$(".depends"), describeField(seen, given.size));
    paintGreys(this.$(".seen canvas"), this.read.values, ...given.size, given.ink);
    placeFrame(this.$(".seen i"), seen, given.size);
    const origin = stage ? model.origin(stage, at) : null;
    setText(this.$(".explained"), origin ? explainValue(model, classes, stage, at, origin) : `The ${entryName(model, classes, stage, at)}, is ${decimal(this.valueOf(stop), 4)}: 0 is no ink, ${decimal(given.ink, 4)} is full.`);
    this.$(".made").hidden = !origin;
    this.querySelector(".window")?.remove();
    if (origin) this.renderOrigin(origin);
  }

  renderPath() {
    const { model, given, path } = this;
    const stops = path.length ? path : [this.stop];
    keepChildren(this.$("nav"), "button", stops.length, (button) => (button.type = "button")).forEach((button, n) => {
      setText(button, shortName(model, given.classes, stops[n].stage, stops[n].at));
      button.dataset.back = n;
      button.ariaCurrent = n === stops.length - 1 ? "step" : null;
    });
  }

  /** The map of the value in large, to choose another one from. */
  renderLarge() {
    const { model, stop: { stage, at } } = this;
    const box = this.$(".large");
    box.hidden = stage === model.last;
    if (box.hidden) return;
    const { size: [, rows, cols], limit, title } = model.stages[stage];
    const values = model.values(stage).subarray(at[0] * rows * cols, (at[0] + 1) * rows * cols);
    if (stage) paintSigned(this.$(".large canvas"), values, rows, cols, limit);
    else paintGreys(this.$(".large canvas"), values, rows, cols, this.given.ink);
    box.classList.toggle("read", !stage);
    placeFrame(this.$(".large i"), [at[1], at[1], at[2], at[2]], [rows, cols]);
    box.ariaLabel = `${title}${model.stages[stage].size[0] > 1 ? `, map ${at[0] + 1}` : ""}: arrow keys choose a value`;
  }

  /** @param {Origin} origin */
  renderOrigin({ kind, groups, bias, value }) {
    const { model, stop } = this;
    const many = kind === "sum" && groups.length > 1;
    const chosen = Math.max(0, many && this.channel >= 0 ? groups.findIndex(({ channel }) => channel === this.channel) : mostOf(groups));
    const most = Math.max(...groups.flatMap(({ terms }) => terms.map(({ product }) => Math.abs(product))));
    this.$(".parts").hidden = kind !== "sum";
    keepChildren(this.$(".sums"), "button", many ? groups.length : 0, (button) => {
      button.type = "button";
      button.append(document.createElement("canvas"), document.createElement("span"));
    }).forEach((button, n) => {
      const { channel, cols, terms, sum } = groups[n];
      paintSigned(button.firstChild, terms.map(({ product }) => product), Math.ceil(terms.length / cols), cols, most);
      setText(button.lastChild, fixed(sum));
      button.dataset.part = channel;
      button.ariaPressed = String(n === chosen);
      button.ariaLabel = `map ${channel + 1}: ${decimal(sum)}`;
      button.classList.toggle("minus", sum < 0);
    });
    const added = bias ? ` ${bias < 0 ? "−" : "+"} ${decimal(Math.abs(bias))} (bias)` : "";
    setText(this.$(".total"), `${many ? "In all " : ""}${decimal(groups.reduce((sum, group) => sum + group.sum, 0))}${added} = ${decimal(value)}`);
    const group = groups[chosen];
    this.renderGrids(kind, group, groups.length > 1 || model.stages[stop.stage - 1].size[0] > 1, most);
    if (stop.stage > 1) {
      const spots = group.terms.flatMap(({ at }) => (at ? [at] : []));
      const rows = spots.map((at) => at[1]);
      const cols = spots.map((at) => at[2]);
      this.mark(this.buttons[`${stop.stage - 1},${group.channel}`], "window", [Math.min(...rows), Math.max(...rows), Math.min(...cols), Math.max(...cols)], model.stages[stop.stage - 1].size);
    }
  }

  /** The numbers of one map: those under the window lead on, those of pixels do not. @param {Origin["kind"]} kind @param {Group} group */
  renderGrids(kind, { channel, cols, terms }, named, most) {
    const { model, stop: { stage } } = this;
    const { limit, title } = model.stages[stage - 1];
    const greatest = kind === "largest" ? Math.max(...terms.filter(({ at }) => at).map(({ value }) => value)) : NaN;
    const heaviest = Math.max(...terms.map(({ weight }) => Math.abs(weight)));
    const looks = [
      { number: (/** @type {Term} */ t) => t.value, level: (t) => t.value / limit, role: "x" },
      { number: (t) => t.weight, level: (t) => t.weight / heaviest, role: "k" },
      { number: (t) => t.product, level: (t) => t.product / most, role: "y" },
    ];
    const names = NAMES[kind];
    keepChildren(this.$(".grids"), "table", names.length, (table) => table.createCaption()).forEach((table, n) => {
      setText(table.caption, n || kind === "positive" || !named ? names[n] : stage > 1 ? `${title}, ${channel + 1}` : title);
      table.className = looks[n].role;
      const body = table.tBodies[0] ?? table.createTBody();
      table.style.setProperty("--cols", String(cols));
      keepChildren(body, "tr", Math.ceil(terms.length / cols)).forEach((row, r) => {
        const entries = terms.slice(r * cols, (r + 1) * cols);
        keepChildren(row, "td", entries.length).forEach((cell, c) => this.renderCell(cell, entries[c], looks[n], n === 0 && stage > 1, r === 0 && c === 0, entries[c].at !== null && entries[c].value === greatest));
      });
    });
  }

  /** @param {any} cell @param {Term} term */
  renderCell(cell, term, { number, level }, leads, first, best) {
    const value = number(term);
    const strength = Math.max(-1, Math.min(1, level(term) || 0));
    cell.style.setProperty("--level", Math.abs(strength).toFixed(2));
    cell.className = `${strength < 0 ? "minus" : ""}${best ? " best" : ""}`;
    const text = fixed(value);
    if (!leads || !term.at) {
      if (cell.firstElementChild) cell.replaceChildren();
      return setText(cell, text);
    }
    if (cell.firstElementChild?.localName !== "button") cell.replaceChildren(Object.assign(document.createElement("button"), { type: "button", tabIndex: first ? 0 : -1 }));
    const button = cell.firstElementChild;
    button.dataset.to = term.at.join();
    button.ariaLabel = `${entryName(this.model, this.given.classes, this.stop.stage - 1, term.at)}: ${decimal(value)}`;
    setText(button, text);
  }
}

/** The number of the group whose sum is farthest from zero. @param {Group[]} groups */
const mostOf = (groups) => groups.reduce((best, { sum }, n) => (Math.abs(sum) > Math.abs(groups[best].sum) ? n : best), 0);
