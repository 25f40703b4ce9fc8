"""Where the parts of an explorer stand, on a phone and on a wide screen."""

import numpy as np
import pytest

from cnnlib import conv2d
from cnnlib.explain.explorer import explorer
from cnnlib.explain.trace import trace
from tests.browser.explorer_page import make_page, set_slider

POST = "posts/2021/brief-introduction-to-cnn.html"


BOX = "e => (({ x, y, width, height }) => [x, y, width, height])(e.getBoundingClientRect())"


@pytest.fixture
def founding(visit):
    """Open the founding post at its explorer."""

    def open_at(width, height):
        page = visit(POST, width=width, height=height)
        page.locator("cnn-explorer").scroll_into_view_if_needed()
        page.locator("cnn-explorer.live").wait_for()
        page.evaluate("document.fonts.ready")
        return page

    return open_at


def box(page, selector):
    """Return the left, top, right and lower edge of an element."""
    x, y, width, height = page.locator(f"cnn-explorer {selector}").first.evaluate(BOX)
    return x, y, x + width, y + height


@pytest.mark.parametrize("press", [0, 1, 2])
def test_on_a_phone_stage_stride_and_equation_share_a_screen(founding, press):
    page = founding(360, 800)
    page.locator(".shelf button").nth(press).click()
    tops, bottoms = zip(
        *(box(page, part)[1::2] for part in (".stage", ".stride", ".sums")), strict=True
    )
    assert max(bottoms) - min(tops) <= 800
    assert page.locator(".stage").evaluate("e => e.scrollHeight - e.clientHeight") <= 0
    assert page.locator(".sums").evaluate("e => e.scrollHeight - e.clientHeight") <= 0


@pytest.mark.parametrize("width", [1100, 1440])
def test_on_the_playground_controls_stand_beside_the_stage(visit, width):
    page = visit("playground.html", width=width)
    page.locator("cnn-explorer.live").wait_for()
    stage, sliders, sums = (box(page, part) for part in (".stage", ".sliders", ".sums"))
    assert sliders[0] >= stage[2]
    assert sliders[1] < stage[3]
    assert sums[1] >= stage[3]


@pytest.mark.parametrize("width", [768, 1100, 1440])
def test_input_kernel_and_output_stand_side_by_side(founding, width):
    page = founding(width, 900)
    x, kernel, y = (box(page, f".{which} table") for which in "xky")
    assert x[2] < kernel[0] < kernel[2] < y[0]
    assert x[1] == kernel[1] == y[1]
    assert box(page, ".panel.y")[0] - box(page, ".panel.k")[2] < 40
    assert box(page, ".stage")[3] - box(page, ".shelf")[3] < 8  # no empty band below


def test_cells_are_large_where_there_is_room(founding):
    assert founding(1440, 900).locator(".x td").first.bounding_box()["width"] >= 50


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_kernels_to_choose_from_stand_below_the_kernel(founding, width):
    page = founding(width, 900)
    buttons = [one.evaluate(BOX) for one in page.locator(".shelf button").all()]
    assert min(height for *_, height in buttons) >= 32
    kernel, pair = box(page, ".panel.k"), box(page, ".pair")
    above, below = (
        (pair, box(page, ".y table")) if width == 360 else (kernel, box(page, ".k table"))
    )
    assert below[3] < buttons[0][1] < below[3] + 20
    assert all(above[0] <= x and x + width <= above[2] for x, _, width, _ in buttons)
    # On a phone, they stand in one row across kernel and output.
    assert len({y for _, y, *_ in buttons}) == (1 if width == 360 else 3)


def test_on_a_phone_the_whole_founding_explorer_fits_one_screen(founding):
    page = founding(360, 800)
    page.locator("[data-act=fill]").click()
    top = page.locator("cnn-explorer").evaluate(BOX)[1]
    for number in range(9):
        set_slider(page.locator(".scrub"), number + 1)
        assert page.locator(".where").inner_text() == f"{number + 1} of 9"
        assert box(page, ".sums .equation:visible >> nth=-1")[3] - top <= 800


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_pictures_are_switched_on_right_above_the_matrices(founding, width):
    page = founding(width, 900)
    top = box(page, ".x table")[1]
    assert 0 < top - box(page, ".looks")[3] < 60
    assert 0 < top - box(page, "[data-act=picture]")[3] < 140


def test_on_a_phone_kernel_and_output_share_a_row(founding):
    page = founding(360, 800)
    x, kernel, y = (box(page, f".{which} table") for which in "xky")
    assert x[3] < kernel[1] == y[1]
    assert kernel[2] < y[0]


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_stride_moves_no_matrix(founding, width):
    page = founding(width, 900)
    places = [box(page, f".{which} table")[:2] for which in "xky"]
    for stride in (2, 1):
        set_slider(page.locator(".stride input"), stride)
        assert [box(page, f".{which} table")[:2] for which in "xky"] == places


def test_the_chosen_kernel_is_marked(founding):
    page = founding(1440, 900)
    pressed = page.locator(".shelf [aria-pressed=true]")
    button = page.locator(".shelf button").last
    button.click()
    assert pressed.all_inner_texts() == [button.inner_text()]
    page.locator(".k td").first.fill("77")
    assert pressed.count() == 0


def test_on_a_phone_all_of_a_large_input_and_its_output_is_seen(visit):
    page = visit("playground.html", width=360, height=800)
    page.locator("cnn-explorer.live").wait_for()
    stage = page.locator("cnn-explorer .stage")
    height = stage.bounding_box()["height"]
    for kernel in (3, 5):
        set_slider(page.locator(".sliders [data-key=x]").first, 12)
        set_slider(page.locator(".sliders [data-key=k]").first, kernel)
        assert page.locator(".y td").count() == (13 - kernel) ** 2
        assert stage.evaluate("e => e.scrollHeight - e.clientHeight") <= 0
        assert stage.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        assert stage.bounding_box()["height"] == height


def test_on_a_phone_all_columns_of_a_long_input_are_seen(visit, address):
    shown = explorer(
        trace(conv2d, np.arange(10).reshape(1, 10), np.array([[1, -1]])), form="compact"
    )
    page = make_page(visit("404.html", width=360), address, [shown.html])
    cell = page.locator(".x td").last.bounding_box()
    assert cell["width"] >= 24
    assert cell["x"] + cell["width"] <= box(page, ".stage")[2]
    assert page.locator(".x .scroll").evaluate("e => e.scrollWidth - e.clientWidth") <= 0


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_choosing_a_kernel_moves_no_button(founding, width):
    page = founding(width, 900)
    buttons = page.locator(".shelf button").all()
    page.locator(".stage").evaluate("e => e.scrollIntoView()")  # so that no click scrolls the page
    before = [one.evaluate(BOX) for one in buttons]
    for button in buttons:
        button.click()
        page.locator("[data-act=next]").click()
        assert [one.evaluate(BOX) for one in buttons] == before


def test_on_a_phone_the_toolbar_is_one_row_and_stage_and_equation_share_a_screen(founding):
    page = founding(360, 800)
    rows = {box(page, f"[data-act={act}]")[1] for act in ("picture", "fill", "undo", "reset")}
    assert len(rows) == 1
    assert box(page, ".sums")[3] - box(page, ".stage")[1] < 800


def test_on_a_phone_a_stage_of_small_cells_has_no_empty_bands(visit, address):
    shown = explorer(
        trace(conv2d, np.arange(64).reshape(8, 8) % 10, np.ones((3, 3), int)),
        offers=("drag", "edit", "kernels"),
        letters=False,
    )
    page = make_page(visit("404.html", width=360), address, [shown.html])
    stage = box(page, ".stage")
    assert box(page, ".panel.x")[1] - stage[1] < 12
    assert stage[3] - box(page, ".pair")[3] < 12
    assert page.locator(".x td").first.bounding_box()["height"] >= 20
    digits = page.locator(".x td").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert digits >= 9.5
    assert box(page, ".sums")[3] - stage[1] < 800


ALL_GEOMETRIES = """explorer => {
  const box = part => explorer.querySelector(part).getBoundingClientRect();
  const out = [];
  for (const n of [5, 8, 12]) for (let k = 1; k < 8; k++) for (const p of [0, 1, 2]) {
    if (k > n + 2 * p) continue;
    const line = (m, f) => Array.from({ length: m }, (_, at) => f(at));
    const matrix = m => line(m, r => line(m, c => (5 * r + 3 * c) % 10));
    explorer.setState({ x: matrix(n), k: matrix(k), s: [1, 1], p: [p, p], d: [1, 1] }, "");
    const below = box(".panel.y table").bottom - box(".stage").bottom;
    const beside = ["x", "k", "y"].map(w => box(`.${w} table`).width - box(`.${w} .scroll`).width);
    out.push([n, k, p, below, Math.max(...beside)]);
  }
  return out;
}"""


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_output_never_leaves_the_stage(visit, width):
    page = visit("playground.html", width=width, height=900)
    page.locator("cnn-explorer.live").wait_for()
    seen = page.locator("cnn-explorer").evaluate(ALL_GEOMETRIES)
    assert len(seen) == 61
    assert [one for one in seen if max(one[3:]) > 0] == []
    assert page.logged == []


def test_on_a_phone_kernel_and_output_of_the_playground_share_a_row(visit):
    page = visit("playground.html", width=360, height=800)
    page.locator("cnn-explorer.live").wait_for()
    set_slider(page.locator(".sliders [data-key=x]").first, 12)
    kernel, y, size = (box(page, part) for part in (".k table", ".y table", ".k div > span"))
    assert kernel[1] == y[1]
    assert size[3] <= kernel[1]  # beside the name, as those of input and output
    assert size[3] <= box(page, ".stage")[3]


def test_the_value_of_a_long_equation_stays_in_view(visit):
    page = visit("playground.html")
    page.locator("cnn-explorer.live").wait_for()
    set_slider(page.locator(".sliders [data-key=x]").first, 8)
    set_slider(page.locator(".sliders [data-key=k]").first, 7)
    sums = page.locator("cnn-explorer .sums")
    sums.scroll_into_view_if_needed()
    most = sums.evaluate("e => e.scrollHeight - e.clientHeight")
    assert most > 100
    for scroll in (0, most / 2, most):
        sums.evaluate("(e, to) => { e.scrollTop = to; }", scroll)
        value = sums.locator(".equation:visible").last
        assert value.inner_text().startswith("=")
        assert value.locator("math").count() == 1
        x, y, _, height = value.evaluate(BOX)
        assert box(page, ".sums")[3] - 2 < y + height <= box(page, ".sums")[3]
        middle = "([x, y]) => !!document.elementFromPoint(x, y).closest('.equation:last-child')"
        assert page.evaluate(middle, [x + 20, y + height / 2])


def test_on_a_phone_sliders_follow_the_steps_and_nothing_moves_them(visit):
    page = visit("playground.html", width=360, height=800)
    page.locator("cnn-explorer.live").wait_for()
    tops = [box(page, part)[1] for part in (".stage", ".steps", ".sliders", ".sums")]
    assert tops == sorted(tops)
    assert tops[2] - tops[0] < 720
    page.locator("[name=relu]").evaluate("e => e.click()")
    set_slider(page.locator(".sliders [data-key=k]").first, 5)
    assert [box(page, part)[1] for part in (".stage", ".steps", ".sliders", ".sums")] == tops
    assert box(page, ".sums")[3] - tops[3] <= 171


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_legend_stands_below_the_stage_and_the_toolbar_is_one_row(founding, width):
    page = founding(width, 900)
    legend, stage = box(page, ".legend"), box(page, ".stage")
    assert 0 <= legend[1] - stage[3] < 20
    assert legend[3] - legend[1] < 30  # one row
    rows = {box(page, f"[data-act={act}]")[1] for act in ("picture", "fill", "undo", "reset")}
    assert len(rows) == 1
