"""The network to draw for: all values follow keys and pointer, and say what they are made of."""

import json
import re

import numpy as np
import pytest

from cnnlib import exact
from cnnlib.explain.digit_network import digit_network, read_weights
from cnnlib.explain.digits import read_digits
from cnnlib.learn import Random
from tests.browser.test_every_page import AXE, VIOLATIONS
from tests.explain.test_learning import ROOT
from tests.tools import skip_if_gone

PAGE = "draw.html"
NET = read_weights(digit_network(Random(1)), ROOT / "posts/2026/digits.weights")
READ = "() => [...document.querySelector('cnn-classifier').read.values]"
HEIGHT = "document.documentElement.scrollHeight"


@pytest.fixture(scope="module")
def opened(chromium, address):
    """Open the page once for all tests of this module."""
    skip_if_gone(PAGE)
    page = chromium.new_page(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    page.logged = []
    page.on("console", lambda message: page.logged.append(message.text))
    page.on("pageerror", lambda error: page.logged.append(str(error)))
    page.goto(address + PAGE)
    page.locator("cnn-classifier.live").wait_for()
    yield page
    assert page.logged == []
    page.close()


@pytest.fixture
def page(opened):
    """Return the page with an empty board, and a score that is explained."""
    opened.locator("button[data-tool=draw]").click()
    opened.locator("[data-act=clear]").click()
    opened.locator(".scores button").first.click()
    return opened


def image(page):
    """Return what the network reads."""
    return np.reshape(page.evaluate(READ), (1, 1, 28, 28))


def numbers(text):
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def scores(page):
    return [numbers(label)[-1] for label in labels(page)]


def labels(page):
    return page.locator(".scores button").evaluate_all("all => all.map(one => one.ariaLabel)")


def draw(page, *points):
    """Draw with the mouse, from point to point of the board, in parts of it."""
    box = page.locator(".pad").bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=6)
    page.mouse.up()
    page.wait_for_timeout(60)


def test_what_is_drawn_with_keys_is_read_as_python_reads_it(page):
    height = page.evaluate(HEIGHT)
    page.locator(".pad").focus()
    for key in ["ArrowUp"] * 9 + ["Shift+ArrowDown"] * 18:
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    seen = image(page)
    assert seen.sum() > 20
    np.testing.assert_allclose(scores(page), NET(seen)[0], atol=0.0501)
    assert page.locator(".verdict output").text_content() == "1"
    assert page.evaluate(HEIGHT) == height  # nothing moved
    page.get_by_role("status").filter(has_text="It reads 1. Share: ").wait_for(state="attached")
    page.keyboard.press("Space")
    row = page.evaluate("document.querySelector('cnn-classifier').pen[0] + 1")
    said = page.locator("cnn-classifier .said")
    assert said.text_content() == f"Row {row}, column 15, painted."
    for _ in range(19):
        page.keyboard.press("z")
    assert not image(page).any()


def test_what_is_drawn_with_the_mouse_is_read_and_undone(page):
    draw(page, (0.25, 0.2), (0.75, 0.2), (0.45, 0.85))
    assert page.locator(".verdict output").text_content() == "7"
    np.testing.assert_allclose(scores(page), NET(image(page))[0], atol=0.0501)
    page.locator("[data-act=undo]").click()
    assert not image(page).any()
    assert page.locator(".verdict").inner_text().split() == ["–", "Nothing", "is", "drawn."]


def test_a_value_says_its_sum_and_leads_back_to_the_pixels(page):
    page.locator("[data-example='0']").click()
    seen = image(page)
    _, held_out = read_digits(ROOT / "posts/2026/digits.png")
    assert (held_out.images == seen[0]).all(axis=(1, 2)).any()  # examples are read as they are
    button = page.get_by_role("button", name="convolution 2, map 6", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    channel, row, col = page.evaluate("document.querySelector('cnn-classifier').stop.at")
    convolved = NET[:5](seen)[0]
    assert channel == 5
    assert abs(convolved[5, row, col]) == abs(convolved[5]).max()
    explained = page.locator(".explained").text_content()
    # A window of 14 by 14 pixels, two further for each entry.
    depends = page.locator(".depends").text_content()
    rows, cols = (f"{2 * at + 1} to {2 * at + 14}" for at in (row, col))
    assert depends == f"It depends on rows {rows} and columns {cols} of the picture."
    assert explained.startswith(f"Convolution 2, map 6, row {row + 1}, column {col + 1}, is ")
    pooled, options = NET[:4](seen)[0], NET[4].options
    parts = (pooled[:, row : row + 5, col : col + 5] * options["weight"][5]).sum(axis=(1, 2))
    given = numbers(explained.partition(", is ")[2])
    value = exact.round_to(np.array([parts.sum() + options["bias"][5]]), 10)[0]
    np.testing.assert_allclose(given[0], value, atol=0.0006)
    np.testing.assert_allclose(given[3], parts.sum(), atol=0.0006)
    shown = page.locator(".sums button span").all_text_contents()
    np.testing.assert_allclose([numbers(text)[0] for text in shown], parts, atol=0.0051)
    widths = page.locator(".grids td").evaluate_all("all => all.map(td => td.offsetWidth)")
    assert max(widths) - min(widths) <= 1
    page.locator(".grids button").nth(12).click()
    assert page.locator(".explained").text_content().startswith("Max pooling 1, map ")
    page.locator(".grids button").first.click()
    page.locator(".grids button").first.click()
    assert page.locator(".explained").text_content().startswith("Convolution 1, map ")
    assert page.locator(".grids button").count() == 0  # pixels are made of nothing else
    assert page.locator("cnn-classifier nav button").count() == 4
    page.locator("cnn-classifier nav button").first.click()
    assert page.locator(".explained").text_content() == explained


def test_misread_examples_are_framed_and_arrows_lead_from_layer_to_layer(page):
    framed = page.locator(".examples .misread").evaluate_all("all => all.map(one => one.title)")
    assert len(framed) == 3
    for name in framed:
        label, answer = re.search(r"a (\d) that it takes for a (\d)", name).groups()
        page.get_by_role("button", name=name, exact=True).click()
        assert page.locator(".verdict output").text_content() == answer != label
    arrow = "all => all.map(one => getComputedStyle(one, '::before').content.slice(1, 2))"
    assert page.locator(".layer p").evaluate_all(arrow) == ["o", "→", "→", "↓", "→", "→"]


def test_arrow_keys_choose_values_of_a_map(page):
    page.locator("[data-example='3']").click()
    page.get_by_role("button", name="ReLU 2, map 2", exact=True).click(position={"x": 3, "y": 3})
    page.locator(".large").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.querySelector('cnn-classifier').stop.at") == [1, 1, 2]
    assert "is " in page.locator("cnn-classifier .said").text_content()


def test_a_digit_that_is_moved_is_read_again_once_it_is_centred(page):
    page.locator("[data-example='0']").click()
    before = image(page)
    page.locator("button[data-tool=move]").click()
    page.locator(".pad").focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.wait_for_timeout(100)
    assert (image(page) == before).all()
    score = scores(page)[7]
    page.locator(".centre").uncheck()
    assert (image(page)[0, 0, :-6] == before[0, 0, 6:]).all()
    assert scores(page)[7] < score - 5
    page.locator(".centre").check()
    assert scores(page)[7] == score


def test_the_grey_window_finds_what_the_score_depends_on(page):
    page.locator("[data-example='0']").click()
    seen = image(page)
    page.locator("[data-act=cover]").click()
    page.wait_for_function(
        "document.querySelector('cnn-classifier .covering').textContent[0] === 'W'"
    )
    row, col, klass, was, now = numbers(page.locator(".covering").text_content())[:5]
    covered = seen.copy()
    covered[..., max(0, int(row) - 4) : int(row) + 3, max(0, int(col) - 4) : int(col) + 3] = 0.5
    np.testing.assert_allclose(was, NET(seen)[0, int(klass)], atol=0.0501)
    np.testing.assert_allclose(now, NET(covered)[0, int(klass)], atol=0.0501)
    assert now < was
    page.locator(".sheet").focus()
    page.keyboard.press("ArrowDown")
    assert numbers(page.locator(".covering").text_content())[0] == row + 1
    page.locator("[data-act=clear]").click()
    assert page.locator(".pad .grey").is_hidden()


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_it_fits_the_page_and_is_accessible(page, width):
    page.set_viewport_size({"width": width, "height": 1000})
    page.get_by_role("button", name="convolution 2, map 3", exact=True).click()
    box = page.locator("cnn-classifier").bounding_box()
    outside = "all => all.map(one => one.getBoundingClientRect()).filter(one => one.width)"
    outside += ".map(({ left, right }) => [left, right])"
    for left, right in page.locator("cnn-classifier :is(table, button, canvas, p)").evaluate_all(
        outside
    ):
        assert box["x"] <= left
        assert right <= box["x"] + box["width"]
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS, {"include": [["cnn-classifier"]]}) == []
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_nothing_is_loaded_before_it_is_near_and_without_scripts_there_is_a_picture(visit):
    page = visit(PAGE, java_script_enabled=False)
    assert page.locator("cnn-classifier > svg").is_visible()
    assert "It is read as 7" in page.locator("cnn-classifier > svg").get_attribute("aria-label")
    assert not [url for url in page.requested if "classifier" in url or url.endswith("forward.js")]
    state = json.loads(page.locator("cnn-classifier").get_attribute("data-state"))
    assert state["format"] == {"type": "int16", "bits": 14}


def test_after_a_quick_stroke_of_a_finger_the_next_tap_counts(page):
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    box = page.locator(".pad").bounding_box()

    def touch(kind, *parts):
        points = [
            {"x": box["x"] + box["width"] / 2, "y": box["y"] + y * box["height"]} for y in parts
        ]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for _ in range(3):
        touch("touchStart", 0.15)
        for part in (0.3, 0.5, 0.85):
            touch("touchMove", part)
        touch("touchEnd")
        page.wait_for_timeout(60)
        assert page.locator(".verdict output").text_content() == "1"
        clear = page.locator("[data-act=clear]").bounding_box()
        at = {"x": clear["x"] + 9, "y": clear["y"] + 9}
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(60)
        assert not image(page).any()
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
