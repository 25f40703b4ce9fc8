// @ts-check
// Words searched for are not remembered: Sphinx's highlighter would keep them in the browser.
var SPHINX_HIGHLIGHT_ENABLED = false;
// What Sphinx says about a search, in the words of this site.
Object.assign(Documentation.TRANSLATIONS, {
  "Search Results": "Results",
  "Preparing search...": "Searching …",
  "Search finished, found one page matching the search query.": [
    "One page or section.",
    "${resultCount} pages and sections.",
  ],
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
    "Nothing found. Try fewer words, or one that stands in a heading.",
});
const field = /** @type {HTMLInputElement} */ (document.getElementById("q"));
field.value = new URLSearchParams(location.search).get("q") ?? "";
if (!field.value) field.focus();

// What is shown of a page found: what it says of itself; of a section, its prose and no code.
Search.makeSearchSummary = (html, words, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const part = anchor && page.querySelector(`main ${anchor}`);
  let text = page.querySelector("meta[name=description]")?.content ?? "";
  if (part) {
    part.querySelectorAll("pre, details, svg, figure, .windows, .headerlink, h2, h3, h4").forEach((node) => node.remove());
    const prose = part.textContent.replace(/\s+/g, " ").trim();
    const at = Math.max(0, ...[...words].map((word) => prose.toLowerCase().indexOf(word.toLowerCase())));
    const start = at < 120 ? 0 : prose.indexOf(" ", at - 80) + 1;
    text = (start ? "… " : "") + prose.slice(start, start + 180).replace(/\s\S*$/, prose.length > start + 180 ? " …" : "$&");
    text ||= page.querySelector("meta[name=description]")?.content ?? "";
  }
  const shown = document.createElement("p");
  shown.className = "context";
  shown.textContent = text;
  return shown;
};
