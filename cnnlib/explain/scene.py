"""Where everything in a picture of a trace stands: the one place that knows.

A scene is a list of rectangles and texts, each with a kind (what it stands for) and a role (which
colour it takes), in pixels from the top left corner. `svg` writes a scene as SVG, `plots` draws it
into Matplotlib axes; neither places anything itself. What a scene shows is read from the steps of a
trace and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cnnlib.explain.lettering import fit, text_width, wrap
from cnnlib.explain.marks import Frame, Label, Panel, Rect, Scene, Shape
from cnnlib.explain.recorders import NO_PADDING
from cnnlib.explain.text import describe_step, entry_text, is_number, parse_symbol, sum_terms
from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array, PadWidth, Pair

CELL = 32.0  # the side of a cell, unless long numbers need more
CELL_WITH_WEIGHTS, CELL_IN_COMPACT = 42.0, 40.0
SIZE, TITLE_SIZE, WEIGHT_SIZE = 15.0, 14.0, 12.0
MARGIN = 4.0  # for frames at the edge
GAP, ROW_GAP = 26.0, 14.0  # between panels
LINE = 1.5  # of the height of letters, for a line of text
PHONE = 258.0  # of a screen of 360 pixels, what text leaves at the size of pictures on pages
STRONGEST = 0.3  # the opacity of the largest value: ink stays legible on it


def step_scene(
    trace: Trace, at: tuple[int, ...] | None = None, *, narrow: bool = False, **titles: str
) -> Scene:
    """Show one step: input, kernel and output, the window and the entry that it gives.

    Parameters
    ----------
    trace : Trace
        Of any operation.
    at : tuple of int, optional
        Which output entry, counted from 0; the first by default.
    narrow : bool
        Whether to put the output below, for a phone.
    **titles : str
        Other titles for the panels ``input``, ``kernel`` and ``output``.
    """
    step = trace[at] if at is not None else trace.steps[0]
    stage = _Stage(trace, step, titles, narrow=narrow)
    return stage.scene([*stage.matrices(), *stage.marks(step)])


def steps_scene(trace: Trace, **titles: str) -> Scene:
    """Show all windows at once, with what no window reads and, for maxima, what each takes."""
    stage = _Stage(trace, trace.steps[0], titles, kernel=False)
    shapes = list(stage.matrices())
    for step in stage.steps:
        shapes += stage.frames_of(step)
        if step.kind == "max":
            shapes += stage.chosen(step)
    return stage.scene(shapes)


def animation_scene(trace: Trace, *, compact: bool = False, **titles: str) -> Scene:
    """Show the steps one after another, each with its weights, its sum and the outputs so far.

    Parameters
    ----------
    trace : Trace
        Of any operation.
    compact : bool
        Whether to leave the kernel out, whose weights lie on the input, and put the output below.
    **titles : str
        Other titles for the panels ``input``, ``kernel`` and ``output``.
    """
    stage = _Stage(trace, trace.steps[0], titles, weights=True, compact=compact)
    frames = [
        Frame(
            (*stage.marks(step), *stage.weights(step), *stage.sum_lines(step)),
            (stage.output_cell(step), stage.output_entry(step)),
            describe_step(step),
        )
        for step in stage.steps
    ]
    return stage.scene(stage.matrices(outputs=False), frames)


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
    shapes = [*titles]
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
    shapes = [{name: table.shape for name, table in table.items()} for table in tables]
    for number, found in enumerate(shapes):
        if found != shapes[0] or any(len(shape) != 2 for shape in found.values()):
            raise ValueError(
                f"moments: expected matrices like those of the first, {shapes[0]}, "
                f"got {found} in moment {number + 1}"
            )
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


def icon_scene(trace: Trace, step: Step, cell: float = 10.0) -> Scene:
    """Show a window as a small icon: a square for each entry, those under the window filled."""
    height, width = trace.input.shape[-2:]
    (top, bottom), (left, right) = trace.padding
    read = {(term.row, term.col) for term in step.terms}
    shapes = []
    for row, col in np.ndindex(height + top + bottom, width + left + right):
        place = row - top, col - left
        inside = 0 <= place[0] < height and 0 <= place[1] < width
        if place in read or inside:
            kind, level = ("read", 1.0) if place in read else ("cell", 0.2)
            corner = col * cell + 1, row * cell + 1
            shapes.append(Rect(kind, "ink", *corner, cell - 2, cell - 2, level))
    size = (width + left + right) * cell, (height + top + bottom) * cell
    return Scene(*size, tuple(shapes))


class _Stage:
    """Places the matrices of a trace, and makes the shapes that show its steps."""

    def __init__(
        self,
        trace: Trace,
        step: Step,
        titles: Mapping[str, str],
        *,
        weights: bool = False,
        kernel: bool = True,
        compact: bool = False,
        narrow: bool = False,
    ) -> None:
        self.trace = trace
        self.called = trace.matrices
        # The output channel; in the gradient of several filters, the filter and its channel.
        self.lead = step.index[:-2]
        self.out = self.lead[0] if self.lead else 0
        self.steps = [s for s in trace if s.index[:-2] == self.lead]
        self.channels = step.channels
        self.step_by_place = {s.place: s for s in self.steps}
        rows = [[self._input(channel, titles) for channel in self.channels]]
        kernels = []
        if kernel and not compact and trace.beside is not None:
            kernels = [self._kernel(channel, titles) for channel in self.channels]
        self.result = self._output(titles)
        beside = [self.result]
        if compact:
            rows, beside = [*rows, beside], []
        elif len(self.channels) > 1 and kernels:
            rows.append(kernels)
        elif weights:
            # An animation has larger cells, and more room below each other on a phone.
            beside = [*kernels, self.result]
        else:
            rows[0] += kernels
        if narrow:
            rows, beside = [*rows, beside], []
        self.levels = shades(self.result.values)
        placed = [matrix for row in (*rows, beside) for matrix in row]
        self.shown = [matrix for matrix in placed if matrix is not self.result]
        # A weight stands in the corner of a cell, below the entry in its middle.
        factors = [
            f"×{entry_text(term.weight)}"
            for s in (self.steps if weights else ())
            for term in (s.terms if s.kind == "sum" else ())
        ]
        largest = CELL_IN_COMPACT if compact else CELL_WITH_WEIGHTS
        side = largest if factors else CELL
        sizes: dict[tuple[str, int], float] = {}
        for matrix in placed:
            texts = map(entry_text, matrix.texts(trace))
            side, sizes[matrix.name, matrix.channel] = fit(texts, side, SIZE)
        side, self.weight_size = fit(factors, side, WEIGHT_SIZE)
        # All matrices of a kind have letters of one size.
        self.sizes = {
            name: min(size for (other, _), size in sizes.items() if other == name)
            for name, _ in sizes
        }
        # Cards of a gallery have one left edge, for the caption too.
        self.flush = compact
        panels, self.titles, self.width, self.height = place(rows, side, beside, flush=compact)
        self.panels = {(panel.name, panel.channel): panel for panel in panels}
        self.lines = {
            step.place: wrap(sum_terms(step), SIZE, self.width - 2 * MARGIN)
            for step in (self.steps if weights else ())
        }
        # A single term may be wider than the matrices.
        longest = max(
            (text_width(line) for lines in self.lines.values() for line in lines), default=0
        )
        self.width = max(self.width, SIZE * longest + 2 * MARGIN)

    def _input(self, channel: int, titles: Mapping[str, str]) -> Placed:
        values = self.trace.input.reshape(-1, *self.trace.input.shape[-2:])[channel]
        title = titles.get("input", self.called.input.title)
        if self.trace.input.ndim == 3:
            title = f"{title}, channel {channel + 1}"
        role = self.called.input.role
        return Placed("input", channel, values, self.trace.padding, title, role)

    def _kernel(self, channel: int, titles: Mapping[str, str]) -> Placed:
        shown = self.trace.beside
        assert shown is not None
        title, number = titles.get("kernel", self.called.kernel.title), channel + 1
        if shown.ndim == 4:
            own = channel - self.channels[0]
            shown = (
                shown[channel, self.out % shown.shape[1]]
                if self.trace.reverses
                else shown[self.out, own]
            )
            title = f"{title}, channel {number}"
        elif shown.ndim == 3:  # ∂L/∂Y of a filter, or the input that a pooling had
            plane = self.out if self.called.kernel.role == "output" else channel
            shown, title = shown[plane], f"{title}, channel {plane + 1}"
        return Placed("kernel", channel, shown, NO_PADDING, title, self.called.kernel.role)

    def _output(self, titles: Mapping[str, str]) -> Placed:
        values = named(self.trace.output[self.lead], self.steps)
        title, shape = titles.get("output", self.called.output.title), self.trace.output.shape
        if len(self.lead) == 2:
            title = f"{title}, filter {self.out + 1}, channel {self.lead[1] + 1}"
        elif self.lead and shape[0] > 1:
            title = f"{title}, channel {self.out + 1}"
        role = self.called.output.role
        return Placed("output", self.out, values, self.trace.trimmed, title, role)

    def scene(self, shapes: Iterable[Shape], frames: Sequence[Frame] = ()) -> Scene:
        """Put the shapes into a scene of the right size."""
        panels = tuple(self.panels.values())
        lines = max(map(len, self.lines.values()), default=0)
        height = self.height + (LINE * SIZE * lines + 6 if lines else 0)
        return Scene(self.width, height, (*self.titles, *shapes), tuple(frames), panels)

    def matrices(self, *, outputs: bool = True) -> Iterator[Shape]:
        """Yield the cells of all matrices, with their entries."""
        for matrix in self.shown:
            panel = self.panels[matrix.name, matrix.channel]
            yield from cells(panel, matrix.values, matrix.role, self.sizes[matrix.name])
            if matrix.name == "input":
                yield from self.padding(panel)
                yield from self.unread(panel, matrix.channel)
        panel = self.panels["output", self.out]
        size = self.sizes["output"]
        yield from cells(panel, self.result.values, self.result.role, size, entries=outputs)
        for row, col in around(panel.shape, panel.around):
            yield Rect("trimmed", "muted", *panel.box([row], [col]))

    def padding(self, panel: Panel) -> Iterator[Shape]:
        """Yield the cells of the padding, with what they hold."""
        for row, col in around(panel.shape, panel.around):
            yield Rect("padding", "line", *panel.box([row], [col]))
            value, size = self.trace.entry(panel.channel, row, col), self.sizes["input"]
            yield entry(panel, row, col, value, "muted", size)

    def unread(self, panel: Panel, channel: int) -> Iterator[Shape]:
        """Yield the entries of the input that no window reads."""
        read = {
            (term.row, term.col)
            for step in self.trace.steps
            for term in step.terms
            if term.channel == channel
        }
        for row, col in np.ndindex(panel.shape):
            if (row, col) not in read:
                yield Rect("unread", "muted", *panel.box([row], [col]), 0.3)

    def marks(self, step: Step) -> Iterator[Shape]:
        """Yield what shows a step: the entries read, the window's frame, the output entry's."""
        for term in step.terms:
            panel = self.panels["input", term.channel]
            yield Rect("read", self.called.window, *panel.box([term.row], [term.col]), 0.12)
        yield from self.frames_of(step)
        panel = self.panels["output", self.out]
        row, col = step.place
        yield Rect("result", self.result.role, *panel.box([row], [col]), 0.16)
        # In the gradient of a pooling or an activation, the entry of the input that it belongs to.
        own = self.panels.get(("kernel", step.channels[0]))
        if own is not None and self.called.kernel.role == "input":
            yield Rect("place", self.result.role, *own.box([row], [col]))

    def frames_of(self, step: Step) -> Iterator[Shape]:
        """Yield the frame of a window on each channel that it reads."""
        if step.terms:
            for channel in step.channels:
                panel = self.panels["input", channel]
                yield Rect("window", self.called.window, *panel.box(step.rows, step.cols))

    def chosen(self, step: Step) -> Iterator[Shape]:
        """Yield the entries of a window that equal its maximum."""
        for term in step.terms:
            if term.entry == step.value and not term.padding:
                panel = self.panels["input", term.channel]
                yield Rect("chosen", "output", *panel.box([term.row], [term.col]), 0.3)

    def weights(self, step: Step) -> Iterator[Shape]:
        """Yield the weights of a step, each in the corner of the cell that it multiplies."""
        for term in step.terms if step.kind == "sum" else ():
            panel = self.panels["input", term.channel]
            x, y, width, height = panel.box([term.row], [term.col])
            text = f"×{entry_text(term.weight)}"
            corner, size = (x + width - 3, y + height - 3), self.weight_size
            yield Label("weight", "ink", *corner, text, size, "end")

    def output_cell(self, step: Step) -> Rect:
        """Return the cell of the entry that a step gives, shaded by its value."""
        panel = self.panels["output", self.out]
        level = float(self.levels[step.place])
        role = "minus" if level < 0 else self.result.role
        return Rect("cell", role, *panel.box([step.place[0]], [step.place[1]]), abs(level))

    def output_entry(self, step: Step) -> Label:
        """Return the entry that a step gives."""
        panel = self.panels["output", self.out]
        value = self.result.values[step.place]
        return entry(panel, *step.place, value, "ink", self.sizes["output"])

    def sum_lines(self, step: Step) -> Iterator[Shape]:
        """Yield the sum of a step in words and signs, in lines that fit."""
        for number, line in enumerate(self.lines[step.place]):
            y = self.height + LINE * SIZE * (number + 1) - 4
            if self.flush:
                yield Label("sum", "ink", MARGIN, y, line, SIZE, "start")
            else:
                yield Label("sum", "ink", self.width / 2, y, line, SIZE)


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
) -> tuple[list[Panel], list[Shape], float, float]:
    """Place matrices in rows, each below its title, and a column of others to the right of all.

    A matrix stands in the middle of its place, or flush with the left edge of it.

    Returns
    -------
    panels : list of Panel
    titles : list of Shape
    width, height : float
        Of the scene that holds them, in pixels.
    """
    head = TITLE_SIZE * LINE + 2

    def wide(matrix: Placed) -> float:
        return max(matrix.size[0] * cell, TITLE_SIZE * text_width(matrix.title))

    columns = max(map(len, rows))
    widths = [max(wide(row[n]) for row in rows if n < len(row)) for n in range(columns)]
    heights = [max(matrix.size[1] for matrix in row) * cell + head for row in rows]
    inner = sum(heights) + ROW_GAP * (len(rows) - 1)
    stack = sum(matrix.size[1] * cell + head + ROW_GAP for matrix in beside) - ROW_GAP
    body = max(inner, stack)
    panels: list[Panel] = []
    titles: list[Shape] = []

    def put(matrix: Placed, x: float, y: float, width: float, height: float) -> None:
        """Place one matrix in a box, its title above it."""
        across, down = matrix.size
        left = x if flush else x + (width - across * cell) / 2
        top = y + (height - head - down * cell) / 2 + head
        at, anchor = (x, "start") if flush else (x + width / 2, "middle")
        titles.append(Label("title", matrix.role, at, top - 8, matrix.title, TITLE_SIZE, anchor))
        (above, _), (before, _) = matrix.around
        corner = left + before * cell, top + above * cell
        shape = matrix.values.shape[0], matrix.values.shape[1]
        panels.append(Panel(matrix.name, matrix.channel, *corner, shape, matrix.around, cell))

    y = MARGIN + (body - inner) / 2
    for row, height in zip(rows, heights, strict=True):
        # A row of fewer matrices stands in the middle.
        x = MARGIN if flush else MARGIN + (sum(widths[len(row) :]) + GAP * (columns - len(row))) / 2
        for matrix, width in zip(row, widths, strict=False):
            put(matrix, x, y, width, height)
            x += width + GAP
        y += height + ROW_GAP
    right = MARGIN + sum(widths) + GAP * columns
    if beside:
        width = max(map(wide, beside))
        y = MARGIN + (body - stack) / 2
        for matrix in beside:
            height = matrix.size[1] * cell + head
            put(matrix, right, y, width, height)
            y += height + ROW_GAP
        right += width + GAP
    return panels, titles, right - GAP + MARGIN, body + 2 * MARGIN


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


def _largest(values: Array) -> float:
    """Return the size of the largest number; 0 where there are letters."""
    shaded = values.dtype.kind in "biuf" and values.size
    return float(np.abs(values).max()) if shaded else 0.0


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
