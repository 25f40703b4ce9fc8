"""The post on output sizes: every case of the best-known guide, with its sizes and a link."""

import re
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

import cnnlib

NAME = "posts/2026/where-does-the-output-size-come-from.html"
# The animations that V. Dumoulin and F. Visin list beside "A guide to convolution arithmetic".
GUIDE = """
    No padding, no strides
    Arbitrary padding, no strides
    Half padding, no strides
    Full padding, no strides
    No padding, strides
    Padding, strides
    Padding, strides (odd)
    No padding, no strides, transposed
    Arbitrary padding, no strides, transposed
    Half padding, no strides, transposed
    Full padding, no strides, transposed
    No padding, strides, transposed
    Padding, strides, transposed
    Padding, strides (odd), transposed
    Dilation, no padding, no strides
    Average pooling
    Max pooling
"""
# The sizes of its animations: input, kernel, stride, padding, dilation, output.
GUIDE_SIZES = {
    "No padding, no strides": (4, 3, 1, 0, 1, 2),
    "Arbitrary padding, no strides": (5, 4, 1, 2, 1, 6),
    "Half padding, no strides": (5, 3, 1, 1, 1, 5),
    "Full padding, no strides": (5, 3, 1, 2, 1, 7),
    "No padding, strides": (5, 3, 2, 0, 1, 2),
    "Padding, strides": (5, 3, 2, 1, 1, 3),
    "Padding, strides (odd)": (6, 3, 2, 1, 1, 3),
    "Dilation, no padding, no strides": (7, 3, 1, 0, 2, 3),
}


@pytest.fixture(scope="module")
def post(site):
    return BeautifulSoup((site / NAME).read_text("utf-8"), "html5lib")


@pytest.fixture(scope="module")
def cards(post):
    """Return the animations of the gallery by their names."""
    return {figure.figcaption.b.text: figure for figure in post.select("figure.try")}


def state(card):
    """Return the state of the playground that a card links to."""
    link = urlsplit(card.select_one("figcaption a")["href"])
    assert link.path.endswith("/playground.html")
    name, _, query = link.fragment.partition("?")
    assert name == "play"
    return dict(part.split("=") for part in query.split("&"))


def test_a_card_opens_its_own_operation_or_says_what_it_opens_instead(cards):
    for name, card in cards.items():
        *_, about = [span.text for span in card.select("figcaption span")]
        words = "conv_transpose2d" if "transposed" in name else "pool2d" if "pool" in name else ""
        same = state(card)["op"].endswith(words or "conv2d")
        sided = name == "One-sided padding"  # where zeros stand in for the padding
        assert ("The playground" in about) == (not same or sided), name
    assert sum("The playground" in card.figcaption.text for card in cards.values()) == 2


def test_a_card_opens_where_it_rests(cards):
    for name, card in cards.items():
        still = card.select("img")[-1]["alt"]
        size = re.search(r"Output, (\d+) by (\d+):", still).groups()
        assert state(card)["at"] == ",".join(str(int(length) // 2) for length in size), name


def sizes(card):
    """Return the sizes in a caption, by their letters."""
    words = card.figcaption.span.text.replace("\N{NO-BREAK SPACE}", " ")
    return dict(re.findall(r"(\w) = (\d(?: and \d)?)", words))


def test_the_letters_of_sizes_are_italic(cards):
    for name, card in cards.items():
        letters = [letter.text for letter in card.select("figcaption span i")]
        assert letters == list(sizes(card)), name
        assert letters[:5] == list("nkspd"), name


def test_the_gallery_has_every_case_of_the_guide(cards):
    missing = {line.strip() for line in GUIDE.strip().splitlines()} - set(cards)
    assert missing == set()


@pytest.mark.parametrize("name", GUIDE_SIZES)
def test_each_case_has_the_guide_s_sizes_and_its_transpose_goes_back(cards, name):
    found = sizes(cards[name])
    n, k, s, p, d, o = GUIDE_SIZES[name]
    expected = {"n": n, "k": k, "s": s, "p": p, "d": d, "o": o}
    assert found == {letter: str(size) for letter, size in expected.items()}
    if f"{name}, transposed" in cards:
        back = sizes(cards[f"{name}, transposed"])
        assert [back[letter] for letter in "nkspdo"] == list(map(str, (o, k, s, p, d, n)))


def test_a_card_s_sizes_are_those_of_its_link(cards):
    for name, card in cards.items():
        shown, linked = sizes(card), state(card)
        rows = [row.split(",") for row in linked["x"].split(";")]
        if name in ("One-sided padding", "Padding, strides (odd), transposed"):
            continue  # the playground shows these in another way: see the browser's test
        assert str(len(rows)) == str(len(rows[0])) == shown["n"], name
        for letter in "spd":
            assert linked[letter] == f"{shown[letter]},{shown[letter]}", name
        kernel = len(linked["k"].split(";"))
        assert str(kernel) == shown["k"], name
        stride, padding, dilation = (int(shown[letter]) for letter in "spd")
        if linked["op"] == "conv_transpose2d":
            size = (len(rows) - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1
        else:
            options = {"stride": stride, "padding": padding, "dilation": dilation}
            size = cnnlib.output_size(len(rows), kernel, **options)[0]
        assert str(size) == shown["o"], name


def test_a_card_rests_and_has_one_picture_that_is_fetched_when_it_is_near(cards, site):
    for name, card in cards.items():
        play, stop = card.select("input[type=radio]")
        assert (play.has_attr("checked"), stop.has_attr("checked")) == (False, True), name
        moving, still = card.select("img")
        assert still["src"].partition("#")[0] == moving["src"], name
        view = still["src"].partition("#")[2]
        assert f'<g id="{view}"/>' in (site / NAME).parent.joinpath(moving["src"]).read_text(), name
        assert view == "rest", name
        assert [button["aria-label"] for button in (play, stop)] == ["Play", "Stop"], name
        assert "Output, " in still["alt"], name
        for image in (moving, still):
            assert image["loading"] == "lazy", name
            assert int(image["width"]) > 0, name
            assert int(image["height"]) > 0, name


def test_the_gallery_works_on_the_introduction_s_piece_of_the_7(cards, site):
    name = "posts/2021/brief-introduction-to-cnn.html"
    page = BeautifulSoup((site / name).read_text("utf-8"), "html5lib")
    alt = page.select_one("figure.animation img")["alt"]
    entries = state(cards["No padding, no strides"])["x"].replace(",", ", ").replace(";", "; ")
    assert f"Input, 4 by 4: {entries}." in alt


def test_the_post_is_read_in_eight_to_twelve_minutes_and_asks(post):
    assert 8 <= int(re.search(r"(\d+) min read", post.select_one(".meta").text)[1]) <= 12
    assert len(post.select("cnn-question")) >= 2


def test_the_animations_of_the_gallery_are_counted_beside_the_time(post, cards):
    assert f"min read, plus {len(cards)} animations" in post.select_one(".meta").text


def test_an_organisation_is_cited_by_its_whole_name(post):
    assert "[ONNX\N{NO-BREAK SPACE}Runtime 2021]" in {link.text for link in post.select("a.cite")}


def test_the_answer_comes_first_with_a_picture(post):
    lead = post.select_one("article figure")
    assert lead.find_previous("h2") is None
    assert lead.img["alt"].startswith("A window slides along 10 columns and stops 4 times.")


def test_each_line_of_the_table_names_its_source(post):
    table = post.select_one("#the-same-words-other-sizes table")
    rows = table.select("tbody tr")
    assert {row.td.text.split()[0] for row in rows} == {"PyTorch", "TensorFlow", "ONNX", "SciPy"}
    assert all(row.select_one("td a[href^=https]") for row in rows)
