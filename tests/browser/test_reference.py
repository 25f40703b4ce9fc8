"""The pages of the library, on a phone and on a wide screen."""

import pytest

CONVOLUTION = "api/convolution.html"


def edge(locator, side="left"):
    """Return where elements begin or end, each place once."""
    return set(
        locator.evaluate_all(
            "(all, side) => all.map((one) => Math.round(one.getBoundingClientRect()[side]))", side
        )
    )


@pytest.mark.parametrize("name", ["index", "convolution", "pooling"])
def test_no_formula_is_cut_on_a_phone(visit, name):
    page = visit(f"api/{name}.html", width=360)
    widths = page.locator(".math").evaluate_all(
        "all => all.map((one) => [one.scrollWidth, one.clientWidth])"
    )
    assert len(widths) > 3
    assert [pair for pair in widths if pair[0] > pair[1]] == []


def test_a_formula_that_goes_on_shows_it_at_its_edge(visit):
    page = visit("api/pooling.html", width=240)
    grounds = page.locator(".math").evaluate_all(
        "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1)"
        ".map((one) => getComputedStyle(one).backgroundImage)"
    )
    assert len(grounds) > 0
    assert all(ground.count("linear-gradient") == 2 for ground in grounds)


def test_a_heading_its_signature_and_its_text_have_one_left_edge(visit):
    page = visit(CONVOLUTION)
    parts = page.locator("h2, dt.sig, dl.py > dd > p, dl.field-list, main > section > p")
    assert parts.count() > 20
    assert len(edge(parts)) == 1


def test_one_rule_goes_across_below_each_part(visit):
    page = visit(CONVOLUTION)
    assert edge(page.locator("dl.field-list > dt"), "right") == edge(
        page.locator("dl.field-list > dd")
    )
