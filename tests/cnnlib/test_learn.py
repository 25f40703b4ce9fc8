"""Chains run backwards, training, and sums that are the same everywhere."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnlib
from cnnlib import Chain, Layer, conv2d, exact, flatten, learn, linear, max_pool2d, relu
from tests.cnnlib import short_training
from tests.cnnlib.strategies import assert_close

ROOT = Path(__file__).parents[2]
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"
)


def network(seed=1):
    """All kinds of layers, one within a chain of its own."""
    weights = learn.Random(seed).weights
    return Chain(
        Layer(conv2d, weights(3, 2, 3, 3), np.full(3, 0.1), padding=1),
        Chain(relu, Layer(cnnlib.conv_transpose2d, weights(3, 2, 2, 2), np.full(2, 0.2), stride=2)),
        cnnlib.gelu,
        Layer(max_pool2d, 3, 2),
        Layer(cnnlib.avg_pool2d, 2, 1),
        Layer(cnnlib.adaptive_avg_pool2d, 3),
        Layer(cnnlib.adaptive_max_pool2d, 2),
        Layer(flatten, 1),
        Layer(linear, weights(3, 8), np.zeros(3)),
    )


X = np.random.default_rng(0).normal(size=(2, 2, 6, 6))
LABELS = np.array([2, 0])


def loss_of(chain, x=X):
    return float(cnnlib.cross_entropy(chain(x), LABELS))


def nudged(chain, array, place, step=1e-6):
    """Estimate a derivative of the loss by moving one entry up and down."""
    before = array[place]
    array[place] = before + step
    up = loss_of(chain)
    array[place] = before - step
    down = loss_of(chain)
    array[place] = before
    return (up - down) / (2 * step)


def test_gradients_of_a_chain_predict_what_a_nudge_does():
    chain = network()
    values = learn.forward(chain, X)
    grad = cnnlib.gradients.cross_entropy_input(values[-1], LABELS)
    passed = learn.backward(chain, values, grad, to_input=True)
    assert len(passed) == len(list(chain.flat())) == 10
    for layer, found in zip(chain.flat(), passed, strict=True):
        for name in learn.trained(layer):
            array = layer.options[name]
            expected = [nudged(chain, array, place) for place in np.ndindex(array.shape)]
            assert_close(found[name].ravel(), expected, scale=1e3)
    expected = [nudged(chain, X, place) for place in np.ndindex(X.shape)]
    assert_close(passed[0]["input"].ravel(), expected, scale=1e3)


def test_the_gradient_of_the_input_is_left_out_unless_wanted():
    chain = network()
    values = learn.forward(chain, X)
    assert "input" not in learn.backward(chain, values, values[-1])[0]
    assert "input" in learn.backward(chain, values, values[-1], to_input=True)[0]


def test_a_layer_without_a_gradient_is_named():
    chain = Chain(Layer(np.sin, name="wave"), Layer(flatten, 1))
    values = learn.forward(chain, X)
    with pytest.raises(ValueError, match=r"layer wave has no gradient here; conv2d, .*have"):
        learn.backward(chain, values, values[-1], to_input=True)


def test_the_layer_that_does_not_fit_is_named():
    chain = Chain(Layer(flatten, 1), Chain(relu, Layer(linear, np.zeros((2, 9)))))
    with pytest.raises(ValueError, match="to match weight") as caught:
        learn.Training(chain).step(np.zeros((1, 1, 4, 4)), np.array([0]), 0.1)
    note = "This happened in layer 2 of the chain: Layer(linear, weight=2×9)"
    assert caught.value.__notes__ == [note]


def test_padding_that_has_no_gradient_is_refused():
    chain = Chain(Layer(conv2d, np.ones((1, 2, 2, 2)), padding=1, padding_mode="circular"))
    values = learn.forward(chain, X)
    with pytest.raises(ValueError, match="padding_mode must be \"zeros\", got 'circular'"):
        learn.backward(chain, values, values[-1])


@needs_torch
def test_steps_are_those_of_pytorch():
    import torch

    torch.manual_seed(1)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.ConvTranspose2d(3, 2, 2, stride=2),
        torch.nn.GELU(),
        torch.nn.MaxPool2d(3, 2),
        torch.nn.AvgPool2d(2, 1),
        torch.nn.AdaptiveAvgPool2d(3),
        torch.nn.AdaptiveMaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 3),
    ).double()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    training = learn.Training(Chain.from_torch(net))
    for _ in range(5):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(torch.tensor(X)), torch.tensor(LABELS))
        loss.backward()
        optimiser.step()
        assert_close(np.array(training.step(X, LABELS, 0.1)), float(loss.detach()), scale=10)
    for found, expected in zip(training.parameters, net.parameters(), strict=True):
        assert_close(found, expected.detach().numpy(), scale=10)


def test_the_rate_rises_and_falls():
    rates = [learn.rate_at(step, 100, 0.5, warmup=10) for step in range(100)]
    assert max(rates) == rates[9] == rates[10] == 0.5
    assert rates == sorted(rates[:10]) + sorted(rates[10:], reverse=True)
    assert 0 < rates[99] < rates[98]


def test_random_numbers_are_those_of_the_standard():
    """C++ requires this of the 10,000th number of ``minstd_rand``."""
    random = learn.Random(0)
    random.state = 1
    for _ in range(10_000):
        random.uniform()
    assert random.state == 399268537


@given(st.integers(0, 2**40), st.integers(1, 50))
def test_an_order_holds_each_number_once(seed, count):
    assert sorted(learn.Random(seed).order(count)) == list(range(count))


def test_orders_are_evenly_distributed():
    random = learn.Random(3)
    first = np.bincount([random.order(4)[0] for _ in range(4000)])
    assert np.abs(first - 1000).max() < 120  # four standard deviations


def test_batches_go_through_all_images_and_shift_each():
    images = np.zeros((7, 5, 5))
    images[:, 2, 2] = np.arange(1, 8)
    found = [*learn.batches(images, np.arange(7), learn.Random(2), 3)]
    assert [x.shape for x, _ in found] == [(3, 1, 5, 5)] * 2
    labels = np.concatenate([labels for _, labels in found])
    assert len(set(labels)) == 6
    places = set()
    for picture, label in zip(np.concatenate([x[:, 0] for x, _ in found]), labels, strict=True):
        (row,), (col,) = np.nonzero(picture)
        assert picture[row, col] == label + 1
        assert {row, col} <= {1, 2, 3}
        places.add((row, col))
    assert len(places) > 1


def test_accuracy_is_the_share_of_right_classes():
    chain = Chain(Layer(flatten, 1), Layer(linear, np.eye(4)))
    images = np.eye(4).reshape(4, 2, 2)
    assert learn.accuracy(chain, images, np.array([0, 1, 2, 0])) == 0.75


# The names of OpenBLAS's kernels; a kernel that the processor lacks is replaced by another.
KERNELS = [("Prescott", 1), ("Haswell", 1), ("Haswell", 2), ("SkylakeX", 2), ("Zen", 1)]


@pytest.mark.parametrize(("kernel", "threads"), KERNELS)
def test_exact_training_gives_the_same_bits_everywhere(kernel, threads):
    env = os.environ | {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", "tests.cnnlib.short_training"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "fine": "259a8e65a2bca21f495aae48bc94d484617e4916c4d9f5f0a046f0bc5246f1f9",
        "used": "19f1d643e24b47bc363bd593f0fb4185cdbd480d74cfafbf4ec92ba1a924f986",
    }


def test_exact_training_learns():
    _, training, losses, _ = short_training.train()
    assert losses[0] > 1
    pictures, labels = short_training.images(learn.Random(8))  # others than it was trained with
    assert learn.accuracy(training.chain, pictures, labels) > 0.9
    for parameter in training.parameters:
        assert (parameter * 2**exact.WEIGHT_BITS % 1 == 0).all()


def test_a_chain_without_rounding_is_no_exact_one():
    chain = Chain(
        *(layer for layer in short_training.network(learn.Random(1)) if layer.name != "on_grid")
    )
    x, labels = short_training.images(learn.Random(2), 10)
    with pytest.raises(ArithmeticError, match=r"no multiple of .*; `on_grid` rounds it"):
        learn.Training(chain, exactly=True).step(x[:, None], labels, 0.1)


def test_sums_that_leave_the_mantissa_are_noticed():
    chain = short_training.network(learn.Random(1))
    chain[0].options["weight"] *= 2.0**30
    x, labels = short_training.images(learn.Random(2), 10)
    with pytest.raises(ArithmeticError, match=r"a sum of \d+ products may need \d+ bits"):
        learn.Training(chain, exactly=True).step(x[:, None], labels, 0.1)


def test_exact_training_needs_no_bias():
    net = Chain(Layer(cnnlib.linear, np.zeros((2, 1))), Layer(exact.on_grid))
    loss = learn.Training(net, exactly=True).step(np.array([[1.0]]), np.array([0]), 0.5)
    assert loss == pytest.approx(np.log(2))
    assert net[0].options["weight"].tolist() == [[0.25], [-0.25]]


@pytest.mark.parametrize("weight", [[[1, 2]], np.broadcast_to(1.0, (2, 2))])
def test_parameters_that_cannot_be_trained_are_refused(weight):
    chain = Chain(Layer(cnnlib.linear, weight))
    with pytest.raises(TypeError, match=r"must be writeable float32 or float64, got \w+64, w"):
        learn.Training(chain)


def test_single_precision_can_be_trained_but_not_exactly():
    chain = Chain(Layer(cnnlib.linear, np.float32([[1], [0]])))
    with pytest.raises(TypeError, match="parameters must be writeable float64, got float32"):
        learn.Training(chain, exactly=True)
    learn.Training(chain).step(np.float32([[1]]), np.array([0]), 0.5)
    assert chain[0].options["weight"].dtype == np.float32
    assert chain[0].options["weight"][0] > 1


def test_layers_that_share_an_array_are_refused():
    """Each would move it, and only the last would count."""
    weight = np.eye(2)
    with pytest.raises(ValueError, match="each layer must have arrays of its own; a copy would"):
        learn.Training(Chain(Layer(cnnlib.linear, weight), Layer(cnnlib.linear, weight.T)))


def test_a_large_bias_counts():
    exact.check_sum(1, (1, 14), (1, 10), start=2.0**28)
    with pytest.raises(ArithmeticError, match="may need 54 bits"):
        exact.check_sum(1, (1, 14), (1, 10), start=2.0**29)


def test_the_exponential_is_that_of_numpy():
    x = -np.concatenate([np.linspace(0, 50, 5000), [700, 1e4]])
    np.testing.assert_allclose(exact.exp(x), np.exp(x), rtol=4e-16)


def test_exact_probabilities_are_those_of_softmax():
    scores = np.random.default_rng(0).normal(scale=2, size=(50, 10))
    np.testing.assert_allclose(exact.softmax(scores), cnnlib.softmax(scores), atol=1e-11)
    loss, grad = exact.cross_entropy(scores, np.arange(50) % 10)
    assert abs(loss - float(cnnlib.cross_entropy(scores, np.arange(50) % 10))) < 1e-6
    expected = cnnlib.gradients.cross_entropy_input(scores, np.arange(50) % 10)
    np.testing.assert_allclose(grad, expected, atol=2.0**-23 + 1e-10)
