// @ts-check
// What a classifier shows, in words.

/** @import { ClassifierModel, Entry, Origin } from "./classifier-model.js" */

/** A number with at most so many decimals. @param {number} n */
export const decimal = (n, places = 3) => String(Number(n.toFixed(places)) || 0).replace("-", "−");
/** A number with two decimals, except zero. @param {number} n */
export const fixed = (n) => (n === 0 ? "0" : n.toFixed(2).replace(/^-(?=0\.00)/, "").replace("-", "−"));
/** A share of 1, in percent, which is 100 only if nothing is left for others. @param {number} share */
export const percent = (share) => (share >= 0.9995 && share < 1 ? ">99.9%" : `${(share * 100).toFixed(1)}%`);
const upper = (text) => text[0].toUpperCase() + text.slice(1);
const counted = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

/** Where an entry stands. @param {ClassifierModel} model @param {string[]} classes @param {number} stage @param {Entry} at */
export function entryName(model, classes, stage, [channel, row, col]) {
  const { title, size } = model.stages[stage];
  if (stage === model.last) return `score of ${classes[channel]}`;
  if (stage === 0) return `pixel in row ${row + 1}, column ${col + 1}`;
  if (model.sizes[model.stages[stage].index].length === 1) return `${title}, number ${row * size[2] + col + 1}`;
  return `${title}, map ${channel + 1}, row ${row + 1}, column ${col + 1}`;
}

/** The same for a narrow place. @param {ClassifierModel} model @param {string[]} classes @param {number} stage @param {Entry} at */
export function shortName(model, classes, stage, [channel, row, col]) {
  return stage === model.last ? `score of ${classes[channel]}` : `${model.stages[stage].title}, ${channel + 1} (${row + 1}, ${col + 1})`;
}

/** How a value was computed. @param {ClassifierModel} model @param {string[]} classes @param {number} stage @param {Entry} at @param {Origin} origin */
export function explainValue(model, classes, stage, at, { kind, groups, bias, value }) {
  const name = upper(entryName(model, classes, stage, at));
  const terms = groups.flatMap((group) => group.terms);
  if (kind === "positive") return terms[0].value > 0 ? `${name}, is ${decimal(value)}, as before it: ReLU keeps what is positive.` : `${name}, is 0, since ${decimal(terms[0].value)} before it is not positive.`;
  const inside = terms.filter((term) => term.at);
  if (kind === "largest") return `${name}, is ${decimal(value)}, the largest of ${counted(inside.length, "entry").replace("entrys", "entries")}.`;
  if (kind === "mean") return `${name}, is ${decimal(value)}, the mean of ${terms.length} entries.`;
  const sum = groups.reduce((all, group) => all + group.sum, 0);
  const over = groups.length > 1 ? ` over ${groups.length} maps` : "";
  const end = bias ? `, and the bias ${bias > 0 ? `adds ${decimal(bias)}` : `takes away ${decimal(-bias)}`}` : "";
  return `${name}${stage === model.last ? "" : ","} is ${decimal(value)}: ${counted(terms.length, "product")}${over} add up to ${decimal(sum)}${end}.`;
}

/** What part of the picture a value depends on. @param {[number, number, number, number]} field @param {[number, number]} size */
export function describeField([top, bottom, left, right], [rows, cols]) {
  if (top === 0 && left === 0 && bottom === rows - 1 && right === cols - 1) return "It depends on the whole picture.";
  const from = (name, first, last) => (first === last ? `${name} ${first + 1}` : `${name}s ${first + 1} to ${last + 1}`);
  return `It depends on ${from("row", top, bottom)} and ${from("column", left, right)} of the picture.`;
}

/** The answer, and the one that comes next. @param {Float64Array} shares @param {string[]} classes @param {boolean} isEmpty */
export function describeAnswer(shares, classes, isEmpty) {
  if (isEmpty) return "Nothing is drawn.";
  const [first] = ranking(shares);
  return `It reads ${classes[first]}. ${describeShares(shares, classes)}`;
}

/** The shares of the two most likely classes. @param {Float64Array} shares @param {string[]} classes */
export function describeShares(shares, classes, [first, second] = ranking(shares)) {
  const said = (share) => (share < 0.0005 ? "less than 0.1%" : percent(share).replace(">", "more than "));
  return `Share: ${said(shares[first])}. Next: ${classes[second]}, ${said(shares[second])}.`;
}

/** The classes from the most likely on. @param {Float64Array} shares */
export const ranking = (shares) => [...shares.keys()].sort((a, b) => shares[b] - shares[a] || a - b);
