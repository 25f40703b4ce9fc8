// @ts-check
// One switch for all folded code of a page; the choice is kept for the page, in this tab.

const folds = /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.hide"));
const codeSwitch = /** @type {HTMLButtonElement} */ (document.querySelector("button.all-code"));
const storageKey = `code ${location.pathname}`;

/** @param {boolean} open */
const showCode = (open) => {
  for (const fold of folds) fold.open = open;
  codeSwitch.setAttribute("aria-pressed", String(open));
};

codeSwitch.addEventListener("click", () => {
  const open = codeSwitch.getAttribute("aria-pressed") !== "true";
  showCode(open);
  try {
    if (open) sessionStorage.setItem(storageKey, "shown");
    else sessionStorage.removeItem(storageKey);
  } catch {
    // Storage may be closed; the choice then holds until the page is left.
  }
});

try {
  if (sessionStorage.getItem(storageKey)) showCode(true);
} catch {
  // As above.
}
codeSwitch.hidden = false;
