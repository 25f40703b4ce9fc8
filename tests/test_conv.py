from fractions import Fraction

import numpy as np
import pytest
import sympy
from scipy import signal

import cnnlib
from cnnlib import reference

X = np.array([[1, 2, 0, 3], [4, 1, 2, 2], [0, 3, 1, 5], [2, 0, 4, 1]])
K = np.array([[1, -2], [3, 4]])


def test_one_matrix_agrees_with_loops_and_scipy():
    y = cnnlib.conv2d(X, K)
    assert y.tolist() == reference.conv2d(X, K).tolist()
    assert y.tolist() == signal.correlate2d(X, K, "valid").tolist()


def test_letters_become_numbers():
    letters = np.array(sympy.symbols("a:p")).reshape(4, 4)
    kernel = np.array(sympy.symbols("k11 k12 k21 k22")).reshape(2, 2)
    y = cnnlib.conv2d(letters, kernel)
    a, b, _, _, e, f = letters.ravel()[:6]
    k11, k12, k21, k22 = kernel.ravel()
    assert y[0, 0] == a * k11 + b * k12 + e * k21 + f * k22
    numbers = dict(zip([*letters.ravel(), *kernel.ravel()], [*X.ravel(), *K.ravel()], strict=True))
    substituted = [[int(entry.subs(numbers)) for entry in row] for row in y]
    assert substituted == cnnlib.conv2d(X, K).tolist()


def test_fractions_stay_exact():
    y = cnnlib.conv2d(np.array([[Fraction(1, 3)] * 2] * 2), np.array([[Fraction(1, 7)] * 2] * 2))
    assert y.tolist() == [[Fraction(4, 21)]]


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("dilation", [1, (2, 1)])
@pytest.mark.parametrize("padding", [0, (1, 2), ((0, 1), (2, 0))])
@pytest.mark.parametrize("stride", [1, (2, 3)])
def test_geometry_agrees_with_loops(stride, padding, dilation, groups):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 4, 7, 6)), rng.normal(size=(6, 4 // groups, 3, 2))
    b = rng.normal(size=6)
    expected = reference.conv2d(x, w, b, stride, padding, dilation, groups)
    y = cnnlib.conv2d(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


def test_a_kernel_too_large_says_what_would_fit():
    message = r"kernel 5×5 is larger than the padded input 4×4; padding of 1 or more would fit"
    with pytest.raises(cnnlib.ShapeError, match=message):
        cnnlib.conv2d(X, np.ones((5, 5)))
