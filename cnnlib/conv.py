"""Convolution and transposed convolution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.algorithms import convolve, scatter
from cnnlib.dtypes import DType, as_bias, as_numeric, sum_dtypes
from cnnlib.shapes import (
    Array,
    IntOrPair,
    Padding,
    ShapeError,
    as_int,
    transposed_geometry,
    window_geometry,
)
from cnnlib.windows import pad


def as_images(input: Array, name: str = "input") -> Array:
    """View (H, W) or (C, H, W) as (N, C, H, W)."""
    if input.ndim not in (2, 3, 4):
        raise ShapeError(
            f"{name} must have shape (H, W), (C, H, W) or (N, C, H, W), got {input.shape}"
        )
    return input.reshape((1,) * (4 - input.ndim) + input.shape)


def as_kernels(weight: Array, input: Array, form: str = "(O, C/groups, kh, kw)") -> Array:
    """View a weight as (O, C/groups, kh, kw); it is (kh, kw) for an input (H, W)."""
    dimensions, form = (2, "(kh, kw)") if input.ndim == 2 else (4, form)
    if weight.ndim != dimensions:
        hint = ""
        if dimensions == 4 and weight.ndim == 2:
            index = "[..., 0]" if input.ndim == 3 and input.shape[-1] in (3, 4) else "[0]"
            hint = f"; a kernel (kh, kw) takes one matrix, such as input{index}"
        elif dimensions == 2 and weight.ndim == 4 and weight.shape[1] == 1:
            hint = "; input[None] would fit"
        raise ShapeError(
            f"weight must have shape {form} for an input with {input.ndim} axes, got "
            f"{weight.shape}{hint}"
        )
    if weight.size == 0:
        raise ShapeError(f"weight must not be empty, got shape {weight.shape}")
    return weight.reshape((1,) * (4 - dimensions) + weight.shape)


def check_channels(input: Array, weight: Array, groups: int, dimensions: int) -> None:
    """Check the channels of an input (N, C, H, W) and a weight (O, C/groups, kh, kw)."""
    channels, (outputs, per_group) = input.shape[1], weight.shape[:2]
    if channels % groups or outputs % groups:
        raise ShapeError(
            f"groups={groups} does not divide both {channels} input and {outputs} output channels"
        )
    if channels != per_group * groups:
        hint = f"a weight with shape[1] of {channels // groups} would fit"
        if input.shape[3] == per_group * groups:
            hint = "if its channels are last, np.moveaxis(input, -1, -3) would fit"
        elif dimensions == 3 and per_group * groups == 1:
            hint = "if it is a batch of images without channels, input[:, None] would fit"
        elif weight.shape[2] == channels:
            hint = "if it is (kh, kw, C, O), weight.transpose(3, 2, 0, 1) would fit"
        raise ShapeError(
            f"input has {channels} channels, but weight {weight.shape} with groups={groups} takes "
            f"{per_group * groups}; {hint}"
        )


def check_transposed_channels(x: Array, k: Array, groups: int) -> None:
    """Check the channels of an input (N, C, H, W) and a weight (C, O/groups, kh, kw)."""
    if len(k) != x.shape[1] or len(k) % groups:
        raise ShapeError(
            f"weight {k.shape} does not fit an input of {x.shape[1]} channels in groups={groups}: "
            "its first axis must equal the number of channels and be divisible by groups"
        )


def check_bias(bias: Array | None, outputs: int) -> None:
    """Check that the bias has one entry for each output channel."""
    if bias is not None and bias.shape != (outputs,) and not (bias.ndim == 0 and outputs == 1):
        raise ShapeError(
            f"bias must have shape ({outputs},), one for each output channel, got {bias.shape}"
        )


def add_bias_and_cast(out: Array, bias: Array | None, dtype: DType, dimensions: int) -> Array:
    """Add the bias to an output (N, O, oh, ow), cast it and restore the number of axes."""
    if bias is not None:
        out += bias.reshape(-1, 1, 1).astype(out.dtype, copy=False)  # (O,) -> (O, 1, 1)
    return out.astype(dtype, copy=False).reshape(out.shape[4 - dimensions :])


@np.errstate(all="ignore")
def conv2d(
    input: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    *,
    padding_mode: str = "zeros",
    algorithm: str | None = None,
) -> Array:
    r"""Convolve the input with each kernel: slide it, multiply entry by entry, and add.

    .. math:: Y_{r,c} = b + \sum_{u,v} X_{rs+ud,\,cs+vd} \, K_{u,v}

    Here *s* is the stride, *d* the dilation, and *u* and *v* are the kernel's rows and columns.
    With several channels, each output channel *o* has its own kernels and bias, and the sum also
    runs over the input channels *i* of its group:

    .. math:: Y_{o,r,c} = b_o + \sum_{i,u,v} X_{i,\,rs+ud,\,cs+vd} \, K_{o,i,u,v}

    The kernel is not flipped: mathematics calls this cross-correlation (`convolve2d` flips it).

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
        A matrix, one with C channels, or a batch of N such.
    weight : array, shape (kh, kw) for an input (H, W), else (O, C/groups, kh, kw)
        The kernel, or for each of O output channels a stack of them, one for each input channel.
    bias : array, shape (O,), optional
        Added to each output channel.
    stride : int or pair of int
        Rows and columns from one window to the next.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        Rows and columns added around the input. An integer or a pair pads both sides equally;
        "valid" means no padding; "same" gives ceil(H / stride) rows of output, with any odd row or
        column of padding at the end ("same_lower": at the start).
    dilation : int or pair of int
        Rows and columns from one entry of the kernel to the next.
    groups : int
        Number of groups the channels are split into; each output channel depends on one group.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        How the padding is filled.
    algorithm : str, optional
        The algorithm to use; by default the one that `choose_algorithm` returns.

    Returns
    -------
    array, shape (oh, ow), (O, oh, ow) or (N, O, oh, ow), as the input
        Its rows and columns are those that `output_size` returns. Floats, complex numbers and
        objects keep their dtype, integers give int64 (see `cnnlib.dtypes`).

    Raises
    ------
    ShapeError
        If shapes or sizes are incompatible.
    ValueError
        If an argument is out of range, or sums of integers could exceed int64.
    TypeError
        If an array does not hold numbers or objects, or a size is not an integer.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.conv2d``; ``padding_mode`` works as in
    ``torch.nn.Conv2d``. With a stride, "same" pads as TensorFlow does, which ONNX calls
    ``SAME_UPPER``; "same_lower" is ``SAME_LOWER`` there, and padding on one side is ``pads``. For a
    kernel of even size, mode "same" of ``scipy.signal.correlate2d`` pads as "same" does here, and
    ``scipy.ndimage.correlate`` as "same_lower" does.

    The zeros of the padding are multiplied like other entries: times an infinite weight, or one
    that is NaN, they give NaN. (In PyTorch this depends on the backend.)

    Written as plain loops, it is `cnnlib.reference.conv2d`.

    Examples
    --------
    >>> x = np.arange(16).reshape(4, 4)
    >>> conv2d(x, [[0, 0], [0, 1]])
    array([[ 5,  6,  7],
           [ 9, 10, 11],
           [13, 14, 15]])
    """
    x, k = as_numeric(input, "input"), as_numeric(weight, "weight")
    b = as_bias(bias, x, k)
    dimensions, groups = x.ndim, as_int(groups, "groups", 1)
    x, k = as_images(x), as_kernels(k, x)
    check_channels(x, k, groups, dimensions)
    check_bias(b, len(k))
    geometry = window_geometry(
        x.shape[2:], k.shape[2:], stride=stride, padding=padding, dilation=dilation
    )
    if padding_mode != "zeros":
        x = pad(x, geometry.padding, padding_mode)
        geometry = replace(geometry, input=geometry.padded, padding=((0, 0), (0, 0)))
    compute, result = sum_dtypes(x, k, b, k[0].size)
    x, k = x.astype(compute, copy=False), k.astype(compute, copy=False)
    out = convolve(x, k, geometry, groups, algorithm)
    return add_bias_and_cast(out, b, result, dimensions)


def convolve2d(
    input: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    *,
    padding_mode: str = "zeros",
    algorithm: str | None = None,
) -> Array:
    r"""Convolve in the mathematical sense, with the kernel flipped along rows and columns.

    .. math:: Y_{r,c} = b + \sum_{u,v} X_{r+u,\,c+v} \, K_{k_h-1-u,\,k_w-1-v}

    This is the sum for a kernel of kh by kw entries and a stride of 1. An input with a single 1
    gives the kernel itself. For a learnt kernel the flip makes no difference; for a fixed one it
    does.

    Parameters
    ----------
    input, weight, bias, stride, padding, dilation, groups, padding_mode, algorithm
        As for `conv2d`.

    Returns
    -------
    array
        As for `conv2d`.

    Raises
    ------
    ShapeError, ValueError, TypeError
        As for `conv2d`.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.conv2d`` with ``weight.flip(-2, -1)``. With one channel
    and no padding, it is ``scipy.signal.convolve2d`` with mode "valid". SciPy's mode "same" pads as
    "same_lower" does here, which matters if a kernel has an even size; ``scipy.ndimage.convolve``
    pads as "same" does.

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
    kernel = as_numeric(weight, "weight")
    if kernel.ndim >= 2:
        kernel = kernel[..., ::-1, ::-1]
    options: dict[str, Any] = {"padding_mode": padding_mode, "algorithm": algorithm}
    return conv2d(input, kernel, bias, stride, padding, dilation, groups, **options)


@np.errstate(all="ignore")
def conv_transpose2d(
    input: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    output_padding: IntOrPair = 0,
    groups: int = 1,
    dilation: IntOrPair = 1,
) -> Array:
    r"""Transpose a convolution: add each kernel, times each input entry, to a window of the output.

    .. math:: Y_{rs+ud-p,\,cs+vd-p} \;{+}{=}\; X_{r,c} \, K_{u,v}

    Here *s* is the stride, *p* the padding and *d* the dilation. Where `conv2d` gathers a window
    into one output, this scatters one input over a window: it is the transpose (adjoint) of
    `conv2d` with the same weight and geometry, not its inverse. Several input channels are added
    up.

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
        A matrix, one with C channels, or a batch of N such.
    weight : array, shape (kh, kw) for an input (H, W), else (C, O/groups, kh, kw)
        The kernel, or for each input channel a stack of them, one for each output channel.
    bias : array, shape (O,), optional
        Added to each output channel.
    stride : int or pair of int
        Rows and columns from one window of the output to the next.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        Rows and columns removed from the output: those that `conv2d` would have added to its input.
        "same" gives ``H · stride`` rows.
    output_padding : int or pair of int
        Rows and columns added at the end of the output: those that `conv2d` would have ignored.
    groups : int
        Number of groups the channels are split into, each convolved separately.
    dilation : int or pair of int
        Rows and columns from one entry of the kernel to the next.

    Returns
    -------
    array, shape (oh, ow), (O, oh, ow) or (N, O, oh, ow), as the input
        n rows become ``(n - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding +
        1``, and columns likewise; dtypes as for `conv2d`.

    Raises
    ------
    ShapeError
        If shapes or sizes are incompatible, or the output would be empty.
    ValueError
        If an argument is out of range, or sums of integers could exceed int64.
    TypeError
        If an array does not hold numbers or objects, or a size is not an integer.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.conv_transpose2d``; "same" is TensorFlow's. The method
    is one matrix product over the channels for each kernel entry, added to a strided slice of the
    output.

    Written as plain loops, it is `cnnlib.reference.conv_transpose2d`.

    Examples
    --------
    >>> conv_transpose2d([[1, 2]], [[1, 1], [1, 1]], stride=2)
    array([[1, 1, 2, 2],
           [1, 1, 2, 2]])
    """
    x, k = as_numeric(input, "input"), as_numeric(weight, "weight")
    b = as_bias(bias, x, k)
    dimensions, groups = x.ndim, as_int(groups, "groups", 1)
    x, k = as_images(x), as_kernels(k, x, "(C, O/groups, kh, kw)")
    check_transposed_channels(x, k, groups)
    check_bias(b, k.shape[1] * groups)
    geometry = transposed_geometry(
        (x.shape[2], x.shape[3]), k.shape[2:], stride, padding, output_padding, dilation
    )
    compute, result = sum_dtypes(x, k, b, k[:, 0].size // groups)
    out = np.zeros((len(x), k.shape[1] * groups, *geometry.input), compute)
    scatter(x.astype(compute, copy=False), k.astype(compute, copy=False), geometry, groups, out)
    return add_bias_and_cast(out, b, result, dimensions)
