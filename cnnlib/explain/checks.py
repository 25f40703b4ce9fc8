"""Results compared, while a page is built, with what independent implementations give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


class CheckError(AssertionError):
    """A shown result that an independent implementation does not confirm."""


@dataclass
class Checks:
    """A list of comparisons that grows as the page goes on, and says what was compared with what.

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
        """Compare what is shown with each other result.

        Parameters
        ----------
        what : str
            What a reader would call it.
        shown : array_like
            The result on the page.
        **others : array_like
            What others give, by the name of the implementation (``_`` stands for a space).

        Raises
        ------
        CheckError
            If shapes or values differ; it names the implementation and the first difference.
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
            mine = [(what, size) for what, who, size in self.rows if who == name]
            whats, total = ", ".join(what for what, _ in mine), sum(size for _, size in mine)
            lines.append(f"- {name} ({total} {'entry' if total == 1 else 'entries'}): {whats}")
        return "\n".join(lines)


def _compare(
    what: str, shown: np.ndarray[Any, Any], name: str, other: np.ndarray[Any, Any]
) -> None:
    if shown.shape != other.shape:
        raise CheckError(f"{what}: shown with shape {shown.shape}, but {name} gives {other.shape}")
    if shown.dtype == object or other.dtype == object:
        same = np.vectorize(lambda a, b: bool(a == b), otypes=[bool])(shown, other)
    else:
        same = np.isclose(shown, other, rtol=1e-6, atol=1e-6 * _scale(other), equal_nan=True)
    if not same.all():
        at = tuple(int(number) for number in np.argwhere(~same)[0])
        raise CheckError(f"{what}: shown {shown[at]} at {at}, but {name} gives {other[at]}")


def _scale(values: np.ndarray[Any, Any]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 1.0
