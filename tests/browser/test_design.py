"""The colours and measures of the design: those of the palette and of the page about it."""

import runpy

import pytest

from cnnlib.explain import palette
from tests.tools import ROOT

DESIGN = "guide/design.html"
PALETTE = palette.PALETTE | runpy.run_path(str(ROOT / "conf.py"))["colours"]

# Each colour that the style sheets name, as red, green, blue.
COLOURS = """() => {
    const probe = document.body.appendChild(document.createElement("i"));
    const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules]);
    const names = rules.filter(rule => rule.selectorText === ":root")
        .flatMap(rule => [...rule.style]).filter(name => name.startsWith("--"));
    const found = {};
    for (const name of names) {
        probe.style.color = "";
        if (!CSS.supports("color", getComputedStyle(probe).getPropertyValue(name))) continue;
        probe.style.color = `var(${name})`;
        found[name.slice(2)] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
    }
    return found;
}"""


def luminance(colour):
    parts = [part / 255 for part in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.fixture(params=["light", "dark"])
def colours(visit, request):
    return request.param, visit(DESIGN, color_scheme=request.param).evaluate(COLOURS)


def test_every_colour_of_text_has_contrast_on_every_background(colours):
    _, found = colours
    assert len(found) > len(PALETTE)
    for ground in ("paper", "surface"):
        for name in found.keys() - {"paper", "surface", "line"}:
            dark, light = sorted(luminance(found[n]) for n in (name, ground))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, ground)


def test_pages_and_pictures_have_the_same_palette(colours):
    scheme, found = colours
    for name, pair in PALETTE.items():
        hexadecimal = pair[scheme == "dark"]
        assert found[name] == [int(hexadecimal[n : n + 2], 16) for n in (1, 3, 5)], name


ELEMENTS = ":is(cnn-explorer, cnn-photograph, cnn-classifier)"
BOXES = f"""selector => [...document.querySelectorAll(selector)]
    .filter(one => one.checkVisibility() && !one.parentElement.closest("{ELEMENTS}"))
    .map(one => one.getBoundingClientRect()).map(({{ left, width }}) => [left, width])"""


@pytest.mark.parametrize("name", ["playground.html", "draw.html"])
def test_on_wide_pages_text_is_narrow_and_elements_are_as_wide_as_the_page(visit, name):
    page = visit(name)
    page.locator(ELEMENTS).first.wait_for()
    left, widest = page.locator("main > section").bounding_box()["x"], 766
    texts = page.evaluate(
        BOXES, "main section > p, main .cell_output > p, main > .after, main details"
    )
    assert len(texts) >= 4
    assert all(abs(at - left) < 1 and width <= widest for at, width in texts)
    for at, width in page.evaluate(BOXES, ELEMENTS):
        assert abs(at - left) < 1
        assert width == pytest.approx(1254, abs=2)
