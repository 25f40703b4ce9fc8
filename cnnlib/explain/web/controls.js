// @ts-check
// Shows in the controls of an explorer what its state is, and what they can be set to.

import { sizeFormula } from "./equations.js";
import { RANGE, isPool, limits, pairOf } from "./model.js";
import { setProps, setStyle, typeset } from "./typeset.js";

/** @param {any} view The <cnn-explorer> element */
export function showControls(view) {
  const { state: st, geometry } = view;
  for (const input of view.$$("input[data-key]")) {
    const { key, axis } = input.dataset;
    const value = pairOf(st, key)[axis % 2];
    const [least, most] = limits(st, key, axis % 2);
    // The scale is fixed, so that a value has the same place whatever the others are; what does not fit is greyed.
    const [min, max] = RANGE[key];
    const part = (v) => (v - min) / (max - min);
    setStyle(input, `--from:${part(least)};--to:${part(most)}`);
    setProps(input, { min, max, value, disabled: least === most && value === least });
    setProps(input.nextElementSibling, { value });
  }
  for (const part of view.$$(".kernels")) setProps(part, { hidden: isPool(st.op) });
  const flip = view.$(".flip");
  if (!flip) return; // an explorer that offers little
  setProps(flip, { checked: st.op === "convolve2d" });
  setProps(view.$(".op"), { value: flip.checked ? "conv2d" : st.op });
  setProps(flip.parentElement, { hidden: !/^conv(olve)?2d$/.test(st.op) });
  if (view.$(".more").hidden) return;
  view.$$(".formula span").forEach((span, axis) => typeset(span, geometry.why ? [{ tex: "", mathml: "<mtext>no</mtext>" }] : sizeFormula(st, geometry, axis)));
}
