"""The matrix of a convolution turns its input into its output, and is drawn entry by entry."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from cnnlib import conv2d, conv_transpose2d, max_pool2d
from cnnlib.explain import show_product, svg
from cnnlib.explain.layout import MARGIN, PHONE
from cnnlib.explain.product_scene import narrow_product_scene, product_scene
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import trace
from tests.explain import holds
from tests.explain.drawn import read_scene_svg
from tests.explain.traces import traces

FEWER = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
CONVOLUTIONS = ("conv2d", "convolve2d", "conv_transpose2d")


@FEWER
@given(traces(CONVOLUTIONS))
def test_the_matrix_times_the_input_is_the_output(traced):
    assume(traced.arguments.get("padding_mode", "zeros") == "zeros")
    assert traced.matrix.shape == (traced.output.size, traced.input.size)
    output = traced.output - (0 if traced.bias is None else traced.bias[:, None, None])
    np.testing.assert_array_equal(traced.matrix @ traced.input.ravel(), output.ravel())


@FEWER
@given(traces(("conv2d",), channels=False))
def test_a_transposed_convolution_has_the_transposed_matrix(traced):
    assume(traced.arguments.get("padding_mode", "zeros") == "zeros")
    geometry = traced.geometry
    # What rounding down has dropped comes back as output padding.
    dropped = tuple(
        (geometry.padded[axis] - geometry.extent[axis]) % geometry.stride[axis] for axis in (0, 1)
    )
    back = trace(
        conv_transpose2d,
        traced.output,
        traced.weight,
        stride=geometry.stride,
        padding=geometry.padding,
        dilation=geometry.dilation,
        output_padding=dropped,
    )
    np.testing.assert_array_equal(back.matrix, traced.matrix.T)


@FEWER
@given(traces(CONVOLUTIONS, channels=False))
def test_a_product_is_drawn_entry_by_entry(traced):
    assume(traced.arguments.get("padding_mode", "zeros") == "zeros")
    scene = product_scene(traced, input="x")
    xmlns = ' xmlns="http://www.w3.org/2000/svg"'
    width, height, boxes = read_scene_svg(svg.scene_svg(scene, label="x", attributes=xmlns))
    holds.everything_lies_inside(width, height, boxes)
    holds.texts_have_room(boxes)
    tables = {
        "kernel": traced.matrix,
        "input": traced.input.reshape(-1, 1),
        "output": traced.output.reshape(-1, 1),
    }
    for name, table in tables.items():
        panel = scene.panel(name)
        for (row, col), value in np.ndenumerate(table):
            blank = name == "kernel" and value == 0
            found = holds.texts_in(boxes, holds.at(panel, row, col), "entry")
            assert found == ([] if blank else [entry_text(value)]), (name, row, col)
    titles = [b.text for b in boxes if b.kind == "title"]
    assert titles == ["matrix of K", "x", "Y", "·", "="]
    # A row of the matrix stands beside the entry that it gives.
    assert len({scene.panel(name).y for name in tables}) == 1


def test_a_product_has_a_drawing_for_phones_with_all_rows_level():
    image = [[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]]
    traced = trace(conv2d, image, [[1, -1], [2, -2]])
    scene = narrow_product_scene(traced)
    assert scene.width <= PHONE
    matrix, x, y = (scene.panel(name) for name in ("kernel", "input", "output"))
    assert matrix.y == x.y == y.y
    assert matrix.cell == x.cell == y.cell
    titles = [s for s in scene.shapes if s.kind == "title" and s.anchor == "start"]
    assert [t.x for t in titles] == [matrix.x, x.x, y.x]
    assert matrix.x == MARGIN
    xmlns = ' xmlns="http://www.w3.org/2000/svg"'
    width, height, boxes = read_scene_svg(svg.scene_svg(scene, label="x", attributes=xmlns))
    holds.everything_lies_inside(width, height, boxes)
    entries = [s for s in scene.shapes if s.kind == "entry"]
    assert [s.text for s in entries if s.x > y.x] == list(map(entry_text, traced.output.flat))
    assert min(s.size for s in entries) >= 8.49
    assert show_product(traced, caption="c").narrow
    named = narrow_product_scene(traced, output="the result")
    holds.everything_lies_inside(*read_scene_svg(svg.scene_svg(named, label="x", attributes=xmlns)))


def test_a_matrix_too_wide_for_a_phone_has_one_drawing():
    traced = trace(conv2d, np.ones((5, 5), int), np.full((2, 2), -2))
    assert narrow_product_scene(traced) is None
    assert not show_product(traced, caption="c").narrow


def test_words_and_errors():
    alt = show_product(trace(conv2d, [[3, 1, 4]], [[1, -1]]), caption="c").alt
    assert alt.startswith("A matrix of 2 rows and 3 columns, of which 4 entries are not zero")
    assert "Output, 1 by 2: 2, −3." in alt
    with pytest.raises(ValueError, match="expected a convolution, got max_pool2d"):
        show_product(trace(max_pool2d, [[1, 2]], 1), caption="c")
    with pytest.raises(ValueError, match='padding_mode: expected "zeros", got "reflect"'):
        show_product(
            trace(conv2d, [[1, 2]], [[1, 2]], padding=(0, 1), padding_mode="reflect"), caption="c"
        )
