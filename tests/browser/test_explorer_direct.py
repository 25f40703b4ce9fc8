"""The explorer under the hand: numbers are dragged sideways, and the window by what it covers."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from cnnlib import conv2d, max_pool2d
from cnnlib.explain.explorer import explorer
from cnnlib.explain.trace import trace
from tests.browser.explorer_page import make_page

X = np.array([[7, 9, 1, 4], [5, 3, -4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])


@pytest.fixture
def made(visit, address):
    """Open a page with an explorer of our own making."""

    def open_made(traced, width=1440, offers=None, form="compact", **options):
        tag = explorer(traced, offers=offers, form=form).html
        page = visit("404.html", width=width, **options)
        return make_page(page, address, [tag.replace("<cnn-explorer", '<cnn-explorer id="one"')])

    return open_made


def state(page):
    return page.evaluate("document.querySelector('cnn-explorer').state")


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def entry(page, which, row, col):
    return page.locator(f".{which} tr:nth-child({row + 1}) td:nth-child({col + 1})")


def drag(page, cell, right, down=0):
    """Drag with the mouse, and leave the button pressed."""
    x, y = middle(cell)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=9)


# Numbers are dragged ------------------------------------------------------------------------------


def test_a_weight_changes_by_one_every_six_pixels(made):
    page = made(trace(conv2d, X, K))
    cell = entry(page, "k", 1, 0)
    drag(page, cell, 31)
    assert state(page)["k"] == [[2, 1], [5, -1]]
    assert cell.inner_text() == "5"
    changed = trace(conv2d, X, [[2, 1], [5, -1]]).output
    assert entry(page, "y", 1, 1).inner_text() == str(changed[1, 1])
    page.mouse.move(*middle(cell))
    assert state(page)["k"][1][0] == 0
    page.mouse.move(middle(cell)[0] - 13, middle(cell)[1])
    assert state(page)["k"][1][0] == -2
    page.mouse.up()
    assert state(page)["at"] == [0, 0]
    assert page.evaluate("document.activeElement === document.body")
    assert page.logged == []


def test_shift_changes_it_by_tenths(made):
    page = made(trace(conv2d, X, K))
    page.keyboard.down("Shift")
    drag(page, entry(page, "k", 0, 0), 19)
    assert state(page)["k"][0][0] == 2.3
    page.keyboard.up("Shift")
    page.mouse.move(middle(entry(page, "k", 0, 0))[0] + 25, middle(entry(page, "k", 0, 0))[1])
    assert state(page)["k"][0][0] == 3.3
    page.mouse.up()


def test_one_step_back_undoes_all_of_a_drag(made):
    page = made(trace(conv2d, X, K))
    drag(page, entry(page, "k", 0, 1), 60)
    page.mouse.up()
    assert state(page)["k"][0][1] == 11
    page.wait_for_timeout(400)  # until the address follows
    page.go_back()
    page.wait_for_function("document.querySelector('cnn-explorer').state.k[0][1] === 1")


def test_what_the_window_covers_moves_it_and_other_entries_are_dragged(made):
    page = made(trace(conv2d, X, K))
    cursor = "e => getComputedStyle(e).cursor"
    assert entry(page, "x", 0, 0).evaluate(cursor) == "grab"
    assert entry(page, "x", 3, 3).evaluate(cursor) == "ew-resize"
    drag(page, entry(page, "x", 3, 3), -19)
    page.mouse.up()
    assert state(page)["x"][3][3] == 5
    assert state(page)["at"] == [0, 0]
    side = entry(page, "x", 0, 0).bounding_box()["width"]
    drag(page, entry(page, "x", 0, 0), side)
    page.mouse.up()
    assert state(page)["at"] == [0, 1]
    assert state(page)["x"][0] == [7, 9, 1, 4]


def test_without_an_offer_to_edit_nothing_is_dragged_but_the_window(made):
    page = made(trace(conv2d, X, K), offers=["drag"])
    drag(page, entry(page, "k", 0, 0), 30)
    page.mouse.up()
    assert state(page)["k"] == K.tolist()
    drag(page, entry(page, "x", 3, 3), entry(page, "x", 0, 0).bounding_box()["width"])
    page.mouse.up()
    assert state(page)["x"] == X.tolist()
    assert state(page)["at"] == [0, 1]


def test_letters_stay_as_they_are(made):
    page = made(trace(conv2d, X, K))
    entry(page, "k", 0, 0).fill("a")
    drag(page, entry(page, "k", 0, 0), 30)
    page.mouse.up()
    assert state(page)["k"][0][0] == "a"
    page.keyboard.press("Alt+ArrowUp")
    assert page.logged == []


def test_alt_and_arrow_keys_change_the_number_in_focus(made):
    page = made(trace(conv2d, X, K))
    entry(page, "x", 0, 1).focus()
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+Shift+ArrowDown")
    assert state(page)["x"][0][1] == 10.9
    assert entry(page, "x", 0, 1).inner_text() == "10.9"
    assert page.locator(".said").inner_text() == "10.9"
    page.keyboard.type("3")  # in place of the number, which is selected
    assert state(page)["x"][0][1] == 3
    page.keyboard.press("ArrowRight")
    assert state(page)["x"][0] == [7, 3, 1, 4]
    assert "Alt with the up or down arrow" in page.locator(".x table").get_attribute(
        "aria-description"
    )
    found = Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()


# Partners light up --------------------------------------------------------------------------------


def lit(page):
    """Return what lights up, as texts: in X, K and Y, over the window, in the two sums."""
    found = [page.locator(f".{which} td.lit").all_inner_texts() for which in "xky"]
    sums = [page.locator(f".sums .equation >> nth={n}").locator(".lit") for n in (1, 2)]
    return found + [page.locator("u.lit").all_inner_texts()] + [s.all_text_contents() for s in sums]


def note(page):
    return page.locator(".note").inner_text()


def test_pointing_at_an_entry_lights_its_outputs_weight_and_terms(made):
    page = made(trace(conv2d, X, K))
    entry(page, "x", 1, 1).hover()
    assert lit(page) == [["3"], ["−1"], ["20", "23", "8", "2"], ["×−1"], ["+f·k22"], ["+3·(−1)"]]
    assert note(page) == (
        "This 3 is used in four of the nine outputs; here it is multiplied by −1."
    )
    page.mouse.move(1, 1)
    assert lit(page) == [[], [], [], [], [], []]


def test_pointing_at_a_weight_or_a_term_lights_the_same_partners(made):
    page = made(trace(conv2d, X, K))
    wanted = [["9"], ["1"], ["20"], ["×1"], ["+b·k12"], ["+9·1"]]
    entry(page, "k", 0, 1).hover()
    assert lit(page) == wanted
    assert "here it multiplies the 9 in row 1, column 2." in note(page)
    for line in (1, 2):
        page.mouse.move(1, 1)
        page.locator(".sums .equation").nth(line).locator("math").nth(1).hover()
        assert lit(page) == wanted
        assert note(page) == "The 9 in row 1, column 2 times the weight in row 1, column 2."


def test_small_cells_are_pointed_at_and_changed_like_others(made):
    """Where cells are so small that weights are left out, with rows of padding around them."""
    page = made(trace(conv2d, np.arange(144).reshape(12, 12) % 10, K, padding=1), width=360)
    cell = page.locator(".x.tiny td:not(.ring)").nth(13)
    cell.hover()
    assert note(page).startswith("This 3 is used in four of the 169 outputs")
    cell.focus()
    page.keyboard.press("Alt+ArrowUp")
    assert state(page)["x"][1][1] == 4
    assert page.logged == []


def test_an_entry_of_a_maximum_lights_in_its_matrix(made):
    page = made(trace(max_pool2d, X, 2))
    page.locator(".sums .equation").nth(2).locator(".input").nth(3).hover()
    assert lit(page) == [["3"], ["1"], ["9"], [""], ["f"], ["3"]]
    assert note(page) == "This 3 stands in row 2, column 2."


def test_pointing_at_an_output_says_what_it_is(made):
    page = made(trace(conv2d, X, K))
    entry(page, "y", 2, 0).hover()
    assert note(page) == "This 3 is the sum of four products."


def test_arrow_keys_go_through_the_terms_and_are_heard(made):
    page = made(trace(conv2d, X, K))
    page.locator(".sums").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert lit(page)[4:] == [["+b·k12"], ["+9·1"]]
    page.locator(".said:not(:empty)").wait_for(state="attached")
    assert page.locator(".said").inner_text() == note(page)
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert lit(page)[5] == ["+3·(−1)"]
    page.keyboard.press("Tab")
    assert lit(page) == [[], [], [], [], [], []]


def test_a_weight_in_focus_is_said_with_its_partners(made):
    page = made(trace(conv2d, X, K))
    entry(page, "k", 0, 0).focus()
    assert lit(page)[0] == ["7"]
    page.wait_for_function("document.querySelector('.said').textContent.startsWith('This 2 is')")


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_lighting_partners_moves_nothing(made, width):
    page = made(trace(conv2d, X * 0.125, K * 0.125), width=width)
    places = "[...document.querySelectorAll('td, .sums')].map(e => e.getBoundingClientRect().y)"
    before = page.evaluate(places)
    for cell in (entry(page, "x", 1, 1), entry(page, "k", 1, 1)):
        cell.hover()
        assert page.evaluate(places) == before
    page.locator(".sums .equation").nth(2).locator("math").nth(1).hover()
    assert page.evaluate(places) == before


# By touch -----------------------------------------------------------------------------------------


@pytest.fixture
def swiped(made):
    """Open an explorer on a phone, with a function that moves a finger over it."""
    page = made(trace(conv2d, X, K), width=360, has_touch=True, is_mobile=True)
    touch = page.context.new_cdp_session(page)

    def swipe(cell, right, down=0):
        x, y = middle(cell)
        send = touch.send
        send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for part in (0.3, 0.6, 1):
            point = {"x": x + part * right, "y": y + part * down}
            send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    return page, swipe


def test_a_finger_drags_the_window(swiped):
    page, swipe = swiped
    side = entry(page, "x", 0, 0).bounding_box()["width"]
    swipe(entry(page, "x", 0, 0), 2 * side, 2 * side)
    assert state(page)["at"] == [2, 2]
    assert state(page)["x"] == X.tolist()
    held = "e => getComputedStyle(e).touchAction"
    assert entry(page, "x", 2, 2).evaluate(held) == "none"
    assert entry(page, "x", 0, 0).evaluate(held) == "pan-y"


def test_a_finger_changes_numbers_sideways_and_scrolls_the_page_up_and_down(swiped):
    page, swipe = swiped
    swipe(entry(page, "k", 0, 0), 40)
    assert state(page)["k"][0][0] > 4
    page.evaluate("document.body.style.minHeight = '3000px'")
    before = state(page)
    swipe(entry(page, "x", 3, 1), 1, -200)
    assert state(page)["x"] == before["x"]
    page.wait_for_function("scrollY > 50")
