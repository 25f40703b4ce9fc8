// @ts-check
// The <cnn-explorer> element: what its controls, the pointer, the keyboard and the page's address do.

import { restoreState, saveState } from "./address.js";
import { operationChange, pairChange } from "./changes.js";
import { enableDragging } from "./drag.js";
import { describe } from "./equations.js";
import { onKey } from "./keys.js";
import { windowKey } from "./made.js";
import { fillOutput, startMaking } from "./making.js";
import { clamp, clampIndex, decode, encode, keepWindow, pairOf, parseEntry, parseState, parseText, resize, windowGeometry } from "./model.js";
import { onPointer, pointedAt } from "./pointing.js";
import { presetChange } from "./presets.js";
import { SCRUB_HELP, enableScrubbing } from "./scrub.js";
import { same, setProps } from "./typeset.js";
import { Past, undoKey } from "./undo.js";
import { View } from "./view.js";

/** @import { State, Matrix, Entry, Pair } from "./model.js" */
/** @import { Pointed } from "./partners.js" */

const PACE = 1100; // milliseconds per step while playing
const OWN_UNDO = "textarea, [name=typed]"; // fields whose text is not a part of the state
const ASKED = "What will stand here? The answer can be typed below.";

class Explorer extends View {
  listeners = new AbortController();
  /** @type {Entry|null} */ kept = null; // what the cell being edited held before
  /** @type {{x?: Matrix, k?: Matrix}} */ sources = {}; // what was resized since it was last entered or chosen
  /** @type {HTMLElement|null} */ early = null; // the button of a guess that waits for its script
  past = new Past();
  undoing = false;
  saveTimer = 0;
  sayTimer = 0;
  coarse = matchMedia("(pointer: coarse)").matches; // fingers do not point

  connectedCallback() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const on = (target, types, f) => types.split(" ").forEach((type) => target.addEventListener(type, f, { signal }));
    if (!this.state) {
      try {
        this.initial = parseState(JSON.parse(this.dataset.state));
      } catch (error) {
        this.append(Object.assign(document.createElement("p"), { className: "wrong", textContent: message(error) }));
        return;
      }
      this.made = startMaking(this);
      this.replaceChildren(this.$("template").content);
      this.classList.add("live");
      if (!this.id) this.button("link")?.remove();
      if (this.$(".more")) this.showMore(this.dataset.form === "full");
      for (const both of this.$$(".both")) both.checked = [..."xkspd"].every((key) => same(...pairOf(this.initial, key)));
      for (const part of this.$$("[data-offer]")) part.hidden = !this.offers(part.dataset.offer);
      if (this.offers("edit")) for (const which of "xk") this.table(which).ariaDescription = SCRUB_HELP;
      this.fitStage();
      this.setState(this.initial, "");
      this.reserveEquation();
    }
    on(this, "click", (e) => this.onClick(e.target));
    on(this, "input", (e) => this.onInput(e.target));
    on(this, "focusin", (e) => this.onFocus(e.target));
    on(this, "focusout", (e) => (e.target === this.editing ? this.onCellBlur() : e.target.matches(".sums") && onPointer(this, null)));
    enableDragging(this, signal);
    enableScrubbing(this, signal);
    on(this, "change focusout pointerup", () => (this.past.settled = true));
    on(this, "keydown", (e) => this.onUndoKey(e) || onKey(this, e));
    on(this, "beforeinput", (e) => /^history/.test(e.inputType) && !e.target.matches(OWN_UNDO) && e.preventDefault());
    on(this, "paste", (e) => this.onPaste(e));
    on(this, "submit", (e) => {
      e.preventDefault();
      if (e.target.matches(".guess")) this.early = e.submitter; // before guess.js was there
      else this.pasteText(this.$("textarea").value, e.submitter.name);
    });
    on(this, "pointerover pointerleave", (e) => e.pointerType === "mouse" && onPointer(this, e.type === "pointerover" && e.target));
    on(window, "hashchange", this.restore);
    on(document, "visibilitychange", () => document.hidden && this.stop());
    const watch = new IntersectionObserver((seen) => seen.at(-1).isIntersecting || this.stop());
    watch.observe(this);
    const sized = new ResizeObserver(() => this.onResize());
    sized.observe(this.$(".stage"));
    on(signal, "abort", () => (watch.disconnect(), sized.disconnect()));
    this.restore();
  }

  onResize() {
    if (!this.fitStage()) return;
    this.renderState();
    this.renderStep();
    this.reserveEquation();
  }

  disconnectedCallback() {
    this.stop();
    clearTimeout(this.saveTimer);
    clearTimeout(this.sayTimer);
    this.listeners.abort();
  }

  /** Change the state. `how` says what happens to the page's address: choosing a preset adds an entry to the
      history, typing replaces the current one, and "" leaves it unchanged. @param {Partial<State>} change @param {"push"|"replace"|""} [how] */
  setState(change, how = "replace") {
    const before = this.state;
    const st = { ...before, ...change };
    if (st.x !== before?.x || st.k !== before?.k) this.sources = {};
    const changed = Object.keys(change).some((key) => key !== "at");
    if (changed) {
      this.geometry = windowGeometry(st);
      if (before && !this.undoing && encode({ ...st, at: before.at }) !== encode(before)) this.past.note(before, how === "push");
    }
    if (st.op !== before?.op) this.pointed = null;
    st.at = clampIndex(st.at, this.geometry);
    this.state = st;
    this.hoverY = null;
    this.error = this.hint = "";
    const made = !this.geometry.why && this.made.visit(windowKey(this.geometry, st.at));
    if (changed) this.renderState();
    else if (made) this.renderOutput();
    this.renderStep();
    if (changed && before) this.announce();
    saveState(this, encode, before, st, how);
  }

  restore = () => restoreState(this, (text) => this.setState(decode(text), ""));

  onClick(target) {
    const button = target.closest("[data-act]");
    if (button) return this.onAction(button.dataset.act, button.value);
    const cell = target.closest(".y td:not(.ring)");
    if (!cell) return;
    const at = this.entryIndex(cell);
    this.pinned = !this.coarse && this.kind(at) !== "asked" && !(this.pinned && same(at, this.state.at));
    this.select(at);
    cell.focus();
  }

  onAction(act, value = "") {
    if (act === "play") return this.timer ? this.stop() : this.play();
    if (act === "back") return this.select(this.indexAt(this.position - 1));
    if (act === "next") return this.select(this.indexAt(this.position + 1));
    if (act === "more") return this.showMore(this.$(".more").hidden);
    if (act === "reset") return this.reset();
    if (act === "undo") return this.undo();
    if (act === "picture") {
      this.toggleAttribute("data-picture", this.button(act).ariaPressed !== "true");
      setProps(this.button(act), { ariaPressed: String(this.hasAttribute("data-picture")) });
      const [x, k, y] = this.letters;
      return this.say(this.hasAttribute("data-picture") ? `${x} is shown in greys, black for 0; ${k} and ${y} in colours.` : "Cells show numbers.");
    }
    if (act === "fill") return this.stop(), fillOutput(this);
    if (act === "pin") {
      this.pinned = !this.pinned;
      return this.renderStep();
    }
    if (act === "rotate") return this.setState({ k: this.state.k.map((line) => line.toReversed()).reverse() }, "push");
    if (act === "kernel") return this.attempt(() => this.setState(presetChange(this.state, "k", value), "push"));
  }

  reset() {
    this.stop();
    this.made.begin();
    this.pinned = false;
    this.setState(this.initial, "push");
  }

  /** @param {KeyboardEvent} event */
  onUndoKey(event) {
    const redo = undoKey(event);
    if (redo === undefined || /** @type {HTMLElement} */ (event.target).matches(OWN_UNDO)) return false;
    event.preventDefault();
    this.undo(redo);
    return true;
  }

  /** Take the last change back, or with `redo` the last undoing. @param {boolean} [redo] */
  undo(redo) {
    this.stop();
    const st = this.past.move(this.state, redo);
    if (!st) return this.say(`There is nothing to ${redo ? "redo" : "undo"}.`);
    Object.assign(this, { editing: null, kept: null, dirty: true, undoing: true }); // the cell in focus shows it, too
    this.setState(st);
    Object.assign(this, { dirty: false, undoing: false });
  }

  /** Render what is shown of the output, and the step. */
  refresh() {
    this.renderOutput();
    this.renderStep();
  }

  showMore(open) {
    this.$(".more").hidden = !open;
    this.button("more").ariaExpanded = String(open);
    if (this.state) this.renderControls();
  }

  get position() {
    return this.state.at[0] * this.geometry.out[1] + this.state.at[1];
  }

  indexAt(number) {
    const n = clamp(number, this.last);
    const cols = this.geometry.out[1] || 1;
    return [Math.floor(n / cols), n % cols];
  }

  select(at) {
    this.stop();
    this.setState({ at });
    this.announce();
  }

  play() {
    this.pinned = false;
    this.timer = setInterval(() => {
      this.setState({ at: this.indexAt(this.position + 1) }, "");
      if (this.position === this.last || this.kind(this.state.at) === "asked") this.stop();
    }, PACE);
    this.setState(this.position === this.last ? { at: [0, 0] } : {}, "");
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.setState({});
    if (!this.idle) this.announce();
  }

  onInput(target) {
    const { key, axis } = target.dataset;
    const cell = target.closest("td");
    this.stop();
    if (cell) return this.attempt(() => {
      const [r, c] = this.entryIndex(cell);
      const which = this.table("x").contains(cell) ? "x" : "k";
      this.dirty = true;
      this.editing = target === document.activeElement ? target : null; // an undo changes a cell without focus
      target.ariaInvalid = "true";
      let value = (this.kept = (this.editing && this.kept) ?? this.state[which][r][c]);
      try {
        value = parseEntry(target.textContent);
        target.ariaInvalid = null;
      } finally {
        this.setEntry(which, [r, c], value);
      }
    });
    if (target.matches(".scrub")) return this.select(this.indexAt(target.value - 1));
    if (target.matches(".preset")) {
      const raw = target.value;
      if (!raw) return;
      target.value = "";
      this.attempt(() => this.setState(presetChange(this.state, key, raw), "push"));
    } else if (key) this.setPair(key, Number(axis), Number(target.value));
    else if (target.matches(".op, .flip")) this.setState(operationChange(this.state, this.$(".op").value, this.$(".flip").checked), "push");
  }

  /** @param {"x"|"k"} which @param {Pair} at @param {Entry} value @param {"push"|"replace"} [how] */
  setEntry(which, [r, c], value, how) {
    this.stop();
    this.setState({ [which]: this.state[which].map((row, i) => row.map((old, j) => (i === r && j === c ? value : old))) }, how);
    this.announce();
  }

  /** Set what a slider controls; on both axes if `axis` is 2 or rows and columns are linked. */
  setPair(key, axis, value) {
    const { state: st } = this;
    const [next, hint] = pairChange(st, this.sources, key, axis === 2 || this.$(".both").checked ? [0, 1] : [axis], value);
    // A matrix that is made smaller and larger again gets its entries back.
    const sources = { x: st.x, k: st.k, ...this.sources };
    this.setState({ ...next, at: keepWindow(next, st) });
    if (key in resize) this.sources = sources;
    if (hint) {
      this.hint = hint;
      this.renderStep();
    }
    this.announce();
  }

  /** Point at something by keyboard, and say what belongs to it. @param {Pointed|null} pointed */
  pointTo(pointed) {
    this.pointed = pointed;
    this.renderStep();
    this.announce(() => this.partnerText);
  }

  onFocus(target) {
    if (!target.matches("[contenteditable^=p]")) return;
    setProps(target.closest("table").querySelector("[tabindex='0']"), { tabIndex: -1 });
    target.tabIndex = 0;
    getSelection().selectAllChildren(target);
    this.editing = target;
    this.pointTo(pointedAt(this, target));
  }

  onCellBlur() {
    this.editing.ariaInvalid = null;
    Object.assign(this, { editing: null, kept: null, dirty: true, pointed: null });
    this.renderState();
    this.dirty = false;
    this.renderStep();
  }

  onPaste(event) {
    const panel = event.target.closest("td")?.closest(".x, .k");
    const text = event.clipboardData.getData("text/plain").trim();
    if (!panel || !/[\s;[]|,.*,/.test(text)) return; // one decimal comma is typed
    event.preventDefault();
    this.editing = null;
    this.pasteText(text, panel.matches(".x") ? "x" : "k");
  }

  pasteText(text, which) {
    this.attempt(() => this.setState({ [which]: parseText(text, which) }, "push"));
  }

  attempt(f) {
    try {
      f();
    } catch (error) {
      this.error = message(error);
      if (this.dataset.equation === "numbers") this.error = this.error.replace(", or a letter", "");
      this.renderStep();
    }
    this.announce();
  }

  say(text) {
    clearTimeout(this.sayTimer); // what was to be announced is out of date
    this.setText(this.$(".said"), text);
  }

  /** Announce what is shown to screen readers after a pause, but not while playing. */
  announce(text = () => (this.kind(this.state.at) ? ASKED : describe(this.state, this.geometry, this.state.at))) {
    clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => {
      if (!this.timer) this.say(this.error || this.geometry.why || text());
    }, 400);
  }
}

/** What to show readers about an error. */
const message = (error) => (error instanceof RangeError ? error.message : "This is no state of an explorer.");

const registry = globalThis.customElements; // missing outside a browser
registry?.get("cnn-explorer") ?? registry?.define("cnn-explorer", Explorer);
