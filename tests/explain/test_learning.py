"""The script that trains in the browser gives the same bits as cnnlib; the sheet of digits."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blog.measure import digits_sheet
from cnnlib import exact, learn
from cnnlib.explain import digit_network
from cnnlib.explain.digits import COUNTS, Digits, is_held_out, read_digits
from tests.cnnlib import short_training
from tests.explain.node import node

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "cnnlib" / "explain" / "web" / "learn.js"
EXPONENTS = [0.0, -1e-9, -0.3, -1.0, -17.25, -60.0, -740.0, -1e4]
HALVES = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, -7.51, 3.0]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Train with cnnlib, and then in the same way with the script."""
    start, training, losses, used = short_training.train()
    parameters = iter(start)
    layers = []
    for layer in training.chain.flat():
        if layer.arrays:
            shape = layer.options["weight"].shape
            weight, bias = np.ravel(next(parameters)).tolist(), next(parameters)
            layers.append({"name": layer.name, "shape": shape, "weight": weight, "bias": bias})
        elif layer.name != "on_grid":  # the script rounds after each layer with weights
            layers.append({"name": layer.name})
    rates = [
        learn.rate_at(step, len(used), short_training.RATE, warmup=5) for step in range(len(used))
    ]
    batches = [
        {"images": x[:, 0].tolist(), "labels": y.tolist(), "rate": rate}
        for (x, y), rate in zip(used, rates, strict=True)
    ]
    random = {"seed": 12, "count": 500}
    numbers = {"exponents": EXPONENTS, "halves": HALVES}
    path = tmp_path_factory.mktemp("learning") / "training.json"
    path.write_text(
        json.dumps({"layers": layers, "batches": batches, "random": random, "numbers": numbers})
    )
    return training, losses, node("learning.mjs", SCRIPT, path)


@pytest.mark.node
def test_the_script_trains_to_the_same_bits(both):
    training, losses, result = both
    assert len(losses) > 50
    for name, arrays in (("fine", training.fine), ("used", training.parameters)):
        for found, expected in zip(result[name], arrays, strict=True):
            np.testing.assert_array_equal(found, expected.ravel())
    np.testing.assert_allclose(result["losses"], losses, rtol=1e-12)


@pytest.mark.node
def test_the_script_draws_the_same_random_numbers(both):
    random = learn.Random(12)
    assert both[2]["order"] == random.order(500)
    assert both[2]["below"] == [random.below(500) for _ in range(500)]


@pytest.mark.node
def test_the_script_rounds_and_raises_as_cnnlib_does(both):
    assert both[2]["rint"] == np.rint(HALVES).tolist()
    grid = exact.round_to(exact.exp(np.array(EXPONENTS)), exact.SHARE_BITS)
    assert exact.round_to(np.array(both[2]["exp"]), exact.SHARE_BITS).tolist() == grid.tolist()


def test_the_sheet_holds_the_pixels_that_its_script_makes():
    assert digits_sheet.SHEET.stat().st_size <= 1e6
    training, held_out = read_digits(digits_sheet.SHEET)
    images = np.empty((sum(COUNTS), 28, 28))
    images[is_held_out()], images[~is_held_out()] = held_out.images, training.images
    sheet = digits_sheet.arrange((images * 16).astype(np.uint8))
    assert hashlib.sha256(sheet.tobytes()).hexdigest() == digits_sheet.PIXEL_HASH
    assert digits_sheet.png(sheet)[:33] == digits_sheet.SHEET.read_bytes()[:33]
    licence = digits_sheet.SHEET.with_name("digits.png.license").read_text("utf-8")
    assert "MNIST" in licence
    assert "creativecommons.org" in licence


def test_the_7_of_the_posts_is_held_out():
    training, held_out = read_digits(digits_sheet.SHEET)
    seven = np.rint(np.loadtxt(ROOT / "posts/2021/seven.csv", delimiter=",") / 17) / 16
    (same,) = np.nonzero((held_out.images == seven).all(axis=(1, 2)))
    assert held_out.labels[same].tolist() == [7]
    assert not (training.images == seven).all(axis=(1, 2)).any()


def test_no_digit_is_both_learnt_and_held_out():
    training, held_out = read_digits(digits_sheet.SHEET)
    assert (len(training), len(held_out)) == (8002, 1998)
    assert not {x.tobytes() for x in training.images} & {x.tobytes() for x in held_out.images}
    shares = np.bincount(held_out.labels) / np.array(COUNTS)
    assert np.abs(shares - 0.2).max() < 0.001


def test_a_picture_of_another_size_is_refused(tmp_path):
    Image.new("L", (28, 56)).save(tmp_path / "sheet.png")
    with pytest.raises(ValueError, match=r"has \(2800, 2800\) pixels, got \(56, 28\)"):
        read_digits(tmp_path / "sheet.png")


def test_a_package_with_another_hash_is_refused():
    with pytest.raises(SystemExit, match=r"has the SHA-256 .* is expected"):
        digits_sheet.check_hash("it", b"other", digits_sheet.PACKAGE_HASH)


def test_the_network_learns_from_a_few_digits():
    training, held_out = read_digits(digits_sheet.SHEET)
    few = Digits(training.images[::16], training.labels[::16])
    *_, (chain, loss) = digit_network.train(few, seed=1, epochs=4)
    assert loss < 2
    assert learn.accuracy(chain, held_out.images[::8], held_out.labels[::8]) > 0.3


def test_weights_come_back_from_their_file(tmp_path):
    chain = digit_network.digit_network(learn.Random(3))
    learn.Training(chain, exactly=True)  # rounds them to their grid
    path = tmp_path / "weights"
    digit_network.write_weights(chain, path)
    assert path.stat().st_size == 2 * 5994
    other = digit_network.read_weights(digit_network.digit_network(learn.Random(4)), path)
    for found, expected in zip(other.flat(), chain.flat(), strict=True):
        for one, two in zip(found.arrays, expected.arrays, strict=True):
            np.testing.assert_array_equal(one, two)
    message = "3216 parameters, which take 6432 bytes, but the file has 11988"
    with pytest.raises(ValueError, match=message):
        digit_network.read_weights(chain[4:5], path)
    path.write_bytes(path.read_bytes()[:-1])  # cut off within a parameter
    with pytest.raises(ValueError, match="take 11988 bytes, but the file has 11987"):
        digit_network.read_weights(chain, path)
    chain[0].options["bias"][0] = 0.1
    with pytest.raises(ValueError, match=r"between -2 and 2, all multiples of .* got 0\.1"):
        digit_network.write_weights(chain, path)


TRAIN = """
import hashlib
from cnnlib.explain import digit_network, digits
learnt, held_out = digits.read_digits("posts/2026/digits.png")
trained = digit_network.train_and_test(learnt, held_out, seed=1)
print(trained.losses[-1], trained.accuracies[-1])
print(hashlib.sha256(digit_network.weight_bytes(trained.chain)).hexdigest())
"""


@pytest.mark.training
def test_a_full_training_gives_the_weights_in_the_file():
    # One thread of BLAS: more are slower for such small products.
    env = {name: value for name, value in os.environ.items() if name != "CNNLIB_CACHE"}
    done = subprocess.run(
        [sys.executable, "-c", TRAIN],
        env=env | {"OPENBLAS_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    loss, share, found = done.stdout.split()
    assert float(loss) < 0.05
    assert float(share) >= 0.98
    file = digits_sheet.SHEET.with_name("digits.weights")
    assert found == hashlib.sha256(file.read_bytes()).hexdigest()
    assert found.startswith("3e83686c")


def test_a_training_is_kept_until_something_changes(tmp_path, monkeypatch):
    digits, held_out = read_digits(digits_sheet.SHEET)
    few, some = (Digits(part.images[::100], part.labels[::100]) for part in (digits, held_out))
    monkeypatch.setenv("CNNLIB_CACHE", str(tmp_path / "kept"))
    first = digit_network.train_and_test(few, some, seed=1, epochs=2)
    trains = []

    def train(*arguments):
        trains.append(arguments)
        return iter([(first.chain, 0.0)])

    monkeypatch.setattr(digit_network, "train", train)
    again = digit_network.train_and_test(few, some, seed=1, epochs=2)
    assert trains == []
    assert (again.losses, again.accuracies) == (first.losses, first.accuracies)
    assert digit_network.weight_bytes(again.chain) == digit_network.weight_bytes(first.chain)
    other = Digits(few.images, few.labels[::-1].copy())
    digit_network.train_and_test(few, some, seed=2, epochs=2)
    digit_network.train_and_test(few, some, seed=1, epochs=3)
    digit_network.train_and_test(other, some, seed=1, epochs=2)
    monkeypatch.delenv("CNNLIB_CACHE")
    digit_network.train_and_test(few, some, seed=1, epochs=2)
    assert len(trains) == 4


def test_the_weights_in_the_file_read_most_digits():
    chain = digit_network.digit_network(learn.Random(1))
    digit_network.read_weights(chain, digits_sheet.SHEET.with_name("digits.weights"))
    _, held_out = read_digits(digits_sheet.SHEET)
    assert learn.accuracy(chain, held_out.images, held_out.labels) > 0.98
