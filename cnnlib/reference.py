"""Reference implementations as plain loops, to read and to test against.

They share no code with the rest of the library, so that agreement is evidence. The loops run over
Python numbers: integers of any size, floats in double precision, complex numbers, fractions and
symbols. Sizes and strides are integers or pairs; padding can be ((top, bottom), (left, right)) too.
"""

from __future__ import annotations

from math import ceil, floor, inf
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Rows = list[list[Any]]


def as_pair(value: Any) -> tuple[Any, Any]:
    """Return a pair unchanged, and repeat a single value."""
    return tuple(value) if np.ndim(value) else (value, value)


def pad(x: Rows, padding: Any, value: Any) -> Rows:
    """Pad a matrix with `value`."""
    (top, bottom), (left, right) = (as_pair(side) for side in as_pair(padding))
    width = left + len(x[0]) + right
    middle = [[value] * left + row + [value] * right for row in x]
    return [[value] * width for _ in range(top)] + middle + [[value] * width for _ in range(bottom)]


def sliding_windows(x: Rows, kernel_size: Any, stride: Any, dilation: Any) -> list[list[list[Any]]]:
    """List the entries of each window, row by row, for each output row and column."""
    (kh, kw), (sh, sw), (dh, dw) = as_pair(kernel_size), as_pair(stride), as_pair(dilation)
    return [
        [
            [x[r + dh * i][c + dw * j] for i in range(kh) for j in range(kw)]
            for c in range(0, len(x[0]) - dw * (kw - 1), sw)
        ]
        for r in range(0, len(x) - dh * (kh - 1), sh)
    ]


def correlate2d(x: Any, kernel: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Array:
    """Correlate one matrix with one kernel: multiply entry by entry, then add.

    Examples
    --------
    >>> correlate2d([[1, 2, 3], [4, 5, 6]], [[1, 0], [0, 1]])
    array([[6, 8]])
    """
    kernel = np.asarray(kernel)
    weights = kernel.ravel().tolist()
    padded = pad(np.asarray(x).tolist(), padding, 0)
    return np.array(
        [
            [sum(a * k for a, k in zip(window, weights, strict=True)) for window in row]
            for row in sliding_windows(padded, kernel.shape, stride, dilation)
        ]
    )


def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    """Sum the correlations over a group's input channels, for each image and output channel."""
    x, weight = np.asarray(x), np.asarray(weight)
    if x.ndim == 2:
        x, weight = x[None, None], weight[None, None]
        return np.array(conv2d(x, weight, bias, stride, padding, dilation)[0, 0])
    if x.ndim == 3:
        return np.array(conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0])
    outputs, channels = weight.shape[:2]
    result = []
    for image in x:
        for o in range(outputs):
            first = o // (outputs // groups) * channels
            total: Any = 0 if bias is None else np.asarray(bias).ravel().tolist()[o]
            for c in range(channels):
                kernel = weight[o, c]
                total = correlate2d(image[first + c], kernel, stride, padding, dilation) + total
            result.append(total)
    return np.array(result).reshape(len(x), outputs, *result[0].shape)


def conv_transpose2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Array:
    """Add the kernel, times each input entry, to the output; then remove the padding."""
    x, weight = np.asarray(x), np.asarray(weight)
    (top, bottom), (left, right) = (as_pair(side) for side in as_pair(padding))
    (sh, sw), (dh, dw), (eh, ew) = as_pair(stride), as_pair(dilation), as_pair(output_padding)
    n, channels, height, width = x.shape
    per_group, kh, kw = weight.shape[1:]
    rows = (height - 1) * sh + dh * (kh - 1) + 1 + eh
    columns = (width - 1) * sw + dw * (kw - 1) + 1 + ew
    out = np.zeros((n, per_group * groups, rows, columns), object)
    entries, kernels = x.tolist(), weight.tolist()
    for b, c, r, q in np.ndindex(n, channels, height, width):
        for o, i, j in np.ndindex(per_group, kh, kw):
            channel, row, column = c // (channels // groups) * per_group + o, r * sh, q * sw
            product = entries[b][c][r][q] * kernels[c][o][i][j]
            out[b, channel, row + i * dh, column + j * dw] += product
    if bias is not None:
        out = out + np.array(np.asarray(bias).tolist(), object)[:, None, None]
    return np.array(out[:, :, top : rows - bottom, left : columns - right].tolist())


def pool2d(x: Any, kernel_size: Any, reduce: Any, stride: Any, padding: Any, value: Any) -> Array:
    """Reduce each window of each plane to one value."""
    x = np.asarray(x)
    planes = [
        [
            [reduce(window) for window in row]
            for row in sliding_windows(padded, kernel_size, stride, 1)
        ]
        for padded in (pad(p.tolist(), padding, value) for p in x.reshape(-1, *x.shape[-2:]))
    ]
    return np.array(planes).reshape(*x.shape[:-2], *np.shape(planes[0]))


def max_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Array:
    """Take the maximum of each window; padding is minus infinity.

    Examples
    --------
    >>> max_pool2d([[3, 1], [4, 2]], 2)
    array([[4]])
    """
    return pool2d(x, kernel_size, max, stride or kernel_size, padding, -inf)


def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Array:
    """Take the mean of each window, including the zeros of the padding.

    Examples
    --------
    >>> avg_pool2d([[3, 1], [4, 2]], 2)
    array([[2.5]])
    """
    return pool2d(x, kernel_size, lambda w: sum(w) / len(w), stride or kernel_size, padding, 0)


def adaptive_pool2d(x: Any, output_size: Any, reduce: Any) -> Array:
    """Reduce windows that start at floor(i n / m) and end at ceil((i + 1) n / m)."""
    x = np.asarray(x)
    (rows, columns), (n, m) = as_pair(output_size), x.shape
    result = []
    for i, j in np.ndindex(rows, columns):
        window = x[floor(i * n / rows) : ceil((i + 1) * n / rows)]
        window = window[:, floor(j * m / columns) : ceil((j + 1) * m / columns)]
        result.append(reduce(window.ravel().tolist()))
    return np.array(result).reshape(rows, columns)
