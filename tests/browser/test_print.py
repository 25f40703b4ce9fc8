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
