"""The post on filters: what it claims in numbers, as the published page shows it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from scipy import signal

NAME = "posts/2026/what-do-filters-see.html"
GREYS = np.loadtxt(Path(__file__).parents[3] / "posts/2021/seven.csv", delimiter=",")
SOBEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


@pytest.fixture(scope="module")
def post(site):
    return BeautifulSoup((site / NAME).read_text("utf-8"), "html5lib").article


@pytest.fixture(scope="module")
def text(post):
    return " ".join(post.get_text().replace("\N{MINUS SIGN}", "-").split())


def answers(post):
    """Return what the questions take as their answers, of numbers and of choices."""
    numbers = [json.loads(tag["data-answers"]) for tag in post.select("[data-answers]")]
    choices = [json.loads(tag["data-choices"]) for tag in post.select("[data-choices]")]
    right = [choice for one in choices for choice, reply in one if reply.startswith("Yes")]
    return [one[0][0] for one in numbers], right


def test_the_answer_comes_first_with_a_picture(post):
    lead = post.select_one("figure")
    assert lead.find_previous("h2") is None
    assert "vertical edges: 94 by 94" in lead.img["alt"]


def test_the_instrument_holds_a_piece_of_the_introduction_s_7_and_offers_what_is_named(post):
    explorer = post.find("cnn-explorer")
    state = json.loads(explorer["data-state"])
    shades = np.rint(GREYS / 255 * 9).astype(int)
    assert state["x"] == shades[7:15, 14:22].tolist()
    assert state["k"] == SOBEL.tolist()
    assert explorer["data-offers"].split() == ["drag", "edit", "kernels"]


def test_the_signs_that_are_told_are_those_of_the_edges(text):
    edges = signal.correlate2d(np.rint(GREYS / 255 * 9)[7:15, 14:22], SOBEL, "valid")
    told = re.search(r"negative, down to (-\d+)\. .* positive, up to (\d+)\.", text)
    assert [int(number) for number in told.groups()] == [edges.min(), edges.max()]


def test_flat_grey_gives_zero_and_a_filter_has_a_slice_for_each_colour_and_one_bias(post):
    numbers, choices = answers(post)
    assert numbers == [0, 8 * (3 * 3 * 3 + 1)]
    assert choices == ["The filters that slide"]


def test_every_patch_finds_itself_once_mean_and_contrast_are_taken_out(text):
    told = re.search(
        r"with (\d+) patches .* as weights, only (\d+) found .* without the mean, (\d+); "
        r"divided by the contrast, all (\d+)\.",
        text,
    )
    tried, pixels, centred, fair = (int(number) for number in told.groups())
    assert fair == tried == 300
    assert pixels < centred < tried / 2
    assert "upside down: none of the 300 patches" in text


def test_the_right_window_is_framed_in_the_face_and_in_the_map_of_likeness(post):
    figure = next(f for f in post.find_all("figure") if "looks like the eye" in f.figcaption.text)
    frames = re.findall(
        r"Framed in (\w+): rows (\d+) to (\d+), columns (\d+) to (\d+)", figure.img["alt"]
    )
    places = {name: [int(number) for number in place] for name, *place in frames}
    top, _, left, _ = places["face"]
    middle = (sum(places["likeness"][:2]) / 2, sum(places["likeness"][2:]) / 2)
    assert middle == (top, left) == (54, 35)


def test_what_wrong_windows_hold_is_shown_enlarged(post):
    alts = [f.img["alt"] for f in post.find_all("figure") if "enlarged" in f.figcaption.text]
    held = re.findall(r"([a-z ]+): 9 by 9, values from (\d+) to (\d+)", alts[0])
    (_, eye_low, eye_high), (bright, low, high), (contrast, dark, light) = held
    assert (bright.strip(), contrast.strip()) == ("as it is", "less its mean")
    assert int(low) > int(eye_low)
    assert int(high) > int(eye_high)
    assert int(light) - int(dark) > int(eye_high) - int(eye_low)


def test_grey_gives_only_the_bias_of_the_filter_for_redness(post, text):
    assert "gives only the bias" in text
    figure = next(f for f in post.find_all("figure") if "27 products" in f.figcaption.get_text())
    alt = figure.img["alt"].replace("\N{MINUS SIGN}", "-")
    slices = re.findall(r"input channel \d to output channel 1: ([-\d,; ]+)\.", alt)
    assert len(slices) == 3
    kernel = [[int(number) for number in re.findall(r"-?\d+", part)] for part in slices]
    assert np.sum(kernel, axis=0).tolist() == [0] * 9


def test_the_source_on_shuffling_is_cited_in_the_open_text(post):
    (cite,) = (a for a in post.select("a.cite") if "Ivan" in a.text)
    assert cite.find_parent("details") is None


def test_27_products_and_a_bias_make_one_number(post):
    figure = next(f for f in post.find_all("figure") if "27 products" in f.figcaption.get_text())
    alt = figure.img["alt"].replace("\N{MINUS SIGN}", "-")
    parts = [re.findall(r"-?\d+", part) for part in re.findall(r"hannel \d: ([-\d,; ]+)\.", alt)]
    x, k = np.array(parts[:3], int), np.array(parts[3:6], int)
    assert x.size == k.size == 27
    bias, result = re.search(r"bias (\d+) make one number: (\d+)", figure.figcaption.text).groups()
    assert (x * k).sum() + int(bias) == int(result)


def test_a_shift_changes_no_entry_without_padding_and_with_it_only_the_rim(text):
    assert "none of the 7,920 entries that both maps share differs" in text
    changed, entries = re.search(r"zeros, (\d+) of ([\d,]+) do, and all of them", text).groups()
    assert 0 < int(changed) <= 2 * (92 + 90) - 4  # as many as the rim has
    assert entries == f"{92 * 90:,}"


def test_the_weights_that_sliding_saves_are_counted(text):
    entries = 26 * 26
    assert f"would be {9 * entries:,}" in text
    assert f"would be {28 * 28 * entries:,}" in text


def test_the_post_is_read_in_eight_to_twelve_minutes_and_names_its_sources(post, text):
    assert 8 <= int(re.search(r"(\d+) min read", text)[1]) <= 12
    cited = {a["href"] for a in post.select("a.cite")}
    assert len(cited) >= 5
    assert all(post.select_one(f"{entry} a[href^=https]") for entry in cited)
