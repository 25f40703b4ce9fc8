// @ts-check
// Fetches the explorer, once, when one of them comes near the screen or the address names one.
{
  const base = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  const at = (/** @type {string} */ name) => new URL(name, base).href;
  const found = document.querySelectorAll("cnn-explorer, cnn-question");
  const fetch = () => {
    watch.disconnect();
    removeEventListener("hashchange", named);
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = at("explorer.css");
    style.onload = () => import(at("explorer.js"));
    document.head.append(style);
  };
  const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && fetch(), {
    rootMargin: "600px",
  });
  for (const one of found) watch.observe(one);
  const named = () => {
    if ([...found].some((one) => one.id && location.hash.startsWith(`#${one.id}?`))) fetch();
  };
  addEventListener("hashchange", named);
  named();
}
