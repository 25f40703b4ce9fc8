"""Exact sums: arithmetic whose results depend on no processor, no library and no order of adding.

A float64 holds every integer up to 2⁵³. If weights are multiples of 2⁻¹⁴ and activations multiples
of 2⁻¹⁰, their products and all sums of these are multiples of 2⁻²⁴, and as long as a sum stays
below 2⁵³ of them, none of its additions rounds. The order of adding, which differs between BLAS
libraries, numbers of threads and programming languages, then cannot matter. Between layers, values
are rounded to their grid, entry by entry, which is exact arithmetic too.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cnnlib.activations import BLOCK
from cnnlib.dtypes import as_floats
from cnnlib.shapes import Array

# Bits after the binary point.
WEIGHT_BITS, ACTIVATION_BITS, GRADIENT_BITS = 14, 10, 22
SHARE_BITS = 40  # of exponentials, whose sum is then exact
MANTISSA_BITS = 53  # of all digits of a float64
LOG2_E = 1.4426950408889634
# log(2) in two parts; the first ends in zeros, so that its product with a small integer is exact.
LN2_HIGH, LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
EXP_TERMS = 14


def round_to(x: Array, bits: int) -> Array:
    """Round each entry to a multiple of ``2**-bits``, halves to the even multiple.

    Examples
    --------
    >>> round_to(np.array([0.26, 0.625, -1.4]), 2)
    array([ 0.25,  0.5 , -1.5 ])
    """
    rounded: Array = x * 2.0**bits
    np.rint(rounded, out=rounded)
    rounded *= 2.0**-bits
    return rounded


def measure(x: Array, bits: int) -> tuple[float, int]:
    """Return the largest magnitude of some multiples of ``2**-bits``, and the bits.

    Examples
    --------
    >>> measure(np.array([0.25, -0.5]), 2)
    (0.5, 2)
    >>> measure(np.array([0.1]), 14)
    Traceback (most recent call last):
    ArithmeticError: a factor is no multiple of 2**-14; `on_grid` rounds it
    """
    flat = x.reshape(-1)
    for first in range(0, flat.size, BLOCK):  # blocks stay in a core's cache
        block = flat[first : first + BLOCK] * 2.0**bits
        if (block != np.rint(block)).any():
            raise ArithmeticError(f"a factor is no multiple of 2**-{bits}; `on_grid` rounds it")
    return float(max(flat.max(initial=0), -flat.min(initial=0))), bits


def on_grid(input: npt.ArrayLike) -> Array:
    """Round the output of a layer to multiples of 1/1024: a layer for chains with exact sums.

    Examples
    --------
    >>> on_grid([0.1]) * 1024
    array([102.])
    """
    return round_to(as_floats(input, "input"), ACTIVATION_BITS)


def on_grid_input(grad_output: Array, input: Array) -> Array:
    """Pass a gradient through `on_grid`, rounded to multiples of 2⁻²².

    The derivative of rounding is 0 nearly everywhere, and nothing could be learnt. What is passed
    back is the gradient without rounding.
    """
    return round_to(grad_output, GRADIENT_BITS)


def exp(x: Array) -> Array:
    """Compute the exponential of numbers up to 0 by additions and multiplications alone.

    Exponentials of mathematical libraries differ in their last bits. With ``x = n log 2 + r`` this
    is ``2ⁿ exp(r)``, and exp(r) is a sum of powers of the small r. Multiplying by 2ⁿ is exact.

    Examples
    --------
    >>> exp(np.array([0.0, -1.0])).round(6)
    array([1.      , 0.367879])
    """
    n = np.rint(x * LOG2_E)
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    total = np.ones_like(r)
    for k in range(EXP_TERMS, 0, -1):  # 1 + r (1 + r/2 (1 + r/3 (...)))
        total = 1 + r * total / k
    return np.asarray(np.ldexp(total, n.astype(int)))


def softmax(scores: Array) -> Array:
    """Return the probabilities of the scores (N, C), from exponentials on a grid.

    Examples
    --------
    >>> softmax(np.array([[1.0, 1.0]]))
    array([[0.5, 0.5]])
    """
    raised = round_to(exp(scores - scores.max(axis=1, keepdims=True)), SHARE_BITS)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def cross_entropy(scores: Array, labels: Array) -> tuple[float, Array]:
    """Return the mean cross-entropy of scores (N, C), and its gradient rounded to the grid.

    Nothing is computed from the loss itself, whose logarithm depends on the machine.

    Examples
    --------
    >>> cross_entropy(np.array([[1.0, 1.0]]), np.array([1]))[1]
    array([[ 0.5, -0.5]])
    """
    shares, each = softmax(scores), np.arange(len(scores))
    loss = -np.log(np.maximum(shares[each, labels], 2.0**-SHARE_BITS)).mean()
    shares[each, labels] -= 1
    return float(loss), round_to(shares / len(scores), GRADIENT_BITS)


def check_sum(terms: int, *factors: tuple[float, int], start: float = 0) -> None:
    """Prove that sums of `terms` products are exact, given what `measure` says of the factors.

    `start` is the largest number that a sum starts with, a bias.

    Examples
    --------
    >>> check_sum(3, (1, 14), (1, 10))
    >>> check_sum(3, (2.0**20, 14), (2.0**20, 10))
    Traceback (most recent call last):
    ArithmeticError: a sum of 3 products may need 66 bits; float64 has 53
    """
    most = math.prod(size for size, _ in factors) * terms + start
    digits = sum(bits for _, bits in factors) + math.ceil(math.log2(max(most, 1)))
    if digits > MANTISSA_BITS:
        raise ArithmeticError(f"a sum of {terms} products may need {digits} bits; float64 has 53")
