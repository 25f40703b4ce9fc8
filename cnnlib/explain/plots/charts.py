"""Charts: curves, lines, contours and dots, with axes and names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch
from matplotlib.transforms import offset_copy

from cnnlib.explain.lettering import text_width
from cnnlib.explain.plots.style import COLOURS, PIXELS, POINT, style
from cnnlib.shapes import Array

_LETTERS = 13.5 * POINT


def curve_figure(x: Array, y: Array) -> Figure:
    """Draw one curve with its axes."""
    with style():
        fig = _chart(400, 200)
        ax = fig.add_axes((0.09, 0.13, 0.88, 0.82))
        ax.axhline(0, color=COLOURS["line"], lw=1)
        ax.axvline(0, color=COLOURS["line"], lw=1)
        ax.plot(x, y, color=COLOURS["output"], lw=2.2)
        _bare(ax)
    return fig


def lines_figure(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    x: Sequence[float],
    across: str,
    strong: str,
    dashed: Collection[str],
    up: str = "",
    logarithmic: bool = True,
) -> Figure:
    """Draw lines in panels, each with its name at its end.

    Lines without names have their last values there; their panels are lower, as wide as a phone,
    and name the axis of `x` once.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        By the title of each panel its lines, by their names.
    x : sequence of float
        The places of the values.
    across, strong, dashed, up, logarithmic
        The name of the axis of `x`; the line in a colour of its own; the limits; the name of the
        other axis; and whether both axes are logarithmic, or linear from 0.
    """
    named = any(name for lines in panels.values() for name in lines)
    width, height = (370, 300) if named else (396, 210)
    with style():
        fig = _chart(width, height * len(panels))
        axes = fig.subplots(len(panels), squeeze=False)[:, 0]
        for ax, (title, lines) in zip(axes, panels.items(), strict=True):
            markers = iter("s^Dvx*<>ph")
            for name, line in lines.items():
                role = "kernel" if name == strong else "input" if name in dashed else "muted"
                ax.plot(
                    x, line, color=COLOURS[role], lw=2.4 if name == strong else 1, ms=5,
                    marker="" if name in dashed else "o" if name == strong else next(markers),
                    ls="--" if name in dashed else "-",
                )  # fmt: skip
            if logarithmic:
                ax.loglog()
            else:
                ax.set_ylim(bottom=0)
            ends = {name or f"{line[-1]:.2g}": line for name, line in lines.items()}
            _name_lines(ax, ends, x[-1], {strong: "kernel"} | dict.fromkeys(dashed, "input"))
            # A panel without a title has the name of its upright axis there.
            colour = COLOURS["ink" if title else "muted"]
            ax.set_title(title or up, size=_LETTERS, x=-0.16, loc="left", color=colour)
            if named or ax is axes[-1]:
                ax.set_xlabel(across, size=_LETTERS, color=COLOURS["muted"])
            ticks = _tick_places(x)
            ax.set_xticks(ticks, [f"{place:g}" for place in ticks])
            ax.yaxis.set_major_formatter("{x:g}")
            ax.minorticks_off()
            _bare(ax)
        edge = 12 / (height * len(panels))
        right, hspace = (0.63, 0.36) if named else (0.87, 0.4)
        fig.subplots_adjust(
            left=0.13, right=right, top=1 - 2 * edge, bottom=4.5 * edge, hspace=hspace
        )
    return fig


def _tick_places(x: Sequence[float]) -> Sequence[float]:
    """Choose the places that get a number: all, or of more than ten the ends and round numbers."""
    if len(x) <= 10:
        return x
    step = next(step for step in (2, 5, 10, 20, 50, 100, 200) if len(x) <= 5 * step)
    return [x[0], *(place for place in x[1:-1] if place % step == 0), x[-1]]


def _name_lines(
    ax: Axes, lines: Mapping[str, Sequence[float]], x: float, roles: Mapping[str, str]
) -> None:
    """Write the name of each line at its end; one that makes room for others gets a leader."""
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(np.array(ax.get_ylim()))
    apart, below, above = 0.082 * (high - low), -np.inf, high + 0.082 * (high - low)
    ends = {name: line[-1] for name, line in lines.items() if np.isfinite(line[-1])}
    places = {}
    for name, end in sorted(ends.items(), key=lambda item: item[1]):
        places[name] = below = max(scale.transform(np.array([end])).item(), below + apart)
    for name, end in sorted(ends.items(), key=lambda item: -places[item[0]]):
        above = min(places[name], above - apart)  # none stands above the axis
        place = scale.inverted().transform(np.array([above])).item()
        ax.annotate(
            name, (x, place), xytext=(16, 0), textcoords="offset points", va="center",
            size=_LETTERS, annotation_clip=False,
            color=COLOURS[roles.get(name, "ink")],
        )  # fmt: skip
        ends_at = offset_copy(ax.transData, ax.get_figure(root=True), 13, units="points")
        leader = ConnectionPatch(
            (x, end), (x, place), ax.transData, ends_at, shrinkA=4, lw=0.8, color=COLOURS["muted"]
        )
        ax.add_artist(leader)


def contours_figure(
    function: Callable[[Array, Array], Array],
    paths: Mapping[str, Sequence[tuple[float, float]]],
    x: tuple[float, float],
    y: tuple[float, float],
    across: str,
    up: str,
    strong: str,
) -> Figure:
    """Draw a function of two numbers from above, the larger the darker, and paths in it.

    Parameters
    ----------
    function : callable
        It takes and returns arrays of equal shape.
    paths : mapping of str to sequence of (float, float)
        By their names, the points of each path.
    x, y : (float, float)
        Where the axes begin and end.
    across, up, strong : str
        The names of the axes, and of the path in a colour of its own.
    """
    columns, rows = np.meshgrid(np.linspace(*x, 49), np.linspace(*y, 49))
    values = function(columns, rows)
    # In a bowl, lines at squares are evenly apart.
    count = 12
    low, high = float(values.min()), float(values.max())
    levels = low + (high - low) * (np.arange(count + 1) / count) ** 2
    shades = [(COLOURS["input"], 0.4 * n / count) for n in range(count)]
    with style():
        fig = _chart(370, 340)
        ax = fig.add_axes((0.13, 0.17, 0.85, 0.74))
        ax.contourf(columns, rows, values, levels, colors=shades)
        ax.contour(columns, rows, values, levels[1:-1], colors=COLOURS["input"], linewidths=0.6)
        for name, points in paths.items():
            role = "kernel" if name == strong else "muted"
            along, upwards = zip(*points, strict=True)
            colour = COLOURS[role]
            ax.plot(along, upwards, "-o", color=colour, lw=1.6, ms=4, clip_on=False)
            # A name has room towards the middle, and a ground of its own: lines would cross it.
            right = along[0] > sum(x) / 2
            ground = {"boxstyle": "round,pad=0.2", "fc": COLOURS["paper"], "ec": "none"}
            ax.annotate(
                name, points[0], xytext=(-6 if right else 6, 9), textcoords="offset points",
                ha="right" if right else "left", size=_LETTERS, color=colour, bbox=ground,
            )  # fmt: skip
        ax.set_title(up, size=_LETTERS, x=-0.1, loc="left", color=COLOURS["muted"])
        ax.set_xlabel(across, size=_LETTERS, color=COLOURS["muted"])
        ax.locator_params(integer=True)
        _bare(ax)
    return fig


def dots_figure(
    groups: Mapping[str, Mapping[str, Sequence[float]]],
    rings: Mapping[str, Sequence[float]],
    mark: float | None,
    sides: tuple[str, str] = ("", ""),
    limit: float | None = None,
    beside: Collection[str] = (),
) -> Figure:
    """Draw values as dots, one line for each name, under the headings of groups.

    Parameters
    ----------
    groups : mapping of str to mapping of str to sequence of float
        By the heading of each group its names, with their values.
    rings : mapping of str to sequence of float
        Further values by name, drawn as rings.
    mark : float or None
        A value to compare with.
    sides : (str, str)
        What values below and above it mean.
    limit : float, optional
        The end of the axis.
    beside : collection of str
        Further names for which to leave room.
    """
    lines: list[tuple[str, Sequence[float] | None]] = []
    for heading, names in groups.items():
        lines += [(heading, None)] if heading else []
        lines += names.items()
    with style():
        pitch, top = 21, 50 if any(sides) else 26
        height = pitch * len(lines) + top + 4
        fig = _chart(370, height)
        widest = max(map(text_width, [*(name for name, _ in lines), *beside]))
        left = (widest * _LETTERS / POINT + 18) / 370
        ax = fig.add_axes((left, 4 / height, 0.97 - left, 1 - (top + 4) / height))
        along = ax.get_yaxis_transform()
        for row, (name, values) in enumerate(lines):
            ax.text(
                -0.03, row, name, transform=along, ha="right", va="center", size=_LETTERS,
                color=COLOURS["output" if values is None else "ink"],
            )  # fmt: skip
            if values is not None:
                _draw_dots(ax, row, values, rings.get(name, ()))
        if mark is not None:
            ax.axvline(mark, color=COLOURS["kernel"], lw=1.5, zorder=0)
            _name_sides(ax, mark, sides)
        low, high = ax.get_xlim()
        ax.set_xlim(min(low, 0), max(high, 0) if limit is None else limit)
        if ax.get_xlim()[1] >= 2:
            ax.locator_params(axis="x", integer=True)
        ax.set_ylim(len(lines) - 0.4, -0.6)
        ax.set_yticks([])
        ax.grid(axis="x", color=COLOURS["line"], lw=0.8)
        ax.set_axisbelow(True)
        ax.tick_params(labelsize=_LETTERS, length=0, labeltop=True, labelbottom=False)
        ax.spines[:].set_visible(False)
    return fig


def _draw_dots(ax: Axes, row: int, values: Sequence[float], rings: Sequence[float]) -> None:
    """Draw the values of one line as dots, over rings."""
    ax.axhline(row, color=COLOURS["line"], lw=0.8, zorder=0)
    for value, face in [(ring, "paper") for ring in rings] + [(dot, "output") for dot in values]:
        ax.plot(value, row, "o", ms=6, mec=COLOURS["output"], mfc=COLOURS[face], mew=1.5)


def _name_sides(ax: Axes, mark: float, sides: tuple[str, str]) -> None:
    """Say above the axes what values on the two sides of a mark mean."""
    for side, place, align in zip(sides, (-6, 6), ("right", "left"), strict=True):
        if side:
            ax.annotate(
                f"← {side}" if align == "right" else f"{side} →", (mark, 1),
                xycoords=ax.get_xaxis_transform(), xytext=(place, 26),
                textcoords="offset points", ha=align, size=_LETTERS, color=COLOURS["muted"],
            )  # fmt: skip


def _chart(width: float, height: float) -> Figure:
    """Make a figure for a chart, its size in pixels."""
    return Figure(figsize=(width / PIXELS, height / PIXELS))


def _bare(ax: Axes) -> None:
    """Leave only the axes to the left and below."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=_LETTERS)
