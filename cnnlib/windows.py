"""Sliding windows as strided views, and padding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnlib.shapes import Array, Geometry, PadWidth, Pair, ShapeError, format_size, span

# Padding modes: PyTorch's names, which we use, and NumPy's.
PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def windows(padded: Array, geometry: Geometry) -> Array:
    """View the last two axes of a padded array as windows, without a copy.

    The next output is `stride` rows or columns away, and the next kernel entry `dilation` rows or
    columns away, so the view needs only new strides.

    Parameters
    ----------
    padded : array, shape (..., rows, columns)
        The padded input, or a few rows of it.
    geometry : Geometry

    Returns
    -------
    array, shape (..., output rows, output columns, kernel rows, kernel columns), read-only

    Examples
    --------
    >>> from cnnlib.shapes import window_geometry
    >>> x = np.arange(16).reshape(4, 4)
    >>> windows(x, window_geometry((4, 4), 2))[2, 2]
    array([[10, 11],
           [14, 15]])
    """
    (sh, sw), (dh, dw) = geometry.stride, geometry.dilation
    row, column = padded.strides[-2:]
    height = (padded.shape[-2] - span(geometry.kernel[0], dh)) // sh + 1
    shape = (*padded.shape[:-2], height, geometry.output[1], *geometry.kernel)
    strides = (*padded.strides[:-2], row * sh, column * sw, row * dh, column * dw)
    if padded.flags.c_contiguous and not padded.dtype.hasobject:
        # The same view as `as_strided`, created four times faster.
        view: Array = np.ndarray(shape, padded.dtype, padded, 0, strides)
        view.flags.writeable = False
        return view
    return as_strided(padded, shape, strides, writeable=False)


def padded_rows(x: Array, geometry: Geometry, outputs: range, scratch: Array) -> Array:
    """Return the rows of the padded input that the given output rows depend on.

    Without padding this is a view of x (..., H, W). With padding it is a copy in `scratch`
    (..., rows, padded W), whose padding columns must already be zero; the input is never padded as
    a whole.

    Examples
    --------
    >>> from cnnlib.shapes import window_geometry
    >>> x = np.array([[1, 2], [3, 4]])
    >>> geometry = window_geometry((2, 2), 2, padding=1)
    >>> padded_rows(x, geometry, range(2), np.zeros((3, 4), int))
    array([[0, 0, 0, 0],
           [0, 1, 2, 0],
           [0, 3, 4, 0]])
    """
    first = outputs.start * geometry.stride[0] - geometry.padding[0][0]  # negative in the padding
    count = (len(outputs) - 1) * geometry.stride[0] + geometry.extent[0]
    low = max(first, 0)
    high = max(low, min(first + count, geometry.input[0]))
    if geometry.padding == ((0, 0), (0, 0)):
        return x[..., low:high, :]
    left = geometry.padding[1][0]
    strip = scratch[..., :count, :]
    strip[..., : low - first, :] = 0
    strip[..., low - first : high - first, left : left + geometry.input[1]] = x[..., low:high, :]
    strip[..., high - first :, :] = 0
    return strip


def tap_slices(geometry: Geometry, axis: int, outputs: range) -> Iterator[tuple[int, slice, slice]]:
    """Pair outputs with the inputs that each kernel entry multiplies, along one axis.

    Yields the index of the kernel entry (tap), a slice of outputs relative to the start of
    `outputs`, and the matching slice of inputs. Padding is skipped, so the input need not be
    padded.

    Examples
    --------
    >>> from cnnlib.shapes import window_geometry
    >>> geometry = window_geometry((4, 4), 2, padding=1)
    >>> x = np.array([1, 2, 3, 4])
    >>> [(tap, to.start, x[source]) for tap, to, source in tap_slices(geometry, 0, range(5))]
    [(0, 1, array([1, 2, 3, 4])), (1, 0, array([1, 2, 3, 4]))]
    """
    size, stride, before = geometry.input[axis], geometry.stride[axis], geometry.padding[axis][0]
    dilation = geometry.dilation[axis]
    # Kernel entries that lie in the padding for all outputs are left out.
    low = -((before - (outputs.stop - 1) * stride) // -dilation)
    high = (size - 1 + before - outputs.start * stride) // dilation
    for tap in range(max(0, low), min(geometry.kernel[axis], high + 1)):
        shift = tap * dilation - before
        first = max(outputs.start, -(shift // stride))
        last = min(outputs.stop, (size - 1 - shift) // stride + 1)
        if first < last:
            source = slice(first * stride + shift, (last - 1) * stride + shift + 1, stride)
            yield tap, slice(first - outputs.start, last - outputs.start), source


def pad(array: Array, padding: PadWidth, mode: str = "zeros", value: Any = 0) -> Array:
    """Pad the last two axes; return the array itself if there is no padding.

    Examples
    --------
    >>> pad(np.array([[1, 2], [3, 4]]), ((0, 0), (1, 1)), "circular")
    array([[2, 1, 2, 1],
           [4, 3, 4, 3]])
    """
    rows, columns = array.shape[-2:]
    check_padding_mode((rows, columns), padding, mode)
    if padding == ((0, 0), (0, 0)):
        return array
    (top, bottom), (left, right) = padding
    if mode == "zeros":
        shape = (*array.shape[:-2], top + rows + bottom, left + columns + right)
        padded = np.zeros(shape, array.dtype)
        if value:
            padded[...] = value
        padded[..., top : top + rows, left : left + columns] = array
        return padded
    pad_width = [(0, 0)] * (array.ndim - 2) + [*padding]
    return np.pad(array, pad_width, mode=PADDING_MODES[mode])  # type: ignore[call-overload,no-any-return]


def check_padding_mode(size: Pair, padding: PadWidth, mode: str) -> None:
    """Check that a matrix is large enough to be padded in this way."""
    if mode not in [*PADDING_MODES]:
        raise ValueError(f"padding_mode must be one of {', '.join(PADDING_MODES)}, got {mode!r}")
    rows, columns = size
    # Reflection leaves out the edge, so it reaches one row or column less far.
    edge = {"reflect": 1, "circular": 0}.get(mode)
    if edge is not None and (max(padding[0]) > rows - edge or max(padding[1]) > columns - edge):
        limit = format_size((max(rows - edge, 0), max(columns - edge, 0)))
        raise ShapeError(
            f"padding {padding} is too wide for padding_mode={mode!r} on an input of "
            f"{format_size((rows, columns))}: at most {limit} fits"
        )
    if mode == "replicate" and 0 in (rows, columns):
        raise ShapeError(f"input {format_size((rows, columns))} has no edge to replicate")
