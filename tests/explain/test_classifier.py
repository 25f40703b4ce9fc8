"""Classifiers on pages: the script computes what the chain does, whatever its layers."""

import gzip
import json
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

from cnnlib import (
    Chain,
    Layer,
    avg_pool2d,
    conv2d,
    exact,
    flatten,
    linear,
    max_pool2d,
    relu,
    sigmoid,
    softmax,
)
from cnnlib.explain import classifier
from cnnlib.explain.digit_network import digit_network, read_weights
from cnnlib.explain.digits import read_digits
from cnnlib.explain.embed import explorer_modules
from cnnlib.learn import Random
from tests.explain.node import node
from tests.explain.test_learning import ROOT
from tests.explain.test_question import WEB

RNG = np.random.default_rng(5)
LARGEST_SCRIPT_AND_STYLES = 20 * 1024
LARGEST_WEIGHTS = 12 * 1024
PEN = {"ink": 15 / 16, "levels": 16}


def whole(*shape):
    return RNG.integers(-3, 4, shape)


def on_weights_grid(*shape):
    return exact.round_to(RNG.uniform(-1, 1, shape), exact.WEIGHT_BITS)


# Of images of 9 by 8: all geometries, and every kind of number.
CHAINS = {
    "stride, padding, dilation and groups": Chain(
        Layer(conv2d, whole(4, 1, 3, 2), whole(4), stride=(1, 2), padding=((2, 1), (0, 1))),
        relu,
        Layer(conv2d, whole(6, 2, 2, 2), padding="same", dilation=(2, 1), groups=2),
        Layer(max_pool2d, (3, 2), stride=(2, 1), padding=1),
        Layer(flatten, 1),
        Layer(linear, whole(3, 6 * 5 * 5), whole(3)),
    ),
    "on its grid, with means": Chain(
        exact.on_grid,
        Layer(conv2d, on_weights_grid(2, 1, 3, 3), on_weights_grid(2)),
        exact.on_grid,
        relu,
        Layer(avg_pool2d, 2, stride=1, padding=1, count_include_pad=False),
        exact.on_grid,
        Layer(flatten, 1),
        Layer(linear, on_weights_grid(5, 112), on_weights_grid(5)),
        exact.on_grid,
        relu,
        Layer(linear, on_weights_grid(3, 5)),
        exact.on_grid,
        Layer(softmax, dim=1),
    ),
    "with dilated maxima, and without maps at the end": Chain(
        Chain(Layer(max_pool2d, 2, stride=2, dilation=(2, 1))),
        Layer(avg_pool2d, (2, 2), padding=(1, 0)),
        Layer(conv2d, whole(3, 1, 3, 2)),
        Layer(flatten, 1),
    ),
    "with other floats": Chain(
        Layer(conv2d, RNG.normal(size=(3, 1, 9, 8))), Layer(flatten, 1)
    ),
}  # fmt: skip
IMAGES = RNG.integers(0, 16, (3, 9, 8)) / 16
NAMES = ["a", "b", "c"]


def element(shown):
    return BeautifulSoup(shown.html, "html5lib").find("cnn-classifier")


def packed(shown, images, entries=()):
    """Return what the test's script reads."""
    tag = element(shown)
    weights = tag["data-weights"].removeprefix("data:application/octet-stream;base64,")
    state = json.loads(tag["data-state"])
    images = [image.tolist() for image in images]
    return {"state": state, "weights": weights, "images": images, "entries": list(entries)}


def digits_chain():
    return read_weights(digit_network(Random(1)), ROOT / "posts/2026/digits.weights")


def expected_stages(chain, images):
    """Return what each layer that is shown gives, rounded if rounding follows."""
    values = [images[:, np.newaxis]]
    for layer in chain.flat():
        y = layer(values[-1])
        if layer.function in (exact.on_grid, flatten):
            values[-1] = y
        elif layer.function is not softmax:
            values.append(y)
    return values


ENTRIES = [(4, 5, 3, 2), (3, 1, 4, 7), (2, 0, 3, 3), (1, 2, 0, 0), (7, 3, 0, 0)]
LINES = {
    "a one": [((3, 20), (24, 8))],
    "a small corner": [((4, 3), (4, 9)), ((4, 9), (9, 9))],
    "a dot": [((14, 14), (14, 14))],
}


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """Compute with the script what chains make of images, and what the board does."""
    _, held_out = read_digits(ROOT / "posts/2026/digits.png")
    digits = held_out.images[::97]
    given = [packed(classifier(net, {"a": IMAGES[0], "b": IMAGES[1]}, classes=NAMES), IMAGES)
             for net in CHAINS.values()]  # fmt: skip
    given.append(packed(classifier(digits_chain(), {"a": digits[0]}), digits, ENTRIES))
    drawings = [
        {"lines": lines, "by": by, "pen": PEN}
        for lines in LINES.values()
        for by in ([0, 0], [2, -1])
    ]
    path = tmp_path_factory.mktemp("classifiers") / "elements.json"
    path.write_text(json.dumps({"elements": given, "drawings": drawings}))
    found = node("classifiers.mjs", WEB, path)
    *shown, last = found["shown"]
    return dict(zip(CHAINS, shown, strict=True)), (digits, last), found["made"]


@pytest.mark.node
@pytest.mark.parametrize("name", CHAINS)
def test_the_script_computes_all_values_as_the_chain_does(computed, name):
    tolerance = 1e-12 if name == "with other floats" else 0
    for number, stages in enumerate(zip(*expected_stages(CHAINS[name], IMAGES), strict=True)):
        found = computed[0][name][number]
        assert len(found["stages"]) == len(stages)
        for one, wanted in zip(found["stages"], stages, strict=True):
            np.testing.assert_allclose(one["values"], wanted.ravel(), rtol=tolerance, atol=0)
        scores = CHAINS[name](IMAGES[number : number + 1, np.newaxis])
        shares = scores if "softmax" in repr(CHAINS[name]) else softmax(scores)
        np.testing.assert_allclose(found["shares"], shares[0], rtol=0, atol=1e-9)


@pytest.mark.node
def test_the_trained_network_is_equal_to_the_last_bit(computed):
    digits, found = computed[1]
    assert len(digits) > 20
    stages = expected_stages(digits_chain(), digits)
    for number, one in enumerate(found):
        assert [stage["size"] for stage in one["stages"]][-2:] == [[16, 4, 4], [10, 1, 1]]
        for stage, values in zip(one["stages"], stages, strict=True):
            np.testing.assert_array_equal(stage["values"], values[number].ravel())


@pytest.mark.node
def test_each_value_is_what_its_window_its_weights_and_its_bias_give(computed):
    digits, found = computed[1]
    net = digits_chain()
    stages = expected_stages(net, digits)
    convolved, scored = net[4].options, net[9].options
    for number, one in enumerate(found):
        second, pooled, _, first, score = one["entries"]
        window = stages[3][number][:, 3:8, 2:7]
        parts = (window * convolved["weight"][5]).sum(axis=(1, 2))
        assert second["sums"] == parts.tolist()
        assert second["bias"] == convolved["bias"][5]
        total = np.array([parts.sum() + second["bias"]])
        assert second["value"] == exact.round_to(total, 10)[0]
        assert second["field"] == [6, 19, 4, 17]  # 14 by 14 pixels
        largest = [term["value"] for group in pooled["groups"] for term in group["terms"]]
        assert pooled["value"] == max(largest) == stages[3][number][1, 4, 7]
        assert len(first["groups"][0]["terms"]) == 25
        parts = (stages[6][number].reshape(16, 4, 4) * scored["weight"][3].reshape(16, 4, 4)).sum(
            axis=(1, 2)
        )
        assert score["sums"] == parts.tolist()
        assert score["field"] == [0, 27, 0, 27]
        said = re.search(
            r"is (−?[\d.]+): 256 products over 16 maps add up to (−?[\d.]+)", score["words"]
        )
        numbers = [float(n.replace("−", "-")) for n in said.groups()]
        np.testing.assert_allclose(numbers, [score["value"], parts.sum()], atol=0.0006)


@pytest.mark.node
def test_a_drawing_is_centred_as_mnist_was(computed):
    for drawing in computed[2]:
        drawn, middle = (np.reshape(drawing[name], (28, 28)) for name in ("drawn", "centred"))
        assert ((drawn * 16) % 1 == 0).all()
        assert ((middle * 16) % 1 == 0).all()
        assert drawn.max() == 15 / 16
        top, bottom, left, right = drawing["box"]
        longest = max(bottom - top, right - left) + 1
        assert 19 <= longest <= 21 if drawing["placing"]["scale"] < 3 else longest < 19
        mass = [(middle.sum(axis=1 - axis) @ np.arange(28)) / middle.sum() for axis in (0, 1)]
        np.testing.assert_allclose(mass, 14, atol=0.8)
        if drawing["placing"]["scale"] < 3:
            assert drawing["again"] == drawing["centred"]
    straight, shifted = computed[2][:2]
    moved = np.roll(np.reshape(straight["drawn"], (28, 28)), (2, -1), axis=(0, 1))
    np.testing.assert_array_equal(
        np.reshape(shifted["drawn"], (28, 28))[2:-2, 2:-2], moved[2:-2, 2:-2]
    )


def test_without_javascript_a_picture_shows_the_way_and_the_shares():
    _, held_out = read_digits(ROOT / "posts/2026/digits.png")
    image = held_out.images[0]
    tag = element(classifier(digits_chain(), {"a handwritten 0": image}))
    shares = softmax(digits_chain()(image[np.newaxis, np.newaxis]))[0]
    label = tag.svg["aria-label"]
    assert label.startswith("A handwritten 0 on its way through a network: convolution 1 8×24×24,")
    assert 0.9995 < shares.max() < 1
    assert label.endswith("It is read as 0, with a share of more than 99.9%.")
    assert len(tag.svg.find_all("image")) == 7
    assert f"{shares[9]:.1%}" in [text.text for text in tag.svg.find_all("text")]


def test_examples_that_are_misread_are_marked():
    examples = dict(zip(("a 1", "a 2", "a 3"), IMAGES, strict=True))
    tag = element(classifier(NET, examples, classes=NAMES, misread=["a 3", "a 2"]))
    assert json.loads(tag["data-state"])["misread"] == [1, 2]
    assert (
        json.loads(element(classifier(NET, examples, classes=NAMES))["data-state"])["misread"] == []
    )


def test_weights_are_kept_exactly_in_as_few_bytes_as_they_need():
    kinds = {}
    for name, net in CHAINS.items():
        form, content = classifier(net, {"a": IMAGES[0]}, classes=NAMES).weights
        kinds[name] = (form["type"], form["bits"])
        numbers = np.frombuffer(content, form["type"]) / 2 ** form["bits"]
        arrays = [array.ravel() for layer in net.flat() for array in layer.arrays]
        np.testing.assert_array_equal(numbers, np.concatenate(arrays))
    assert [kinds[name] for name in CHAINS] == [
        ("int16", 0), ("int16", 14), ("int16", 0), ("float64", 0),
    ]  # fmt: skip
    form, content = classifier(digits_chain(), {"a": np.eye(28)}).weights
    assert len(content) <= LARGEST_WEIGHTS


NET = CHAINS["with other floats"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"chain": Chain(NET[0], sigmoid, NET[1])},
            "chain: layer 1, sigmoid, cannot be shown; co",
        ),
        (
            {"chain": Chain(Layer(conv2d, [[[[1]]]], padding=1, padding_mode="reflect"))},
            "chain: layer 0, conv2d, has padding_mode='reflect'; it can be shown with 'zeros'",
        ),
        ({"chain": Chain(Layer(flatten))}, r"layer 0, flatten, can be shown with start_dim=1"),
        ({"chain": Chain(*NET, Layer(max_pool2d, 1))}, r"layer 2, max_pool2d, needs maps"),
        ({"chain": Chain(softmax)}, "layer 0, softmax, can be shown with dim=1 and after scores"),
        ({"chain": Chain(*NET, softmax, relu)}, "chain: softmax can be shown only as the last"),
        ({"chain": NET[:1]}, "classes: expected one for each .* 3×1×1, got 3"),
        (
            {"classes": "ab"},
            "classes: expected one for each of the chain's results, of shape 3, got 2",
        ),
        ({"examples": {}}, "examples: expected at least one image, by its name, got none"),
        ({"examples": {"it": [1, 2]}}, r"examples\['it'\]: expected \(height, width\).*got \(2,\)"),
        ({"examples": {"it": IMAGES[0], "x": [[1]]}}, r"\['x'\]: expected \(9, 8\), as the first"),
        ({"examples": {"it": IMAGES[0] * 0}}, "expected values from 0, for no ink, and some ink"),
        ({"examples": {"it": IMAGES[0] * np.pi}}, "examples: expected whole numbers up to 255"),
        ({"name": "A b"}, "name: expected lower-case letters"),
        ({"misread": ["that"]}, "misread: 'that' is none of the examples it"),
        ({"form": "small"}, 'form: expected "compact" or "full", got \'small\''),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_reason(change, message):
    given = {"chain": NET, "examples": {"it": IMAGES[0]}, "classes": NAMES} | change
    with pytest.raises(ValueError, match=message):
        classifier(**given)


def test_in_a_notebook_it_brings_its_script_and_styles():
    html = classifier(NET, {"it": IMAGES[0]}, classes=NAMES)._repr_html_()
    page = BeautifulSoup(html, "html5lib")
    assert len(page("script")) == len(page("style")) == 1
    assert not re.search(r"^import ", page.script.string, re.MULTILINE)
    names = re.findall(r"^(?:export )?(?:const|let|function|class) (\w+)", page.script.string, re.M)
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert "light-dark" in page.style.string


def test_modules_are_joined_in_the_order_in_which_they_import_each_other():
    before = {"classifier.js", "forward.js"}
    for name in explorer_modules("classifier.js"):
        text = (WEB / name).read_text("utf-8")
        assert len(text.splitlines()) <= 350, name
        assert set(re.findall(r'^import .* from "\./(.+)";$', text, flags=re.MULTILINE)) <= before
        before.add(name)


def test_script_styles_and_weights_as_served_are_small(site):
    files = [site / "_static" / name for name in ("classifier.js", "forward.js", "classifier.css")]
    assert (
        sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) <= LARGEST_SCRIPT_AND_STYLES
    )
    page = BeautifulSoup((site / "draw.html").read_text("utf-8"), "html5lib")
    address = page.find("cnn-classifier")["data-weights"]
    assert re.fullmatch(r"_images/classifier-[0-9a-f]{16}\.bin", address)
    assert (site / address).read_bytes() == (ROOT / "posts/2026/digits.weights").read_bytes()
    assert not {path.name for path in site.glob("_static/*.js")} & set(
        explorer_modules("classifier.js")
    )
