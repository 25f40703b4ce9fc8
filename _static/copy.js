// @ts-check
// A button on each piece of code: copies what one would type, without prompts and answers, and with
// the imports that are folded above it, or left out of an example.

const PROMPT = /^(?:>>>|\.\.\.)(?: |$)/;

/** @param {HTMLElement} code */
const typed = (code) => {
  const left = code.closest(".doctest")?.nextElementSibling;
  if (left instanceof HTMLTemplateElement) return left.content.textContent + withoutPrompts(code);
  const imports = code.closest(".cell_input")?.querySelector(".imports pre")?.textContent ?? "";
  return imports + withoutPrompts(code);
};

/** @param {HTMLElement} code */
const withoutPrompts = (code) => {
  const own = /** @type {HTMLElement} */ (code.cloneNode(true));
  own.querySelectorAll(".viewcode-back").forEach((link) => link.remove());
  const lines = (own.textContent ?? "").replace(/\n$/, "").split("\n");
  if (!lines.some((line) => line.startsWith(">>>"))) return lines.join("\n");
  return lines.filter((line) => PROMPT.test(line)).map((line) => line.replace(PROMPT, "")).join("\n");
};

/** @param {HTMLElement} code */
const select = (code) => getSelection()?.selectAllChildren(code);

const said = document.createElement("p");
said.className = "visually-hidden";
said.role = "status";

for (const code of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("main .highlight > pre"))) {
  if (code.closest(".cell_output, .imports")) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = say("Copy");
  button.setAttribute("aria-label", say("Copy the code"));
  let timer = 0;
  button.addEventListener("click", async () => {
    let words = say("Copied");
    try {
      await navigator.clipboard.writeText(typed(code));
    } catch {
      select(code); // the browser does not let us: one key is left to press
      words = say("Selected");
    }
    button.textContent = said.textContent = words;
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = say("Copy");
      said.textContent = "";
    }, 2000);
  });
  code.before(button);
}
document.body.append(said);
