"""Activation functions.

All are numerically stable: no intermediate value overflows for large inputs of either sign. NaN
gives NaN. float16 is computed in float32; integers give float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnlib.dtypes import as_floats, as_numeric, compute_dtype
from cnnlib.shapes import Array, ShapeError


@np.errstate(all="ignore")
def apply_to_floats(function: Callable[[Array], Array], input: npt.ArrayLike) -> Array:
    """Apply a function in float32 or wider, and cast the result to the dtype of the input."""
    x = as_floats(input, "input")
    y = function(x.astype(compute_dtype(x.dtype), copy=False))
    return np.asarray(y).astype(x.dtype, copy=False)


def relu(input: npt.ArrayLike) -> Array:
    """Apply the rectified linear unit: ``max(x, 0)``.

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
    x = as_numeric(input, "input")
    if x.dtype.kind == "c":
        raise TypeError("input must hold real numbers: complex numbers have no order")
    result: Array = np.maximum(x, np.zeros((), x.dtype))
    return result


def leaky_relu(input: npt.ArrayLike, negative_slope: float = 0.01) -> Array:
    """Apply leaky ReLU: ``x`` if x > 0, else ``negative_slope · x``.

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
    return apply_to_floats(lambda x: np.where(x > 0, x, x * x.dtype.type(negative_slope)), input)


def elu(input: npt.ArrayLike, alpha: float = 1.0) -> Array:
    """Apply the exponential linear unit: ``x`` if x > 0, else ``alpha (exp(x) - 1)``.

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
    # np.where evaluates both branches, so expm1 must not overflow where x > 0.
    return apply_to_floats(
        lambda x: np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0))), input
    )


def sigmoid(input: npt.ArrayLike) -> Array:
    """Apply the logistic function: ``1 / (1 + exp(-x))``, between 0 and 1.

    For negative x it is computed as ``exp(x) / (1 + exp(x))``, so that only ``exp(-|x|)``, which is
    at most 1, is needed.

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
    return apply_to_floats(_sigmoid, input)


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    result: Array = np.where(x < 0, small, 1) / (1 + small)
    return result


def tanh(input: npt.ArrayLike) -> Array:
    """Apply the hyperbolic tangent: ``(exp(x) - exp(-x)) / (exp(x) + exp(-x))``.

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
    return apply_to_floats(np.tanh, input)


def silu(input: npt.ArrayLike) -> Array:
    """Apply the sigmoid linear unit (swish): ``x / (1 + exp(-x))``.

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
    return apply_to_floats(lambda x: x * _sigmoid(x), input)


def softplus(input: npt.ArrayLike) -> Array:
    """Apply softplus, a smooth ReLU: ``log(1 + exp(x))``.

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
    In PyTorch this is ``torch.nn.functional.softplus``, which returns x itself above 20, less by
    2e-9.

    Examples
    --------
    >>> softplus([-1000.0, 0.0, 1000.0]).round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03])
    """
    return apply_to_floats(lambda x: np.logaddexp(x, x.dtype.type(0)), input)


def gelu(input: npt.ArrayLike, approximate: Literal["none", "tanh"] = "none") -> Array:
    """Apply the Gaussian error linear unit: ``x · Φ(x)``, Φ the normal cumulative distribution.

    "none" is exact, ``x/2 · (1 + erf(x / √2))``; NumPy has no erf, so Python's is called for each
    entry, which takes about 0.1 µs. "tanh" is ``x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))``.

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
        return apply_to_floats(
            lambda x: x * 0.5 * (1 + np.tanh(x.dtype.type(scale) * (x + 0.044715 * x**3))), input
        )
    return apply_to_floats(lambda x: x * 0.5 * (1 + _erf(x * math.sqrt(0.5))), input)


def _erf(x: Array) -> Array:
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), dtype=x.dtype)


def softmax(input: npt.ArrayLike, axis: int = -1) -> Array:
    """Convert scores to probabilities: ``exp(x_i) / Σ_j exp(x_j)``.

    The maximum is subtracted first: it cancels, and no exponential exceeds 1.

    Parameters
    ----------
    input : array of real numbers
    axis : int
        The axis along which the results add up to 1.

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
    return apply_to_floats(lambda x: _softmax(x, axis), input)


def _subtract_max(x: Array, axis: int) -> Array:
    if not -x.ndim <= axis < x.ndim:
        raise ShapeError(f"axis {axis} is out of range for an input with {x.ndim} axes")
    if x.shape[axis] == 0:
        return x
    shifted: Array = x - x.max(axis=axis, keepdims=True)
    return shifted


def _softmax(x: Array, axis: int) -> Array:
    exponentials = np.exp(_subtract_max(x, axis))
    result: Array = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return result


def log_softmax(input: npt.ArrayLike, axis: int = -1) -> Array:
    """Compute the logarithm of softmax: ``x_i - log Σ_j exp(x_j)``.

    Computed without softmax, so that the logarithms of small probabilities stay accurate.

    Parameters
    ----------
    input : array of real numbers
    axis : int
        The axis along which the probabilities add up to 1.

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
    return apply_to_floats(lambda x: _log_softmax(x, axis), input)


def _log_softmax(x: Array, axis: int) -> Array:
    shifted = _subtract_max(x, axis)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return result
