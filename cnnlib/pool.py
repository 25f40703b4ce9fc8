"""Pooling: each window becomes one value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from cnnlib.dtypes import numeric, wider
from cnnlib.shapes import (
    Array,
    Geometry,
    IntOrPair,
    Padding,
    ShapeError,
    adaptive_windows,
    geometry,
    pair,
    times,
)
from cnnlib.windows import tap_slices

# A tile of the input should stay in the caches of a core, and be worth a dozen calls of NumPy.
TILE_BYTES = 1 << 20


def planes(input: npt.ArrayLike) -> Array:
    """Check an input (H, W), (C, H, W) or (N, C, H, W), and view it as planes (P, H, W)."""
    x = numeric(input, "input")
    if x.ndim not in (2, 3, 4):
        raise ShapeError(f"input must have shape (H, W), (C, H, W) or (N, C, H, W), got {x.shape}")
    return x.reshape(np.prod(x.shape[:-2], dtype=int), *x.shape[-2:])


def pool_geometry(
    x: Array, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Geometry:
    """Check a pooling's arguments; its stride is its window unless given."""
    where = geometry(
        (x.shape[-2], x.shape[-1]),
        kernel_size,
        stride=kernel_size if stride is None else stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )
    half = where.extent[0] // 2, where.extent[1] // 2
    if max(where.padding[0]) > half[0] or max(where.padding[1]) > half[1]:
        raise ShapeError(
            f"padding {where.padding} is more than half of the window {times(where.extent)}: "
            f"at most {times(half)} fits, or windows at the border could hold no input"
        )
    return where


def reduce_axis(
    x: Array, where: Geometry, axis: int, outputs: range, reduce: np.ufunc, start: Any, out: Array
) -> None:
    """Reduce the windows along one axis: one `reduce` of shifted slices for each kernel entry.

    A window of k entries is k slices of the input, each shifted by one: no windows are gathered.
    Entries in the padding are left out, so its value is the `start` of the reduction.
    """
    views = [
        (out[:, to], x[:, source]) if axis == 0 else (out[..., to], x[..., source])
        for _, to, source in tap_slices(where, axis, outputs)
    ]
    # Slices that reach all outputs go first: the result of the first two needs no start.
    views.sort(key=lambda view: -view[0].size)
    if len(views) > 1 and views[1][0].shape == out.shape:
        # Named, the type holds for the sum too: two uint8 would be added as uint8.
        reduce(views[0][1], views[1][1], out=out, dtype=out.dtype)
        views = views[2:]
    else:
        out[...] = start
    for target, source in views:
        reduce(target, source, out=target, dtype=out.dtype)


def pool(
    x: Array, where: Geometry, reduce: np.ufunc, start: Any, divisors: Array | None, out: Array
) -> None:
    """Reduce rows, then columns, one tile of planes and output rows at a time.

    A window is a rectangle, so reducing kh rows and then kw columns takes kh + kw steps for an
    entry instead of kh · kw; and a tile that fits the cache is read from memory once.
    """
    height = max(1, min(where.output[0], TILE_BYTES // max(1, x.itemsize * where.input[1])))
    count = max(1, TILE_BYTES // max(1, x.itemsize * where.input[0] * where.input[1]))
    scratch = np.empty((min(count, len(x)), height, where.input[1]), out.dtype)
    for first in range(0, len(x), count):
        tile = x[first : first + count]
        for top in range(0, where.output[0], height):
            rows = range(top, min(top + height, where.output[0]))
            columns = range(where.output[1])
            # (P, H, W) -> (P, rows, W) -> (P, rows, ow)
            reduced = scratch[: len(tile), : len(rows)]
            reduce_axis(tile, where, 0, rows, reduce, start, reduced)
            target = out[first : first + count, top : rows.stop]
            reduce_axis(reduced, where, 1, columns, reduce, start, target)
            if divisors is not None:
                np.divide(target, divisors[top : rows.stop], out=target)


def lowest(dtype: np.dtype[Any]) -> Any:
    """Find what no entry is smaller than: minus infinity, or the smallest integer."""
    if dtype.kind == "c":
        raise TypeError("input must hold real numbers: complex ones have no largest")
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return False if dtype.kind == "b" else -np.inf


def check_reach(where: Geometry, dtype: np.dtype[Any]) -> None:
    """Check that each window holds some input: only floats have a value for one that does not."""
    for axis in (0, 1):
        reached = np.zeros(where.output[axis], bool)
        for _, to, _ in tap_slices(where, axis, range(where.output[axis])):
            reached[to] = True
        if not reached.all():
            raise ShapeError(
                f"padding {where.padding} with dilation {times(where.dilation)} leaves some window "
                f"nothing but padding: {dtype} has no minus infinity; an input of floats would fit"
            )


@overload
def max_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    *,
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
    *,
    stride: IntOrPair | None = ...,
    padding: Padding = ...,
    dilation: IntOrPair = ...,
    ceil_mode: bool = ...,
    return_indices: Literal[True],
) -> tuple[Array, Array]: ...


def max_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Array | tuple[Array, Array]:
    """Keep the largest entry of each window.

    ``Y[r, c] = max over u, v of X[r·s + u·d, c·s + v·d]``. Padding counts as minus infinity: it is
    never the largest. A NaN in a window makes its result NaN. A dilated window may hold nothing but
    padding: minus infinity for floats, an error for all others.

    Parameters
    ----------
    input : array of real numbers, shape (H, W), (C, H, W) or (N, C, H, W)
    kernel_size : int or pair of int
        Rows and columns of the window.
    stride : int or pair of int, optional
        Rows and columns from one window to the next; the window's own size by default.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        As for `conv2d`; at most half of what the window spans, ``dilation * (kernel - 1) + 1``.
    dilation : int or pair of int
        Rows and columns from one entry of the window to the next.
    ceil_mode : bool
        Round the size of the output up: the last windows may reach beyond the padding.
    return_indices : bool
        Also return where each largest entry was found, as ``row * W + column`` in its plane; the
        first of equal ones. -1 where a dilated window holds no input, only padding.

    Returns
    -------
    array of the input's dtype, with the input's axes, the last two being the output's
        With `return_indices`, a pair: this and the positions, as int64.

    Raises
    ------
    ShapeError
        If the window does not fit the padded input, padding is more than half of it, or what does
        not hold floats has a window with nothing but padding.
    TypeError
        If the numbers are complex, or an argument is not made of integers.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.max_pool2d``; the one-sided paddings and the words are
    those of ONNX ``MaxPool``.

    Examples
    --------
    >>> max_pool2d([[3, 1], [4, 2]], 2)
    array([[4]])
    >>> max_pool2d([[3, 1], [4, 2]], 2, return_indices=True)[1]
    array([[2]])
    """
    x = planes(input)
    where = pool_geometry(x, kernel_size, stride, padding, dilation, ceil_mode)
    shape = (*np.shape(input)[:-2], *where.output)
    start = lowest(x.dtype)
    if x.dtype.kind != "f":
        check_reach(where, x.dtype)
    out = np.empty((len(x), *where.output), x.dtype)
    if return_indices:
        return out.reshape(shape), largest_positions(x, where, start, out).reshape(shape)
    pool(x, where, np.maximum, start, None, out)
    return out.reshape(shape)


def largest_positions(x: Array, where: Geometry, start: Any, out: Array) -> Array:
    """Write each window's largest entry to `out`, and return where it was.

    The kernel's entries are visited rows first; one replaces the best so far if it is larger, or
    NaN.
    """
    places = np.arange(where.input[0] * where.input[1]).reshape(where.input)
    found = np.full(out.shape, -1)
    out[...] = start
    rows, columns = (list(tap_slices(where, axis, range(where.output[axis]))) for axis in (0, 1))
    for _, down, from_rows in rows:
        for _, right, from_columns in columns:
            value, best = x[:, from_rows, from_columns], out[:, down, right]
            index = found[:, down, right]
            better = (value > best) | (value != value) | (index < 0)
            np.copyto(best, value, where=better)
            np.copyto(index, places[from_rows, from_columns], where=better)
    return found


@np.errstate(invalid="ignore", over="ignore")
def avg_pool2d(
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """Take the mean of each window.

    ``Y[r, c] = Σ X[r·s + u, c·s + v] / (kh·kw)``, summed over the window's rows u and columns v.

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
    kernel_size : int or pair of int
        Rows and columns of the window.
    stride : int or pair of int, optional
        Rows and columns from one window to the next; the window's own size by default.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        As for `conv2d`; at most half of the window.
    ceil_mode : bool
        Round the size of the output up: the last windows may reach beyond the padding, and what
        lies beyond it is not counted.
    count_include_pad : bool
        Whether the zeros of the padding count as entries of the mean.

    Returns
    -------
    array, with the input's axes, the last two being the output's
        Of the input's dtype; float64 for integers.

    Raises
    ------
    ShapeError
        If the window does not fit the padded input, or padding is more than half of it.
    TypeError
        If an argument is not made of integers.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.avg_pool2d``; the one-sided paddings and the words are
    those of ONNX ``AveragePool``.

    Examples
    --------
    >>> avg_pool2d([[3, 1], [4, 2]], 2)
    array([[2.5]])
    """
    x = planes(input)
    where = pool_geometry(x, kernel_size, stride, padding, 1, ceil_mode)
    dtype = np.dtype(np.float64) if x.dtype.kind in "biu" else x.dtype
    out = np.empty((len(x), *where.output), wider(dtype))
    rows, columns = (counts(where, axis, count_include_pad) for axis in (0, 1))
    divisors = rows[:, None] * columns  # (oh, 1) * (ow,) -> (oh, ow)
    divisors = divisors.astype(object if dtype.kind == "O" else out.real.dtype)
    pool(x, where, np.add, 0, divisors, out)
    return out.astype(dtype, copy=False).reshape(*np.shape(input)[:-2], *where.output)


def counts(where: Geometry, axis: int, include_pad: bool) -> Array:
    """Count the entries of each window along one axis, with or without the padding's."""
    before = where.padding[axis][0]
    low, high = (0, where.padded[axis]) if include_pad else (before, before + where.input[axis])
    starts = np.arange(where.output[axis]) * where.stride[axis]
    count: Array = np.minimum(starts + where.kernel[axis], high) - np.maximum(starts, low)
    return count


def adaptive(x: Array, output_size: Any, reduce: Callable[[Array, int], Array]) -> Array:
    """Reduce the windows from floor(i n / m) to ceil((i + 1) n / m), rows first."""
    if isinstance(output_size, (tuple, list)) and len(output_size) == 2:
        size = zip(output_size, x.shape[-2:], strict=True)
        output_size = tuple(n if wanted is None else wanted for wanted, n in size)
    if 0 in x.shape[-2:]:
        raise ShapeError(f"input must have rows and columns, got {times(x.shape[-2:])}")
    for axis, outputs in zip((-2, -1), pair(output_size, "output_size"), strict=True):
        moved = np.moveaxis(x, axis, 0)
        windows = adaptive_windows(x.shape[axis], outputs)
        parts = [reduce(moved[window.start : window.stop], 0) for window in windows]
        x = np.moveaxis(np.stack(parts), 0, axis)
    return np.ascontiguousarray(x)


def adaptive_max_pool2d(
    input: npt.ArrayLike, output_size: IntOrPair | tuple[int | None, int | None]
) -> Array:
    """Keep the largest entry of each of a given number of windows.

    Along an axis with n inputs and m outputs, window i is ``X[floor(i n / m) : ceil((i + 1) n /
    m)]``: the windows cover the input, and overlap where m does not divide n.

    Parameters
    ----------
    input : array of real numbers, shape (H, W), (C, H, W) or (N, C, H, W)
    output_size : int or pair of int
        Rows and columns of the output; None in a pair keeps the input's. 1 is global pooling.

    Returns
    -------
    array of the input's dtype, with the input's axes, the last two being the output's

    Raises
    ------
    ShapeError
        If the input has the wrong number of axes, or no entries.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.adaptive_max_pool2d``; global pooling is ONNX
    ``GlobalMaxPool``.

    Examples
    --------
    >>> adaptive_max_pool2d([[3, 1, 0], [4, 2, 5]], 1)
    array([[5]])
    """
    x = planes(input)
    lowest(x.dtype)
    result = adaptive(x, output_size, np.maximum.reduce)
    return result.reshape(*np.shape(input)[:-2], *result.shape[-2:])


@np.errstate(invalid="ignore", over="ignore")
def adaptive_avg_pool2d(
    input: npt.ArrayLike, output_size: IntOrPair | tuple[int | None, int | None]
) -> Array:
    """Take the mean of each of a given number of windows.

    Along an axis with n inputs and m outputs, window i is ``X[floor(i n / m) : ceil((i + 1) n /
    m)]``: the windows cover the input, and overlap where m does not divide n.

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
    output_size : int or pair of int
        Rows and columns of the output; None in a pair keeps the input's. 1 is global pooling.

    Returns
    -------
    array, with the input's axes, the last two being the output's
        Of the input's dtype; float64 for integers.

    Raises
    ------
    ShapeError
        If the input has the wrong number of axes, or no entries.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.adaptive_avg_pool2d``; global pooling is ONNX
    ``GlobalAveragePool``.

    Examples
    --------
    >>> adaptive_avg_pool2d([[3, 1], [4, 2]], 1)
    array([[2.5]])
    """
    x = planes(input)
    dtype = np.dtype(np.float64) if x.dtype.kind in "biu" else x.dtype
    wide = x.astype(wider(dtype), copy=False)
    # The windows along an axis do not depend on the other: a mean of means is the mean.
    result = adaptive(wide, output_size, lambda part, axis: np.add.reduce(part, axis) / len(part))
    return result.astype(dtype, copy=False).reshape(*np.shape(input)[:-2], *result.shape[-2:])
