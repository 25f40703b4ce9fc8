"""The explorer's stage: values are seen, the window can be dragged, and no control runs away."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from cnnlib import conv2d, conv_transpose2d, max_pool2d
from cnnlib.explain.explorer import KERNELS, explorer
from cnnlib.explain.layout import shades
from cnnlib.explain.trace import trace
from tests.browser.explorer_page import make_page, set_slider

X = np.array([[7, 9, 1, 4], [5, 3, -4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])


@pytest.fixture
def made(visit, address):
    """Open a page with explorers of our own making."""

    def open_made(traced, width=1440, height=900, offers=None, form="compact", **options):
        shown = explorer(traced, offers=offers, form=form).html
        tag = shown.replace("<cnn-explorer", '<cnn-explorer id="one"')
        page = visit("404.html", width=width, height=height, **options)
        return make_page(page, address, [tag])

    return open_made


def state(page):
    return page.evaluate("document.querySelector('cnn-explorer').state")


# Values are seen ----------------------------------------------------------------------------------

LEVELS = """(e, which) => [...e.querySelectorAll(`.${which} td:not(.ring)`)].map(td =>
    Number(getComputedStyle(td).getPropertyValue("--level")) * (td.matches(".minus") ? -1 : 1))"""


@pytest.mark.parametrize(
    "traced",
    [trace(conv2d, X, K, padding=1), trace(max_pool2d, X, 2), trace(conv_transpose2d, X, K)],
)
def test_cells_are_shaded_as_in_the_scene(made, traced):
    page = made(traced)
    shown = {"x": traced.input, "y": traced.output}
    if traced.weight is not None:
        shown["k"] = traced.weight
    for which, matrix in shown.items():
        levels = page.locator("cnn-explorer").evaluate(LEVELS, which)
        assert levels == pytest.approx(shades(matrix).ravel(), abs=0.0026)


def test_a_changed_number_changes_all_shades(made):
    page = made(trace(conv2d, X, K))
    page.locator(".x td").first.fill("90")
    changed = X.copy()
    changed[0, 0] = 90
    levels = page.locator("cnn-explorer").evaluate(LEVELS, "x")
    assert levels == pytest.approx(shades(changed).ravel(), abs=0.0026)
    page.locator(".x td").first.fill("a")
    assert set(page.locator("cnn-explorer").evaluate(LEVELS, "y")) == {0}


COLOURS = "e => [...e.querySelectorAll('td')].map(td => getComputedStyle(td).backgroundColor)"
DIGITS = "e => [...e.querySelectorAll('td')].map(td => getComputedStyle(td).fontSize)"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_picture_shows_strong_colours_in_place_of_digits(made, look):
    page = made(trace(conv2d, X, K), color_scheme=look)
    before = page.locator(".x").evaluate(COLOURS)
    page.locator("[data-act=picture]").focus()
    page.keyboard.press("Enter")
    assert page.locator("[data-act=picture]").get_attribute("aria-pressed") == "true"
    assert "greys, black for 0" in page.locator(".said").inner_text()
    shown = page.locator(".x").evaluate(COLOURS)
    assert shown[1] == "color(srgb 1 1 1)"  # the 9
    assert shown[10] == "color(srgb 0 0 0)"  # the 0
    assert page.locator(".x").evaluate(COLOURS) != before
    assert set(page.locator(".x").evaluate(DIGITS)) == {"0px"}
    assert page.locator(".y td").first.text_content() == "20"  # for screen readers
    found = Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()
    page.locator("[data-act=picture]").click()
    assert page.locator(".x").evaluate(COLOURS) == before


def test_the_legend_explains_each_grid_with_shades(made):
    page = made(trace(conv2d, X, K), form="full")
    legend = page.locator(".legend")
    assert " ".join(legend.inner_text().split()) == "X 0 larger K − + Y − +"
    shown = "e => getComputedStyle(e).backgroundImage"
    assert len(set(legend.locator(".scale").evaluate_all(f"all => all.map({shown})"))) == 3
    page.locator(".op").select_option(label="Max pooling")
    assert " ".join(legend.inner_text().split()) == "X 0 larger Y − +"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_what_is_chosen_keeps_its_colour(made, look):
    page = made(trace(conv2d, X, K), color_scheme=look)
    assert "rgb" not in page.locator(".y .now").evaluate("e => getComputedStyle(e).backgroundImage")
    page.locator("[data-act=picture]").click()
    washes = page.locator(".x u").evaluate_all(
        "all => all.map(u => getComputedStyle(u).background)"
    )
    assert all("rgba(0, 0, 0, 0)" in wash for wash in washes)


def test_with_forced_colours_the_window_is_outlined_and_no_shade_is_explained(made):
    page = made(trace(conv2d, X, K), forced_colors="active")
    assert not page.locator(".legend").is_visible()
    outlines = page.locator(".x u").evaluate_all(
        "all => all.map(u => getComputedStyle(u).outlineStyle)"
    )
    assert outlines == ["solid"] * K.size


def test_weights_over_the_window_are_not_read_aloud(made):
    page = made(trace(conv2d, X, K))
    assert page.locator(".x u").first.text_content() == "×2"
    assert "×" not in page.locator(".x .scroll").aria_snapshot()


def test_letters_stay_readable_in_a_picture(made):
    page = made(trace(conv2d, X, K))
    page.locator(".x td").first.fill("a")
    page.locator("[data-act=picture]").click()
    assert "0px" not in page.locator(".x").evaluate(DIGITS)


ROOM = """() => [...document.querySelectorAll('cnn-explorer td')].map(td => {
    const range = document.createRange();
    range.selectNodeContents(td);
    const [text, cell] = [range.getBoundingClientRect(), td.getBoundingClientRect()];
    const room = Math.min(text.left - cell.left, cell.right - text.right);
    return [getComputedStyle(td).fontSize, room];
})"""


@pytest.mark.parametrize("width", [360, 1440])
def test_long_numbers_do_not_touch_their_cells_and_a_grid_has_one_size(made, width):
    page = made(trace(conv2d, X * 12, K * 5), width=width)
    for number in (0, 2, 5):  # the bold one, of three and of four characters
        page.locator(".y td").nth(number).click()
        sizes, rooms = zip(*page.evaluate(ROOM), strict=True)
        assert min(rooms) >= 3.5  # the frame of the bold one is 3 wide
    assert len(set(sizes[-9:])) == 1


# Presets and sliders ------------------------------------------------------------------------------


def test_a_kernel_grows_by_zeros_around_it_and_gets_its_entries_back(made):
    sobel = np.array(KERNELS["Vertical edges"])
    page = made(trace(conv2d, np.arange(36).reshape(6, 6), sobel), form="full")
    slider = page.locator(".sliders [data-key=k]").first
    for size in (4, 5):
        set_slider(slider, size)
    assert state(page)["k"] == np.pad(sobel, 1).tolist()
    for size in (4, 1, 2, 3):
        set_slider(slider, size)
    assert state(page)["k"] == sobel.tolist()


def test_rows_and_columns_of_the_input_change_alike(made):
    page = made(trace(conv2d, X, K), form="full")
    assert page.locator(".both").is_checked()
    set_slider(page.locator(".sliders [data-key=x]").first, 6)
    assert np.shape(state(page)["x"]) == (6, 6)
    page.locator(".both").uncheck()
    set_slider(page.locator(".sliders [data-key=x]").first, 3)
    assert np.shape(state(page)["x"]) == (3, 6)


def test_rows_and_columns_that_differ_are_not_alike(made):
    assert not made(trace(conv2d, X[:3], K), form="full").locator(".both").is_checked()


def test_an_edge_brings_a_kernel_that_finds_it(made):
    page = made(trace(conv2d, X, K, stride=3), form="full")
    page.locator(".preset[data-key=x]").select_option(label="An edge")
    assert state(page)["k"] == KERNELS["Vertical edges"]
    assert len(set(page.locator(".y td").all_inner_texts())) > 1


def test_a_value_that_does_not_fit_is_refused_with_a_reason(made):
    page = made(trace(conv2d, X, K), form="full")
    slider = page.locator(".sliders [data-key=k]").first
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("1", "7")
    set_slider(slider, 7)
    assert slider.input_value() == "4"
    assert page.locator(".note").inner_text() == "The kernel can be 1 to 4 here."


# Nothing moves under the pointer ------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("form", ["compact", "full"])
def test_a_slider_stays_in_its_place_while_it_is_dragged(made, width, form):
    traced = trace(conv2d, np.arange(25).reshape(5, 5) % 7, K)
    page = made(traced, width=width, form=form)
    page.evaluate("document.body.style.overflowAnchor = 'none'")
    if form == "compact":
        page.locator(".toggle").click()
    sliders = page.locator("input[type=range]:visible")
    assert sliders.count() == (11 if form == "full" else 12)
    for slider in sliders.all():
        slider.scroll_into_view_if_needed()
        before = slider.bounding_box()
        middle = before["y"] + before["height"] / 2
        page.mouse.move(before["x"] + 2, middle)
        page.mouse.down()
        for part in (0, 0.25, 0.5, 0.75, 1, 0.5, 0):
            page.mouse.move(before["x"] + 2 + part * (before["width"] - 4), middle)
            assert slider.bounding_box() == before, (slider.get_attribute("data-key"), part)
        page.mouse.up()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.logged == []


@pytest.mark.parametrize("width", [768, 1440])
def test_a_larger_input_makes_cells_smaller_but_not_the_stage_larger(made, width):
    page = made(trace(conv2d, X, K), form="full", width=width)
    stage, cell = page.locator(".stage"), page.locator(".x td").first
    before, side = stage.bounding_box(), cell.bounding_box()["height"]
    set_slider(page.locator(".sliders [data-key=x]").first, 12)
    assert stage.bounding_box() == before
    assert 24 <= cell.bounding_box()["height"] < side


def test_controls_stand_beside_the_stage_on_a_wide_screen(made):
    wide, narrow = (made(trace(conv2d, X, K), form="full", width=w) for w in (1100, 1099))
    left, right = (wide.locator(part).bounding_box() for part in (".main", ".set"))
    assert left["x"] + left["width"] < right["x"]
    above, below = (narrow.locator(part).bounding_box() for part in (".main", ".set"))
    assert above["y"] + above["height"] <= below["y"]


# Dragging the window ------------------------------------------------------------------------------


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_window_follows_the_mouse_and_snaps(made):
    page = made(trace(conv2d, np.arange(36).reshape(6, 6), K, stride=2))
    page.mouse.move(*middle(page.locator(".x td").nth(0)))
    page.mouse.down()
    page.mouse.move(*middle(page.locator(".x td").nth(2)), steps=4)
    assert state(page)["at"] == [0, 1]
    page.mouse.move(*middle(page.locator(".x td").nth(6 * 4 + 2)), steps=4)
    assert state(page)["at"] == [2, 1]
    page.mouse.move(3, 3)  # outside: as far as the window can go
    assert state(page)["at"] == [0, 0]
    page.mouse.up()
    page.mouse.move(*middle(page.locator(".x td").nth(35)))
    assert state(page)["at"] == [0, 0]
    assert page.evaluate("document.activeElement === document.body")
    assert page.logged == []


def test_the_window_can_be_dragged_by_the_cell_that_was_edited(made):
    """Its text is selected, and must not be dragged in place of the window."""
    page = made(trace(conv2d, X, K))
    page.mouse.click(*middle(page.locator(".x td").first))
    page.mouse.down()
    page.mouse.move(*middle(page.locator(".x td").nth(10)), steps=6)
    assert state(page)["at"] == [2, 2]
    page.mouse.up()
    assert state(page)["x"] == X.tolist()
    assert page.logged == []


def test_a_click_in_the_window_still_edits(made):
    page = made(trace(conv2d, X, K))
    page.mouse.click(*middle(page.locator(".x td").first))
    page.keyboard.type("5")
    assert state(page)["x"][0][0] == 5


# What an article's instance offers ----------------------------------------------------------------


def test_an_explorer_offers_what_its_author_says(made):
    page = made(trace(conv2d, X, K), offers=["kernels"])
    assert not page.locator(".stride").is_visible()
    assert not page.locator(".toggle").is_visible()
    assert page.locator("[contenteditable^=p]").count() == 0
    page.locator(".shelf button", has_text="Blur").click()
    assert state(page)["k"] == [[0.25, 0.25], [0.25, 0.25]]
    page.mouse.move(*middle(page.locator(".x td").nth(0)))
    page.mouse.down()
    page.mouse.move(*middle(page.locator(".x td").nth(1)), steps=4)
    assert state(page)["at"] == [0, 0]


@pytest.mark.parametrize(
    ("rows", "offers", "shown"), [(2, "edit", False), (2, "stride", True), (3, "edit", True)]
)
def test_a_single_window_has_no_steps_unless_more_can_come(made, rows, offers, shown):
    page = made(trace(conv2d, X[:rows, :2], K), offers=[offers])
    steps = page.locator(".steps")
    assert steps.is_visible() == shown


def test_all_offers_together(made):
    page = made(trace(conv2d, X, K), offers=["drag", "edit", "kernels", "stride"], width=360)
    assert page.locator(".stride").is_visible()
    assert page.locator(".shelf button").count() == 3
    page.locator(".x td").first.fill("1")
    assert state(page)["x"][0][0] == 1
    found = Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_by_default_the_kernels_are_no_buttons(made):
    page = made(trace(conv2d, X, K))
    assert not page.locator(".shelf").is_visible()
    assert page.locator(".toggle").is_visible()
