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

/** Whether an answer is a number, to the digits that were typed or would be printed.
    @param {number} number @param {string} shown The number as it is printed
    @param {number} given @param {number} unit What `readAnswer` read */
export function agrees(number, shown, given, unit) {
  const distance = Math.abs(number - given);
  // The last: rounding errors, and wrong answers that are rounded to six decimals.
  return given === number || given === readAnswer(shown)[0] || distance <= unit * 0.5000001 || (!Number.isInteger(number) && distance <= 1e-6 * Math.abs(number));
}
