"""Convolution: the public functions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cnnlib.algorithms import im2col
from cnnlib.dtypes import numeric, sum_types
from cnnlib.shapes import Array, IntOrPair, Padding, ShapeError, geometry, whole
from cnnlib.windows import pad


def images(input: Array) -> Array:
    """View (H, W) or (C, H, W) as (N, C, H, W)."""
    if input.ndim not in (2, 3, 4):
        raise ShapeError(
            f"input must have shape (H, W), (C, H, W) or (N, C, H, W), got {input.shape}"
        )
    return input.reshape((1,) * (4 - input.ndim) + input.shape)


def kernels(weight: Array, input: Array) -> Array:
    """View a weight (kh, kw), for an input (H, W), as (1, 1, kh, kw)."""
    dimensions, form = (2, "(kh, kw)") if input.ndim == 2 else (4, "(O, C/groups, kh, kw)")
    if weight.ndim != dimensions:
        raise ShapeError(
            f"weight must have shape {form} for an input with {input.ndim} axes, got {weight.shape}"
        )
    if weight.size == 0:
        raise ShapeError(f"weight must not be empty, got shape {weight.shape}")
    return weight.reshape((1,) * (4 - dimensions) + weight.shape)


def check_channels(input: Array, weight: Array, bias: Array | None, groups: int) -> None:
    """Check channels, groups and bias: input (N, C, H, W), weight (O, C/groups, kh, kw)."""
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
    check_bias(bias, outputs)


def check_bias(bias: Array | None, outputs: int) -> None:
    """Check that there is one bias for each output channel."""
    if bias is not None and bias.shape != (outputs,) and not (bias.ndim == 0 and outputs == 1):
        raise ShapeError(
            f"bias must have shape ({outputs},), one for each output channel, got {bias.shape}"
        )


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
) -> Array:
    """Slide each kernel over the input; multiply entry by entry, then add.

    ``Y[n, o, r, c] = b[o] + Σ X[n, i, r·s + u·d, c·s + v·d] · K[o, i, u, v]``, summed over the
    channels i and the kernel's rows u and columns v. The kernel is not flipped: mathematics calls
    this cross-correlation.

    Parameters
    ----------
    input : array, shape (H, W), (C, H, W) or (N, C, H, W)
    weight : array, shape (kh, kw) for an input (H, W), else (O, C/groups, kh, kw)
    bias : array, shape (O,), optional

    Returns
    -------
    array, shape (oh, ow), (O, oh, ow) or (N, O, oh, ow), as the input

    Raises
    ------
    ShapeError
        If shapes or sizes do not fit together.

    Examples
    --------
    >>> x = np.arange(16).reshape(4, 4)
    >>> conv2d(x, [[0, 0], [0, 1]])
    array([[ 5,  6,  7],
           [ 9, 10, 11],
           [13, 14, 15]])
    """
    x, k = numeric(input, "input"), numeric(weight, "weight")
    b = None if bias is None else numeric(bias, "bias")
    dimensions, groups = x.ndim, whole(groups, "groups", 1)
    x, k = images(x), kernels(k, x)
    check_channels(x, k, b, groups)
    where = geometry(x.shape[2:], k.shape[2:], stride=stride, padding=padding, dilation=dilation)
    compute, result = sum_types(x, k, b, k[0].size)
    out = np.empty((len(x), len(k), *where.output), result)
    padded = pad(x, where.padding, padding_mode)
    im2col(padded, k.astype(compute, copy=False), where, groups, out, compute)
    if b is not None:
        out += b.reshape(-1, 1, 1)  # (O,) -> (O, 1, 1)
    return out.reshape(out.shape[4 - dimensions :])
