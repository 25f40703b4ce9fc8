import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

import cnnlib
from cnnlib.activations import BLOCK

X = np.concatenate([np.linspace(-30, 30, 121), [-1e4, -750.0, 750.0, 1e4]])
NORMAL = 0.5 * (1 + special.erf(X / math.sqrt(2)))
EXPECTED = {
    "relu": np.maximum(X, 0),
    "leaky_relu": np.where(X > 0, X, 0.01 * X),
    "elu": np.where(X > 0, X, special.expm1(np.minimum(X, 0))),
    "sigmoid": special.expit(X),
    "tanh": np.tanh(X),
    "silu": X * special.expit(X),
    "softplus": -special.log_expit(-X),
    "gelu": X * NORMAL,
    "softmax": special.softmax(X),
    "log_softmax": special.log_softmax(X),
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", EXPECTED)
def test_agrees_with_scipy_for_small_and_large_inputs(name, dtype):
    x = X.astype(dtype)
    y = getattr(cnnlib, name)(x)
    assert y.dtype == dtype
    tolerance = {np.float16: 2e-3, np.float32: 1e-6, np.float64: 1e-13}[dtype]
    np.testing.assert_allclose(y, EXPECTED[name], rtol=tolerance, atol=tolerance)


# The definitions for many digits; gelu's tanh form without its sum, which would cancel here too.
LOGISTIC = {"gelu tanh": lambda x: mpmath.sqrt(8 / mpmath.pi) * (x + 0.044715 * x**3)}
EXACT = {
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "leaky_relu": lambda x: x if x > 0 else x * mpmath.mpf(0.01),
    "elu": lambda x: x if x > 0 else mpmath.expm1(x),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    # Beyond 1000 the result is x or 0, and mpmath's erfc overflows.
    "gelu": lambda x: x / 2 * mpmath.erfc(-max(-1000, min(x, 1000)) / mpmath.sqrt(2)),
    "gelu tanh": lambda x: x / (1 + mpmath.exp(-LOGISTIC["gelu tanh"](x))),
}


def whole_range(dtype):
    """Return numbers of every size that a dtype has, most of them where functions bend."""
    size = np.exp2(np.linspace(np.finfo(dtype).minexp, np.finfo(dtype).maxexp - 1, 60))
    limit = 110 if dtype == np.float32 else 760  # beyond, exponentials overflow or vanish
    values = [np.linspace(-limit, limit, 301), np.linspace(-9, 9, 121), size, -size]
    return np.concatenate(values).astype(dtype)


def assert_accurate(y, expected, dtype):
    """Compare normal results: to 4 units in the last place, or to 1e-12."""
    limits = np.finfo(dtype)
    for actual, exact in zip(y.ravel().tolist(), expected, strict=True):
        if limits.tiny <= abs(exact) <= limits.max:
            unit = float(np.spacing(dtype(abs(exact)))) * 4
            bound = unit if dtype == np.float32 else 1e-12 * abs(exact)
            assert abs(actual - exact) <= bound, (actual, exact)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EXACT)
def test_accurate_over_the_whole_range(name, dtype):
    x = whole_range(dtype)
    function = getattr(cnnlib, name.split()[0])
    y = function(x, "tanh") if name == "gelu tanh" else function(x)
    with mpmath.workdps(60):
        assert_accurate(y, [EXACT[name](mpmath.mpf(value)) for value in x.tolist()], dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_is_accurate_for_small_and_large_probabilities(dtype):
    rng = np.random.default_rng(0)
    spread = np.geomspace(1e-3, 700 if dtype == np.float64 else 80, 40)[:, None]
    x = (rng.normal(size=(40, 3)) / 2 * spread + rng.normal(size=(40, 1))).astype(dtype)
    shares = []
    with mpmath.workdps(900):  # enough to tell a probability from 1
        for row in x.tolist():
            exponentials = [mpmath.exp(mpmath.mpf(value)) for value in row]
            shares += [e / mpmath.fsum(exponentials) for e in exponentials]
        assert_accurate(cnnlib.softmax(x), shares, dtype)
        assert_accurate(cnnlib.log_softmax(x), map(mpmath.log, shares), dtype)


def test_gelu_keeps_its_digits_below_minus_five():
    assert cnnlib.gelu(np.float32([-5.5]))[0] == np.float32(-5.5 * special.ndtr(-5.5))
    assert cnnlib.gelu(np.float32([-5.5]), "tanh")[0] < 0


def test_log_softmax_of_nearly_certain_classes_is_not_zero():
    np.testing.assert_allclose(cnnlib.log_softmax([0.0, -40.0])[0], -math.exp(-40), rtol=1e-12)


def test_parameters_of_softplus():
    x = np.array([-3.0, 0.0, 9.0, 30.0])
    np.testing.assert_allclose(cnnlib.softplus(x, 2.0), np.log1p(np.exp(2 * x)) / 2, rtol=1e-13)
    assert cnnlib.softplus(x, 1, 8)[2:].tolist() == [9, 30]
    assert cnnlib.softplus([1e4, -1e4], 5.0).tolist() == [1e4, 0]
    assert cnnlib.softplus([1e308, -1e308], 10.0).tolist() == [1e308, 0]  # 10 x overflows
    assert cnnlib.softplus([1e4, -1e4], -5.0).tolist() == [0, -1e4]
    assert cnnlib.leaky_relu([-2.0], np.array(0.5)).tolist() == [-1]


def test_a_single_number_gives_an_array():
    for name in (*EXPECTED, "softmax", "log_softmax"):
        y = getattr(cnnlib, name)(2.0)
        assert isinstance(y, np.ndarray)
        assert y.shape == ()


@pytest.mark.parametrize("name", EXPECTED)
def test_integers_agree_with_floats(name):
    x = np.array([[-3, 0, 2], [7, -100, 1]])
    y = getattr(cnnlib, name)(x)
    assert y.dtype == (np.int64 if name == "relu" else np.float64)
    np.testing.assert_array_equal(y, getattr(cnnlib, name)(x.astype(float)))


@pytest.mark.parametrize("name", EXPECTED)
def test_nan_stays_nan(name):
    assert np.isnan(getattr(cnnlib, name)(np.array([np.nan, 1.0]))[0])


def test_activation_parameters():
    assert cnnlib.leaky_relu([-2.0], 0.3).tolist() == [-0.6]
    np.testing.assert_allclose(cnnlib.elu([-1.0], alpha=2.0), [2 * math.expm1(-1)])
    approximate = cnnlib.gelu(X, "tanh")
    assert 1e-5 < np.abs(approximate - EXPECTED["gelu"]).max() < 1e-3


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=6), st.integers(-2, 1))
def test_probabilities_add_up_to_one_along_the_axis(values, dim):
    x = np.array([values, values[::-1]])
    np.testing.assert_allclose(cnnlib.softmax(x, dim).sum(dim), 1)
    np.testing.assert_allclose(
        cnnlib.log_softmax(x, dim), special.log_softmax(x, dim), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("name", ["gelu", "silu"])
def test_more_entries_than_one_block(name):
    """They are computed in blocks; each entry must be in one of them."""
    x = np.linspace(-9, 9, 2 * BLOCK + 7, dtype=np.float32)
    function = getattr(cnnlib, name)
    expected = [function(part) for part in np.array_split(x, 5)]
    np.testing.assert_array_equal(function(x.reshape(5, -1)).ravel(), np.concatenate(expected))
    assert function(np.asfortranarray(x.reshape(5, -1)))[1, 2] == function(x.reshape(5, -1)[1, 2])
