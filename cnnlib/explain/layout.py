"""Where the matrices of a scene stand, with their titles, their cells and the entries in them.

Lengths are in pixels. Scenes of every kind are laid out by these functions, so that equal things
look alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlib.explain.lettering import text_width
from cnnlib.explain.marks import Label, Panel, Rect, Shape
from cnnlib.explain.recorders import NO_PADDING
from cnnlib.explain.text import entry_text, is_number, parse_symbol
from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array, PadWidth, Pair

CELL = 32.0  # the side of a cell, unless long numbers need more
SIZE, TITLE_SIZE = 15.0, 14.0
MARGIN = 4.0  # for frames at the edge
GAP, ROW_GAP = 26.0, 14.0  # between panels
LINE = 1.5  # of the height of letters, for a line of text
HEAD = TITLE_SIZE * LINE + 2  # the room for a title above a matrix
PHONE = 258.0  # of a screen of 360 pixels, what text leaves at the size of pictures on pages
STRONGEST = 0.3  # the opacity of the largest value: ink stays legible on it


@dataclass(frozen=True, slots=True)
class Placed:
    """A matrix that `place` is to find room for."""

    name: str
    channel: int
    values: Array
    around: PadWidth
    title: str
    role: str  # of its colour

    def texts(self, trace: Trace) -> Iterator[Any]:
        """Yield its entries, and for an input those of its padding."""
        yield from self.values.flat
        if self.name == "input" and self.around != NO_PADDING:
            for row, col in around(self.values.shape, self.around):
                yield trace.entry(self.channel, row, col)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows, with those around it."""
        (top, bottom), (left, right) = self.around
        height, width = self.values.shape
        return left + width + right, top + height + bottom


def place(
    rows: Sequence[Sequence[Placed]],
    cell: float,
    beside: Sequence[Placed] = (),
    *,
    flush: bool = False,
    level: bool = False,
) -> tuple[list[Panel], list[Label], float, float]:
    """Place matrices in rows, each below its title, and a column of others to the right of all.

    A matrix stands in the middle of its place, flush with its left edge, or level with its top.

    Returns
    -------
    panels : list of Panel
    titles : list of Label
    width, height : float
        Of the scene that holds them, in pixels.
    """
    columns = max(map(len, rows))
    widths = [max(_width(row[n], cell) for row in rows if n < len(row)) for n in range(columns)]
    heights = [max(_height(matrix, cell) for matrix in row) for row in rows]
    inner = sum(heights) + ROW_GAP * (len(rows) - 1)
    stack = sum(_height(matrix, cell) + ROW_GAP for matrix in beside) - ROW_GAP
    body = max(inner, stack)
    placed: list[tuple[Panel, Label]] = []
    y = MARGIN + (body - inner) / 2
    for row, height in zip(rows, heights, strict=True):
        # A row of fewer matrices stands in the middle.
        x = MARGIN if flush else MARGIN + (sum(widths[len(row) :]) + GAP * (columns - len(row))) / 2
        for matrix, width in zip(row, widths, strict=False):
            box = x, y, width, _height(matrix, cell) if level else height
            placed.append(_place_in(matrix, cell, box, flush=flush))
            x += width + GAP
        y += height + ROW_GAP
    right = MARGIN + sum(widths) + GAP * columns
    if beside:
        width = max(_width(matrix, cell) for matrix in beside)
        y = MARGIN + (body - stack) / 2
        for matrix in beside:
            height = _height(matrix, cell)
            placed.append(_place_in(matrix, cell, (right, y, width, height), flush=flush))
            y += height + ROW_GAP
        right += width + GAP
    panels, titles = [panel for panel, _ in placed], [title for _, title in placed]
    return panels, titles, right - GAP + MARGIN, body + 2 * MARGIN


def _width(matrix: Placed, cell: float) -> float:
    """Return the width of a matrix or of its title, whichever is wider."""
    return max(matrix.size[0] * cell, TITLE_SIZE * text_width(matrix.title))


def _height(matrix: Placed, cell: float) -> float:
    """Return the height of a matrix with its title."""
    return matrix.size[1] * cell + HEAD


def _place_in(
    matrix: Placed, cell: float, box: tuple[float, float, float, float], *, flush: bool
) -> tuple[Panel, Label]:
    """Place a matrix and its title in a box (x, y, width, height)."""
    x, y, width, height = box
    across, down = matrix.size
    left = x if flush else x + (width - across * cell) / 2
    top = y + (height - HEAD - down * cell) / 2 + HEAD
    at, anchor = (x, "start") if flush else (x + width / 2, "middle")
    title = Label("title", matrix.role, at, top - 8, matrix.title, TITLE_SIZE, anchor)
    (above, _), (before, _) = matrix.around
    corner = left + before * cell, top + above * cell
    shape = matrix.values.shape[0], matrix.values.shape[1]
    return Panel(matrix.name, matrix.channel, *corner, shape, matrix.around, cell), title


def cells(
    panel: Panel,
    values: Array,
    role: str,
    size: float,
    *,
    entries: bool = True,
    zeros: bool = True,
    most: float | None = None,
) -> Iterator[Shape]:
    """Yield the cells of a matrix, shaded by value, and the entries in them, zeros if wanted.

    `most` is the value of the strongest shade, if it is not the largest of these.
    """
    levels = shades(values, most) if entries else np.zeros(values.shape)
    for (row, col), level in np.ndenumerate(levels):
        colour = "minus" if level < 0 else role
        yield Rect("cell", colour, *panel.box([row], [col]), abs(float(level)))
    if entries:
        for (row, col), value in np.ndenumerate(values):
            if zeros or value != 0:
                yield entry(panel, row, col, value, "ink", size)


def named(output: Array, steps: Iterable[Step] = ()) -> Array:
    """Put ``Y_{1,2}`` in the place of entries that are expressions: they would not fit a cell.

    Gradients, which name their entries, get that name after a ``∂``.
    """
    if output.dtype != object:
        return output
    values, of = output.copy(), {step.place: step.of for step in steps}
    for (row, col), value in np.ndenumerate(output):
        if not (is_number(value) or parse_symbol(str(value))):
            own = of.get((row, col))
            values[row, col] = f"∂{entry_text(own)}" if own else f"Y_{{{row + 1},{col + 1}}}"
    return values


def shades(values: Array, most: float | None = None) -> Array:
    """Return how strongly to shade each entry: by its size, with its sign; letters not at all."""
    if values.dtype == object or values.dtype.kind == "c" or not values.size:
        return np.zeros(values.shape)
    numbers = values.astype(float)
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    most = float(np.abs(finite).max()) if most is None else most
    shaded: Array = finite / most * STRONGEST if most else finite
    return shaded


def entry(panel: Panel, row: int, col: int, value: Any, role: str, size: float) -> Label:
    """Return an entry in the middle of its cell."""
    x, y, width, height = panel.box([row], [col])
    baseline = y + height / 2 + 0.335 * size  # half the height of a digit
    return Label("entry", role, x + width / 2, baseline, entry_text(value), size)


def around(shape: Sequence[int], sides: PadWidth) -> Iterator[Pair]:
    """Yield the rows and columns around a matrix that are shown with it."""
    (top, bottom), (left, right) = sides
    height, width = shape
    for row in range(-top, height + bottom):
        for col in range(-left, width + right):
            if not (0 <= row < height and 0 <= col < width):
                yield row, col
