"""The animation on the front page: a window slides over a grid; cnnlib computes its sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx

from cnnlib import conv2d

# A diagonal stroke, and a kernel that detects such strokes.
INPUT = np.array(
    [[0, 0, 1, 0, 3], [0, 1, 0, 3, 0], [0, 0, 3, 0, 1], [1, 3, 0, 0, 0], [3, 0, 0, 1, 0]]
)
KERNEL = np.array([[-1, 0, 1], [0, 1, 0], [1, 0, -1]])
CELL = 52
GAP = 64


def draw_grid(values: np.ndarray[Any, Any], left: int, top: int, role: str) -> str:
    """Draw a matrix: a square with a number for each entry, darker for larger values."""
    largest = np.abs(values).max()
    cells = []
    for (row, col), value in np.ndenumerate(values):
        x, y = left + col * CELL, top + row * CELL
        opacity = round(0.08 + 0.42 * max(0, value) / largest, 2)
        cells.append(
            f'<g><rect x="{x + 2}" y="{y + 2}" width="{CELL - 4}" height="{CELL - 4}" rx="2" '
            f'fill-opacity="{opacity}"/><text x="{x + CELL // 2}" y="{y + CELL // 2 + 7}">'
            f"{format_number(value)}</text></g>"
        )
    return f'<g class="{role}">{"".join(cells)}</g>'


def draw_factors() -> str:
    """Write the kernel's entries in small type into the corners of the window's squares."""
    texts = []
    for (row, col), value in np.ndenumerate(KERNEL):
        x, y = col * CELL + CELL - 6, row * CELL + CELL - 7
        texts.append(f'<text x="{x}" y="{y}">×{format_number(value)}</text>')
    return "".join(texts)


def format_number(value: int) -> str:
    """Format a number with a typographic minus sign."""
    return str(value).replace("-", "−")


def draw() -> str:
    """Return the SVG; site.css animates the window and the sums."""
    output = conv2d(INPUT, KERNEL)
    size, side = INPUT.shape[0] * CELL, KERNEL.shape[0] * CELL
    top = (size - side) // 2
    sums = "; ".join(" ".join(map(str, row)) for row in output.tolist())
    label = (
        "A 3 by 3 window slides over a 5 by 5 grid of numbers. At each of nine stops the numbers "
        f"in it are multiplied by the kernel and added. The nine sums, row by row: {sums}."
    )
    return (
        f'<svg class="motif" role="img" aria-label="{label}" '
        f'viewBox="-2 -2 {size + GAP + side + 4} {size + 4}">'
        + draw_grid(INPUT, 0, 0, "input")
        + draw_grid(output, size + GAP, top, "output")
        + f'<g class="over"><rect width="{side}" height="{side}" rx="4"/>{draw_factors()}</g>'
        + f'<rect class="made" x="{size + GAP}" y="{top}" width="{CELL}" height="{CELL}" rx="4"/>'
        + "</svg>"
    )


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the SVG to the context of the front page."""
    if pagename == app.config.root_doc:
        context["hero"] = draw()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
