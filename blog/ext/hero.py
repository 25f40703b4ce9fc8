"""The front page's moving grid: a window over small numbers, its sums computed by cnnlib."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx

from cnnlib import conv2d
from cnnlib.explain.scene import GAP, MARGIN, Panel, Shape, animation_scene
from cnnlib.explain.svg import RESULT, WINDOW, shapes_svg
from cnnlib.explain.trace import trace

# A diagonal stroke in a small picture, and a kernel that answers to such strokes.
INPUT = np.array(
    [[0, 0, 1, 0, 3], [0, 1, 0, 3, 0], [0, 0, 3, 0, 1], [1, 3, 0, 0, 0], [3, 0, 0, 1, 0]]
)
KERNEL = np.array([[-1, 0, 1], [0, 1, 0], [1, 0, -1]])


def draw() -> str:
    """Return the SVG; site.css moves its window and lets the sums appear."""
    traced = trace(conv2d, INPUT, KERNEL)
    scene = animation_scene(traced)
    given, made = scene.panel("input"), scene.panel("output")
    first = scene.frames[0].shapes
    # The kernel is in the window already: the output moves into the middle.
    right, bottom = corner(given)
    across = right + GAP - made.x
    down = (given.y + bottom - made.y - corner(made)[1]) / 2
    height, width = bottom - given.y + 2 * MARGIN, across + corner(made)[0] - given.x + 2 * MARGIN
    box = f"{given.x - MARGIN:g} {given.y - MARGIN:g} {width:g} {height:g}"
    sums = "".join(f"<g>{shapes_svg(frame.stays)}</g>" for frame in scene.frames)
    said = "; ".join(" ".join(map(str, row)) for row in traced.output.tolist())
    label = (
        "A 3 by 3 window slides over a 5 by 5 grid of numbers. At each of nine stops the numbers "
        f"in it are multiplied by the kernel and added. The nine sums, row by row: {said}."
    )
    return (
        f'<svg class="motif" role="img" aria-label="{label}" viewBox="{box}">'
        f'<g class="input">{shapes_svg(within(given, scene.shapes))}</g>'
        f'<g class="over">{shapes_svg(s for s in first if s.kind in WINDOW)}</g>'
        f'<g transform="translate({across:g} {down:g})"><g class="output">{sums}</g>'
        f'<g class="made">{shapes_svg(s for s in first if s.kind in RESULT)}</g></g></svg>'
    )


def corner(panel: Panel) -> tuple[float, float]:
    """Return the right and the lower edge of a matrix."""
    height, width = panel.shape
    return panel.x + width * panel.cell, panel.y + height * panel.cell


def within(panel: Panel, shapes: Iterable[Shape]) -> list[Shape]:
    """Pick the shapes that lie on a matrix."""
    right, bottom = corner(panel)
    return [s for s in shapes if panel.x <= s.x < right and panel.y <= s.y < bottom]


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Offer the drawing to the front page."""
    if pagename == app.config.root_doc:
        context["hero"] = draw()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
