"""The documented table of data types, for all operations; arrays that are refused."""

import ml_dtypes
import numpy as np
import pytest
from scipy import sparse

import cnnlib
import cnnlib.gradients

RNG = np.random.default_rng(3)
X, MATRIX = RNG.integers(0, 7, (1, 2, 6, 6)), RNG.integers(0, 7, (6, 6))
W, UP = RNG.integers(0, 3, (2, 2, 3, 3)), RNG.integers(0, 3, (2, 1, 3, 3))

# Each call takes a function that converts arrays to the dtype in question.
SUMS = {
    "conv2d": lambda of: cnnlib.conv2d(of(X), of(W), of([1, 0])),
    "conv2d of a matrix": lambda of: cnnlib.conv2d(of(MATRIX), of(W[0, 0])),
    "conv2d by rows": lambda of: cnnlib.conv2d(of(np.tile(MATRIX, 9)), of(W[0, 0])),
    "convolve2d": lambda of: cnnlib.convolve2d(of(X), of(W), padding=1),
    "conv_transpose2d": lambda of: cnnlib.conv_transpose2d(of(X), of(UP), of([2]), stride=2),
    "linear": lambda of: cnnlib.linear(of(X), of(MATRIX.T), of([0, 1, 0, 0, 1, 0])),
}
MEANS = {
    "avg_pool2d": lambda of: cnnlib.avg_pool2d(of(X), 2),
    "adaptive_avg_pool2d": lambda of: cnnlib.adaptive_avg_pool2d(of(X), 4),
    "mse_loss": lambda of: cnnlib.mse_loss(of(X), of(X[..., ::-1])),
}
MAXIMA = {
    "max_pool2d": lambda of: cnnlib.max_pool2d(of(X), 3, 2, 1),
    "adaptive_max_pool2d": lambda of: cnnlib.adaptive_max_pool2d(of(X), 4),
    "relu": lambda of: cnnlib.relu(of(X)),
}
ACTIVATIONS = {
    name: lambda of, name=name: getattr(cnnlib, name)(of(X))
    for name in ("elu", "gelu", "leaky_relu", "log_softmax", "sigmoid", "silu", "softmax",
                 "softplus", "tanh")
} | {
    "batch_norm": lambda of: cnnlib.batch_norm(of(X), of([1, 2]), of([2, 1])),
    "cross_entropy": lambda of: cnnlib.cross_entropy(of(X), np.ones((1, 6, 6), int)),
}  # fmt: skip
COPIES = {"flatten": lambda of: cnnlib.flatten(of(X), 1)}
ALL = SUMS | MEANS | MAXIMA | ACTIVATIONS | COPIES

INTEGERS = ["?", "b", "B", "h", "H", "i", "I", "l", "L"]
FLOATS = ["e", "f", "d", "g"]


def converter(dtype):
    return lambda values: np.asarray(values).astype(dtype)


def result_dtype(name, dtype):
    """Return what the documentation promises."""
    if name in MAXIMA or name in COPIES or dtype.kind in "fcO":
        return dtype
    return np.dtype(np.int64 if name in SUMS else np.float64)


def test_every_operation_is_here():
    functions = {name.split()[0] for name in ALL}
    public = {name for name in cnnlib.__all__ if name.islower()}
    assert functions == public - {"choose_algorithm", "output_size"}


@pytest.mark.parametrize("code", [*INTEGERS, *FLOATS, "F", "D", "O"])
@pytest.mark.parametrize("name", ALL)
def test_results_have_the_documented_dtype(name, code):
    dtype = np.dtype(code)
    complex_numbers = dtype.kind == "c" and (name in MAXIMA or name in ACTIVATIONS)
    if complex_numbers or (code == "O" and name in ACTIVATIONS):
        with pytest.raises(TypeError, match="input must hold real numbers"):
            ALL[name](converter(dtype))
        return
    y = ALL[name](converter(dtype))
    assert y.dtype == result_dtype(name, dtype)
    assert y.dtype.isnative
    if code not in "?O":  # all values are small integers, so that each dtype holds them exactly
        expected = ALL[name](converter(complex if dtype.kind == "c" else float))
        tolerance = {"e": 5e-3, "f": 1e-5, "F": 1e-5}.get(code, 1e-12)
        np.testing.assert_allclose(y.astype(expected.dtype), expected, tolerance, tolerance)


@pytest.mark.parametrize("code", ["i2", "u4", "i8", "f2", "f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("name", ALL)
def test_byte_order_makes_no_difference(name, code):
    if code[0] == "c" and (name in MAXIMA or name in ACTIVATIONS):
        return
    expected = ALL[name](converter(f"={code}"))
    for order in "<>":
        y = ALL[name](converter(order + code))
        assert y.dtype == expected.dtype
        assert y.dtype.isnative
        np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("operands", ["Bf", "fd", "ed", "lF", "bH", "?f"])
@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
def test_operands_are_promoted_as_in_numpy(name, operands):
    x, w = X.astype(operands[0]), (UP if "transpose" in name else W).astype(operands[1])
    expected = np.result_type(x, w)
    y = getattr(cnnlib, name)(x, w)
    assert y.dtype == (expected if expected.kind in "fc" else np.int64)


@pytest.mark.parametrize("operands", ["Bf", "fB", "ed", "bF", "lO", "Ol", "fd"])
def test_losses_promote_as_in_numpy(operands):
    x, wanted = (np.array([1, 2]).astype(code) for code in operands)
    loss = cnnlib.mse_loss(x, wanted + wanted)
    assert loss.dtype == np.result_type(x, wanted)
    assert loss == 2.5
    assert cnnlib.gradients.mse_loss_input(x, wanted).dtype == np.result_type(x, wanted)


@pytest.mark.parametrize("bias", [True, 2, 0.5])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64])
def test_numbers_of_python_do_not_promote(bias, dtype):
    x, k = MATRIX.astype(dtype), W[0, 0].astype(dtype)
    for function in (cnnlib.conv2d, cnnlib.convolve2d, cnnlib.conv_transpose2d):
        y = function(x, k, bias)
        assert y.dtype == dtype
        np.testing.assert_array_equal(y, function(x, k, np.array([bias], dtype)))
    y = cnnlib.conv2d(x, k, 1j)
    assert y.dtype == (np.complex128 if dtype == np.float64 else np.complex64)
    assert cnnlib.conv2d(x, k, np.float64(bias)).dtype == np.result_type(dtype, np.float64)
    for function in (cnnlib.leaky_relu, cnnlib.elu, cnnlib.softplus):
        if dtype != np.complex64:
            assert function(x, np.float64(0.5)).dtype == dtype


def test_a_number_may_be_the_bias_of_integers():
    assert cnnlib.conv2d([[1]], [[2]], 300).tolist() == [[302]]
    assert cnnlib.conv2d([[1]], [[2]], 0.5).tolist() == [[2.5]]
    assert cnnlib.conv2d(np.int8([[1]]), np.int8([[2]]), 2**70).tolist() == [[2 + 2**70]]


ARGUMENTS = [
    ("input", lambda bad: cnnlib.conv2d(bad, np.ones((2, 2)))),
    ("weight", lambda bad: cnnlib.conv2d(np.ones((4, 4)), bad)),
    ("weight", lambda bad: cnnlib.convolve2d(np.ones((4, 4)), bad)),
    ("weight", lambda bad: cnnlib.conv_transpose2d(np.ones((4, 4)), bad)),
    ("input", lambda bad: cnnlib.max_pool2d(bad, 2)),
    ("input", lambda bad: cnnlib.adaptive_avg_pool2d(bad, 2)),
    ("input", cnnlib.softmax),
    ("input", cnnlib.relu),
    ("input", cnnlib.flatten),
    ("weight", lambda bad: cnnlib.linear(np.ones(3), bad)),
    ("running_mean", lambda bad: cnnlib.batch_norm(np.ones((2, 3)), bad, np.ones(3))),
]


@pytest.mark.parametrize(("name", "call"), ARGUMENTS)
def test_arrays_that_would_be_misread_are_refused_with_what_to_do(name, call):
    ones = np.ones((3, 3))
    for bad, message in [
        (np.ma.masked_less(ones, 2), rf"{name} must not be a masked array.*{name}.filled\(0\)"),
        (sparse.csr_array(ones), rf"{name} must not be a sparse array; {name}.toarray\(\)"),
        (
            ones.astype(ml_dtypes.bfloat16),
            rf"{name} must hold numbers.*got bfloat16; {name}.astype",
        ),
        (ones.astype(ml_dtypes.int4), rf"{name} must hold numbers.*got int4; {name}.astype"),
    ]:
        with pytest.raises(TypeError, match=message):
            call(bad)


def test_anything_that_numpy_converts_is_accepted():
    class Box:
        def __array__(self, dtype=None, copy=None):
            return MATRIX

    expected = cnnlib.max_pool2d(MATRIX, 2)
    for given in (Box(), MATRIX.tolist(), memoryview(MATRIX)):
        y = cnnlib.max_pool2d(given, 2)
        assert type(y) is np.ndarray
        np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ALL)
def test_special_values_are_silent(name, dtype):
    """A warning would stop a post, even where NumPy is told to raise errors."""
    limits = np.finfo(dtype)
    special = [np.nan, np.inf, -np.inf, limits.max, limits.min, limits.tiny, 0, -1]

    def of(values):
        return np.resize(np.array(special, dtype), np.shape(values))

    with np.errstate(all="raise"):
        assert ALL[name](of).dtype == dtype
