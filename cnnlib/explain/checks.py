"""Compare the results shown on a page with independent implementations during the build."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


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
    >>> checks("the sums", conv2d(image, kernel), loops=reference.conv2d(image, kernel))
    >>> print(checks._repr_markdown_())
    - loops (4 entries): the sums
    """

    rows: list[tuple[str, str, int]] = field(default_factory=list)

    def __call__(self, what: str, shown: Any, **others: Any) -> None:
        """Compare a result shown on the page with the results of other implementations.

        Parameters
        ----------
        what : str
            The name of the result, for readers.
        shown : array_like
            The result on the page.
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
        shown = np.asarray(shown)
        for name, other in others.items():
            _compare(what, shown, name.replace("_", " "), np.asarray(other))
            self.rows.append((what, name.replace("_", " "), shown.size))

    def _repr_markdown_(self) -> str:
        lines = []
        for name in dict.fromkeys(name for _, name, _ in self.rows):
            rows = [(what, size) for what, other, size in self.rows if other == name]
            results, total = ", ".join(what for what, _ in rows), sum(size for _, size in rows)
            lines.append(f"- {name} ({total} {'entry' if total == 1 else 'entries'}): {results}")
        return "\n".join(lines)


def _compare(
    what: str, shown: np.ndarray[Any, Any], name: str, other: np.ndarray[Any, Any]
) -> None:
    if shown.shape != other.shape:
        raise CheckError(f"{what}: shown with shape {shown.shape}, but {name} gives {other.shape}")
    if shown.dtype == object or other.dtype == object:
        equal = np.vectorize(lambda a, b: bool(a == b), otypes=[bool])(shown, other)
    else:
        equal = np.isclose(shown, other, rtol=1e-6, atol=1e-6 * _scale(other), equal_nan=True)
    if not equal.all():
        at = tuple(int(number) for number in np.argwhere(~equal)[0])
        raise CheckError(f"{what}: shown {shown[at]} at {at}, but {name} gives {other[at]}")


def _scale(values: np.ndarray[Any, Any]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 1.0
