"""Linear layers, flattening and batch normalisation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.dtypes import as_bias, as_floats, as_numeric, compute_dtype, sum_dtypes
from cnnlib.shapes import Array, ShapeError, as_axis, as_real


@np.errstate(all="ignore")
def linear(input: npt.ArrayLike, weight: npt.ArrayLike, bias: npt.ArrayLike | None = None) -> Array:
    r"""Combine all inputs: each row of the weight gives one sum of products.

    .. math:: y = x W^T + b

    Parameters
    ----------
    input : array, shape (..., inputs)
        One list of numbers, or several.
    weight : array, shape (outputs, inputs)
        A row of weights for each output.
    bias : array, shape (outputs,), optional
        Added to each output.

    Returns
    -------
    array, shape (..., outputs); dtypes as for `conv2d`

    Raises
    ------
    ShapeError
        If the shapes are incompatible.
    ValueError
        If sums of integers could exceed int64.
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
    check_linear(x, w)
    if b is not None and b.shape != (len(w),):
        raise ShapeError(f"bias must have shape ({len(w)},), one for each output, got {b.shape}")
    compute, result = sum_dtypes(x, w, b, w.shape[1])
    y: Array = x.astype(compute, copy=False) @ w.astype(compute, copy=False).T
    if b is not None:
        y += b.astype(compute, copy=False)
    return y.astype(result, copy=False)


def check_linear(x: Array, w: Array) -> None:
    """Check that an input (..., inputs) fits a weight (outputs, inputs)."""
    if w.ndim != 2:
        hint = "; weight[None] would fit" if w.ndim == 1 else ""
        raise ShapeError(f"weight must have shape (outputs, inputs), got {w.shape}{hint}")
    if x.ndim < 1 or x.shape[-1] != w.shape[1]:
        hint = "; weight.T would fit" if x.ndim and x.shape[-1] == len(w) else ""
        raise ShapeError(
            f"input must have shape (..., {w.shape[1]}) to match weight {w.shape}, got "
            f"{x.shape}{hint}"
        )


def flatten(input: npt.ArrayLike, start_dim: int = 0, end_dim: int = -1) -> Array:
    """Write the axes from the first to the last as one, row after row.

    Parameters
    ----------
    input : array
        Of any shape.
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
    r"""Normalise each channel by its running mean and variance, as at inference.

    .. math:: y = \frac{x - m}{\sqrt{v + e}} \, w + b

    For each channel, *m* is its running mean, *v* its running variance, *w* its weight and *b* its
    bias; *e* is `eps`.

    Parameters
    ----------
    input : array of real numbers, shape (N, C) or (N, C, ...)
        A batch of N, with C channels.
    running_mean, running_var : array, shape (C,)
        The mean and the variance of each channel, as training found them.
    weight, bias : array, shape (C,), optional
        What each channel is multiplied by after that, and what is added.
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
        If an array holds complex numbers or objects, or `eps` is not a number.

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
    given: dict[str, Any] = {"running_mean": running_mean, "running_var": running_var}
    given["weight"] = np.ones(channels) if weight is None else weight
    given["bias"] = np.zeros(channels) if bias is None else bias
    arrays = []
    for name, value in given.items():
        entry = as_floats(value, name)
        if entry.shape != (channels,):
            image = x.ndim == 3 and entry.shape == x.shape[:1]
            raise ShapeError(
                f"{name} must have shape ({channels},), one for each channel, got {entry.shape}"
                + ("; if input is one image (C, H, W), input[None] would fit" if image else "")
            )
        arrays.append(entry.astype(dtype, copy=False).reshape(channels, *(1,) * (x.ndim - 2)))
    mean, var, scale, shift = arrays
    factor = scale / np.sqrt(var + dtype.type(as_real(eps, "eps")))
    return np.asarray((x - mean) * factor + shift).astype(x.dtype, copy=False)
