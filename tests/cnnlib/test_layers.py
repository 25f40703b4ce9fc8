import numpy as np
import pytest

import cnnlib
from cnnlib import flatten, linear


def test_linear_is_a_matrix_product():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(5, 4)), rng.normal(size=5)
    expected = np.einsum("nij,oj->nio", x, w) + b
    np.testing.assert_allclose(linear(x, w, b), expected)


def test_linear_on_small_integers_does_not_overflow():
    assert linear(np.full(3, 200, np.uint8), np.full((1, 3), 200, np.uint8)).tolist() == [120000]


def test_flatten_joins_the_given_axes():
    x = np.arange(24).reshape(2, 3, 4)
    assert flatten(x).shape == (24,)
    assert flatten(x, 1).tolist() == x.reshape(2, 12).tolist()
    assert flatten(x, 0, 1).tolist() == x.reshape(6, 4).tolist()
    assert flatten(5).tolist() == [5]
    assert flatten(np.zeros((0, 3, 4)), 1).shape == (0, 12)


def test_batch_norm_normalises_each_channel():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, size=(50, 4, 5, 6))
    mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
    y = cnnlib.batch_norm(x, mean, var, eps=0)
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.std((0, 2, 3)), 1)
    scaled = cnnlib.batch_norm(x, mean, var, [2.0] * 4, [1.0] * 4, eps=0)
    np.testing.assert_allclose(scaled, 2 * y + 1)
    assert cnnlib.batch_norm(x.astype(np.float32), mean, var).dtype == np.float32
    assert cnnlib.batch_norm([[5.0]], [1.0], [3.0], eps=1.0).tolist() == [[2]]  # (5 - 1) / √(3 + 1)


def test_batch_norm_needs_running_statistics():
    with pytest.raises(
        TypeError, match="running_var must hold numbers or number-like objects, got NoneType"
    ):
        cnnlib.batch_norm(np.ones((2, 3)), np.ones(3), None)


def test_batch_norm_without_variance_is_silent():
    """A warning would be an error here, as it is in a post."""
    assert cnnlib.batch_norm([[1.0], [2.0]], [1.0], [0.0], eps=0)[1, 0] == np.inf
