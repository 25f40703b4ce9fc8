"""The sliding window, as one SVG that moves by style rules alone.

Every frame is drawn once; style rules slide the window and choose what can be read. There
is no script in it, so it moves in an ``<img>``. Shown as ``name.svg#step3`` it stands still on
the third step; for a reader who prefers reduced motion it stands still on the last.
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

_SCALE = 0.44  # inches for a cell
_POINTS = 72 * _SCALE  # the units of the SVG for a cell
_REST = 0.85  # the part of a step's time after which the window moves on


def animate(trace: Trace, *, caption: str, seconds: float = 3.0) -> Picture:
    """Slide the kernel over the input, one step after another.

    Parameters
    ----------
    trace : Trace
        A convolution of two small matrices.
    caption : str
        What to notice.
    seconds : float
        How long a step is shown.

    Returns
    -------
    Picture
        In each frame the window, its products and its sum can be read.

    Raises
    ------
    ValueError
        If the trace has no kernel to slide.
    """
    if trace.weight is None:
        raise ValueError(f"trace: got one of {trace.operation}, which has no kernel; use conv2d's")
    with style():
        places = layout(trace)
        width, height = places["size"]
        fig, ax = canvas(width, height + 0.9, scale=_SCALE)
        blank = np.full(trace.output.shape, "")
        at = places["input"]
        draw_grid(ax, trace.input, at=at, role="input", title="input X", size=13.5, nudge=0.1)
        draw_grid(ax, trace.weight, at=places["kernel"], role="kernel", title="kernel K")
        draw_grid(ax, blank, at=places["output"], role="output", title="output Y")
        _draw_moving(ax, trace.steps[-1], places)
        for number, step in enumerate(trace):
            entry = draw_entry(ax, step.value, _cell(step, places), role="output")
            line = ax.text(
                width / 2, height + 0.4, sum_text(step), ha="center", va="center", size=13.5
            )
            _name([entry], f"from{number}")
            _name([line], f"only{number}")
    css, frames = _motion(trace, seconds), tuple(map(describe_step, trace))
    alt = _alt(trace)
    return picture(fig, alt=alt, caption=caption, css=css, frames=frames, trace=trace)


def _draw_moving(ax: Axes, step: Step, places: dict[str, tuple[float, float]]) -> None:
    """Draw what slides: the window with its weights, and the mark on the output."""
    x, y = places["input"]
    window = draw_window(ax, step.rows, step.cols, at=(x, y), role="kernel")
    for row, line in zip(step.rows, step.weights or (), strict=True):
        for col, weight in zip(step.cols, line, strict=True):
            corner = (x + col + 0.95, y + row + 0.99)
            text = f"×{entry_text(weight)}"
            colour = COLOURS["kernel"]
            window.append(ax.text(*corner, text, size=10.5, color=colour, ha="right", va="bottom"))
    _name(window, "window")
    x, y = _cell(step, places)
    _name(draw_window(ax, (0,), (0,), at=(x, y), role="output"), "mark")


def _cell(step: Step, places: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the corner of the output cell of a step."""
    x, y = places["output"]
    return x + step.index[1], y + step.index[0]


def _name(artists: Sequence[Artist], name: str) -> None:
    for number, artist in enumerate(artists):
        artist.set_gid(f"{name}-{number}")


def _alt(trace: Trace) -> str:
    first, last = trace.steps[0], trace.steps[-1]
    return (
        f"Animation in {len(trace)} steps. {describe_trace(trace)} "
        f"First step: {describe_step(first)}. Last step: {describe_step(last)}."
    )


def _motion(trace: Trace, seconds: float) -> str:
    """Write the style rules: moving where that is welcome, else one step, the last by default."""
    total, here = len(trace), range(len(trace))
    window = _places((step.rows[0], step.cols[0]) for step in trace)
    mark = _places(step.index for step in trace)
    hidden = ",".join(f'[id^="only{number}-"]' for number in here[:-1])
    rules = [f"svg:not(:has(:target)) :is({hidden}){{visibility:hidden}}"]
    for number in here:
        later = [f'[id^="from{other}-"]' for other in here[number + 1 :]]
        others = [f'[id^="only{other}-"]' for other in here if other != number]
        chosen = f"svg:has(#step{number + 1}:target)"
        rules += [
            f"{chosen} :is({','.join(later + others)}){{visibility:hidden}}",
            f'{chosen} [id^="window-"]{{transform:{window[number]}}}',
            f'{chosen} [id^="mark-"]{{transform:{mark[number]}}}',
        ]
    # A browser that does not know `:has` skips these rules and shows the last step.
    moving = [f"svg:not(:has(:target)) [id]{{animation:{seconds * total:g}s infinite}}"]
    moving += [_slide("window", window), _slide("mark", mark)]
    for number in here:
        moving.append(_shown(f"from{number}", number, total, total))
        moving.append(_shown(f"only{number}", number, number + 1, total))
    return f"{''.join(rules)}@media (prefers-reduced-motion:no-preference){{{''.join(moving)}}}"


def _places(corners: Iterable[tuple[int, int]]) -> list[str]:
    """Say how far each corner is from the last, where things were drawn."""
    corners = list(corners)
    bottom, right = corners[-1]
    return [
        f"translate({(col - right) * _POINTS:g}px,{(row - bottom) * _POINTS:g}px)"
        for row, col in corners
    ]


def _slide(name: str, places: Sequence[str]) -> str:
    """Move from place to place, resting at each."""
    frames = "".join(
        f"{100 * number / len(places):.4g}%,{100 * (number + _REST) / len(places):.4g}%"
        f"{{transform:{place}}}"
        for number, place in enumerate(places)
    )
    return f'@keyframes {name}{{{frames}}}[id^="{name}-"]{{animation-name:{name}!important}}'


def _shown(name: str, start: int, stop: int, total: int) -> str:
    """Show a thing from one step to another, and hide it else."""
    marks = (
        [(0, "hidden")] * (start > 0) + [(start, "visible")] + [(stop, "hidden")] * (stop < total)
    )
    frames = "".join(f"{100 * at / total:.4g}%{{visibility:{what}}}" for at, what in marks)
    end = f"100%{{visibility:{marks[-1][1]}}}"
    return (
        f"@keyframes {name}{{{frames}{end}}}"
        f'[id^="{name}-"]{{animation-name:{name}!important;'
        "animation-timing-function:step-end!important}"
    )
