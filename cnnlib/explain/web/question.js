// @ts-check
// Questions that readers answer before the solution is shown. Common mistakes are explained.

class Question extends HTMLElement {
  connectedCallback() {
    const details = this.querySelector("details");
    if (!details || this.querySelector("form")) return;
    const { answer, wrong } = JSON.parse(this.dataset.question ?? "");
    const form = document.createElement("form");
    form.innerHTML =
      '<label>Your answer <input autocomplete="off" size="8" required></label> <button>Check</button> <span role="status"></span>';
    details.before(form);
    const [input, status] = [form.querySelector("input"), form.querySelector("span")];
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [, top, bottom = "1"] = input.value.replace("−", "-").replace(",", ".").match(/^\s*(-?[\d.]+)\s*(?:\/\s*([\d.]+))?\s*$/) ?? [];
      const given = Number(top) / Number(bottom);
      const isNear = (/** @type {number} */ number) => Math.abs(number - given) < 5e-3;
      const mistake = wrong.find((/** @type {[number, string]} */ [number]) => isNear(number));
      status.textContent =
        Number.isNaN(given) ? "That is not a number."
        : Math.abs(answer - given) < 1e-9 ? "Yes, that is right."
        : mistake ? `Not quite: ${mistake[1]}.`
        : "Not quite. Try again, or open the answer.";
      if (Math.abs(answer - given) < 1e-9) details.open = true;
    });
  }
}

if (!customElements.get("cnn-question")) customElements.define("cnn-question", Question);
