// @ts-check
// Grids of values as pictures, and elements that are kept while their contents change.

const [MORE, LESS] = [[36, 154, 134], [171, 80, 137]]; // the colours of the largest and the most negative value, as in maps
const DEPTH = 0.75; // below 1, small values are easier to see

/** Draw values as greys, white for the most. @param {any} canvas @param {ArrayLike<number>} values @param {number} rows @param {number} cols @param {number} most */
export function paintGreys(canvas, values, rows, cols, most) {
  paint(canvas, rows, cols, (pixels, i) => pixels.set([255, 255, 255, 255].map((n, k) => (k < 3 ? (n * values[i]) / most : n)), 4 * i));
}

/** Draw values by sign and size, clear for zero. @param {any} canvas @param {ArrayLike<number>} values @param {number} rows @param {number} cols @param {number} limit */
export function paintSigned(canvas, values, rows, cols, limit) {
  paint(canvas, rows, cols, (pixels, i) => {
    const value = values[i] ?? 0;
    const [red, green, blue] = value < 0 ? LESS : MORE;
    [pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]] = [red, green, blue];
    pixels[4 * i + 3] = 255 * Math.min(1, Math.abs(value) / (limit || 1)) ** DEPTH;
  });
}

/** Draw values as a grey that can be seen on any ground, clear for zero. @param {any} canvas @param {ArrayLike<number>} values @param {number} rows
    @param {number} cols @param {number} most */
export function paintInk(canvas, values, rows, cols, most) {
  paint(canvas, rows, cols, (pixels, i) => pixels.set([128, 128, 128, (140 * values[i]) / most], 4 * i));
}

function paint(canvas, rows, cols, /** @type {(pixels: Uint8ClampedArray, i: number) => void} */ set) {
  if (canvas.width !== cols) canvas.width = cols;
  if (canvas.height !== rows) canvas.height = rows;
  const context = (canvas.context ??= canvas.getContext("2d", { willReadFrequently: true }));
  const image = new ImageData(cols, rows);
  for (let i = 0; i < rows * cols; i++) set(image.data, i);
  context.putImageData(image, 0, 0);
}

/** The children of an element, of which there are now so many; those that were there are kept. @param {Element} parent @param {string} tag
    @param {number} count @param {(child: any, i: number) => void} [prepare] @returns {any[]} */
export function keepChildren(parent, tag, count, prepare = () => {}) {
  while (parent.children.length > count) parent.lastChild.remove();
  for (let i = parent.children.length; i < count; i++) {
    const child = document.createElement(tag);
    prepare(child, i);
    parent.append(child);
  }
  return [...parent.children];
}

/** Set a text, if it is another. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Put a frame over a part of a picture: first and last row and column, in pixels of the picture. @param {HTMLElement} frame
    @param {number[]} field @param {number[]} size */
export function placeFrame(frame, [top, bottom, left, right], [rows, cols]) {
  const part = (n, of) => `${((100 * n) / of).toFixed(3)}%`;
  frame.style.cssText = `top:${part(top, rows)};left:${part(left, cols)};height:${part(bottom - top + 1, rows)};width:${part(right - left + 1, cols)}`;
}
