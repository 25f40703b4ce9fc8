"""Charts: where lines, dots and paths lie, and that their names keep apart."""

import re

import numpy as np
import pytest

from cnnlib.explain import plots
from cnnlib.explain.lettering import text_width
from cnnlib.explain.picture import show_dots, show_lines
from cnnlib.explain.plots.charts import contours_figure, dots_figure, lines_figure
from cnnlib.explain.plots.style import PIXELS
from tests.explain.makers import PATHS, bowl


def test_a_name_that_makes_room_for_others_has_a_line_to_its_own():
    ends = {"one": [1, 2], "other": [1, 2.05], "far": [1, 9]}
    fig = lines_figure({"": ends}, [0, 1], "n", "one", (), logarithmic=False)
    ax = fig.axes[0]
    places = {text.get_text(): text.xy[1] for text in ax.texts}
    assert places["other"] - places["one"] > 0.3
    leaders = [patch for patch in ax.artists + ax.patches if hasattr(patch, "xy1")]
    led = {patch.xy1[1]: patch.xy2[1] for patch in leaders}
    assert led == {ends[name][-1]: place for name, place in places.items()}


def test_no_name_of_a_line_leaves_the_chart():
    ends = {name: [1, 9 + n / 100] for n, name in enumerate(["one", "two", "three", "four"])}
    (ax,) = lines_figure({"": ends}, [0, 1], "n", "one", (), logarithmic=False).axes
    places = sorted(text.xy[1] for text in ax.texts)
    low, high = ax.get_ylim()
    assert places[-1] <= high
    assert np.diff(places).min() > 0.08 * (high - low)


def test_names_of_lines_never_lie_on_each_other():
    lines = {"a": [1, 5], "b": [1, 5.01], "c": [1, 5.02], "d": [1, 100], "e": [1, np.nan]}
    fig = lines_figure({"": lines}, [1, 2], "n", "a", ["d"])
    (ax,) = fig.axes
    fig.canvas.draw()
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts}
    assert sorted(boxes) == ["a", "b", "c", "d"]
    heights = sorted((box.y0 + box.y1) / 2 for box in boxes.values())
    assert min(np.diff(heights)) > 13.5 * fig.dpi / PIXELS
    colours = {text.get_text(): text.get_color() for text in ax.texts}
    assert colours["a"] == plots.COLOURS["kernel"]
    assert colours["d"] == plots.COLOURS["input"]


def test_lines_on_linear_axes_begin_at_zero_with_their_names_apart():
    lines = {"a": [4, 1], "b": [4, 1.02]}
    (ax,) = lines_figure({"": lines}, [0, 2], "n", "a", [], "y", False).axes
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_ylim()[0]) == ("linear", "linear", 0)
    heights = {text.get_text(): text.xy[1] for text in ax.texts}
    assert heights["a"] == 1
    assert heights["b"] > 1.2


def test_dots_stand_at_their_values_and_rings_are_hollow():
    groups = {"one kind": {"a name": [1.5], "b": []}, "": {"c": [-2]}}
    fig = dots_figure(groups, {"b": [3.0]}, 1)
    (ax,) = fig.axes
    dots = {
        (line.get_xdata()[0], line.get_ydata()[0]): line.get_markerfacecolor()
        for line in ax.lines
        if line.get_marker() == "o"
    }
    output, paper = plots.COLOURS["output"], plots.COLOURS["paper"]
    assert dots == {(1.5, 1): output, (3.0, 2): paper, (-2, 3): output}
    rows = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert rows == {"one kind": 0, "a name": 1, "b": 2, "c": 3}
    room = ax.get_position().x0 * fig.get_figwidth() * PIXELS
    assert room > 13.5 * max(map(text_width, rows))


def test_pictures_of_dots_side_by_side_leave_the_same_room_for_their_names():
    short, long = {"": {"a": [1.0]}}, {"": {"a much longer name": [2.0]}}
    names = ["a", "a much longer name"]
    rooms = {
        dots_figure(groups, {}, 1, beside=names).axes[0].get_position().x0
        for groups in (short, long)
    }
    assert len(rooms) == 1
    assert dots_figure(short, {}, 1).axes[0].get_position().x0 < rooms.pop()


def test_a_name_of_dots_stands_once():
    with pytest.raises(ValueError, match="a name may stand in one group only, got 'a' twice"):
        show_dots("c", {"one": {"a": [1]}, "other": {"a": [2]}})


def test_paths_lie_in_the_bowl_where_their_points_are():
    fig = contours_figure(bowl, PATHS, (-2, 2), (-1, 1), "a", "b", "ours")
    (axes,) = fig.axes
    drawn = {tuple(map(tuple, line.get_xydata())): line.get_color() for line in axes.lines}
    assert drawn == {
        ((-1.0, 1.0), (0.0, 0.5)): plots.COLOURS["kernel"],
        ((2.0, -1.0), (1.0, 0.0), (0.0, 0.0)): plots.COLOURS["muted"],
    }
    fills, lines = axes.collections[:2]
    assert (fills.levels[0], fills.levels[-1]) == (0, bowl(2, 1))
    assert np.all(np.diff(fills.get_alpha() or [c[3] for c in fills.get_facecolor()]) > 0)
    # A line joins places of the same height.
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        x, y = path.vertices.T
        assert bowl(x, y) == pytest.approx(np.full(len(x), level), abs=0.02)
    assert (axes.get_xlim(), axes.get_ylim()) == ((-2, 2), (-1, 1))


def chart_words(shown):
    """Return the texts of a chart, which Matplotlib writes beside their outlines."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", shown.svg)


def test_lines_without_names_end_in_their_last_values_and_share_an_axis():
    panels = {"loss": {"": [3, 2, 0.0124]}, "misread": {"": [7, 2, 1.15]}}
    shown = show_lines("c", panels, x=[1, 2, 3], across="epochs", alt="Two.", logarithmic=False)
    words = chart_words(shown)
    assert words.count("epochs") == 1
    assert {"0.012", "1.1"} <= set(words) or {"0.012", "1.2"} <= set(words)
    assert shown.alt == "Two. At 3 epochs: loss: 0.0124; misread: 1.15."


def test_of_many_places_round_ones_and_the_ends_have_numbers():
    line = {"it": {"": [1.0] * 20}}
    shown = show_lines("c", line, x=range(1, 21), across="n", alt="A.", logarithmic=False)
    numbers = [word for word in chart_words(shown) if word in map(str, range(2, 21))]
    assert numbers == ["5", "10", "15", "20"]
