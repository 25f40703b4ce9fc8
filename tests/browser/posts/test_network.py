"""The network of a post: each number leads to those that it was made of."""

import json
import re

import pytest

POST = "posts/2026/how-do-maps-become-scores.html"


@pytest.fixture
def page(visit):
    page = visit(POST)
    page.locator("cnn-network").scroll_into_view_if_needed()
    page.wait_for_selector("cnn-network.live")
    return page


def said(page):
    return page.locator("cnn-network [role=status]").text_content().replace("−", "-")


def entries(page):
    """Return the entries that are shown, with their weights."""
    texts = page.locator("cnn-network td").all_inner_texts()
    pairs = [text.replace("−", "-").replace("\n", "").split("×") for text in texts]
    return [(int(entry), *map(int, weight)) for entry, *weight in pairs]


def test_each_step_back_shows_what_the_number_was_made_of(page):
    for kind in ("sum", "largest", "sum", "largest", "sum"):
        value = int(re.search(r": (-?\d+) is the", said(page))[1])
        found = entries(page)
        assert f"is the {kind} of {len(found)}" in said(page)
        if kind == "sum":
            assert sum(entry * weight for entry, weight in found) == value
        else:
            assert max(0, *(entry for (entry,) in found)) == value
        buttons = page.locator("cnn-network td button")
        if buttons.count():
            buttons.nth(buttons.count() // 2).click()
    assert buttons.count() == 0  # pixels are made of nothing else
    assert page.locator("cnn-network nav button").count() == 5
    page.locator("cnn-network nav button").first.click()
    assert said(page).startswith("7: ")


def test_every_entry_that_counts_can_be_reached(page):
    state = json.loads(page.locator("cnn-network").get_attribute("data-state"))
    *_, last = state["layers"]
    assert len(entries(page)) == sum(len(row) for grid in last["weights"][2] for row in grid)
    for name in last["names"]:
        page.locator("cnn-network .heads button", has_text=f"{name}: ").click()
        assert said(page).startswith(f"{name}: ")
        pressed = page.locator("cnn-network .heads [aria-pressed=true]")
        assert pressed.text_content().startswith(f"{name}: ")


def test_the_keyboard_reaches_all_entries_of_a_map_and_the_way_back(page):
    grid = page.locator("cnn-network table").first
    grid.locator("[tabindex='0']").focus()
    for key in ["ArrowUp"] * 5 + ["ArrowLeft"] * 5 + ["ArrowRight", "ArrowDown"]:
        page.keyboard.press(key)
    chosen = page.evaluate("document.activeElement.ariaLabel")
    assert chosen.startswith("horizontal, row 2, column 2: ")
    page.keyboard.press("Enter")
    assert said(page).lower().startswith("horizontal, row 2, column 2: ")
    assert page.evaluate("document.activeElement.closest('td') !== null")
    for _ in range(3):
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.ariaCurrent") == "step"


@pytest.mark.parametrize("width", [360, 1440])
def test_it_fits_the_page_and_the_frame_lies_on_the_picture(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    box = page.locator("cnn-network").bounding_box()
    for part in page.locator("cnn-network :is(table, button, canvas)").all():
        inner = part.bounding_box()
        assert box["x"] <= inner["x"]
        assert inner["x"] + inner["width"] <= box["x"] + box["width"]
    canvas, frame = (page.locator(f"cnn-network {tag}").bounding_box() for tag in ("canvas", "i"))
    assert frame["width"] == pytest.approx(canvas["width"] * 25 / 28, abs=1)
    assert frame["x"] == pytest.approx(canvas["x"], abs=1)


def test_without_javascript_the_sums_are_said(visit):
    page = visit(POST, java_script_enabled=False)
    lines = page.locator("cnn-network li").all_text_contents()
    assert [line[:2] for line in lines] == ["0:", "1:", "7:"]
