"""Pages on paper."""

import pytest

POST = "posts/2021/brief-introduction-to-cnn.html"
CM = 96 / 2.54


@pytest.fixture
def paper(visit):
    page = visit(POST, width=794, height=1123)
    page.emulate_media(media="print")
    return page


def test_the_address_stands_on_paper_and_answers_not_beside_their_questions(paper):
    address = paper.locator("link[rel=canonical]").get_attribute("href")
    assert paper.locator(".foot").get_by_text(address).is_visible()
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
    stops = [image.bounding_box() for image in paper.locator("figure.animation img:visible").all()]
    assert len(stops) == 9
    assert len({round(stop["y"]) for stop in stops}) == 3  # three to a row


def test_the_sentence_before_a_picture_stays_with_it(paper):
    breaks = paper.locator("main p:has(+ .cell figure)").evaluate_all(
        "all => all.map(one => getComputedStyle(one).breakAfter)"
    )
    assert len(breaks) >= 4
    assert set(breaks) == {"avoid"}
