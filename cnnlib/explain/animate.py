"""Animate the sliding window as an SVG with CSS animations.

All frames are drawn into one SVG; CSS moves the window and shows the text of the current step.
The SVG contains no script, so it also works in an ``<img>``. ``name.svg#step3`` shows the third
step without motion. Readers who prefer reduced motion see the last step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnnlib.explain.picture import Picture, picture
from cnnlib.explain.plots import COLOURS, canvas, draw_entry, draw_grid, draw_window, layout, style
from cnnlib.explain.text import describe_step, describe_trace, entry_text, sum_text
from cnnlib.explain.trace import Step, Trace

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_SCALE = 0.44  # inches per cell
_POINTS = 72 * _SCALE  # SVG units per cell
_REST = 0.85  # the fraction of a step for which the window rests before it moves on


def animate(trace: Trace, *, caption: str, seconds: float = 3.0) -> Picture:
    """Animate a kernel that slides over the input.

    Parameters
    ----------
    trace : Trace
        The trace of a convolution of two small matrices.
    caption : str
        What readers should notice.
    seconds : float
        The duration of each step.

    Returns
    -------
    Picture
        Each frame shows the window with its weights, the products and their sum.

    Raises
    ------
    ValueError
        If the traced operation has no kernel.
    """
    if trace.weight is None:
        raise ValueError(
            f"trace: expected a convolution, got {trace.operation}, which has no kernel"
        )
    with style():
        positions = layout(trace)
        width, height = positions["size"]
        fig, ax = canvas(width, height + 0.9, scale=_SCALE)
        blank = np.full(trace.output.shape, "")
        at = positions["input"]
        draw_grid(ax, trace.input, at=at, role="input", title="input X", size=13.5, nudge=0.1)
        draw_grid(ax, trace.weight, at=positions["kernel"], role="kernel", title="kernel K")
        draw_grid(ax, blank, at=positions["output"], role="output", title="output Y")
        _draw_moving(ax, trace.steps[-1], positions)
        for number, step in enumerate(trace):
            entry = draw_entry(ax, step.value, _cell(step, positions), role="output")
            line = ax.text(
                width / 2, height + 0.4, sum_text(step), ha="center", va="center", size=13.5
            )
            _set_ids([entry], f"from{number}")
            _set_ids([line], f"only{number}")
    css, frames = _css_rules(trace, seconds), tuple(map(describe_step, trace))
    alt = _alt_text(trace)
    return picture(fig, alt=alt, caption=caption, css=css, frames=frames, trace=trace)


def _draw_moving(ax: Axes, step: Step, positions: dict[str, tuple[float, float]]) -> None:
    """Draw the moving parts: the window with its weights, and the mark on the output."""
    x, y = positions["input"]
    window = draw_window(ax, step.rows, step.cols, at=(x, y), role="kernel")
    for row, line in zip(step.rows, step.weights or (), strict=True):
        for col, weight in zip(step.cols, line, strict=True):
            corner = (x + col + 0.95, y + row + 0.99)
            text = f"×{entry_text(weight)}"
            colour = COLOURS["kernel"]
            window.append(ax.text(*corner, text, size=10.5, color=colour, ha="right", va="bottom"))
    _set_ids(window, "window")
    x, y = _cell(step, positions)
    _set_ids(draw_window(ax, (0,), (0,), at=(x, y), role="output"), "mark")


def _cell(step: Step, positions: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the top left corner of the output cell of a step."""
    x, y = positions["output"]
    return x + step.index[1], y + step.index[0]


def _set_ids(artists: Sequence[Artist], name: str) -> None:
    for number, artist in enumerate(artists):
        artist.set_gid(f"{name}-{number}")


def _alt_text(trace: Trace) -> str:
    first, last = trace.steps[0], trace.steps[-1]
    return (
        f"Animation in {len(trace)} steps. {describe_trace(trace)} "
        f"First step: {describe_step(first)}. Last step: {describe_step(last)}."
    )


def _css_rules(trace: Trace, seconds: float) -> str:
    """Write the style rules: a still step for each anchor, otherwise motion or the last step."""
    total, steps = len(trace), range(len(trace))
    window = _offsets((step.rows[0], step.cols[0]) for step in trace)
    mark = _offsets(step.index for step in trace)
    hidden = ",".join(f'[id^="only{number}-"]' for number in steps[:-1])
    rules = [f"svg:not(:has(:target)) :is({hidden}){{visibility:hidden}}"]
    for number in steps:
        later = [f'[id^="from{other}-"]' for other in steps[number + 1 :]]
        others = [f'[id^="only{other}-"]' for other in steps if other != number]
        chosen = f"svg:has(#step{number + 1}:target)"
        rules += [
            f"{chosen} :is({','.join(later + others)}){{visibility:hidden}}",
            f'{chosen} [id^="window-"]{{transform:{window[number]}}}',
            f'{chosen} [id^="mark-"]{{transform:{mark[number]}}}',
        ]
    # Browsers without support for `:has` ignore these rules and show the last step.
    moving = [f"svg:not(:has(:target)) [id]{{animation:{seconds * total:g}s infinite}}"]
    moving += [_slide_rule("window", window), _slide_rule("mark", mark)]
    for number in steps:
        moving.append(_visibility_rule(f"from{number}", number, total, total))
        moving.append(_visibility_rule(f"only{number}", number, number + 1, total))
    return f"{''.join(rules)}@media (prefers-reduced-motion:no-preference){{{''.join(moving)}}}"


def _offsets(corners: Iterable[tuple[int, int]]) -> list[str]:
    """Return the translation of each corner from the last one, where the moving parts are drawn."""
    corners = list(corners)
    bottom, right = corners[-1]
    return [
        f"translate({(col - right) * _POINTS:g}px,{(row - bottom) * _POINTS:g}px)"
        for row, col in corners
    ]


def _slide_rule(name: str, offsets: Sequence[str]) -> str:
    """Write the animation that moves from offset to offset and rests at each."""
    frames = "".join(
        f"{100 * number / len(offsets):.4g}%,{100 * (number + _REST) / len(offsets):.4g}%"
        f"{{transform:{offset}}}"
        for number, offset in enumerate(offsets)
    )
    return f'@keyframes {name}{{{frames}}}[id^="{name}-"]{{animation-name:{name}!important}}'


def _visibility_rule(name: str, start: int, stop: int, total: int) -> str:
    """Write the animation that shows an element from one step to another only."""
    changes = (
        [(0, "hidden")] * (start > 0) + [(start, "visible")] + [(stop, "hidden")] * (stop < total)
    )
    frames = "".join(f"{100 * at / total:.4g}%{{visibility:{value}}}" for at, value in changes)
    end = f"100%{{visibility:{changes[-1][1]}}}"
    return (
        f"@keyframes {name}{{{frames}{end}}}"
        f'[id^="{name}-"]{{animation-name:{name}!important;'
        "animation-timing-function:step-end!important}"
    )
