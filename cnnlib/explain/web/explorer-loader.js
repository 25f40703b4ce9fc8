// @ts-check
// Loads the explorer's script and styles once, when an explorer comes near the viewport or is named in the address;
// likewise those of photographs, networks and classifiers, and the scripts for questions, worksheets and code.
{
  const base = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  const resolve = (name) => new URL(name, base).href;

  const whenNear = (selector, load, rootMargin = "600px") => {
    const elements = [...document.querySelectorAll(selector)];
    const start = () => {
      observer.disconnect();
      removeEventListener("hashchange", startIfNamed);
      load();
    };
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && start(), { rootMargin });
    const startIfNamed = () => {
      if (elements.some((element) => element.id && location.hash.startsWith(`#${element.id}?`))) start();
    };
    for (const element of elements) observer.observe(element);
    addEventListener("hashchange", startIfNamed);
    startIfNamed();
  };

  /** @type {Map<string, Promise<unknown>>} */ const styles = new Map();
  const loadStyle = (name) => {
    if (document.querySelector(`head > link[href$="/${name}"]:not([data-late])`)) return; // the page has it from the start
    if (!styles.has(name)) {
      const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: resolve(name) });
      style.dataset.late = "";
      styles.set(name, new Promise((done) => (style.onload = done)));
      document.head.append(style);
    }
    return styles.get(name);
  };
  const loadAll = async (script, ...names) => {
    await Promise.all(names.map(loadStyle));
    await import(resolve(script));
  };

  whenNear("cnn-explorer", async () => {
    await loadAll("explorer.js", "explorer.css");
    whenNear(".codes", () => import(resolve("code.js")), "200px");
  });
  // What copies is loaded with the first click on a button that copies, which it then handles.
  const loadCopies = async ({ target }) => {
    const button = target.closest("cnn-explorer :is(.codes, .copies) button");
    if (!button) return;
    document.removeEventListener("click", loadCopies);
    await import(resolve("copies.js"));
    button.click();
  };
  document.addEventListener("click", loadCopies);
  whenNear("cnn-photograph", () => loadAll("photograph.js", "explorer.css", "photograph.css"));
  whenNear("cnn-explorer[data-ask]", () => loadAll("guess.js", "explorer.css"));
  whenNear("cnn-explorer[data-form=small]", () => import(resolve("idle.js")));
  if (document.querySelector("cnn-worksheet")) {
    const load = () => import(resolve("worksheet.js"));
    whenNear("cnn-worksheet", load, "200px");
    // It follows the explorer, so it must be there before anyone who changed something can print the page.
    for (const type of ["pointerdown", "keydown", "hashchange"]) addEventListener(type, load, { once: true });
    if (location.hash || history.state) load();
  }
  whenNear("cnn-network", () => loadAll("network.js", "network.css"));
  whenNear("cnn-training", () => loadAll("training.js", "training.css"));
  whenNear("cnn-classifier", () => loadAll("classifier.js", "classifier.css"));
  whenNear("cnn-question", () => import(resolve("question.js")));
}
