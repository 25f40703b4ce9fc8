"""How much room text takes in the font of the figures, and how it is made to fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

SMALLEST = 0.75  # of those sizes; cells grow rather than letters shrink further
INSET = 4.0  # pixels between a text and the edge of its cell
INDEX_SIZE, INDEX_DROP = 0.7, 0.2  # of the height of the letters before it


def split_indices(text: str) -> list[tuple[str, bool]]:
    """Split a text into parts, each with whether it is an index.

    Examples
    --------
    >>> split_indices("a·k_{11}")
    [('a·k', False), ('11', True)]
    """
    parts = re.split(r"_\{([^}]*)\}", text)
    return [(part, number % 2 == 1) for number, part in enumerate(parts) if part]


def fit(texts: Iterable[str], cell: float, size: float) -> tuple[float, float]:
    """Choose the side of cells and the size of letters, so that each text has room in a cell.

    All entries have the same size: letters shrink first, then cells grow.

    Parameters
    ----------
    texts : iterable of str
    cell, size : float
        The usual side of a cell and height of letters, in pixels.
    """
    widest = max((text_width(text) for text in texts), default=0.0)
    room = cell - 2 * INSET
    if widest * size <= room:
        return cell, size
    smaller = max(SMALLEST * size, room / widest)
    return max(cell, widest * smaller + 2 * INSET), smaller


def wrap(terms: Sequence[str], size: float, width: float) -> list[str]:
    """Join terms into lines no wider than a width, in pixels."""
    lines = [""]
    for term in terms:
        longer = f"{lines[-1]} {term}".strip()
        if lines[-1] and size * text_width(longer) > width:
            lines.append(term)
        else:
            lines[-1] = longer
    return lines


def text_width(text: str) -> float:
    """Return how wide a text is, in heights of its letters; an index is smaller."""
    advances = _advances()
    return sum(
        (INDEX_SIZE if is_index else 1.0) * sum(advances.get(letter, 0.6) for letter in part)
        for part, is_index in split_indices(text)
    )


@cache
def _advances() -> dict[str, float]:
    """Read how wide each character of the figures' font is, from a table made with the font."""
    table = (files("cnnlib.explain") / "fonts" / "advances.txt").read_text("utf-8")
    return {line[0]: int(line[2:]) / 1000 for line in table.splitlines()}
