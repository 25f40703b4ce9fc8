"""A picture with its caption and its text alternative, as one display object.

The SVG carries everything: caption and text alternative in its metadata, colours as
variables that follow the light or dark of the page that shows it.
"""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlib.explain.equations import Equation
from cnnlib.explain.palette import PALETTE
from cnnlib.explain.plots import canvas, draw_grid, style
from cnnlib.explain.text import describe_array, span
from cnnlib.explain.trace import Step, Trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MplFigure

_PNG = re.compile(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)")


@dataclass(frozen=True)
class Picture:
    """An SVG that knows what it shows.

    Attributes
    ----------
    svg : str
        The drawing.
    alt : str
        What it shows, for those who do not see it; made from the arrays.
    caption : str
        What to notice, for everyone.
    trace : Trace, optional
        The operation on numbers that the whole picture shows, if it shows one.
    """

    svg: str
    alt: str
    caption: str
    trace: Trace | None = None

    def __post_init__(self) -> None:
        for name in ("alt", "caption"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name}: a picture needs one, got an empty text")

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        shown = {"text/html": self._html(), "image/svg+xml": self.svg, "text/plain": self.alt}
        if self.trace is None or self.trace.input.dtype == object:
            return shown, {}
        return shown, {
            "trace": {
                "input": self.trace.input.tolist(),
                "output": self.trace.output.tolist(),
                "windows": [[step.rows, step.cols] for step in self.trace],
            }
        }

    def _html(self) -> str:
        # For notebooks: an image of its own, so that ids and styles of pictures cannot meet.
        data = base64.b64encode(self.svg.encode()).decode()
        return (
            f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(self.alt)}">'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )


def picture(
    fig: MplFigure,
    *,
    alt: str,
    caption: str,
    css: str = "",
    frames: tuple[str, ...] = (),
    trace: Trace | None = None,
) -> Picture:
    """Turn a Matplotlib figure into a picture that follows light and dark.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Drawn in the colours of `draw.COLOURS`.
    alt, caption : str
        The text alternative and the caption; neither may be empty.
    css : str
        Further style rules for the SVG, such as those of an animation.
    frames : tuple of str
        What each frame of an animation shows; the SVG shows frame 3 alone as ``name.svg#step3``.
    trace : Trace, optional
        The operation that the picture shows; its arrays go along with it.

    Raises
    ------
    ValueError
        If ``alt`` or ``caption`` is empty.
    """
    buffer = io.StringIO()
    # Date=None leaves the time out: equal arrays give equal files.
    metadata = {"Title": caption, "Description": alt, "Date": None, "Creator": "cnnlib"}
    with style():
        fig.savefig(buffer, format="svg", metadata=metadata)
    svg = buffer.getvalue()
    for name, (light, _) in PALETTE.items():
        svg = svg.replace(light, f"var(--{name})")
    svg = _PNG.sub(_lighter, svg)
    start = svg.index(">", svg.index("<svg")) + 1
    anchors = "".join(
        f'<g id="step{number}"><desc>{escape(words)}</desc></g>'
        for number, words in enumerate(frames, start=1)
    )
    head = f"\n<style>{_colour_rules()}{css}</style>{anchors}"
    return Picture(svg[:start] + head + svg[start:], alt, caption, trace)


def matrices(caption: str, **arrays: Any) -> Picture:
    """Draw small matrices side by side, every entry printed and said.

    Parameters
    ----------
    caption : str
        What to notice.
    **arrays : array_like, shape (height, width)
        What to draw, by name (``_`` stands for a space). The first is taken as the input.

    Examples
    --------
    >>> matrices("Twice the numbers.", image=[[1, 2]], doubled=[[2, 4]]).alt
    'image, 1 by 2: 1, 2; doubled, 1 by 2: 2, 4.'
    """
    shapes = [np.shape(array) for array in arrays.values()]
    width, height = sum(shape[1] + 0.8 for shape in shapes), max(shape[0] for shape in shapes)
    words: list[str] = []
    left = 0.1
    with style():
        fig, ax = canvas(width - 0.6, height + 1.1, scale=0.46)
        for name, array in arrays.items():
            title, role = name.replace("_", " "), "output" if words else "input"
            draw_grid(ax, np.asarray(array), at=(left, 1), title=title, role=role)
            words.append(f"{title}, {describe_array(np.asarray(array))}")
            left += np.shape(array)[1] + 0.8
    return picture(fig, alt="; ".join(words) + ".", caption=caption)


def _lighter(match: re.Match[str]) -> str:
    """Write an embedded PNG as WebP, a quarter of its size or less.

    Maps of signed values keep every pixel, in eight steps of opacity; photographs are compressed.
    """
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(match[1]))).convert("RGBA")).copy()
    is_map = bool((pixels[..., 3] < 255).any())
    pixels[..., 3] = np.round(np.round(pixels[..., 3] / 255 * 7) / 7 * 255)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", lossless=is_map, quality=80, method=6)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _colour_rules() -> str:
    light, dark = (
        "".join(f"--{name}:{pair[k]};" for name, pair in PALETTE.items()) for k in (0, 1)
    )
    return (
        f"svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}"
        "image{image-rendering:pixelated}"
    )


@dataclass(frozen=True)
class WindowList:
    """Equations, each beside a small picture of the window it was made from."""

    trace: Trace
    items: tuple[tuple[Step, Equation], ...]

    def _repr_html_(self) -> str:
        shape = self.trace.input.shape
        lines = "".join(
            f"<li>{_window_svg(step, shape)}{equation._repr_html_()}</li>"
            for step, equation in self.items
        )
        return f'<ol class="windows">{lines}</ol>'

    def _repr_latex_(self) -> str:
        lines = r" \\ ".join(equation.tex.replace("=", "&=", 1) for _, equation in self.items)
        return rf"$$ \begin{{aligned}} {lines} \end{{aligned}} $$"


def _window_svg(step: Step, shape: tuple[int, ...]) -> str:
    height, width = shape
    size = 10
    under = [
        spot for spot in np.ndindex(height, width) if spot[0] in step.rows and spot[1] in step.cols
    ]
    other = [spot for spot in np.ndindex(height, width) if spot not in under]
    faint, strong = (
        "".join(f"M{col * size + 1} {row * size + 1}h8v8h-8z" for row, col in spots)
        for spots in (other, under)
    )
    cells = f'<path fill-opacity="0.2" d="{faint}"/><path class="on" d="{strong}"/>'
    label = f"{span('row', step.rows)}, {span('column', step.cols)}"
    return (
        f'<svg class="window" role="img" aria-label="window {label}" fill="currentColor" '
        f'width="{width * size}" height="{height * size}" '
        f'viewBox="0 0 {width * size} {height * size}">{cells}</svg>'
    )
