"""An explorer of a gradient, in the browser."""

from unicodedata import normalize

from cnnlib import gradients
from cnnlib.explain import trace
from cnnlib.explain.explorer import explorer
from tests.browser.explorer_page import make_page

X, K, GRAD = [[3, 1, 0], [4, 2, 5], [1, 1, 2]], [[1, 0], [0, 1]], [[1, -2], [0, 3]]
COLOURS = """e => ['x', 'k', 'y'].map(which =>
  getComputedStyle(e.querySelector(`.${which} b`)).color)"""


def plain(equation):
    """Return the text of an equation, in plain letters."""
    return "".join(normalize("NFKC", equation.inner_text()).split())


def shown_output(element):
    return [int(text.replace("−", "-")) for text in element.locator(".y td").all_inner_texts()]


def test_it_has_its_own_names_and_colours_and_follows_what_is_changed(visit, address):
    forward = explorer(trace(gradients.conv2d_input, GRAD, X, K))
    traced = trace(gradients.conv2d_weight, GRAD, X, K)
    page = make_page(visit("404.html"), address, [explorer(traced).html, forward.html])
    page.locator("cnn-explorer.live").nth(1).wait_for()
    one = page.locator("cnn-explorer").first
    assert one.locator(".note").inner_text() == "Drag the window, or change a number of X or δ."
    name = one.locator(".sums .equation").first
    assert plain(name) == "∂L∂k11"
    one.locator("[data-act=next]").click()
    assert plain(name) == "∂L∂k12"
    assert one.locator(".k td").first.get_attribute("aria-description") == "δ row 1, column 1"
    assert shown_output(one) == traced.output.ravel().tolist()
    one.locator(".k td").first.fill("4")
    changed = traced.again(grad_output=[[4, -2], [0, 3]])
    assert shown_output(one) == changed.output.ravel().tolist()
    # A matrix has the same colour wherever it appears.
    x, delta, of_kernel = one.evaluate(COLOURS)
    also_delta, kernel, of_input = page.locator("cnn-explorer").nth(1).evaluate(COLOURS)
    assert (delta, of_kernel, of_input) == (also_delta, kernel, x)
    assert len({x, delta, kernel}) == 3
    assert page.logged == []


def test_on_a_phone_the_toolbar_is_one_row(visit, address):
    shown = explorer(
        trace(gradients.conv2d_weight, GRAD, X, K), letters=False, start_empty=True, ask=[(0, 1)]
    )
    # As wide as the text is on a screen of 360.
    page = make_page(visit("404.html", width=322), address, [shown.html])
    page.get_by_role("button", name="Fill ∂L/∂K").wait_for()
    page.evaluate("document.fonts.ready.then(() => 1)")
    tops = page.locator(".looks button").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().top)"
    )
    assert len(tops) == 4
    assert len(set(tops)) == 1
