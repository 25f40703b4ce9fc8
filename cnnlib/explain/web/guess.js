// @ts-check
// Lets readers guess output entries before they are shown. Only pages with an explorer that asks load it.

import { agrees, readAnswer } from "./answers.js";
import { allIntegers, entryText, isPool, step, windowKey } from "./explorer.js";

/** @typedef {import("./explorer.js").State} State */
/** @typedef {import("./explorer.js").Geometry} Geometry */
/** @typedef {import("./explorer.js").Pair} Pair */
/** @typedef {import("./explorer.js").Speaker & {listeners: AbortController, early: HTMLElement|null}} Asking */

/** What is said about a guess, or "" if it is not a number. @param {string} typed
    @param {State} st @param {Geometry} geometry @param {Pair} at */
export function judgeGuess(typed, st, geometry, at) {
  const { terms, value } = step(st, geometry, at);
  const [given, unit] = readAnswer(typed);
  if (Number.isNaN(given)) return "";
  const shown = entryText(value, allIntegers(st));
  const products = terms.length === 1 ? "the product is" : `the ${terms.length} products add up to`;
  const found = { max_pool2d: "the largest entry is", avg_pool2d: "the mean is" }[st.op] ?? products;
  return `${agrees(value, shown, given, unit) ? "Yes" : `Not ${entryText(given)}`}: ${found} ${shown}.`;
}

/** What helps after a first guess that was wrong: what to compute, but not the result.
    @param {State} st @param {Geometry} geometry @param {Pair} at */
export function helpWithGuess(st, geometry, at) {
  const { terms } = step(st, geometry, at);
  const factor = (e) => (e < 0 ? `(${entryText(e)})` : entryText(e));
  const pool = isPool(st.op);
  const what = pool ? "entries" : "products";
  const list = terms.map(({ entry, weight }) => (pool ? entryText(entry) : `${entryText(entry)}·${factor(weight)}`)).join(", ");
  const doing = { max_pool2d: "find the largest", avg_pool2d: `add them up and divide by ${terms.length}` }[st.op] ?? "add them up";
  return terms.length > 9 ? `There are ${terms.length} ${what}: ${doing}.` : `The ${what} are ${list}: ${doing}.`;
}

/** Let readers guess an entry, or be shown it. @param {Asking} explorer */
function enableGuesses(explorer) {
  const form = explorer.$(".guess");
  let helped = ""; // what was said after the last guess, if it was a first one
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const { state: st, geometry, made } = explorer;
    const field = form.elements.typed;
    const shows = event.submitter?.name === "show";
    const judged = shows ? "" : judgeGuess(field.value, st, geometry, st.at);
    const help = judged.startsWith("Not") ? helpWithGuess(st, geometry, st.at) : "";
    const again = help !== helped && help;
    helped = help;
    const answered = shows || (judged && !again);
    if (answered) made.answer(windowKey(geometry, st.at));
    explorer.hint = again ? `${judged.split(":")[0]}. ${help}` : answered ? judged : "That is not a number.";
    explorer.refresh();
    explorer.say(explorer.hint);
    answered ? explorer.selected.focus() : field.select();
  }, { signal: explorer.listeners.signal });
  if (explorer.early) form?.requestSubmit(explorer.early);
}

customElements.whenDefined("cnn-explorer").then(() => {
  const asking = /** @type {NodeListOf<Asking>} */ (document.querySelectorAll("cnn-explorer[data-ask].live"));
  asking.forEach(enableGuesses);
});
