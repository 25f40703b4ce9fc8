// @ts-check
// Copies what an explorer shows: as an equation, a picture, a link or code.

import { drawing, withColours } from "./drawing.js";
import { code, equation, tex } from "./equations.js";
import { encode } from "./model.js";

/** @import { View } from "./view.js" */

/** Copy one of these to the clipboard, and say so. @param {View & {say(text: string): void}} explorer
    @param {"tex"|"svg"|"link"|"cnnlib"|"torch"} what */
export function copy(explorer, what) {
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
