// @ts-check
// Keeps the state of an element in the page's address and in the history.

/** Save a state as text: "push" adds an entry to the history, "replace" changes the current one after a pause, and ""
    does neither. @param {any} element @param {(state: any) => string} encode @param {any} before The state until now
    @param {"push"|"replace"|""} how @param {any} state @param {string} [address] */
export function saveState(element, encode, before, state, how, address) {
  clearTimeout(element.saveTimer);
  if (!how || !element.id) return;
  const entry = (st) => ({ ...history.state, [element.id]: encode(st) });
  const save = (way) => history[`${way}State`](entry(state), "", address ?? `#${element.id}?${encode(state)}`);
  if (how === "push") {
    history.replaceState(entry(before), "");
    save(how);
  } else element.saveTimer = setTimeout(save, 300, how);
}

/** Restore the state that the address names, or else the one in the history. @param {any} element
    @param {(text: string) => void} restore */
export function restoreState(element, restore) {
  const start = `#${element.id}?`;
  const own = element.id && location.hash.startsWith(start);
  const text = own ? location.hash.slice(start.length) : history.state?.[element.id];
  if (!text) return;
  element.attempt(() => restore(text));
  if (own) element.scrollIntoView();
}
