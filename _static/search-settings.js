// @ts-check
// Words searched for are not remembered: Sphinx's highlighter would keep them in the browser.
var SPHINX_HIGHLIGHT_ENABLED = false;
// What Sphinx says about a search, in the words of this site.
Object.assign(Documentation.TRANSLATIONS, {
  "Search Results": say("Results"),
  "Preparing search...": say("Searching …"),
  "Search finished, found one page matching the search query.": [
    say("One page or section was found."),
    say("${resultCount} pages and sections were found."),
  ],
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
    say("Nothing was found. Try fewer words, or a word from a heading."),
});
const field = /** @type {HTMLInputElement} */ (document.getElementById("q"));
field.value = new URLSearchParams(location.search).get("q") ?? "";
if (!field.value) field.focus();

// A section, a function or a term is named by its own title; what it belongs to stands below.
const ownTitle = (title, anchor) => (anchor.startsWith("#term-") ? anchor.slice(6).replaceAll("-", " ") : title.split(" > ").at(-1));
const GROUPS = ["Functions of this name", "Glossary", "Posts", "Pages", "Library"];
/** The number of the group of a result, and its rank within: what can be tried before other pages, functions before
 * what explains them and parts of classes.
 * @returns {[number, number]} */
const groupOf = ([page, title, anchor, kind], /** @type {string} */ query) => {
  const name = title.split(" > ").at(-1);
  const part = /^Python (attribute|property|method)\b/.test(kind ?? "");
  const explains = name.startsWith("cnnlib.explain.");
  if (!part && !explains && name.startsWith("cnnlib.") && name.endsWith(`.${query.trim()}`)) return [0, 0];
  if (page === "glossary" && anchor) return [1, 0];
  if (page.startsWith("posts")) return [2, 0];
  if (page.startsWith("api/")) return [4, part ? 2 : Number(explains)];
  const first = ["playground", "snippets"];
  return [3, first.includes(page) ? first.indexOf(page) : first.length];
};

/** Terms of the glossary and sections of posts that Sphinx leaves out because the query is less than half of their title.
 * @returns {any[][]} */
const longTitles = (/** @type {string} */ query) => {
  const { indexentries, alltitles, titles, docnames, filenames } = Search._index;
  const typed = query.toLowerCase().trim().split(/\s+/);
  const named = (/** @type {string} */ title) => typed.every((word) => title.toLowerCase().split(/[^\p{L}\p{N}]+/u).some((own) => own.startsWith(word)));
  const places = (/** @type {Record<string, any[]>} */ all, /** @type {(file: number, id: string) => boolean} */ wanted) =>
    Object.keys(all).filter(named).sort().flatMap((title) => all[title].filter(([file, id]) => id && wanted(file, id)).map(([file, id]) =>
      [docnames[file], `${titles[file]} > ${title}`, `#${id}`, null, 0, filenames[file], "title"]));
  return [...places(indexentries, (_, id) => id.startsWith("term-")), ...places(alltitles, (file) => docnames[file].startsWith("posts/"))];
};

/** The results, the best first, with their groups; each place once, and a page rather than what a list says of it.
 * @returns {any[][]} */
const ranked = (query, ...more) => {
  // Sphinx has the best one last.
  const found = [...Search._performSearch(query, ...more).reverse(), ...longTitles(query)];
  const places = found.map(([page, , anchor]) => page + anchor);
  const pages = new Set(found.filter(([, , anchor]) => !anchor).map(([page, title]) => `${page.split("/")[0]} ${title}`));
  return found
    .filter(([page, title, anchor], number) => places.indexOf(places[number]) === number
      && !(anchor && page.endsWith("/index") && pages.has(`${page.split("/")[0]} ${title.split(" > ").at(-1)}`)))
    .map((result) => [...groupOf(result, query), result])
    .sort(([group, rank], [other, second]) => group - other || rank - second);
};

Search.query = (query) => {
  const [words, terms, ...more] = Search._parseQuery(query);
  const results = ranked(words, terms, ...more);
  const all = Search.output;
  GROUPS.forEach((name, number) => {
    const own = results.filter(([group]) => group === number).map(([, , result]) => result);
    if (!own.length) return;
    const heading = Object.assign(document.createElement("h3"), { textContent: say(name) });
    Search.output = Object.assign(document.createElement("ul"), { role: "list", className: name.toLowerCase() });
    all.before(heading, Search.output);
    // What is found in one post stands together, beside its picture.
    const pages = new Set(own.map(([page]) => page)), order = [...pages];
    if (name === "Posts") own.sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
    for (const [page, title, anchor, , ...rest] of own) {
      _displayItem([page, ownTitle(title, anchor), anchor, null, ...rest], terms, terms);
      Search.output.lastElementChild.classList.toggle("first", pages.delete(page));
    }
  });
  all.remove();
  _finishSearch(results.length);
};

/** What finds words that begin like those searched for, or their stems.
 * @param {Iterable<string>} words */
const finder = (words) => {
  const stems = [...words].map((word) => word.replace(/[^\p{L}\p{N}_]/gu, "\\$&"));
  return new RegExp(`((?<![\\p{L}\\p{N}])(?:${stems.join("|") || "(?!)"})[\\p{L}\\p{N}]*)`, "giu");
};

/** A text in which the words that were searched for are marked.
 * @param {string} text
 * @param {Iterable<string>} words */
const marked = (text, words) =>
  text.split(finder(words)).map((piece, number) =>
    number % 2 ? Object.assign(document.createElement("mark"), { textContent: piece }) : piece,
  );

/** A text of a page or section around one of the words: of its prose, or where that has none, of captions, tables, pictures and code.
 * @param {Element} part
 * @param {Iterable<string>} words */
const excerpt = (part, words) => {
  const copy = /** @type {Element} */ (part.cloneNode(true));
  copy.querySelectorAll("script, template, nav, .math, .equation, .headerlink, .meta, .standfirst").forEach((node) => node.remove());
  const kinds = ["p, li:not(:has(p)), dd:not(:has(p, dl))", "figcaption, td, text", "pre"];
  const texts = kinds.flatMap((kind) => [...copy.querySelectorAll(kind)])
    .flatMap((node) => (node.matches("pre") ? node.textContent?.split("\n") : node.textContent) ?? [])
    .map((text) => text.replace(/\s+/g, " ").trim())
    .filter((text) => !/\bimport\b/.test(text));
  const found = texts.filter((text) => finder(words).test(text));
  const prose = found.find((text) => text.length > 60) ?? found[0] ?? (copy.matches("main") ? "" : texts[0] ?? "");
  const at = Math.max(0, prose.search(finder(words)));
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
  const place = part ? heading : folder === "api" ? say("The library") : "";
  if (place && (part || place !== heading)) {
    const belongs = shown.appendChild(document.createElement("span"));
    belongs.className = "of";
    belongs.textContent = `${place} · `;
  }
  const own = part ? sentence : finder(words).test(description) && description;
  shown.append(...marked(own || excerpt(part ?? page.querySelector("main") ?? page.body, words) || description, words));
  const picture = page.querySelector(".lead > .thumbnail");
  const together = document.createDocumentFragment();
  if (picture) together.append(picture);
  together.append(shown);
  return together;
};
