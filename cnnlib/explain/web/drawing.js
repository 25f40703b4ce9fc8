// @ts-check
// Draws what an explorer shows, to be copied. The shapes are the same as in the pictures of cnnlib.explain.svg.

import { clamp, entryText, inputRing, isPool, makeMatrix, outputShades, outputTexts, padValue, shades, shape, step, unread } from "./explorer.js";

/** @import { State, Geometry } from "./explorer.js" */

const OUTSIDE = 'stroke="var(--muted)" stroke-opacity="0.6"';
const OUTLINES = {
  cell: 'stroke="var(--line)"',
  padding: `${OUTSIDE} stroke-dasharray="3 2"`,
  trimmed: `${OUTSIDE} stroke-dasharray="2 3"`,
  read: 'stroke="var(--kernel)" stroke-opacity=".35"',
  window: 'stroke="var(--kernel)" stroke-width="2.5"',
  result: 'stroke="var(--output)" stroke-width="2.5"',
};

/** The selected step as SVG, with the shapes and classes of cnnlib.explain.svg. Colours are variables of the page.
    @param {State} st @param {Geometry} geometry */
export function drawing(st, geometry) {
  const { terms, rows, cols } = step(st, geometry, st.at);
  const values = makeMatrix(geometry.out, (r, c) => step(st, geometry, [r, c]).value);
  /** @type {[string, any[][], any[][], number[], string?][]} */
  const panels = [
    ["input X", st.x, st.x, inputRing(st), "padding"],
    ["kernel K", st.k, st.k, [0, 0]],
    ["output Y", values, outputTexts(st, geometry), st.op === "conv_transpose2d" ? st.p : [0, 0], "trimmed"],
  ];
  if (isPool(st.op)) panels.splice(1, 1);
  const longest = Math.max(...panels.flatMap(([, , texts]) => texts.flat().map((e) => entryText(e).length)));
  const size = clamp(44 / longest, 15, 10);
  const side = Math.max(32, 0.6 * size * longest + 6);
  const tall = Math.max(...panels.map(([, m, , ring]) => m.length + 2 * ring[0]));
  let [shapes, x] = ["", 4];
  for (const [title, m, texts, [up, back], outside] of panels) {
    const [role] = title.split(" ");
    const [height, width] = shape(m);
    const across = Math.max(60, (width + 2 * back) * side);
    const [left, top] = [x + (across - width * side) / 2, 26 + ((tall - height) * side) / 2];
    const rect = (kind, role, level, r, c, h = 1, w = 1) =>
      (shapes += `<rect class="${kind}" x="${left + c * side}" y="${top + r * side}" width="${w * side}" height="${h * side}" ${level ? `fill="var(--${role})" fill-opacity="${Number(level.toPrecision(3))}"` : 'fill="none"'} ${OUTLINES[kind] ?? ""}/>`);
    const text = (kind, role, size, r, c, text) =>
      (shapes += `<text class="${kind}" x="${left + c * side}" y="${top + r * side + size / 3}" font-size="${size}" fill="var(--${role})" text-anchor="middle">${text}</text>`);
    const levels = role === "output" ? outputShades(st, geometry) : shades(m);
    text("title", role, 14, -up - 13 / side, width / 2, title);
    makeMatrix([height + 2 * up, width + 2 * back], (i, j) => {
      const [r, c] = [i - up, j - back];
      const e = m[r]?.[c];
      const inside = e !== undefined;
      rect(inside ? "cell" : outside, e < 0 ? "minus" : role, Math.abs(levels[r]?.[c] ?? 0), r, c);
      if (inside || role === "input") text("entry", inside ? "ink" : "muted", size, r + 0.5, c + 0.5, entryText(inside ? texts[r][c] : padValue(st)));
    });
    if (role === "input") {
      const unused = [0, 1].map((axis) => unread(geometry, axis));
      makeMatrix([height, width], (r, c) => (unused[0].includes(r) || unused[1].includes(c)) && rect("unread", "muted", 0.3, r, c));
      for (const t of terms) rect("read", "kernel", 0.12, t.r, t.c);
      if (terms[0]) rect("window", "kernel", 0, rows[0], cols[0], rows.at(-1) - rows[0] + 1, cols.at(-1) - cols[0] + 1);
    }
    if (role === "output") rect("result", "output", 0.16, ...st.at);
    x += across + 26;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${x - 22}" height="${tall * side + 30}" font-family="Georgia, serif">${shapes}</svg>`;
}

/** Put the colours of a page in place of its variables. @param {string} svg @param {HTMLElement} probe An element of the page */
export function withColours(svg, probe) {
  const colour = (/** @type {string} */ variable) => {
    probe.style.color = variable;
    return getComputedStyle(probe).color;
  };
  const coloured = svg.replace(/var\(.*?\)/g, colour);
  probe.style.color = "";
  return coloured;
}
