// @ts-check
// Takes back what readers changed, and does it again. Browsers undo text alone, which does not know of the other changes.

/** @import { State } from "./model.js" */

const MOST = 50;

/** The states before the present one, and those that were taken back. */
export class Past {
  /** @type {State[]} */ before = [];
  /** @type {State[]} */ after = [];
  settled = true; // whether the next change is a new one: all steps of a drag, or of typing in a cell, are one

  /** Note the state before a change. @param {State} st @param {boolean} [isNew] */
  note(st, isNew) {
    if (isNew || this.settled) this.before = [...this.before, st].slice(-MOST);
    this.after = [];
    this.settled = false;
  }

  /** The state to go back to, or with `redo` to go forward to, if there is one. @param {State} now @param {boolean} [redo] */
  move(now, redo) {
    const [from, to] = redo ? [this.after, this.before] : [this.before, this.after];
    const found = from.pop();
    if (found) to.push(now);
    this.settled = true;
    return found;
  }
}

/** Whether keys mean undo (false) or redo (true); undefined if neither. @param {KeyboardEvent} event */
export const undoKey = ({ key, ctrlKey, metaKey, altKey, shiftKey }) =>
  (ctrlKey || metaKey) && !altKey ? { z: shiftKey, y: ctrlKey || undefined }[key.toLowerCase()] : undefined;
