"""Equations over several lines: fractions and brackets of one line do not touch the next."""

import pytest

from cnnlib import avg_pool2d, max_pool2d
from cnnlib.explain.equations import pooling
from cnnlib.explain.trace import trace

X = [[7, 9, 1], [5, 3, 4], [2, 5, 0]]
GAP = 8  # pixels between what two lines draw


@pytest.mark.parametrize("traced", [trace(max_pool2d, X, 2), trace(avg_pool2d, X, (1, 3))])
def test_consecutive_lines_of_an_equation_keep_apart(chromium, site, traced):
    step = traced.steps[0]
    styles = "".join(
        (site / "_static" / name).read_text("utf-8") for name in ("palette.css", "site.css")
    )
    page = chromium.new_page(viewport={"width": 760, "height": 900})
    page.set_content(f"<style>{styles}</style><main>{pooling(step, step)._repr_html_()}</main>")
    boxes = page.evaluate(
        "() => [...document.querySelectorAll('mo[stretchy=true]:first-child, mfrac')]"
        ".map(e => e.getBoundingClientRect()).map(b => [b.top, b.bottom])"
    )
    page.close()
    (_, bottom), (top, _) = boxes
    assert top - bottom >= GAP
