// @ts-check
// Moves the window of small explorers, while they are in view, until they are touched. Only pages with one load it.

/** @import { View } from "./view.js" */
/** @import { Pair, State } from "./model.js" */
/** @typedef {View & {listeners: AbortController, stop(): void, position: number, indexAt(number: number): Pair,
    setState(change: Partial<State>, how: ""): void}} Moving */

const IDLE_PACE = 1750; // milliseconds per step

/** @param {Moving} explorer */
function enableIdling(explorer) {
  const { made, listeners: { signal } } = explorer;
  const goTo = (number) => explorer.setState({ at: explorer.indexAt(number) }, "");
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
    made.fill();
    goTo(explorer.last);
    return explorer.renderOutput();
  }
  explorer.idle = true;
  let visible = false;
  const move = () => {
    if (explorer.position < explorer.last) return goTo(explorer.position + 1);
    made.begin();
    goTo(0);
    explorer.renderOutput();
  };
  const start = () => {
    if (!explorer.idle || explorer.timer || !visible || document.hidden) return;
    explorer.timer = window.setInterval(move, IDLE_PACE);
    goTo(explorer.position);
  };
  const touch = (event) => {
    explorer.idle = false;
    if (explorer.timer && !event.target.closest("[data-act=play]")) explorer.stop();
  };
  for (const type of ["pointerdown", "focusin", "keydown"]) explorer.addEventListener(type, touch, { signal });
  document.addEventListener("visibilitychange", start, { signal });
  const watch = new IntersectionObserver((seen) => {
    visible = seen.at(-1).isIntersecting;
    start();
  });
  watch.observe(explorer);
  signal.addEventListener("abort", () => watch.disconnect());
}

customElements.whenDefined("cnn-explorer").then(() => {
  const small = /** @type {NodeListOf<Moving>} */ (document.querySelectorAll("cnn-explorer[data-form=small].live"));
  small.forEach(enableIdling);
});
