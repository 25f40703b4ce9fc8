"""Scripts and styles are made smaller without changing what they do."""

import pytest

from blog.ext.minify import minify
from tests.explain.node import node

SCRIPT = r"""
// A comment of one line, with "quotes' in it
const text = "a  /* no comment */ : b"; // and one after code
const pattern = (value) => /[ "'`/] = +\//.test(value); /* several
lines */
const one = 1
const two = one / 2 / one
const list = [1,
  2, /** @type {any} */ (3)];
function choose (value) { // a brace = {
  if (value > 1) return `more:  ${value > 2 ? `much, ${ value } :  ${{ a: 1 }.a}` : " } "} ;  end`;
  return /^ = \w+$/.test(value) ? "yes" : "no"
}
let three = 3
const object = { a: list
  .map((n) => n + 1)
  , b: - -1, c: one + +two, d: three - --three, e: three++ + one,
  f: "a" in { a: 1 } || two / /1/.exec(1),
  g: one > 2
    ? "more"
    : one - 1 };
console.log(JSON.stringify([text, pattern(' "= /'), two, choose(3), choose(2), choose(0), object]))
"""


@pytest.mark.node
def test_a_script_does_the_same(tmp_path):
    short = minify(SCRIPT, script=True)
    results = []
    for name, script in (("long", SCRIPT), ("short", short)):
        path = tmp_path / f"{name}.mjs"
        path.write_text(script)
        results.append(node(path))
    assert results[0] == results[1]
    assert results[0][3] == "more:  much, 3 :  1 ;  end"
    assert "comment of" not in short
    assert len(short) < 0.8 * len(SCRIPT)


@pytest.mark.parametrize(
    ("styles", "short"),
    [
        ("a b { color: red; }\n/* c */\n  b , c { x: y }", "a b{color:red;}b,c{x:y}"),
        ("a :is(b, c):hover > d {}", "a :is(b,c):hover > d{}"),
        ("a { width: calc(1px + 2px) }", "a{width:calc(1px + 2px)}"),
    ],
)
def test_styles_keep_the_spaces_that_mean_something(styles, short):
    assert minify(styles, script=False) == short
