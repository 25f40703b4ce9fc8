// @ts-check
// The modules of the explorer, in the order in which cnnlib.explain.embed joins them into one script.
export * from "./chain.js";
export * from "./model.js";
export * from "./layout.js";
export * from "./equations.js";
export * from "./typeset.js";
export * from "./partners.js";
export * from "./made.js";
export * from "./undo.js";
export * from "./controls.js";
export * from "./view.js";
export * from "./pointing.js";
export * from "./changes.js";
export * from "./address.js";
export * from "./presets.js";
export * from "./gesture.js";
export * from "./scrub.js";
export * from "./keys.js";
export * from "./drag.js";
export * from "./making.js";
export * from "./element.js";
