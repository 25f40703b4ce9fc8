"""Pictures agree with the steps of their trace, in every geometry and from every backend."""

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnnlib
from cnnlib import avg_pool2d, conv2d, max_pool2d
from cnnlib.explain import svg
from cnnlib.explain.lettering import text_width
from cnnlib.explain.matrices_scene import matrices_scene
from cnnlib.explain.picture import animate
from cnnlib.explain.scene import (
    animation_scene,
    icon_scene,
    step_scene,
    steps_scene,
)
from cnnlib.explain.trace import trace
from tests.explain import holds
from tests.explain.drawn import BACKENDS, Moments, read_scene_svg, with_svg
from tests.explain.traces import traces

FEWER = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("backend", BACKENDS)
@FEWER
@given(traces(), st.data())
def test_a_step_is_drawn_where_it_lies(backend, traced, data):
    step = data.draw(st.sampled_from(traced.steps))
    scene = step_scene(traced, step.index)
    width, height, boxes = BACKENDS[backend](scene)
    assert (width, height) == pytest.approx((scene.width, scene.height), abs=0.01)
    holds.everything_lies_inside(width, height, boxes)
    holds.step_is_shown(traced, scene, boxes, step)
    holds.unread_is_named(traced, scene, boxes, step.channels)


@pytest.mark.parametrize("compact", [False, True])
@FEWER
@given(traced=traces())
def test_an_animation_shows_at_each_moment_the_step_of_that_moment(traced, compact):
    scene = animation_scene(traced, compact=compact)
    below = scene.panels[-1].y > scene.panels[0].y + scene.panels[0].cell
    assert not compact or (below and not any(p.name == "kernel" for p in scene.panels))
    moments = Moments(svg.animation_file(scene, title="t", description="d"))
    channel = traced.steps[0].index[:-2]
    steps = [step for step in traced if step.index[:-2] == channel]
    assert moments.total == len(steps)
    assert len(steps) == len(scene.frames)
    for number, step in enumerate(steps):
        for boxes in (moments.moving(number), moments.chosen(number)):
            holds.everything_lies_inside(moments.width, moments.height, boxes)
            holds.texts_have_room(boxes)
            holds.input_is_shown(traced, scene, boxes, step.channels)
            holds.step_is_marked(scene, boxes, step)
            holds.weights_lie_on_their_entries(scene, boxes, step)
            holds.sum_is_written(boxes, step)
            holds.output_is_shown(traced, scene, boxes, step, upto=number)
    still = moments.chosen()
    holds.step_is_marked(scene, still, steps[-1])
    holds.output_is_shown(traced, scene, still, steps[-1])


@FEWER
@given(traced=traces())
def test_at_rest_an_animation_shows_the_step_in_the_middle_and_all_outputs(traced):
    scene = animation_scene(traced, compact=True)
    channel = traced.steps[0].index[:-2]
    steps = [step for step in traced if step.index[:-2] == channel]
    resting = Moments(animate(traced, caption="c", compact=True, explore="x=1").svg).view("rest")
    height, width = traced.output.shape[-2:]
    (step,) = (step for step in steps if step.place == (height // 2, width // 2))
    holds.step_is_marked(scene, resting, step)
    holds.weights_lie_on_their_entries(scene, resting, step)
    holds.sum_is_written(resting, step)
    holds.output_is_shown(traced, scene, resting, step)
    holds.texts_have_room(resting)


@pytest.mark.parametrize("compact", [False, True])
@FEWER
@given(traced=traces())
def test_entries_of_an_animation_stand_in_the_middle_of_their_cells(traced, compact):
    scene = animation_scene(traced, compact=compact)
    _, _, boxes = with_svg(scene)
    cells = [b for b in boxes if b.kind in ("cell", "padding")]
    for entry in (b for b in boxes if b.kind == "entry"):
        assert any(entry.middle == pytest.approx(cell.middle, abs=0.2) for cell in cells), entry


@FEWER
@given(traced=traces())
def test_matrices_titles_and_sums_of_a_compact_animation_have_one_left_edge(traced):
    scene = animation_scene(traced, compact=True)
    if len(traced.steps[0].channels) == 1:
        lefts = [p.x - p.around[1][0] * p.cell for p in scene.panels]
        assert lefts == pytest.approx([lefts[0]] * len(lefts))
    labels = [s for s in (*scene.shapes, *scene.frames[0].shapes) if s.kind in ("title", "sum")]
    first = min(label.left for label in labels)
    assert {label.anchor for label in labels} == {"start"}
    assert first == pytest.approx(min(p.x - p.around[1][0] * p.cell for p in scene.panels))


@FEWER
@given(traces(), st.data())
def test_a_step_for_a_phone_has_its_output_below(traced, data):
    step = data.draw(st.sampled_from(traced.steps))
    scene = step_scene(traced, step.index, narrow=True)
    width, height, boxes = with_svg(scene)
    holds.everything_lies_inside(width, height, boxes)
    holds.step_is_shown(traced, scene, boxes, step)
    output = scene.panels[-1]
    assert output.name == "output"
    assert all(output.y > panel.y for panel in scene.panels[:-1])


@FEWER
@given(traces())
def test_the_words_of_a_step_name_its_window(traced):
    for step in traced:
        holds.words_name_the_window(step)


@FEWER
@given(traces(), st.data())
def test_an_icon_fills_the_entries_that_are_read(traced, data):
    step = data.draw(st.sampled_from(traced.steps))
    icon = icon_scene(traced, step)
    width, height, boxes = read_scene_svg(
        svg.icon_svg(icon, label="x", attributes=' xmlns="http://www.w3.org/2000/svg"')
    )
    holds.everything_lies_inside(width, height, boxes)
    (top, _), (left, _) = traced.padding
    wanted = {(term.row + top, term.col + left) for term in step.terms}
    read = {(int(b.y // 10), int(b.x // 10)) for b in boxes if b.kind == "read"}
    assert read == wanted
    inside = {(r + top, c + left) for r, c in np.ndindex(traced.size)}
    assert {(int(b.y // 10), int(b.x // 10)) for b in boxes if b.kind == "cell"} == inside - wanted


@FEWER
@given(traces(("max_pool2d", "avg_pool2d"), channels=False))
def test_all_windows_of_a_pooling_are_framed_and_maxima_marked(traced):
    scene = steps_scene(traced)
    _, _, boxes = with_svg(scene)
    panel = scene.panel("input")
    frames = [b for b in boxes if b.kind == "window"]
    assert len(frames) == sum(bool(step.terms) for step in traced)
    for step in traced:
        if step.terms:
            size = step.rows[-1] - step.rows[0] + 1, step.cols[-1] - step.cols[0] + 1
            place = holds.at(panel, step.rows[0], step.cols[0], *size)
            assert any(holds.same_box(b, *place) for b in frames)
    chosen = [b for b in boxes if b.kind == "chosen"]
    if traced.operation == "avg_pool2d":
        assert not chosen
    for step in traced if traced.operation == "max_pool2d" else ():
        for term in step.terms:
            if term.entry == step.value and not term.padding:
                place = holds.at(panel, term.row, term.col)
                assert any(holds.same_box(b, *place) for b in chosen)


LONG = [
    np.array([[-104, 12345], [123456, -999999]]),
    np.array([[0.0625, 1 / 3], [-2 / 3, 1e-7]]),
    np.array([[1e6, -1.5e300], [np.inf, np.nan]]),
    np.array([[1 + 2j, -3j], [0.25 - 1j, 4]]),
]


@pytest.mark.parametrize("values", LONG)
@pytest.mark.parametrize("backend", BACKENDS)
def test_long_numbers_have_room(values, backend):
    for scene in (
        matrices_scene({"a": values, "a long title": [[1]]}),
        step_scene(trace(conv2d, values, [[1]])),
    ):
        width, height, boxes = BACKENDS[backend](scene)
        holds.everything_lies_inside(width, height, boxes)
        holds.texts_have_room(boxes)


@pytest.mark.parametrize("largest", [9, 131, -104, 1024.5])
def test_numbers_stay_clear_of_the_edges_of_their_cells(largest):
    scene = matrices_scene({"a": [[0, largest]]})
    cell = next(shape for shape in scene.shapes if getattr(shape, "kind", "") == "cell")
    number = max(
        (s for s in scene.shapes if getattr(s, "kind", "") == "entry"), key=lambda s: s.width
    )
    assert (cell.width - number.width) / 2 >= 4 - 1e-9
    assert number.size >= 11


def test_all_entries_of_a_matrix_have_one_size():
    scene = matrices_scene({"a": [[0.25, 12345.5]]})
    assert len({shape.size for shape in scene.shapes if getattr(shape, "kind", "") == "entry"}) == 1


def test_shades_follow_size_and_sign():
    scene = matrices_scene({"a": [[1, 2]], "b": [[-4, 0]]})
    cells = [shape for shape in scene.shapes if shape.kind == "cell"]
    assert [cell.role for cell in cells] == ["input", "input", "minus", "output"]
    levels = [cell.level for cell in cells]
    assert levels[1] == levels[2] == pytest.approx(2 * levels[0])
    assert levels[3] == 0


def test_letters_show_as_letters_and_outputs_as_names():
    import sympy

    traced = trace(conv2d, [sympy.symbols("a b")], [sympy.symbols("k_{11} k_{12}")])
    _, _, boxes = with_svg(step_scene(traced))
    texts = [b.text for b in boxes if b.kind == "entry"]
    assert texts == ["a", "b", "k_{11}", "k_{12}", "Y_{1,1}"]


def test_the_widths_are_those_of_the_font_that_figures_are_set_in():
    from importlib.resources import files

    from fontTools.ttLib import TTFont

    with (files("cnnlib.explain") / "fonts" / "serif.ttf").open("rb") as file:
        font = TTFont(file)
    names, per_em = font.getBestCmap(), font["head"].unitsPerEm
    for letter in "0123456789−×·+=().,kKXY δ∂≈←→∞²":
        advance = font["hmtx"][names[ord(letter)]][0] / per_em
        assert text_width(letter) == pytest.approx(advance, abs=0.001), letter


def test_a_file_brings_the_letters_that_it_uses_and_no_others():
    import base64
    import io
    import re

    from fontTools.ttLib import TTFont

    text = svg.scene_file(matrices_scene({"a b": [[12]]}), title="t", description="d")
    data = re.search(r"font/woff2?;base64,([^)]+)\)", text)[1]
    font = TTFont(io.BytesIO(base64.b64decode(data)))
    assert {chr(code) for code in font.getBestCmap()} == set("a b12")


@pytest.mark.parametrize("function", [max_pool2d, avg_pool2d])
def test_an_operation_without_weights_shows_no_kernel(function):
    scene = step_scene(trace(function, np.eye(4), 2))
    assert {panel.name for panel in scene.panels} == {"input", "output"}


def test_every_picture_of_the_contact_sheet_is_drawn(tmp_path, monkeypatch):
    from blog.measure import contact_sheet

    monkeypatch.setattr(contact_sheet, "OUT", tmp_path)
    contact_sheet.main()
    page = (tmp_path / "index.html").read_text("utf-8")
    calls = page.count("<h2>")
    assert calls > 30
    assert len(list(tmp_path.glob("*-windows.svg"))) == calls
    assert page.count("<cnn-explorer") + page.count("No explorer: ") == calls


def test_an_rgb_filter_stands_below_its_channels():
    rng = np.random.default_rng(0)
    traced = trace(cnnlib.conv2d, rng.normal(size=(3, 4, 4)), rng.normal(size=(2, 3, 3, 3)), [1, 2])
    scene = step_scene(traced, (1, 0, 1))
    for channel in range(3):
        above, below = scene.panel("input", channel), scene.panel("kernel", channel)
        assert above.y + 4 * above.cell < below.y
        middle = [p.x + p.shape[1] * p.cell / 2 for p in (above, below)]
        assert middle[0] == pytest.approx(middle[1])


def test_the_rules_of_an_animation_grow_with_its_steps_and_not_with_their_square():
    def rules(size):
        traced = trace(conv2d, np.ones((size, size), int), [[1]])
        drawn = animate(traced, caption="A caption.").svg
        return len(re.sub(r"base64,[^)]*", "", re.search(r"<style>(.*?)</style>", drawn)[1]))

    assert rules(8) < 4.5 * rules(4)
