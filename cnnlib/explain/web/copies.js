// @ts-check
// Copies what an explorer shows: as an equation, a picture, a link or code.

import { code } from "./code.js";
import { drawing, withColours } from "./drawing.js";
import { encode, equation, tex } from "./explorer.js";

/** Copy one of these to the clipboard, and say so. @param {any} explorer The <cnn-explorer> element
    @param {string} what tex, svg, link, cnnlib or torch */
function copy(explorer, what) {
  const { state: st, geometry } = explorer;
  const texts = {
    tex: () => (geometry.why ? "" : tex(equation(st, geometry, st.at).flat())),
    svg: () => (geometry.why ? "" : withColours(drawing(st, geometry), explorer.$(".said"))),
    link: () => `${location.href.split("#")[0]}#${explorer.id}?${encode(st)}`,
  };
  const button = explorer.button(what);
  const done = () => {
    explorer.say("Copied.");
    button.dataset.done = "";
    setTimeout(() => delete button.dataset.done, 1500);
  };
  const text = (texts[what] ?? (() => code(st)[what]))();
  (async () => (text ? navigator.clipboard.writeText(text) : Promise.reject()))().then(done, () => explorer.say("Copying was refused."));
}

globalThis.document?.addEventListener("click", ({ target }) => {
  const button = /** @type {HTMLElement} */ (target).closest?.("cnn-explorer :is(.codes, .copies) button");
  if (button) copy(button.closest("cnn-explorer"), /** @type {HTMLElement} */ (button).dataset.act);
});
