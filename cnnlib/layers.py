"""Layers without windows."""

from __future__ import annotations

import numpy.typing as npt

from cnnlib.dtypes import numeric
from cnnlib.shapes import Array, ShapeError


def linear(input: npt.ArrayLike, weight: npt.ArrayLike, bias: npt.ArrayLike | None = None) -> Array:
    """Take weighted sums of the last axis: ``y = x Wᵀ + b``.

    Examples
    --------
    >>> linear([1, 2], [[3, 4], [5, 6]], [0, 1])
    array([11, 18])
    """
    x, w = numeric(input, "input"), numeric(weight, "weight")
    if w.ndim != 2 or x.ndim < 1 or x.shape[-1] != w.shape[1]:
        raise ShapeError(
            f"weight must have shape (outputs, inputs) and input (..., inputs), "
            f"got {w.shape} and {x.shape}"
        )
    y: Array = x @ w.T
    if bias is None:
        return y
    b = numeric(bias, "bias")
    if b.shape != (len(w),):
        raise ShapeError(f"bias must have shape ({len(w)},), one for each output, got {b.shape}")
    return y + b


def flatten(input: npt.ArrayLike, start_axis: int = 0, end_axis: int = -1) -> Array:
    """Make one axis of those from `start_axis` to `end_axis`, rows first.

    Examples
    --------
    >>> import numpy as np
    >>> flatten(np.zeros((10, 3, 4, 4)), 1).shape
    (10, 48)
    """
    x = numeric(input, "input")
    start, end = range(x.ndim)[start_axis], range(x.ndim)[end_axis]
    return x.reshape(*x.shape[:start], -1, *x.shape[end + 1 :])
