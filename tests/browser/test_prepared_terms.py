"""The terms that a larger kernel would add: laid out while nothing happens, and hidden until then.

They make a growing kernel quick. Nobody may notice them before: not by eye, not by ear, not in
what is copied, and not by a line that moves.
"""

from pathlib import Path

import pytest

DIFFERENCES = Path(__file__).with_name("differences.js").read_text("utf-8")
SLIDE = "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })); }"
SEVEN_TERMS_WITH_SYMBOLS_AND_WITH_NUMBERS = 14


@pytest.fixture
def rested(visit):
    """The playground with its kernel of 3×3, once the terms are ready."""
    page = visit("playground.html")
    page.locator(".spare").nth(SEVEN_TERMS_WITH_SYMBOLS_AND_WITH_NUMBERS - 1).wait_for(
        state="attached"
    )
    return page


def test_prepared_terms_take_no_room_and_are_neither_seen_nor_copied(rested):
    assert rested.locator(".spare").count() == SEVEN_TERMS_WITH_SYMBOLS_AND_WITH_NUMBERS
    boxes = rested.locator(".spare").evaluate_all(
        "all => all.map(m => [m.getBoundingClientRect().width, getComputedStyle(m).visibility])"
    )
    assert {tuple(box) for box in boxes} == {(0, "hidden")}
    sums = rested.locator(".sums")
    copied = sums.evaluate("e => (getSelection().selectAllChildren(e), `${getSelection()}`)")
    assert copied.count("·") == 2 * 9
    places = "e => [...e.querySelectorAll('math:not(.spare)')].map(m => m.getBoundingClientRect())"
    with_them = sums.evaluate(places)
    rested.evaluate("document.querySelectorAll('.spare').forEach(m => m.remove())")
    assert sums.evaluate(places) == with_them


def test_a_larger_kernel_shows_the_terms_that_were_ready(rested):
    rested.locator(".spare").evaluate_all("all => all.forEach(m => { m.ready = true; })")
    rested.locator(".sliders [data-key=k]").first.evaluate(SLIDE, 4)
    assert rested.evaluate(DIFFERENCES) == []
    shown = rested.locator(".sums math:not(.spare)")
    assert shown.count() == 1 + 2 * 16 + 1
    assert shown.evaluate_all("all => all.filter(m => m.ready).length") == 14


def test_after_a_step_the_terms_are_made_ready_anew(rested):
    rested.locator("[data-act=next]").click()
    k14 = "all => all.map(m => m.textContent).filter(text => text.endsWith('k14'))[0]"
    rested.wait_for_function(
        f"wanted => ({k14})([...document.querySelectorAll('.spare')]) === wanted", arg="+e·k14"
    )
