"""Which numbers go in, which come out, and in which the work is done.

==========================  ==================  =========================================
operands together           result of a sum     computed in
==========================  ==================  =========================================
bool, int8 … uint64         int64               floats if they hold every sum exactly,
                                                else int64; refused if int64 might overflow
float16                     float16             float32
float32, float64, …         the same            the same
complex64, complex128       the same            the same
object (SymPy, Fraction)    object              the objects' own ``+`` and ``*``
==========================  ==================  =========================================

Operands of different types meet as NumPy promotes them (`numpy.result_type`): an image of ``uint8``
with a kernel of ``float32`` gives ``float32``. Means and activations of integers give ``float64``;
a maximum keeps its type.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.shapes import Array

DType = np.dtype[Any]


def numeric(value: npt.ArrayLike, name: str) -> Array:
    """Make an array of numbers or objects of an array-like; it is never modified."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is not an array: its rows differ in length") from error
    if array.dtype.kind not in "biufcO":
        raise TypeError(f"{name} must hold numbers, or objects that act as such, got {array.dtype}")
    return array


def real_floats(value: npt.ArrayLike, name: str) -> Array:
    """Make an array of real floats: what functions such as `exp` need."""
    array = numeric(value, name)
    if array.dtype.kind in "cO":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def wider(dtype: DType) -> DType:
    """Type to compute in: float32 for float16, else the type itself."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def largest(array: Array) -> int:
    """Absolute value of the entry farthest from zero, as a Python integer."""
    return max(abs(int(array.max())), abs(int(array.min()))) if array.size else 0


def sum_types(input: Array, weight: Array, bias: Array | None, taps: int) -> tuple[DType, DType]:
    """Choose the types to compute in and to return, for sums of `taps` products."""
    operands = [input, weight] if bias is None else [input, weight, bias]
    dtype = np.result_type(*operands)
    if dtype.kind in "fcO" and any(a.dtype.kind in "fcO" for a in operands):
        return wider(dtype), dtype
    bound = largest(input) * largest(weight) * taps + (0 if bias is None else largest(bias))
    result = np.dtype(np.int64)
    if bound < 2**24:  # float32 holds each integer up to here
        return np.dtype(np.float32), result
    if bound < 2**53:  # and float64 up to here
        return np.dtype(np.float64), result
    if bound < 2**63:
        return result, result
    raise ValueError(
        f"sums of {taps} products of these integers may reach {bound:.1e}, beyond int64; "
        "convert to float64, or to object for exact integers of any size"
    )
