// @ts-check
// Words searched for are not remembered: Sphinx's highlighter would keep them in the browser.
var SPHINX_HIGHLIGHT_ENABLED = false;
// What Sphinx says about a search, in the words of this site.
Object.assign(Documentation.TRANSLATIONS, {
  "Search Results": "Results",
  "Preparing search...": "Searching …",
  "Search finished, found one page matching the search query.": [
    "One page or section was found.",
    "${resultCount} pages and sections were found.",
  ],
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
    "Nothing was found. Try fewer words, or a word from a heading.",
});
const field = /** @type {HTMLInputElement} */ (document.getElementById("q"));
field.value = new URLSearchParams(location.search).get("q") ?? "";
if (!field.value) field.focus();

// A section, a function or a term is named by its own title; what it belongs to stands below.
const perform = Search._performSearch;
const ownTitle = (title, anchor) => (anchor.startsWith("#term-") ? anchor.slice(6).replaceAll("-", " ") : title.split(" > ").at(-1));
// Sphinx shows the last result first. Each place is shown once: a function that is asked for by its
// name, terms, posts, things to try, the library, what explains it, and parts of a class after all others.
const ORDER = ["glossary#", "posts", "playground", "snippets"];
const isPart = (/** @type {string | null} */ kind) => /^Python (attribute|property|method)\b/.test(kind ?? "");
const rank = ([page, title, anchor, kind], /** @type {string} */ query) => {
  const name = title.split(" > ").at(-1);
  if (isPart(kind)) return ORDER.length + 2;
  if (name.startsWith("cnnlib.explain.")) return ORDER.length + 1;
  if (name.startsWith("cnnlib.") && name.endsWith(`.${query.trim()}`)) return -1;
  const place = ORDER.findIndex((start) => (page + anchor).startsWith(start));
  return place < 0 ? ORDER.length : place;
};
Search._performSearch = (query, ...more) => {
  const found = perform(query, ...more);
  const places = found.map(([page, , anchor]) => page + anchor);
  const best = found.filter((_, number) => places.lastIndexOf(places[number]) === number);
  return best
    .sort((one, other) => rank(other, query) - rank(one, query))
    .map(([page, title, anchor, , ...rest]) => [page, ownTitle(title, anchor), anchor, null, ...rest]);
};

/** A text in which the words that were searched for are marked.
 * @param {string} text
 * @param {Iterable<string>} words Or their stems */
const marked = (text, words) => {
  const stems = [...words].map((word) => word.replace(/[^\p{L}\p{N}_]/gu, "\\$&"));
  if (!stems.length) return [text];
  return text.split(new RegExp(`((?<![\\p{L}\\p{N}])(?:${stems.join("|")})[\\p{L}\\p{N}]*)`, "giu")).map((piece, number) =>
    number % 2 ? Object.assign(document.createElement("mark"), { textContent: piece }) : piece,
  );
};

/** The prose of a section, around the first of the words; without code and pictures.
 * @param {Element} part
 * @param {Iterable<string>} words */
const excerpt = (part, words) => {
  part.querySelectorAll("pre, details, svg, figure, ul, .windows, .headerlink, h2, h3, h4").forEach((node) => node.remove());
  const prose = (part.textContent ?? "").replace(/\s+/g, " ").trim();
  const at = Math.max(0, ...[...words].map((word) => prose.toLowerCase().indexOf(word.toLowerCase())));
  const start = at < 120 ? 0 : prose.indexOf(" ", at - 80) + 1;
  return (start ? "… " : "") + prose.slice(start, start + 180).replace(/\s\S*$/, prose.length > start + 180 ? " …" : "$&");
};

// What is shown of a page found: what it says of itself; of a function, its first sentence; of a
// section, its prose.
Search.makeSearchSummary = (html, words, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const part = anchor ? page.getElementById(anchor.slice(1)) : null;
  const description = page.querySelector("meta[name=description]")?.content ?? "";
  // Several terms may share one definition.
  let definition = part;
  while (definition?.matches("dt")) definition = definition.nextElementSibling;
  const sentence = part?.matches("dt") ? definition?.querySelector("p")?.textContent : "";
  const shown = document.createElement("p");
  shown.className = "context";
  const folder = page.querySelector("link[rel=canonical]")?.getAttribute("href")?.split("/").at(-2);
  const heading = page.querySelector("h1")?.textContent;
  const place = part ? heading : folder === "api" ? "The library" : "";
  if (place && (part || place !== heading)) {
    const belongs = shown.appendChild(document.createElement("span"));
    belongs.className = "of";
    belongs.textContent = `${place} · `;
  }
  shown.append(...marked((part && (sentence || excerpt(part, words))) || description, words));
  return shown;
};
