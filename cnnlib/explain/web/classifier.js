// @ts-check
// The modules of classifiers, in the order in which cnnlib.explain.embed joins them into one script, after forward.js.
export * from "./classifier-board.js";
export * from "./classifier-model.js";
export * from "./classifier-words.js";
export * from "./classifier-paint.js";
export * from "./classifier-view.js";
export * from "./classifier-why.js";
export * from "./classifier-cover.js";
export * from "./classifier-element.js";
