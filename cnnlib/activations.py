"""Activation functions.

All are accurate over the whole range of their input: float32 results to 4 units in the last place,
float64 results to a relative error of 1e-12. NaN gives NaN. float16 is computed in float32, and
where one precision would lose digits, float16 and float32 are computed in float64. Integers give
float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnlib.dtypes import as_floats, as_numeric
from cnnlib.shapes import Array, as_axis, as_real

# Entries at a time in float64, so that all intermediate results stay in a core's cache.
BLOCK = 1 << 14


@np.errstate(all="ignore")
def apply_to_floats(
    function: Callable[[Array], Array], input: npt.ArrayLike, inplace: bool = False
) -> Array:
    """Apply a function in float32 or wider, and cast the result to the dtype of the input."""
    x = as_floats(input, "input")
    y = np.asarray(function(x.astype(np.result_type(x.dtype, np.float32), copy=False)))
    return store(y.astype(x.dtype, copy=False).reshape(x.shape), input, inplace)


@np.errstate(all="ignore")
def apply_to_doubles(
    function: Callable[[Array], Array], input: npt.ArrayLike, inplace: bool = False
) -> Array:
    """Apply a function of single entries in float64 or wider, and cast the result likewise."""
    x = as_floats(input, "input")
    flat, dtype = x.reshape(-1), np.result_type(x.dtype, np.float64)
    y = np.empty_like(flat)
    for first in range(0, flat.size, BLOCK):
        block = slice(first, first + BLOCK)
        y[block] = function(flat[block].astype(dtype, copy=False))
    return store(y.reshape(x.shape), input, inplace)


def store(result: Array, input: npt.ArrayLike, inplace: bool) -> Array:
    """Return the result; with `inplace`, write it to the input and return that."""
    if not inplace:
        return result
    if not isinstance(input, np.ndarray) or input.dtype != result.dtype:
        given = f"an array of {input.dtype}" if isinstance(input, np.ndarray) else type(input)
        raise TypeError(f"inplace=True needs an input array of {result.dtype}, got {given}")
    input[...] = result
    return input


def relu(input: npt.ArrayLike, inplace: bool = False) -> Array:
    r"""Apply the rectified linear unit: keep what is positive, and make the rest zero.

    .. math:: y = \max(x, 0)

    Parameters
    ----------
    input : array of real numbers, or of objects that can be compared
        Of any shape.
    inplace : bool
        Write the result to the input, which must be an array of the result's dtype, and return it.

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
    return store(np.asarray(np.maximum(x, np.zeros((), x.dtype))), input, inplace)


def leaky_relu(input: npt.ArrayLike, negative_slope: float = 0.01, inplace: bool = False) -> Array:
    r"""Apply leaky ReLU, which lets a little of what is negative through.

    .. math:: y = \max(x, 0) + a \min(x, 0)

    Here *a* is `negative_slope`.

    Parameters
    ----------
    input : array of real numbers
        Of any shape.
    negative_slope : float
    inplace : bool
        Write the result to the input, which must be an array of the result's dtype, and return it.

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects, or `negative_slope` is not a number.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.leaky_relu``.

    Examples
    --------
    >>> leaky_relu([-2.0, 3.0], 0.5)
    array([-1.,  3.])
    """
    slope = as_real(negative_slope, "negative_slope")
    return apply_to_floats(lambda x: np.where(x > 0, x, x * slope), input, inplace)


def elu(input: npt.ArrayLike, alpha: float = 1.0, inplace: bool = False) -> Array:
    r"""Apply the exponential linear unit, which levels off for negative numbers.

    .. math:: y = \max(x, 0) + a \left(e^{\min(x, 0)} - 1\right)

    Here *a* is `alpha`.

    Parameters
    ----------
    input : array of real numbers
        Of any shape.
    alpha : float
    inplace : bool
        Write the result to the input, which must be an array of the result's dtype, and return it.

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects, or `alpha` is not a number.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.elu``. Source: Clevert, Unterthiner and Hochreiter
    (2016).

    Examples
    --------
    >>> elu([-1000.0, 0.0, 3.0])
    array([-1.,  0.,  3.])
    """
    scale = as_real(alpha, "alpha")
    # np.where evaluates both branches, so expm1 must not overflow where x > 0.
    return apply_to_floats(
        lambda x: np.where(x > 0, x, scale * np.expm1(np.minimum(x, 0))), input, inplace
    )


def sigmoid(input: npt.ArrayLike) -> Array:
    r"""Apply the logistic function, whose values lie between 0 and 1.

    .. math:: y = \frac{1}{1 + e^{-x}}

    For negative x it is computed as ``exp(x) / (1 + exp(x))``, so that only ``exp(-|x|)``, which is
    at most 1, is needed.

    Parameters
    ----------
    input : array of real numbers
        Of any shape.

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
    return np.asarray(np.where(x < 0, small, 1) / (1 + small))


def tanh(input: npt.ArrayLike) -> Array:
    r"""Apply the hyperbolic tangent, whose values stay within ±1.

    .. math:: y = \frac{e^x - e^{-x}}{e^x + e^{-x}}

    Parameters
    ----------
    input : array of real numbers
        Of any shape.

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


def silu(input: npt.ArrayLike, inplace: bool = False) -> Array:
    r"""Apply the sigmoid linear unit, also called swish.

    .. math:: y = \frac{x}{1 + e^{-x}}

    Parameters
    ----------
    input : array of real numbers
        Of any shape.
    inplace : bool
        Write the result to the input, which must be an array of the result's dtype, and return it.

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
    return apply_to_doubles(lambda x: x * _sigmoid(x), input, inplace)


def softplus(input: npt.ArrayLike, beta: float = 1.0, threshold: float = math.inf) -> Array:
    r"""Apply softplus, a smooth ReLU.

    .. math:: y = \frac{1}{b} \log(1 + e^{b x})

    Here *b* is `beta`. It is computed as ``max(x, 0) + log(1 + exp(-|x|))`` for a beta of 1.

    Parameters
    ----------
    input : array of real numbers
        Of any shape.
    beta : float
    threshold : float
        Where ``beta · x`` exceeds it, return x itself, as PyTorch does above 20. By default it is
        infinite: nothing overflows here.

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    TypeError
        If the input holds complex numbers or objects, or `beta` or `threshold` is not a number.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.softplus``, whose `threshold` of 20 makes the result
    smaller by at most 2e-9.

    Examples
    --------
    >>> softplus([-1000.0, 0.0, 1000.0]).round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03])
    """
    scale, most = as_real(beta, "beta"), as_real(threshold, "threshold")
    return apply_to_floats(lambda x: np.where(x * scale > most, x, _softplus(x, scale)), input)


def _softplus(x: Array, beta: float) -> Array:
    # The logarithm is at most log 2, so what overflows for a large x is only its argument.
    positive = np.maximum(x, 0) if beta > 0 else np.minimum(x, 0)
    return np.asarray(positive + np.log1p(np.exp(-np.abs(x * beta))) / beta)


def gelu(input: npt.ArrayLike, approximate: Literal["none", "tanh"] = "none") -> Array:
    r"""Apply the Gaussian error linear unit.

    .. math:: y = \frac{x}{2} \operatorname{erfc} \left(-\frac{x}{\sqrt{2}}\right)

    This is x times the probability that a standard normal variable is below x. NumPy has no erfc,
    so Python's is called for each entry, which takes about 0.1 µs. The usual approximation needs
    only tanh: ``x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))``. Both are computed
    without the sum, which cancels for negative x.

    Parameters
    ----------
    input : array of real numbers
        Of any shape.
    approximate : {"none", "tanh"}
        "none" is exact, "tanh" is the approximation.

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    ValueError
        If `approximate` is neither.
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
    function = _gelu_tanh if approximate == "tanh" else lambda x: x * normal_below(x)
    return apply_to_doubles(function, input)


def normal_below(x: Array) -> Array:
    """Return the probability that a standard normal variable is below each entry."""
    return np.asarray(np.frompyfunc(math.erfc, 1, 1)(x * -math.sqrt(0.5)), x.dtype) / 2


def _gelu_tanh(x: Array) -> Array:
    # (1 + tanh(z)) / 2 is the logistic function of 2z.
    return x * _sigmoid(math.sqrt(8 / math.pi) * (x + 0.044715 * x * x * x))


def softmax(input: npt.ArrayLike, dim: int = -1, *, dtype: npt.DTypeLike | None = None) -> Array:
    r"""Convert scores to probabilities.

    .. math:: y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

    The maximum is subtracted first: it cancels, and no exponential exceeds 1.

    Parameters
    ----------
    input : array of real numbers
        Of any shape.
    dim : int
        The axis along which the results add up to 1.
    dtype : a dtype of floats, optional
        Convert the input to it first.

    Returns
    -------
    array of the input's shape, of `dtype` or the input's; float64 for integers

    Raises
    ------
    ShapeError
        If the axis does not exist.
    TypeError
        If the input holds complex numbers or objects, or `dtype` is not one of floats.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.softmax``.

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    return apply_to_floats(lambda x: _softmax(x, dim), as_dtype(input, dtype))


def as_dtype(input: npt.ArrayLike, dtype: npt.DTypeLike | None) -> npt.ArrayLike:
    """Convert the input to a dtype of floats, if one is given."""
    if dtype is None:
        return input
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"dtype must be one of floats, got {np.dtype(dtype)}")
    return as_floats(input, "input").astype(dtype)


def _softmax(x: Array, dim: int) -> Array:
    shifted, axis = _subtract_max(x, dim)
    exponentials = np.exp(shifted, out=shifted)
    exponentials /= exponentials.sum(axis, keepdims=True)
    return exponentials


def _subtract_max(x: Array, dim: int) -> tuple[Array, int]:
    """Subtract the maximum along an axis, in float64 or wider; return the axis too."""
    axis = as_axis(dim, "dim", x.ndim)
    shifted = np.array(x, np.result_type(x.dtype, np.float64), ndmin=1)
    shifted -= shifted.max(axis, keepdims=True, initial=-np.inf)
    return shifted, axis


def log_softmax(
    input: npt.ArrayLike, dim: int = -1, *, dtype: npt.DTypeLike | None = None
) -> Array:
    r"""Compute the logarithm of softmax.

    .. math:: y_i = x_i - \log \sum_j e^{x_j}

    Computed without softmax, so that the logarithms of probabilities near 0 and near 1 stay
    accurate.

    Parameters
    ----------
    input : array of real numbers
        Of any shape.
    dim : int
        The axis along which the probabilities add up to 1.
    dtype : a dtype of floats, optional
        Convert the input to it first.

    Returns
    -------
    array of the input's shape, of `dtype` or the input's; float64 for integers

    Raises
    ------
    ShapeError
        If the axis does not exist.
    TypeError
        If the input holds complex numbers or objects, or `dtype` is not one of floats.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.log_softmax``.

    Examples
    --------
    >>> log_softmax([0.0, -1000.0])
    array([    0., -1000.])
    """
    return apply_to_floats(lambda x: _log_softmax(x, dim), as_dtype(input, dtype))


def _log_softmax(x: Array, dim: int) -> Array:
    shifted, axis = _subtract_max(x, dim)
    if x.size == 0:
        return x
    exponentials = np.exp(shifted)
    # The largest, which is 1, is added by log1p: beside it the others could lose all their digits.
    np.put_along_axis(exponentials, shifted.argmax(axis, keepdims=True), 0, axis)
    shifted -= np.log1p(exponentials.sum(axis, keepdims=True))
    return shifted
