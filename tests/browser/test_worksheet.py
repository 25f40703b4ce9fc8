"""The playground on paper: a worksheet for what the explorer shows, with the reader's seed."""

import numpy as np
import pytest

from cnnlib.explain.worksheet import exercises
from tests.explain.explorer_vectors import trace_of

STATE = {
    "op": "conv2d",
    "x": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3]],
    "k": [[1, 0], [0, 1]],
    "s": [1, 2],
    "p": [0, 0],
    "d": [1, 1],
    "at": [0, 0],
}
LINK = "play?op=conv2d&x=1,2,3,4;5,6,7,8;9,1,2,3&k=1,0;0,1&s=1,2&p=0,0&d=1,1&at=0,0"


@pytest.fixture
def playground(visit):
    def opened(**options):
        page = visit(f"playground.html#{LINK}", **options)
        if options.get("java_script_enabled", True):
            page.locator("cnn-explorer.live").wait_for()
            page.locator("cnn-worksheet input").wait_for()
        return page

    return opened


def answers(page):
    tables = page.locator("cnn-worksheet ol").nth(1).locator("table").all()
    return [
        [[cell.replace("−", "-") for cell in row.locator("td").all_inner_texts()] for row in rows]
        for rows in (table.locator("tr").all() for table in tables)
    ]


def test_the_printed_sheet_has_the_explorer_s_settings_and_the_seed_s_numbers(playground):
    page = playground()
    page.locator("cnn-worksheet input").fill("42")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("cnn-worksheet h2").first.inner_text() == "Worksheet 42"
    traced = trace_of(STATE)
    wanted = [one.output for one in exercises(traced, 42)]
    assert wanted[0].shape == traced.output.shape
    for shown, output in zip(answers(page), wanted, strict=True):
        assert np.array_equal(np.array(shown, int), output)
    assert not page.locator("cnn-explorer").is_visible()
    assert page.logged == []


def test_nothing_moves_when_its_script_comes(visit):
    page, held = visit("404.html", width=360), []
    page.route("**/worksheet.js*", lambda route: held.append(route))
    page.goto(page.url.replace("404.html", "playground.html"))
    sheet = page.locator("cnn-worksheet")
    with page.expect_request("**/worksheet.js*"):
        sheet.scroll_into_view_if_needed()
    assert not sheet.locator("input").is_visible()
    before = sheet.bounding_box()["height"]
    held[0].continue_()
    sheet.locator("input").wait_for()
    assert sheet.bounding_box()["height"] == before


def test_new_numbers_draw_another_seed(playground):
    page = playground()
    seeds = set()
    for _ in range(5):
        page.get_by_role("button", name="New numbers").click()
        seeds.add(page.locator("cnn-worksheet input").input_value())
    assert len(seeds) > 1


def test_answers_begin_on_a_new_page(playground):
    page = playground()
    # Paper only: the pages of the printed file are counted by their marks.
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 2


def test_without_javascript_the_page_prints_the_first_sheet(playground):
    page = playground(java_script_enabled=False)
    assert page.locator("cnn-worksheet .seed").bounding_box() is None  # no row that does nothing
    page.emulate_media(media="print")
    assert page.locator("cnn-worksheet h2").first.inner_text() == "Worksheet 1"
    assert page.locator("cnn-worksheet table").count() > 8


def test_the_script_is_loaded_with_the_first_touch_or_key_since_one_can_print_then(visit):
    page = visit("playground.html")
    page.locator("cnn-explorer.live").wait_for()
    assert not any("/worksheet.js" in url for url in page.requested)
    page.keyboard.press("Control")
    page.locator("cnn-worksheet input").wait_for()
    assert page.logged == []


def test_the_script_is_loaded_when_the_worksheet_comes_near(visit):
    page = visit("playground.html")
    page.locator("cnn-explorer.live").wait_for()
    page.mouse.wheel(0, 900)
    page.locator("cnn-worksheet input").wait_for()
