"""A drawing with its caption and its text alternative, as one object to show."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from cnnlib.explain.marks import Label, Scene
from cnnlib.explain.svg import scene_file
from cnnlib.explain.trace import Trace, output_metadata

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# What a phone of 360 pixels has for a picture, and the smallest letters of entries there.
ON_PHONE, LEGIBLE = 322.0, 12.0


@dataclass(frozen=True)
class Picture:
    """An SVG with its caption and its text alternative.

    Attributes
    ----------
    svg : str
        The drawing.
    alt : str
        What it shows, for those who do not see it.
    caption : str
        What to notice, for everyone.
    trace : Trace, optional
        The operation on numbers that the whole picture shows, if it shows one.
    narrow : str
        The same for a narrow screen, as an SVG; empty if the drawing suits every screen.
    """

    svg: str
    alt: str
    caption: str
    trace: Trace | None = None
    narrow: str = ""

    def __post_init__(self) -> None:
        for name in ("alt", "caption"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name}: a picture needs one, got an empty text")

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        svg = self.svg
        if self.narrow:  # goes along as an attribute, which the site takes out again
            data = base64.b64encode(self.narrow.encode()).decode()
            svg = svg.replace("<svg", f'<svg data-narrow="{data}"', 1)
        shown = {"text/html": self._html(), "image/svg+xml": svg, "text/plain": self.alt}
        return shown, output_metadata(self.trace)

    def _html(self) -> str:
        # For notebooks: an image of its own, so that ids and styles of pictures cannot meet.
        data = base64.b64encode(self.svg.encode()).decode()
        return (
            f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(self.alt)}">'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )


def picture(fig: Figure, *, alt: str, caption: str, trace: Trace | None = None) -> Picture:
    """Turn a Matplotlib figure into a picture that follows light and dark.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Drawn in the colours of `plots.COLOURS`.
    alt, caption : str
        The text alternative and the caption; neither may be empty.
    trace : Trace, optional
        The operation that the picture shows; its arrays go along with it.

    Raises
    ------
    TypeError
        If it is not a figure.
    ValueError
        If ``alt`` or ``caption`` is empty.
    """
    from matplotlib.figure import Figure

    from cnnlib.explain.plots.export import figure_file

    if not isinstance(fig, Figure):
        kind = type(fig).__name__
        raise TypeError(f"fig: expected a Matplotlib figure, got {kind}; that of axes is ax.figure")
    return Picture(figure_file(fig, title=caption, description=alt), alt, caption, trace)


def with_narrow(shown: Picture, fig: Figure) -> Picture:
    """Give the picture of a figure another figure for narrow screens."""
    from cnnlib.explain.plots.export import figure_file

    return replace(shown, narrow=figure_file(fig, title=shown.caption, description=shown.alt))


def scene_picture(
    drawn: Scene,
    alt: str,
    caption: str,
    trace: Trace | None = None,
    *,
    narrow: Callable[[], Scene | None] = lambda: None,
) -> Picture:
    """Turn a scene into a picture; `narrow` draws it for phones, if it would be too small there."""
    on_phones = None if _is_legible(drawn) else narrow()
    svg, narrow_svg = (
        scene_file(scene, title=caption, description=alt) if scene is not None else ""
        for scene in (drawn, on_phones)
    )
    return Picture(svg, alt, caption, trace, narrow_svg)


def _is_legible(drawn: Scene) -> bool:
    """Say whether the entries of a drawing can be read on a phone, where it becomes smaller."""
    letters = [s.size for s in drawn.shapes if isinstance(s, Label) and s.kind == "entry"]
    smaller = min(1.0, ON_PHONE / drawn.width)
    return min(letters, default=LEGIBLE) * smaller >= LEGIBLE
