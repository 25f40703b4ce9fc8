"""The post on learning kernels: what it claims, computed again from the numbers on its page."""

import json
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from scipy import signal

NAME = "posts/2026/how-does-a-network-learn-its-kernels.html"
X = np.array([[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]])
K = np.array([[1, -1], [2, -2]])
START = np.array([[-1, 1], [2, -2]])


@pytest.fixture(scope="module")
def article(site):
    return BeautifulSoup((site / NAME).read_text("utf-8"), "html5lib").find("article")


def maps(kernel):
    return signal.correlate2d(X, kernel, "valid")


def error(kernel):
    return ((maps(kernel) - maps(K)) ** 2).sum() / 2


def words(node):
    return " ".join(node.text.split())


def number(text):
    return float(text.replace("−", "-").replace(",", ""))


def rows(table):
    return [[cell.text.strip() for cell in row.select("td")] for row in table.select("tbody tr")]


def alts(article, start):
    return [img["alt"] for img in article.select("figure img") if img["alt"].startswith(start)]


def entries(text, name):
    """Read the matrix of a name from a text alternative."""
    size = re.search(rf"{re.escape(name)}, (\d+) by (\d+): ", text)
    height, width = map(int, size.groups())
    values = re.findall(r"[-−]?\d+(?:\.\d+)?", text[size.end() :])[: height * width]
    return np.array([number(value) for value in values]).reshape(height, width)


def test_the_answer_comes_first_with_the_gradient_it_speaks_of(article):
    lead = article.select_one("figure")
    assert lead.find_previous("h2") is None
    gradient = signal.correlate2d(X, maps(START) - maps(K), "valid")
    assert np.array_equal(entries(lead.img["alt"], "Gradient of K"), gradient)
    assert f"The sum, {gradient[0, 1]}, is positive" in words(lead)
    # The question on the other weight comes later.
    assert "upper left" not in words(lead)


def test_nudges_are_listed_with_what_they_change(article):
    listed = rows(article.select_one("#nudge-one-weight-and-read-the-error table"))
    for nudge, after, change, slope in [[number(cell) for cell in row] for row in listed]:
        moved = START + nudge * np.array([[1, 0], [0, 0]])
        assert after == pytest.approx(error(moved), abs=0.0006)
        assert change == pytest.approx(error(moved) - error(START), abs=0.0006)
        assert slope == pytest.approx((error(moved) - error(START)) / nudge, abs=0.006)
    question = article.select_one("cnn-question")
    assert question.b.text == "It falls"


def test_the_sum_in_letters_and_numbers_is_that_of_the_picture(article):
    equation = article.select_one("#the-gradient-predicts-the-nudge .equation")
    text = re.sub(r"\s", "", equation.text)
    assert text.startswith("∂L∂k11=a·δ11+b·δ12+c·δ13+e·δ21+")
    assert text.split("=")[1].endswith("+j·δ32+l·δ33")  # k is the letter of the kernel alone
    assert text.endswith("=0·8+4·10+9·(−2)+3·12+9·0+9·(−14)+8·2+9·(−8)+5·(−10)=−174")


def test_the_reader_s_steps_are_those_of_gradient_descent(article):
    kernel, asked = START.astype(float), article.select("cnn-question[data-answers]")
    answers = [json.loads(question["data-answers"]) for question in asked]
    step = 0.002 * np.array([[1, 1], [0, 0]])
    kernel -= step * signal.correlate2d(X, maps(kernel) - maps(K), "valid")
    assert answers[0][0][0] == pytest.approx(kernel[0, 0])
    assert answers[1][0][0] == pytest.approx(kernel[0, 1])
    kernel -= step * signal.correlate2d(X, maps(kernel) - maps(K), "valid")
    assert answers[2][0][0] == pytest.approx(kernel[0, 0])
    assert number(answers[2][0][1]) == round(kernel[0, 0], 3)
    assert all(why for known in answers for _, _, why in known[1:])
    assert [len(known) > 1 for known in answers] == [True] * len(answers)


def test_playing_the_steps_brings_the_map_to_its_target(article):
    (played,) = set(alts(article, "Animation in 10 moments"))
    last = played.split(" Last, ")[1]
    assert re.match(r"24 steps: error 0\.0\d: kernel K", last)
    assert np.abs(entries(last, "Y − T")).max() < 0.3
    assert entries(last, "kernel K") == pytest.approx(K, abs=0.05)
    figure = article.select("figure.animation")[1]
    labels = [label.text for label in figure.select("label:not(.play)")]
    told = [re.match(r"\d+", img["alt"])[0] for img in figure.select("img")[1:]]
    assert labels == told == ["0", "1", "2", "3", "4", "6", "8", "12", "16", "24"]


def test_where_the_paths_end_and_how_long_all_four_weights_take_is_counted(article):
    section = article.select_one("#down-the-bowl-step-by-step")

    def descend(kernel, rate, steps, free=1):
        kernel, count = np.array(kernel, float), 0
        while count < steps and np.abs(kernel - K).max() > 0.01:
            kernel -= rate * free * signal.correlate2d(X, maps(kernel) - maps(K), "valid")
            count += 1
        return kernel, count

    _, needed = descend(START, 0.001, 5000)
    assert f"I needed {needed:,} steps to bring each weight to within 0.01" in words(section)
    (said,) = re.findall(r"After 24 steps, both are within (0\.\d+) of 1 and −1", words(section))
    upper = np.array([[1, 1], [0, 0]])
    ends = [descend(k, 0.002, 24, upper)[0] for k in (START, [[2.8, -0.6], K[1]])]
    off = max(np.abs(end - K).max() for end in ends)
    assert float(said) - 0.01 < off <= float(said)


def test_a_rate_that_is_too_large_looks_good_at_first(article):
    small, right, large = rows(article.select_one("#down-the-bowl-step-by-step table"))
    assert number(small[1]) > number(right[1]) > number(large[1])
    assert number(right[4]) < number(small[4])
    assert large[4] == "over a million"


def test_what_comes_back_through_each_layer_is_what_nudging_measures(article):
    section = article.select_one("#backwards-through-the-layers")
    (measured,) = set(alts(section, "X, 4 by 4"))
    y = maps(START)
    gate = np.where(y > 0, np.maximum(y, 0) - np.maximum(maps(K), 0), 0)
    back = signal.convolve2d(y - maps(K), START)
    assert np.array_equal(entries(measured, "X"), back)
    assert np.array_equal(entries(measured, "; Y"), gate)
    pooled = entries(measured, "ReLU(Y)")
    assert pooled.tolist() == [[0, 0, -4], [0, 0, 0], [0, -16, 0]]
    shown = [
        img["alt"]
        for img in section.select("figure.animation img")
        if img["alt"].startswith("Anim")
    ]
    assert np.array_equal(entries(shown[0], "Gradient of X"), back)
    assert np.array_equal(entries(shown[-1], "Gradient of X"), pooled)
    (both,) = set(alts(section, "backwards, 2 by 2"))
    assert np.array_equal(entries(both, "backwards"), entries(both, "by nudging"))
    direct = signal.correlate2d(X, maps(START) - maps(K), "valid")[0, 1]
    assert entries(both, "backwards")[0, 1] * direct < 0
    assert f"That of the upper right weight was {direct} before." in words(section)
    assert f"only {np.count_nonzero(pooled * (y > 0))} of the {y.size} entries" in words(section)


def test_both_gradients_are_convolutions(article):
    section = article.select_one("#why-is-the-gradient-of-a-convolution-a-convolution")
    state = json.loads(section.select_one("cnn-explorer")["data-state"])
    assert (state["x"], state["k"]) == (X.tolist(), (maps(START) - maps(K)).tolist())
    assert [b.text for b in section.select("cnn-explorer .panel b")] == ["input X", "δ", "∂L/∂K"]
    (slid,) = {alt for alt in alts(section, "Input, 3 by 3") if "Padding 1" in alt}
    assert np.array_equal(entries(slid, "Kernel"), START[::-1, ::-1])
    assert np.array_equal(entries(slid, "Output"), signal.convolve2d(maps(START) - maps(K), START))
    (product,) = set(alts(section, "A matrix of 16 rows and 9 columns"))
    assert "of which 36 entries are not zero" in product


def test_cross_entropy_teaches_most_where_the_square_teaches_least(article):
    section = article.select_one("#squared-errors-for-maps-cross-entropy-for-labels")
    for share, square, crossed in [[number(n) for n in row] for row in rows(section.table)]:
        assert square == pytest.approx(-2 * (1 - share) ** 2 * share, abs=0.0006)
        assert crossed == pytest.approx(share - 1, abs=0.0006)
    means = [
        float(n) for n in re.findall(r"\b\d\.\d\d\b", words(section).split("shared the work")[1])
    ]
    assert (means[0] > means[1]) != (means[2] > means[3])


def test_equal_kernels_stay_equal(article):
    question = article.select_one("#what-if-all-kernels-start-equal cnn-question")
    assert question.b.text == "They stay equal"


def test_the_post_is_read_in_eight_to_twelve_minutes_and_names_its_sources(article):
    assert article.select_one("a[href$='can-we-train-one-while-this-page-builds.html']")
    assert 8 <= int(re.search(r"(\d+) min read", article.text)[1]) <= 12
    links = {a["href"] for a in article.select("a[href^=https]")}
    assert sum("doi.org" in link or "deeplearningbook" in link for link in links) == 2
