"""Layers without windows, and a chain of layers with its table of shapes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.conv import conv2d, conv_transpose2d
from cnnlib.dtypes import numeric, real_floats, sum_types, wider
from cnnlib.pool import adaptive_avg_pool2d, adaptive_max_pool2d, avg_pool2d, max_pool2d
from cnnlib.shapes import Array, Pair, ShapeError, pair, span, times

POOLS = (max_pool2d, avg_pool2d)
# After these, what an output depends on is not one window of fixed size.
UNEVEN = (conv_transpose2d, adaptive_max_pool2d, adaptive_avg_pool2d)


@np.errstate(invalid="ignore", over="ignore")
def linear(input: npt.ArrayLike, weight: npt.ArrayLike, bias: npt.ArrayLike | None = None) -> Array:
    """Take weighted sums of the last axis: ``y = x Wᵀ + b``.

    Parameters
    ----------
    input : array, shape (..., inputs)
    weight : array, shape (outputs, inputs)
    bias : array, shape (outputs,), optional

    Returns
    -------
    array, shape (..., outputs); types as for `conv2d`

    Raises
    ------
    ShapeError
        If the shapes do not fit together.
    TypeError
        If an array does not hold numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.linear``.

    Examples
    --------
    >>> linear([1, 2], [[3, 4], [5, 6]], [0, 1])
    array([11, 18])
    """
    x, w = numeric(input, "input"), numeric(weight, "weight")
    b = None if bias is None else numeric(bias, "bias")
    if w.ndim != 2:
        raise ShapeError(f"weight must have shape (outputs, inputs), got {w.shape}")
    if x.ndim < 1 or x.shape[-1] != w.shape[1]:
        raise ShapeError(f"input must have shape (..., {w.shape[1]}), as weight has, got {x.shape}")
    if b is not None and b.shape != (len(w),):
        raise ShapeError(f"bias must have shape ({len(w)},), one for each output, got {b.shape}")
    compute, result = sum_types(x, w, b, w.shape[1])
    y: Array = x.astype(compute, copy=False) @ w.astype(compute, copy=False).T
    if b is not None:
        y += b.astype(compute, copy=False)
    return y.astype(result, copy=False)


def flatten(input: npt.ArrayLike, start_axis: int = 0, end_axis: int = -1) -> Array:
    """Make one axis of those from `start_axis` to `end_axis`, rows first.

    Parameters
    ----------
    input : array
    start_axis, end_axis : int
        The first and the last axis to join; 1 and -1 keep the images of a batch apart.

    Returns
    -------
    array of the same entries; a view where that is possible

    Raises
    ------
    ShapeError
        If there is no such axis, or the first comes after the last.

    Notes
    -----
    In PyTorch this is ``torch.flatten``, whose ``start_dim`` and ``end_dim`` are our axes.

    Examples
    --------
    >>> flatten([[1, 2], [3, 4]])
    array([1, 2, 3, 4])
    >>> flatten(np.zeros((10, 3, 4, 4)), 1).shape
    (10, 48)
    """
    x = numeric(input, "input")
    if x.ndim == 0:
        return x.reshape(1)
    for name, axis in (("start_axis", start_axis), ("end_axis", end_axis)):
        if not -x.ndim <= axis < x.ndim:
            raise ShapeError(f"{name} {axis} is out of range for an input with {x.ndim} axes")
    start, end = start_axis % x.ndim, end_axis % x.ndim
    if start > end:
        raise ShapeError(f"start_axis {start_axis} comes after end_axis {end_axis}")
    joined = math.prod(x.shape[start : end + 1])
    return x.reshape(*x.shape[:start], joined, *x.shape[end + 1 :])


def batch_norm(
    input: npt.ArrayLike,
    running_mean: npt.ArrayLike,
    running_var: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    bias: npt.ArrayLike | None = None,
    *,
    eps: float = 1e-5,
) -> Array:
    """Normalise each channel by the mean and variance that training has gathered (inference).

    ``y = (x - mean) / √(var + eps) · weight + bias``, for each channel.

    Parameters
    ----------
    input : array of real numbers, shape (N, C) or (N, C, ...)
    running_mean, running_var : array, shape (C,)
    weight, bias : array, shape (C,), optional
    eps : float
        Keeps the root away from zero.

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    ShapeError
        If an array does not have one entry for each channel.
    TypeError
        If an array holds complex numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.batch_norm`` with ``training=False``. Source: Ioffe and
    Szegedy, "Batch normalization" (2015).

    Examples
    --------
    >>> batch_norm([[1.0], [3.0]], [1.0], [4.0], eps=0)
    array([[0.],
           [1.]])
    """
    x = real_floats(input, "input")
    if x.ndim < 2:
        raise ShapeError(f"input must have shape (N, C, ...), got {x.shape}")
    channels, dtype = x.shape[1], wider(x.dtype)
    given = {
        "running_mean": running_mean,
        "running_var": running_var,
        "weight": weight,
        "bias": bias,
    }
    each = []
    for (name, value), default in zip(given.items(), (None, None, 1.0, 0.0), strict=True):
        entry = np.full(channels, default) if value is None else real_floats(value, name)
        if entry.shape != (channels,):
            raise ShapeError(
                f"{name} must have shape ({channels},), one for each channel, got {entry.shape}"
            )
        each.append(entry.astype(dtype, copy=False).reshape(channels, *(1,) * (x.ndim - 2)))
    mean, var, scale, shift = each
    factor = scale / np.sqrt(var + dtype.type(eps))
    normal: Array = (x - mean) * factor + shift
    return normal.astype(x.dtype, copy=False)


class Layer:
    """A function with its parameters, to be applied to what comes before.

    ``Layer(conv2d, weight, bias, padding=1)`` calls ``conv2d(x, weight, bias, padding=1)``. Any
    function of this library serves, and any of your own.

    Parameters
    ----------
    function : callable
    *parameters
        What follows the input: arrays are counted as parameters in the table.
    name : str, optional
        For the table; the function's own by default.
    **options
        Passed on.

    Notes
    -----
    In PyTorch this is a ``torch.nn.Module``.

    Examples
    --------
    >>> from cnnlib import relu
    >>> Layer(relu)([-1, 1])
    array([0, 1])
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *parameters: Any,
        name: str | None = None,
        **options: Any,
    ) -> None:
        self.function, self.parameters, self.options = function, parameters, options
        self.name = name or str(getattr(function, "__name__", "layer"))

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Apply the layer."""
        return np.asarray(self.function(x, *self.parameters, **self.options))

    @property
    def arrays(self) -> list[Array]:
        """The parameters that are arrays, in order."""
        return [p for p in (*self.parameters, *self.options.values()) if isinstance(p, np.ndarray)]

    def first(self, name: str) -> Any:
        """Return the first parameter, whether it was given by position or by name."""
        return self.parameters[0] if self.parameters else self.options[name]

    @property
    def window(self) -> tuple[Pair, Pair]:
        """The rows and columns that the window spans, and by which it moves: 1 for no window."""
        if self.function is conv2d:
            kernel = np.shape(self.first("weight"))[-2:]
        elif self.function in POOLS:
            kernel = self.first("kernel_size")
        else:
            return (1, 1), (1, 1)
        step = self.options.get("stride")
        if step is None:
            step = 1 if self.function is conv2d else kernel
        kh, kw = pair(kernel, "kernel_size")
        dh, dw = pair(self.options.get("dilation", 1), "dilation")
        return (span(kh, dh), span(kw, dw)), pair(step, "stride")

    def multiply_adds(self, input: Array, output: Array) -> int:
        """Count the products for one image: each weight takes part once for each window."""
        if self.function not in (linear, conv2d, conv_transpose2d):
            return 0
        windows = {linear: (), conv2d: output.shape[2:], conv_transpose2d: input.shape[2:]}
        return int(np.size(self.first("weight")) * math.prod(windows[self.function]))


class Chain:
    """Layers, one after the other.

    Parameters
    ----------
    *layers : Layer or function of one array

    Notes
    -----
    In PyTorch this is ``torch.nn.Sequential``.

    Examples
    --------
    >>> from cnnlib import flatten, linear, max_pool2d, relu
    >>> net = Chain(
    ...     Layer(conv2d, np.ones((6, 1, 5, 5)), np.zeros(6), padding=2),
    ...     relu,
    ...     Layer(max_pool2d, 2),
    ...     Layer(flatten, 1),
    ...     Layer(linear, np.ones((10, 1176)), np.zeros(10)),
    ... )
    >>> net(np.zeros((1, 1, 28, 28))).shape
    (1, 10)
    >>> print(net.table(np.zeros((1, 1, 28, 28))))
    layer       shape    parameters  multiply-adds  receptive field
    input       1×28×28           0              0              1×1
    conv2d      6×28×28         156         117600              5×5
    relu        6×28×28           0              0              5×5
    max_pool2d  6×14×14           0              0              6×6
    flatten     1176              0              0              all
    linear      10            11770          11760              all
    total                     11926         129360
    """

    def __init__(self, *layers: Layer | Callable[[Any], Any]) -> None:
        self.layers = [layer if isinstance(layer, Layer) else Layer(layer) for layer in layers]

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Apply all layers."""
        for layer in self.layers:
            x = layer(x)
        return np.asarray(x)

    def table(self, x: npt.ArrayLike) -> str:
        """Tabulate what becomes of a batch (N, ...): shapes, parameters, products, receptive field.

        Products are multiply-adds for one image. The receptive field is the part of the input that
        one output can depend on: each window widens it by its extent less one, times all strides
        before. Functions of your own are taken to work entry by entry. "?" stands where the field
        differs from one output to the next: after a transposed convolution or adaptive pooling.
        """
        x = numeric(x, "input")
        head = ("layer", "shape", "parameters", "multiply-adds", "receptive field")
        rows: list[tuple[str, ...]] = [head, ("input", times(x.shape[1:]), "0", "0", "1×1")]
        (tall, wide), (down, right) = (1, 1), (1, 1)
        parameters = products = 0
        even = True
        for layer in self.layers:
            if layer.function in (conv2d, *POOLS, *UNEVEN) and x.ndim != 4:
                raise ShapeError(
                    f"{layer.name} must be given a batch (N, C, H, W) for the table, got {x.shape}"
                    + ("; x[None] would fit" if x.ndim == 3 else "")
                )
            before, x = x, layer(x)
            even = even and layer.function not in UNEVEN
            size, work = sum(a.size for a in layer.arrays), layer.multiply_adds(before, x)
            parameters, products = parameters + size, products + work
            (kh, kw), (sh, sw) = layer.window
            tall, wide = tall + (kh - 1) * down, wide + (kw - 1) * right
            down, right = down * sh, right * sw
            field = f"{tall}×{wide}" if even else "?"
            if x.ndim != 4 or (not even and x.shape[2:] == (1, 1)):
                field = "all"
            rows.append((layer.name, times(x.shape[1:]), str(size), str(work), field))
        rows.append(("total", "", str(parameters), str(products), ""))
        return _aligned(rows)


def _aligned(rows: list[tuple[str, ...]]) -> str:
    """Set words to the left and numbers to the right of their columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if index < 2 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
