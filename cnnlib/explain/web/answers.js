// @ts-check
// Reads numbers that readers type as answers, and compares them with what was computed, by the same rule as
// cnnlib.explain.question.

const TYPED = /^\s*([+-]?(?:\d+\.?(\d*)|\.(\d+))(?:e([+-]?\d+))?)(?:\s*\/\s*(\d+\.?\d*))?\s*$/i;

/** Read a number or a fraction, and the unit of its last decimal: 0 if it has none. @param {string} typed */
export function readAnswer(typed) {
  const [, number, decimals, moreDecimals, power = 0, bottom] = TYPED.exec(typed.replaceAll("−", "-").replace(",", ".")) ?? [];
  const digits = (decimals || moreDecimals || "").length;
  if (bottom !== undefined) return [Number(bottom) ? Number(number) / Number(bottom) : NaN, 0];
  return [Number(number ?? NaN), digits ? Number(`1e${Number(power) - digits}`) : 0];
}

/** Whether an answer is a number, to the digits that were typed or are printed.
    @param {number} number @param {string} printed The number as it is shown
    @param {number} given @param {number} unit What `readAnswer` read */
export function agrees(number, printed, given, unit) {
  const distance = Math.abs(number - given);
  const [shown, step] = readAnswer(printed);
  if (given === number || given === shown || distance <= unit * HALF) return true;
  // What is printed was rounded: whatever is rounded to it is as good.
  if (shown !== number && Math.abs(shown - given) <= step * HALF) return true;
  // Rounding errors, and wrong answers that are rounded to six decimals.
  return !Number.isInteger(number) && distance <= 1e-6 * Math.abs(number);
}

const HALF = 0.5000001; // of the last decimal, and a little for rounding errors
