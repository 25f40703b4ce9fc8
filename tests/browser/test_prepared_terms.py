"""The terms that a larger kernel would add: laid out while nothing happens, and hidden until then.

They make enlarging the kernel fast. Until then they must be invisible, silent in screen readers,
absent from copied text, and without effect on the layout.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.explorer_page import differences, set_slider

HIDDEN = "math[aria-hidden]"
SEVEN_TERMS_WITH_SYMBOLS_AND_WITH_NUMBERS = 14


@pytest.fixture
def rested(visit):
    """The playground with its kernel of 3×3, once the terms are ready."""
    page = visit("playground.html", permissions=["clipboard-read", "clipboard-write"])
    page.locator(HIDDEN).nth(SEVEN_TERMS_WITH_SYMBOLS_AND_WITH_NUMBERS - 1).wait_for(
        state="attached"
    )
    return page


def test_prepared_terms_are_invisible(rested):
    assert rested.locator(HIDDEN).count() == SEVEN_TERMS_WITH_SYMBOLS_AND_WITH_NUMBERS
    sums = rested.locator(".sums")
    seen = sums.screenshot()
    rested.evaluate("h => document.querySelectorAll(h).forEach(m => m.remove())", HIDDEN)
    assert sums.screenshot() == seen


def test_prepared_terms_are_not_copied(rested):
    rested.locator(".sums").evaluate("e => getSelection().selectAllChildren(e)")
    rested.keyboard.press("Control+c")
    copied = rested.evaluate("navigator.clipboard.readText()")
    assert copied.count("·") == 2 * 9


def test_a_larger_kernel_shows_the_terms_that_were_ready(rested):
    rested.locator(HIDDEN).evaluate_all("all => all.forEach(m => { m.ready = true; })")
    set_slider(rested.locator(".sliders [data-key=k]").first, 4)
    assert differences(rested) == []
    shown = rested.locator(".sums math:not([aria-hidden])")
    assert shown.count() == 1 + 2 * 16 + 1
    assert shown.evaluate_all("all => all.filter(m => m.ready).length") == 14


def test_after_a_step_the_terms_are_prepared_again(rested):
    rested.locator("[data-act=next]").click()
    fourth = rested.locator(HIDDEN).filter(has_text="k14").first
    expect(fourth).to_have_text("+e·k14")
