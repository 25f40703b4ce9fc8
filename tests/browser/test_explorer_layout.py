"""Where the parts of an explorer stand, on a phone and on a wide screen."""

import pytest

from tests.browser.test_every_page import POST

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
def test_kernels_to_choose_from_stand_beside_the_kernel(founding, width):
    page = founding(width, 900)
    kernel, shelf, output = (box(page, part) for part in (".panel.k", ".shelf", ".panel.y"))
    assert 0 < shelf[0] - kernel[2] < 40
    assert shelf[1] < (kernel[1] + kernel[3]) / 2 < shelf[3]
    assert output[0] > shelf[2]


def test_on_a_phone_they_stand_right_below_it(founding):
    page = founding(360, 800)
    kernel, shelf, output = (box(page, part) for part in (".panel.k", ".shelf", ".panel.y"))
    buttons = [one.evaluate(BOX) for one in page.locator(".shelf button").all()]
    assert len({y for _, y, _, _ in buttons}) == 1
    assert min(height for *_, height in buttons) >= 32
    assert kernel[3] <= shelf[1] < kernel[3] + 90
    assert output[1] >= shelf[3]


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_choosing_a_kernel_moves_no_button(founding, width):
    page = founding(width, 900)
    buttons = page.locator(".shelf button").all()
    before = [one.evaluate(BOX) for one in buttons]
    for button in buttons:
        button.click()
        page.locator("[data-act=next]").click()
        assert [one.evaluate(BOX) for one in buttons] == before
