"""Where a window can stop along one axis: a strip of input entries, and a line for each stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnlib.explain.layout import CELL, GAP, LINE, MARGIN, SIZE, TITLE_SIZE
from cnnlib.explain.lettering import text_width
from cnnlib.explain.marks import Label, Rect, Scene, Shape
from cnnlib.explain.trace import Trace

HEIGHT, PITCH = 18.0, 24.0  # of a window on its line, and from one line to the next
HEAD = TITLE_SIZE * LINE + 2
NARROW_CELL = 22.0
NO_ROOM = "no room"  # beside the window after the last one


def stops_scene(trace: Trace, axis: int = 1, *, narrow: bool = False) -> Scene:
    """Show where a window can stop along one axis, what it reads there, and where it has no room.

    Parameters
    ----------
    trace : Trace
        Of an operation whose window slides by a stride.
    axis : {0, 1}
        Whether to show the rows of the input or its columns; both are laid out from left to right.
    narrow : bool
        Whether entries stand closer together, for a phone.

    Raises
    ------
    ValueError
        If the window does not slide by a stride.
    """
    stops, size = windows_along(trace, axis), trace.size[axis]
    before, after = trace.padding[axis]
    assert trace.geometry is not None
    beyond = [tap - before for tap in trace.geometry.taps(axis, len(stops))]
    cell = NARROW_CELL if narrow else CELL
    name = f"{('rows', 'columns')[axis]} of the input"
    # The name stands over the middle of the entries, and may be wider than they are.
    half, middle = TITLE_SIZE * text_width(name) / 2, size * cell / 2
    strip = _Strip(MARGIN + max(before * cell, half - middle), MARGIN + HEAD, cell)
    shapes = [*strip.entries(size, before, after), *strip.unread(trace.unread[axis])]
    for number, places in enumerate(stops):
        shapes += strip.window(number, places)
    shapes.append(Rect("missed", "muted", *strip.on_line(len(stops), beyond)))
    # The numbers of the stops stand below each other, to the right of all windows.
    reach = TITLE_SIZE * text_width(NO_ROOM) / 2
    end = max(cell * max(size + after, beyond[-1] + 1), middle + half)
    x = strip.left + end + GAP / 2 + reach
    for number in range(len(stops)):
        shapes.append(strip.note(number, x, str(number + 1), "output"))
    shapes.append(strip.note(len(stops), x, NO_ROOM, "muted"))
    y = strip.top - 8
    shapes.append(Label("title", "input", strip.left + middle, y, name, TITLE_SIZE))
    shapes.append(Label("title", "output", x, y, "stops", TITLE_SIZE))
    return Scene(x + reach + MARGIN, strip.line(len(stops) + 1), tuple(shapes))


def windows_along(trace: Trace, axis: int) -> list[tuple[int, ...]]:
    """Return the places that each window reads along an axis, in the order of the stops."""
    geometry = trace.geometry
    if geometry is None or trace.reverses or trace.is_gradient:
        raise ValueError(f"trace: expected a window that slides by a stride, got {trace.operation}")
    before, after = geometry.padding[axis]
    end = trace.size[axis] + after  # partial windows reach beyond it, and read nothing there
    return [
        tuple(tap - before for tap in geometry.taps(axis, number) if tap - before < end)
        for number in range(geometry.output[axis])
    ]


@dataclass(frozen=True)
class _Strip:
    """The places of a strip and of the lines below it, from the corner of its first entry.

    Its entries have sides of `cell`.
    """

    left: float
    top: float
    cell: float

    def line(self, number: int) -> float:
        """Return the top of a line, counted from 0."""
        return self.top + self.cell + 10 + PITCH * number

    def on_line(self, number: int, places: Sequence[int]) -> tuple[float, float, float, float]:
        """Return x, y, width and height of the places from the first to the last, on a line."""
        x, width = self.left + places[0] * self.cell, (places[-1] + 1 - places[0]) * self.cell
        return x, self.line(number), width, HEIGHT

    def entries(self, size: int, before: int, after: int) -> Iterator[Shape]:
        """Yield the cells of the input, numbered from 1, and of its padding."""
        for place in range(-before, size + after):
            x, inside = self.left + place * self.cell, 0 <= place < size
            kind, role = ("cell", "input") if inside else ("padding", "line")
            yield Rect(kind, role, x, self.top, self.cell, self.cell, 0.12 if inside else 0.0)
            if inside:
                baseline = self.top + self.cell / 2 + 0.335 * SIZE
                yield Label("entry", "ink", x + self.cell / 2, baseline, str(place + 1), SIZE)

    def unread(self, places: Sequence[int]) -> Iterator[Shape]:
        """Yield what marks the entries under no window."""
        for place in places:
            yield Rect(
                "unread",
                "muted",
                self.left + place * self.cell,
                self.top,
                self.cell,
                self.cell,
                0.3,
            )

    def window(self, number: int, places: Sequence[int]) -> Iterator[Shape]:
        """Yield a window on its line: what it reads, and its frame."""
        for place in places:
            yield Rect("read", "kernel", *self.on_line(number, [place]), 0.22)
        yield Rect("window", "kernel", *self.on_line(number, places))

    def note(self, number: int, x: float, words: str, role: str) -> Label:
        """Return what stands beside a line."""
        baseline = self.line(number) + HEIGHT / 2 + 0.335 * TITLE_SIZE
        return Label("entry", role, x, baseline, words, TITLE_SIZE)
