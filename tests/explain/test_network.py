"""Networks on pages: the script computes what the chain does; other chains are refused."""

import json

import numpy as np
import pytest
from bs4 import BeautifulSoup

from cnnlib import Chain, Layer, conv2d, flatten, linear, max_pool2d, relu
from cnnlib.explain import network
from tests.explain.node import node
from tests.explain.test_question import WEB

RNG = np.random.default_rng(7)
IMAGE = RNG.integers(0, 10, (15, 14))
NAMES = [["a", "b"], ["c", "d", "e"], ["f", "g"]]


def chain(*, first=(2, 1, 2, 3), second=(3, 2, 3, 2), classes=2, **options):
    """Make a network of two convolutions; its last maps are of 1 by 2 entries."""

    def weights(*shape):
        return RNG.integers(-2, 3, shape)

    return Chain(
        Layer(conv2d, weights(*first), **options), relu, Layer(max_pool2d, 2),
        Layer(conv2d, weights(*second)), relu, Layer(max_pool2d, 2),
        Layer(flatten, 1), Layer(linear, weights(classes, 3 * 2 * 2)),
    )  # fmt: skip


def test_the_script_computes_all_entries_as_the_chain_does(tmp_path):
    net = chain()
    shown = network(net, IMAGE, NAMES)
    tag = BeautifulSoup(shown.html, "html5lib").find("cnn-network")
    path = tmp_path / "state.json"
    path.write_text(tag["data-state"])
    found = node("networks.mjs", WEB / "network.js", path)
    ends = [0, 1, 3, 4, 6]
    batch = IMAGE[np.newaxis, np.newaxis]
    expected = [net[:end](batch)[0] if end else batch[0] for end in ends]
    for computed, layer in zip(found["maps"], expected, strict=False):
        assert np.array_equal(computed, layer)
    assert np.ravel(found["maps"][-1]).tolist() == net(batch)[0].tolist()
    assert [np.shape(layer) for layer in found["maps"]] == [m.shape for m in shown.maps]
    # First and last row, first and last column of what the first entry of each layer depends on.
    assert found["fields"][:5] == [
        [0, 0, 0, 0], [0, 1, 0, 2], [0, 2, 0, 3], [0, 6, 0, 5], [0, 8, 0, 7],
    ]  # fmt: skip
    assert found["terms"] == [0, 6, 4, 12, 4, 12]


def test_a_score_depends_on_no_pixel_outside_its_field(tmp_path):
    net = chain()
    path = tmp_path / "state.json"
    tag = BeautifulSoup(network(net, IMAGE, NAMES).html, "html5lib").find("cnn-network")
    path.write_text(tag["data-state"])
    top, bottom, left, right = node("networks.mjs", WEB / "network.js", path)["fields"][-1]
    cut = np.zeros_like(IMAGE)
    inside = np.s_[top : bottom + 1, left : right + 1]
    cut[inside] = IMAGE[inside]
    assert np.array_equal(*(net(image[np.newaxis, np.newaxis]) for image in (cut, IMAGE)))


def test_without_javascript_it_says_what_each_score_is_made_of():
    shown = network(chain(), IMAGE, NAMES)
    lines = [li.text for li in BeautifulSoup(shown.html, "html5lib").select("cnn-network li")]
    assert len(lines) == 2
    for line, name, score in zip(lines, NAMES[-1], shown.maps[-1].ravel(), strict=True):
        start, *parts = line.replace("−", "-").replace(", of which", ",").split(", ")
        assert start == f"{name}: {score}"
        assert sum(int(part.split()[0]) for part in parts) == score
        assert [part.split()[-1] for part in parts] == NAMES[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"image": IMAGE / 2},
            r"image: expected whole numbers .*, got float64 of shape \(15, 14\)",
        ),
        ({"image": IMAGE[0]}, r"image: .*got int64 of shape \(14,\)"),
        ({"chain": Chain(relu)}, "chain: expected conv2d, relu and max_pool2d, repeated"),
        ({"chain": chain(stride=1)}, "chain: expected neither bias nor padding"),
        ({"names": NAMES[:2]}, "names: expected 3 lists of names, got 2"),
        ({"names": [["a"], *NAMES[1:]]}, "names: conv2d has 2 outputs, got 1 names"),
        ({"titles": ["pixel"]}, "titles: expected 6, got 1"),
        ({"at": 2}, "at: expected one of 2 classes, counted from 0, got 2"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_reason(change, message):
    given = {"chain": chain(), "image": IMAGE, "names": NAMES} | change
    with pytest.raises(ValueError, match=message):
        network(**given)


def test_weights_that_are_no_whole_numbers_are_refused():
    net = Chain(*chain())
    net.layers[0].options["weight"] = net.layers[0].options["weight"] * 0.5
    with pytest.raises(ValueError, match="chain: conv2d needs whole numbers as weights"):
        network(net, IMAGE, NAMES)


def test_in_a_notebook_it_brings_its_script_and_styles():
    html = network(chain(), IMAGE, NAMES)._repr_html_()
    assert 'customElements?.define("cnn-network"' in html
    assert json.loads(BeautifulSoup(html, "html5lib").find("cnn-network")["data-state"])["at"] == 0
