"""A worksheet to print: exercises with new numbers for each seed, and the answers overleaf.

The sheet is written here; ``web/worksheet.js`` writes it anew, in the same words, when the reader
chose other settings or another seed. Tests hold the one to the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from cnnlib.explain.explorer import state, trace_state
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import Trace
from cnnlib.shapes import Array, format_size

_FROM_SUMS = "Lay it on X, multiply entry by entry, add, and write the sum into Y. Slide on."
TASKS = {
    "conv2d": f"Take the kernel K. {_FROM_SUMS}",
    "convolve2d": f"Take the kernel K and turn it half round. {_FROM_SUMS}",
    "conv_transpose2d": "Multiply K by each entry of X. Lay the products on Y, one stride apart; "
    "add where they overlap; cut the padding off.",
    "max_pool2d": "Lay the window on X and write its largest entry into Y. Slide on.",
    "avg_pool2d": "Lay the window on X and write the mean of its entries into Y. Slide on.",
}


@dataclass(frozen=True)
class Worksheet:
    """Exercises like one trace; shown on paper.

    Attributes
    ----------
    trace : Trace
        What gives the operation and the sizes.
    seed : int
        What the numbers are drawn from.
    explorer : str
        The name of the explorer whose settings the printed sheet takes, if the page has one.
    """

    trace: Trace
    seed: int = 1
    explorer: str = ""

    @property
    def html(self) -> str:
        """The tag with its sheet."""
        data = {"for": self.explorer, "seed": str(self.seed), "tasks": json.dumps(TASKS)}
        attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
        offer = "Printed, this page is a worksheet: exercises to fill in, the answers overleaf."
        return (
            f'<cnn-worksheet{attributes}><p class="offer">{offer}</p>'
            f'<div class="sheet" hidden>{sheet(state(self.trace), self.seed)}</div></cnn-worksheet>'
        )

    def _repr_html_(self) -> str:
        return self.html


def worksheet(trace: Trace, *, seed: int = 1, explorer: str = "") -> Worksheet:
    """Make a worksheet of exercises like one trace.

    Parameters
    ----------
    trace : Trace
        Of any operation; no larger than an explorer shows.
    seed : int
        From 1 to 9999. The same seed gives the same numbers, on every machine.
    explorer : str
        The name of the page's explorer whose settings the sheet follows.

    Raises
    ------
    ValueError
        If the seed is out of range, or an explorer could not show the trace.

    Examples
    --------
    >>> from cnnlib.explain.trace import trace_conv2d
    >>> "Worksheet 7" in worksheet(trace_conv2d([[1, 2]], [[3]]), seed=7).html
    True
    """
    if not 1 <= seed <= 9999:
        raise ValueError(f"seed: expected 1 to 9999, got {seed}")
    state(trace)
    return Worksheet(trace, seed, explorer)


def draw_numbers(seed: int) -> Iterator[int]:
    """Draw whole numbers from 0 to 65535, the same in Python and JavaScript.

    The generator is the linear congruential one of *Numerical Recipes* (Press et al., section
    "Quick and Dirty Generators"); its upper bits are the better ones, so they are what is given.
    """
    for turn in range(10**6):
        seed = (1664525 * seed + 1013904223) % 2**32
        if turn > 2:  # seeds that follow each other begin alike
            yield seed >> 16


def exercises(state: Mapping[str, Any], seed: int) -> list[Trace]:
    """Trace the operation of a state with new numbers: as many times as a page has room for."""
    draw = draw_numbers(seed)

    def drawn() -> Trace:
        x = [[next(draw) % 10 for _ in line] for line in state["x"]]
        k = [[next(draw) % 4 - 1 for _ in line] for line in state["k"]]
        return trace_state({**state, "x": x, "k": k})

    first = drawn()
    tall = max(len(state["x"]), len(state["k"]), len(first.output))
    more = 3 if tall <= 4 else 2 if tall <= 6 else 1 if tall <= 9 else 0
    return [first, *(drawn() for _ in range(more))]


def sheet(state: Mapping[str, Any], seed: int) -> str:
    """Write exercises and answers as HTML."""
    traces = exercises(state, seed)
    first = traces[0]
    pool = first.weight is None
    columns = first.input.shape[1] + first.output.shape[1] + (0 if pool else len(state["k"][0]))
    rows = max(first.input.shape[0], first.output.shape[0])
    size = next((mm for mm in (9, 7, 5) if columns * mm <= 170 and rows * mm <= 200), 3)
    geometry = first.geometry
    settings = (
        f"{'Window' if pool else 'Kernel'} {format_size(geometry.kernel)}, "
        f"stride {format_size(geometry.stride)}, padding {format_size(state['p'])}, "
        f"dilation {format_size(geometry.dilation)}."
    )
    asked, answers = "", ""
    for trace in traces:
        given = _table("X", trace.input)
        given += "" if trace.weight is None else _table("K", trace.weight)
        asked += f"<li>{given}{_table('Y', trace.output, blank=True)}</li>"
        answers += f"<li>{_table('Y', trace.output)}</li>"
    return (
        f"<h2>Worksheet {seed}</h2><p>{TASKS[first.operation]} {settings}</p>"
        f'<ol class="mm-{size}">{asked}</ol>'
        f'<h2>Answers to worksheet {seed}</h2><ol class="mm-{size}">{answers}</ol>'
    )


def _table(name: str, array: Array, *, blank: bool = False) -> str:
    texts = [["" if blank else entry_text(entry) for entry in line] for line in array]
    lines = ("".join(f"<td>{text}</td>" for text in line) for line in texts)
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{name}</caption><tbody>{rows}</tbody></table>"
