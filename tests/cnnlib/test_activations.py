import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

import cnnlib

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
