"""Data types: what is accepted, what is returned, and what is used for computing.

==========================  ==================  =========================================
promoted operands           result              computed in
==========================  ==================  =========================================
bool, int8 … uint64         int64               float32 or float64 if exact, else int64;
                                                error if int64 might overflow
float16                     float16             float32
float32, float64, …         the same            the same
complex64, complex128       the same            the same
object (SymPy, Fraction)    object              the objects' own ``+`` and ``*``
==========================  ==================  =========================================

Operands of different types are promoted as in NumPy (`numpy.result_type`): a ``uint8`` image with a
``float32`` kernel gives ``float32``. A bias that is one of Python's own numbers does not promote
them. Means and activations of integers are ``float64``; a maximum keeps its type. Gradients that
are sums over many examples, such as that of a bias, are added up in ``float64``, or in ``int64``.
Any byte order is accepted; results have the machine's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.shapes import Array

DType = np.dtype[Any]


def as_numeric(value: npt.ArrayLike, name: str) -> Array:
    """Convert to an array of numbers or objects, without a copy if possible."""
    array = value if type(value) is np.ndarray else to_array(value, name)
    if array.dtype.kind not in "biufcO":
        # Such as bfloat16 and int4, which other packages add to NumPy.
        added = "float" in array.dtype.name or "int" in array.dtype.name
        hint = f"; {name}.astype(np.float32) would fit" if added else ""
        raise TypeError(f"{name} must hold numbers or number-like objects, got {array.dtype}{hint}")
    for entry in array.flat if array.dtype.kind == "O" else ():
        if not (hasattr(entry, "__mul__") and hasattr(entry, "__sub__")):  # None, a dict, a string
            kind = type(entry).__name__
            raise TypeError(f"{name} must hold numbers or number-like objects, got {kind}")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def to_array(value: Any, name: str) -> Array:
    """Convert lists, numbers, PyTorch's tensors and whatever else NumPy can convert."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} must not be a masked array, since its mask would be ignored; "
            f"{name}.filled(0) would fit"
        )
    if hasattr(value, "toarray") or hasattr(value, "todense"):
        method = "toarray" if hasattr(value, "toarray") else "todense"
        raise TypeError(f"{name} must not be a sparse array; {name}.{method}() would fit")
    if str(getattr(value, "dtype", "")) == "torch.bfloat16":
        raise TypeError(f"{name} must not hold bfloat16; {name}.float() would fit")
    if hasattr(value, "detach"):  # a tensor, which may require gradients
        value = value.detach()
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array, got rows of different lengths") from error
    except (TypeError, RuntimeError) as error:
        raise TypeError(f"{name} cannot be converted to an array: {error}") from error


def as_bias(value: npt.ArrayLike | None, input: Array, weight: Array) -> Array | None:
    """Convert a bias; one of Python's own numbers does not promote floats, as in NumPy."""
    if value is None:
        return None
    if type(value) in (bool, int, float, complex):
        dtype = np.result_type(input, weight)
        if dtype.kind in "fc":
            return np.asarray(value, np.result_type(dtype, value))
    return as_numeric(value, "bias")


def as_floats(value: npt.ArrayLike, name: str) -> Array:
    """Convert to an array of real floats, as functions such as `exp` need."""
    array = as_numeric(value, name)
    if array.dtype.kind in "cO":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def compute_dtype(dtype: DType) -> DType:
    """Return the dtype to compute in: float32 for float16, else the dtype itself."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def mean_dtype(dtype: DType) -> DType:
    """Return the dtype of a mean: float64 for integers, else the dtype itself."""
    return np.dtype(np.float64) if dtype.kind in "biu" else dtype


def total_dtype(dtype: DType) -> DType:
    """Return the dtype of a sum: int64 for integers, else the dtype itself."""
    return np.dtype(np.int64) if dtype.kind in "biu" else dtype


def total(array: Array, axes: tuple[int, ...] | None = None) -> Array:
    """Add up the entries along some axes, or all, in float64 or wider; integers in int64.

    NumPy adds up rows one after another, in which float32 loses digits and float16 soon stops.
    """
    result = total_dtype(array.dtype)
    wide = result if result.kind == "i" else np.result_type(result, np.float64)
    return np.asarray(array.sum(axes, wide)).astype(result, copy=False)


def max_abs(array: Array) -> int:
    """Return the largest absolute value of an integer array, as a Python int."""
    return max(abs(int(array.max())), abs(int(array.min()))) if array.size else 0


def sum_dtypes(input: Array, weight: Array, bias: Array | None, terms: int) -> tuple[DType, DType]:
    """Choose the dtypes to compute in and to return, for sums of `terms` products."""
    operands = [input, weight] if bias is None else [input, weight, bias]
    dtype = np.result_type(*operands)
    if dtype.kind in "fcO" and any(a.dtype.kind in "fcO" for a in operands):
        return compute_dtype(dtype), dtype
    bound = max_abs(input) * max_abs(weight) * terms + (0 if bias is None else max_abs(bias))
    # float32 represents all integers up to 2**24, float64 up to 2**53.
    for bits, compute in ((24, np.float32), (53, np.float64), (63, np.int64)):
        if bound < 2**bits:
            return np.dtype(compute), np.dtype(np.int64)
    raise ValueError(
        f"sums of {terms} products of these integers may reach {bound:.1e}, beyond int64; "
        "convert to float64, or to object for exact integers of any size"
    )
