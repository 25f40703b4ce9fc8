"""Linear layers, flattening and batch normalisation; chains of layers and their summary table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.conv import conv2d, conv_transpose2d
from cnnlib.dtypes import as_bias, as_floats, as_numeric, compute_dtype, sum_dtypes
from cnnlib.pool import adaptive_avg_pool2d, adaptive_max_pool2d, avg_pool2d, max_pool2d
from cnnlib.shapes import Array, Pair, ShapeError, as_axis, format_size, pair, span

POOLS = (max_pool2d, avg_pool2d)
# After these, the receptive field differs between outputs.
NON_UNIFORM = (conv_transpose2d, adaptive_max_pool2d, adaptive_avg_pool2d)


@np.errstate(invalid="ignore", over="ignore")
def linear(input: npt.ArrayLike, weight: npt.ArrayLike, bias: npt.ArrayLike | None = None) -> Array:
    """Apply a linear transformation to the last axis: ``y = x Wᵀ + b``.

    Parameters
    ----------
    input : array, shape (..., inputs)
    weight : array, shape (outputs, inputs)
    bias : array, shape (outputs,), optional

    Returns
    -------
    array, shape (..., outputs); dtypes as for `conv2d`

    Raises
    ------
    ShapeError
        If the shapes are incompatible.
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
    x, w = as_numeric(input, "input"), as_numeric(weight, "weight")
    b = as_bias(bias, x, w)
    if w.ndim != 2:
        raise ShapeError(f"weight must have shape (outputs, inputs), got {w.shape}")
    if x.ndim < 1 or x.shape[-1] != w.shape[1]:
        raise ShapeError(
            f"input must have shape (..., {w.shape[1]}) to match weight {w.shape}, got {x.shape}"
        )
    if b is not None and b.shape != (len(w),):
        raise ShapeError(f"bias must have shape ({len(w)},), one for each output, got {b.shape}")
    compute, result = sum_dtypes(x, w, b, w.shape[1])
    y: Array = x.astype(compute, copy=False) @ w.astype(compute, copy=False).T
    if b is not None:
        y += b.astype(compute, copy=False)
    return y.astype(result, copy=False)


def flatten(input: npt.ArrayLike, start_dim: int = 0, end_dim: int = -1) -> Array:
    """Flatten the axes from `start_dim` to `end_dim` into one, in row-major order.

    Parameters
    ----------
    input : array
    start_dim, end_dim : int
        The first and last axis to flatten; 1 and -1 keep the batch axis.

    Returns
    -------
    array of the same entries; a view if possible

    Raises
    ------
    ShapeError
        If an axis does not exist, or `start_dim` comes after `end_dim`.
    TypeError
        If an axis is not an integer.

    Notes
    -----
    In PyTorch this is ``torch.flatten``.

    Examples
    --------
    >>> flatten([[1, 2], [3, 4]])
    array([1, 2, 3, 4])
    >>> flatten(np.zeros((10, 3, 4, 4)), 1).shape
    (10, 48)
    """
    x = as_numeric(input, "input")
    start = as_axis(start_dim, "start_dim", x.ndim)
    end = as_axis(end_dim, "end_dim", x.ndim)
    if start > end:
        raise ShapeError(f"start_dim {start_dim} comes after end_dim {end_dim}")
    flat = math.prod(x.shape[start : end + 1])
    return x.reshape(*x.shape[:start], flat, *x.shape[end + 1 :])


@np.errstate(all="ignore")
def batch_norm(
    input: npt.ArrayLike,
    running_mean: npt.ArrayLike,
    running_var: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    bias: npt.ArrayLike | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Array:
    """Normalise each channel by its running mean and variance, as at inference.

    ``y = (x - mean) / √(var + eps) · weight + bias``, for each channel.

    Parameters
    ----------
    input : array of real numbers, shape (N, C) or (N, C, ...)
    running_mean, running_var : array, shape (C,)
    weight, bias : array, shape (C,), optional
    training : bool
        Must be False: the running statistics are given, not computed from the batch.
    momentum : float
        Ignored: PyTorch uses it in training only.
    eps : float
        Added to the variance, so that the denominator is not zero.

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    ShapeError
        If an array does not have one entry for each channel.
    ValueError
        If `training` is True.
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
    if training:
        raise ValueError(
            "training must be False: to normalise by the batch's own statistics, pass them as "
            "running_mean and running_var"
        )
    x = as_floats(input, "input")
    if x.ndim < 2:
        raise ShapeError(f"input must have shape (N, C, ...), got {x.shape}")
    channels, dtype = x.shape[1], compute_dtype(x.dtype)
    given = {
        "running_mean": running_mean,
        "running_var": running_var,
        "weight": weight,
        "bias": bias,
    }
    arrays = []
    for (name, value), default in zip(given.items(), (None, None, 1.0, 0.0), strict=True):
        entry = np.full(channels, default) if value is None else as_floats(value, name)
        if entry.shape != (channels,):
            raise ShapeError(
                f"{name} must have shape ({channels},), one for each channel, got {entry.shape}"
            )
        arrays.append(entry.astype(dtype, copy=False).reshape(channels, *(1,) * (x.ndim - 2)))
    mean, var, scale, shift = arrays
    factor = scale / np.sqrt(var + dtype.type(eps))
    normal: Array = (x - mean) * factor + shift
    return normal.astype(x.dtype, copy=False)


class Layer:
    """A function together with its parameters.

    ``Layer(conv2d, weight, bias, padding=1)(x)`` calls ``conv2d(x, weight, bias, padding=1)``. The
    function can be any function of this library, or your own.

    Parameters
    ----------
    function : callable
    *parameters
        Positional arguments after the input. `Chain.table` counts arrays as parameters.
    name : str, optional
        The name in `Chain.table`; by default the name of the function.
    **options
        Keyword arguments of the function.

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
        """Return the first parameter, whether given by position or by keyword."""
        return self.parameters[0] if self.parameters else self.options[name]

    @property
    def window(self) -> tuple[Pair, Pair]:
        """Size of the dilated window and its stride, both (1, 1) for a layer without windows."""
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
        """Count the multiply-adds for one image: one per weight and window position."""
        if self.function not in (linear, conv2d, conv_transpose2d):
            return 0
        positions = {linear: (), conv2d: output.shape[2:], conv_transpose2d: input.shape[2:]}
        return int(np.size(self.first("weight")) * math.prod(positions[self.function]))


class Chain:
    """A sequence of layers, each applied to the output of the one before.

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
        """Apply all layers in order."""
        for layer in self.layers:
            x = layer(x)
        return np.asarray(x)

    def table(self, x: npt.ArrayLike) -> str:
        """Summarise the layers for a batch (N, ...): shapes, parameters, receptive fields.

        Multiply-adds are counted for one image. The receptive field is the part of the input that
        one output can depend on: each window adds its size minus one, times the product of all
        previous strides. Your own functions are assumed to work entry by entry. After a transposed
        convolution or adaptive pooling the receptive field differs between outputs and is "?".
        """
        x = as_numeric(x, "input")
        header = ("layer", "shape", "parameters", "multiply-adds", "receptive field")
        rows: list[tuple[str, ...]] = [header, ("input", format_size(x.shape[1:]), "0", "0", "1×1")]
        (field_h, field_w), (step_h, step_w) = (1, 1), (1, 1)
        parameters = multiply_adds = 0
        uniform = True
        for layer in self.layers:
            if layer.function in (conv2d, *POOLS, *NON_UNIFORM) and x.ndim != 4:
                raise ShapeError(
                    f"input of {layer.name} must be a batch (N, C, H, W), got {x.shape}"
                    + ("; x[None] would fit" if x.ndim == 3 else "")
                )
            before, x = x, layer(x)
            uniform = uniform and layer.function not in NON_UNIFORM
            size, work = sum(a.size for a in layer.arrays), layer.multiply_adds(before, x)
            parameters, multiply_adds = parameters + size, multiply_adds + work
            (kh, kw), (sh, sw) = layer.window
            field_h, field_w = field_h + (kh - 1) * step_h, field_w + (kw - 1) * step_w
            step_h, step_w = step_h * sh, step_w * sw
            field = f"{field_h}×{field_w}" if uniform else "?"
            if x.ndim != 4 or (not uniform and x.shape[2:] == (1, 1)):
                field = "all"
            rows.append((layer.name, format_size(x.shape[1:]), str(size), str(work), field))
        rows.append(("total", "", str(parameters), str(multiply_adds), ""))
        return _format_table(rows)


def _format_table(rows: list[tuple[str, ...]]) -> str:
    """Align the first two columns to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if index < 2 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
