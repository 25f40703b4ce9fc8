import importlib.util
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import cnnlib
from cnnlib import reference
from tests.cnnlib.strategies import assert_close, geometries, random_array, vary_layout

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
TYPES = [np.float16, np.float32, np.float64, np.int8, np.uint8, np.int64, np.bool_]


@st.composite
def pools(draw, dtypes=TYPES):
    case = draw(geometries())
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    kernel, stride = case["kernel"], case["options"]["stride"]
    padding = tuple(
        tuple(min(side, k - 1) for side in sides)
        for sides, k in zip(case["options"]["padding"], kernel, strict=True)
    )
    size = tuple(max(n, k) for n, k in zip(case["size"], kernel, strict=True))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lead = draw(st.sampled_from([(), (2,), (2, 3)]))
    x = vary_layout(draw, random_array(rng, (*lead, *size), dtype))
    return x, kernel, {"stride": draw(st.sampled_from([None, stride])), "padding": padding}


@given(pools())
def test_max_agrees_with_loops(case):
    x, kernel, options = case
    y = cnnlib.max_pool2d(x, kernel, **options)
    assert y.dtype == x.dtype
    expected = reference.max_pool2d(x, kernel, **options)
    np.testing.assert_array_equal(y, expected)
    values, indices = cnnlib.max_pool2d(x, kernel, return_indices=True, **options)
    np.testing.assert_array_equal(values, y)
    flat = x.reshape(*x.shape[:-2], -1)
    found = np.take_along_axis(flat, indices.reshape(*x.shape[:-2], -1), -1)
    np.testing.assert_array_equal(found.reshape(y.shape), y)


@given(pools())
def test_avg_agrees_with_loops(case):
    x, kernel, options = case
    y = cnnlib.avg_pool2d(x, kernel, **options)
    assert y.dtype == (x.dtype if x.dtype.kind == "f" else np.float64)
    assert_close(y, reference.avg_pool2d(x, kernel, **options))


@given(pools(), st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_adaptive_agrees_with_loops(case, size):
    x = case[0].reshape(-1, *case[0].shape[-2:])[0]
    largest = reference.adaptive_pool2d(x, size, max)
    np.testing.assert_array_equal(cnnlib.adaptive_max_pool2d(x, size), largest)
    means = reference.adaptive_pool2d(x, size, lambda window: sum(window) / len(window))
    assert_close(cnnlib.adaptive_avg_pool2d(x, size), means)


def test_padding_is_never_the_maximum():
    for dtype in (np.float64, np.int8):
        x = np.full((3, 3), -100, dtype)
        y = cnnlib.max_pool2d(x, 2, stride=1, padding=1)
        np.testing.assert_array_equal(y, np.full((4, 4), -100))


def test_indices_are_of_the_first_of_equal_maxima():
    _, indices = cnnlib.max_pool2d(np.ones((4, 4)), 2, return_indices=True)
    assert indices.tolist() == [[0, 2], [8, 10]]


def test_count_include_pad():
    x = np.full((2, 2), 4.0)
    assert cnnlib.avg_pool2d(x, 2, padding=1).tolist() == [[1, 1], [1, 1]]
    y = cnnlib.avg_pool2d(x, 2, padding=1, count_include_pad=False)
    assert y.tolist() == [[4, 4], [4, 4]]


def test_ceil_mode_keeps_incomplete_windows():
    x = np.arange(25.0).reshape(5, 5)
    assert cnnlib.max_pool2d(x, 2).shape == (2, 2)
    y = cnnlib.max_pool2d(x, 2, ceil_mode=True)
    assert y.tolist() == [[6, 8, 9], [16, 18, 19], [21, 23, 24]]
    assert cnnlib.avg_pool2d(x, 2, ceil_mode=True)[2, 2] == 24


def test_ceil_mode_drops_windows_that_start_in_the_end_padding():
    x = np.arange(16.0).reshape(4, 4)
    y = cnnlib.max_pool2d(x, 2, stride=3, padding=1, ceil_mode=True)
    assert y.tolist() == [[0, 3], [12, 15]]  # a third window would start at 6, after 1 + 4 rows
    assert cnnlib.output_size(4, 2, stride=3, padding=1, ceil_mode=True) == (2, 2)
    assert cnnlib.output_size(6, 2, stride=3, padding=1, ceil_mode=True) == (3, 3)


def test_dilated_max_pooling():
    x = np.arange(9).reshape(3, 3)
    assert cnnlib.max_pool2d(-x, 2, dilation=2).tolist() == [[0]]
    assert cnnlib.max_pool2d(x, 2, dilation=2, return_indices=True)[1].tolist() == [[8]]


def test_padding_must_be_less_than_the_dilated_window():
    x = np.arange(16).reshape(4, 4)
    values, indices = cnnlib.max_pool2d(x, 2, dilation=3, padding=2, stride=4, return_indices=True)
    assert values.tolist() == indices.tolist() == [[5, 6], [9, 10]]
    with pytest.raises(cnnlib.ShapeError, match="too wide for the window 4×4: at most 3×3 fits"):
        cnnlib.max_pool2d(x, 2, dilation=3, padding=4)
    values, indices = cnnlib.max_pool2d([[7.0]], 2, dilation=2, padding=1, return_indices=True)
    assert (values.tolist(), indices.tolist()) == ([[-np.inf]], [[-1]])


@given(st.data(), st.sampled_from([np.int64, np.uint8, np.bool_, object]))
def test_windows_without_input_are_allowed_for_floats_only(data, dtype):
    """Floats give minus infinity, as in PyTorch; other dtypes cannot represent it."""
    size, kernel, dilation = (data.draw(st.tuples(*[st.integers(1, 4)] * 2)) for _ in range(3))
    most = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    padding = tuple(data.draw(st.integers(0, limit)) for limit in most)
    x = np.arange(size[0] * size[1]).reshape(size) % 2
    options = {"stride": 1, "padding": padding, "dilation": dilation, "return_indices": True}
    try:
        expected, expected_indices = cnnlib.max_pool2d(x.astype(float), kernel, **options)
    except cnnlib.ShapeError:
        assume(False)
    if (expected_indices < 0).any():
        with pytest.raises(cnnlib.ShapeError, match="convert the input to floats"):
            cnnlib.max_pool2d(x.astype(dtype), kernel, **options)
    else:
        values, indices = cnnlib.max_pool2d(x.astype(dtype), kernel, **options)
        actual = values.tolist(), indices.tolist()
        assert actual == (expected.tolist(), expected_indices.tolist())


@pytest.mark.parametrize("function", [cnnlib.max_pool2d, cnnlib.avg_pool2d])
@pytest.mark.parametrize("kernel", [1, 2, 3, (4, 2)])
def test_every_window_of_the_widest_padding_holds_some_input(function, kernel):
    kh, kw = np.broadcast_to(kernel, 2)
    x = np.full((2, 3), 7)
    options = {"stride": 1, "padding": (kh - 1, kw - 1)}
    y = function(x, kernel, **options)
    assert y.shape == (kh + 1, kw + 2)
    assert (y > 0).all()
    if function is cnnlib.avg_pool2d:
        assert (function(x, kernel, count_include_pad=False, **options) == 7).all()


NUMBERS = st.sampled_from([np.nan, np.nan, 1.0, 2.0, -np.inf, np.inf])


@needs_torch
@given(hnp.arrays(np.float64, (1, 2, 4, 5), elements=NUMBERS))
def test_positions_of_nan_and_infinity_are_those_of_pytorch(x):
    import torch

    for name, size in (("max_pool2d", (2, 3)), ("adaptive_max_pool2d", (2, 3))):
        theirs = getattr(torch.nn.functional, name)(torch.from_numpy(x), size, return_indices=True)
        ours = getattr(cnnlib, name)(x, size, return_indices=True)
        for y, expected in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(y, expected.numpy())


def test_indices_are_of_the_last_nan():
    x = np.array([[1.0, np.nan, 2.0], [np.nan, 3.0, 4.0]])
    assert cnnlib.max_pool2d(x, (2, 3), return_indices=True)[1].tolist() == [[3]]
    assert cnnlib.adaptive_max_pool2d(x, 1, return_indices=True)[1].tolist() == [[3]]


def test_nan_is_silent_and_wins():
    x = np.array([[1.0, np.nan], [-np.inf, 2.0]])
    for y in (
        cnnlib.max_pool2d(x, 2),
        *cnnlib.max_pool2d(x, 2, return_indices=True)[:1],
        cnnlib.adaptive_max_pool2d(x, 1),
        cnnlib.avg_pool2d(x, 2),
    ):
        assert np.isnan(y).all()


def test_float16_means_do_not_overflow():
    x = np.full((16, 16), 60000, np.float16)
    for y in (cnnlib.avg_pool2d(x, 16), cnnlib.adaptive_avg_pool2d(x, 1)):
        assert y.dtype == np.float16
        assert y.tolist() == [[60000]]


def test_fractions_stay_exact():
    x = np.array([[Fraction(1, 3), Fraction(1, 2)], [Fraction(0), Fraction(1)]])
    assert cnnlib.avg_pool2d(x, 2)[0, 0] == Fraction(11, 24)
    assert cnnlib.max_pool2d(x, 2)[0, 0] == 1
    assert cnnlib.adaptive_avg_pool2d(x, 1)[0, 0] == Fraction(11, 24)


def test_planes_larger_than_a_tile():
    x = np.random.default_rng(0).normal(size=(2, 700, 300))
    blocks = x.reshape(2, 350, 2, 150, 2)
    np.testing.assert_array_equal(cnnlib.max_pool2d(x, 2), blocks.max((2, 4)))
    assert_close(cnnlib.avg_pool2d(x, 2), blocks.mean((2, 4)))


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
@given(pools([np.float32, np.float64]), st.booleans(), st.booleans(), st.data())
def test_agrees_with_pytorch_including_special_values(case, ceil_mode, include, data):
    import torch

    torch.set_num_threads(1)
    x, kernel, options = (
        np.array(case[0])[None, None].reshape(1, -1, *case[0].shape[-2:]),
        *case[1:],
    )
    position = tuple(data.draw(st.integers(0, n - 1)) for n in x.shape)
    x[position] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf, 0.0]))
    # PyTorch takes padding of at most half of the window.
    padding = zip(options["padding"], kernel, strict=True)
    options["padding"] = tuple(min(sides[0], k // 2) for sides, k in padding)
    options["ceil_mode"] = ceil_mode
    theirs = torch.nn.functional
    tensor = torch.from_numpy(x)
    values, indices = theirs.max_pool2d(tensor, kernel, return_indices=True, **options)
    ours, our_indices = cnnlib.max_pool2d(x, kernel, return_indices=True, **options)
    np.testing.assert_array_equal(ours, values.numpy())
    np.testing.assert_array_equal(our_indices, indices.numpy())
    np.testing.assert_array_equal(cnnlib.max_pool2d(x, kernel, **options), values.numpy())
    mean = theirs.avg_pool2d(tensor, kernel, count_include_pad=include, **options)
    assert_close(cnnlib.avg_pool2d(x, kernel, count_include_pad=include, **options), mean.numpy())
