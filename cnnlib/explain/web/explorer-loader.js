// @ts-check
// Fetches the explorer, once, when one of them comes near the screen or the address names one;
// the same for questions.
{
  const base = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  const at = (name) => new URL(name, base).href;

  const whenNear = (selector, fetch) => {
    const found = [...document.querySelectorAll(selector)];
    const start = () => {
      watch.disconnect();
      removeEventListener("hashchange", named);
      fetch();
    };
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && start(), {
      rootMargin: "600px",
    });
    const named = () => {
      if (found.some((one) => one.id && location.hash.startsWith(`#${one.id}?`))) start();
    };
    for (const one of found) watch.observe(one);
    addEventListener("hashchange", named);
    named();
  };

  whenNear("cnn-explorer", () => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = at("explorer.css");
    style.onload = () => import(at("explorer.js"));
    document.head.append(style);
  });
  whenNear("cnn-question", () => import(at("question.js")));
}
