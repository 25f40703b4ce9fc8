"""The post on scores: what it claims about its network, as shown on the page."""

import json
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

from cnnlib import softmax

NAME = "posts/2026/how-do-maps-become-scores.html"


@pytest.fixture(scope="module")
def article(site):
    page = BeautifulSoup((site / NAME).read_text("utf-8"), "html5lib")
    return page.select_one("article")


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def matrices(text, size):
    """Return the matrices in a text alternative that have a size."""
    rows = rf"{size} by {size}: ([^.;]*(?:; [^.;]*)*)"
    found = [[numbers(row) for row in rows.split(";")] for rows in re.findall(rows, text)]
    return [np.array(matrix) for matrix in found if len(matrix) == size]


def test_the_answer_comes_first_with_the_sum_that_it_speaks_of(article):
    lead = article.select_one("figure")
    assert lead.find_previous("h2") is None
    entries, weights = matrices(lead.img["alt"], 5)
    score = (entries * weights).sum()
    assert f"the score is {score:g}." in lead.figcaption.text
    assert f"Output, 1 by 1: {score:g}." in lead.img["alt"]


def test_the_shares_are_the_softmax_of_the_scores(article):
    table = article.select_one("#softmax-turns-scores-into-shares table")
    rows = [
        [numbers(cell.text)[0] for cell in row.select("td")] for row in table.select("tbody tr")
    ]
    digits, sums, scores, powers, shares = np.array(rows).T
    assert digits.tolist() == [0, 1, 7]
    divisor = numbers(table.find_previous("p").text)[0]
    np.testing.assert_allclose(scores, sums / divisor, atol=0.005)
    np.testing.assert_allclose(powers, np.exp(sums / divisor), atol=0.005)
    np.testing.assert_allclose(shares, 100 * softmax(sums / divisor), atol=0.05)
    assert shares.argmax() == 2


def test_every_question_has_a_reply_to_each_mistake(article):
    (typed,) = article.select("cnn-question[data-answers]")
    (_, _, right), *wrong = json.loads(typed["data-answers"])
    assert (right, len(wrong)) == ("", 3)
    assert all(why for _, _, why in wrong)
    chosen = article.select("cnn-question[data-choices]")
    assert [question.b.text for question in chosen] == ["It stays the same", "The linear layer"]
    for question in chosen:
        replies = dict(json.loads(question["data-choices"]))
        assert replies.pop(question.b.text) == "Yes, that is right."
        assert all(reply.startswith("Not quite: ") for reply in replies.values())


def test_images_that_are_no_digit_get_shares_too(article):
    section = article.select_one("#a-share-is-not-confidence")
    shares = dict(re.findall(r"(\w[\w ]*): (?:\d, |each )(\d+)%", section.img["alt"]))
    assert len(shares) == 6
    assert int(shares["face"]) > 90
    assert shares["nothing"] == "33"


def test_the_answers_to_the_drawn_digits_are_counted(article):
    section = article.select_one("#what-weights-set-by-hand-can-do")
    answers = re.findall(r"((?:[a-z]+ )*\d(?: [a-z]+)*): (\d): 28 by 28", section.img["alt"])
    right = sum(answer in name for name, answer in answers)
    assert f"{len(answers)} digits" in section.figcaption.text
    assert f": {right} are right" in section.figcaption.text
    assert right < len(answers)


def test_the_largest_part_of_the_score_is_followed_back_to_four_pixels(article):
    section = article.select_one("#from-a-score-back-to-the-pixels")
    texts = [p.text for p in section.select("p")]
    largest = next(int(numbers(text)[0]) for text in texts if text.startswith("It is "))
    assert f"sum {largest}" in section.img["alt"]
    pixels = next(text for text in texts if text.startswith("These are four pixels"))
    assert len(re.findall(r"rows \d+ and \d+ and columns \d+ and \d+", pixels)) == 1


def test_the_post_is_read_in_eight_to_twelve_minutes_and_leads_on(article):
    assert 8 <= int(re.search(r"(\d+) min read", article.text)[1]) <= 12
    assert article.select_one("a[href$='how-fast-can-numpy-convolve.html']")
