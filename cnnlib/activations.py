"""Functions applied to each entry, and softmax.

Each is written so that no intermediate value overflows, however large the input, of either sign.
Results for NaN are NaN. float16 is computed in float32; integers give float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnlib.dtypes import numeric, real_floats, wider
from cnnlib.shapes import Array, ShapeError


@np.errstate(all="ignore")
def apply(function: Callable[[Array], Array], input: npt.ArrayLike) -> Array:
    """Apply a function of real floats, in float32 or wider, and return the input's type."""
    x = real_floats(input, "input")
    return np.asarray(function(x.astype(wider(x.dtype), copy=False))).astype(x.dtype, copy=False)


def relu(input: npt.ArrayLike) -> Array:
    """Replace what is negative by zero: ``max(x, 0)``.

    Parameters
    ----------
    input : array of real numbers, or of objects that can be compared

    Returns
    -------
    array of the input's shape and dtype

    Raises
    ------
    TypeError
        If the input holds complex numbers, which have no order.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.relu``.

    Examples
    --------
    >>> relu([-2, 0, 3])
    array([0, 0, 3])
    """
    x = numeric(input, "input")
    if x.dtype.kind == "c":
        raise TypeError("input must hold real numbers: complex ones have no order")
    result: Array = np.maximum(x, np.zeros((), x.dtype))
    return result


def leaky_relu(input: npt.ArrayLike, negative_slope: float = 0.01) -> Array:
    """Scale what is negative: ``x`` if x > 0, else ``negative_slope · x``.

    Parameters
    ----------
    input : array of real numbers
    negative_slope : float

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.leaky_relu``.

    Examples
    --------
    >>> leaky_relu([-2.0, 3.0], 0.5)
    array([-1.,  3.])
    """
    return apply(lambda x: np.where(x > 0, x, x * x.dtype.type(negative_slope)), input)


def elu(input: npt.ArrayLike, alpha: float = 1.0) -> Array:
    """Bend what is negative towards -alpha: ``x`` if x > 0, else ``alpha (exp(x) - 1)``.

    Parameters
    ----------
    input : array of real numbers
    alpha : float

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.elu``. Source: Clevert, Unterthiner and Hochreiter
    (2016).

    Examples
    --------
    >>> elu([-1000.0, 0.0, 3.0])
    array([-1.,  0.,  3.])
    """
    # Where x > 0, expm1 is not used, but it is computed: it must not overflow.
    return apply(
        lambda x: np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0))), input
    )


def sigmoid(input: npt.ArrayLike) -> Array:
    """Squeeze to (0, 1): ``1 / (1 + exp(-x))``.

    For negative x the same is ``exp(x) / (1 + exp(x))``; so only ``exp(-|x|)`` is taken, which
    is at most 1.

    Parameters
    ----------
    input : array of real numbers

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.sigmoid``.

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    return apply(_sigmoid, input)


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    result: Array = np.where(x < 0, small, 1) / (1 + small)
    return result


def tanh(input: npt.ArrayLike) -> Array:
    """Squeeze to (-1, 1): ``(exp(x) - exp(-x)) / (exp(x) + exp(-x))``.

    Parameters
    ----------
    input : array of real numbers

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.tanh``.

    Examples
    --------
    >>> tanh([-1000.0, 0.0, 1000.0])
    array([-1.,  0.,  1.])
    """
    return apply(np.tanh, input)


def silu(input: npt.ArrayLike) -> Array:
    """Weigh each entry by its sigmoid: ``x / (1 + exp(-x))``, also called swish.

    Parameters
    ----------
    input : array of real numbers

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.silu``. Source: Elfwing, Uchibe and Doya (2018).

    Examples
    --------
    >>> silu([-1000.0, 0.0, 1000.0])
    array([  -0.,    0., 1000.])
    """
    return apply(lambda x: x * _sigmoid(x), input)


def softplus(input: npt.ArrayLike) -> Array:
    """Round the corner of relu: ``log(1 + exp(x))``.

    Computed as ``max(x, 0) + log(1 + exp(-|x|))``.

    Parameters
    ----------
    input : array of real numbers

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.softplus``, which returns x itself above 20: 2e-9 less.

    Examples
    --------
    >>> softplus([-1000.0, 0.0, 1000.0]).round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03])
    """
    return apply(lambda x: np.logaddexp(x, x.dtype.type(0)), input)


def gelu(input: npt.ArrayLike, approximate: Literal["none", "tanh"] = "none") -> Array:
    """Weigh each entry by the share of a normal distribution below it: ``x · Φ(x)``.

    "none" is exact, ``x/2 · (1 + erf(x / √2))``; NumPy has no erf, so Python's is called for each
    entry, about 0.1 µs. "tanh" is ``x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))``.

    Parameters
    ----------
    input : array of real numbers
    approximate : {"none", "tanh"}

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.gelu``. Source: Hendrycks and Gimpel (2016).

    Examples
    --------
    >>> gelu([-1000.0, 0.0, 1000.0])
    array([  -0.,    0., 1000.])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'approximate must be "none" or "tanh", got {approximate!r}')
    if approximate == "tanh":
        scale = math.sqrt(2 / math.pi)
        return apply(
            lambda x: x * 0.5 * (1 + np.tanh(x.dtype.type(scale) * (x + 0.044715 * x**3))), input
        )
    return apply(lambda x: x * 0.5 * (1 + _erf(x * math.sqrt(0.5))), input)


def _erf(x: Array) -> Array:
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), dtype=x.dtype)


def softmax(input: npt.ArrayLike, axis: int = -1) -> Array:
    """Turn scores into probabilities: ``exp(x_i) / Σ_j exp(x_j)``.

    The largest score is subtracted first: it cancels, and no power exceeds 1.

    Parameters
    ----------
    input : array of real numbers
    axis : int
        Along which the results add up to 1.

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.softmax``, whose ``dim`` is our `axis`.

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    return apply(lambda x: _softmax(x, axis), input)


def _shifted(x: Array, axis: int) -> Array:
    if not -x.ndim <= axis < x.ndim:
        raise ShapeError(f"axis {axis} is out of range for an input with {x.ndim} axes")
    if x.shape[axis] == 0:
        return x
    shifted: Array = x - x.max(axis=axis, keepdims=True)
    return shifted


def _softmax(x: Array, axis: int) -> Array:
    powers = np.exp(_shifted(x, axis))
    result: Array = powers / powers.sum(axis=axis, keepdims=True)
    return result


def log_softmax(input: npt.ArrayLike, axis: int = -1) -> Array:
    """Take the logarithm of softmax: ``x_i - log Σ_j exp(x_j)``.

    Computed without taking softmax first, so that small probabilities keep their logarithm.

    Parameters
    ----------
    input : array of real numbers
    axis : int
        Along which the probabilities add up to 1.

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.log_softmax``, whose ``dim`` is our `axis`.

    Examples
    --------
    >>> log_softmax([0.0, -1000.0])
    array([    0., -1000.])
    """
    return apply(lambda x: _log_softmax(x, axis), input)


def _log_softmax(x: Array, axis: int) -> Array:
    shifted = _shifted(x, axis)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return result
