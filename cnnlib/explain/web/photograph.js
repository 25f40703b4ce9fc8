// @ts-check
// The modules of photographs, in the order in which cnnlib.explain.embed joins them into one script.
export * from "./photo-model.js";
export * from "./photo-words.js";
export * from "./photo-view.js";
export * from "./photo.js";
