"""The small explorer on the front page. Its picture, which stands there first, is an animation."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from blog.ext.words import say
from cnnlib import conv2d
from cnnlib.explain.explorer import explorer
from cnnlib.explain.layout import GAP, MARGIN
from cnnlib.explain.marks import Panel, Shape
from cnnlib.explain.scene import animation_scene
from cnnlib.explain.svg import RESULT, WINDOW, shapes_svg
from cnnlib.explain.trace import Trace, trace

PLACE = "<!-- hero -->"
# A piece of the handwritten 7 of the first post, and a kernel that tells its two edges apart.
INPUT = np.array([[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]])
KERNEL = np.array([[1, -1], [2, -2]])


def element(config: Config) -> str:
    """Return the explorer, around its picture."""
    traced = trace(conv2d, INPUT, KERNEL)
    shown = explorer(
        traced, form="small", offers=("drag", "edit"), letters=False, start_empty=True
    ).element(draw(traced))
    invite = say(config, "The small factors are the kernel. Drag the window, or change a number.")
    return shown.replace("<cnn-explorer", f'<cnn-explorer data-invite="{escape(invite)}"', 1)


def draw(traced: Trace) -> str:
    """Return the SVG; front.css animates the window and the sums."""
    scene = animation_scene(traced)
    inputs, outputs = scene.panel("input"), scene.panel("output")
    first = scene.frames[0].shapes
    # The kernel's entries stand in the window, so the kernel itself is left out and the output
    # centred beside the input.
    right, bottom = corner(inputs)
    output_right, output_bottom = corner(outputs)
    dx = right + GAP - outputs.x
    dy = (inputs.y + bottom - outputs.y - output_bottom) / 2
    width = dx + output_right - inputs.x + 2 * MARGIN
    height = bottom - inputs.y + 2 * MARGIN
    box = f"{inputs.x - MARGIN:g} {inputs.y - MARGIN:g} {width:g} {height:g}"
    cells = "".join(f"<g>{shapes_svg(frame.stays)}</g>" for frame in scene.frames)
    sums = "; ".join(" ".join(map(str, row)) for row in traced.output.tolist())
    label = (
        "A 2 by 2 window slides over a 4 by 4 piece of a handwritten 7. At each of nine stops the "
        "numbers in it are multiplied by the kernel and added. The nine sums, row by row, are "
        f"negative on one edge of the stroke and positive on the other: {sums}."
    )
    return (
        f'<svg class="motif" role="img" aria-label="{label}" viewBox="{box}">'
        f'<g class="input">{shapes_svg(shapes_on(inputs, scene.shapes))}</g>'
        f'<g class="over">{shapes_svg(s for s in first if s.kind in WINDOW)}</g>'
        f'<g transform="translate({dx:g} {dy:g})"><g class="output">{cells}</g>'
        f'<g class="made">{shapes_svg(s for s in first if s.kind in RESULT)}</g></g></svg>'
    )


def corner(panel: Panel) -> tuple[float, float]:
    """Return the right and the lower edge of a matrix."""
    height, width = panel.shape
    return panel.x + width * panel.cell, panel.y + height * panel.cell


def shapes_on(panel: Panel, shapes: Iterable[Shape]) -> list[Shape]:
    """Return the shapes that lie on a matrix."""
    right, bottom = corner(panel)
    return [s for s in shapes if panel.x <= s.x < right and panel.y <= s.y < bottom]


def is_shown(app: Sphinx) -> bool:
    """Return whether the front page has the explorer."""
    return PLACE in Path(app.env.doc2path(app.config.root_doc)).read_text("utf-8")


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the explorer to the context of the front page."""
    if pagename == app.config.root_doc:
        context["hero"] = element(app.config)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
