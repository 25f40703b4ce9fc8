"""The one strided view of sliding windows, and the padding around it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnlib.shapes import Array, Geometry, ShapeError, Sides, times

# Our names for the padding modes (PyTorch's), and NumPy's.
PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def windows(padded: Array, geometry: Geometry) -> Array:
    """View the last two axes of a padded array as windows, without a copy.

    Moving one output down or right is a step of `stride` rows or columns; moving one kernel entry
    is a step of `dilation`. So the whole view is arithmetic on strides.

    Parameters
    ----------
    padded : array, shape (..., rows, columns)
    geometry : Geometry

    Returns
    -------
    array, shape (..., output rows, output columns, kernel rows, kernel columns), read-only

    Examples
    --------
    >>> from cnnlib.shapes import geometry
    >>> x = np.arange(16).reshape(4, 4)
    >>> windows(x, geometry((4, 4), 2))[2, 2]
    array([[10, 11],
           [14, 15]])
    """
    rows, columns = padded.strides[-2:]
    (down, right), (dilate_rows, dilate_columns) = geometry.stride, geometry.dilation
    return as_strided(
        padded,
        padded.shape[:-2] + geometry.output + geometry.kernel,
        (
            *padded.strides[:-2],
            *(rows * down, columns * right),
            *(rows * dilate_rows, columns * dilate_columns),
        ),
        writeable=False,
    )


def pad(array: Array, sides: Sides, mode: str = "zeros", value: Any = 0) -> Array:
    """Surround the last two axes with padding; the array itself if there is none.

    Examples
    --------
    >>> pad(np.array([[1, 2], [3, 4]]), ((0, 0), (1, 1)), "circular")
    array([[2, 1, 2, 1],
           [4, 3, 4, 3]])
    """
    if mode not in PADDING_MODES:
        raise ValueError(f"padding_mode must be one of {', '.join(PADDING_MODES)}, got {mode!r}")
    if sides == ((0, 0), (0, 0)):
        return array
    (top, bottom), (left, right) = sides
    rows, columns = array.shape[-2:]
    if mode == "zeros":
        shape = (*array.shape[:-2], top + rows + bottom, left + columns + right)
        padded = np.full(shape, value, array.dtype)
        padded[..., top : top + rows, left : left + columns] = array
        return padded
    most = {"reflect": 1, "circular": 0}.get(mode)
    if most is not None and (max(sides[0]) > rows - most or max(sides[1]) > columns - most):
        limit = times((max(rows - most, 0), max(columns - most, 0)))
        raise ShapeError(
            f"padding {sides} is too wide for padding_mode={mode!r} on an input of "
            f"{times((rows, columns))}: at most {limit} fits"
        )
    if mode == "replicate" and 0 in (rows, columns):
        raise ShapeError(f"an input of {times((rows, columns))} has no edge to replicate")
    around = [(0, 0)] * (array.ndim - 2) + [*sides]
    return np.pad(array, around, mode=PADDING_MODES[mode])  # type: ignore[call-overload,no-any-return]
