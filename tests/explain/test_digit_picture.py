"""The picture of the network that reads digits, and what pictures say of what they leave out."""

import re
from pathlib import Path

import numpy as np
import pytest

from cnnlib.explain import show_images, show_stages
from cnnlib.explain.digit_network import digit_network, read_weights
from cnnlib.explain.digit_picture import show_digit_network
from cnnlib.learn import Random

POSTS = Path(__file__).parents[2] / "posts"


@pytest.fixture(scope="module")
def net():
    return read_weights(digit_network(Random(1)), POSTS / "2026" / "digits.weights")


def test_the_network_is_shown_with_four_maps_of_each_stage(net):
    seven = np.rint(np.loadtxt(POSTS / "2021" / "seven.csv", delimiter=",") / 17) / 16
    shown = show_digit_network(net, seven, caption="c", alt="A 7.")
    assert shown.alt.startswith(
        "A 7. Image, 1 by 28 by 28. Convolution, 4 of 8 maps, 24 by 24 (map "
    )
    maps = re.findall(r"(\d+) of (\d+) maps, (\d+) by \d+ \((map \d+(?:, map \d+)*)\)", shown.alt)
    assert [(shown, total, side) for shown, total, side, _ in maps] == [
        ("4", "8", "24"),
        ("4", "8", "12"),
        ("4", "16", "8"),
        ("4", "16", "4"),
    ]
    assert maps[0][3] == maps[1][3]
    assert maps[2][3] == maps[3][3]
    # Those of the second convolution speak most for a 7, among all 16.
    pooled = net[:8](seven[None, None])[0]
    speaks = (pooled * net[9].options["weight"][7].reshape(pooled.shape)).sum(axis=(1, 2))
    best = sorted(np.argsort(-speaks)[:4] + 1)
    assert maps[3][3] == ", ".join(f"map {number}" for number in best)
    shares = [int(share) for share in re.findall(r"(\d+)%", shown.alt)]
    assert len(shares) == 4
    assert sum(shares) == 100
    assert "4 of 16 maps" in shown.svg
    assert "4 of 16 maps" in shown.narrow


def test_stages_say_how_many_maps_there_are_only_where_some_are_left_out():
    stages = [("image", np.zeros((1, 4, 4)), []), ("maps", np.zeros((2, 3, 3)), ["a", "b"])]
    assert show_stages("c", stages, alt="x", of=[1, 5]).alt.endswith(
        "Maps, 2 of 5 maps, 3 by 3 (a, b)."
    )
    for of in ((), [1, 2]):
        assert show_stages("c", stages, alt="x", of=of).alt.endswith("Maps, 2 by 3 by 3 (a, b).")


def test_images_can_be_described_in_words_of_their_own():
    image = np.eye(3)
    assert show_images("c", one=image).alt == "one: 3 by 3, values from 0 to 1."
    frame = {"one": (slice(0, 2), slice(1, 3))}
    shown = show_images("c", framed=frame, alt="A slanted line.", one=image)
    assert shown.alt == "A slanted line. Framed in one: rows 1 to 2, columns 2 to 3."
