"""Figures with Matplotlib: scenes, photographs, maps, bars and curves.

The only module that imports Matplotlib. Lengths are in pixels, 96 to an inch, counted from the top
left corner; nothing here leaves a global setting changed.
"""

from __future__ import annotations

import base64
import io
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from importlib.resources import as_file, files
from typing import Any

import numpy as np

from cnnlib.explain.lettering import INDEX_DROP, INDEX_SIZE, text_width
from cnnlib.explain.marks import Label, Rect, Scene
from cnnlib.explain.palette import NEGATIVE, PALETTE, POSITIVE
from cnnlib.explain.svg import FONT, colour_rules, embed_font
from cnnlib.explain.text import entry_text
from cnnlib.explain.webp import SMALL, webp_uri
from cnnlib.shapes import Array

try:
    from matplotlib import font_manager
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import ConnectionPatch, Rectangle
    from matplotlib.style import context
    from matplotlib.text import Text
    from matplotlib.transforms import offset_copy
except ModuleNotFoundError as error:
    if error.name != "matplotlib":
        raise
    raise ModuleNotFoundError(
        "cnnlib draws with Matplotlib, which is not installed: pip install 'cnnlib[draw]'",
        name="matplotlib",
    ) from error


COLOURS = {name: light for name, (light, _) in PALETTE.items()}
PIXELS = 96  # in an inch
POINT = 72 / PIXELS  # points in a pixel
# Images that may be compressed: an author says so by drawing them as photographs. Where single
# pixels can be seen, they stay as they are.
PHOTOGRAPH = "photograph"
# Maps of signed values shine more on a dark page, where their clear parts are dark.
MAP, SHINE = "map", "brightness(1.35)"

_FAMILY = [FONT, "DejaVu Serif"]
_STYLE = {
    # Text stays text; `embed_font` gives the file the letters that it needs.
    "svg.fonttype": "none",
    "svg.hashsalt": "cnnlib",
    "font.family": _FAMILY,
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


# Of these, figures that authors begin without `style` take the colours; and some more.
_DEFAULTS = {key: value for key, value in _STYLE.items() if "color" in key} | {
    "grid.color": COLOURS["line"],
    "hatch.color": COLOURS["ink"],
    "legend.edgecolor": COLOURS["line"],
    "legend.facecolor": COLOURS["paper"],
    "legend.framealpha": 1,
    "patch.edgecolor": COLOURS["ink"],
}
_CYCLE = ("input", "kernel", "output", "minus", "muted", "ink")


def settings() -> str:
    r"""Return the text of a ``matplotlibrc`` with which figures follow light and dark.

    Examples
    --------
    >>> print(*settings().splitlines()[:2], sep="\n")
    text.color: "#1f2328"
    axes.labelcolor: "#1f2328"
    """
    lines = [f'{key}: "{value}"' for key, value in _DEFAULTS.items()]
    cycle = [COLOURS[name].removeprefix("#") for name in _CYCLE]
    return "\n".join([*lines, f"axes.prop_cycle: cycler('color', {cycle})"]) + "\n"


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the blog, inside a ``with`` block and nowhere else."""
    _add_font()
    with context(_STYLE):
        yield


@cache
def _add_font() -> None:
    """Let Matplotlib measure and write with the font that figures are shown in."""
    with as_file(files("cnnlib.explain") / "fonts" / "serif.ttf") as path:
        font_manager.fontManager.addfont(path)


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Make a bare figure of a size in pixels, with axes that count in pixels, downwards."""
    fig = Figure(figsize=(width / PIXELS, height / PIXELS))
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_axis_off()
    return fig, ax


def draw_scene(ax: Axes, scene: Scene, *, at: tuple[float, float] = (0, 0)) -> list[Artist]:
    """Draw a scene into axes that count in pixels, as those of `canvas` do.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    scene : Scene
        What to draw; of an animation, choose a moment with `Scene.still`.
    at : (float, float)
        Where the scene's top left corner goes.
    """
    artists: list[Artist] = []
    for shape in scene.shapes:
        drawn = _draw_rect(ax, shape, at) if isinstance(shape, Rect) else _draw_label(ax, shape, at)
        artists += drawn
    return artists


# How each kind of rectangle is outlined: the colour (None for its own), the width, the dashes.
_OUTLINES: dict[str, tuple[str | None, float, tuple[float, ...] | None]] = {
    "cell": ("line", 1.0, None),
    "padding": ("muted", 1.0, (3, 2)),
    "trimmed": ("muted", 1.0, (2, 3)),
    "missed": (None, 1.0, (3, 2)),
    "read": (None, 0.35, None),
    "window": (None, 2.5, None),
    "result": (None, 2.5, None),
    "place": (None, 2.5, None),
}


def _draw_rect(ax: Axes, rect: Rect, at: tuple[float, float]) -> list[Artist]:
    corner, size = (at[0] + rect.x, at[1] + rect.y), (rect.width, rect.height)
    patches = []
    if rect.level:
        patches.append(
            Rectangle(corner, *size, fc=COLOURS[rect.role], alpha=round(rect.level, 3), lw=0)
        )
    if rect.kind in _OUTLINES:
        name, width, dashes = _OUTLINES[rect.kind]
        line = (0, dashes) if dashes else "solid"
        edge = COLOURS[name or rect.role]
        patches.append(Rectangle(corner, *size, fc="none", ec=edge, lw=width * POINT, ls=line))
    for patch in patches:
        patch.set_gid(f"{rect.kind}-{len(ax.patches)}")
        ax.add_patch(patch)
    return list(patches)


def _draw_label(ax: Axes, label: Label, at: tuple[float, float]) -> list[Artist]:
    left, artists = label.left, []
    for part, is_index in label.runs:
        size = label.size * (INDEX_SIZE if is_index else 1.0)
        baseline = label.y + (label.size * INDEX_DROP if is_index else 0.0)
        text = ax.text(
            at[0] + left,
            at[1] + baseline,
            part,
            size=size * POINT,
            color=COLOURS[label.role],
            ha="left",
            va="baseline",
            parse_math=False,
        )
        text.set_gid(f"{label.kind}-{len(ax.texts)}")
        artists.append(text)
        left += size * text_width(part)
    return list(artists)


def images_figure(
    images: Mapping[str, Array],
    signed: Collection[str],
    columns: int,
    framed: Mapping[str, tuple[slice, slice]] | None = None,
    *,
    width: float = 396.0,
) -> Figure:
    """Draw images side by side, each below its name.

    Parameters
    ----------
    images : mapping of str to ndarray, shape (H, W) or (H, W, 3)
        Photographs, or, if named in `signed`, maps of signed values.
    signed : collection of str
        Which of them are maps.
    columns : int
        How many stand in a row.
    framed : mapping of str to (slice, slice), optional
        By the name of an image, the rows and columns to put a frame around.
    width : float
        The width of a row, in pixels: that of a phone, so that letters stay readable there.
    """
    head, gap = 26.0, 16.0
    side = (width - 2 - gap * (columns - 1)) / columns
    columns = min(columns, len(images))
    heights = [side * image.shape[0] / image.shape[1] for image in images.values()]
    rows = [heights[n : n + columns] for n in range(0, len(heights), columns)]
    width = columns * side + (columns - 1) * gap + 2
    with style():
        fig, ax = canvas(width, sum(max(row) + head for row in rows) + gap * (len(rows) - 1) + 2)
        y = 0.0
        names = iter(images)
        for row in rows:
            for number, height in enumerate(row):
                name = next(names)
                box = (1 + number * (side + gap), y + head, side, height)
                _draw_name(ax, name, box)
                if name in signed:
                    draw_maps(ax, images[name][np.newaxis], box=box, columns=1)
                else:
                    draw_photograph(ax, images[name], box=box)
                if framed and name in framed:
                    _draw_frame(ax, images[name].shape, framed[name], box)
            y += max(row) + head + gap
    return fig


def patches_figure(
    strips: Mapping[str, Sequence[Array]],
    kernels: Sequence[Array],
    *,
    width: float,
    columns: int = 2,
) -> Figure:
    """Draw strips of patches in columns, each after its name and its kernel, if there is one.

    Parameters
    ----------
    strips : mapping of str to sequence of ndarray, shape (H, H)
        By the name of each strip its patches: greys, of which 1 is white.
    kernels : sequence of ndarray, shape (kh, kh)
        For each strip a map of signed values; or none.
    width : float
        The width of the whole, in pixels.
    columns : int
        How many columns there are, the first one filled first.
    """
    between, gap, name_width = 24.0, 4.0, 24.0
    after_kernel = 10.0 if len(kernels) else 0.0
    count = max(map(len, strips.values())) + bool(len(kernels))
    pitch = (width - 2 + between) / columns
    side = pitch - between - name_width - after_kernel - gap * (count - 1)
    side /= count
    step = side + 2.2 * gap
    lines = -(-len(strips) // columns)
    limit = max((float(np.abs(kernel).max()) for kernel in kernels), default=1.0)
    with style():
        fig, ax = canvas(width, lines * step - 2.2 * gap + 2)
        for number, (name, patches) in enumerate(strips.items()):
            column, line = divmod(number, lines)
            x, y = 1 + column * pitch, 1 + line * step
            _text(ax, x, y + side / 2 + 5, name, 15, "ink", "left")
            x += name_width
            if len(kernels):
                box = (x, y, side, side)
                draw_maps(ax, kernels[number][np.newaxis], box=box, columns=1, limit=limit)
                x += side + gap + after_kernel
            for patch in patches:
                grey = np.repeat(patch[..., np.newaxis], 3, axis=-1)  # not by its own range
                draw_photograph(ax, grey, box=(x, y, side, side))
                x += side + gap
    return fig


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
            # A title stands over the middle of maps, and where the names of bars begin.
            middle, anchor = (left, "left") if stage.ndim == 1 else (left + width / 2, "center")
            _text(ax, middle, above + 14, title, 15, "ink", anchor)
            if stage.ndim > 1:
                size = _stage_size(stage, number > 0, of[number] if of else len(stage))
                _text(ax, middle, above + 31, size, 13.5, "muted")
            first = above + top + head
            if stage.ndim == 1:
                draw_bars(ax, stage, names, box=(left, first, width, body - head))
            elif number == 0:
                box = (left, first, width, width)
                draw_photograph(ax, stage[0], box=box)
                if framed:
                    _draw_frame(ax, stage[0].shape, framed, box)
            else:
                for place, (name, values) in enumerate(zip(names, stage, strict=True)):
                    line, column = divmod(place, 2)
                    x, y = left + column * (side + inner), first + line * pitch
                    _text(ax, x + side / 2, y - 5, name, 13.5, "ink")
                    draw_maps(ax, values[None], box=(x, y, side, side), columns=1, limit=limit)
            if number > 0:
                # Beside the upper maps: halfway down stand the names of the lower ones.
                height = first + side / 2
                draw_arrow(ax, (left - gap + 5, height), (left - 5, height))
        _draw_scale(ax, limit, (corners[1][0] + 30, bottom + 12), right - 1, below=in_rows)
    return fig


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
        _text(ax, 1, y + 35, words, 13.5, "muted", "left")
    bar = signed_colours(np.linspace(-1, 1, 41)[np.newaxis])
    _draw_image(ax, bar, (x, y, width, height))[0].set_gid(f"{MAP}-scale")
    _text(ax, x - 6, y + 11, entry_text(-limit), 13.5, "muted", "right")
    _text(ax, x + width + 6, y + 11, entry_text(limit), 13.5, "muted", "left")
    _text(ax, x + width + 30, y + 11, beside, 13.5, "muted", "left")


def _draw_frame(
    ax: Axes,
    shape: Sequence[int],
    framed: tuple[slice, slice],
    box: tuple[float, float, float, float],
) -> None:
    """Put a frame around a piece of a photograph, in a colour that stands out from black."""
    (top, bottom, _), (left, right, _) = (
        piece.indices(length) for piece, length in zip(framed, shape[:2], strict=True)
    )
    x, y, width, height = box
    down, across = height / shape[0], width / shape[1]
    corner = x + left * across, y + top * down
    size = (right - left) * across, (bottom - top) * down
    ax.add_patch(Rectangle(corner, *size, fc="none", ec=PALETTE["kernel"][1], lw=2 * POINT))


def draw_maps(
    ax: Axes, maps: Array, *, box: tuple[float, float, float, float], columns: int, limit: float = 0
) -> list[Artist]:
    """Draw feature maps as a mosaic in a box, positive green, negative purple, zero clear.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
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
    empty = lines * columns - len(maps)
    # (C, H, W) -> (lines, columns, H, W) -> (lines, H, columns, W) -> one image of all maps
    grid = np.pad(maps, ((0, empty), (0, 0), (0, 0))).reshape(lines, columns, *maps.shape[1:])
    mosaic = grid.swapaxes(1, 2).reshape(lines * maps.shape[1], columns * maps.shape[2])
    artists = _draw_image(ax, signed_colours(mosaic / limit), box)
    artists[0].set_gid(f"{MAP}-{len(ax.images)}")
    edges: dict[str, Any] = {"color": COLOURS["muted"], "lw": POINT}
    for column in range(1, columns):
        artists += ax.plot([x + width * column / columns] * 2, [y, y + height], **edges)
    for line in range(1, lines):
        artists += ax.plot([x, x + width], [y + height * line / lines] * 2, **edges)
    return artists


def draw_photograph(
    ax: Axes, image: Array, *, box: tuple[float, float, float, float]
) -> list[Artist]:
    """Draw a photograph: grey (H, W), from black to white by its own range, or colour (H, W, 3).

    A file keeps it compressed; draw what must keep its exact colours with `imshow`.
    """
    artists = _draw_image(ax, image, box, cmap="gray" if image.ndim == 2 else None)
    artists[0].set_gid(f"{PHOTOGRAPH}-{len(ax.images)}")
    return artists


def _draw_image(
    ax: Axes, image: Array, box: tuple[float, float, float, float], cmap: str | None = None
) -> list[Artist]:
    """Draw an image that fills a box, with a hairline around it."""
    x, y, width, height = box
    extent = (x, x + width, y + height, y)
    shown = ax.imshow(image, cmap=cmap, extent=extent, aspect="auto")
    frame = Rectangle((x, y), width, height, fc="none", ec=COLOURS["muted"], lw=POINT)
    return [shown, ax.add_patch(frame)]


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
            _text(ax, x, top + 0.32 * step, label, 13.5, "ink", "left"),
            ax.add_patch(bar),
            _text(ax, x + long + 6, top + 0.76 * step, f"{percentage}%", 13.5, "output", "left"),
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


def curve_figure(x: Array, y: Array) -> Figure:
    """Draw one curve with its axes."""
    with style():
        fig = _chart(400, 200)
        ax = fig.add_axes((0.09, 0.13, 0.88, 0.82))
        ax.axhline(0, color=COLOURS["line"], lw=1)
        ax.axvline(0, color=COLOURS["line"], lw=1)
        ax.plot(x, y, color=COLOURS["output"], lw=2.2)
        _bare(ax)
    return fig


def lines_figure(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    x: Sequence[float],
    across: str,
    strong: str,
    dashed: Collection[str],
    up: str = "",
    logarithmic: bool = True,
) -> Figure:
    """Draw lines in panels, each with its name at its end.

    Lines without names have their last values there; their panels are lower, as wide as a phone,
    and name the axis of `x` once.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        By the title of each panel its lines, by their names.
    x : sequence of float
        The places of the values.
    across, strong, dashed, up, logarithmic
        The name of the axis of `x`; the line in a colour of its own; the limits; the name of the
        other axis; and whether both axes are logarithmic, or linear from 0.
    """
    named = any(name for lines in panels.values() for name in lines)
    width, height = (370, 300) if named else (396, 210)
    with style():
        fig = _chart(width, height * len(panels))
        axes = fig.subplots(len(panels), squeeze=False)[:, 0]
        for ax, (title, lines) in zip(axes, panels.items(), strict=True):
            markers = iter("s^Dvx*<>ph")
            for name, line in lines.items():
                role = "kernel" if name == strong else "input" if name in dashed else "muted"
                ax.plot(
                    x, line, color=COLOURS[role], lw=2.4 if name == strong else 1, ms=5,
                    marker="" if name in dashed else "o" if name == strong else next(markers),
                    ls="--" if name in dashed else "-",
                )  # fmt: skip
            if logarithmic:
                ax.loglog()
            else:
                ax.set_ylim(bottom=0)
            ends = {name or f"{line[-1]:.2g}": line for name, line in lines.items()}
            _name_lines(ax, ends, x[-1], {strong: "kernel"} | dict.fromkeys(dashed, "input"))
            # A panel without a title has the name of its upright axis there.
            colour = COLOURS["ink" if title else "muted"]
            ax.set_title(title or up, size=_LETTERS, x=-0.16, loc="left", color=colour)
            if named or ax is axes[-1]:
                ax.set_xlabel(across, size=_LETTERS, color=COLOURS["muted"])
            ticks = _tick_places(x)
            ax.set_xticks(ticks, [f"{place:g}" for place in ticks])
            ax.yaxis.set_major_formatter("{x:g}")
            ax.minorticks_off()
            _bare(ax)
        edge = 12 / (height * len(panels))
        right, hspace = (0.63, 0.36) if named else (0.87, 0.4)
        fig.subplots_adjust(
            left=0.13, right=right, top=1 - 2 * edge, bottom=4.5 * edge, hspace=hspace
        )
    return fig


def _tick_places(x: Sequence[float]) -> Sequence[float]:
    """Choose the places that get a number: all, or of more than ten the ends and round numbers."""
    if len(x) <= 10:
        return x
    step = next(step for step in (2, 5, 10, 20, 50, 100, 200) if len(x) <= 5 * step)
    return [x[0], *(place for place in x[1:-1] if place % step == 0), x[-1]]


def _name_lines(
    ax: Axes, lines: Mapping[str, Sequence[float]], x: float, roles: Mapping[str, str]
) -> None:
    """Write the name of each line at its end; one that makes room for others gets a leader."""
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(np.array(ax.get_ylim()))
    apart, below, above = 0.082 * (high - low), -np.inf, high + 0.082 * (high - low)
    ends = {name: line[-1] for name, line in lines.items() if np.isfinite(line[-1])}
    places = {}
    for name, end in sorted(ends.items(), key=lambda item: item[1]):
        places[name] = below = max(scale.transform(np.array([end])).item(), below + apart)
    for name, end in sorted(ends.items(), key=lambda item: -places[item[0]]):
        above = min(places[name], above - apart)  # none stands above the axis
        place = scale.inverted().transform(np.array([above])).item()
        ax.annotate(
            name, (x, place), xytext=(16, 0), textcoords="offset points", va="center",
            size=_LETTERS, annotation_clip=False,
            color=COLOURS[roles.get(name, "ink")],
        )  # fmt: skip
        ends_at = offset_copy(ax.transData, ax.get_figure(root=True), 13, units="points")
        leader = ConnectionPatch(
            (x, end), (x, place), ax.transData, ends_at, shrinkA=4, lw=0.8, color=COLOURS["muted"]
        )
        ax.add_artist(leader)


def contours_figure(
    function: Callable[[Array, Array], Array],
    paths: Mapping[str, Sequence[tuple[float, float]]],
    x: tuple[float, float],
    y: tuple[float, float],
    across: str,
    up: str,
    strong: str,
) -> Figure:
    """Draw a function of two numbers from above, the larger the darker, and paths in it.

    Parameters
    ----------
    function : callable
        It takes and returns arrays of equal shape.
    paths : mapping of str to sequence of (float, float)
        By their names, the points of each path.
    x, y : (float, float)
        Where the axes begin and end.
    across, up, strong : str
        The names of the axes, and of the path in a colour of its own.
    """
    columns, rows = np.meshgrid(np.linspace(*x, 49), np.linspace(*y, 49))
    values = function(columns, rows)
    # In a bowl, lines at squares are evenly apart.
    count = 12
    low, high = float(values.min()), float(values.max())
    levels = low + (high - low) * (np.arange(count + 1) / count) ** 2
    shades = [(COLOURS["input"], 0.4 * n / count) for n in range(count)]
    with style():
        fig = _chart(370, 340)
        ax = fig.add_axes((0.13, 0.17, 0.85, 0.74))
        ax.contourf(columns, rows, values, levels, colors=shades)
        ax.contour(columns, rows, values, levels[1:-1], colors=COLOURS["input"], linewidths=0.6)
        for name, points in paths.items():
            role = "kernel" if name == strong else "muted"
            along, upwards = zip(*points, strict=True)
            colour = COLOURS[role]
            ax.plot(along, upwards, "-o", color=colour, lw=1.6, ms=4, clip_on=False)
            # A name has room towards the middle, and a ground of its own: lines would cross it.
            right = along[0] > sum(x) / 2
            ground = {"boxstyle": "round,pad=0.2", "fc": COLOURS["paper"], "ec": "none"}
            ax.annotate(
                name, points[0], xytext=(-6 if right else 6, 9), textcoords="offset points",
                ha="right" if right else "left", size=_LETTERS, color=colour, bbox=ground,
            )  # fmt: skip
        ax.set_title(up, size=_LETTERS, x=-0.1, loc="left", color=COLOURS["muted"])
        ax.set_xlabel(across, size=_LETTERS, color=COLOURS["muted"])
        ax.locator_params(integer=True)
        _bare(ax)
    return fig


def dots_figure(
    groups: Mapping[str, Mapping[str, Sequence[float]]],
    rings: Mapping[str, Sequence[float]],
    mark: float | None,
    sides: tuple[str, str] = ("", ""),
    limit: float | None = None,
    beside: Collection[str] = (),
) -> Figure:
    """Draw values as dots, one line for each name, under the headings of groups.

    Parameters
    ----------
    groups : mapping of str to mapping of str to sequence of float
        By the heading of each group its names, with their values.
    rings : mapping of str to sequence of float
        Further values by name, drawn as rings.
    mark : float or None
        A value to compare with.
    sides : (str, str)
        What values below and above it mean.
    limit : float, optional
        The end of the axis.
    beside : collection of str
        Further names for which to leave room.
    """
    lines = [
        line
        for heading, names in groups.items()
        for line in ([heading] if heading else []) + [*names.items()]
    ]
    with style():
        pitch, top = 21, 50 if any(sides) else 26
        height = pitch * len(lines) + top + 4
        fig = _chart(370, height)
        names = [line if isinstance(line, str) else line[0] for line in lines]
        widest = max(map(text_width, [*names, *beside]))
        left = (widest * _LETTERS / POINT + 18) / 370
        ax = fig.add_axes((left, 4 / height, 0.97 - left, 1 - (top + 4) / height))
        along = ax.get_yaxis_transform()
        for row, line in enumerate(lines):
            name, values = (line, ()) if isinstance(line, str) else line
            text = ax.text(
                -0.03, row, name, transform=along, ha="right", va="center", size=_LETTERS
            )
            if isinstance(line, str):
                text.set_color(COLOURS["output"])
                continue
            ax.axhline(row, color=COLOURS["line"], lw=0.8, zorder=0)
            for value, face in [(v, "paper") for v in rings.get(name, ())] + [
                (v, "output") for v in values
            ]:
                edge = COLOURS["output"]
                ax.plot(value, row, "o", ms=6, mec=edge, mfc=COLOURS[face], mew=1.5)
        if mark is not None:
            ax.axvline(mark, color=COLOURS["kernel"], lw=1.5, zorder=0)
        low, high = ax.get_xlim()
        ax.set_xlim(min(low, 0), max(high, 0) if limit is None else limit)
        if ax.get_xlim()[1] >= 2:
            ax.locator_params(axis="x", integer=True)
        above = ax.get_xaxis_transform()
        for side, place, align in zip(sides, (-6, 6), ("right", "left"), strict=True):
            if mark is not None and side:
                words = f"← {side}" if align == "right" else f"{side} →"
                ax.annotate(
                    words, (mark, 1), xycoords=above, xytext=(place, 26),
                    textcoords="offset points", ha=align, size=_LETTERS, color=COLOURS["muted"],
                )  # fmt: skip
        ax.set_ylim(len(lines) - 0.4, -0.6)
        ax.set_yticks([])
        ax.grid(axis="x", color=COLOURS["line"], lw=0.8)
        ax.set_axisbelow(True)
        ax.tick_params(labelsize=_LETTERS, length=0, labeltop=True, labelbottom=False)
        ax.spines[:].set_visible(False)
    return fig


_LETTERS = 13.5 * POINT


def _chart(width: float, height: float) -> Figure:
    """Make a figure for a chart, its size in pixels."""
    return Figure(figsize=(width / PIXELS, height / PIXELS))


def _bare(ax: Axes) -> None:
    """Leave only the axes to the left and below."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=_LETTERS)


def draw_arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> Artist:
    """Draw a small arrow from one point to another."""
    shape = {"arrowstyle": "-|>", "color": COLOURS["muted"], "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
    return ax.annotate("", xy=end, xytext=start, arrowprops=shape)


def _draw_name(ax: Axes, name: str, box: tuple[float, float, float, float]) -> Artist:
    """Write a name above a box."""
    return _text(ax, box[0] + box[2] / 2, box[1] - 9, name, 15, "ink")


def _text(
    ax: Axes, x: float, y: float, text: str, size: float, role: str, anchor: str = "center"
) -> Artist:
    """Write a text with its baseline at a point; its size is in pixels."""
    return ax.text(x, y, text, size=size * POINT, color=COLOURS[role], ha=anchor, va="baseline")


def signed_colours(values: Array) -> Array:
    """Colour values from -1 to 1: hue by sign, opacity by size, on any background.

    Opacity has ten steps: more can hardly be told apart, and make files twice as large.

    Returns
    -------
    ndarray of uint8, shape (H, W, 4)
        Red, green, blue and opacity.
    """
    values = np.round(np.clip(values, -1, 1)[..., np.newaxis] * 10) / 10  # (H, W, 1)
    colour = np.where(values < 0, NEGATIVE, POSITIVE)  # (H, W, 3)
    return np.concatenate([colour, np.round(255 * np.abs(values))], axis=-1).astype(np.uint8)


def figure_file(fig: Figure, *, title: str, description: str) -> str:
    """Write a figure as an SVG with its words, its letters, and colours for light and dark.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Drawn in the colours of `COLOURS`.
    title, description : str
        The caption and the text alternative.
    """
    buffer = io.StringIO()
    # Date=None leaves the time out: equal arrays give equal files.
    metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with style():
        for text in fig.findobj(Text):
            if text.get_fontfamily() == ["sans-serif"]:  # as in a figure begun without `style`
                text.set_fontfamily(_FAMILY)
        fig.savefig(buffer, format="svg", metadata=metadata)
    if "matplotlib.pyplot" in sys.modules:  # which would keep the figure open
        sys.modules["matplotlib.pyplot"].close(fig)
    svg = buffer.getvalue()
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    svg = _IMAGE.sub(_smaller, svg)
    svg = _NEEDLESS.sub("", svg)
    start = svg.index(">", svg.index("<svg")) + 1
    shine = f"image[id^={MAP}]{{filter:{SHINE}}}" if f'id="{MAP}-' in svg else ""
    shine = shine and f"@media (prefers-color-scheme:dark){{{shine}}}"
    head = (
        f"\n<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        f"<style>{colour_rules(svg)}image{{image-rendering:pixelated}}{shine}</style>"
    )
    return embed_font(svg[:start] + head + svg[start:])


# The prolog, turns by no angle, and spaces at line starts.
_NEEDLESS = re.compile(
    r'<\?xml.*?\?>|<!DOCTYPE[^>]*>| transform="rotate\(-?0 [^"]*"|^\s+', re.M | re.S
)
_IMAGE = re.compile(r'(<image\b[^>]*?)data:image/png;base64,([^"]+)("[^>]*>)')


def _smaller(match: re.Match[str]) -> str:
    """Write an embedded PNG as WebP: a photograph compressed, anything else exactly as it is."""
    from PIL import Image

    before, png, after = match.groups()
    image = Image.open(io.BytesIO(base64.b64decode(png)))
    photograph = f'id="{PHOTOGRAPH}-' in before + after
    address = webp_uri(np.asarray(image), lossless=not photograph or max(image.size) <= SMALL)
    return f"{before}{address}{after}"
