"""The training that readers run in their browser: the worker takes the steps of cnnlib."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from blog.measure import digits_sheet
from cnnlib import learn
from cnnlib.explain import digit_network, training
from cnnlib.explain.digits import Digits, read_digits
from tests.explain.node import node

WEB = Path(training.__file__).parent / "web"


def fewer(digits, step, count):
    return Digits(digits.images[::step][:count], digits.labels[::step][:count])


@pytest.fixture(scope="module")
def here():
    digits, held_out = read_digits(digits_sheet.SHEET)
    return training.train_here(fewer(digits, 8, 1000), fewer(held_out, 20, 100))


@pytest.fixture(scope="module")
def by_script(here, tmp_path_factory):
    """Train with the worker's script, three times: as the build, with another label or rate."""
    urls = re.findall(r' data-(digits|weights)="data:[^,]*,([^"]*)"', here.html)
    given = {"settings": here.settings, "changed": {"steps": 3, "label": 3, "rate": 0.1}} | dict(
        urls
    )
    path = tmp_path_factory.mktemp("training") / "training.json"
    path.write_text(json.dumps(given))
    return node("training.mjs", WEB, path)


@pytest.mark.node
def test_a_hundred_steps_of_the_worker_give_the_build_s_weights(here, by_script):
    same = by_script["same"]
    assert len(same["losses"]) == here.settings["compared"] == 100
    assert (same["compared"]["total"], same["compared"]["count"]) == (5994, 0)
    np.testing.assert_allclose(same["losses"], here.losses, rtol=1e-12)
    assert same["right"] == here.right
    assert same["steps"] == here.settings["steps"]


@pytest.mark.node
def test_another_label_or_rate_gives_other_weights(by_script):
    assert by_script["again"]["count"] == 0
    for name in ("label", "rate"):
        compared = by_script[name]
        assert compared["count"] > 5000
        assert compared["largest"] > 1e-4
        assert sum(count for _, count, _ in compared["differing"]) == compared["count"]
        assert [size for _, _, size in compared["differing"]] == [208, 3216, 2570]


@pytest.mark.node
def test_before_it_begins_the_worker_s_first_kernels_are_drawn(here, by_script):
    assert len(here.settings["start"]) == 8 * 5 * 5
    # Both are rounded, to four decimals and to a grid.
    np.testing.assert_allclose(here.settings["start"], by_script["start"], atol=5e-5 + 2**-15)


@pytest.mark.node
def test_the_plot_has_axes_and_says_the_last_values(by_script):
    empty, begun = (
        BeautifulSoup(f"<svg>{text}</svg>", "html.parser") for text in by_script["plots"]
    )
    texts = ["0", "0%", "1.5", "50%", "3", "100%", "loss", "read right, of 50 held out", "0"]
    texts += ["100: comparison", "200 steps"]
    assert [text.text for text in empty("text")] == texts
    assert not empty("polyline")
    # The largest loss is below the top of its axis, and both last values stand at their curves.
    assert [text.text for text in begun("text")][4] == "5"
    assert [text.text for text in begun("text")][-2:] == ["1.00", "24.0%"]
    loss, right = (
        np.reshape(re.split("[ ,]", line["points"]), (-1, 2)).astype(float)
        for line in begun("polyline")
    )
    top, bottom, left, across = 20, 152, 26, 264 - 26
    np.testing.assert_allclose(loss[:, 0], left + across * np.array([1, 2, 3]) / 200, atol=0.051)
    np.testing.assert_allclose(
        loss[:, 1], bottom - (bottom - top) * np.array([2.5, 4.2, 1]) / 5, atol=0.051
    )
    np.testing.assert_allclose(
        right, [[left + across * 2 / 200, bottom - (bottom - top) * 12 / 50]], atol=0.051
    )
    heights = [float(text["y"]) for text in begun("text")[-2:]]
    assert abs(heights[0] - heights[1]) >= 12.9


@pytest.mark.node
def test_the_worker_s_rates_are_those_of_cnnlib(here, by_script):
    steps, warmup = here.settings["steps"], here.settings["warmup"]
    expected = [learn.rate_at(n, steps, here.settings["rate"], warmup) for n in range(steps)]
    assert by_script["rates"] == expected


def test_the_first_digit_is_the_one_that_is_shown(here):
    digits, _ = read_digits(digits_sheet.SHEET)
    few, first = fewer(digits, 8, 1000), here.settings["first"]
    random = learn.Random(here.settings["seed"])
    digit_network.digit_network(random)
    x, labels = next(learn.batches(few.images, few.labels, random, 32, reach=0))
    assert labels[0] == first["label"] == here.settings["labels"][first["index"]]
    shown = [int(grey, 16) / 16 for grey in first["image"]]
    np.testing.assert_array_equal(np.reshape(shown, (28, 28)), x[0, 0])


def test_without_a_script_it_says_what_the_build_found(here):
    assert "<p>While this page was built, 100 steps on 1,000 digits took the loss" in here.html
    assert f"{here.right} of 100 digits" in here.html
    assert here.losses[-1] < here.losses[0]


def test_in_a_notebook_the_worker_comes_along():
    digits, held_out = read_digits(digits_sheet.SHEET)
    shown = training.train_here(
        fewer(digits, 80, 64), fewer(held_out, 100, 10), epochs=2, compared=1
    )
    html = shown._repr_html_()
    (worker,) = re.findall(r'const WORKER = "data:text/javascript;base64,([^"]+)"', html)
    script = base64.b64decode(worker).decode()
    assert "class Run" in script
    assert "import " not in script


def test_too_many_steps_to_compare_are_refused():
    digits, held_out = read_digits(digits_sheet.SHEET)
    with pytest.raises(ValueError, match="compared: expected 1 to 4 steps, got 5"):
        training.train_here(fewer(digits, 80, 64), held_out, epochs=2, compared=5)
