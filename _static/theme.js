// @ts-check
// The reader's choice of colours: as the system has them, light, or dark. Kept in the browser alone.

const names = { auto: "as the system has them", light: "light", dark: "dark" };
const order = matchMedia("(prefers-color-scheme: dark)").matches
  ? ["auto", "light", "dark"]
  : ["auto", "dark", "light"];
const button = /** @type {HTMLButtonElement} */ (document.querySelector("button.theme"));

const { dataset } = document.documentElement;
/** @type {Record<string, string>} */
const blogWords = JSON.parse(document.querySelector('meta[name="words"]')?.getAttribute("content") ?? "{}");
/** Return some words in the language of the blog; other scripts use it, too. */
const say = (/** @type {string} */ text) => blogWords[text] ?? text;

const label = () =>
  button.setAttribute("aria-label", `${say("Colours")}: ${say(names[dataset.theme ?? "auto"])}`);

button.addEventListener("click", () => {
  const next = order[(order.indexOf(dataset.theme ?? "auto") + 1) % order.length];
  dataset.theme = next;
  try {
    localStorage.theme = next;
  } catch {
    // Storage may be closed; the choice then holds for this page.
  }
  label();
});

label();
button.hidden = false;

// Above the first section nothing is marked in the contents: their script can wait until then.
const { contents: later } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
if (later)
  addEventListener(
    "scroll",
    () => document.head.append(Object.assign(document.createElement("script"), { src: later })),
    { once: true },
  );
