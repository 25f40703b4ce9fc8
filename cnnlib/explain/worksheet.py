"""Printable worksheets: exercises with random numbers, and the answers on a separate page.

``web/worksheet.js`` writes the same HTML when readers choose other settings or another seed;
tests compare the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from cnnlib.explain.limits import check_limits
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import Trace
from cnnlib.shapes import Array, format_size

_FROM_SUMS = "Lay it on X, multiply entry by entry, add, and write the sum into Y. Slide on."
TASKS = {
    "conv2d": f"Take the kernel K. {_FROM_SUMS}",
    "convolve2d": f"Take the kernel K and rotate it by 180°. {_FROM_SUMS}",
    "conv_transpose2d": "Multiply K by each entry of X. Lay the products on Y, one stride apart; "
    "add where they overlap; cut the padding off.",
    "max_pool2d": "Lay the window on X and write its largest entry into Y. Slide on.",
    "avg_pool2d": "Lay the window on X and write the mean of its entries into Y. Slide on.",
}


@dataclass(frozen=True)
class Worksheet:
    """Exercises like one trace, shown in print.

    Attributes
    ----------
    trace : Trace
        The trace that determines the operation and the sizes.
    seed : int
        The seed of the random numbers.
    explorer : str
        The name of the explorer on the page whose settings the worksheet follows, if any.
    """

    trace: Trace
    seed: int = 1
    explorer: str = ""

    @property
    def html(self) -> str:
        """The element with the exercises and answers."""
        data = {"for": self.explorer, "tasks": json.dumps(TASKS)}
        attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
        note = "Printed, this page is a worksheet: exercises to fill in, the answers overleaf."
        return (
            f'<cnn-worksheet{attributes}><p class="offer">{note}</p>'
            '<div class="seed" hidden><label>Seed '
            f'<input type="number" min="1" max="9999" value="{self.seed}" required></label> '
            '<button type="button">New numbers</button> '
            '<button type="button">Print the worksheet</button></div>'
            f'<div class="sheet" hidden>{sheet(self.trace, self.seed)}</div></cnn-worksheet>'
        )

    def _repr_html_(self) -> str:
        return self.html


def worksheet(traced: Trace, *, seed: int = 1, explorer: str = "") -> Worksheet:
    """Create a worksheet of exercises like one trace.

    Parameters
    ----------
    traced : Trace
        A trace of any operation, no larger than an explorer can show.
    seed : int
        From 1 to 9999. The same seed gives the same numbers on every machine.
    explorer : str
        The name of the explorer on the page whose settings the worksheet follows.

    Raises
    ------
    ValueError
        If the seed is out of range, or the trace is too large or has options that a worksheet does
        not explain.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[1, 2]], [[3]])
    >>> "Worksheet 7" in worksheet(traced, seed=7).html
    True
    """
    if not 1 <= seed <= 9999:
        raise ValueError(f"seed: expected 1 to 9999, got {seed}")
    check_limits(traced, "the worksheet")
    return Worksheet(traced, seed, explorer)


def random_integers(seed: int) -> Iterator[int]:
    """Generate random integers from 0 to 65535, the same in Python and JavaScript.

    This is the linear congruential generator of *Numerical Recipes* (Press et al., section
    "Quick and Dirty Generators"). The lower bits are less random, so only the upper 16 are used.
    """
    for count in range(10**6):
        seed = (1664525 * seed + 1013904223) % 2**32
        if count > 2:  # the first numbers of consecutive seeds are similar
            yield seed >> 16


def exercises(traced: Trace, seed: int) -> list[Trace]:
    """Repeat a trace with new numbers, as many times as fit on a page."""
    numbers = random_integers(seed)
    kernel = check_limits(traced, "the worksheet").kernel
    # Maxima with padding need floats; they are written like integers.
    dtype = float if traced.input.dtype.kind == "f" else int

    def draw(size: Sequence[int], below: int, start: int) -> Array:
        drawn = [[next(numbers) % below + start for _ in range(size[1])] for _ in range(size[0])]
        return np.array(drawn, dtype)

    def exercise() -> Trace:
        new = {"input": draw(traced.input.shape, 10, 0)}
        weight = draw(kernel, 4, -1)  # for pooling too, so that all operations get the same numbers
        return traced.again(**new if traced.weight is None else {**new, "weight": weight})

    first = exercise()
    height = max(len(first.input), kernel[0], len(first.output))
    more = 3 if height <= 4 else 2 if height <= 6 else 1 if height <= 9 else 0
    return [first, *(exercise() for _ in range(more))]


def sheet(traced: Trace, seed: int) -> str:
    """Return the HTML of exercises and answers."""
    geometry = check_limits(traced, "the worksheet")
    pool = traced.weight is None
    columns = traced.input.shape[1] + traced.output.shape[1] + (0 if pool else geometry.kernel[1])
    rows = max(traced.input.shape[0], traced.output.shape[0])
    size = next((mm for mm in (9, 7, 5) if columns * mm <= 170 and rows * mm <= 200), 3)
    settings = (
        f"{'Window' if pool else 'Kernel'} {format_size(geometry.kernel)}, "
        f"stride {format_size(geometry.stride)}, "
        f"padding {format_size([before for before, _ in geometry.padding])}, "
        f"dilation {format_size(geometry.dilation)}."
    )
    exercise_items, answer_items = "", ""
    for one in exercises(traced, seed):
        operands = _table("X", one.input)
        operands += "" if one.weight is None else _table("K", one.weight)
        exercise_items += f"<li>{operands}{_table('Y', one.output, blank=True)}</li>"
        answer_items += f"<li>{_table('Y', one.output)}</li>"
    return (
        f"<h2>Worksheet {seed}</h2><p>{TASKS[traced.operation]} {settings}</p>"
        f'<ol class="mm-{size}">{exercise_items}</ol>'
        f'<h2>Answers to worksheet {seed}</h2><ol class="mm-{size}">{answer_items}</ol>'
    )


def _table(name: str, array: Array, *, blank: bool = False) -> str:
    texts = [["" if blank else entry_text(entry) for entry in line] for line in array]
    lines = ("".join(f"<td>{text}</td>" for text in line) for line in texts)
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{name}</caption><tbody>{rows}</tbody></table>"
