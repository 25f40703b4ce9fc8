"""Pictures of arrays and steps, drawn into an axes that the caller gives.

All functions take an ``ax``, return the artists they made and leave no global state.
Lengths are in cells: an array of shape ``(h, w)`` drawn at ``(x, y)`` covers ``w`` by ``h``
units to the right and down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from cnnlib.explain.palette import PALETTE
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array

try:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure
    from matplotlib.patches import Rectangle
    from matplotlib.style import context
except ModuleNotFoundError as error:
    if error.name != "matplotlib":
        raise
    raise ModuleNotFoundError(
        "cnnlib draws with Matplotlib, which is not installed: pip install 'cnnlib[draw]'",
        name="matplotlib",
    ) from error

COLOURS = {name: light for name, (light, _) in PALETTE.items()}
# Signed values: middle tones, which stand out on light paper and on dark.
NEGATIVE, POSITIVE = (0.26, 0.47, 0.86), (0.85, 0.39, 0.29)

_STYLE = {
    # Text stays text: sharp, small, and set in a font that the reader's system has.
    "svg.fonttype": "none",
    "svg.hashsalt": "cnnlib",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 12,
    # Arrays are embedded as they are, one pixel for each entry.
    "image.interpolation": "none",
    "image.composite_image": False,
    "text.color": COLOURS["ink"],
    "axes.labelcolor": COLOURS["ink"],
    "axes.edgecolor": COLOURS["muted"],
    "xtick.color": COLOURS["muted"],
    "ytick.color": COLOURS["muted"],
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the blog, inside a ``with`` block and nowhere else."""
    with context(_STYLE):
        yield


def canvas(width: float, height: float, *, scale: float = 0.5) -> tuple[MplFigure, Axes]:
    """Make a bare figure of ``width`` by ``height`` cells, rows counted downwards.

    Parameters
    ----------
    width, height : float
        Size in cells.
    scale : float
        Inches for each cell.
    """
    fig = MplFigure(figsize=(width * scale, height * scale))
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_axis_off()
    return fig, ax


def draw_grid(
    ax: Axes,
    array: Array,
    *,
    at: tuple[float, float] = (0, 0),
    role: str = "ink",
    title: str = "",
    size: float = 15,
    nudge: float = 0,
) -> list[Artist]:
    """Draw a matrix as cells with the entries printed in them, moved up and left by a nudge."""
    x, y = at
    height, width = np.shape(array)
    artists: list[Artist] = []
    for (row, col), value in np.ndenumerate(array):
        cell = (x + col, y + row)
        artists.append(ax.add_patch(Rectangle(cell, 1, 1, fc="none", ec=COLOURS["line"], lw=1)))
        place = (cell[0] - nudge, cell[1] - nudge)
        artists.append(draw_entry(ax, value, place, role=role, size=size))
    frame = Rectangle((x, y), width, height, fc="none", ec=COLOURS["muted"], lw=1.2)
    artists.append(ax.add_patch(frame))
    if title:
        artists.append(draw_title(ax, title, x + width / 2, y, role))
    return artists


def draw_entry(
    ax: Axes, value: Any, cell: tuple[float, float], *, role: str = "ink", size: float = 15
) -> Artist:
    """Print one entry in the middle of the cell whose top left corner is given."""
    x, y = cell
    text = entry_text(value)
    fits = size if "$" in text else size * min(1, 3 / max(len(text), 1))
    place = (x + 0.5, y + 0.5)
    return ax.text(*place, text, size=fits, color=COLOURS[role], ha="center", va="center")


def draw_title(ax: Axes, title: str, x: float, y: float, role: str) -> Artist:
    """Print a name above what it names."""
    return ax.text(x, y - 0.25, title, size=13, color=COLOURS[role], ha="center", va="bottom")


def draw_window(
    ax: Axes,
    rows: Sequence[int],
    cols: Sequence[int],
    *,
    at: tuple[float, float] = (0, 0),
    role: str = "input",
    tint: bool = True,
    line: float = 2.6,
) -> list[Artist]:
    """Mark the window that reaches from its first row and column to its last."""
    x, y = at
    corner = (x + cols[0], y + rows[0])
    width, height = cols[-1] - cols[0] + 1, rows[-1] - rows[0] + 1
    colour = COLOURS[role]
    shapes = [Rectangle(corner, width, height, fc=colour, alpha=0.16, lw=0)] if tint else []
    if line:
        shapes.append(Rectangle(corner, width, height, fc="none", ec=colour, lw=line))
    return [ax.add_patch(shape) for shape in shapes]


def draw_step(ax: Axes, trace: Trace, step: Step) -> list[Artist]:
    """Draw input, kernel and output of one step side by side, window and entry marked."""
    places = layout(trace)
    artists = draw_grid(ax, trace.input, at=places["input"], role="input", title="input X")
    if trace.weight is not None:
        at = places["kernel"]
        artists += draw_grid(ax, trace.weight, at=at, role="kernel", title="kernel K")
    artists += draw_grid(ax, trace.output, at=places["output"], role="output", title="output Y")
    row, col = step.index
    artists += draw_window(ax, step.rows, step.cols, at=places["input"])
    artists += draw_window(ax, (row,), (col,), at=places["output"], role="output")
    return artists


def draw_pooling(ax: Axes, trace: Trace) -> list[Artist]:
    """Draw a pooling: the windows of the input, each chosen entry marked, and the output."""
    places = layout(trace)
    (x, y), corner = places["input"], places["output"]
    artists = draw_grid(ax, trace.input, at=(x, y), role="input", title="input Z")
    artists += draw_grid(ax, trace.output, at=corner, role="output", title="output")
    for step in trace:
        artists += draw_window(ax, step.rows, step.cols, at=(x, y), tint=False)
        for row, line in zip(step.rows, step.entries, strict=True):
            for col, entry in zip(step.cols, line, strict=True):
                if entry == step.value:
                    artists += draw_window(ax, (row,), (col,), at=(x, y), role="output", line=0)
    return artists


def draw_dropped(
    ax: Axes, trace: Trace, *, at: tuple[float, float] = (0, 0)
) -> tuple[list[int], list[int]]:
    """Grey the rows and columns at the end that lie under no window, and return which."""
    height, width = trace.input.shape
    last = trace.steps[-1]
    rows, cols = list(range(last.rows[-1] + 1, height)), list(range(last.cols[-1] + 1, width))
    x, y = at
    bars = [Rectangle((x, y + row), width, 1) for row in rows]
    bars += [Rectangle((x + col, y), 1, height - len(rows)) for col in cols]
    for bar in bars:
        bar.set(fc=COLOURS["muted"], alpha=0.25, lw=0, zorder=0)
        ax.add_patch(bar)
    return rows, cols


def draw_arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> Artist:
    """Draw a small arrow from one point to another."""
    shape = {"arrowstyle": "-|>", "color": COLOURS["muted"], "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
    return ax.annotate("", xy=end, xytext=start, arrowprops=shape)


def layout(trace: Trace, *, gap: float = 0.8, top: float = 1.0) -> dict[str, tuple[float, float]]:
    """Place input, kernel and output side by side, with what they need in all as ``"size"``."""
    parts = {"input": trace.input.shape, "output": trace.output.shape}
    if trace.weight is not None:
        parts = {"input": trace.input.shape, "kernel": trace.weight.shape, **parts}
    tall = max(height for height, _ in parts.values())
    places, x = {}, 0.1
    for name, (height, width) in parts.items():
        places[name] = (x, top + (tall - height) / 2)
        x += width + gap
    places["size"] = (x - gap + 0.1, top + tall + 0.1)
    return places


def draw_maps(
    ax: Axes, maps: Array, *, box: tuple[float, float, float, float], columns: int, limit: float = 0
) -> list[Artist]:
    """Draw feature maps as a mosaic in a box, positive red, negative blue, zero clear.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    maps : ndarray, shape (C, H, W)
        The maps. All share one scale, so that their strengths compare.
    box : (x, y, width, height)
        Where, in the units of ``ax``.
    columns : int
        How many maps stand side by side.
    limit : float
        The value of full colour; the largest magnitude if 0.
    """
    x, y, width, height = box
    limit = limit or float(np.abs(maps).max()) or 1.0
    lines = -(-len(maps) // columns)
    gap = 0.03 * width
    wide, tall = (width - gap * (columns - 1)) / columns, (height - gap * (lines - 1)) / lines
    artists: list[Artist] = []
    for number, values in enumerate(maps):
        line, column = divmod(number, columns)
        left, top = x + column * (wide + gap), y + line * (tall + gap)
        extent = (left, left + wide, top + tall, top)
        artists.append(ax.imshow(signed_colours(values / limit), extent=extent, aspect="auto"))
        frame = Rectangle((left, top), wide, tall, fc="none", ec=COLOURS["muted"], lw=0.8)
        artists.append(ax.add_patch(frame))
    return artists


def draw_photo(ax: Axes, image: Array, *, box: tuple[float, float, float, float]) -> list[Artist]:
    """Draw a grey image of shape (H, W), black for its smallest value, white for its largest."""
    x, y, width, height = box
    extent = (x, x + width, y + height, y)
    frame = Rectangle((x, y), width, height, fc="none", ec=COLOURS["muted"], lw=0.8)
    return [ax.imshow(image, cmap="gray", extent=extent, aspect="auto"), ax.add_patch(frame)]


def draw_bars(
    ax: Axes,
    values: Array,
    labels: Sequence[str],
    *,
    box: tuple[float, float, float, float],
    size: float = 11,
) -> list[Artist]:
    """Draw shares between 0 and 1 as bars, each with its label above and its value behind it."""
    x, y, width, height = box
    step = height / len(values)
    artists: list[Artist] = []
    for number, (value, label) in enumerate(zip(values, labels, strict=True)):
        top = y + number * step
        long = 0.66 * width * float(value)
        artists += [
            ax.text(x, top + 0.3 * step, label, size=size, va="center"),
            ax.add_patch(
                Rectangle((x, top + 0.52 * step), long, 0.26 * step, fc=COLOURS["output"])
            ),
            ax.text(
                *(x + long + 0.03 * width, top + 0.65 * step),
                f"{value:.0%}",
                size=size,
                color=COLOURS["output"],
                va="center",
            ),
        ]
    return artists


def signed_colours(values: Array) -> Array:
    """Colour values from -1 to 1: hue by sign, opacity by size, on any background.

    Returns
    -------
    ndarray of uint8, shape (H, W, 4)
        Red, green, blue and opacity.
    """
    values = np.clip(values, -1, 1)[..., np.newaxis]  # (H, W, 1)
    colour = np.where(values < 0, NEGATIVE, POSITIVE)  # (H, W, 3)
    return np.round(255 * np.concatenate([colour, np.abs(values)], axis=-1)).astype(np.uint8)
