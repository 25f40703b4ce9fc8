"""A convolution as one matrix product: its matrix, times its input, gives its output."""

from __future__ import annotations

from cnnlib.explain.lettering import fit
from cnnlib.explain.marks import Label, Scene, Shape
from cnnlib.explain.recorders import NO_PADDING
from cnnlib.explain.scene import CELL, GAP, SIZE, Placed, cells, place
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import Trace


def product_scene(trace: Trace, **titles: str) -> Scene:
    """Show the matrix of a convolution, and its input and output as columns of numbers.

    Zeros of the matrix are left blank.

    Parameters
    ----------
    trace : Trace
        Of a convolution, a transposed convolution, or the gradient of one.
    **titles : str
        Other titles for ``matrix``, ``input`` and ``output``.
    """
    tables = [trace.matrix, trace.input.reshape(-1, 1), trace.output.reshape(-1, 1)]
    called = trace.matrices
    names = (
        ("matrix", f"matrix of {called.kernel.symbol}", called.window),
        ("input", called.input.symbol, called.input.role),
        ("output", called.output.symbol, called.output.role),
    )
    cell, size = fit((entry_text(n) for table in tables for n in table.flat), CELL, SIZE)
    row = [
        Placed(panel, 0, table, NO_PADDING, titles.get(name, usual), role)
        for panel, table, (name, usual, role) in zip(
            ("kernel", "input", "output"), tables, names, strict=True
        )
    ]
    panels, shapes, width, height = place([row], cell)
    drawn: list[Shape] = [*shapes]
    for matrix, panel in zip(row, panels, strict=True):
        drawn += cells(panel, matrix.values, matrix.role, size, zeros=matrix is not row[0])
    # The signs of the product stand in the gaps before the columns, at half the height of all.
    middle = panels[0].y + panels[0].shape[0] * cell / 2
    for sign, panel in zip("·=", panels[1:], strict=True):
        baseline = middle + 0.335 * SIZE
        drawn.append(Label("title", "ink", panel.x - GAP / 2, baseline, sign, SIZE))
    return Scene(width, height, tuple(drawn), panels=tuple(panels))
