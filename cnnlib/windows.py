"""The one strided view of sliding windows, and the padding around it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnlib.shapes import Array, Geometry, Pair, ShapeError, Sides, geometry, span, times

# Our names for the padding modes (PyTorch's), and NumPy's.
PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def windows(padded: Array, where: Geometry) -> Array:
    """View the last two axes of a padded array as windows, without a copy.

    Moving one output down or right is a step of `stride` rows or columns; moving one kernel entry
    is a step of `dilation`. So the whole view is arithmetic on strides.

    Parameters
    ----------
    padded : array, shape (..., rows, columns)
        The padded input, or a few rows of it.
    where : Geometry

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
    (down, right), extent = where.stride, span(where.kernel[0], where.dilation[0])
    rows, columns = padded.strides[-2:]
    steps = rows * down, columns * right, rows * where.dilation[0], columns * where.dilation[1]
    height = (padded.shape[-2] - extent) // down + 1
    shape = (*padded.shape[:-2], height, where.output[1], *where.kernel)
    strides = (*padded.strides[:-2], *steps)
    if padded.flags.c_contiguous and not padded.dtype.hasobject:
        # The same view, made four times quicker.
        view: Array = np.ndarray(shape, padded.dtype, padded, 0, strides)
        view.flags.writeable = False
        return view
    return as_strided(padded, shape, strides, writeable=False)


@lru_cache(maxsize=256)
def window_places(size: Pair, kernel: Pair) -> Array:
    """List the entries under each window of a matrix, numbered rows first.

    The list is kept, so that a tiny convolution costs no shape arithmetic from the second call on.

    Examples
    --------
    >>> window_places((3, 3), (2, 2))[0, 1]
    array([1, 2, 4, 5])
    """
    where = geometry(size, kernel)
    places = np.arange(size[0] * size[1]).reshape(size)
    # (oh, ow, kh, kw) -> (oh, ow, kh·kw)
    return windows(places, where).reshape(*where.output, -1)


def padded_rows(x: Array, where: Geometry, outputs: range, scratch: Array) -> Array:
    """Return the rows of the padded input under some rows of output.

    A view of x (..., H, W) if there is no padding, else a copy in `scratch` (..., rows, padded W),
    whose side columns are zeros: so the input is never padded as a whole.

    Examples
    --------
    >>> from cnnlib.shapes import geometry
    >>> x = np.array([[1, 2], [3, 4]])
    >>> padded_rows(x, geometry((2, 2), 2, padding=1), range(2), np.zeros((3, 4), int))
    array([[0, 0, 0, 0],
           [0, 1, 2, 0],
           [0, 3, 4, 0]])
    """
    first = outputs.start * where.stride[0] - where.padding[0][0]  # below 0 in the padding
    count = (len(outputs) - 1) * where.stride[0] + where.extent[0]
    low = max(first, 0)
    high = max(low, min(first + count, where.input[0]))
    if where.padding == ((0, 0), (0, 0)):
        return x[..., low:high, :]
    left = where.padding[1][0]
    strip = scratch[..., :count, :]
    strip[..., : low - first, :] = 0
    strip[..., low - first : high - first, left : left + where.input[1]] = x[..., low:high, :]
    strip[..., high - first :, :] = 0
    return strip


def tap_slices(where: Geometry, axis: int, outputs: range) -> Iterator[tuple[int, slice, slice]]:
    """Pair, for each kernel entry along an axis, outputs with the inputs that it multiplies.

    Only what lies inside the input is paired, so padding needs no copy of the input. Yields the
    entry's index; the slice of outputs, counted from the first of `outputs`; and the slice of
    inputs, counted from the first that is not padding.

    Examples
    --------
    >>> from cnnlib.shapes import geometry
    >>> where = geometry((4, 4), 2, padding=1)
    >>> x = np.array([1, 2, 3, 4])
    >>> [(tap, to.start, x[source]) for tap, to, source in tap_slices(where, 0, range(5))]
    [(0, 1, array([1, 2, 3, 4])), (1, 0, array([1, 2, 3, 4]))]
    """
    size, stride, before = where.input[axis], where.stride[axis], where.padding[axis][0]
    for tap in range(where.kernel[axis]):
        shift = tap * where.dilation[axis] - before
        first = max(outputs.start, -(shift // stride))
        last = min(outputs.stop, (size - 1 - shift) // stride + 1)
        if first < last:
            source = slice(first * stride + shift, (last - 1) * stride + shift + 1, stride)
            yield tap, slice(first - outputs.start, last - outputs.start), source


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
        padded = np.zeros(shape, array.dtype)
        if value:
            padded[...] = value
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
