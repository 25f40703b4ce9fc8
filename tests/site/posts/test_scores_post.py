"""The post on scores: what it claims about its network, as shown on the page."""

import json
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

from cnnlib import softmax
from tests.site.posts.questions import each_mistake_has_a_reply

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
    assert f"the sum is {score:g}." in lead.figcaption.text
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
        each_mistake_has_a_reply(question)


def test_images_that_are_no_digit_get_shares_too(article):
    section = article.select_one("#a-share-is-not-confidence")
    shares = dict(re.findall(r"(\w[\w ]*) → (?:\d \(|each )(\d+)%", section.img["alt"]))
    assert len(shares) == 6
    assert int(shares["face"]) > 90
    assert shares["nothing"] == "33"


def test_other_divisors_give_other_shares_with_the_same_winner(article):
    sums = np.array([numbers(li.text)[1] for li in article.select("cnn-network li")])
    text = " ".join(article.select_one("#a-share-is-not-confidence").text.split())
    found = re.search(r"Dividing by (\d+) gives our 7 ([0-9.]+)%, by (\d+) (\d+)%", text)
    small, sharp, large, flat = map(float, found.groups())
    assert 100 * softmax(sums / small)[2] == pytest.approx(sharp, abs=0.005)
    assert 100 * softmax(sums / large)[2] == pytest.approx(flat, abs=0.5)


def test_the_answers_to_the_drawn_digits_are_counted(article):
    section = article.select_one("#what-weights-set-by-hand-can-do")
    answers = re.findall(r"((?:[a-z]+ )*\d(?: [a-z]+)*) → (\d): 28 by 28", section.img["alt"])
    right = sum(answer in name for name, answer in answers)
    assert f"{len(answers)} digits" in section.figcaption.text
    assert f": {right} are right" in section.figcaption.text
    assert right < len(answers)


def test_the_network_on_the_page_holds_the_numbers_that_the_text_follows(article):
    section = article.select_one("#from-a-score-back-to-the-pixels")
    state = json.loads(section.select_one("cnn-network")["data-state"])
    image = np.array(state["image"])
    text = " ".join(section.text.split())
    (rows, cols) = (
        [int(n) - 1 for n in re.search(rf"{axis} (\d+) and (\d+)", text).groups()]
        for axis in ("in rows", "and columns")
    )
    kernels = dict(zip(state["layers"][1]["names"], state["layers"][1]["weights"], strict=True))
    name = re.search(r"comes from the (\w+ edge) in row", text)[1]
    edge = (image[np.ix_(rows, cols)] * np.array(kernels[name][0])).sum()
    second = np.array(state["layers"][3]["weights"])
    largest = int(re.search(r"The largest product there is (\d+)", text)[1])
    assert largest == edge * second[0].max()
    table = article.select_one("#softmax-turns-scores-into-shares table")
    listed = [numbers(row.select("td")[1].text)[0] for row in table.select("tbody tr")]
    assert [numbers(li.text)[1] for li in section.select("cnn-network li")] == listed


def test_a_sum_is_called_a_score_only_after_it_was_divided(article):
    before = article.select_one("#softmax-turns-scores-into-shares").find_all_previous(
        ["p", "figcaption"]
    )
    words = " ".join(part.text for part in before if part.find_parent("article"))
    assert "Divided by a fixed number, it will be the score of the class." in " ".join(
        words.split()
    )
    assert len(re.findall(r"\bscores?\b", words)) == 1


def test_where_the_weights_are_is_not_told_before_it_is_asked(article):
    section = article.select_one("#which-layer-has-the-most-weights")
    before = section.select_one("cnn-question").find_all_previous("p", limit=1)[0].text
    assert "linear" not in before


def test_resnet_holds_most_of_its_weights_in_convolutions(article):
    text = " ".join(article.text.split())
    share, millions = re.search(
        r"(\d+)% of the ([0-9.]+) million are in convolutions", text
    ).groups()
    assert int(share) == round(100 * (1 - 513_000 / 11_689_512))
    assert float(millions) == pytest.approx(11.7)


def test_the_post_is_read_in_eight_to_twelve_minutes_and_leads_on(article):
    assert 8 <= int(re.search(r"(\d+) min read", article.text)[1]) <= 12
    assert article.select_one("a[href$='how-does-a-network-learn-its-kernels.html']")
