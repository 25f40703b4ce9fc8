"""Losses: how far an output is from what was wanted, as one number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cnnlib.activations import log_softmax
from cnnlib.dtypes import DType, as_floats, as_numeric, compute_dtype, mean_dtype, total
from cnnlib.shapes import Array, ShapeError


@np.errstate(all="ignore")
def mse_loss(input: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    r"""Return the mean squared error: how far a map is from the one that was wanted.

    .. math:: L = \frac{1}{n} \sum_i (x_i - t_i)^2

    Parameters
    ----------
    input, target : array of numbers or objects, of the same shape

    Returns
    -------
    array, shape ()
        Of the promoted dtype; float64 for integers.

    Raises
    ------
    ShapeError
        If the shapes differ.
    TypeError
        If an array does not hold numbers or objects.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.mse_loss`` with its default, the mean.

    Examples
    --------
    >>> float(mse_loss([1, 2], [1, 4]))
    2.0
    """
    found, dtype = differences(input, target)
    return np.asarray(total(found**2) / found.size, dtype)


def differences(input: npt.ArrayLike, target: npt.ArrayLike) -> tuple[Array, DType]:
    """Subtract a target from an input of the same shape; return the dtype of results, too."""
    x, wanted = as_numeric(input, "input"), as_numeric(target, "target")
    if x.shape != wanted.shape:
        raise ShapeError(f"target must have the shape of the input, {x.shape}, got {wanted.shape}")
    dtype = mean_dtype(np.result_type(x, wanted))
    return np.subtract(x, wanted, dtype=compute_dtype(dtype)), dtype


@np.errstate(all="ignore")
def cross_entropy(input: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    r"""Return the cross-entropy of scores: how little probability the right classes get.

    .. math:: L = -\frac{1}{N} \sum_n \log \operatorname{softmax}(x_n)_{t_n}

    Here :math:`t_n` is the right class of example :math:`n`. The loss of an example is 0 where the
    right class has the whole probability, and grows without limit as its probability goes to 0.

    Parameters
    ----------
    input : array of real numbers, shape (C,), (N, C) or (N, C, ...)
        A score for each class, before softmax.
    target : array of int, shape (), (N,) or (N, ...)
        The right classes, counted from 0.

    Returns
    -------
    array, shape ()
        Of the input's dtype; float64 for integers.

    Raises
    ------
    ShapeError
        If the shapes do not belong together.
    ValueError
        If a class does not exist.
    TypeError
        If the classes are not integers, or the scores are not real numbers.

    Notes
    -----
    In PyTorch this is ``torch.nn.functional.cross_entropy`` for classes as integers, with its
    defaults: the mean over all examples, without weights or smoothing.

    Examples
    --------
    >>> float(cross_entropy([[0.0, 0.0]], [1]).round(4))
    0.6931
    """
    scores, classes, axis = as_scores(input, target)
    losses = -np.take_along_axis(log_softmax(scores, axis), classes, axis)
    return np.asarray(total(losses) / classes.size)


def as_scores(input: npt.ArrayLike, target: npt.ArrayLike) -> tuple[Array, Array, int]:
    """Check scores and classes; give the classes an axis of length 1 for C, and return that too."""
    scores, classes = as_floats(input, "input"), as_numeric(target, "target")
    if classes.dtype.kind not in "iu":
        raise TypeError(f"target must hold classes as integers, got {classes.dtype}")
    axis = min(1, max(scores.ndim - 1, 0))
    count, expected = scores.shape[axis : axis + 1], scores.shape[:axis] + scores.shape[axis + 1 :]
    if not count or classes.shape != expected:
        raise ShapeError(
            f"target must have shape {expected} for scores {scores.shape}, got {classes.shape}"
        )
    if classes.size and not 0 <= classes.min() <= classes.max() < count[0]:
        found = f"{classes.min()} to {classes.max()}"
        raise ValueError(f"target must hold classes from 0 to {count[0] - 1}, got {found}")
    return scores, np.expand_dims(classes, axis), axis
