// Prints what explorer.js reads from each text, or why not: node matrices.mjs path/to/explorer.js path/to/texts.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, texts] = process.argv.slice(2);
const { decode, encode, parseState, parseText } = await import(pathToFileURL(script).href);
const read = (text) => {
  try {
    const x = parseText(text, "x");
    const st = parseState({ op: "conv2d", x, k: [[1]] });
    return JSON.stringify(decode(encode(st))) === JSON.stringify(st) ? x : "changed by a link";
  } catch (error) {
    return error.message;
  }
};
console.log(JSON.stringify(JSON.parse(readFileSync(texts, "utf8")).map(read)));
