"""What a scene is made of: rectangles and texts with a kind, a role and a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnnlib.explain.lettering import split_indices, text_width
from cnnlib.shapes import PadWidth, Pair


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle.

    Attributes
    ----------
    kind : str
        ``cell``, ``padding`` (a cell outside the input), ``trimmed`` (a cell outside the output),
        ``read`` (the entries under the window), ``window`` (its frame), ``missed`` (a window that
        has no room), ``result`` (the frame of the output entry), ``place`` (the frame of the
        entry that a gradient belongs to), ``chosen`` (the entries that a maximum takes) or
        ``unread``.
    role : str
        A name of the palette.
    x, y, width, height : float
        Left, top and size, in pixels.
    level : float
        The opacity of its filling, from 0 to 1.
    """

    kind: str
    role: str
    x: float
    y: float
    width: float
    height: float
    level: float = 0.0

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text, in which an index in braces is set lower: ``k_{11}``.

    Attributes
    ----------
    kind : str
        ``entry``, ``weight``, ``title`` or ``sum``.
    role : str
        A name of the palette.
    x, y : float
        Where its baseline is anchored, in pixels.
    text : str
        The text.
    size : float
        The height of its letters, in pixels.
    anchor : {"start", "middle", "end"}
        Which part of it stands at ``x``.
    """

    kind: str
    role: str
    x: float
    y: float
    text: str
    size: float
    anchor: str = "middle"

    @property
    def runs(self) -> list[tuple[str, bool]]:
        """Its parts, each with whether it is an index."""
        return split_indices(self.text)

    @property
    def width(self) -> float:
        """How wide it is, in pixels."""
        return self.size * text_width(self.text)

    @property
    def left(self) -> float:
        """Where it begins, in pixels."""
        return self.x - self.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]


Shape = Rect | Label


@dataclass(frozen=True, slots=True)
class Frame:
    """What one step adds to a scene.

    Attributes
    ----------
    shapes : tuple of Shape
        Shown during the step alone.
    stays : tuple of Shape
        Shown from the step on.
    words : str
        What the step shows, for those who do not see it.
    label : str
        What to call it on a button; empty for its number.
    """

    shapes: tuple[Shape, ...]
    stays: tuple[Shape, ...]
    words: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A matrix in a scene: its cells, and where they stand.

    Attributes
    ----------
    name : str
        ``input``, ``kernel`` or ``output``.
    channel : int
        Which channel of it.
    x, y : float
        The top left corner of row 0, column 0, in pixels.
    shape : (int, int)
        Its rows and columns.
    around : ((int, int), (int, int))
        Rows above and below, columns to the left and to the right of it that are shown as well.
    cell : float
        The side of a cell, in pixels.
    """

    name: str
    channel: int
    x: float
    y: float
    shape: Pair
    around: PadWidth
    cell: float

    def box(self, rows: Sequence[int], cols: Sequence[int]) -> tuple[float, float, float, float]:
        """Return x, y, width and height of the rows and columns from the first to the last."""
        top, left = min(rows), min(cols)
        return (
            self.x + left * self.cell,
            self.y + top * self.cell,
            (max(cols) - left + 1) * self.cell,
            (max(rows) - top + 1) * self.cell,
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """Shapes in the order in which they are painted.

    Attributes
    ----------
    width, height : float
        In pixels; every shape lies inside.
    shapes : tuple of Shape
        What always shows.
    frames : tuple of Frame
        What each step adds; none in a picture that stands still.
    panels : tuple of Panel
        Where the matrices stand.
    """

    width: float
    height: float
    shapes: tuple[Shape, ...]
    frames: tuple[Frame, ...] = ()
    panels: tuple[Panel, ...] = ()

    def still(self, number: int) -> Scene:
        """Return the scene as it is at a step, counted from 0."""
        stays = [shape for frame in self.frames[: number + 1] for shape in frame.stays]
        shapes = (*self.shapes, *stays, *self.frames[number].shapes)
        return replace(self, shapes=shapes, frames=())

    def panel(self, name: str, channel: int = 0) -> Panel:
        """Find a panel by its name and channel."""
        for panel in self.panels:
            if (panel.name, panel.channel) == (name, channel):
                return panel
        raise KeyError(f"no panel {name!r} for channel {channel}")
