"""Functions applied to each entry, and softmax."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cnnlib.dtypes import numeric, real_floats, wider
from cnnlib.shapes import Array


def relu(input: npt.ArrayLike) -> Array:
    """Replace what is negative by zero: ``max(x, 0)``.

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


def sigmoid(input: npt.ArrayLike) -> Array:
    """Squeeze to (0, 1): ``1 / (1 + exp(-x))``.

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    x = real_floats(input, "input")
    wide = x.astype(wider(x.dtype), copy=False)
    small = np.exp(-np.abs(wide))  # never overflows
    result: Array = np.where(wide < 0, small, 1) / (1 + small)
    return result.astype(x.dtype, copy=False)


def tanh(input: npt.ArrayLike) -> Array:
    """Squeeze to (-1, 1): ``(exp(x) - exp(-x)) / (exp(x) + exp(-x))``.

    Examples
    --------
    >>> tanh([-1000.0, 0.0, 1000.0])
    array([-1.,  0.,  1.])
    """
    result: Array = np.tanh(real_floats(input, "input"))
    return result


def softmax(input: npt.ArrayLike, axis: int = -1) -> Array:
    """Turn scores into probabilities: ``exp(x_i) / Σ exp(x_j)``.

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    x = real_floats(input, "input")
    wide = x.astype(wider(x.dtype), copy=False)
    powers = np.exp(wide - wide.max(axis=axis, keepdims=True))
    result: Array = powers / powers.sum(axis=axis, keepdims=True)
    return result.astype(x.dtype, copy=False)
