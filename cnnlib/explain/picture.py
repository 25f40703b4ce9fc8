"""Pictures: SVG drawings with a caption and a text alternative, as display objects.

Caption and text alternative are also part of the SVG's metadata. Its colours are CSS variables
that follow the theme of the page.
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
    """An SVG drawing with its description.

    Attributes
    ----------
    svg : str
        The drawing.
    alt : str
        The text alternative: what the picture shows, written from the arrays.
    caption : str
        What readers should notice.
    trace : Trace, optional
        The operation that the picture shows, if any.
    """

    svg: str
    alt: str
    caption: str
    trace: Trace | None = None

    def __post_init__(self) -> None:
        for name in ("alt", "caption"):
            if not getattr(self, name).strip():
                raise ValueError(
                    f"{name}: a picture needs a non-empty text, got {getattr(self, name)!r}"
                )

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
        # In an <img>, the ids and styles of different pictures cannot interfere with each other.
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
    """Convert a Matplotlib figure to a picture that follows the light or dark theme.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A figure drawn in the colours of `plots.COLOURS`.
    alt, caption : str
        The text alternative and the caption; neither may be empty.
    css : str
        Additional style rules for the SVG, such as those of an animation.
    frames : tuple of str
        A description of each frame of an animation; ``name.svg#step3`` shows frame 3 alone.
    trace : Trace, optional
        The operation that the picture shows; its arrays are added to the output's metadata.

    Raises
    ------
    ValueError
        If ``alt`` or ``caption`` is empty.
    """
    buffer = io.StringIO()
    # Without the date, equal arrays give equal files.
    metadata = {"Title": caption, "Description": alt, "Date": None, "Creator": "cnnlib"}
    with style():
        fig.savefig(buffer, format="svg", metadata=metadata)
    svg = buffer.getvalue()
    for name, (light, _) in PALETTE.items():
        svg = svg.replace(light, f"var(--{name})")
    svg = _PNG.sub(_png_to_webp, svg)
    start = svg.index(">", svg.index("<svg")) + 1
    anchors = "".join(
        f'<g id="step{number}"><desc>{escape(text)}</desc></g>'
        for number, text in enumerate(frames, start=1)
    )
    head = f"\n<style>{_colour_rules()}{css}</style>{anchors}"
    return Picture(svg[:start] + head + svg[start:], alt, caption, trace)


def matrices(caption: str, **arrays: Any) -> Picture:
    """Draw small matrices side by side and list their entries in the text alternative.

    Parameters
    ----------
    caption : str
        What readers should notice.
    **arrays : array_like, shape (height, width)
        The matrices, by their names (``_`` stands for a space). The first is drawn as the input.

    Examples
    --------
    >>> matrices("Twice the numbers.", image=[[1, 2]], doubled=[[2, 4]]).alt
    'image, 1 by 2: 1, 2; doubled, 1 by 2: 2, 4.'
    """
    shapes = [np.shape(array) for array in arrays.values()]
    width, height = sum(shape[1] + 0.8 for shape in shapes), max(shape[0] for shape in shapes)
    descriptions: list[str] = []
    left = 0.1
    with style():
        fig, ax = canvas(width - 0.6, height + 1.1, scale=0.46)
        for name, array in arrays.items():
            title, role = name.replace("_", " "), "output" if descriptions else "input"
            draw_grid(ax, np.asarray(array), at=(left, 1), title=title, role=role)
            descriptions.append(f"{title}, {describe_array(np.asarray(array))}")
            left += np.shape(array)[1] + 0.8
    return picture(fig, alt="; ".join(descriptions) + ".", caption=caption)


def _png_to_webp(match: re.Match[str]) -> str:
    """Convert an embedded PNG to WebP, which is at least four times smaller.

    Maps of signed values are compressed without loss after their opacity is reduced to eight
    levels; photographs are compressed with loss.
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
    """A list of equations, each with a small picture of its window."""

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
    cells = list(np.ndindex(height, width))
    inside = [(row, col) for row, col in cells if row in step.rows and col in step.cols]
    outside = [cell for cell in cells if cell not in inside]
    faint, strong = (
        "".join(f"M{col * size + 1} {row * size + 1}h8v8h-8z" for row, col in group)
        for group in (outside, inside)
    )
    paths = f'<path fill-opacity="0.2" d="{faint}"/><path class="on" d="{strong}"/>'
    label = f"{span('row', step.rows)}, {span('column', step.cols)}"
    return (
        f'<svg class="window" role="img" aria-label="window {label}" fill="currentColor" '
        f'width="{width * size}" height="{height * size}" '
        f'viewBox="0 0 {width * size} {height * size}">{paths}</svg>'
    )
