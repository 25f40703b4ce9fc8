// @ts-check
// Predict, then reveal: the reader answers first; a usual mistake is named for what it is.

class Question extends HTMLElement {
  connectedCallback() {
    const fold = this.querySelector("details");
    if (!fold || this.querySelector("form")) return;
    const { answer, wrong } = JSON.parse(this.dataset.question ?? "");
    const form = document.createElement("form");
    form.innerHTML =
      '<label>Your answer <input autocomplete="off" size="8" required></label> <button>Check</button> <span role="status"></span>';
    fold.before(form);
    const [input, said] = [form.querySelector("input"), form.querySelector("span")];
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [, top, bottom = "1"] = input.value.replace("−", "-").replace(",", ".").match(/^\s*(-?[\d.]+)\s*(?:\/\s*([\d.]+))?\s*$/) ?? [];
      const given = Number(top) / Number(bottom);
      const near = (/** @type {number} */ number) => Math.abs(number - given) < 5e-3;
      const known = wrong.find((/** @type {[number, string]} */ [number]) => near(number));
      said.textContent =
        Number.isNaN(given) ? "That is not a number."
        : Math.abs(answer - given) < 1e-9 ? "Yes, that is right."
        : known ? `Not quite: ${known[1]}.`
        : "Not quite. Try again, or open the answer.";
      if (Math.abs(answer - given) < 1e-9) fold.open = true;
    });
  }
}

if (!customElements.get("cnn-question")) customElements.define("cnn-question", Question);
