import importlib.util
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage, signal

import cnnlib
from cnnlib import algorithms, reference
from cnnlib.algorithms import ALGORITHMS
from cnnlib.shapes import window_geometry
from tests.cnnlib import with_onnx
from tests.cnnlib.strategies import (
    assert_close,
    convolutions,
    geometries,
    random_array,
    vary_layout,
)

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")

X = np.array([[1, 2, 0, 3], [4, 1, 2, 2], [0, 3, 1, 5], [2, 0, 4, 1]])
K = np.array([[1, -2], [3, 4]])
FLOATS = [np.dtype(np.float32), np.dtype(np.float64)]
SPECIAL = [np.nan, np.inf, -np.inf, 0.0]


def test_a_single_matrix_agrees_with_loops_and_scipy():
    y = cnnlib.conv2d(X, K)
    assert y.tolist() == reference.conv2d(X, K).tolist()
    assert y.tolist() == signal.correlate2d(X, K, "valid").tolist()
    assert cnnlib.convolve2d(X, K).tolist() == signal.convolve2d(X, K, "valid").tolist()


@given(st.data(), st.sampled_from(FLOATS), st.integers(0, 2**32 - 1))
def test_small_matrices_agree_with_im2col(data, dtype, seed):
    """They have an algorithm of their own, but results and errors must be the same."""
    size, kernel = (data.draw(st.tuples(*[st.integers(0, most)] * 2)) for most in (8, 4))
    rng = np.random.default_rng(seed)
    x, w = random_array(rng, size, dtype), random_array(rng, kernel, dtype)
    if x.size:
        x.flat[0] = data.draw(st.sampled_from(SPECIAL))
    x, w = vary_layout(data.draw, x), vary_layout(data.draw, w)
    try:
        expected = cnnlib.conv2d(x[None, None], w[None, None], algorithm="im2col")[0, 0]
    except cnnlib.ShapeError as error:
        with pytest.raises(cnnlib.ShapeError, match=str(error)[:20] if w.size else "empty"):
            cnnlib.conv2d(x, w)
        return
    y = cnnlib.conv2d(x, w)
    assert (y.dtype, y.shape) == (expected.dtype, expected.shape)
    assert_close(y, expected)
    assert y.flags.c_contiguous
    assert y.flags.writeable


def test_options_of_small_inputs_are_checked():
    x, w = np.ones((4, 4)), np.ones((2, 2))
    with pytest.raises(TypeError, match="stride must be an integer or a pair of integers"):
        cnnlib.conv2d(x, w, stride=True)
    assert cnnlib.conv2d(x, w, [1.0], stride=2).tolist() == [[5, 5], [5, 5]]


def test_symbols_agree_with_numbers_after_substitution():
    letters = np.array(sympy.symbols("a:p")).reshape(4, 4)
    kernel = np.array(sympy.symbols("k11 k12 k21 k22")).reshape(2, 2)
    y = cnnlib.conv2d(letters, kernel, padding=1)
    a, b, _, _, e, f = letters.ravel()[:6]
    k11, k12, k21, k22 = kernel.ravel()
    assert y[1, 1] == a * k11 + b * k12 + e * k21 + f * k22
    values = dict(zip([*letters.ravel(), *kernel.ravel()], [*X.ravel(), *K.ravel()], strict=True))
    substituted = [[int(entry.subs(values)) for entry in row] for row in y]
    assert substituted == cnnlib.conv2d(X, K, padding=1).tolist()


def test_fractions_stay_exact():
    thirds, sevenths = (np.full((2, 2), Fraction(1, n)) for n in (3, 7))
    assert cnnlib.conv2d(thirds, sevenths).tolist() == [[Fraction(4, 21)]]
    assert cnnlib.conv_transpose2d(thirds, sevenths)[1, 1] == Fraction(4, 21)


@given(convolutions())
def test_agrees_with_loops(case):
    y = cnnlib.conv2d(case["x"], case["weight"], case["bias"], **case["options"])
    expected = reference.conv2d(case["x"], case["weight"], case["bias"], **case["options"])
    assert y.dtype == case["x"].dtype
    assert y.shape == expected.shape
    assert_close(y, expected)


OTHER_DTYPES = [np.bool_, np.int8, np.uint8, np.int64, np.float16, np.complex64, np.complex128]


@given(convolutions(OTHER_DTYPES))
def test_other_dtypes_agree_with_loops(case):
    y = cnnlib.conv2d(case["x"], case["weight"], case["bias"], **case["options"])
    expected = reference.conv2d(case["x"], case["weight"], case["bias"], **case["options"])
    kind = case["x"].dtype
    assert y.dtype == (np.int64 if kind.kind in "biu" else kind)
    if kind.kind in "biu":
        assert y.tolist() == expected.tolist()
    else:
        assert_close(y, expected, scale=3)


@given(convolutions(), st.sampled_from(list(ALGORITHMS)))
def test_algorithms_agree_if_applicable(case, algorithm):
    x, weight, options = case["x"], case["weight"], case["options"]
    try:
        y = cnnlib.conv2d(x, weight, algorithm=algorithm, **options)
    except ValueError as error:
        y, message = None, str(error)
    if y is None:
        assert algorithm != "im2col"
        assert f'algorithm "{algorithm}" needs' in message
    else:
        assert_close(y, reference.conv2d(x, weight, **options))


@given(geometries(), st.integers(1, 3), st.integers(0, 2**32 - 1), st.integers(15, 30))
def test_rows_agree_with_loops_on_taller_images(case, channels, seed, extra_rows):
    rng = np.random.default_rng(seed)
    size = case["size"][0] + extra_rows, case["size"][1]
    x, w = rng.normal(size=(1, channels, *size)), rng.normal(size=(channels, 1, *case["kernel"]))
    options = case["options"] | {"dilation": 1, "groups": channels}
    y = cnnlib.conv2d(x, w, algorithm="rows", **options)
    assert_close(y, reference.conv2d(x, w, **options))


@pytest.mark.parametrize("value", SPECIAL)
@pytest.mark.parametrize("channels", [1, 2])
def test_non_finite_values_affect_only_their_windows(value, channels):
    x, w = np.ones((channels, 40, 40)), np.ones((channels, 1, 3, 3))
    x[0, 20, 20] = value
    y = cnnlib.conv2d(x, w, groups=channels)
    expected = np.full((channels, 38, 38), 9.0)
    expected[0, 18:21, 18:21] = 8 + value
    np.testing.assert_array_equal(y, expected)


def test_inputs_larger_than_a_tile():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 40, 70, 61)), rng.normal(size=(3, 40, 3, 3))
    y = cnnlib.conv2d(x, w, padding=1, stride=(1, 2))
    for n, o in np.ndindex(2, 3):
        planes = (signal.correlate2d(a, k, "same") for a, k in zip(x[n], w[o], strict=True))
        assert_close(y[n, o], sum(planes)[:, ::2], scale=100)


@pytest.mark.parametrize(("padding", "stride"), [(0, 1), (((2, 3), (4, 1)), (1, 2)), (9, 3)])
def test_rows_with_inputs_larger_than_a_tile(padding, stride):
    """Columns and rows are both split into tiles; uninitialised memory must not show through."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 2, 90, 3500)), rng.normal(size=(2, 1, 7, 6))
    options = {"stride": stride, "padding": padding, "groups": 2}
    y = cnnlib.conv2d(x, w, algorithm="rows", **options)
    assert_close(y, cnnlib.conv2d(x, w, algorithm="im2col", **options), scale=10)
    geometry = window_geometry((90, 3500), (7, 6), stride=stride, padding=padding)
    actual = np.full_like(y, np.nan)
    ALGORITHMS["rows"](x, w, geometry, 2, actual)
    np.testing.assert_array_equal(actual, y)


@pytest.mark.parametrize("dilation", [1, (1, 3)])
@pytest.mark.parametrize("padding", [0, ((0, 1), (2, 0))])
@pytest.mark.parametrize("groups", [1, 2])
def test_windows_that_wrap_around_rows_are_discarded(groups, padding, dilation):
    """Several images and tiles, with non-finite values at their edges."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(5, 2, 90, 150)), rng.normal(size=(4, 2 // groups, 5, 4))
    x[1, 0, 20, -1], x[2, 1, :, 0], x[4, 0, -1, -1] = np.inf, np.nan, -np.inf
    options = {"padding": padding, "dilation": dilation, "groups": groups}
    y = cnnlib.conv2d(x, w, algorithm="im2col", **options)
    repeated = np.repeat(w, 5, axis=0)  # too many outputs for wrapped windows
    assert_close(y, cnnlib.conv2d(x, repeated, algorithm="im2col", **options)[:, ::5], scale=10)
    small = slice(9), slice(12)
    part = cnnlib.conv2d(x[..., *small], w, algorithm="im2col", **options)
    assert_close(part, reference.conv2d(x[..., *small], w, **options))


@pytest.mark.parametrize("outputs", [6, 12])
@pytest.mark.parametrize("cache_bytes", [1, 2500, 5000, 1 << 20])
def test_groups_in_blocks_agree_with_loops(monkeypatch, outputs, cache_bytes):
    """Small limits cut the groups into blocks of one, of a few, and of different lengths."""
    monkeypatch.setattr(algorithms, "CACHE_BYTES", cache_bytes)
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 6, 7, 8)), rng.normal(size=(outputs, 1, 3, 3))
    for options in ({"padding": 1}, {"stride": 2}, {"dilation": (1, 2)}):
        y = cnnlib.conv2d(x, w, groups=6, algorithm="im2col", **options)
        assert_close(y, reference.conv2d(x, w, groups=6, **options))


def test_a_batch_of_images_with_one_channel_agrees_with_loops():
    """They are convolved together, as if they were channels with the same kernel."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(5, 1, 6, 30)), rng.normal(size=(1, 1, 3, 3))
    assert cnnlib.choose_algorithm(x.shape, w.shape).name == "rows"
    assert_close(cnnlib.conv2d(x, w, [2.0], padding=1), reference.conv2d(x, w, [2.0], padding=1))


@pytest.mark.parametrize("algorithm", ["short", "rows", "im2col"])
def test_zero_times_infinity_is_nan(algorithm):
    x, w = np.ones((9, 9), np.float32), np.zeros((3, 3), np.float32)
    x[4, 4] = np.inf
    expected = np.zeros((7, 7))
    expected[2:5, 2:5] = np.nan
    np.testing.assert_array_equal(cnnlib.conv2d(x, w, algorithm=algorithm), expected)


@pytest.mark.parametrize("algorithm", ["short", "rows", "im2col"])
@pytest.mark.parametrize("weight", [np.inf, -np.inf, np.nan])
def test_padding_times_an_infinite_weight_is_nan(algorithm, weight):
    """The window of the first row and column has its first entry in the padding."""
    y = cnnlib.conv2d(np.ones((3, 3)), [[weight, 0.0]], padding=(0, 1), algorithm=algorithm)
    np.testing.assert_array_equal(y, [[np.nan, weight, weight, weight]] * 3)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_padding_modes_agree_with_scipy(mode):
    boundary = {"reflect": "mirror", "replicate": "nearest", "circular": "grid-wrap"}
    rng = np.random.default_rng(0)
    x, k = rng.normal(size=(6, 7)), rng.normal(size=(3, 5))
    y = cnnlib.conv2d(x, k, padding=(1, 2), padding_mode=mode)
    assert_close(y, ndimage.correlate(x, k, mode=boundary.get(mode, "constant")))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [5, 6, 7, 8])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_same_padding_gives_ceil_of_size_over_stride(kernel, size, stride):
    x, k = np.arange(float(size)), np.ones((1, kernel))
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    for mode, before in (("same", total // 2), ("same_lower", total - total // 2)):
        pad_width = ((0, 0), (before, total - before))
        y = cnnlib.conv2d(x[None], k, stride=stride, padding=mode)
        assert y.shape == (-(-1 // stride), -(-size // stride))
        np.testing.assert_array_equal(y, reference.conv2d(x[None], k, None, stride, pad_width))
        z = cnnlib.conv_transpose2d(y, k, stride=stride, padding=mode)
        assert z.shape == (stride * y.shape[0], stride * y.shape[1])


@given(convolutions(), st.data())
def test_transposed_agrees_with_loops(case, data):
    options = case["options"]
    groups = options["groups"]
    steps = zip(options["stride"], options["dilation"], strict=True)
    extra = tuple(data.draw(st.integers(0, max(pair) - 1)) for pair in steps)
    options = options | {"output_padding": extra, "padding": data.draw(st.integers(0, 1))}
    x = case["x"]
    per_group, kernel = data.draw(st.integers(1, 2)), case["weight"].shape[2:]
    w = random_array(np.random.default_rng(0), (x.shape[1], per_group, *kernel), x.dtype)
    b = random_array(np.random.default_rng(1), (per_group * groups,), x.dtype)
    expected = reference.conv_transpose2d(x, w, b, **options)
    if expected.size:
        y = cnnlib.conv_transpose2d(x, w, b, **options)
        assert y.dtype == x.dtype
        assert_close(y, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.uint64])
def test_integers_never_overflow_silently(dtype):
    top = np.iinfo(dtype).max
    x, k = np.full((3, 3), top, dtype), np.ones((3, 3), dtype)
    if dtype == np.uint64:
        message = "may reach 1.7e[+]20, beyond int64; convert to float64"
        with pytest.raises(ValueError, match=message):
            cnnlib.conv2d(x, k)
        assert cnnlib.conv2d(x.astype(object), k.astype(object)).tolist() == [[9 * int(top)]]
    else:
        assert cnnlib.conv2d(x, k).tolist() == [[9 * int(top)]]


@pytest.mark.parametrize("digits", [24, 53])
def test_sums_beyond_float_precision_are_exact(digits):
    """float32 represents all integers up to 2**24, float64 up to 2**53."""
    x = np.array([[2**digits, 1]])
    assert cnnlib.conv2d(x, [[1, 1]]).tolist() == [[2**digits + 1]]


def test_the_output_has_the_axes_of_the_input():
    k = np.ones((5, 3, 2, 2))
    assert cnnlib.conv2d(np.ones((3, 4, 4)), k).shape == (5, 3, 3)
    assert cnnlib.conv2d(np.ones((0, 3, 4, 4)), k).shape == (0, 5, 3, 3)
    assert cnnlib.conv2d(np.ones((4, 4)), np.ones((2, 2)), [1.0]).shape == (3, 3)


def test_arguments_are_not_modified():
    x, k, b = np.ones((1, 2, 5, 5)), np.ones((2, 2, 3, 3)), np.ones(2)
    for array in (x, k, b):
        array.flags.writeable = False
    for function in (cnnlib.conv2d, cnnlib.convolve2d, cnnlib.conv_transpose2d):
        y = function(x, k, b, padding=1)
        assert y.flags.writeable
        assert not any(np.shares_memory(y, array) for array in (x, k, b))


def test_choose_algorithm():
    shapes = {
        "matmul": ((1, 8, 9, 9), (4, 8, 1, 1), {}),
        "short": ((4, 4), (2, 2), {}),
        "rows": ((1, 8, 9, 40), (8, 1, 3, 3), {"groups": 8}),
        "im2col": ((1, 8, 9, 9), (4, 8, 3, 3), {}),
    }
    for name, (x, w, options) in shapes.items():
        choice = cnnlib.choose_algorithm(x, w, **options)
        assert choice.name == name
        assert len(choice.reason) > 20
    assert cnnlib.choose_algorithm((40, 40), (3, 3), dtype=object).name == "im2col"
    assert "too short" in cnnlib.choose_algorithm((8, 9, 9), (8, 1, 3, 3), groups=8).reason


@given(convolutions())
def test_agrees_with_onnx_runtime(case):
    x, w = case["x"].astype(np.float32), case["weight"].astype(np.float32)
    options = case["options"]
    (top, bottom), (left, right) = options["padding"]
    expected = with_onnx.convolve(
        x,
        w,
        strides=options["stride"],
        dilations=options["dilation"],
        group=options["groups"],
        pads=[top, left, bottom, right],
    )
    assert_close(cnnlib.conv2d(x, w, **options), expected)


@needs_torch
@given(convolutions(), st.data())
def test_agrees_with_pytorch_including_special_values(case, data):
    import torch

    torch.set_num_threads(1)
    x, options = np.array(case["x"]), dict(case["options"])
    positions = st.tuples(*(st.integers(0, n - 1) for n in x.shape))
    for position in data.draw(st.lists(positions, max_size=2)):
        x[position] = data.draw(st.sampled_from(SPECIAL))
    options["padding"] = tuple(p[0] for p in options["padding"])
    kernel = case["weight"].shape[2:]
    sizes = zip(x.shape[2:], options["padding"], options["dilation"], kernel, strict=True)
    if any(n + 2 * p < d * (k - 1) + 1 for n, p, d, k in sizes):
        return
    arrays = (x, case["weight"], case["bias"])
    tensors = (None if a is None else torch.from_numpy(a) for a in arrays)
    expected = torch.nn.functional.conv2d(*tensors, **options).numpy()
    y = cnnlib.conv2d(x, case["weight"], case["bias"], **options)
    assert (y.shape, y.dtype) == (expected.shape, expected.dtype)
    assert_close(y, expected)
