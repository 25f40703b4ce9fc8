"""Undo takes back what readers did, one thing at a time, whatever they did it with."""

import numpy as np
import pytest

from cnnlib import conv2d
from cnnlib.explain.explorer import explorer
from cnnlib.explain.trace import trace
from tests.browser.explorer_page import make_page, set_slider

X = np.array([[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]])
K = np.array([[1, -1], [2, -2]])
FIRST = ["1", "−1", "2", "−2"]
BLUR = ["0.25"] * 4


@pytest.fixture
def made(visit, address):
    """Open a page with an explorer as posts have it."""

    def open_made(offers=("drag", "edit", "kernels", "stride"), width=1440, **options):
        shown = explorer(trace(conv2d, X, K), offers=offers, letters=False).html
        tag = shown.replace("<cnn-explorer", '<cnn-explorer id="one"')
        return make_page(visit("404.html", width=width, **options), address, [tag])

    return open_made


def kernel(page):
    return page.locator(".k td").all_text_contents()


def type_in(page, cell, text):
    page.locator(".k td").nth(cell).click()
    page.keyboard.type(text)


@pytest.mark.parametrize("undo", ["Control+z", "Meta+z"])
def test_undo_goes_back_through_cells_and_kernels(made, undo):
    page = made()
    type_in(page, 0, "15")
    page.get_by_role("button", name="Blur").click()
    page.locator(".k td").first.click()
    page.keyboard.press(undo)
    assert kernel(page) == ["15", *FIRST[1:]]
    page.keyboard.press(undo)
    assert kernel(page) == FIRST
    page.keyboard.press(undo)
    assert kernel(page) == FIRST
    assert page.locator(".said").text_content() == "There is nothing to undo."
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+y")
    assert kernel(page) == BLUR
    assert page.logged == []


def test_undo_is_a_button_that_rests_when_nothing_was_done(made):
    page = made()
    button = page.get_by_role("button", name="Undo")
    before = button.bounding_box()
    assert button.get_attribute("aria-disabled") == "true"
    type_in(page, 3, "7")
    assert button.get_attribute("aria-disabled") == "false"
    button.click()
    assert kernel(page) == FIRST
    assert button.get_attribute("aria-disabled") == "true"
    assert button.bounding_box() == before


def test_a_drag_is_taken_back_as_a_whole(made):
    page = made()
    box = page.locator(".k td").first.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 10, steps=9)
    page.mouse.up()
    assert kernel(page)[0] == "9"
    set_slider(page.locator(".stride input"), 2)
    set_slider(page.locator(".stride input"), 3)
    page.keyboard.press("Tab")
    for _ in range(2):
        page.locator("[data-act=undo]").click()
    assert kernel(page) == FIRST
    assert page.locator(".stride input").input_value() == "1"


def test_start_again_is_there_in_a_post_and_can_be_undone(made):
    page = made()
    page.get_by_role("button", name="Blur").click()
    page.get_by_role("button", name="Start again").click()
    assert kernel(page) == FIRST
    page.get_by_role("button", name="Undo").click()
    assert kernel(page) == BLUR


def test_what_is_typed_and_refused_is_replaced_on_leaving_with_a_message(made):
    page = made()
    type_in(page, 0, "abc")
    page.keyboard.press("Tab")
    assert kernel(page) == FIRST
    message = "An entry is a number between -1000000 and 1000000."
    assert page.locator(".note.wrong").inner_text() == message


@pytest.mark.parametrize("act", ["reset", "undo"])
def test_the_new_sum_is_announced(made, act):
    page = made()
    type_in(page, 0, "5")
    page.locator(".said", has_text="4 times −1").wait_for(state="attached")
    page.locator(".y td").nth(1).click()
    page.locator(".said", has_text="4 times 5").wait_for(state="attached")
    page.locator(f"[data-act={act}]").click()
    page.locator(".said", has_text="times 1, plus").wait_for(state="attached")


@pytest.mark.parametrize(
    ("offers", "line"),
    [
        (
            ("drag", "edit", "kernels"),
            "Drag the window, change a number of X or K, or choose a kernel.",
        ),
        (("drag", "edit"), "Drag the window, or change a number of X or K."),
        (("drag",), "Drag the window."),
        ((), ""),
    ],
)
def test_a_line_says_what_can_be_touched(made, offers, line):
    page = made(offers)
    assert page.locator(".note").inner_text() == line


def test_a_finger_pins_nothing(made):
    page = made(has_touch=True, is_mobile=True, width=390)
    assert not page.locator("[data-act=pin]").is_visible()
    page.locator(".y td").nth(4).tap()
    assert page.evaluate("document.querySelector('#one').state.at") == [1, 1]
    assert "Pinned" not in page.locator(".note").inner_text()


def test_a_long_factor_is_left_out_over_the_window(made):
    page = made()
    assert page.locator(".x u").all_text_contents() == ["×1", "×−1", "×2", "×−2"]
    page.get_by_role("button", name="Blur").click()
    assert page.locator(".x u").all_text_contents() == [""] * 4


def test_the_page_stays_while_the_stride_is_dragged_below_the_top_of_the_card(made):
    page = made(width=360, height=500)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p>More.</p>'.repeat(60))")
    slider = page.locator(".stride input")
    page.evaluate(
        "scrollTo(0, document.querySelector('.stride').getBoundingClientRect().top - 250)"
    )
    assert page.locator("#one").bounding_box()["y"] < 0
    before = slider.bounding_box()
    for stride in (2, 3, 2, 1):
        set_slider(slider, stride)
        page.wait_for_timeout(60)  # the browser scrolls in a later frame
        assert slider.bounding_box() == before
