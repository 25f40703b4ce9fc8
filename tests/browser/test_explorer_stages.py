"""Stages that follow an explorer's operation: each map is right, and leads back to its window."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from cnnlib import conv2d, max_pool2d, relu
from cnnlib.explain.explorer import KERNELS, explorer
from cnnlib.explain.trace import trace
from tests.browser.explorer_page import make_page, written_code

X = np.array([[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]])
K = np.array([[1, -1], [2, -2]])
LINK = "#one?op=conv2d&x=0,4,9,8;3,9,9,2;8,9,5,0;9,7,0,0&k=1,-1;2,-2&s=1,1&p=0,0&d=1,1&at=0,0"
STAGES = "&after=bias,-3;relu;max,2,1"
SCRIPT = '<script type="module" src="_static/stages.js"></script>'
NUMBERS = """tables => tables.map(table => [...table.rows].map(row =>
    [...row.cells].map(cell => Number(cell.textContent.replace("−", "-")))))"""


@pytest.fixture
def made(visit, address):
    """Open a page with a full explorer."""

    def open_made(fragment="", inputs=None, **options):
        tag = explorer(trace(conv2d, X, K), form="full", inputs=inputs).html
        page = visit("404.html", **options)
        tag = tag.replace("<cnn-explorer", '<cnn-explorer id="one"')
        return make_page(page, address, [tag, SCRIPT], fragment)

    return open_made


def state(page):
    return page.evaluate("document.querySelector('cnn-explorer').state")


def maps(page):
    return page.locator(".map table").evaluate_all(NUMBERS)


def test_a_bias_being_typed_does_not_stop_the_choice_of_an_entry(made):
    page = made(LINK + "&after=bias,-3;max,3,1")
    page.locator("[name=bias]").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("0")
    # Without a press before it, which would take the bias over first.
    page.locator(".map").last.locator("td").last.dispatch_event("click")
    assert state(page)["after"] == [["max", 3, 1]]
    assert page.logged == []


def test_stages_are_switched_on_one_by_one(made):
    page = made()
    assert page.locator(".map").count() == 0
    biased = conv2d(X, K) - 3
    page.locator("[name=bias]").fill("-3")
    page.keyboard.press("Enter")
    assert maps(page) == [biased.tolist()]
    page.locator("[name=relu]").check()
    page.locator("[name=pool]").select_option("max")
    assert maps(page)[1:] == [relu(biased).tolist(), max_pool2d(relu(biased), 2).tolist()]
    page.locator("[name=step]").select_option("1")
    assert maps(page)[2] == max_pool2d(relu(biased), 2, stride=1).tolist()
    assert written_code(page).endswith("P = max_pool2d(R, 2, stride=1)")
    page.wait_for_timeout(400)
    assert page.url.endswith("&after=bias,-3;relu;max,2,1")
    page.locator("[name=bias]").fill("0")
    page.keyboard.press("Enter")
    assert state(page)["after"] == [["relu"], ["max", 2, 1]]
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.map').length === 3")
    assert page.locator("[name=bias]").input_value() == "-3"
    assert page.logged == []


def test_a_pooled_value_leads_back_to_its_windows(made):
    page = made(LINK + STAGES)
    page.locator(".map").nth(2).locator("td").nth(1).click()
    assert state(page)["at"] == [1, 2]  # the maximum 14 comes from there
    assert [page.locator(f".map >> nth={n}").locator("td.lit").count() for n in (0, 1)] == [4, 4]
    assert page.locator(".stage .y .source").all_inner_texts() == ["−5", "15", "8", "17"]
    assert page.locator(".stage .x .source").count() == 9
    assert page.locator(".map >> nth=1").locator("td.best").inner_text() == "14"
    assert page.locator(".says").inner_text().startswith("This 14 is the largest of four entries")
    assert "max" in page.locator("cnn-stages .equation").text_content()
    page.locator(".map").nth(1).locator("td").first.click()
    assert state(page)["at"] == [0, 0]
    assert page.locator(".source").count() == 0
    assert page.locator(".says").inner_text() == "ReLU makes −19 0."
    page.keyboard.press("ArrowRight")
    assert page.locator(".says").inner_text() == "ReLU makes −8 0."
    assert state(page)["at"] == [0, 1]
    page.locator(".said:has-text('ReLU')").wait_for(state="attached")


def test_stages_follow_the_output_that_is_shown(made):
    page = made(LINK + STAGES)
    page.locator("[data-act=next]").click()
    assert page.locator(".says").inner_text().startswith("This 14 is the largest")
    page.locator(".stage .y td").nth(8).hover()
    assert page.locator(".map td.now").evaluate(
        "td => [td.parentElement.rowIndex, td.cellIndex]"
    ) == [1, 1]


def test_what_cannot_be_computed_is_said(made):
    page = made(LINK + "&after=relu;max,4,1")
    assert page.locator(".says").inner_text() == "The window of the pooling is larger than the map."
    page.locator(".stage .x td").first.fill("a")
    assert maps(page) == []
    assert page.locator(".says").inner_text() == (
        "Stages follow where the output is made of numbers."
    )
    assert page.logged == []


@pytest.mark.parametrize("after", ["relu;relu", "max,9,9", "bias,<b>", ""])
def test_a_link_with_bad_stages_is_refused_in_a_sentence(made, after):
    page = made(LINK + "&after=" + after)
    assert "The stages after the operation are" in page.locator(".note.wrong").inner_text()
    assert maps(page) == []


def test_a_link_without_stages_has_none(made):
    page = made(LINK)
    assert state(page)["after"] == []
    page.locator("[data-act=next]").click()
    page.wait_for_timeout(400)
    assert "after" not in page.url


def test_an_input_brings_its_kernel_and_a_kernel_can_be_rotated(made):
    seven = [[0, 4, 9], [3, 9, 9], [8, 9, 5]]
    page = made(inputs={"A piece": (seven, [[1, -1], [2, -2]])})
    page.locator(".preset[data-key=k]").select_option("Outline")
    assert state(page)["k"] == KERNELS["Outline"]
    page.locator(".preset[data-key=x]").select_option("A piece")
    assert (state(page)["x"], state(page)["k"]) == (seven, K.tolist())
    page.locator("[data-act=rotate]").click()
    assert state(page)["k"] == [[-2, 2], [-1, 1]]


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_stages_are_accessible_and_fit(made, look, width):
    page = made(LINK + STAGES, width=width, color_scheme=look)
    page.locator(".map").nth(2).locator("td").nth(1).click()
    found = Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
