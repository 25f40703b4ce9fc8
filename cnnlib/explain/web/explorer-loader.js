// @ts-check
// Loads the explorer's script and styles once, when an explorer comes near the viewport or is named in the address;
// likewise the script for questions.
{
  const base = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  const resolve = (name) => new URL(name, base).href;

  const whenNear = (selector, load) => {
    const elements = [...document.querySelectorAll(selector)];
    const start = () => {
      observer.disconnect();
      removeEventListener("hashchange", startIfNamed);
      load();
    };
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && start(), {
      rootMargin: "600px",
    });
    const startIfNamed = () => {
      if (elements.some((element) => element.id && location.hash.startsWith(`#${element.id}?`))) start();
    };
    for (const element of elements) observer.observe(element);
    addEventListener("hashchange", startIfNamed);
    startIfNamed();
  };

  whenNear("cnn-explorer", () => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = resolve("explorer.css");
    style.onload = () => import(resolve("explorer.js"));
    document.head.append(style);
  });
  whenNear("cnn-question", () => import(resolve("question.js")));
}
