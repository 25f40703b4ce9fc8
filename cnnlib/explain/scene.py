"""Scenes of a trace: one step, all steps, an animation of them, or an icon.

A scene is a list of rectangles and texts, each with a kind (what it stands for) and a role (which
colour it takes), in pixels from the top left corner. `svg` writes a scene as SVG, `plots` draws it
into Matplotlib axes; neither places anything itself. What a scene shows is read from the steps of a
trace and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from cnnlib.explain.descriptions import describe_step
from cnnlib.explain.layout import (
    CELL,
    LINE,
    MARGIN,
    SIZE,
    Placed,
    around,
    cells,
    entry,
    named,
    place,
    shades,
)
from cnnlib.explain.lettering import fit, text_width, wrap
from cnnlib.explain.marks import Frame, Label, Panel, Rect, Scene, Shape
from cnnlib.explain.recorders import NO_PADDING
from cnnlib.explain.text import entry_text, sum_terms
from cnnlib.explain.trace import Step, Trace

CELL_WITH_WEIGHTS, CELL_IN_COMPACT = 42.0, 40.0
WEIGHT_SIZE = 12.0


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
        # Cards of a gallery have one left edge, for the caption too.
        self.flush = compact
        self.result = self._output(titles)
        self.levels = shades(self.result.values)
        shows_kernel = kernel and not compact and trace.beside is not None
        kernels = [self._kernel(n, titles) for n in self.channels] if shows_kernel else []
        inputs = [self._input(n, titles) for n in self.channels]
        rows, beside = self._arrange(inputs, kernels, weights, narrow)
        placed = [matrix for row in (*rows, beside) for matrix in row]
        self.shown = [matrix for matrix in placed if matrix is not self.result]
        side = self._fit(placed, weights)
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

    def _arrange(
        self, inputs: list[Placed], kernels: list[Placed], weights: bool, narrow: bool
    ) -> tuple[list[list[Placed]], list[Placed]]:
        """Return the rows of matrices, and the column of others to the right of all rows."""
        if self.flush:
            return [inputs, [self.result]], []
        rows, beside = [inputs], [self.result]
        if len(self.channels) > 1 and kernels:
            rows.append(kernels)
        elif weights:
            # An animation has larger cells, and more room below each other on a phone.
            beside = [*kernels, self.result]
        else:
            rows = [[*inputs, *kernels]]
        return ([*rows, beside], []) if narrow else (rows, beside)

    def _fit(self, placed: Sequence[Placed], weights: bool) -> float:
        """Choose the sizes of letters and weights; return the side of a cell that holds them."""
        # A weight stands in the corner of a cell, below the entry in its middle.
        factors = [
            f"×{entry_text(term.weight)}"
            for s in (self.steps if weights else ())
            for term in (s.terms if s.kind == "sum" else ())
        ]
        largest = CELL_IN_COMPACT if self.flush else CELL_WITH_WEIGHTS
        side = largest if factors else CELL
        sizes: dict[tuple[str, int], float] = {}
        for matrix in placed:
            texts = map(entry_text, matrix.texts(self.trace))
            side, sizes[matrix.name, matrix.channel] = fit(texts, side, SIZE)
        side, self.weight_size = fit(factors, side, WEIGHT_SIZE)
        # All matrices of a kind have letters of one size.
        self.sizes = {
            name: min(size for (other, _), size in sizes.items() if other == name)
            for name, _ in sizes
        }
        return side

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
        elif shown.ndim == 3:  # ∂L/∂Y of a filter, or a channel of the input
            shown, title = shown[self.out], f"{title}, channel {self.out + 1}"
        return Placed("kernel", channel, shown, NO_PADDING, title, self.called.kernel.role)

    def _output(self, titles: Mapping[str, str]) -> Placed:
        values = named(self.trace.output[self.lead], self.steps)
        title, shape = titles.get("output", self.called.output.title), self.trace.output.shape
        if len(self.lead) == 2:
            if self.called.kernel.role == "input":  # the kernel of a transposed convolution
                title = f"{title}, from channel {self.out + 1} to {self.channels[0] + 1}"
            else:
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
        if own is not None and self.called.kernel.role == self.result.role:
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
