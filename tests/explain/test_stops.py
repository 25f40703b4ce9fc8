"""A strip shows each stop where the geometry says, and beyond the end the one without room."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cnnlib import adaptive_avg_pool2d, conv2d, conv_transpose2d
from cnnlib.explain import show_stops, svg
from cnnlib.explain.layout import CELL
from cnnlib.explain.stops_scene import stops_scene
from cnnlib.explain.trace import trace
from tests.explain import holds
from tests.explain.drawn import read_scene_svg
from tests.explain.traces import traces

SLIDING = ("conv2d", "convolve2d", "max_pool2d", "avg_pool2d")
FEWER = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def drawn(scene):
    """Return what the SVG of a scene holds, after checking that it all has room."""
    xmlns = ' xmlns="http://www.w3.org/2000/svg"'
    width, height, boxes = read_scene_svg(svg.scene_svg(scene, label="x", attributes=xmlns))
    holds.everything_lies_inside(width, height, boxes)
    return boxes


def places_of(traced, axis):
    """Return the places that each stop reads, by its definition."""
    geometry = traced.geometry
    before, after = geometry.padding[axis]
    starts = [number * geometry.stride[axis] - before for number in range(geometry.output[axis])]
    taps = range(0, geometry.kernel[axis] * geometry.dilation[axis], geometry.dilation[axis])
    return [[s + t for t in taps if s + t < traced.size[axis] + after] for s in starts]


@FEWER
@given(traces(SLIDING), st.sampled_from([0, 1]))
def test_each_stop_is_drawn_where_the_window_lies(traced, axis):
    boxes = drawn(stops_scene(traced, axis))
    left = min(b.x for b in boxes if b.kind == "cell")
    lines = sorted({b.y for b in boxes if b.kind in ("read", "window")})
    read = [
        sorted(round((b.x - left) / CELL) for b in boxes if b.kind == "read" and b.y == line)
        for line in lines
    ]
    assert read == places_of(traced, axis)
    frames = [next(b for b in boxes if b.kind == "window" and b.y == line) for line in lines]
    for frame, places in zip(frames, read, strict=True):
        assert frame.x == pytest.approx(left + places[0] * CELL)
        assert frame.width == pytest.approx((places[-1] - places[0] + 1) * CELL)
    right = max(b.x + b.width for b in frames)
    numbers = [b.text for b in boxes if b.text.isdigit() and b.colour == "output"]
    assert numbers == [str(n + 1) for n in range(len(lines))]
    assert all(b.x >= right for b in boxes if b.text in numbers and b.colour == "output")


@FEWER
@given(traces(SLIDING), st.sampled_from([0, 1]))
def test_entries_padding_and_what_no_window_reads_are_told_apart(traced, axis):
    boxes = drawn(stops_scene(traced, axis))
    cells = [b for b in boxes if b.kind == "cell"]
    assert len(cells) == traced.size[axis]
    assert sum(b.kind == "padding" for b in boxes) == sum(traced.padding[axis])
    counted = [b.text for cell in cells for b in boxes if b.text and cell.holds(b)]
    assert counted == [str(n + 1) for n in range(traced.size[axis])]
    unread = [round((b.x - cells[0].x) / CELL) for b in boxes if b.kind == "unread"]
    windows = {place for places in places_of(traced, axis) for place in places}
    assert unread == [n for n in range(traced.size[axis]) if n not in windows]


@FEWER
@given(traces(("conv2d",)))
def test_the_next_window_reaches_beyond_the_end(traced):
    boxes = drawn(stops_scene(traced))
    missed = next(b for b in boxes if b.kind == "missed")
    end = max(b.x + b.width for b in boxes if b.kind in ("cell", "padding"))
    last = max((b for b in boxes if b.kind == "window"), key=lambda b: b.y)
    assert missed.x + missed.width > end + 1
    assert missed.x == pytest.approx(last.x + traced.geometry.stride[1] * CELL)


@FEWER
@given(traces(SLIDING))
def test_the_words_count_the_stops(traced):
    assume(traced.output.shape[-1] > 1)
    words = show_stops(traced, caption="c").alt
    assert f"along {traced.size[1]} columns and stops {traced.output.shape[-1]} times." in words


def test_words_and_errors():
    traced = trace(conv2d, np.ones((7, 1)), [[1], [1]], stride=3)
    assert show_stops(traced, caption="c", axis=0).alt == (
        "A window slides along 7 rows and stops 2 times. It reads rows 1 to 2; rows 4 to 5. "
        "Under no window: rows 3, 6 and 7."
    )
    for other in (
        trace(conv_transpose2d, [[1]], [[1]]),
        trace(adaptive_avg_pool2d, [[1.0, 2.0]], (1, 1)),
    ):
        with pytest.raises(ValueError, match=f"slides by a stride, got {other.operation}"):
            show_stops(other, caption="c")
