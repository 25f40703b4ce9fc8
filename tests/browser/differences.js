// Lists the differences between what an explorer on the page shows and what the pure functions return.
async () => {
  const pure = await import("./_static/explorer.js");
  const { code } = await import("./_static/code.js");
  const el = document.querySelector("cnn-explorer");
  const { state: st, editing } = el;
  const geometry = pure.windowGeometry(st);
  const differences = [];
  const compare = (what, shown, wanted) => {
    if (JSON.stringify(shown) !== JSON.stringify(wanted)) differences.push([what, shown, wanted]);
  };
  const cells = (which) => [...el.querySelectorAll(`.${which} tr`)]
    .map((row) => [...row.cells].filter((cell) => !cell.matches(".ring")))
    .filter((row) => row.length);
  const kind = (r, c) => {
    const made = el.made.kind(pure.windowKey(geometry, [r, c]));
    return made === "asked" && pure.value(st, geometry, [r, c]) === null ? "" : made;
  };
  const kinds = pure.makeMatrix(geometry.out, kind);
  const output = pure.outputTexts(st, geometry).map((row, r) => row.map((text, c) => ({ empty: "", asked: "?", "": text })[kinds[r][c]]));
  const outputShades = pure.outputShades(st, geometry).map((row, r) => row.map((level, c) => (kinds[r][c] ? 0 : level)));
  const labels = { empty: "empty", asked: "not guessed yet", "": null };
  compare("y: labels", cells("y").map((row) => row.map((cell) => cell.ariaLabel)), kinds.map((row) => row.map((one) => labels[one])));
  const written = (m) => m.map((row) => row.map((entry) => pure.entryText(entry)));
  const matrices = { x: written(st.x), k: written(st.k), y: output };
  for (const which of ["x", "k", "y"]) {
    const found = cells(which);
    // The text of a cell being edited is the reader's.
    const wanted = matrices[which];
    const text = (cell, r, c) => (cell === editing ? wanted[r]?.[c] : cell.textContent);
    compare(which, found.map((row, r) => row.map((cell, c) => text(cell, r, c))), wanted);
    const stops = found.flat().filter((cell) => cell.tabIndex === 0);
    if (found.length) compare(`${which}: tab stops`, stops.length, 1);
  }
  const shown = (which) => cells(which).map((row) => row.map((cell) => Math.round(getComputedStyle(cell).getPropertyValue("--level") * 200) * (cell.matches(".minus") ? -1 : 1)));
  const rounded = (levels) => levels.map((row) => row.map((level) => Math.round(Math.abs(level) * 200) * Math.sign(level)));
  for (const [which, levels] of [["x", pure.shades(st.x)], ["k", pure.shades(st.k)], ["y", outputShades]])
    compare(`${which}: shades`, shown(which).map((row) => row.map((level) => level + 0)), rounded(levels));
  const texts = (selector) => [...el.querySelectorAll(selector)].map((one) => one.textContent);
  const codes = el.querySelectorAll("pre");
  if (codes.length && !codes[0].textContent) {
    codes[0].scrollIntoView(); // it is written when it comes near
    for (let turn = 0; turn < 100 && !codes[0].textContent; turn++) await new Promise((done) => setTimeout(done, 20));
    el.scrollIntoView();
  }
  compare("code", texts("pre"), codes.length ? Object.values(code(st)) : []);
  compare("an explanation", !geometry.why || el.querySelector(".note").textContent.length > 9, true);
  const numbers = !geometry.why && pure.entriesOf(st).every((e) => typeof e === "number");
  const y = pure.featureMap(pure.makeMatrix(geometry.out, (r, c) => pure.value(st, geometry, [r, c])));
  const maps = numbers && el.querySelector("cnn-stages:defined") ? pure.applyStages(y, st.after).map(({ values }) => [...values].map((v) => pure.entryText(v, false))) : [];
  compare("stages", [...el.querySelectorAll(".map table")].map((table) => [...table.querySelectorAll("td")].map((cell) => cell.textContent)), maps);
  const idle = !geometry.why && !el.hoverY && !el.timer;
  if (!idle) return differences;
  const { terms } = pure.step(st, geometry, st.at);
  const lines = pure.equation(st, geometry, st.at);
  if (el.dataset.equation) lines.splice(1, 1);
  const asking = el.querySelector(".sums.asking");
  compare("asking", Boolean(asking), kind(...st.at) === "asked");
  compare("an entry under the window", kind(...st.at) === "empty", false);
  const visible = [...el.querySelectorAll(".sums .equation:not([hidden])")].map((one) => getComputedStyle(one).visibility);
  compare("equation's visibility", visible.filter((one) => one !== (asking ? "hidden" : "visible")), []);
  const pieces = lines.flat().map((piece) => piece.mathml);
  const typeset = [...el.querySelectorAll(".sums math")].map((math) => math.innerHTML.replace("input lit", "input"));
  compare("equation", typeset, pieces);
  const weights = terms.map((term) => pure.isPool(st.op) || pure.entryText(term.weight).length > 3 ? "" : `×${pure.entryText(term.weight)}`);
  compare("weights", texts(".x u").sort(), weights.sort());
  const [row, col] = st.at;
  const selected = [...el.querySelectorAll(".y [aria-selected=true]")];
  compare("selected", selected.map((cell) => cell === cells("y")[row][col]), [true]);
  return differences;
}
