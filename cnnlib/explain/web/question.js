// @ts-check
// Questions that readers answer before the solution is shown. Common mistakes are explained. Answers are judged by
// the same rule as in cnnlib.explain.question.

import { agrees, readAnswer } from "./answers.js";

/** @typedef {[number: number, shown: string, mistake: string]} Known A number that readers may answer, as printed,
    with the mistake that leads to it; the first one is the answer. */

/** Judge a typed answer. @param {string} typed @param {Known[]} known */
export function reply(typed, known) {
  const [given, unit] = readAnswer(typed);
  if (Number.isNaN(given)) return "That is not a number.";
  const distance = (/** @type {Known} */ [number]) => Math.abs(number - given);
  const agreeing = known.filter(([number, shown]) => agrees(number, shown, given, unit));
  const [answer, printed] = known[0];
  if (!agreeing.length) return agrees(answer, printed, -given, unit) ? OTHER_SIGN : "Not quite. Try again, or open the answer.";
  const nearest = agreeing.reduce((best, one) => (distance(one) < distance(best) ? one : best));
  return nearest === known[0] ? RIGHT : `Not quite: ${nearest[2]}.`;
}

const TYPED_ANSWER = '<label>Your answer <input autocomplete="off" size="8" required></label> <button>Check</button> ';
const RIGHT = "Yes, that is right.";
const OTHER_SIGN = "Not quite: the size is right, the sign is not.";
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

class Question extends Base {
  connectedCallback() {
    const details = this.querySelector("details");
    if (!details || this.querySelector("form")) return;
    const form = document.createElement("form");
    /** @type {[choice: string, reply: string][]} */
    const choices = JSON.parse(this.dataset.choices ?? "[]");
    form.innerHTML = `${choices.length ? "" : TYPED_ANSWER}<span role="status"></span>`;
    form.prepend(...choices.map(([choice]) => Object.assign(document.createElement("button"), { textContent: choice, value: choice })));
    details.before(form);
    const [input, status] = [form.querySelector("input"), form.querySelector("span")];
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = choices.find(([choice]) => choice === event.submitter?.getAttribute("value"));
      status.textContent = chosen?.[1] ?? reply(input?.value ?? "", JSON.parse(this.dataset.answers ?? ""));
      if (status.textContent === RIGHT) details.open = true;
    });
  }
}

const registry = globalThis.customElements; // missing outside a browser
registry?.get("cnn-question") ?? registry?.define("cnn-question", Question);
