"""Pages on paper."""

import pytest

POST = "posts/2021/brief-introduction-to-cnn.html"
CM = 96 / 2.54


@pytest.fixture
def paper(visit):
    page = visit(POST, width=794, height=1123)
    page.emulate_media(media="print")
    return page


def test_the_address_stands_on_paper_and_answers_do_not(paper):
    address = paper.locator("link[rel=canonical]").get_attribute("href")
    assert paper.locator(".foot").get_by_text(address).is_visible()
    assert paper.locator("cnn-question").first.is_visible()
    assert not paper.locator("cnn-question details").first.is_visible()


def test_no_picture_is_so_high_that_the_page_before_it_stays_half_empty(paper):
    for figure in paper.locator("main figure").all():
        assert figure.bounding_box()["height"] < 13 * CM


def test_all_stops_stand_on_paper_in_place_of_the_explorer(paper):
    assert not paper.locator("cnn-explorer").is_visible()
    assert paper.locator("figure.animation img:visible").count() == 9


def test_the_sentence_before_a_picture_stays_with_it(paper):
    breaks = paper.locator("main p:has(+ .cell figure)").evaluate_all(
        "all => all.map(one => getComputedStyle(one).breakAfter)"
    )
    assert len(breaks) >= 4
    assert set(breaks) == {"avoid"}
