"""Pictures of matrices and of the windows that lie on them; they need only NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.explain.descriptions import (
    describe_array,
    describe_places,
    describe_step,
    describe_trace,
    span,
)
from cnnlib.explain.matrices_scene import matrices_scene
from cnnlib.explain.picture.display import Picture, scene_picture
from cnnlib.explain.product_scene import narrow_product_scene, product_scene
from cnnlib.explain.scene import step_scene, steps_scene
from cnnlib.explain.stops_scene import stops_scene, windows_along
from cnnlib.explain.trace import Trace


def show_step(
    trace: Trace, at: tuple[int, ...] | None = None, *, caption: str, **titles: str
) -> Picture:
    """Show one step: input, kernel and output, with the window and the entry that it gives.

    Parameters
    ----------
    trace : Trace
        Of any operation.
    at : tuple of int, optional
        Which output entry, counted from 0; the first by default.
    caption : str
        What to notice.
    **titles : str
        Other titles for the matrices ``input``, ``kernel`` and ``output``.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[1, 2], [3, 4]], [[1, 0]])
    >>> show_step(traced, (1, 0), caption="The second row.").alt
    'Input, 2 by 2: 1, 2; 3, 4. Kernel, 1 by 2: 1, 0. Output, 2 by 1:
    1; 3. Marked: window row 2, columns 1 to 2; sum 3.'
    """
    step = trace.steps[0] if at is None else trace[at]
    alt = f"{describe_trace(trace)} Marked: {describe_step(step)}."
    drawn = step_scene(trace, step.index, narrow=False, **titles)
    narrow = partial(step_scene, trace, step.index, narrow=True, **titles)
    return scene_picture(drawn, alt, caption, trace, narrow=narrow)


def show_windows(trace: Trace, *, caption: str, **titles: str) -> Picture:
    """Show all windows at once; a maximum is marked where it is taken, and what no window reads.

    Parameters
    ----------
    trace : Trace
        Of any operation; best of one whose windows do not overlap.
    caption : str
        What to notice.
    **titles : str
        Other titles for the matrices ``input`` and ``output``.
    """
    alt = f"{describe_trace(trace)} First window: {describe_step(trace.steps[0])}."
    unread = " and ".join(
        describe_places(name, places, size)
        for name, places, size in zip(("row", "column"), trace.unread, trace.size, strict=True)
        if places
    )
    if unread:
        alt += f" Under no window: {unread}."
    return scene_picture(steps_scene(trace, **titles), alt, caption, trace)


def show_matrices(
    caption: str,
    roles: Sequence[str] = (),
    *,
    framed: Mapping[str, npt.ArrayLike] | None = None,
    **arrays: Any,
) -> Picture:
    """Show matrices side by side, every entry written and said.

    Parameters
    ----------
    caption : str
        What to notice.
    roles : sequence of {"input", "kernel", "output"}, optional
        The colour of each; by default the first is an input and the others are outputs.
    framed : mapping of str to array_like of bool, shape (height, width), optional
        By the name of a matrix, which of its entries to put a frame around.
    **arrays : array_like, shape (height, width)
        What to show, by name (``_`` stands for a space).

    Examples
    --------
    >>> show_matrices("Twice.", image=[[1, 2]], doubled=[[2, 4]]).alt
    'image, 1 by 2: 1, 2; doubled, 1 by 2: 2, 4.'
    """
    named = {name.replace("_", " "): np.asarray(array) for name, array in arrays.items()}
    masks = {
        name.replace("_", " "): np.asarray(mask, dtype=bool)
        for name, mask in (framed or {}).items()
    }
    drawn = matrices_scene(named, roles, masks)
    words = "; ".join(f"{name}, {describe_array(array)}" for name, array in named.items())
    places = "".join(
        f" Framed in {name}: "
        + ", ".join(f"row {row + 1} column {col + 1}" for row, col in np.argwhere(mask))
        + "."
        for name, mask in masks.items()
    )
    narrow = partial(matrices_scene, named, roles, masks, narrow=True)
    return scene_picture(drawn, f"{words}.{places}", caption, narrow=narrow)


def show_stops(trace: Trace, *, caption: str, axis: int = 1) -> Picture:
    """Show where a window can stop along one axis, what it reads, and where it has no room.

    Parameters
    ----------
    trace : Trace
        Of an operation whose window slides by a stride.
    caption : str
        What to notice.
    axis : {0, 1}
        Whether to show the rows of the input or its columns.

    Raises
    ------
    ValueError
        If the window does not slide by a stride.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[3, 1, 4, 1]], [[1, 1]], stride=2)
    >>> show_stops(traced, caption="Two stops.").alt
    'A window slides along 4 columns and stops 2 times. It reads columns
    1 to 2; columns 3 to 4.'
    """
    name = ("row", "column")[axis]
    places = windows_along(trace, axis)
    size, unread = trace.size[axis], trace.unread[axis]
    read = "; ".join(describe_places(name, stop, size) for stop in places)
    alt = (
        f"A window slides along {size} {name}s and stops {len(places)} "
        f"time{'s' * (len(places) != 1)}. It reads {read}."
    )
    if unread:
        alt += f" Under no window: {span(name, unread)}."
    narrow = partial(stops_scene, trace, axis, narrow=True)
    return scene_picture(stops_scene(trace, axis), alt, caption, trace, narrow=narrow)


def show_product(trace: Trace, *, caption: str, **titles: str) -> Picture:
    """Show a convolution as a matrix times a column of numbers; zeros of the matrix stay blank.

    Parameters
    ----------
    trace : Trace
        Of a convolution or a transposed convolution.
    caption : str
        What to notice.
    **titles : str
        Other titles for ``matrix``, ``input`` and ``output``.

    Raises
    ------
    ValueError
        If the trace is of a pooling, or its padding is not of zeros.
    """
    matrix = trace.matrix
    rows, columns = matrix.shape
    alt = (
        f"A matrix of {rows} rows and {columns} columns, of which {np.count_nonzero(matrix)} "
        f"entries are not zero, times the input as a column, gives the output as a column. "
        f"{describe_trace(trace)}"
    )
    drawn = product_scene(trace, **titles)
    narrow = partial(narrow_product_scene, trace, **titles)
    return scene_picture(drawn, alt, caption, trace, narrow=narrow)
