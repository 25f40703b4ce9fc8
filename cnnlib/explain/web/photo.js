// @ts-check
// The <cnn-photograph> element: what its controls, the pointer, the keyboard and the page's address do.

import { restoreState, saveState } from "./address.js";
import { clamp, clampIndex, nearestOutput, parseEntry, resize } from "./model.js";
import { decodePhoto, encodePhoto, entryBehind, entryFrom, OWN, parsePhotoState, photoFrom, photoGeometry, slicesAt } from "./photo-model.js";
import { PhotoView } from "./photo-view.js";
import { describePhoto } from "./photo-words.js";
import { same } from "./typeset.js";

/** @import { PhotoState } from "./photo-model.js" */

const LARGEST_OWN = 256; // pixels of the longer side of the reader's own picture
const FAR = 10; // entries that Shift and an arrow key move the lens
const WAYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity], PageUp: [-FAR, 0], PageDown: [FAR, 0] };

class Photograph extends PhotoView {
  listeners = new AbortController();
  sayTimer = 0;
  saveTimer = 0;
  /** @type {PhotoState} */ initial;

  async connectedCallback() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    if (!this.photoState) {
      const content = document.importNode(this.querySelector("template").content, true);
      try {
        await this.load(content.querySelectorAll("[data-act=image] img"));
        if (signal.aborted || this.photoState) return;
        this.replaceChildren(content);
        this.initial = parsePhotoState(JSON.parse(this.dataset.state), this.images);
      } catch (error) {
        this.append(Object.assign(document.createElement("p"), { className: "wrong", textContent: words(error, "The photograph could not be loaded.") }));
        return;
      }
      this.classList.add("live");
      for (const part of this.$$("[data-offer]")) part.hidden = !this.offers(part.dataset.offer);
      if (!this.id) this.$("[data-act=link]").remove();
      this.setPhoto(this.initial, "");
    }
    const on = (target, types, f) => types.split(" ").forEach((type) => target.addEventListener(type, f, { signal }));
    on(this, "click", (e) => this.onClick(e));
    on(this, "input", (e) => this.onInput(e.target));
    on(this, "focusout", (e) => e.target.dataset.slice && this.onWeightBlur(e.target));
    on(this, "keydown", (e) => this.onKey(e));
    for (const which of ["x", "y"]) this.followPointer(which, on);
    on(this, "dragover drop", (e) => this.onDrop(e));
    on(document, "paste", (e) => this.onPaste(e));
    on(window, "hashchange popstate", this.restore);
    const sized = new ResizeObserver(() => this.renderLens());
    sized.observe(this);
    on(signal, "abort", () => sized.disconnect());
    this.restore();
  }

  disconnectedCallback() {
    clearTimeout(this.sayTimer);
    clearTimeout(this.saveTimer);
    this.listeners.abort();
  }

  /** Read the pixels of the images that readers can choose from. */
  async load(images) {
    for (const img of images) {
      await img.decode();
      this.photos[img.closest("button").value] = await photoOf(img, Infinity);
    }
  }

  /** Change the state. `how` says what happens to the page's address, as in an explorer. @param {Partial<PhotoState>} change @param {"push"|"replace"|""} [how] */
  setPhoto(change, how = "replace") {
    const before = this.photoState;
    const st = parsePhotoState({ ...before, ...change }, this.images);
    this.photoState = st;
    this.photo = this.photos[st.image];
    this.error = "";
    this.hover = null;
    if (Object.keys(change).some((key) => key !== "at")) this.renderPhoto();
    st.at = clampIndex(st.at, this.geometry);
    this.renderLens();
    this.announce();
    // An address cannot hold the reader's own picture.
    saveState(this, encodePhoto, before, st, how, st.image === OWN ? location.href.split("#")[0] : undefined);
  }

  restore = () => restoreState(this, (text) => text === encodePhoto(this.photoState) || this.setPhoto(decodePhoto(text, this.images), ""));

  attempt(f) {
    try {
      f();
    } catch (error) {
      this.fail(words(error));
    }
  }

  fail(text) {
    this.error = text;
    this.renderLens();
    this.say(text);
  }

  onClick(event) {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const { photoState: st } = this;
    const acts = {
      image: () => this.showImage(button.value, button.dataset.place?.split(",")),
      kernel: () => {
        const k = JSON.parse(button.value);
        this.setPhoto({ k: k.length > 1 || st.k.length === 1 ? k : st.k.map(() => k[0]) }, "push");
      },
      reset: () => this.setPhoto(this.initial, "push"),
      link: () => this.copyLink(button),
      slice: () => {
        this.slice = Number(button.value);
        this.renderLens();
      },
      all: () => {
        button.ariaExpanded = String(button.ariaExpanded !== "true");
        this.renderLens();
      },
    };
    this.attempt(acts[button.dataset.act]);
  }

  /** Show another image, with one slice of the kernel where there is no colour, and the lens at this place, in parts of the
      output; by default where it was. @param {string} image @param {any[]} [place] */
  showImage(image, place) {
    const { photoState: st, geometry } = this;
    const k = this.images[image] < st.k.length ? [st.k[0]] : st.k;
    const { out } = photoGeometry(st, this.photos[image]);
    const at = out.map((n, axis) => clamp(Math.floor(n * (place ? place[axis] : (st.at[axis] + 0.5) / (geometry.out[axis] || 1))), n - 1));
    this.setPhoto({ image, k, at: /** @type {any} */ (at) }, "push");
  }

  copyLink(button) {
    if (this.photoState.image === OWN) return this.fail(this.$(".unlinked").textContent);
    const link = `${location.href.split("#")[0]}#${this.id}?${encodePhoto(this.photoState)}`;
    (async () => navigator.clipboard.writeText(link))().then(() => {
      this.say("Copied.");
      button.dataset.done = "";
      setTimeout(() => delete button.dataset.done, 1500);
    }, () => this.say("Copying was refused."));
  }

  onInput(target) {
    const { photoState: st } = this;
    const { key } = target.dataset;
    if (target.dataset.slice) return this.onWeight(target);
    if (target.type === "file") {
      const [file] = target.files;
      target.value = ""; // so that the same file can be chosen again
      return this.takeOwn(file);
    }
    const value = Number(target.value);
    if (key === "k") return this.attempt(() => this.setPhoto({ k: /** @type {any} */ (st.k.map((slice) => resize.k(slice, [value, value]))) }));
    if (key === "bias") return this.attempt(() => this.setStage("bias", value ? ["bias", value] : null));
    if (key) return this.attempt(() => this.setPhoto({ [key]: value, at: this.keepLens(key, value) }));
    if (target.matches(".relu")) this.attempt(() => this.setStage("relu", target.checked ? ["relu"] : null));
    if (target.matches(".pool")) {
      const [name, window, stride] = target.value.split(",");
      this.attempt(() => this.setStage("pool", name ? [name, Number(window), Number(stride)] : null));
    }
    if (target.matches(".colour")) this.attempt(() => this.setPhoto({ k: target.checked ? [0, 1, 2].map(() => st.k[0]) : [st.k[0]] }, "push"));
  }

  /** The entry whose window lies where the lens lies now. */
  keepLens(key, value) {
    const { s, p, at } = this.photoState;
    const next = { s, p, [key]: value };
    return at.map((n) => Math.max(0, Math.round((n * s - p + next.p) / next.s)));
  }

  /** Put a stage in the place of one of its kind, or remove it. @param {string} kind @param {any} stage */
  setStage(kind, stage) {
    const rank = (/** @type {any} */ [name]) => (["bias", "relu"].indexOf(name) + 3) % 3; // pooling is the last
    const others = this.photoState.after.filter((one) => rank(one) !== rank([kind]));
    const after = [...others, ...(stage ? [stage] : [])].sort((a, b) => rank(a) - rank(b));
    this.setPhoto({ after }, kind === "bias" ? "replace" : "push");
  }

  onWeight(cell) {
    const { slice, row, col } = cell.dataset;
    cell.ariaInvalid = "true";
    this.attempt(() => {
      const weight = parseEntry(cell.textContent);
      if (typeof weight === "string") throw RangeError("A weight is a number here.");
      cell.ariaInvalid = null;
      const k = structuredClone(this.photoState.k);
      k[slice][row][col] = weight;
      this.setPhoto({ k });
    });
  }

  onWeightBlur(cell) {
    cell.ariaInvalid = null;
    this.error = "";
    const { slice, row, col } = cell.dataset;
    setTimeout(() => {
      cell.textContent = ""; // what was typed may differ from the state
      if (this.photoState.k[slice]?.[row]?.[col] !== undefined) this.renderLens();
    });
  }

  onKey(event) {
    const way = WAYS[event.key];
    if (!way || !event.target.matches(".picture.x .frame") || event.altKey || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const { photoState: st, geometry } = this;
    const far = event.shiftKey ? FAR : 1;
    const at = st.at.map((n, axis) => clamp(n + (way[axis] ? way[axis] * far : 0), geometry.out[axis] - 1));
    if (!geometry.why) this.setPhoto({ at: /** @type {any} */ (at) });
  }

  /** Let the mouse move the lens over a picture, and a click or a tap keep it. A finger drags the lens by its ring, so that
      elsewhere it scrolls the page. */
  followPointer(which, on) {
    const sheet = this.$(`.picture.${which} .sheet`);
    let held = null;
    const show = (event, keep) => {
      const at = this.entryAt(which, sheet, event);
      if (!at) return;
      if (keep) return same(at, this.photoState.at) && !this.hover ? undefined : this.setPhoto({ at });
      if (same(at, this.hover)) return;
      this.hover = at;
      this.renderLens();
    };
    on(sheet, "pointerdown", (e) => {
      if (e.button || !(e.target.matches(".grip") || e.pointerType === "mouse")) return;
      held = e.pointerId;
      sheet.setPointerCapture(held);
      show(e, true);
    });
    on(sheet, "pointermove", (e) => (e.pointerId === held ? show(e, true) : e.pointerType === "mouse" && show(e, false)));
    on(sheet, "pointerup pointercancel", () => (held = null));
    on(sheet, "click", (e) => show(e, true));
    on(sheet, "pointerleave", () => {
      if (!this.hover) return;
      this.hover = null;
      this.renderLens();
    });
  }

  /** The entry of the convolution for a place in a picture: the nearest window, or where the entry of the output comes from. */
  entryAt(which, sheet, event) {
    const { photoState: st, geometry, photo, maps } = this;
    if (geometry.why) return null;
    const box = sheet.getBoundingClientRect();
    const part = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    const last = maps.at(-1);
    if (which === "y") {
      if (!last.rows || !last.cols) return null;
      return entryBehind(st, maps, /** @type {any} */ (part.map((n, axis) => clamp(Math.floor(n * [last.rows, last.cols][axis]), [last.rows, last.cols][axis] - 1))));
    }
    return part.map((n, axis) => nearestOutput(geometry, axis, n * ([photo.rows, photo.cols][axis] + 2 * st.p) - st.p - 0.5));
  }

  onDrop(event) {
    if (!this.offers("own") || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") this.takeOwn(event.dataTransfer.files[0]);
  }

  /** A picture that is pasted goes to the photograph that has the focus, or to the only one of the page. */
  onPaste(event) {
    const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
    const mine = this.contains(event.target) || document.querySelectorAll("cnn-photograph").length === 1;
    if (!file || !mine || !this.offers("own")) return;
    event.preventDefault();
    this.takeOwn(file);
  }

  /** Show a picture of the reader's own. It is scaled down, and never leaves the page. @param {Blob|undefined} file */
  async takeOwn(file) {
    if (!file) return;
    try {
      this.photos[OWN] = await photoOf(file, LARGEST_OWN);
    } catch {
      return this.fail("This file is no picture that the browser can read.");
    }
    this.attempt(() => this.showImage(OWN));
    this.scrollIntoView({ block: "nearest" });
  }

  say = (text) => this.$(".said").textContent !== text && (this.$(".said").textContent = text);

  /** Announce the window to screen readers after a pause. */
  announce() {
    clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => {
      const { photoState: st, geometry, photo, maps, error } = this;
      this.say(error || geometry.why || describePhoto(st, slicesAt(st, photo, geometry, st.at), maps, st.at));
    }, 400);
  }
}

/** The pixels of an image, scaled down if its longer side has more than `most`. @param {ImageBitmapSource} source */
async function photoOf(source, most) {
  const bitmap = await createImageBitmap(source);
  const scale = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((n) => Math.max(1, Math.round(n * scale)));
  const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
  Object.assign(context, { fillStyle: "#fff", imageSmoothingQuality: "high" });
  context.fillRect(0, 0, width, height); // a picture may be transparent
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return photoFrom(context.getImageData(0, 0, width, height).data, height, width);
}

/** What to show readers about an error. */
const words = (error, otherwise = "This is no state of a photograph.") => (error instanceof RangeError ? error.message : otherwise);

const elements = globalThis.customElements; // missing outside a browser
elements?.get("cnn-photograph") ?? elements?.define("cnn-photograph", Photograph);
