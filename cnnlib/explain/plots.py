"""Draw arrays and steps with Matplotlib into given axes.

The drawing functions take an ``ax``, return the artists they add and change no global state.
Lengths are in cells: an array of shape ``(h, w)`` drawn at ``(x, y)`` extends ``w`` units to the
right and ``h`` units down.
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
# Colours of signed values; these mid-tones are visible on light and dark backgrounds.
NEGATIVE, POSITIVE = (0.26, 0.47, 0.86), (0.85, 0.39, 0.29)

_STYLE = {
    # Text stays text: it is sharp and small, and uses a font of the reader's system.
    "svg.fonttype": "none",
    "svg.hashsalt": "cnnlib",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 12,
    # Arrays are embedded unscaled, with one pixel per entry.
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
    """Apply the style of the blog within a ``with`` block."""
    with context(_STYLE):
        yield


def canvas(width: float, height: float, *, scale: float = 0.5) -> tuple[MplFigure, Axes]:
    """Create an empty figure of ``width`` by ``height`` cells, with the y axis pointing down.

    Parameters
    ----------
    width, height : float
        Size in cells.
    scale : float
        Inches per cell.
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
    """Draw a matrix as a grid of cells with their entries, moved up and left by ``nudge``."""
    x, y = at
    height, width = np.shape(array)
    artists: list[Artist] = []
    for (row, col), value in np.ndenumerate(array):
        cell = (x + col, y + row)
        artists.append(ax.add_patch(Rectangle(cell, 1, 1, fc="none", ec=COLOURS["line"], lw=1)))
        corner = (cell[0] - nudge, cell[1] - nudge)
        artists.append(draw_entry(ax, value, corner, role=role, size=size))
    frame = Rectangle((x, y), width, height, fc="none", ec=COLOURS["muted"], lw=1.2)
    artists.append(ax.add_patch(frame))
    if title:
        artists.append(draw_title(ax, title, x + width / 2, y, role))
    return artists


def draw_entry(
    ax: Axes, value: Any, cell: tuple[float, float], *, role: str = "ink", size: float = 15
) -> Artist:
    """Write one entry at the centre of the cell whose top left corner is given."""
    x, y = cell
    text = entry_text(value)
    font_size = size if "$" in text else size * min(1, 3 / max(len(text), 1))
    centre = (x + 0.5, y + 0.5)
    return ax.text(*centre, text, size=font_size, color=COLOURS[role], ha="center", va="center")


def draw_title(ax: Axes, title: str, x: float, y: float, role: str) -> Artist:
    """Write the title of a grid, centred at ``x`` above ``y``."""
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
    """Mark the window that spans the given rows and columns."""
    x, y = at
    corner = (x + cols[0], y + rows[0])
    width, height = cols[-1] - cols[0] + 1, rows[-1] - rows[0] + 1
    colour = COLOURS[role]
    shapes = [Rectangle(corner, width, height, fc=colour, alpha=0.16, lw=0)] if tint else []
    if line:
        shapes.append(Rectangle(corner, width, height, fc="none", ec=colour, lw=line))
    return [ax.add_patch(shape) for shape in shapes]


def draw_step(ax: Axes, trace: Trace, step: Step) -> list[Artist]:
    """Draw input, kernel and output side by side, with window and output entry of a step marked."""
    positions = layout(trace)
    artists = draw_grid(ax, trace.input, at=positions["input"], role="input", title="input X")
    if trace.weight is not None:
        at = positions["kernel"]
        artists += draw_grid(ax, trace.weight, at=at, role="kernel", title="kernel K")
    artists += draw_grid(ax, trace.output, at=positions["output"], role="output", title="output Y")
    row, col = step.index
    artists += draw_window(ax, step.rows, step.cols, at=positions["input"])
    artists += draw_window(ax, (row,), (col,), at=positions["output"], role="output")
    return artists


def draw_pooling(ax: Axes, trace: Trace) -> list[Artist]:
    """Draw the input of a pooling with its windows and their selected entries, and the output."""
    positions = layout(trace)
    (x, y), corner = positions["input"], positions["output"]
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
    """Shade the last rows and columns that no window covers, and return their indices."""
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
    """Return the positions of input, kernel and output side by side, and the total ``"size"``."""
    parts = {"input": trace.input.shape, "output": trace.output.shape}
    if trace.weight is not None:
        parts = {"input": trace.input.shape, "kernel": trace.weight.shape, **parts}
    max_height = max(height for height, _ in parts.values())
    positions, x = {}, 0.1
    for name, (height, width) in parts.items():
        positions[name] = (x, top + (max_height - height) / 2)
        x += width + gap
    positions["size"] = (x - gap + 0.1, top + max_height + 0.1)
    return positions


def draw_maps(
    ax: Axes, maps: Array, *, box: tuple[float, float, float, float], columns: int, limit: float = 0
) -> list[Artist]:
    """Draw feature maps as a mosaic: positive values red, negative blue, zero transparent.

    Parameters
    ----------
    ax : Axes
        The axes to draw into.
    maps : ndarray, shape (C, H, W)
        The maps. All use the same colour scale, so that they can be compared.
    box : (x, y, width, height)
        Position and size of the mosaic, in the units of ``ax``.
    columns : int
        The number of maps per row.
    limit : float
        The magnitude with full opacity; if 0, the largest one in the maps.
    """
    x, y, width, height = box
    limit = limit or float(np.abs(maps).max()) or 1.0
    rows = -(-len(maps) // columns)
    gap = 0.03 * width
    map_width, map_height = (
        (width - gap * (columns - 1)) / columns,
        (height - gap * (rows - 1)) / rows,
    )
    artists: list[Artist] = []
    for number, values in enumerate(maps):
        row, column = divmod(number, columns)
        left, top = x + column * (map_width + gap), y + row * (map_height + gap)
        extent = (left, left + map_width, top + map_height, top)
        artists.append(ax.imshow(signed_colours(values / limit), extent=extent, aspect="auto"))
        frame = Rectangle(
            (left, top), map_width, map_height, fc="none", ec=COLOURS["muted"], lw=0.8
        )
        artists.append(ax.add_patch(frame))
    return artists


def draw_photo(ax: Axes, image: Array, *, box: tuple[float, float, float, float]) -> list[Artist]:
    """Draw a greyscale image of shape (H, W), from black (minimum) to white (maximum)."""
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
    """Draw fractions from 0 to 1 as bars, with a label above each bar and its value beside it."""
    x, y, width, height = box
    step = height / len(values)
    artists: list[Artist] = []
    for number, (value, label) in enumerate(zip(values, labels, strict=True)):
        top = y + number * step
        length = 0.66 * width * float(value)
        artists += [
            ax.text(x, top + 0.3 * step, label, size=size, va="center"),
            ax.add_patch(
                Rectangle((x, top + 0.52 * step), length, 0.26 * step, fc=COLOURS["output"])
            ),
            ax.text(
                *(x + length + 0.03 * width, top + 0.65 * step),
                f"{value:.0%}",
                size=size,
                color=COLOURS["output"],
                va="center",
            ),
        ]
    return artists


def signed_colours(values: Array) -> Array:
    """Map values from -1 to 1 to colours: the sign decides the hue, the magnitude the opacity.

    Returns
    -------
    ndarray of uint8, shape (H, W, 4)
        Red, green, blue and alpha.
    """
    values = np.clip(values, -1, 1)[..., np.newaxis]  # (H, W, 1)
    colour = np.where(values < 0, NEGATIVE, POSITIVE)  # (H, W, 3)
    return np.round(255 * np.concatenate([colour, np.abs(values)], axis=-1)).astype(np.uint8)
