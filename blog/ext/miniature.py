"""Small pictures without numbers, for lists. They repeat what the words beside them say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np

from cnnlib.explain.layout import MARGIN
from cnnlib.explain.marks import Label, Panel, Scene
from cnnlib.explain.svg import shapes_svg

SIDE = 120.0  # of a chart, in its own pixels
CURVE = (-3.0, 3.0)  # inputs and outputs that a curve shows


def box(panel: Panel) -> tuple[float, float, float, float]:
    """Return x, y, width and height of a matrix with its padding."""
    (above, below), (before, after) = panel.around
    height, width = panel.shape
    return panel.box(range(-above, height + below), range(-before, width + after))


def part(scene: Scene, panel: Panel) -> Scene:
    """Return the part of a scene that lies on one matrix."""
    x, y, width, height = box(panel)
    shapes = (s for s in scene.shapes if x <= s.x < x + width and y <= s.y < y + height)
    return replace(scene, shapes=tuple(shapes))


def corner_to_corner(scene: Scene, panels: Sequence[Panel]) -> str:
    """Draw matrices of a scene, each where the one before it ends, in shades of their values."""
    x, y, drawn = MARGIN, MARGIN, ""
    for panel in panels:
        left, top, width, height = box(panel)
        shapes = [s for s in part(scene, panel).shapes if not isinstance(s, Label)]
        drawn += f'<g transform="translate({x - left:g} {y - top:g})">{shapes_svg(shapes)}</g>'
        x, y = x + width, y + height
    return _svg(drawn, x + MARGIN, y + MARGIN)


def curve(function: Callable[[Any], Any]) -> str:
    """Draw a function over its axes; all curves have the same scale."""
    low, high = CURVE

    def across(x: Any) -> Any:
        return (x - low) / (high - low) * SIDE

    x = np.linspace(low, high, 49)
    points = " ".join(
        f"{across(a):.4g},{SIDE - across(b):.4g}" for a, b in zip(x, function(x), strict=True)
    )
    zero = across(0.0)
    axes = f'<path d="M0 {SIDE - zero:g}H{SIDE:g}M{zero:g} 0V{SIDE:g}" class="axes"/>'
    return _svg(f'{axes}<polyline points="{points}"/>', SIDE, SIDE)


def bars(before: Sequence[float], after: Sequence[float]) -> str:
    """Draw the numbers that go in as bars, and below them those that come out."""
    drawn = ""
    for role, values, middle in (("input", before, 0.3), ("output", after, 0.8)):
        unit = 0.2 * SIDE / max(map(abs, values))
        zero, width = middle * SIDE, SIDE / len(values)
        for n, value in enumerate(values):
            height = abs(value) * unit
            top = zero - max(value, 0) * unit
            drawn += (
                f'<rect x="{n * width + 3:.4g}" y="{top:.4g}" width="{width - 6:.4g}" '
                f'height="{height:.4g}" fill="var(--{role})" fill-opacity="0.55"/>'
            )
        drawn += f'<path d="M0 {zero:g}H{SIDE:g}" class="axes"/>'
    return _svg(drawn, SIDE, SIDE)


def letter(title: str) -> str:
    """Draw the first letter or digit of a title in a window.

    >>> ">Q</text>" in letter("¿Qué ve un filtro?")
    True
    """
    first = escape(next((sign for sign in title if sign.isalnum()), ""))
    drawn = (
        '<path d="M1 1h22v22H1z" fill="var(--kernel)" fill-opacity="0.1" stroke="var(--kernel)" '
        'stroke-width="0.7"/><text x="12" y="16.6" text-anchor="middle" font-size="14" '
        f'font-weight="600" fill="var(--ink)">{first}</text>'
    )
    return _svg(drawn, 24, 24)


def _svg(drawn: str, width: float, height: float) -> str:
    size = f"0 0 {width:g} {height:g}"
    return f'<svg class="thumbnail" aria-hidden="true" viewBox="{size}">{drawn}</svg>'
