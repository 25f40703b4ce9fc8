"""Convolution: the public functions."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.algorithms import convolve, scatter, tiny
from cnnlib.dtypes import DType, numeric, sum_types
from cnnlib.shapes import (
    Array,
    IntOrPair,
    Padding,
    ShapeError,
    geometry,
    transposed_geometry,
    whole,
)
from cnnlib.windows import pad

# The defaults of `conv2d`. They are compared by identity: True equals 1, and is refused.
PLAIN = (None, 1, 0, 1, 1, "zeros", None)


def images(input: Array) -> Array:
    """View (H, W) or (C, H, W) as (N, C, H, W)."""
    if input.ndim not in (2, 3, 4):
        raise ShapeError(
            f"input must have shape (H, W), (C, H, W) or (N, C, H, W), got {input.shape}"
        )
    return input.reshape((1,) * (4 - input.ndim) + input.shape)


def kernels(weight: Array, input: Array, form: str = "(O, C/groups, kh, kw)") -> Array:
    """View a weight (kh, kw), for an input (H, W), as (1, 1, kh, kw)."""
    dimensions, form = (2, "(kh, kw)") if input.ndim == 2 else (4, form)
    if weight.ndim != dimensions:
        raise ShapeError(
            f"weight must have shape {form} for an input with {input.ndim} axes, got {weight.shape}"
        )
    if weight.size == 0:
        raise ShapeError(f"weight must not be empty, got shape {weight.shape}")
    return weight.reshape((1,) * (4 - dimensions) + weight.shape)


def check_channels(input: Array, weight: Array, groups: int) -> None:
    """Check channels and groups: input (N, C, H, W), weight (O, C/groups, kh, kw)."""
    channels, (outputs, per_group) = input.shape[1], weight.shape[:2]
    if channels % groups or outputs % groups:
        raise ShapeError(
            f"groups={groups} does not divide both {channels} input and {outputs} output channels"
        )
    if channels != per_group * groups:
        raise ShapeError(
            f"input has {channels} channels, but weight {weight.shape} with groups={groups} takes "
            f"{per_group * groups}; a weight with shape[1] of {channels // groups} would fit"
        )


def check_bias(bias: Array | None, outputs: int) -> None:
    """Check that there is one bias for each output channel."""
    if bias is not None and bias.shape != (outputs,) and not (bias.ndim == 0 and outputs == 1):
        raise ShapeError(
            f"bias must have shape ({outputs},), one for each output channel, got {bias.shape}"
        )


def finished(out: Array, bias: Array | None, dtype: DType, dimensions: int) -> Array:
    """Add the bias to an output (N, O, oh, ow); give it its type, and the axes of the input."""
    if bias is not None:
        out += bias.reshape(-1, 1, 1).astype(out.dtype, copy=False)  # (O,) -> (O, 1, 1)
    return out.astype(dtype, copy=False).reshape(out.shape[4 - dimensions :])


@np.errstate(invalid="ignore", over="ignore")
def conv2d(
    input: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    algorithm: str | None = None,
) -> Array:
    """Slide each kernel over the input; multiply entry by entry, then add.

    ``Y[n, o, r, c] = b[o] + Σ X[n, i, r·s + u·d, c·s + v·d] · K[o, i, u, v]``, summed over the
    input channels i of o's group and the kernel's rows u and columns v. The kernel is not flipped:
    mathematics calls this cross-correlation (`convolve2d` flips it).

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
    weight : array, shape (kh, kw) for an input (H, W), else (O, C/groups, kh, kw)
    bias : array, shape (O,), optional
        Added to each output channel.
    stride : int or pair of int
        Rows and columns that the window moves at a time.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        Rows and columns around the input. An integer or a pair pads both sides alike; "valid" is 0;
        "same" gives ceil(H / stride) rows of output, an odd row or column of padding at the end
        ("same_lower": at the beginning).
    dilation : int or pair of int
        Rows and columns from one entry of the kernel to the next.
    groups : int
        The channels are cut into this many groups, and each output channel sees one of them.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the padding holds.
    algorithm : str, optional
        One of those that `choose_algorithm` knows, instead of its choice.

    Returns
    -------
    array, shape (oh, ow), (O, oh, ow) or (N, O, oh, ow), as the input
        Along each axis ``floor((n + 2 p - d (k - 1) - 1) / s) + 1``. Floats, complex numbers and
        objects keep their type, integers give int64 (see `cnnlib.dtypes`).

    Raises
    ------
    ShapeError
        If shapes or sizes do not fit together.
    ValueError
        If an argument is out of its range, or sums of integers could exceed int64.
    TypeError
        If an array does not hold numbers or objects, or a size is not made of integers.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.conv2d``, and ``padding_mode`` that of
    ``torch.nn.Conv2d``. "same" with a stride is TensorFlow's (ONNX ``SAME_UPPER``), "same_lower"
    ONNX ``SAME_LOWER``, one-sided padding ONNX ``pads``.

    Examples
    --------
    >>> x = np.arange(16).reshape(4, 4)
    >>> conv2d(x, [[0, 0], [0, 1]])
    array([[ 5,  6,  7],
           [ 9, 10, 11],
           [13, 14, 15]])
    """
    options = (bias, stride, padding, dilation, groups, padding_mode, algorithm)
    if all(map(operator.is_, options, PLAIN)) and (done := tiny(input, weight)) is not None:
        return done
    x, k = numeric(input, "input"), numeric(weight, "weight")
    b = None if bias is None else numeric(bias, "bias")
    dimensions, groups = x.ndim, whole(groups, "groups", 1)
    x, k = images(x), kernels(k, x)
    check_channels(x, k, groups)
    check_bias(b, len(k))
    where = geometry(x.shape[2:], k.shape[2:], stride=stride, padding=padding, dilation=dilation)
    if padding_mode != "zeros":
        x = pad(x, where.padding, padding_mode)
        where = geometry(x.shape[2:], where.kernel, stride=where.stride, dilation=where.dilation)
    compute, result = sum_types(x, k, b, k[0].size)
    x, k = x.astype(compute, copy=False), k.astype(compute, copy=False)
    out = convolve(x, k, where, groups, algorithm)
    return finished(out, b, result, dimensions)


def convolve2d(
    input: npt.ArrayLike, weight: npt.ArrayLike, bias: npt.ArrayLike | None = None, **options: Any
) -> Array:
    """Convolve as mathematics does: with the kernel flipped, rows and columns.

    ``Y[r, c] = Σ X[r - u, c - v] · K[u, v]``, so that an input with a single 1 gives the kernel
    itself. For a learnt kernel the flip makes no difference; for a fixed one it does.

    Parameters
    ----------
    input, weight, bias
        As for `conv2d`.
    **options
        All others of `conv2d`.

    Returns
    -------
    array
        As for `conv2d`.

    Raises
    ------
    ShapeError, ValueError, TypeError
        As `conv2d`.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.conv2d`` with ``weight.flip(-2, -1)``; with one channel
    it is ``scipy.signal.convolve2d``, mode "valid" unless padded.

    Examples
    --------
    >>> spike = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    >>> convolve2d(spike, [[1, 2], [3, 4]])
    array([[1, 2],
           [3, 4]])
    >>> conv2d(spike, [[1, 2], [3, 4]])
    array([[4, 3],
           [2, 1]])
    """
    kernel = numeric(weight, "weight")
    if kernel.ndim >= 2:
        kernel = kernel[..., ::-1, ::-1]
    return conv2d(input, kernel, bias, **options)


@np.errstate(invalid="ignore", over="ignore")
def conv_transpose2d(
    input: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    output_padding: IntOrPair = 0,
    groups: int = 1,
    dilation: IntOrPair = 1,
) -> Array:
    """Stamp each kernel, times each entry of the input, onto the output, and add what overlaps.

    This is the transpose (adjoint) of `conv2d` with the same weight and geometry, not its inverse:
    where `conv2d` gathers a window into one output, this scatters one input over a window.
    ``Y[n, o, r·s + u·d - p, c·s + v·d - p] += X[n, i, r, c] · K[i, o, u, v]``.

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
    weight : array, shape (kh, kw) for an input (H, W), else (C, O/groups, kh, kw)
    bias : array, shape (O,), optional
        Added to each output channel.
    stride : int or pair of int
        Rows and columns from one stamp to the next.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        Rows and columns trimmed from the output: those that `conv2d` would have padded. "same"
        gives ``H · stride`` rows.
    output_padding : int or pair of int
        Rows and columns that `conv2d` would have dropped: added at the end of the output.
    groups : int
        The channels are cut into this many groups, each on its own.
    dilation : int or pair of int
        Rows and columns from one entry of the kernel to the next.

    Returns
    -------
    array, shape (oh, ow), (O, oh, ow) or (N, O, oh, ow), as the input
        Along each axis ``(n - 1) s - 2 p + d (k - 1) + output_padding + 1``; types as for `conv2d`.

    Raises
    ------
    ShapeError
        If shapes or sizes do not fit together, or no row or column of output is left.
    ValueError
        If an argument is out of its range, or sums of integers could exceed int64.
    TypeError
        If an array does not hold numbers or objects, or a size is not made of integers.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.conv_transpose2d``; "same" is TensorFlow's. The method:
    one matrix product over the channels for each kernel entry, added to the slice of the output
    that this entry reaches.

    Examples
    --------
    >>> conv_transpose2d([[1, 2]], [[1, 1], [1, 1]], stride=2)
    array([[1, 1, 2, 2],
           [1, 1, 2, 2]])
    """
    x, k = numeric(input, "input"), numeric(weight, "weight")
    b = None if bias is None else numeric(bias, "bias")
    dimensions, groups = x.ndim, whole(groups, "groups", 1)
    x, k = images(x), kernels(k, x, "(C, O/groups, kh, kw)")
    if len(k) != x.shape[1] or len(k) % groups:
        raise ShapeError(
            f"weight {k.shape} does not fit an input of {x.shape[1]} channels in groups={groups}: "
            "its first axis must be as many, and divisible by groups"
        )
    check_bias(b, k.shape[1] * groups)
    where = transposed_geometry(
        (x.shape[2], x.shape[3]),
        k.shape[2:],
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    compute, result = sum_types(x, k, b, k[:, 0].size // groups)
    out = np.zeros((len(x), k.shape[1] * groups, *where.input), compute)
    scatter(x.astype(compute, copy=False), k.astype(compute, copy=False), where, groups, out)
    return finished(out, b, result, dimensions)
