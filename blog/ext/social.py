"""Pictures for social media: the title of a page and a convolution of its own numbers."""

from __future__ import annotations

import logging
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from blog.ext.miniature import box, part
from blog.ext.thumbnails import middle_scene
from cnnlib.explain.plots import COLOURS, PIXELS, POINT, canvas, draw_scene, style
from cnnlib.explain.trace import Trace

WIDTH, HEIGHT = 1200, 630
FAMILY = "Shared Serif"
FAMILIES = [FAMILY, "DejaVu Serif"]
MATRICES = (480, 500)  # the room for input and output, in pixels
LARGEST = 2.6  # how much a small scene is enlarged at most


@contextmanager
def site_font(woff2: Path) -> Iterator[None]:
    """Register the site's font with Matplotlib, in one weight and only within the context."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it logs each table
    font = instantiateVariableFont(TTFont(woff2), {"wght": 600})
    font.flavor = None
    font["OS/2"].usWeightClass = 700  # bold, as requested in `draw`
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            font["name"].setName(FAMILY, record.nameID, 3, 1, 0x409)
    known = font_manager.fontManager.ttflist
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "serif.ttf")
        font.save(path)
        font_manager.fontManager.addfont(path)
        try:
            yield
        finally:
            known[:] = [entry for entry in known if entry.name != FAMILY]


def draw(path: Path, title: str, subtitle: str, trace: Trace) -> None:
    """Write a picture with a title, a subtitle, and the middle step of a trace."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scene, panels = middle_scene(trace)
    boxes = [box(panel) for panel in panels]
    width, height = (sum(one[axis] for one in boxes) for axis in (2, 3))
    # The scene is drawn at its own size, and the whole figure enlarged by its resolution.
    scale = min(MATRICES[0] / width, MATRICES[1] / height, LARGEST)
    with style():
        fig, ax = canvas(WIDTH / scale, HEIGHT / scale)
        # Input and output, corner to corner.
        x, y = (WIDTH - 72) / scale - width, (HEIGHT / scale - height) / 2
        for panel, (left, top, wide, tall) in zip(panels, boxes, strict=True):
            draw_scene(ax, part(scene, panel), at=(x - left, y - top))
            x, y = x + wide, y + tall
        page = fig.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        page.set_axis_off()
        _draw_text(page, title, subtitle, POINT / scale)
        fig.set_facecolor(COLOURS["paper"])
        fig.savefig(
            path, format="png", dpi=PIXELS * scale, facecolor="auto", metadata={"Software": None}
        )


def _draw_text(ax: Axes, title: str, subtitle: str, pixel: float) -> None:
    """Write the name of the blog, the title and the subtitle; sizes are multiples of a pixel."""
    _mark(ax, 72, 66, pixel)
    text: dict[str, Any] = {"family": FAMILIES, "weight": "bold", "color": COLOURS["ink"]}
    ax.text(130, 88, "Sliding Windows", size=30 * pixel, va="center", **text)
    lines, spacing = _wrap_title(title)
    for number, line in enumerate(lines):
        y = HEIGHT / 2 + 20 + spacing * (number - (len(lines) - 1) / 2)
        ax.text(72, y, line, size=0.86 * spacing * pixel, va="center_baseline", **text)
    text["color"] = COLOURS["muted"]
    ax.text(72, HEIGHT - 76, subtitle, size=28 * pixel, va="center", **text)


def _wrap_title(title: str) -> tuple[list[str], int]:
    """Break a title into few lines of similar length; return the lines and their spacing."""
    sizes = ((19, 4, 74), (23, 5, 62), (29, 6, 50))  # characters per line, lines, spacing
    wrapped = ((textwrap.wrap(title, size[0], break_long_words=False), size) for size in sizes)
    fits = ((lines, size) for lines, size in wrapped if len(lines) <= size[1] or size == sizes[-1])
    lines, (width, rows, spacing) = next(fits)
    for narrower in range(width, 0, -1):
        tried = textwrap.wrap(title, narrower, break_long_words=False)
        if len(tried) > len(lines):
            break
        lines = tried
    return lines[:rows], spacing


def _mark(ax: Axes, x: float, y: float, pixel: float) -> None:
    for row, col in np.ndindex(3, 3):
        corner = (x + 15 * col, y + 15 * row)
        ax.add_patch(Rectangle(corner, 12, 12, fc=COLOURS["ink"], alpha=0.22, lw=0))
    window = Rectangle((x + 14, y - 1), 29, 29, fc="none", ec=COLOURS["kernel"], lw=3.6 * pixel)
    ax.add_patch(window)
