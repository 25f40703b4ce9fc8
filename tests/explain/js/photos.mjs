// Prints what photo-model.js makes of images and links: node photos.mjs path/to/photo-model.js path/to/requests.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, requests] = process.argv.slice(2);
const js = await import(pathToFileURL(script).href);

function answer({ pixels, size, state, link, images }) {
  try {
    const st = link === undefined ? js.parsePhotoState(state, images) : js.decodePhoto(link, images);
    const result = { state: st, link: js.encodePhoto(st) };
    if (!pixels) return result;
    const photo = js.photoFrom(pixels, ...size);
    const geometry = js.photoGeometry(st, photo);
    if (geometry.why) return { ...result, why: geometry.why };
    const maps = js.photoMaps(st, photo, geometry);
    const most = js.largest(maps.at(-1));
    const slices = js.slicesAt(st, photo, geometry, st.at);
    return {
      ...result,
      maps: maps.map(({ rows, cols, values }) => ({ size: [rows, cols], values: [...values] })),
      most,
      painted: [...js.mapPixels(maps.at(-1), most)],
      grey: js.isGrey(st) ? [...js.mapPixels(maps.at(-1), most, true)] : null,
      sums: slices.map((slice) => slice.sum),
      pixels: slices.map((slice) => slice.pixels),
      to: js.entryFrom(st, maps.at(-1), st.at),
      behind: maps.at(-1).rows && maps.at(-1).cols ? js.entryBehind(st, maps, [0, 0]) : null,
    };
  } catch (error) {
    return { error: error.message, readable: error instanceof RangeError };
  }
}
console.log(JSON.stringify(JSON.parse(readFileSync(requests, "utf8")).map(answer)));
