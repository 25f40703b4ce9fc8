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
    path = Path(__file__).parents[3] / "posts/2021/seven.csv"
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


def text_of(article):
    """Return the words of the page, without the line breaks of its source."""
    return " ".join(article.text.split())


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
    before, _, after, _ = map(float, re.findall(r"[0-9][.][0-9]+", words))
    assert after > 5 * before
    assert "On the 7 the mean is exactly 0" in article.text


def test_each_part_is_taken_away_and_only_pooling_and_depth_are_missed(article, seven):
    rows = {
        row.td.text: [float(cell.text) for cell in row.select("td")[1:]]
        for row in article.select("table:-soup-contains('slanted') tbody tr")
    }
    network = rows.pop("the network")
    straight, slanted, corner, on_the_7 = network
    assert straight < slanted < min(corner, on_the_7)
    assert on_the_7 == pytest.approx(strongest_corner(seven), abs=0.005)
    assert rows.pop("without the first ReLU") == network
    assert sorted(rows) == [
        "mean in place of maximum",
        "one kernel, the sum of both",
        "without pooling",
    ]
    for _, slanted, corner, on_the_7 in rows.values():
        assert min(corner, on_the_7) <= slanted
    signed = [signal.correlate2d(seven, kernel, "valid") for kernel in (RIGHT, UPPER)]
    assert rows["without pooling"][3] == pytest.approx(
        np.maximum(signed, 0).sum(0).max(), abs=0.005
    )
    assert "without it, all 169 entries of the last map differ from zero" in text_of(article)


def test_it_is_honest_about_edges_that_pass_for_corners(article):
    row, col = np.mgrid[-12:12, -12:12]
    shapes = [(3 * row - 2 * col > offset) * 1.0 for offset in range(-6, 7)]
    stairs = max(map(strongest_corner, shapes))
    assert f"reach {stairs:g} and would pass for corners" in text_of(article)


def test_the_mean_of_the_edges_is_zero_for_the_reason_given(article, seven):
    assert "The two outermost columns on each side are black" in text_of(article)
    assert not seven[:, [0, 1, -2, -1]].any()
    assert signal.correlate2d(seven, RIGHT, "valid").sum() == pytest.approx(0, abs=1e-9)
    # The rows are not: so the same cannot be said of the other kernel.
    assert signal.correlate2d(seven, UPPER, "valid").sum() > 1


def test_the_stamps_add_up_to_the_combined_kernel(article):
    stamps = [
        entries(found)
        for found in re.findall(
            r"(?:left|right), 3 by 3: ([^.]*?)[;.] ?(?=[a-zF])", alt(article, "upper left")
        )
    ]
    assert len(stamps) == np.count_nonzero(L)
    assert np.array_equal(sum(stamps), signal.convolve2d(K, L))


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
    table = article.select_one("table:-soup-contains('1 pixel right') tbody")
    shown = np.array([[float(cell.text) for cell in row.select("td")[1:]] for row in table("tr")])
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
    lines = ["no pooling", "max of 2", "max of 4", "max of 8"]
    assert sorted(last, key=lambda name: float(last[name])) == lines
    assert (
        "from 0.75 on. Then maxima of 2, 4 and 8 forgive a shift of 1, 2 and 4 pixels"
        in text_of(article)
    )
    without = re.search(r"it is ([0-9.]+) without pooling", caption(article, "How similar"))[1]
    assert f"after one pixel the similarity is {without}, as without it" in text_of(article)


def test_the_post_is_read_in_eight_to_twelve_minutes_and_names_its_sources(site, article):
    page = BeautifulSoup((site / NAME).read_text("utf-8"), "html5lib")
    assert 8 <= int(re.search(r"(\d+) min read", page.select_one(".meta").text)[1]) <= 12
    sources = "arxiv.org", "doi.org", "deeplearningbook.org", "jmlr.org"
    links = {a["href"] for a in article.select("a[href^=https]")}
    assert len([link for link in links if any(source in link for source in sources)]) == 7
