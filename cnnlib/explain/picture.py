"""Pictures with a caption and a text alternative, as objects that notebooks and pages show.

Pictures of traces and matrices need only NumPy; photographs, maps, charts and figures of your own
need Matplotlib.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cnnlib.explain import product_scene, scene, stops_scene
from cnnlib.explain.equations import Equation, products
from cnnlib.explain.marks import Label, Scene
from cnnlib.explain.svg import animation_file, icon_svg, scene_file
from cnnlib.explain.text import (
    describe_array,
    describe_places,
    describe_step,
    describe_trace,
    entry_text,
    span,
)
from cnnlib.explain.trace import Step, Trace, output_metadata

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


def show_step(
    trace: Trace, at: tuple[int, ...] | None = None, *, caption: str, **titles: str
) -> Picture:
    """Show one step: input, kernel and output, with the window and the entry that it gives.

    Parameters
    ----------
    trace : Trace
        Of any operation.
    at : tuple of int, optional
        Which output entry, counted from 0; the first by default.
    caption : str
        What to notice.
    **titles : str
        Other titles for the matrices ``input``, ``kernel`` and ``output``.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[1, 2], [3, 4]], [[1, 0]])
    >>> show_step(traced, (1, 0), caption="The second row.").alt
    'Input, 2 by 2: 1, 2; 3, 4. Kernel, 1 by 2: 1, 0. Output, 2 by 1:
    1; 3. Marked: window row 2, columns 1 to 2; sum 3.'
    """
    step = trace.steps[0] if at is None else trace[at]
    alt = f"{describe_trace(trace)} Marked: {describe_step(step)}."
    drawn = scene.step_scene(trace, step.index, narrow=False, **titles)
    shown = _scene_picture(drawn, alt, caption, trace)
    if _is_legible(drawn):
        return shown
    return _with_narrow(shown, scene.step_scene(trace, step.index, narrow=True, **titles))


def show_windows(trace: Trace, *, caption: str, **titles: str) -> Picture:
    """Show all windows at once; a maximum is marked where it is taken, and what no window reads.

    Parameters
    ----------
    trace : Trace
        Of any operation; best of one whose windows do not overlap.
    caption : str
        What to notice.
    **titles : str
        Other titles for the matrices ``input`` and ``output``.
    """
    alt = f"{describe_trace(trace)} First window: {describe_step(trace.steps[0])}."
    unread = " and ".join(
        describe_places(name, places, size)
        for name, places, size in zip(("row", "column"), trace.unread, trace.size, strict=True)
        if places
    )
    if unread:
        alt += f" Under no window: {unread}."
    return _scene_picture(scene.steps_scene(trace, **titles), alt, caption, trace)


def show_matrices(
    caption: str,
    roles: Sequence[str] = (),
    *,
    framed: Mapping[str, npt.ArrayLike] | None = None,
    **arrays: Any,
) -> Picture:
    """Show matrices side by side, every entry written and said.

    Parameters
    ----------
    caption : str
        What to notice.
    roles : sequence of {"input", "kernel", "output"}, optional
        The colour of each; by default the first is an input and the others are outputs.
    framed : mapping of str to array_like of bool, shape (height, width), optional
        By the name of a matrix, which of its entries to put a frame around.
    **arrays : array_like, shape (height, width)
        What to show, by name (``_`` stands for a space).

    Examples
    --------
    >>> show_matrices("Twice.", image=[[1, 2]], doubled=[[2, 4]]).alt
    'image, 1 by 2: 1, 2; doubled, 1 by 2: 2, 4.'
    """
    named = {name.replace("_", " "): np.asarray(array) for name, array in arrays.items()}
    masks = {
        name.replace("_", " "): np.asarray(mask, dtype=bool)
        for name, mask in (framed or {}).items()
    }
    drawn = scene.matrices_scene(named, roles, masks)
    words = "; ".join(f"{name}, {describe_array(array)}" for name, array in named.items())
    places = "".join(
        f" Framed in {name}: "
        + ", ".join(f"row {row + 1} column {col + 1}" for row, col in np.argwhere(mask))
        + "."
        for name, mask in masks.items()
    )
    shown = _scene_picture(drawn, f"{words}.{places}", caption)
    if _is_legible(drawn):
        return shown
    return _with_narrow(shown, scene.matrices_scene(named, roles, masks, narrow=True))


def show_stops(trace: Trace, *, caption: str, axis: int = 1) -> Picture:
    """Show where a window can stop along one axis, what it reads, and where it has no room.

    Parameters
    ----------
    trace : Trace
        Of an operation whose window slides by a stride.
    caption : str
        What to notice.
    axis : {0, 1}
        Whether to show the rows of the input or its columns.

    Raises
    ------
    ValueError
        If the window does not slide by a stride.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[3, 1, 4, 1]], [[1, 1]], stride=2)
    >>> show_stops(traced, caption="Two stops.").alt
    'A window slides along 4 columns and stops 2 times. It reads columns
    1 to 2; columns 3 to 4.'
    """
    name = ("row", "column")[axis]
    places = stops_scene.windows_along(trace, axis)
    size, unread = trace.size[axis], trace.unread[axis]
    read = "; ".join(describe_places(name, stop, size) for stop in places)
    alt = (
        f"A window slides along {size} {name}s and stops {len(places)} "
        f"time{'s' * (len(places) != 1)}. It reads {read}."
    )
    if unread:
        alt += f" Under no window: {span(name, unread)}."
    drawn = stops_scene.stops_scene(trace, axis)
    shown = _scene_picture(drawn, alt, caption, trace)
    if _is_legible(drawn):
        return shown
    return _with_narrow(shown, stops_scene.stops_scene(trace, axis, narrow=True))


def show_product(trace: Trace, *, caption: str, **titles: str) -> Picture:
    """Show a convolution as a matrix times a column of numbers; zeros of the matrix stay blank.

    Parameters
    ----------
    trace : Trace
        Of a convolution or a transposed convolution.
    caption : str
        What to notice.
    **titles : str
        Other titles for ``matrix``, ``input`` and ``output``.

    Raises
    ------
    ValueError
        If the trace is of a pooling, or its padding is not of zeros.
    """
    matrix = trace.matrix
    rows, columns = matrix.shape
    alt = (
        f"A matrix of {rows} rows and {columns} columns, of which {np.count_nonzero(matrix)} "
        f"entries are not zero, times the input as a column, gives the output as a column. "
        f"{describe_trace(trace)}"
    )
    drawn = product_scene.product_scene(trace, **titles)
    shown = _scene_picture(drawn, alt, caption, trace)
    narrow = None if _is_legible(drawn) else product_scene.narrow_product_scene(trace, **titles)
    return shown if narrow is None else _with_narrow(shown, narrow)


def animate(
    trace: Trace,
    *,
    caption: str,
    seconds: float = 3.0,
    compact: bool = False,
    explore: str = "",
    **titles: str,
) -> Picture:
    """Show the steps one after another.

    Parameters
    ----------
    trace : Trace
        Of any operation.
    caption : str
        What to notice.
    seconds : float
        How long a step is shown.
    compact : bool
        Whether to leave the kernel out, whose weights lie on the input, and put the output below.
    explore : str
        What `explorer_link` gives: the page adds a link that opens the explorer there, and shows
        the step in the middle and all outputs until the animation is played.
    **titles : str
        Other titles for the matrices ``input``, ``kernel`` and ``output``.
    """
    first, last = trace.steps[0], trace.steps[-1]
    alt = (
        f"Animation in {len(trace)} steps. {describe_trace(trace)} "
        f"First step: {describe_step(first)}. Last step: {describe_step(last)}."
    )
    drawn = scene.animation_scene(trace, compact=compact, **titles)
    height, width = trace.output.shape[-2:]
    rest = height // 2 * width + width // 2 if explore else None
    svg = animation_file(
        drawn, title=caption, description=alt, seconds=seconds, explore=explore, rest=rest
    )
    return Picture(svg, alt, caption, trace)


def animate_matrices(
    caption: str,
    moments: Sequence[tuple[str, Mapping[str, Any]]],
    roles: Sequence[str],
    *,
    labels: Sequence[object] = (),
    seconds: float = 2.0,
) -> Picture:
    """Show matrices that change, such as weights while they are learnt, one moment after another.

    Parameters
    ----------
    caption : str
        What to notice.
    moments : sequence of (str, mapping of str to array_like, shape (height, width))
        What to say at each moment, and its matrices by name: the same names and shapes throughout.
    roles : sequence of {"input", "kernel", "output"}
        The colour of each matrix.
    labels : sequence, optional
        What the button of each moment says; 1, 2, 3 and so on by default.
    seconds : float
        How long a moment is shown.

    Raises
    ------
    ValueError
        If there is no moment, if one has other matrices than the first, or if there are not as
        many labels as moments.

    Examples
    --------
    >>> moments = [("before", {"K": [[0, 1]]}), ("after", {"K": [[1, 1]]})]
    >>> animate_matrices("A weight grows.", moments, ["kernel"]).alt
    'Animation in 2 moments. First, before: K, 1 by 2: 0, 1. Last, after: K, 1 by 2: 1, 1.'
    """
    if not moments:
        raise ValueError("moments: expected at least one moment, got none")
    drawn = scene.moments_scene(moments, roles, labels)

    def say(moment: tuple[str, Mapping[str, Any]]) -> str:
        words, arrays = moment
        named = (f"{name}, {describe_array(np.asarray(a))}" for name, a in arrays.items())
        return f"{words}: {'; '.join(named)}."

    first, last = say(moments[0]), say(moments[-1])
    alt = f"Animation in {len(moments)} moments. First, {first} Last, {last}"
    svg = animation_file(drawn, title=caption, description=alt, seconds=seconds)
    return Picture(svg, alt, caption)


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
    ValueError
        If ``alt`` or ``caption`` is empty.
    """
    from cnnlib.explain.plots.export import figure_file

    return Picture(figure_file(fig, title=caption, description=alt), alt, caption, trace)


def show_images(
    caption: str,
    *,
    signed: Sequence[str] = (),
    columns: int = 2,
    framed: Mapping[str, tuple[slice, slice]] | None = None,
    alt: str = "",
    **images: Any,
) -> Picture:
    """Show photographs and maps side by side.

    Parameters
    ----------
    caption : str
        What to notice.
    signed : sequence of str
        Which of the images are maps of signed values: green for positive, purple for negative
        entries.
    columns : int
        How many stand side by side.
    framed : mapping of str to (slice, slice), optional
        By the name of an image, the rows and columns to put a frame around.
    alt : str
        What the images show, if that says more than their sizes and values.
    **images : array_like, shape (height, width) or (height, width, 3)
        What to show, by name (``_`` stands for a space).

    Raises
    ------
    ValueError
        If `framed` names an image that is not shown, or a frame that is empty.
    """
    from cnnlib.explain.plots.images import images_figure

    named = {name.replace("_", " "): np.asarray(image) for name, image in images.items()}
    frames = {name.replace("_", " "): frame for name, frame in (framed or {}).items()}
    for name in frames:
        if name not in named:
            raise ValueError(f"framed: {name!r} is none of the images {', '.join(named)}")
    places = "".join(
        f" Framed in {name}: {_describe_frame(name, frame, named[name].shape)}."
        for name, frame in frames.items()
    )
    fig = images_figure(named, {name.replace("_", " ") for name in signed}, columns, frames)
    words = "; ".join(
        f"{name}: {' by '.join(map(str, image.shape))}, values from {image.min():.3g} to "
        f"{image.max():.3g}"
        for name, image in named.items()
    )
    return picture(fig, alt=f"{alt or f'{words}.'}{places}", caption=caption)


def show_patches(
    caption: str,
    strips: Mapping[str, Sequence[npt.ArrayLike]],
    *,
    kernels: Sequence[npt.ArrayLike] = (),
    alt: str,
) -> Picture:
    """Show which parts of images a kernel or a map answers to: strips of small patches.

    Parameters
    ----------
    caption : str
        What to notice.
    strips : mapping of str to sequence of array_like, shape (side, side)
        By the name of each kernel or map its patches, in greys.
    kernels : sequence of array_like, shape (side, side)
        For each strip the kernel to draw before it: green for positive weights, purple for
        negative ones. All share one scale.
    alt : str
        What the picture shows.

    Raises
    ------
    ValueError
        If there are no strips, or kernels for only some of them.

    Examples
    --------
    >>> show_patches("What each kernel answers to.", {"1": []}, alt="Patches.")
    Traceback (most recent call last):
    ValueError: strips: expected at least one patch in each strip, got {'1': []}
    """
    if not strips or not all(map(len, strips.values())):
        raise ValueError(f"strips: expected at least one patch in each strip, got {strips!r}")
    if len(kernels) not in (0, len(strips)):
        raise ValueError(f"kernels: expected one for each of {len(strips)}, got {len(kernels)}")
    from cnnlib.explain.plots.export import figure_file
    from cnnlib.explain.plots.images import patches_figure

    patches = {name: [np.asarray(patch) for patch in strip] for name, strip in strips.items()}
    weights = [np.asarray(kernel, float) for kernel in kernels]
    drawn = picture(patches_figure(patches, weights, width=500), alt=alt, caption=caption)
    on_phones = patches_figure(patches, weights, width=396, columns=1 if weights else 2)
    return replace(drawn, narrow=figure_file(on_phones, title=caption, description=alt))


def _describe_frame(name: str, frame: tuple[slice, slice], shape: Sequence[int]) -> str:
    """Say which rows and columns of an image a frame lies around."""
    rows, cols = (
        tuple(range(*piece.indices(length))) for piece, length in zip(frame, shape, strict=False)
    )
    if not rows or not cols:
        raise ValueError(f"framed: the frame of {name!r} is empty; its shape is {tuple(shape)}")
    return f"{span('row', rows)}, {span('column', cols)}"


def show_stages(
    caption: str,
    stages: Sequence[tuple[str, Any, Sequence[str]]],
    *,
    alt: str,
    limit: float = 1.0,
    framed: tuple[slice, slice] | None = None,
    of: Sequence[int] = (),
) -> Picture:
    """Show what each stage of a network gives: an image, maps, and scores.

    They stand in one strip, and on a phone in rows of two.

    Parameters
    ----------
    caption : str
        What to notice.
    stages : sequence of (str, array_like, sequence of str)
        The title of each stage, what it gives, and the names of its maps or classes: an image of
        shape (1, height, width) first, at most four maps of shape (channels, height, width),
        scores of shape (classes,).
    alt : str
        What the picture shows; sizes, names and scores are added to it.
    limit : float
        The value of full colour, the same in all maps.
    framed : (slice, slice), optional
        The rows and columns of the image to put a frame around.
    of : sequence of int, optional
        How many maps each stage has, if only some of them are shown.

    Raises
    ------
    ValueError
        If maps or classes and their names differ in number, if there are more than four maps, or
        if a map has values beyond `limit`.
    """
    from cnnlib.explain.plots.export import figure_file
    from cnnlib.explain.plots.stages import percentages, stages_figure

    arrays = [(title, np.asarray(stage), names) for title, stage, names in stages]
    words = [alt]
    for number, (title, stage, names) in enumerate(arrays):
        if number > 0 and len(names) != len(stage):
            raise ValueError(f"{title}: expected {len(stage)} names, got {len(names)}")
        if stage.ndim == 1:
            shares = zip(names, percentages(stage), strict=True)
            said = ", ".join(f"{name} {share}%" for name, share in shares)
            words.append(f"{title[:1].upper()}{title[1:]}: {said}.")
            continue
        if number > 0 and len(stage) > 4:
            raise ValueError(f"{title}: expected at most 4 maps, got {len(stage)}")
        if number > 0 and (largest := float(np.abs(stage).max())) > limit:
            raise ValueError(f"{title}: limit is {limit:g}, but a value reaches {largest:.3g}")
        size = " by ".join(map(str, stage.shape))
        if of and len(stage) < of[number]:
            size = f"{len(stage)} of {of[number]} maps, {' by '.join(map(str, stage.shape[1:]))}"
        named = f" ({', '.join(names)})" if names else ""
        words.append(f"{title[:1].upper()}{title[1:]}, {size}{named}.")
    fig = stages_figure(arrays, limit, framed, of=of)
    drawn = picture(fig, alt=" ".join(words), caption=caption)
    if len(arrays) <= 2:
        return drawn
    in_rows = stages_figure(arrays, limit, framed, in_row=2, of=of)
    narrow = figure_file(in_rows, title=caption, description=drawn.alt)
    return replace(drawn, narrow=narrow)


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


def _point(point: tuple[float, float]) -> str:
    """Write a point for those who listen."""
    return " and ".join(map(_short, point))


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


def _short(value: float) -> str:
    """Write a number to three digits, for those who listen."""
    return "unknown" if np.isnan(value) else entry_text(float(f"{value:.3g}"))


def _scene_picture(drawn: Scene, alt: str, caption: str, trace: Trace | None = None) -> Picture:
    return Picture(scene_file(drawn, title=caption, description=alt), alt, caption, trace)


def _is_legible(drawn: Scene) -> bool:
    """Say whether the entries of a drawing can be read on a phone, where it becomes smaller."""
    letters = [s.size for s in drawn.shapes if isinstance(s, Label) and s.kind == "entry"]
    smaller = min(1.0, ON_PHONE / drawn.width)
    return min(letters, default=LEGIBLE) * smaller >= LEGIBLE


def _with_narrow(shown: Picture, drawn: Scene) -> Picture:
    """Give a picture a drawing for narrow screens."""
    narrow = scene_file(drawn, title=shown.caption, description=shown.alt)
    return replace(shown, narrow=narrow)


@dataclass(frozen=True)
class WindowList:
    """Equations, each beside a small picture of the window it was made from."""

    trace: Trace
    items: tuple[tuple[Step, Equation], ...]

    def _repr_html_(self) -> str:
        lines = "".join(
            f"<li>{window_icon(self.trace, step)}{equation._repr_html_()}</li>"
            for step, equation in self.items
        )
        return f'<ol class="windows">{lines}</ol>'

    def _repr_latex_(self) -> str:
        lines = r" \\ ".join(equation.tex.replace("=", "&=", 1) for _, equation in self.items)
        return rf"$$ \begin{{aligned}} {lines} \end{{aligned}} $$"


def show_equations(
    trace: Trace,
    steps: Iterable[Step] | None = None,
    *,
    write: Callable[[Step], Equation] = products,
) -> WindowList:
    """Show the equations of steps, each beside a small picture of its window.

    Parameters
    ----------
    trace : Trace
        Of any operation.
    steps : iterable of Step, optional
        Which steps of it; all by default.
    write : callable
        What writes the equation of a step: `products`, `maximum` or `mean`.
    """
    chosen = trace.steps if steps is None else steps
    return WindowList(trace, tuple((step, write(step)) for step in chosen))


def window_icon(trace: Trace, step: Step) -> str:
    """Draw a window as a small picture to stand in a line."""
    rows = describe_places("row", step.rows, step.size[0])
    cols = describe_places("column", step.cols, step.size[1])
    label = f"window {rows}, {cols}" if step.terms else "no window"
    return icon_svg(scene.icon_scene(trace, step), label=label, attributes=' class="window"')
