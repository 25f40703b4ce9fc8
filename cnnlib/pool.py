"""Pooling: each window becomes one value."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.dtypes import numeric, wider
from cnnlib.shapes import Array, Geometry, IntOrPair, Padding, ShapeError, geometry, times
from cnnlib.windows import pad, windows


def pool_geometry(
    x: Array, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1
) -> Geometry:
    """Check a pooling's arguments; its stride is its window unless given."""
    if x.ndim not in (2, 3, 4):
        raise ShapeError(f"input must have shape (H, W), (C, H, W) or (N, C, H, W), got {x.shape}")
    where = geometry(
        (x.shape[-2], x.shape[-1]),
        kernel_size,
        stride=kernel_size if stride is None else stride,
        padding=padding,
        dilation=dilation,
    )
    for sides, extent in zip(where.padding, where.extent, strict=True):
        if max(sides) > extent // 2:
            raise ValueError(
                f"padding {where.padding} is more than half of the window {times(where.extent)}: "
                "windows at the border could hold no input"
            )
    return where


def max_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
) -> Array:
    """Keep the largest entry of each window.

    Padding counts as minus infinity: it is never the largest.

    Examples
    --------
    >>> max_pool2d([[3, 1], [4, 2]], 2)
    array([[4]])
    """
    x = numeric(input, "input")
    where = pool_geometry(x, kernel_size, stride, padding)
    lowest: Any = -np.inf
    if x.dtype.kind in "biu":
        lowest = False if x.dtype.kind == "b" else np.iinfo(x.dtype).min
    result: Array = windows(pad(x, where.padding, value=lowest), where).max(axis=(-2, -1))
    return result


def avg_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
) -> Array:
    """Take the mean of each window, counting the zeros of the padding.

    Examples
    --------
    >>> avg_pool2d([[3, 1], [4, 2]], 2)
    array([[2.5]])
    """
    x = numeric(input, "input")
    where = pool_geometry(x, kernel_size, stride, padding)
    dtype = np.dtype(np.float64) if x.dtype.kind in "biu" else x.dtype
    view = windows(pad(x.astype(wider(dtype), copy=False), where.padding), where)
    mean: Array = view.sum(axis=(-2, -1)) / (where.kernel[0] * where.kernel[1])
    return mean.astype(dtype, copy=False)
