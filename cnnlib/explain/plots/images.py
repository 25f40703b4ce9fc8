"""Photographs and maps of signed values: one, or several in a figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnlib.explain.palette import NEGATIVE, PALETTE, POSITIVE
from cnnlib.explain.plots.style import COLOURS, POINT, canvas, draw_text, style
from cnnlib.shapes import Array

# The marks of images in a file. Photographs may be compressed: an author says so by drawing them as
# such. Where single pixels can be seen, they stay as they are.
PHOTOGRAPH, MAP = "photograph", "map"


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
    artists = draw_image(ax, signed_colours(mosaic / limit), box)
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
    artists = draw_image(ax, image, box, cmap="gray" if image.ndim == 2 else None)
    artists[0].set_gid(f"{PHOTOGRAPH}-{len(ax.images)}")
    return artists


def draw_image(
    ax: Axes, image: Array, box: tuple[float, float, float, float], cmap: str | None = None
) -> list[Artist]:
    """Draw an image that fills a box, with a hairline around it."""
    x, y, width, height = box
    extent = (x, x + width, y + height, y)
    shown = ax.imshow(image, cmap=cmap, extent=extent, aspect="auto")
    frame = Rectangle((x, y), width, height, fc="none", ec=COLOURS["muted"], lw=POINT)
    return [shown, ax.add_patch(frame)]


def draw_frame(
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
                    draw_frame(ax, images[name].shape, framed[name], box)
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
            draw_text(ax, x, y + side / 2 + 5, name, 15, "ink", "left")
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


def _draw_name(ax: Axes, name: str, box: tuple[float, float, float, float]) -> Artist:
    """Write a name above a box."""
    return draw_text(ax, box[0] + box[2] / 2, box[1] - 9, name, 15, "ink")
