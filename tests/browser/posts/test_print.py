"""Pages on paper."""

import re

import pytest

POST = "posts/2021/brief-introduction-to-cnn.html"
FILTERS = "posts/2026/what-do-filters-see.html"
CM = 96 / 2.54
PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture
def paper(visit):
    page = visit(POST, width=794, height=1123)
    page.emulate_media(media="print")
    return page


@pytest.fixture
def filters(visit):
    """The post on filters on paper, with its explorer and its photographs alive."""
    page = visit(FILTERS, width=794, height=1123)
    for element in page.locator("cnn-explorer, cnn-photograph").all():
        element.scroll_into_view_if_needed()
        element.and_(page.locator(".live")).wait_for()
    page.emulate_media(media="print")
    return page


def style(locator, name):
    """Return one computed style of each element."""
    return locator.evaluate_all(
        "(all, name) => all.map((one) => getComputedStyle(one)[name])", name
    )


def test_no_address_of_this_machine_is_printed_and_no_answer_beside_its_question(paper):
    assert "127.0.0.1" not in paper.locator(".foot").inner_text()
    assert paper.locator("cnn-question").first.is_visible()
    assert not paper.locator("cnn-question details").first.is_visible()


def test_answers_stand_on_a_last_sheet_in_the_order_of_their_questions(paper):
    assert paper.locator("main > :last-child").get_attribute("class") == "printed answers"
    sheet = paper.locator(".answers")
    assert sheet.is_visible()
    assert sheet.evaluate("sheet => getComputedStyle(sheet).breakBefore") == "page"
    asked = paper.locator("article cnn-question > p").all_text_contents()
    assert sheet.locator("li > p:first-child").all_text_contents() == asked
    answers = paper.locator("article cnn-question details > p").all_text_contents()
    assert sheet.locator("li > p:last-child").all_text_contents() == answers
    paper.emulate_media(media="screen")
    assert not sheet.is_visible()


def test_no_picture_is_so_high_that_the_page_before_it_stays_half_empty(paper):
    for figure in paper.locator("main figure:not(.animation)").all():
        assert figure.bounding_box()["height"] < 13 * CM
    # The stops of an animation may be parted between two rows.
    stops = paper.locator("figure.animation")
    assert stops.evaluate("stops => getComputedStyle(stops).breakInside") == "auto"
    for image in stops.locator("img:visible").all():
        assert image.bounding_box()["height"] < 9 * CM


def test_all_stops_stand_on_paper_in_place_of_the_explorer(paper):
    assert not paper.locator("cnn-explorer").is_visible()
    images = paper.locator("figure.animation img:visible")
    images.evaluate_all("all => Promise.all(all.map((one) => one.decode()))")
    stops = [image.bounding_box() for image in images.all()]
    assert len(stops) == 9
    assert len({round(stop["y"]) for stop in stops}) == 3  # three to a row


def test_the_sentence_before_a_picture_stays_with_it(paper):
    breaks = paper.locator("main p:has(+ .cell figure)").evaluate_all(
        "all => all.map(one => getComputedStyle(one).breakAfter)"
    )
    assert len(breaks) >= 4
    assert set(breaks) == {"avoid"}


def test_a_post_takes_few_sheets(visit):
    page = visit(POST)
    assert len(PAGE.findall(page.pdf(format="A4"))) <= 10
    # Nine equations are less than half a sheet.
    page.emulate_media(media="print")
    assert set(style(page.locator(".windows"), "columnCount")) == {"2"}


def test_a_section_with_pictures_or_code_may_be_parted(paper):
    parts = paper.locator("article section:has(figure, pre)")
    assert parts.count() > 3
    assert set(style(parts, "breakInside")) == {"auto"}


def test_short_code_is_not_parted(paper):
    code = paper.locator("main pre")
    assert min(int(lines) for lines in style(code, "orphans") + style(code, "widows")) == 10
    assert min(int(lines) for lines in style(paper.locator("main p"), "widows")) == 3


def test_choices_are_printed_without_what_is_typed_or_answered(filters):
    asked = filters.locator("cnn-question[data-choices]")
    assert asked.locator("button:visible").count() == 4
    assert set(style(asked.locator("button"), "borderTopWidth")) == {"0px"}
    assert filters.locator("cnn-question:not([data-choices]) form:visible").count() == 0


def test_nothing_to_press_is_printed(filters):
    shown = filters.locator("cnn-explorer, cnn-photograph")
    assert shown.locator(":is(button, input, select, textarea):visible").count() == 0
    assert shown.locator("canvas:visible, .equation:visible").count() >= 5


def test_explorers_and_photographs_are_printed_whole_with_their_colours(filters):
    shown = filters.locator("cnn-explorer, cnn-photograph")
    assert set(style(shown, "breakInside")) == {"avoid"}
    coloured = shown.locator("td, i, .scale, .ramp")
    assert coloured.count() > 100
    assert set(style(coloured, "printColorAdjust")) == {"exact"}
    for element in shown.all():
        assert element.bounding_box()["height"] < 24 * CM


def test_an_explorer_keeps_no_room_for_what_may_change(filters):
    stage = filters.locator("cnn-explorer .stage").bounding_box()
    grid = filters.locator("cnn-explorer .panel.x").bounding_box()
    assert stage["height"] - grid["height"] < CM / 2
    sums = filters.locator("cnn-explorer .sums").bounding_box()
    line = filters.locator("cnn-explorer .sums .equation:visible").last.bounding_box()
    assert sums["y"] + sums["height"] - line["y"] - line["height"] < CM / 2


def test_the_front_page_is_printed_on_two_sheets_without_a_broken_word(visit):
    page = visit("index.html")
    page.locator("cnn-explorer.live").wait_for()
    assert len(PAGE.findall(page.pdf(format="A4"))) == 2
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 673, "height": 900})  # a sheet of A4 between its margins
    assert page.locator("h1").evaluate("h1 => h1.scrollWidth <= h1.clientWidth")
    assert page.locator("h1").evaluate("h1 => getComputedStyle(h1).overflowWrap") == "normal"
