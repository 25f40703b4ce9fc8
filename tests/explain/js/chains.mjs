// Prints what chain.js makes of each map and its stages: node chains.mjs path/to/chain.js path/to/requests.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, requests] = process.argv.slice(2);
const { applyStages, decodeStages, encodeStages, featureMap, parseStages, stageWindow } = await import(pathToFileURL(script).href);

const answer = ({ map, stages, link, at }) => {
  try {
    const known = link === undefined ? parseStages(stages) : decodeStages(link);
    const maps = map ? applyStages(featureMap(map), known) : [];
    return {
      stages: known,
      link: encodeStages(known),
      maps: maps.map(({ rows, cols, values, winners }) => ({ size: [rows, cols], values: [...values], winners: winners && [...winners] })),
      window: at && stageWindow(known.at(-1), at),
    };
  } catch (error) {
    return { error: error.message, readable: error instanceof RangeError };
  }
};
console.log(JSON.stringify(JSON.parse(readFileSync(requests, "utf8")).map(answer)));
