"""The style of figures: colours, letters, sizes, and the settings that Matplotlib reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files

from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.style import context

from cnnlib.explain.palette import PALETTE
from cnnlib.explain.svg import FONT

COLOURS = {name: light for name, (light, _) in PALETTE.items()}
PIXELS = 96  # in an inch
POINT = 72 / PIXELS  # points in a pixel

FAMILY = [FONT, "DejaVu Serif"]
_STYLE = {
    # Text stays text; `embed_font` gives the file the letters that it needs.
    "svg.fonttype": "none",
    "svg.hashsalt": "cnnlib",
    "font.family": FAMILY,
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


def draw_text(
    ax: Axes, x: float, y: float, text: str, size: float, role: str, anchor: str = "center"
) -> Artist:
    """Write a text with its baseline at a point; its size is in pixels."""
    return ax.text(x, y, text, size=size * POINT, color=COLOURS[role], ha=anchor, va="baseline")
