// @ts-check
// Lets readers guess output entries before they are shown. Only pages with an explorer that asks load it.

import { agrees, readAnswer } from "./answers.js";
import { allIntegers, entryText, step, windowKey } from "./explorer.js";

/** @typedef {import("./explorer.js").State} State */
/** @typedef {import("./explorer.js").Geometry} Geometry */
/** @typedef {import("./explorer.js").Pair} Pair */
/** @typedef {import("./explorer.js").Speaker & {listeners: AbortController}} Asking */

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

/** Let readers guess an entry, or be shown it. @param {Asking} explorer */
function enableGuesses(explorer) {
  const form = explorer.$(".guess");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const { state: st, geometry, made } = explorer;
    const shows = event.submitter?.name === "show";
    const reply = shows ? "" : judgeGuess(form.elements.typed.value, st, geometry, st.at);
    const answered = shows || reply;
    if (answered) made.answer(windowKey(geometry, st.at));
    explorer.hint = answered ? reply : "That is not a number.";
    explorer.refresh();
    explorer.say(explorer.hint);
    if (answered) explorer.selected.focus();
  }, { signal: explorer.listeners.signal });
}

customElements.whenDefined("cnn-explorer").then(() => {
  const asking = /** @type {NodeListOf<Asking>} */ (document.querySelectorAll("cnn-explorer[data-ask].live"));
  asking.forEach(enableGuesses);
});
