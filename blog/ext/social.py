"""Pictures for social media: the title of a page and a convolution of its own numbers.

Letters that the site's font lacks, such as Chinese ones, come from a font of the machine that has
them. If there is none, the title is left out: boxes in the place of letters say nothing.
"""

from __future__ import annotations

import logging
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font
from matplotlib.patches import Rectangle

from blog.ext.miniature import box, part
from blog.ext.thumbnails import middle_scene
from cnnlib.explain.plots.scenes import draw_scene
from cnnlib.explain.plots.style import COLOURS, PIXELS, POINT, canvas, style
from cnnlib.explain.trace import Trace

WIDTH, HEIGHT = 1200, 630
FAMILY = "Shared Serif"
FAMILIES = [FAMILY, "DejaVu Serif"]
MATRICES = (480, 500)  # the room for input and output, in pixels
CAPITAL = 0.67  # the height of a capital letter, in the size of the font
LARGEST = 2.6  # how much a small scene is enlarged at most
# Letters between which a line may break: Chinese, Japanese and Korean ones.
WIDE = "[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"


@dataclass(frozen=True)
class Blog:
    """What each picture says of the blog: its name, and the letter in place of its window."""

    name: str
    letter: str = ""


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


def families(text: str) -> list[str]:
    """Return the fonts to write a text with, or none if no font has its letters.

    >>> families("Faltungen für alle"), families("\U0010fffd")
    (['Shared Serif', 'DejaVu Serif'], [])
    """
    missing = {ord(letter) for letter in text if not letter.isspace()}
    known: dict[str, list[str]] = {}
    for entry in font_manager.fontManager.ttflist:
        # Those that Matplotlib brings along are for formulas; one of them has a box for any letter.
        if entry.name in FAMILIES or "mpl-data" not in entry.fname:
            known.setdefault(entry.name, []).append(entry.fname)
    for name in FAMILIES:
        missing -= _characters(*known.pop(name, ()))
    if not missing:
        return FAMILIES
    fitting = [name for name, files in known.items() if missing <= _characters(*files)]
    fitting.sort(key=lambda name: ("Serif" not in name, name))  # closest to the site's font
    return [*FAMILIES, fitting[0]] if fitting else []


@cache
def _characters(*files: str) -> frozenset[int]:
    """Return the characters of a font, which may have several files."""
    found: set[int] = set()
    for file in files:
        try:
            found |= get_font(file).get_charmap().keys()
        except (OSError, RuntimeError):  # such as a font of bitmaps only
            continue
    return frozenset(found)


def draw(path: Path, blog: Blog, title: str, subtitle: str, trace: Trace | None) -> bool:
    """Write a picture with a title, a subtitle, and the middle step of a trace, if there is one.

    Return whether a font was found for the title.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with style():
        fig, scale = _draw_matrices(trace) if trace else (canvas(WIDTH, HEIGHT)[0], 1.0)
        page = fig.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        page.set_axis_off()
        complete = _draw_text(page, blog, title, subtitle, POINT / scale)
        fig.set_facecolor(COLOURS["paper"])
        fig.savefig(
            path, format="png", dpi=PIXELS * scale, facecolor="auto", metadata={"Software": None}
        )
    return complete


def _draw_matrices(trace: Trace) -> tuple[Figure, float]:
    """Draw the input and the output of the middle step; return the figure and how it is enlarged.

    The scene is drawn at its own size, and the whole figure enlarged by its resolution.
    """
    scene, panels = middle_scene(trace)
    boxes = [box(panel) for panel in panels]
    width, height = (sum(one[axis] for one in boxes) for axis in (2, 3))
    scale = min(MATRICES[0] / width, MATRICES[1] / height, LARGEST)
    fig, ax = canvas(WIDTH / scale, HEIGHT / scale)
    # Corner to corner.
    x, y = (WIDTH - 72) / scale - width, (HEIGHT / scale - height) / 2
    for panel, (left, top, wide, tall) in zip(panels, boxes, strict=True):
        draw_scene(ax, part(scene, panel), at=(x - left, y - top))
        x, y = x + wide, y + tall
    return fig, scale


def _draw_text(ax: Axes, blog: Blog, title: str, subtitle: str, pixel: float) -> bool:
    """Write the name of the blog, the title and the subtitle; sizes are multiples of a pixel."""
    text: dict[str, Any] = {"weight": "bold", "color": COLOURS["ink"]}
    if blog.letter:
        _letter(ax, blog.letter, 72, 66, pixel)
    else:
        _mark(ax, 72, 66, pixel)
    if fonts := families(blog.name):
        ax.text(130, 88, blog.name, size=30 * pixel, va="center", family=fonts, **text)
    lines, spacing = _wrap_title(title)
    fonts = families(title)
    for number, line in enumerate(lines if fonts else ()):
        y = HEIGHT / 2 + 20 + spacing * (number - (len(lines) - 1) / 2)
        size = 0.86 * spacing * pixel
        ax.text(72, y, line, size=size, va="center_baseline", family=fonts, **text)
    text["color"] = COLOURS["muted"]
    if below := families(subtitle):
        ax.text(72, HEIGHT - 76, subtitle, size=28 * pixel, va="center", family=below, **text)
    return bool(fonts)


def _wrap_title(title: str) -> tuple[list[str], int]:
    """Break a title into few lines of similar length; return the lines and their spacing."""
    sizes = ((19, 4, 74), (23, 5, 62), (29, 6, 50))  # characters per line, lines, spacing
    wrapped = ((wrap(title, size[0]), size) for size in sizes)
    fits = ((lines, size) for lines, size in wrapped if len(lines) <= size[1] or size == sizes[-1])
    lines, (width, rows, spacing) = next(fits)
    for narrower in range(width, 0, -1):
        tried = wrap(title, narrower)
        if len(tried) > len(lines):
            break
        lines = tried
    return lines[:rows], spacing


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines: between words, and between wide letters, each of which counts twice.

    >>> wrap("What a blur does", 8), wrap("卷积是什么", 6)
    (['What a', 'blur', 'does'], ['卷积是', '什么'])
    """
    lines = [""]
    for piece in re.findall(rf"{WIDE}[，。？！、：；）》」]*|(?:(?!{WIDE})\S)+|\s+", text):
        tried = lines[-1] + piece if lines[-1] else piece.lstrip()
        if _width(tried.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece.lstrip())
        else:
            lines[-1] = tried
    return [line.rstrip() for line in lines if line.strip()]


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _letter(ax: Axes, letter: str, x: float, y: float, pixel: float) -> None:
    fonts = families(letter)
    _window(ax, x, y, 42, pixel)
    if fonts:
        text: dict[str, Any] = {"weight": "bold", "color": COLOURS["ink"], "ha": "center"}
        size = 30 if len(letter) == 1 else 21
        base = y + 21 + CAPITAL * size / 2
        ax.text(x + 21, base, letter, size=size * pixel, va="baseline", family=fonts, **text)


def _mark(ax: Axes, x: float, y: float, pixel: float) -> None:
    for row, col in np.ndindex(3, 3):
        corner = (x + 15 * col, y + 15 * row)
        ax.add_patch(Rectangle(corner, 12, 12, fc=COLOURS["ink"], alpha=0.22, lw=0))
    _window(ax, x + 14, y - 1, 29, pixel)


def _window(ax: Axes, x: float, y: float, side: float, pixel: float) -> None:
    window = Rectangle((x, y), side, side, fc="none", ec=COLOURS["kernel"], lw=3.6 * pixel)
    ax.add_patch(window)
