"""Mathematical properties that hold for all inputs."""

import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import (
    adaptive_avg_pool2d,
    adaptive_max_pool2d,
    avg_pool2d,
    conv2d,
    conv_transpose2d,
    convolve2d,
    linear,
    max_pool2d,
)
from tests.cnnlib.strategies import assert_close, convolutions

DOUBLE = [np.float64]


@given(convolutions(DOUBLE), st.floats(-3, 3))
def test_linear_in_the_input_and_in_the_weight(case, factor):
    x, w, options = case["x"], case["weight"], case["options"]
    other = np.flip(x).copy()
    y = conv2d(x, w, **options)
    assert_close(conv2d(factor * x + other, w, **options), factor * y + conv2d(other, w, **options))
    assert_close(conv2d(x, factor * w, **options), factor * y)


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_shifting_the_input_shifts_the_output(down, right, seed):
    rng = np.random.default_rng(seed)
    x, k = np.zeros((16, 16)), rng.normal(size=(3, 2))
    x[4:9, 4:9] = rng.normal(size=(5, 5))
    shifted = np.roll(x, (down, right), (0, 1))
    assert_close(conv2d(shifted, k), np.roll(conv2d(x, k), (down, right), (0, 1)))


@given(convolutions(DOUBLE))
def test_transposed_is_the_adjoint(case):
    """⟨conv(x), y⟩ = ⟨x, transposed(y)⟩ for all x and y: the definition of a transpose."""
    x, w, options = case["x"], case["weight"], case["options"]
    y = conv2d(x, w, **options)
    other = np.random.default_rng(0).normal(size=y.shape)
    geometry = (options[name] for name in ("stride", "padding", "dilation"))
    steps = zip(x.shape[2:], y.shape[2:], *geometry, w.shape[2:], strict=True)
    dropped = tuple(n + sum(p) - (m - 1) * s - d * (k - 1) - 1 for n, m, s, p, d, k in steps)
    most = map(max, options["stride"], options["dilation"])
    if all(extra < limit for extra, limit in zip(dropped, most, strict=True)):
        back = conv_transpose2d(other, w, output_padding=dropped, **options)
        assert back.shape == x.shape
        assert_close((y * other).sum(), (x * back).sum(), scale=100)


@given(st.integers(0, 2**32 - 1))
def test_convolution_is_associative(seed):
    rng = np.random.default_rng(seed)
    x, first, second = rng.normal(size=(9, 9)), rng.normal(size=(3, 2)), rng.normal(size=(2, 4))
    full = ((1, 1), (3, 3))
    combined = convolve2d(first, second, padding=full)
    assert_close(convolve2d(convolve2d(x, first), second), convolve2d(x, combined))


@given(convolutions(DOUBLE))
def test_equivalent_calls_agree(case):
    x, w, b, options = case["x"], case["weight"], case["bias"], case["options"]
    y = conv2d(x, w, b, **options)
    (top, bottom), (left, right) = options["padding"]
    padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    assert_close(conv2d(padded, w, b, **options | {"padding": "valid"}), y)
    assert_close(convolve2d(x, w[..., ::-1, ::-1], b, **options), y)
    assert_close(conv2d(x[0], w, b, **options), y[0])
    assert_close(conv2d(x.tolist(), w.tolist(), None if b is None else b.tolist(), **options), y)
    groups, size = options["groups"], x.shape[1] // options["groups"]
    ungrouped = options | {"groups": 1}
    parts = [
        conv2d(x[:, g * size : (g + 1) * size], part, **ungrouped)
        for g, part in enumerate(np.split(w, groups))
    ]
    assert_close(conv2d(x, w, **options), np.concatenate(parts, axis=1))


def test_equivalent_forms_of_padding_agree():
    x, w = np.random.default_rng(0).normal(size=(7, 7)), np.ones((3, 3))
    y = conv2d(x, w, stride=2, padding=1)
    for padding in [(1, 1), [1, 1], ((1, 1), (1, 1)), np.array([1, 1]), np.int64(1)]:
        np.testing.assert_array_equal(conv2d(x, w, stride=(2, 2), padding=padding), y)
    np.testing.assert_array_equal(conv2d(x, w, padding="same"), conv2d(x, w, padding=1))


def test_pooling_and_fully_connected_layers_are_special_cases():
    x = np.random.default_rng(0).normal(size=(2, 3, 8, 6))
    mean = np.full((3, 1, 2, 2), 0.25)
    assert_close(avg_pool2d(x, 2), conv2d(x, mean, stride=2, groups=3))
    assert_close(adaptive_avg_pool2d(x, (4, 3)), avg_pool2d(x, 2))
    np.testing.assert_array_equal(adaptive_max_pool2d(x, (4, 3)), max_pool2d(x, 2))
    w = np.random.default_rng(1).normal(size=(5, 3, 8, 6))
    assert_close(conv2d(x, w).reshape(2, 5), linear(x.reshape(2, -1), w.reshape(5, -1)))


def symbols(name, shape):
    return np.array(sympy.symbols(f"{name}:{np.prod(shape)}")).reshape(shape)


@pytest.mark.parametrize(
    ("function", "shapes", "options"),
    [
        (conv2d, [(2, 3, 4), (2, 1, 2, 2), (2,)], {"groups": 2, "padding": 1, "stride": 2}),
        (convolve2d, [(3, 4), (2, 2)], {"padding": "same"}),
        (conv_transpose2d, [(2, 2, 2), (2, 1, 2, 2), (1,)], {"stride": 2}),
        (avg_pool2d, [(3, 3)], {"kernel_size": 2, "stride": 1, "padding": 1}),
        (adaptive_avg_pool2d, [(3, 4)], {"output_size": 2}),
        (linear, [(3,), (2, 3), (2,)], {}),
    ],
)
def test_symbols_agree_with_numbers_after_substitution(function, shapes, options):
    letters = [symbols(name, shape) for name, shape in zip("xwb", shapes, strict=False)]
    rng = np.random.default_rng(0)
    numbers = [rng.integers(-9, 10, shape) for shape in shapes]
    pairs = zip(np.concatenate([a.ravel() for a in letters]),
                np.concatenate([a.ravel() for a in numbers]), strict=True)  # fmt: skip
    values = {letter: int(number) for letter, number in pairs}
    result = function(*letters, **options)
    substituted = np.vectorize(lambda entry: float(sympy.sympify(entry).subs(values)))(result)
    np.testing.assert_allclose(substituted, function(*numbers, **options), atol=1e-12)


def compute(seed):
    x = np.random.default_rng(seed).normal(size=(1, 8, 30, 30)).astype(np.float32)
    y = conv2d(x, np.ones((8, 8, 3, 3), np.float32), padding=1)
    return max_pool2d(y, 2) + avg_pool2d(conv2d(x, np.ones((8, 1, 3, 3)), groups=8, padding=1), 2)


def test_concurrent_threads_agree_with_a_single_thread():
    expected = [compute(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(compute, list(range(8)) * 6))
    for index, result in enumerate(results):
        np.testing.assert_array_equal(result, expected[index % 8])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_works_after_a_fork():
    expected = compute(0)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        np.testing.assert_array_equal(pool.apply_async(compute, (0,)).get(timeout=60), expected)
