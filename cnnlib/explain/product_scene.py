"""A convolution as one matrix product: its matrix, times its input, gives its output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cnnlib.explain.layout import CELL, GAP, MARGIN, PHONE, SIZE, TITLE_SIZE, Placed, cells, place
from cnnlib.explain.lettering import fit, text_width
from cnnlib.explain.marks import Label, Panel, Rect, Scene, Shape
from cnnlib.explain.recorders import NO_PADDING
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import Trace

# On a phone: between two matrices, the usual and the smallest size of letters, and their room.
NARROW_GAP, NARROW_SIZE, NARROWEST_SIZE, NARROW_INSET = 14.0, 12.0, 8.5, 1.0


def product_scene(trace: Trace, **titles: str) -> Scene:
    """Show the matrix of a convolution, and its input and output as columns of numbers.

    Zeros of the matrix are left blank, and its rows are level with the output's.

    Parameters
    ----------
    trace : Trace
        Of a convolution, a transposed convolution, or the gradient of one.
    **titles : str
        Other titles for ``matrix``, ``input`` and ``output``.
    """
    row = _factors(trace, titles)
    cell, size = fit((entry_text(n) for matrix in row for n in matrix.values.flat), CELL, SIZE)
    panels, shapes, width, height = place([row], cell, level=True)
    drawn: list[Shape] = [*shapes]
    for matrix, panel in zip(row, panels, strict=True):
        drawn += cells(panel, matrix.values, matrix.role, size, zeros=matrix is not row[0])
    # The signs of the product stand in the gaps before the columns, at half the matrix's height.
    middle = panels[0].y + panels[0].shape[0] * cell / 2
    drawn += _signs([panel.x - GAP / 2 for panel in panels[1:]], middle, SIZE)
    return Scene(width, height, tuple(drawn), panels=tuple(panels))


def narrow_product_scene(trace: Trace, **titles: str) -> Scene | None:
    """Show the same on the width of a phone; None if the matrix has too many columns for that.

    All rows are level with the output's, and the two columns of numbers have wider cells than the
    matrix, if their numbers are longer.
    """
    row = _factors(trace, titles)
    widest = [max(text_width(entry_text(n)) for n in matrix.values.flat) for matrix in row]
    room, columns = PHONE - 2 * MARGIN - 2 * NARROW_GAP, row[0].values.shape[1]
    needed = [text * NARROWEST_SIZE + 2 * NARROW_INSET for text in widest[1:]]
    wide = [max(width, room / (columns + 2)) for width in needed]
    side = min((room - sum(wide)) / columns, CELL)
    widths = [side, *wide]
    most = min((w - 2 * NARROW_INSET) / text for w, text in zip(widths, widest, strict=True))
    size = min(NARROW_SIZE, most)
    if size < NARROWEST_SIZE - 1e-6:
        return None
    x, top = MARGIN, MARGIN + NARROW_SIZE * 1.5
    panels: list[Panel] = []
    drawn: list[Shape] = []
    for matrix, width in zip(row, widths, strict=True):
        # A long title at the right edge grows to the left.
        last = matrix is row[-1] and TITLE_SIZE * text_width(matrix.title) > width
        at, anchor = (x + width, "end") if last else (x, "start")
        drawn.append(Label("title", matrix.role, at, top - 6, matrix.title, TITLE_SIZE, anchor))
        panel = Panel(matrix.name, 0, x, top, matrix.values.shape, NO_PADDING, side)
        for shape in cells(panel, matrix.values, matrix.role, size, zeros=matrix is not row[0]):
            if isinstance(shape, Rect):
                drawn.append(replace(shape, width=width))
            else:
                drawn.append(replace(shape, x=shape.x + (width - side) / 2))
        panels.append(panel)
        x += width * matrix.values.shape[1] + NARROW_GAP
    height = top + side * max(len(matrix.values) for matrix in row) + MARGIN
    middle = top + side * len(row[0].values) / 2
    drawn += _signs([panel.x - NARROW_GAP / 2 for panel in panels[1:]], middle, NARROW_SIZE)
    return Scene(x - NARROW_GAP + MARGIN, height, tuple(drawn), panels=tuple(panels))


def _factors(trace: Trace, titles: Mapping[str, str]) -> list[Placed]:
    """Return the matrix, the input and the output as columns, with their titles and colours."""
    tables = [trace.matrix, trace.input.reshape(-1, 1), trace.output.reshape(-1, 1)]
    called = trace.matrices
    names = (
        ("matrix", f"matrix of {called.kernel.symbol}", called.window),
        ("input", called.input.symbol, called.input.role),
        ("output", called.output.symbol, called.output.role),
    )
    return [
        Placed(panel, 0, table, NO_PADDING, titles.get(name, usual), role)
        for panel, table, (name, usual, role) in zip(
            ("kernel", "input", "output"), tables, names, strict=True
        )
    ]


def _signs(places: Sequence[float], middle: float, size: float) -> list[Label]:
    """Return the signs of the product, each in the middle of its gap."""
    return [
        Label("title", "ink", x, middle + 0.335 * size, sign, size)
        for sign, x in zip("·=", places, strict=True)
    ]
