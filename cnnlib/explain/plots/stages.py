"""What the stages of a network give, side by side: an image, maps and scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnlib.explain.lettering import text_width
from cnnlib.explain.plots.images import (
    MAP,
    draw_frame,
    draw_image,
    draw_maps,
    draw_photograph,
    signed_colours,
)
from cnnlib.explain.plots.style import COLOURS, canvas, draw_text, style
from cnnlib.explain.text import entry_text
from cnnlib.shapes import Array


def stages_figure(
    stages: Sequence[tuple[str, Array, Sequence[str]]],
    limit: float,
    framed: tuple[slice, slice] | None,
    *,
    in_row: int | None = None,
    of: Sequence[int] = (),
) -> Figure:
    """Draw what the stages of a network give, with arrows from each to the next.

    Parameters
    ----------
    stages : sequence of (str, ndarray, sequence of str)
        By title an image (1, H, W) first, maps (C, H, W), scores (classes,), with the names of
        the maps or classes.
    limit : float
        The value of full colour, the same in all maps.
    framed : (slice, slice) or None
        The rows and columns of the image to put a frame around.
    in_row : int, optional
        How many stages stand side by side; by default all, in one strip.
    of : sequence of int, optional
        How many maps each stage has, if only some of them are shown.
    """
    lines = 2 if any(stage.ndim > 1 and len(stage) > 2 for _, stage, _ in stages) else 1
    in_row = in_row or len(stages)
    in_rows = in_row < len(stages)
    side = 62.0 if lines > 1 or in_rows else 100.0
    inner, gap, head, top, foot = 22.0, 22.0, 19.0, 42.0, 34.0
    pitch = side + head + 6  # from a map to the one below it
    wide, body = 2 * side + inner, side + head + (lines - 1) * pitch
    widths = [_stage_width(stage, wide, side if lines == 1 else wide) for _, stage, _ in stages]
    widths[0] = body - head
    corners = _stage_corners(widths, in_row, gap, top + body + 16)
    right = max(left + width for (left, _), width in zip(corners, widths, strict=True)) + 1
    right = max(right + 8, 330.0) if in_rows else right  # names are wider than maps
    bottom = corners[-1][1] + top + body
    with style():
        fig, ax = canvas(right, bottom + (2 * foot if in_rows else foot))
        for number, (title, stage, names) in enumerate(stages):
            (left, above), width = corners[number], widths[number]
            total = of[number] if of else len(stage)
            size = _stage_size(stage, number > 0, total) if stage.ndim > 1 else ""
            _draw_heading(ax, title, size, (left, above), width)
            first = above + top + head
            if stage.ndim == 1:
                draw_bars(ax, stage, names, box=(left, first, width, body - head))
            elif number == 0:
                box = (left, first, width, width)
                draw_photograph(ax, stage[0], box=box)
                if framed:
                    draw_frame(ax, stage[0].shape, framed, box)
            else:
                for place, (name, values) in enumerate(zip(names, stage, strict=True)):
                    line, column = divmod(place, 2)
                    box = (left + column * (side + inner), first + line * pitch, side, side)
                    _draw_map(ax, name, values, box, limit)
            if number > 0:
                # Beside the upper maps: halfway down stand the names of the lower ones.
                height = first + side / 2
                draw_arrow(ax, (left - gap + 5, height), (left - 5, height))
        _draw_scale(ax, limit, (corners[1][0] + 30, bottom + 12), right - 1, below=in_rows)
    return fig


def _draw_heading(
    ax: Axes, title: str, size: str, corner: tuple[float, float], width: float
) -> None:
    """Write the title of a stage, and the size of maps below it."""
    left, above = corner
    # A title stands over the middle of maps, and where the names of bars begin.
    middle, anchor = (left + width / 2, "center") if size else (left, "left")
    draw_text(ax, middle, above + 14, title, 15, "ink", anchor)
    if size:
        draw_text(ax, middle, above + 31, size, 13.5, "muted")


def _draw_map(
    ax: Axes, name: str, values: Array, box: tuple[float, float, float, float], limit: float
) -> None:
    """Draw one map below its name."""
    draw_text(ax, box[0] + box[2] / 2, box[1] - 5, name, 13.5, "ink")
    draw_maps(ax, values[None], box=box, columns=1, limit=limit)


def _stage_corners(
    widths: Sequence[float], in_row: int, gap: float, pitch: float
) -> list[tuple[float, float]]:
    """Return the top left corner of each stage; in several rows, they stand in columns."""
    if in_row >= len(widths):
        return [(1 + sum(widths[:n]) + gap * n, 0.0) for n in range(len(widths))]
    # On the left is room for the arrow to the first stage of a row.
    column = max(widths) + gap
    return [(1 + gap + n % in_row * column, n // in_row * pitch) for n in range(len(widths))]


def _stage_width(stage: Array, wide: float, single: float) -> float:
    """Return the room for a stage: `wide` for maps side by side, `single` for one map alone."""
    if stage.ndim == 1:
        return 0.8 * wide
    return single if len(stage) == 1 else wide


def _stage_size(stage: Array, of_maps: bool, total: int) -> str:
    """Write how large what a stage gives is, and of maps how many there are, in all and shown."""
    size = f"{stage.shape[1]} × {stage.shape[2]}"
    many = f"{len(stage)} maps" if len(stage) > 1 else "1 map"
    if len(stage) < total:
        many = f"{len(stage)} of {total} maps"
    return f"{many}, {size}" if of_maps else size


def _draw_scale(
    ax: Axes, limit: float, corner: tuple[float, float], end: float, *, below: bool
) -> None:
    """Draw the scale of all maps, with the values at its ends, further left if it has no room.

    The words stand beside it, or on a narrow drawing partly below.
    """
    begin, words = "one scale for all maps", "green is positive, purple negative, clear at zero"
    width, height, left = 96.0, 12.0, 30.0
    room = end - width - 30  # for where the scale begins, and for its words
    beside = begin if below else f"{begin}: {words}"
    if not below and left + 13.5 * text_width(beside) > room:
        beside = "green is positive, purple negative"
    x, y = min(corner[0], room - 13.5 * text_width(beside)), corner[1]
    if below:
        x = left
        draw_text(ax, 1, y + 35, words, 13.5, "muted", "left")
    bar = signed_colours(np.linspace(-1, 1, 41)[np.newaxis])
    draw_image(ax, bar, (x, y, width, height))[0].set_gid(f"{MAP}-scale")
    draw_text(ax, x - 6, y + 11, entry_text(-limit), 13.5, "muted", "right")
    draw_text(ax, x + width + 6, y + 11, entry_text(limit), 13.5, "muted", "left")
    draw_text(ax, x + width + 30, y + 11, beside, 13.5, "muted", "left")


def draw_bars(
    ax: Axes, values: Array, labels: Sequence[str], *, box: tuple[float, float, float, float]
) -> list[Artist]:
    """Draw shares between 0 and 1 as bars, each with its label above and its value behind it."""
    x, y, width, height = box
    step = height / len(values)
    shares = zip(values, percentages(values), labels, strict=True)
    artists: list[Artist] = []
    for number, (value, percentage, label) in enumerate(shares):
        top, long = y + number * step, 0.66 * width * float(value)
        bar = Rectangle((x, top + 0.5 * step), long, 0.26 * step, fc=COLOURS["output"], lw=0)
        artists += [
            draw_text(ax, x, top + 0.32 * step, label, 13.5, "ink", "left"),
            ax.add_patch(bar),
            draw_text(
                ax, x + long + 6, top + 0.76 * step, f"{percentage}%", 13.5, "output", "left"
            ),
        ]
    return artists


def percentages(shares: Array) -> list[int]:
    """Round shares of a whole to percentages that add up as the shares do.

    Those with the largest remainders are rounded up.

    Examples
    --------
    >>> percentages(np.array([0.234, 0.323, 0.443]))
    [24, 32, 44]
    """
    exact = 100 * np.asarray(shares, dtype=float)
    rounded = np.floor(exact).astype(int)
    missing = round(float(exact.sum())) - rounded.sum()
    rounded[np.argsort(rounded - exact, kind="stable")[:missing]] += 1
    return [int(number) for number in rounded]


def draw_arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> Artist:
    """Draw a small arrow from one point to another."""
    shape = {"arrowstyle": "-|>", "color": COLOURS["muted"], "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
    return ax.annotate("", xy=end, xytext=start, arrowprops=shape)
