"""Scenes of matrices that belong to no trace: side by side, or changing from moment to moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cnnlib.explain.layout import CELL, MARGIN, PHONE, ROW_GAP, SIZE, Placed, cells, place
from cnnlib.explain.lettering import fit, text_width
from cnnlib.explain.marks import Frame, Label, Panel, Rect, Scene, Shape
from cnnlib.explain.recorders import NO_PADDING
from cnnlib.explain.text import entry_text
from cnnlib.shapes import Array


def matrices_scene(
    arrays: Mapping[str, Any],
    roles: Sequence[str] = (),
    framed: Mapping[str, Array] | None = None,
    *,
    narrow: bool = False,
) -> Scene:
    """Show matrices side by side, each with its name above it.

    Parameters
    ----------
    arrays : mapping of str to array_like, shape (height, width)
        What to show.
    roles : sequence of {"input", "kernel", "output"}, optional
        The colour of each; by default the first is an input and the others are outputs.
    framed : mapping of str to ndarray of bool, shape (height, width), optional
        By the name of a matrix, which of its entries to put a frame around.
    narrow : bool
        Whether to put them into rows of as many as fit on a phone.

    Raises
    ------
    ValueError
        If a matrix has not two axes, or if `framed` has no matrix's name or shape.
    """
    roles = roles or ["input" if number == 0 else "output" for number in range(len(arrays))]
    tables = [np.asarray(array) for array in arrays.values()]
    for name, table in zip(arrays, tables, strict=True):
        if table.ndim != 2:
            raise ValueError(f"{name}: expected 2 axes (height, width), got shape {table.shape}")
    cell, size = fit((entry_text(value) for table in tables for value in table.flat), CELL, SIZE)
    row = [
        Placed(role, number, table, NO_PADDING, title, role)
        for number, (role, table, title) in enumerate(zip(roles, tables, arrays, strict=True))
    ]
    panels, titles, width, height = place(_rows_on_phones(row, cell) if narrow else [row], cell)
    shapes: list[Shape] = [*titles]
    for matrix, panel in zip(row, panels, strict=True):
        shapes += cells(panel, matrix.values, matrix.role, size)
    # Frames lie over the lines of the cells beside them.
    by_title = {matrix.title: panel for matrix, panel in zip(row, panels, strict=True)}
    for name, mask in (framed or {}).items():
        shown = {title: panel.shape for title, panel in by_title.items()}
        if shown.get(name) != mask.shape:
            raise ValueError(f"framed: {name!r} of shape {mask.shape} is none of {shown}")
        for at in np.argwhere(mask).tolist():
            shapes.append(Rect("result", "kernel", *by_title[name].box([at[0]], [at[1]])))
    return Scene(width, height, tuple(shapes), panels=tuple(panels))


def _rows_on_phones(row: Sequence[Placed], cell: float) -> list[Sequence[Placed]]:
    """Split a row of matrices into rows of nearly equal length that fit on a phone."""
    for count in range(1, len(row) + 1):
        long = -(-len(row) // count)
        rows = [row[start : start + long] for start in range(0, len(row), long)]
        if place(rows, cell)[2] <= PHONE:
            return rows
    return rows


def moments_scene(
    moments: Sequence[tuple[str, Mapping[str, Any]]],
    roles: Sequence[str],
    labels: Sequence[object] = (),
) -> Scene:
    """Show matrices that change, one moment after another, each with a line of words below.

    Kernels stand above the others, for phones.

    Parameters
    ----------
    moments : sequence of (str, mapping of str to array_like, shape (height, width))
        The words of each moment, and its matrices: in all moments the same names and shapes.
    roles : sequence of {"input", "kernel", "output"}
        The colour of each matrix.
    labels : sequence, optional
        What to call each moment on a button; 1, 2, 3 and so on by default.

    Raises
    ------
    ValueError
        If the matrices of a moment have other names or shapes than those of the first one, or if
        there are not as many labels as moments.
    """
    labels = labels or [""] * len(moments)
    if len(labels) != len(moments):
        raise ValueError(f"labels: expected {len(moments)}, one a moment, got {len(labels)}")
    tables = [{name: np.asarray(array) for name, array in arrays.items()} for _, arrays in moments]
    _check_alike(tables)
    entries = (entry_text(value) for table in tables for a in table.values() for value in a.flat)
    cell, size = fit(entries, CELL, SIZE)
    row = [
        Placed(role, number, tables[0][name], NO_PADDING, name, role)
        for number, (name, role) in enumerate(zip(tables[0], roles, strict=True))
    ]
    above = [matrix for matrix in row if matrix.role == "kernel"]
    below = [matrix for matrix in row if matrix.role != "kernel"]
    placed = [place([part], cell) for part in (above, below) if part]
    widest = max(SIZE * text_width(words) for words, _ in moments) + 2 * MARGIN
    width, height = max(widest, *(part[2] for part in placed)), 0.0
    panels: list[Panel] = []
    titles: list[Shape] = []
    for matrices, heads, wide, high in placed:
        right, down = (width - wide) / 2, height
        panels += [replace(panel, x=panel.x + right, y=panel.y + down) for panel in matrices]
        titles += [replace(head, x=head.x + right, y=head.y + down) for head in heads]
        height += high + ROW_GAP
    # One scale for all moments, so that a smaller value looks smaller.
    most = {name: max(_largest(table[name]) for table in tables) for name in tables[0]}
    frames = []
    for (words, _), table, label in zip(moments, tables, labels, strict=True):
        drawn: list[Shape] = []
        for matrix, panel in zip(above + below, panels, strict=True):
            values, limit = table[matrix.title], most[matrix.title]
            drawn += cells(panel, values, matrix.role, size, most=limit)
        drawn.append(Label("sum", "ink", width / 2, height + SIZE - 4, words, SIZE))
        frames.append(Frame(tuple(drawn), (), words, str(label)))
    return Scene(width, height + SIZE + 6, tuple(titles), tuple(frames), tuple(panels))


def _check_alike(tables: Sequence[Mapping[str, Array]]) -> None:
    """Check that the matrices of all moments have the names and shapes of the first one's."""
    shapes = [{name: array.shape for name, array in table.items()} for table in tables]
    for number, found in enumerate(shapes):
        if found != shapes[0] or any(len(shape) != 2 for shape in found.values()):
            raise ValueError(
                f"moments: expected matrices like those of the first, {shapes[0]}, "
                f"got {found} in moment {number + 1}"
            )


def _largest(values: Array) -> float:
    """Return the size of the largest number; 0 where there are letters."""
    shaded = values.dtype.kind in "biuf" and values.size
    return float(np.abs(values).max()) if shaded else 0.0
