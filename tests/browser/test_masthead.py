"""The masthead: on screens of every width, and its choice of colours."""

import pytest

from tests.tools import say


@pytest.mark.parametrize("name", ["", "A blog with a long name"])
def test_name_search_and_colours_share_a_line_on_every_screen(visit, name):
    page = visit("about.html")
    if name:
        put = "(brand, name) => brand.lastChild.textContent = name"
        page.locator(".brand").evaluate(put, name)
    middles = """() => ['.brand', '.find', '.theme'].map(name => {
        const box = document.querySelector(`.masthead ${name}`).getBoundingClientRect();
        return Math.round((box.top + box.bottom) / 2);
    })"""
    for width in range(320, 1000, 20):
        page.set_viewport_size({"width": width, "height": 800})
        found = page.evaluate(middles)
        assert max(found) - min(found) <= 2, width


def test_signs_of_the_masthead_grow_with_the_reader_s_letters(visit):
    page = visit("about.html")
    widths = "[...document.querySelectorAll('.masthead svg')].map(svg => svg.clientWidth)"
    before = page.evaluate(widths)
    page.evaluate("document.documentElement.style.fontSize = '38px'")
    assert len(before) == 3
    assert page.evaluate(widths) == pytest.approx([2 * width for width in before], abs=2)


def test_the_reader_s_choice_of_colours_overrides_the_system_s_and_is_kept(visit):
    page = visit("index.html", color_scheme="dark")
    scheme = "getComputedStyle(document.documentElement).colorScheme"
    button = page.locator("button.theme")
    assert page.evaluate(scheme) == "light dark"
    button.click()
    assert (page.evaluate(scheme), button.get_attribute("aria-label")) == (
        "light",
        f"{say('Colours')}: {say('light')}",
    )
    page.reload()
    assert (page.evaluate(scheme), button.get_attribute("aria-label")) == (
        "light",
        f"{say('Colours')}: {say('light')}",
    )
    button.click()
    assert page.evaluate(scheme) == "dark"
