"""Pooling: reduce each window to one value."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from cnnlib import shapes
from cnnlib.dtypes import as_numeric, compute_dtype, mean_dtype
from cnnlib.shapes import Array, Geometry, IntOrPair, Padding, Pair, ShapeError, format_size
from cnnlib.windows import tap_slices

# A tile of the input fits a core's cache, yet is large compared with the cost of NumPy calls.
TILE_BYTES = 1 << 20
AdaptiveSize = IntOrPair | tuple[int | None, int | None]


def as_planes(input: npt.ArrayLike) -> tuple[Array, tuple[int, ...]]:
    """View (H, W), (C, H, W) or (N, C, H, W) as planes (P, H, W), and return the axes before H."""
    x = as_numeric(input, "input")
    if x.ndim not in (2, 3, 4):
        raise ShapeError(f"input must have shape (H, W), (C, H, W) or (N, C, H, W), got {x.shape}")
    lead = x.shape[:-2]
    return x.reshape(math.prod(lead), *x.shape[-2:]), lead


def pool_geometry(
    x: Array, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Geometry:
    """Check the arguments of a pooling and return its geometry."""
    size, stride = (x.shape[-2], x.shape[-1]), shapes.pooling_stride(stride, kernel_size)
    geometry = shapes.window_geometry(
        size, kernel_size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    )
    most = geometry.extent[0] - 1, geometry.extent[1] - 1
    if max(geometry.padding[0]) > most[0] or max(geometry.padding[1]) > most[1]:
        raise ShapeError(
            f"padding {geometry.padding} is too wide for the window "
            f"{format_size(geometry.extent)}: at most {format_size(most)} fits, or windows at the "
            "border would hold no input"
        )
    return geometry


def reduce_axis(
    x: Array,
    geometry: Geometry,
    axis: int,
    outputs: range,
    reduce: np.ufunc,
    initial: Any,
    out: Array,
) -> None:
    """Reduce the windows along one axis, with one call of `reduce` for each kernel entry.

    Instead of gathering windows of k entries, this combines k shifted slices of the input. Padding
    is left out, which is the same as padding with `initial`.
    """
    views = [
        (out[:, to], x[:, source]) if axis == 0 else (out[..., to], x[..., source])
        for _, to, source in tap_slices(geometry, axis, outputs)
    ]
    # Slices that cover all outputs go first: if there are two, `initial` is not needed.
    views.sort(key=lambda view: -view[0].size)
    if len(views) > 1 and views[1][0].shape == out.shape:
        # Without `dtype`, two uint8 would be added as uint8 before the cast to `out`.
        reduce(views[0][1], views[1][1], out=out, dtype=out.dtype)
        views = views[2:]
    else:
        out[...] = initial
    for target, source in views:
        reduce(target, source, out=target, dtype=out.dtype)


def pool(
    x: Array, geometry: Geometry, reduce: np.ufunc, initial: Any, divisors: Array | None, out: Array
) -> None:
    """Reduce rows, then columns, one tile of planes and output rows at a time.

    Windows are rectangles, so reducing kh rows and then kw columns takes kh + kw steps for each
    entry instead of kh · kw. A tile that fits the cache is read from memory only once.
    """
    height = max(1, min(geometry.output[0], TILE_BYTES // max(1, x.itemsize * geometry.input[1])))
    count = max(1, TILE_BYTES // max(1, x.itemsize * geometry.input[0] * geometry.input[1]))
    scratch = np.empty((min(count, len(x)), height, geometry.input[1]), out.dtype)
    for first in range(0, len(x), count):
        tile = x[first : first + count]
        for top in range(0, geometry.output[0], height):
            rows = range(top, min(top + height, geometry.output[0]))
            columns = range(geometry.output[1])
            # (P, H, W) -> (P, rows, W) -> (P, rows, ow)
            reduced = scratch[: len(tile), : len(rows)]
            reduce_axis(tile, geometry, 0, rows, reduce, initial, reduced)
            target = out[first : first + count, top : rows.stop]
            reduce_axis(reduced, geometry, 1, columns, reduce, initial, target)
            if divisors is not None:
                np.divide(target, divisors[top : rows.stop], out=target)


def lowest(dtype: np.dtype[Any]) -> Any:
    """Return the lowest value of a dtype: minus infinity, or the smallest integer."""
    if dtype.kind == "c":
        raise TypeError("input must hold real numbers: complex numbers have no maximum")
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return False if dtype.kind == "b" else -np.inf


def check_no_empty_windows(geometry: Geometry, dtype: np.dtype[Any]) -> None:
    """Check that each window holds some input; only floats can represent an empty maximum."""
    for axis in (0, 1):
        reached = np.zeros(geometry.output[axis], bool)
        for _, to, _ in tap_slices(geometry, axis, range(geometry.output[axis])):
            reached[to] = True
        if not reached.all():
            raise ShapeError(
                f"padding {geometry.padding} with dilation {format_size(geometry.dilation)} leaves "
                f"some windows without input, and {dtype} has no minus infinity for them; convert "
                "the input to floats"
            )


@overload
def max_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = ...,
    padding: Padding = ...,
    dilation: IntOrPair = ...,
    ceil_mode: bool = ...,
    return_indices: Literal[False] = ...,
) -> Array: ...


@overload
def max_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = ...,
    padding: Padding = ...,
    dilation: IntOrPair = ...,
    ceil_mode: bool = ...,
    *,
    return_indices: Literal[True],
) -> tuple[Array, Array]: ...


@np.errstate(all="ignore")
def max_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Array | tuple[Array, Array]:
    r"""Take the maximum of each window.

    .. math:: Y_{r,c} = \max_{u,v} X_{rs+ud,\,cs+vd}

    Here *s* is the stride, *d* the dilation, and *u* and *v* are the window's rows and columns.
    Padding counts as minus infinity, so it is never the maximum. A NaN in a window makes its result
    NaN. If a dilated window contains only padding, the result is minus infinity for floats and an
    error for other dtypes.

    Parameters
    ----------
    input : array of real numbers, shape (H, W), (C, H, W) or (N, C, H, W)
        A matrix, one with C channels, or a batch of N such; each channel is pooled alone.
    kernel_size : int or pair of int
        Rows and columns of the window.
    stride : int or pair of int, optional
        Rows and columns from one window to the next; by default `kernel_size`.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        As for `conv2d`; less than the dilated window, ``dilation * (kernel - 1) + 1``.
    dilation : int or pair of int
        Rows and columns from one entry of the window to the next.
    ceil_mode : bool
        Round the output size up, so that the last windows may extend beyond the padding.
    return_indices : bool
        Also return the position of each maximum, as ``row * W + column`` in its plane: the first
        of equal maxima, the last NaN, or -1 if a dilated window contains only padding.

    Returns
    -------
    array of the input's dtype, shape (oh, ow), (C, oh, ow) or (N, C, oh, ow)
        With `return_indices`, a pair of this array and the positions, as int64.

    Raises
    ------
    ShapeError
        If the window does not fit the padded input, padding is as wide as the window, or a window
        contains only padding and the input does not hold floats.
    ValueError
        If an argument is out of range.
    TypeError
        If the numbers are complex, or a size is not an integer.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.max_pool2d``, which takes padding of at most half the
    window; wider, one-sided and "same" paddings are those of ONNX ``MaxPool``.

    Written as plain loops, it is `cnnlib.reference.max_pool2d`.

    Examples
    --------
    >>> max_pool2d([[3, 1], [4, 2]], 2)
    array([[4]])
    >>> max_pool2d([[3, 1], [4, 2]], 2, return_indices=True)[1]
    array([[2]])
    """
    x, lead = as_planes(input)
    geometry = pool_geometry(x, kernel_size, stride, padding, dilation, ceil_mode)
    shape = (*lead, *geometry.output)
    initial = lowest(x.dtype)
    if x.dtype.kind != "f":
        check_no_empty_windows(geometry, x.dtype)
    out = np.empty((len(x), *geometry.output), x.dtype)
    pool(x, geometry, np.maximum, initial, None, out)
    if return_indices:
        return out.reshape(shape), find_maxima(x, geometry, out).reshape(shape)
    return out.reshape(shape)


def find_maxima(x: Array, geometry: Geometry, out: Array) -> Array:
    """Return the position in its plane of the maximum of each window, which `out` holds.

    Kernel entries are visited from the last to the first, so that the first of equal maxima stays,
    but of several NaN the last, as in PyTorch.
    """
    positions = np.arange(geometry.input[0] * geometry.input[1]).reshape(geometry.input)
    indices, has_nan = np.full(out.shape, -1), bool((out != out).any())
    taps = (tap_slices(geometry, axis, range(n)) for axis, n in enumerate(geometry.output))
    backwards = product(*(list(tap)[::-1] for tap in taps))
    for (_, down, from_rows), (_, right, from_columns) in backwards:
        value, index = x[:, from_rows, from_columns], indices[:, down, right]
        is_largest = value == out[:, down, right]
        if has_nan:
            is_largest |= (value != value) & (index < 0)
        # Faster than to copy where it is largest, which the processor cannot foresee.
        index += is_largest * (positions[from_rows, from_columns] - index)
    return indices


@np.errstate(all="ignore")
def avg_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    r"""Take the mean of each window.

    .. math:: Y_{r,c} = \frac{1}{k_h k_w} \sum_{u,v} X_{rs+u,\,cs+v}

    Here *s* is the stride, and *u* and *v* are the rows and columns of a window of kh by kw
    entries.

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
        A matrix, one with C channels, or a batch of N such; each channel is pooled alone.
    kernel_size : int or pair of int
        Rows and columns of the window.
    stride : int or pair of int, optional
        Rows and columns from one window to the next; by default `kernel_size`.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        As for `conv2d`; less than the window.
    ceil_mode : bool
        Round the output size up, so that the last windows may extend beyond the padding; entries
        beyond it are not counted.
    count_include_pad : bool
        Whether to include the zeros of the padding in the mean.
    divisor_override : int, optional
        Divide each sum by this number instead of the number of entries.

    Returns
    -------
    array, shape (oh, ow), (C, oh, ow) or (N, C, oh, ow)
        Of the input's dtype; float64 for integers.

    Raises
    ------
    ShapeError
        If the window does not fit the padded input, or padding is as wide as the window.
    ValueError
        If an argument is out of range, or `divisor_override` is 0.
    TypeError
        If a size is not an integer.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.avg_pool2d``, which takes padding of at most half the
    window; wider, one-sided and "same" paddings are those of ONNX ``AveragePool``.

    Written as plain loops, it is `cnnlib.reference.avg_pool2d`.

    Examples
    --------
    >>> avg_pool2d([[3, 1], [4, 2]], 2)
    array([[2.5]])
    """
    x, lead = as_planes(input)
    geometry = pool_geometry(x, kernel_size, stride, padding, 1, ceil_mode)
    dtype = mean_dtype(x.dtype)
    out = np.empty((len(x), *geometry.output), compute_dtype(dtype))
    divisors = mean_divisors(geometry, count_include_pad, divisor_override)
    pool(x, geometry, np.add, 0, divisors.astype(out.real.dtype), out)
    return out.astype(dtype, copy=False).reshape(*lead, *geometry.output)


def mean_divisors(geometry: Geometry, include_pad: bool, override: int | None) -> Array:
    """Return what the sum of each window is divided by: (oh, ow)."""
    rows, columns = (entry_counts(geometry, axis, include_pad) for axis in (0, 1))
    divisors: Array = rows[:, None] * columns  # (oh, 1) * (ow,) -> (oh, ow)
    if override is not None:
        divisors[...] = shapes.as_int(override, "divisor_override", -math.inf)
        if not divisors.all():
            raise ValueError("divisor_override must not be 0")
    return divisors


def entry_counts(geometry: Geometry, axis: int, include_pad: bool) -> Array:
    """Count the entries of each window along one axis, with or without padding."""
    before = geometry.padding[axis][0]
    low, size = (0, geometry.padded[axis]) if include_pad else (before, geometry.input[axis])
    starts = np.arange(geometry.output[axis]) * geometry.stride[axis]
    length = min(geometry.kernel[axis], geometry.padded[axis])
    return np.asarray(np.minimum(starts + length, low + size) - np.maximum(starts, low))


def adaptive_size(x: Array, output_size: Any) -> Pair:
    """Return the rows and columns of the output; None keeps those of the input."""
    if isinstance(output_size, (tuple, list)) and len(output_size) == 2:
        size = zip(output_size, x.shape[-2:], strict=True)
        output_size = tuple(n if given is None else given for given, n in size)
    if 0 in x.shape[-2:]:
        raise ShapeError(f"input must not be empty, got {format_size(x.shape[-2:])}")
    result = shapes.pair(output_size, "output_size")
    shapes.check_entries("the output", result)
    return result


def adaptive_pool(x: Array, size: Pair, reduce: Callable[[Array, int], Array]) -> Array:
    """Reduce the windows from floor(i n / m) to ceil((i + 1) n / m), rows first."""
    for axis, outputs in zip((-2, -1), size, strict=True):
        moved = np.moveaxis(x, axis, 0)
        windows = shapes.adaptive_windows(x.shape[axis], outputs)
        parts = [reduce(moved[window.start : window.stop], 0) for window in windows]
        x = np.moveaxis(np.stack(parts), 0, axis)
    return np.ascontiguousarray(x)


@overload
def adaptive_max_pool2d(
    input: npt.ArrayLike, output_size: AdaptiveSize, return_indices: Literal[False] = ...
) -> Array: ...


@overload
def adaptive_max_pool2d(
    input: npt.ArrayLike, output_size: AdaptiveSize, return_indices: Literal[True]
) -> tuple[Array, Array]: ...


def adaptive_max_pool2d(
    input: npt.ArrayLike, output_size: AdaptiveSize, return_indices: bool = False
) -> Array | tuple[Array, Array]:
    r"""Take the maximum of each window, for a given output size.

    .. math:: Y_i = \max_{j \in W_i} X_j

    Along an axis with *n* inputs and *m* outputs, window *i* holds the entries

    .. math:: W_i = \{\lfloor i n / m \rfloor, \dots, \lceil (i + 1) n / m \rceil - 1\}

    The windows cover the input, and overlap where m does not divide n.

    Parameters
    ----------
    input : array of real numbers, shape (H, W), (C, H, W) or (N, C, H, W)
        A matrix, one with C channels, or a batch of N such; each channel is pooled alone.
    output_size : int or pair of int
        Rows and columns of the output; None in a pair keeps the size of the input. 1 is global
        pooling.
    return_indices : bool
        Also return the position of each maximum, as for `max_pool2d`.

    Returns
    -------
    array of the input's dtype, shape (oh, ow), (C, oh, ow) or (N, C, oh, ow)
        With `return_indices`, a pair of this array and the positions, as int64.

    Raises
    ------
    ShapeError
        If the input has the wrong number of axes, or is empty.
    ValueError
        If a size is less than 1.
    TypeError
        If the numbers are complex, or a size is not an integer.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.adaptive_max_pool2d``; global pooling is ONNX
    ``GlobalMaxPool``.

    Examples
    --------
    >>> adaptive_max_pool2d([[3, 1, 0], [4, 2, 5]], 1)
    array([[5]])
    """
    x, lead = as_planes(input)
    lowest(x.dtype)
    size = adaptive_size(x, output_size)
    if not return_indices:
        return adaptive_pool(x, size, np.maximum.reduce).reshape(*lead, *size)
    indices = adaptive_argmax(x, size)
    values = np.take_along_axis(x.reshape(len(x), math.prod(x.shape[1:])), indices, 1)
    return values.reshape(*lead, *size), indices.reshape(*lead, *size)


def adaptive_argmax(x: Array, size: Pair) -> Array:
    """Return the position in its plane of each window's maximum, or of its last NaN: (P, oh·ow)."""
    numbers = np.arange(math.prod(x.shape[1:])).reshape(x.shape[1:])
    indices = []
    for rows, columns in product(*map(shapes.adaptive_windows, x.shape[1:], size)):
        window = np.s_[..., rows.start : rows.stop, columns.start : columns.stop]
        flat = x[window].reshape(len(x), len(rows) * len(columns))  # (P, rows, columns) -> (P, k)
        nan = flat != flat
        best = np.where(nan.any(1), flat.shape[1] - 1 - nan[:, ::-1].argmax(1), flat.argmax(1))
        indices.append(numbers[window].reshape(-1)[best])
    return np.stack(indices, 1)


@np.errstate(all="ignore")
def adaptive_avg_pool2d(input: npt.ArrayLike, output_size: AdaptiveSize) -> Array:
    r"""Take the mean of each window, for a given output size.

    .. math:: Y_i = \frac{1}{|W_i|} \sum_{j \in W_i} X_j

    Along an axis with *n* inputs and *m* outputs, window *i* holds the entries

    .. math:: W_i = \{\lfloor i n / m \rfloor, \dots, \lceil (i + 1) n / m \rceil - 1\}

    The windows cover the input, and overlap where m does not divide n.

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
        A matrix, one with C channels, or a batch of N such; each channel is pooled alone.
    output_size : int or pair of int
        Rows and columns of the output; None in a pair keeps the size of the input. 1 is global
        pooling.

    Returns
    -------
    array, shape (oh, ow), (C, oh, ow) or (N, C, oh, ow)
        Of the input's dtype; float64 for integers.

    Raises
    ------
    ShapeError
        If the input has the wrong number of axes, or is empty.
    ValueError
        If a size is less than 1.
    TypeError
        If a size is not an integer.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.adaptive_avg_pool2d``; global pooling is ONNX
    ``GlobalAveragePool``.

    Examples
    --------
    >>> adaptive_avg_pool2d([[3, 1], [4, 2]], 1)
    array([[2.5]])
    """
    x, lead = as_planes(input)
    size = adaptive_size(x, output_size)
    dtype = mean_dtype(x.dtype)
    wide = x.astype(compute_dtype(dtype), copy=False)
    # Windows are rectangles, so the mean of the means of their columns is their mean.
    result = adaptive_pool(wide, size, lambda part, axis: np.add.reduce(part, axis) / len(part))
    return result.astype(dtype, copy=False).reshape(*lead, *size)
