// @ts-check
// The contents beside a page mark the section being read: a window slides down to its entry.

const contents = /** @type {HTMLElement} */ (document.querySelector("nav.toc"));
/** @type {Map<Element, HTMLAnchorElement>} The sections and their entries, in the page's order. */
const entries = new Map();
for (const link of contents.querySelectorAll("a")) {
  const name = decodeURIComponent(link.hash.slice(1));
  const section = name && document.getElementById(name);
  if (section) entries.set(section, link);
}
/** @type {Set<Element>} The sections that cross the reading line, from outer to inner. */
const crossing = new Set();
const foot = /** @type {HTMLElement} */ (document.querySelector(".foot"));
let atEnd = false;

const mark = () => {
  // The last sections may be too short to reach the line.
  const sections = [...entries.keys()];
  const read = atEnd ? sections.at(-1) : sections.findLast((section) => crossing.has(section));
  contents.querySelector("[aria-current]")?.removeAttribute("aria-current");
  const link = read && entries.get(read);
  contents.classList.toggle("marked", !!link);
  if (!link) {
    // Above the first section, the list shows its beginning again.
    contents.scrollTop = 0;
    return;
  }
  link.setAttribute("aria-current", "location");
  const box = link.getBoundingClientRect();
  const top = box.top - contents.getBoundingClientRect().top + contents.scrollTop;
  contents.style.setProperty("--top", `${top}px`);
  contents.style.setProperty("--height", `${box.height}px`);
  // A long list follows; the page itself does not move.
  const beyond = top + box.height - contents.clientHeight;
  if (contents.scrollTop > top || contents.scrollTop < beyond)
    contents.scrollTop = top - contents.clientHeight / 2;
};

const line = new IntersectionObserver(
  (changes) => {
    for (const { target, isIntersecting } of changes)
      if (isIntersecting) crossing.add(target);
      else crossing.delete(target);
    mark();
  },
  { rootMargin: "-30% 0px -70% 0px" },
);
for (const section of entries.keys()) line.observe(section);
new IntersectionObserver(
  ([change]) => {
    atEnd = change.isIntersecting && scrollY > 0;
    mark();
  },
  { threshold: 0.9 },
).observe(foot);
