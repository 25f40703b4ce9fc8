"""Charts with their values in words: curves, lines, contours and dots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from cnnlib.explain.picture.display import Picture, picture
from cnnlib.explain.text import entry_text


def show_curve(
    function: Callable[[Any], Any], *, caption: str, low: float = -4, high: float = 4
) -> Picture:
    """Show the curve of a function of one number.

    Parameters
    ----------
    function : callable
        It takes and returns an array.
    caption : str
        What to notice.
    low, high : float
        Where the curve begins and ends.
    """
    from cnnlib.explain.plots.charts import curve_figure

    x = np.linspace(low, high, 161)
    places = np.array([low, low / 4, 0, high / 4, high])
    values = zip(places, function(places), strict=True)
    said = ", ".join(f"{_short(value)} at {_short(place)}" for place, value in values)
    name = getattr(function, "__name__", "a function")
    return picture(
        curve_figure(x, function(x)), alt=f"The curve of {name}: {said}.", caption=caption
    )


def show_lines(
    caption: str,
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    x: Sequence[float],
    alt: str,
    across: str = "",
    up: str = "",
    strong: str = "",
    dashed: Collection[str] = (),
    logarithmic: bool = True,
) -> Picture:
    """Show how values change with another one: lines in panels.

    Parameters
    ----------
    caption : str
        What to notice.
    panels : mapping of str to mapping of str to sequence of float
        By the title of each panel its lines, by their names; ``nan`` where a value is missing. The
        only line of a panel needs no name: the title says what it is.
    x : sequence of float
        The places of the values, the same for all lines.
    alt : str
        What the picture shows; the last value of each line is added to it.
    across, up : str
        The names of the two axes.
    strong : str
        The line that the picture is about.
    dashed : collection of str
        Lines that are limits rather than measurements.
    logarithmic : bool
        Whether both axes are logarithmic. If not, they are linear, and the upright one begins at 0.
    """
    from cnnlib.explain.plots.charts import lines_figure

    last = "; ".join(
        (f"{title}: " if title else "")
        + ", ".join(f"{name} {_short(line[-1])}".strip() for name, line in lines.items())
        for title, lines in panels.items()
    )
    fig = lines_figure(panels, x, across, strong, dashed, up, logarithmic)
    return picture(fig, alt=f"{alt} At {_short(x[-1])} {across}: {last}.", caption=caption)


def show_contours(
    caption: str,
    function: Callable[[Any, Any], Any],
    paths: Mapping[str, Sequence[tuple[float, float]]],
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    alt: str,
    across: str = "",
    up: str = "",
    strong: str = "",
) -> Picture:
    """Show a function of two numbers from above, as a map shows hills, and paths in it.

    Parameters
    ----------
    caption : str
        What to notice.
    function : callable
        It takes two arrays of equal shape, and returns one of that shape.
    paths : mapping of str to sequence of (float, float)
        By their names, the points of each path.
    x, y : (float, float)
        Where the two axes begin and end.
    alt : str
        What the picture shows; the ends of the paths are added to it.
    across, up : str
        The names of the two axes.
    strong : str
        The path that the picture is about.
    """
    from cnnlib.explain.plots.charts import contours_figure

    said = " ".join(
        f"{name[:1].upper()}{name[1:]}: from {_point(points[0])} to {_point(points[-1])} "
        f"in {len(points) - 1} step{'s' * (len(points) != 2)}."
        for name, points in paths.items()
    )
    fig = contours_figure(function, paths, x, y, across, up, strong)
    return picture(fig, alt=f"{alt} {said}", caption=caption)


def show_dots(
    caption: str,
    groups: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    rings: Mapping[str, Sequence[float]] | None = None,
    mark: float | None = None,
    sides: tuple[str, str] = ("", ""),
    limit: float | None = None,
    beside: Collection[str] = (),
) -> Picture:
    """Show values as dots, one line for each name, under the headings of groups.

    Parameters
    ----------
    caption : str
        What to notice.
    groups : mapping of str to mapping of str to sequence of float
        By the heading of each group its names, with their values; an empty heading is not shown.
    rings : mapping of str to sequence of float, optional
        Further values by name, drawn as rings.
    mark : float, optional
        A value to compare with, drawn as a line.
    sides : (str, str)
        What values below and above `mark` mean.
    limit : float, optional
        The end of the axis, so that several pictures have the same one.
    beside : collection of str
        Names in pictures that stand beside this one: all leave the same room for them.
    """
    from cnnlib.explain.plots.charts import dots_figure

    rings = rings or {}
    counted = Counter(name for names in groups.values() for name in names)
    if doubled := [name for name, count in counted.items() if count > 1]:
        raise ValueError(f"groups: a name may stand in one group only, got {doubled[0]!r} twice")
    said = "; ".join(
        (f"{heading}: " if heading else "")
        + ", ".join(
            f"{name} {' and '.join(map(_short, [*rings.get(name, ()), *values]))}"
            for name, values in names.items()
        )
        for heading, names in groups.items()
    )
    if mark is not None and any(sides):
        said += f". Below {_short(mark)}: {sides[0]}; above: {sides[1]}"
    figure = dots_figure(groups, rings, mark, sides, limit, beside)
    return picture(figure, alt=f"Dots. {said}.", caption=caption)


def _point(point: tuple[float, float]) -> str:
    """Write a point for those who listen."""
    return " and ".join(map(_short, point))


def _short(value: float) -> str:
    """Write a number to three digits, for those who listen."""
    return "unknown" if np.isnan(value) else entry_text(float(f"{value:.3g}"))
