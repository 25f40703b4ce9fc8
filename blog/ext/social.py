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

from cnnlib.explain.plots import COLOURS, canvas, style
from cnnlib.explain.text import entry_text

WIDTH, HEIGHT = 1200, 630
FAMILY = "Shared Serif"
FAMILIES = [FAMILY, "DejaVu Serif"]
DPI = 100


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


def draw(path: Path, title: str, subtitle: str, arrays: dict[str, Any]) -> None:
    """Write a picture with a title, a subtitle, and a grid with the given arrays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with style():
        fig, ax = canvas(WIDTH, HEIGHT, scale=1 / DPI)
        ax.add_patch(Rectangle((0, 0), WIDTH, HEIGHT, fc=COLOURS["paper"], lw=0))
        _mark(ax, 72, 66)
        text: dict[str, Any] = {"family": FAMILIES, "weight": "bold", "color": COLOURS["ink"]}
        ax.text(130, 88, "Sliding Windows", size=22, va="center", **text)
        lines, spacing = _wrap_title(title)
        for number, line in enumerate(lines):
            y = HEIGHT / 2 + 20 + spacing * (number - (len(lines) - 1) / 2)
            ax.text(72, y, line, size=0.62 * spacing, va="center_baseline", **text)
        ax.text(
            72, HEIGHT - 76, subtitle, size=20, va="center", **(text | {"color": COLOURS["muted"]})
        )
        _grids(ax, arrays)
        fig.savefig(path, format="png", dpi=DPI, metadata={"Software": None})


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


def _mark(ax: Axes, x: float, y: float) -> None:
    for row, col in np.ndindex(3, 3):
        corner = (x + 15 * col, y + 15 * row)
        ax.add_patch(Rectangle(corner, 12, 12, fc=COLOURS["ink"], alpha=0.22, lw=0))
    ax.add_patch(Rectangle((x + 14, y - 1), 29, 29, fc="none", ec=COLOURS["kernel"], lw=2.6))


def _grids(ax: Axes, arrays: dict[str, Any]) -> None:
    """Draw input and output corner to corner, with the middle window and its output."""
    inputs, outputs = np.array(arrays["input"]), np.array(arrays["output"])
    side = min(
        480 / (inputs.shape[1] + outputs.shape[1]), 500 / (inputs.shape[0] + outputs.shape[0]), 84
    )
    left, top = WIDTH - 72 - side * (inputs.shape[1] + outputs.shape[1]), 0.0
    top = (HEIGHT - side * (inputs.shape[0] + outputs.shape[0])) / 2
    low, right = top + side * inputs.shape[0], left + side * inputs.shape[1]
    _grid(ax, inputs, left, top, side, "input")
    _grid(ax, outputs, right, low, side, "output")
    number = len(arrays["windows"]) // 2
    rows, cols = (
        [index for index in window if 0 <= index < size]  # without padding
        for window, size in zip(arrays["windows"][number], inputs.shape, strict=True)
    )
    for corner, size, role in (
        ((left + cols[0] * side, top + rows[0] * side), (len(cols), len(rows)), "kernel"),
        (
            (right + number % outputs.shape[1] * side, low + number // outputs.shape[1] * side),
            (1, 1),
            "output",
        ),
    ):
        box = (size[0] * side, size[1] * side)
        ax.add_patch(Rectangle(corner, *box, fc=COLOURS[role], alpha=0.12, lw=0))
        ax.add_patch(Rectangle(corner, *box, fc="none", ec=COLOURS[role], lw=4.5))


def _grid(ax: Axes, values: Any, left: float, top: float, side: float, role: str) -> None:
    largest = np.abs(values).max() or 1
    for (row, col), value in np.ndenumerate(values):
        x, y = left + col * side, top + row * side
        alpha = 0.08 + 0.42 * max(0.0, float(value)) / largest
        box = Rectangle((x + 3, y + 3), side - 6, side - 6, fc=COLOURS[role], alpha=alpha, lw=0)
        ax.add_patch(box)
        number = entry_text(value.item())
        size = side * 0.34 * min(1, 3 / len(number))
        ax.text(
            x + side / 2,
            y + side / 2,
            number,
            size=size,
            ha="center",
            va="center_baseline",
            family=FAMILIES,
            weight="bold",
        )
