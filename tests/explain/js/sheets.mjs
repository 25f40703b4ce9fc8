// Prints worksheets as HTML: node sheets.mjs path/to/worksheet.js path/to/requests.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, requests] = process.argv.slice(2);
const { sheet } = await import(pathToFileURL(script).href);
const { tasks, all } = JSON.parse(readFileSync(requests, "utf8"));
console.log(JSON.stringify(all.map(([state, seed]) => sheet(state, seed, tasks))));
