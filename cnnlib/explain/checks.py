"""Compare the results shown on a page with independent implementations during the build."""

from __future__ import annotations

import cmath
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnlib.explain.text import as_number, is_number
from cnnlib.shapes import Array

# How far an entry may be off, relative to itself, by the precision of the results in bits.
TOLERANCES = {16: 1e-2, 32: 1e-5, 64: 1e-9}
# How far an entry near zero may be off, in units of the rounding of the largest entry.
CANCELLATION = 16


class CheckError(AssertionError):
    """A result on the page differs from that of an independent implementation."""


@dataclass
class Checks:
    """Collect the comparisons of a page and list what was compared with what.

    Examples
    --------
    >>> from cnnlib import conv2d, reference
    >>> checks = Checks()
    >>> image, kernel = np.arange(9.0).reshape(3, 3), np.ones((2, 2))
    >>> loops = reference.conv2d(image, kernel)
    >>> checks("the sums", conv2d(image, kernel), loops=loops)
    >>> checks("a third", [0.333], tolerance=0.01, division=[1 / 3])
    >>> print(checks._repr_markdown_())
    - the same with loops, 4 entries in all: the sums
    - the same with division, 1 entry in all: a third (tolerance 0.01)
    """

    rows: list[tuple[str, str, int]] = field(default_factory=list)

    def __call__(
        self, what: str, shown: Any, /, *, tolerance: float | None = None, **others: Any
    ) -> None:
        """Compare a result shown on the page with the results of other implementations.

        Shapes must be equal, and every entry is compared with its own counterpart:

        - Integers and booleans must be equal. An integer and a float must differ by less than 1/2,
          too, as far as the float has the digits for it.
        - Floats and complex numbers may differ by ``tolerance`` times the entry: 1e-9 for double,
          1e-5 for single and 1e-2 for half precision, that of the less precise result. Where large
          terms cancel, an entry near zero keeps rounding errors of the size of these terms; of
          their size the largest entry is a fair measure, so 16 machine epsilons of it are allowed
          everywhere.
        - NaN equals only NaN, and an infinity only the same infinity.
        - Expressions of SymPy must be equal when expanded, other objects as they are.

        Parameters
        ----------
        what : str
            The name of the result, for readers.
        shown : array_like
            The result on the page.
        tolerance : float, optional
            How far numbers, also integers, may differ, relative to the entry of the other
            implementation. It is listed with the result.
        **others : array_like
            The results of other implementations, by their names (``_`` stands for a space).

        Raises
        ------
        CheckError
            If shapes or values differ. The message gives the implementation and the first
            difference.
        """
        if not others:
            raise TypeError(f"{what}: name at least one result to compare it with")
        if tolerance is not None and not 0 <= tolerance < 1:
            raise ValueError(f"tolerance must be at least 0 and less than 1, got {tolerance}")
        listed = what if tolerance is None else f"{what} (tolerance {tolerance:g})"
        for name, other in others.items():
            spoken = name.replace("_", " ")
            size = _compare(what, shown, spoken, other, tolerance)
            self.rows.append((listed, spoken, size))

    def _repr_markdown_(self) -> str:
        lines = []
        for name in dict.fromkeys(name for _, name, _ in self.rows):
            rows = [(what, size) for what, other, size in self.rows if other == name]
            results = ", ".join(dict.fromkeys(what for what, _ in rows))
            total = sum(size for _, size in rows)
            entries = f"{total:,} {'entry' if total == 1 else 'entries'}"
            lines.append(f"- the same with {name}, {entries} in all: {results}")
        return "\n".join(lines)


def _compare(what: str, shown: Any, name: str, other: Any, tolerance: float | None) -> int:
    """Compare two results and return the number of entries, or raise an error."""
    if np.ma.isMaskedArray(shown) or np.ma.isMaskedArray(other):
        raise TypeError(f"{what}: masked entries cannot be compared; fill them first")
    shown, other = np.asarray(shown), np.asarray(other)
    if shown.shape != other.shape:
        raise CheckError(f"{what}: shown with shape {shown.shape}, but {name} gives {other.shape}")
    if shown.dtype.kind in "biufc" and other.dtype.kind in "biufc":
        allowed = _allowed(shown, other, tolerance)
        equal = _close(shown, other, allowed)
    else:
        allowed = np.zeros(shown.shape)
        relative = TOLERANCES[64] if tolerance is None else tolerance
        slack = CANCELLATION * np.finfo(float).eps * _largest(other)
        compare = np.frompyfunc(lambda a, b: _same(a, b, relative, slack, tolerance), 2, 1)
        equal = np.asarray(compare(shown.astype(object), other.astype(object)), dtype=bool)
    if not equal.all():
        at = tuple(int(number) for number in np.argwhere(~equal)[0])
        place, count = f" at {at}" if at else "", int((~equal).sum())
        reasons = [f"they may differ by {allowed[at]:.2g}"] if allowed[at] > 0 else []
        reasons += [f"{count} of {equal.size} entries differ"] if count > 1 else []
        raise CheckError(
            f"{what}: shown {shown[at]}{place}, but {name} gives {other[at]}"
            f"{'; ' * bool(reasons)}{'; '.join(reasons)}"
        )
    return int(shown.size)


def _allowed(shown: Array, other: Array, tolerance: float | None) -> Array:
    """Return how far each entry may be off: 0 where both are integers."""
    inexact = [array.dtype for array in (shown, other) if array.dtype.kind in "fc"]
    sizes = np.abs(other.astype(_wide(other)))
    if not inexact:
        return np.asarray(sizes * (tolerance or 0.0))
    coarsest = max((np.finfo(dtype) for dtype in inexact), key=lambda info: info.eps)
    epsilon = float(coarsest.eps)
    relative = TOLERANCES.get(coarsest.bits, TOLERANCES[64]) if tolerance is None else tolerance
    finite = sizes[np.isfinite(sizes)]
    with np.errstate(over="ignore", invalid="ignore"):
        largest = finite.max() if finite.size else 0.0
        allowed = relative * sizes + CANCELLATION * epsilon * largest
        if tolerance is None and len(inexact) == 1:
            # Not quite 1/2, and more only where the float cannot represent the integer.
            allowed = np.minimum(allowed, np.maximum(0.499, epsilon * sizes))
    return np.asarray(allowed)


def _close(shown: Array, other: Array, allowed: Array) -> Array:
    """Say which entries differ by no more than is allowed."""
    both_nan = np.isnan(shown) & np.isnan(other)
    if shown.dtype.kind in "biu" and other.dtype.kind in "biu" and not allowed.any():
        return np.asarray(shown.astype(object) == other.astype(object), dtype=bool)
    finite = np.isfinite(shown) & np.isfinite(other)
    with np.errstate(over="ignore", invalid="ignore"):
        one, two = shown.astype(_wide(shown)), other.astype(_wide(other))
        near = finite & (np.abs(one - two) <= allowed)
        return np.asarray(near | (one == two) | both_nan)


def _wide(array: Array) -> np.dtype[Any]:
    """Return the type of at least double precision that holds an array's numbers."""
    return np.result_type(array.dtype, np.float64)


def _largest(objects: Array) -> float:
    """Return the magnitude of the largest float among objects."""
    found = [as_number(value) for value in objects.flat if is_number(value)]
    floats = [abs(n) for n in found if isinstance(n, (float, complex)) and cmath.isfinite(n)]
    return max(floats, default=0.0)


def _same(
    shown: Any, other: Any, relative: float, slack: float, exact_within: float | None
) -> bool:
    """Compare two objects: as numbers if they are, otherwise as expressions."""
    try:
        if bool(shown == other):
            return True
        if is_number(shown) and is_number(other):
            one: Any = as_number(shown)
            two: Any = as_number(other)
            if not isinstance(one, (float, complex)) and not isinstance(two, (float, complex)):
                return bool(abs(one - two) <= (exact_within or 0) * abs(two))
            if cmath.isnan(one) or cmath.isnan(two):
                return cmath.isnan(one) and cmath.isnan(two)
            finite = cmath.isfinite(one) and cmath.isfinite(two)
            return finite and bool(abs(one - two) <= relative * abs(two) + slack)
        difference = shown - other
    except (TypeError, OverflowError):
        return False
    expand = getattr(difference, "expand", None)
    return expand is not None and bool(expand() == 0)
