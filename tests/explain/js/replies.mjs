// Prints how question.js judges typed answers: node replies.mjs path/to/question.js path/to/requests.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, requests] = process.argv.slice(2);
const { reply } = await import(pathToFileURL(script).href);
const all = JSON.parse(readFileSync(requests, "utf8"));
console.log(JSON.stringify(all.map(([typed, known]) => reply(typed, known))));
