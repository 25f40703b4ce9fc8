"""The post on activation, depth and pooling: what it claims, as its page shows it."""

import re
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from scipy import signal

NAME = "posts/2026/what-do-activation-depth-and-pooling-add.html"
K, L = np.array([[1, -1], [2, -2]]), np.array([[1, 1], [0, -1]])
RIGHT = np.outer([1, 2, 1], [1, 0, -1]) / 4
UPPER = np.outer([-1, 0, 1], [1, 2, 1]) / 4


@pytest.fixture(scope="module")
def article(site):
    return BeautifulSoup((site / NAME).read_text("utf-8"), "html5lib").find("article")


@pytest.fixture(scope="module")
def seven():
    path = Path(__file__).parents[2] / "posts/2021/seven.csv"
    return np.loadtxt(path, delimiter=",") / 255


def alt(article, start):
    """Return the one text alternative that begins in a certain way."""
    (found,) = {img["alt"] for img in article.select("figure img") if img["alt"].startswith(start)}
    return found


def caption(article, start):
    """Return the text of the one caption that begins in a certain way."""
    texts = {" ".join(figure.text.split()) for figure in article.select("figcaption")}
    (found,) = (text for text in texts if text.startswith(start))
    return found


def entries(text):
    """Read a matrix as text alternatives give it."""
    rows = text.replace("−", "-").split(";")
    return np.array([[float(entry) for entry in row.split(",")] for row in rows])


def strongest_corner(image):
    """Correlate with SciPy, pool with a loop, and return the largest sum of both maps."""
    maps = [np.maximum(signal.correlate2d(image, kernel, "valid"), 0) for kernel in (RIGHT, UPPER)]
    height, width = maps[0].shape
    return max(
        sum(values[row : row + 2, col : col + 2].max() for values in maps)
        for row in range(0, height - 1, 2)
        for col in range(0, width - 1, 2)
    )


def test_the_answer_comes_first_with_the_network_that_finds_one_corner(article):
    lead = article.select_one("figure")
    assert lead.find_previous("h2") is None
    assert "Second layer, 1 by 13 by 13 (corner)." in lead.img["alt"]
    assert "one is not zero" in lead.figcaption.text


def test_two_kernels_and_the_combined_one_give_the_same_numbers(article):
    alts = [img["alt"] for img in article.select("figure img")]
    shown = (
        "after K and L, 2 by 2: (.*?); K and L in one, 3 by 3: (.*?); in one step, 2 by 2: (.*?)[.]"
    )
    (found,) = {re.search(shown, text) for text in alts} - {None}
    twice, combined, once = found.groups()
    assert np.array_equal(entries(combined), signal.convolve2d(K, L))
    assert once == twice
    assert caption(article, "Without an activation").startswith(
        "Without an activation, all 676 entries are the same as with one kernel. With ReLU"
    )


def test_the_questions_know_the_answers_and_the_usual_mistakes(article):
    middle, field, padded = article.select("cnn-question")
    assert middle.b.text.strip(". ") == f"{signal.convolve2d(K, L)[1, 1]}".replace("-", "−")
    assert field.b.text.strip(". ") == "7"
    assert "overlap" in field.select_one("li").text
    assert padded.b.text.strip(". ") == "−3"
    assert "does not pad with zeros" in padded.select_one("li").text


def test_an_edge_map_means_nothing_before_relu(article):
    words = caption(article, "The mean of the edge map")
    before, _, after = map(float, re.findall(r"[0-9][.][0-9]+", words))
    assert after > 5 * before
    assert "On the 7 the mean is exactly 0" in article.text


def test_only_two_layers_tell_a_corner_from_a_slanted_edge(article):
    rows = article.select_one("table:-soup-contains('slanted') tbody").select("tr")
    added, layered = (
        {row.td.text: float(row.select("td")[column].text) for row in rows} for column in (1, 2)
    )
    assert added["corner"] == added["slanted"]
    assert layered["corner"] > layered["slanted"] > layered["straight"]


def test_the_field_grows_as_the_recurrence_says_and_is_framed(article):
    framed = re.findall(
        r"Framed in [a-z ]+: rows (\d+) to (\d+), columns (\d+) to (\d+)",
        alt(article, "convolution:"),
    )
    sides = [
        (int(bottom) - int(top) + 1, int(right) - int(left) + 1)
        for top, bottom, left, right in framed
    ]
    assert sides == [(3, 3), (4, 4), (8, 8), (10, 10)]
    ways = entries(re.search(r"ways, 7 by 7: (.*)[.]", alt(article, "ways"))[1])
    assert (ways[3, 3], ways[0, 0], ways.sum()) == (49, 1, 27**2)


def test_a_shift_by_one_pixel_loses_the_corner(article, seven):
    text = re.search(r"largest sum, 2 by 2: (.*?)[.] Framed", alt(article, "largest sum"))[1]
    shown = entries(text)
    moved = [
        [strongest_corner(np.roll(seven, (down, right), (0, 1))) for right in range(2)]
        for down in range(2)
    ]
    assert shown == pytest.approx(np.array(moved), abs=0.005)
    assert (shown < 1.5).tolist() == [[False, False], [True, False]]
    assert "Shift the 7 down by one pixel" in article.text


def test_larger_windows_forgive_more_and_a_stride_forgives_nothing(article):
    last = dict(
        re.findall(r"([a-z]+ (?:of )?(?:\d|pooling)) ([0-9.]+[0-9])", alt(article, "Similarity"))
    )
    assert float(last["max of 2"]) < float(last["max of 4"]) < float(last["max of 8"])
    assert float(last["stride 2"]) == pytest.approx(float(last["no pooling"]), abs=0.02)


def test_the_post_is_read_in_eight_to_twelve_minutes_and_names_its_sources(site, article):
    page = BeautifulSoup((site / NAME).read_text("utf-8"), "html5lib")
    assert 8 <= int(re.search(r"(\d+) min read", page.select_one(".meta").text)[1]) <= 12
    sources = "arxiv.org", "doi.org", "deeplearningbook.org"
    links = {a["href"] for a in article.select("a[href^=https]")}
    assert len([link for link in links if any(source in link for source in sources)]) == 7
