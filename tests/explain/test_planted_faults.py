"""Faults planted in the code that draws: the check that is meant to find each one does."""

from dataclasses import replace

import numpy as np
import pytest

from cnnlib import avg_pool2d, conv2d, conv_transpose2d, convolve2d, gradients, max_pool2d, relu
from cnnlib.explain import descriptions, layout, lettering, recorders, scene, svg
from cnnlib.explain.marks import Panel, Rect
from cnnlib.explain.plots import scenes
from cnnlib.explain.scene import animation_scene, icon_scene, step_scene, steps_scene
from cnnlib.explain.trace import Step, trace
from tests.explain import holds
from tests.explain.drawn import Moments, read_scene_svg, with_matplotlib, with_svg

RNG = np.random.default_rng(5)
X = RNG.permutation(30).reshape(5, 6) - 8
K = np.array([[2, 1, -5], [0, -1, 3]])
FIXED = [
    trace(conv2d, X, K),
    trace(conv2d, X, K, stride=(2, 3)),
    trace(conv2d, X, K, padding=((1, 0), (0, 2))),
    trace(conv2d, X, K, padding=1, padding_mode="reflect"),
    trace(conv2d, X, K, dilation=2, padding=1),
    trace(conv2d, X, [[1, 2]], stride=3),
    trace(convolve2d, X, K),
    trace(conv_transpose2d, X[:2, :2], K, stride=2, padding=1),
    trace(max_pool2d, X.astype(float), 2, padding=1, ceil_mode=True),
    trace(avg_pool2d, X, 2),
    trace(
        conv2d,
        RNG.permutation(48).reshape(3, 4, 4),
        RNG.permutation(36).reshape(2, 3, 2, 3),
        [1, 2],
    ),
    trace(gradients.conv2d_weight, X[:2, :2], X, K, stride=(2, 3)),
    trace(gradients.conv2d_input, X[:5, :2], X, K, padding=((1, 0), (0, 2)), stride=(1, 3)),
    trace(gradients.max_pool2d_input, X[:4, :5], X, 2, stride=1),
    trace(gradients.avg_pool2d_input, X[:2, :3], X, 2),
    trace(gradients.activation_input, relu, X, -X),
]


def check_terms():
    """Multiply and add the terms of each step again."""
    for traced in FIXED:
        for step in traced:
            if step.kind == "sum":
                total = sum(entry * weight for entry, weight in step.pairs) + (step.bias or 0)
                assert total == step.value
            for term in step.terms:
                values = holds.plain(traced.input, term.channel)
                inside = 0 <= term.row < values.shape[0] and 0 <= term.col < values.shape[1]
                place = term.row, term.col
                entry = values[place] if inside else holds.padded_entry(traced, values, *place)
                assert term.entry == entry


def drawn_steps(backend=with_svg):
    for traced in FIXED:
        for step in (traced.steps[1], traced.steps[-1]):
            drawn = step_scene(traced, step.index)
            yield traced, step, drawn, *backend(drawn)


def check_cells():
    """Find each entry, each padding cell and each weight of the kernel in its place."""
    for traced, step, drawn, _, _, boxes in drawn_steps():
        holds.input_is_shown(traced, drawn, boxes, step.channels)
        holds.kernel_is_shown(traced, drawn, boxes, step)
        holds.output_is_shown(traced, drawn, boxes, step)


def check_marks():
    """Find the window, what it reads and the output entry."""
    for _, step, drawn, _, _, boxes in drawn_steps():
        holds.step_is_marked(drawn, boxes, step)


def check_unread():
    for traced, step, drawn, _, _, boxes in drawn_steps():
        holds.unread_is_named(traced, drawn, boxes, step.channels)


def check_room():
    """Find everything inside the picture, and no text on a frame or on another text."""
    long = trace(conv2d, [[-12345.5, 0.0625], [1e-7, 3]], [[123456, 0.25]])
    for traced in (*FIXED, long):
        for drawn in (step_scene(traced), animation_scene(traced).still(0)):
            width, height, boxes = with_svg(drawn)
            holds.everything_lies_inside(width, height, boxes)
            holds.texts_have_room(boxes)


def check_matplotlib():
    """Find the same in what Matplotlib wrote."""
    for traced, step, drawn, width, height, boxes in drawn_steps(with_matplotlib):
        holds.everything_lies_inside(width, height, boxes)
        holds.input_is_shown(traced, drawn, boxes, step.channels)
        holds.step_is_marked(drawn, boxes, step)


def moments():
    for traced in FIXED:
        drawn = animation_scene(traced)
        shown = Moments(svg.animation_file(drawn, title="t", description="d"))
        channel = traced.steps[0].index[:-2]
        steps = [step for step in traced if step.index[:-2] == channel]
        yield traced, drawn, shown, steps


def check_motion():
    """Find at each moment the window, weights, sum and outputs of that step."""
    for traced, drawn, shown, steps in moments():
        for number, step in enumerate(steps):
            boxes = shown.moving(number)
            holds.step_is_marked(drawn, boxes, step)
            holds.weights_lie_on_their_entries(drawn, boxes, step)
            holds.sum_is_written(boxes, step)
            holds.output_is_shown(traced, drawn, boxes, step, upto=number)


def check_stops():
    """Find the same when a link chooses a step, and on the last step without motion."""
    for traced, drawn, shown, steps in moments():
        for number, step in [*enumerate(steps), (None, steps[-1])]:
            boxes = shown.chosen(number)
            holds.step_is_marked(drawn, boxes, step)
            holds.sum_is_written(boxes, step)
            upto = len(steps) if number is None else number
            holds.output_is_shown(traced, drawn, boxes, step, upto=upto)


def check_words():
    for traced in FIXED:
        for step in traced:
            holds.words_name_the_window(step)


def check_icons():
    for traced in FIXED:
        step = traced.steps[-1]
        attributes = ' xmlns="http://www.w3.org/2000/svg"'
        icon = svg.icon_svg(icon_scene(traced, step), label="x", attributes=attributes)
        boxes = read_scene_svg(icon)[2]
        (top, _), (left, _) = traced.padding
        read = {(int(b.y // 10) - top, int(b.x // 10) - left) for b in boxes if b.kind == "read"}
        assert read == {(term.row, term.col) for term in step.terms}


def check_maxima():
    for traced in (t for t in FIXED if t.operation == "max_pool2d"):
        drawn = steps_scene(traced)
        boxes = with_svg(drawn)[2]
        chosen = [b for b in boxes if b.kind == "chosen"]
        assert len(chosen) == len(traced)
        for step in traced:
            row, col = np.argwhere(traced.input == step.value)[0]
            place = holds.at(drawn.panel("input"), row, col)
            assert any(holds.same_box(b, *place) for b in chosen)


CHECKS = [
    check_terms, check_cells, check_marks, check_unread, check_room, check_matplotlib, check_motion,
    check_stops, check_words, check_icons, check_maxima,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_without_a_fault_every_check_passes(check):
    check()


Stage = scene._Stage
original = {
    "box": Panel.box,
    "cells": layout.cells,
    "entry": layout.entry,
    "fit": lettering.fit,
    "place": layout.place,
    "marks": Stage.marks,
    "weights": Stage.weights,
    "frames_of": Stage.frames_of,
    "sum_lines": Stage.sum_lines,
    "slide": svg._Rules.slide,
    "show_from": svg._Rules.show_from,
    "draw_rect": scenes._draw_rect,
    "describe_places": descriptions.describe_places,
    "term": recorders.Planes.term,
    "rect": svg._rect,
}


def transposed_window(stage, step):
    return original["frames_of"](stage, replace(step, rows=step.cols, cols=step.rows))


def window_one_row_down(stage, step):
    return original["frames_of"](stage, replace(step, rows=tuple(row + 1 for row in step.rows)))


def whole_extent_read(stage, step):
    for shape in original["marks"](stage, step):
        yield shape
        if shape.kind == "window":
            yield replace(shape, kind="read")


def one_entry_not_marked(stage, step):
    shapes = list(original["marks"](stage, step))
    yield from (s for n, s in enumerate(shapes) if n != 0 or s.kind != "read")


def transposed_result(stage, step):
    row, col = step.place
    panel = stage.panels["output", stage.out]
    for shape in original["marks"](stage, step):
        x, y, _, _ = panel.box([col], [row])
        yield replace(shape, x=x, y=y) if shape.kind == "result" else shape


def weights_of_seven(stage, step):
    return (replace(label, text="×7") for label in original["weights"](stage, step))


def weights_of_the_last_step(stage, step):
    last = list(original["weights"](stage, stage.steps[-1]))
    for n, label in enumerate(original["weights"](stage, step)):
        yield replace(label, text=last[min(n, len(last) - 1)].text) if last else label


def weights_transposed(stage, step):
    labels = list(original["weights"](stage, step))
    texts = [label.text for label in reversed(labels)]
    return (replace(label, text=text) for label, text in zip(labels, texts, strict=True))


def sum_of_the_first_step(stage, step):
    return original["sum_lines"](stage, stage.steps[0])


def entries_transposed(panel, values, role, size, **options):
    flipped = values[::-1] if role == "input" else values
    return original["cells"](panel, flipped, role, size, **options)


def no_padding(stage, panel):
    return iter(())


def zeros_for_infinity(stage, panel):
    for row, col in layout.around(panel.shape, panel.around):
        yield Rect("padding", "line", *panel.box([row], [col]))
        yield layout.entry(panel, row, col, 0, "muted", 10.0)


def only_the_last_row(stage, panel, channel):
    if stage.trace.unread[0]:
        row = stage.trace.unread[0][-1]
        yield from (
            Rect("unread", "muted", *panel.box([row], [c]), 0.3) for c in range(panel.shape[1])
        )


def letters_never_shrink(texts, cell, size):
    return cell, size


def picture_too_narrow(rows, cell, *others, **options):
    panels, titles, width, height = original["place"](rows, cell, *others, **options)
    return panels, titles, width - 12, height


def kernels_in_reverse(stage, channel, titles):
    other = stage.channels[0] + stage.channels[-1] - channel
    return replace(KERNEL(stage, other, titles), channel=channel)


KERNEL = Stage._kernel


def backwards(rules, name, corners):
    return original["slide"](rules, name, list(reversed(corners)))


def moves_too_far(rules, name, corners):
    return original["slide"](rules, name, [(x * 4 / 3, y * 4 / 3) for x, y in corners])


def outputs_come_early(rules, name):
    original["show_from"](rules, name)
    rules.moving = [
        rule.replace("hidden", "visible") if f"#{name}" in rule else rule for rule in rules.moving
    ]


def links_show_the_next_step(rules):
    rules.hidden = rules.hidden[1:] + rules.hidden[:1]
    rules.chosen = rules.chosen[1:] + rules.chosen[:1]
    return CSS(rules)


CSS = svg._Rules.css


def x_for_y(ax, rect, at):
    return original["draw_rect"](ax, replace(rect, x=rect.y, y=rect.x), at)


def blue_window(rect):
    return original["rect"](replace(rect, role="input") if rect.kind == "window" else rect)


def counted_from_zero(name, places, size):
    return original["describe_places"](name, tuple(p - 1 for p in places), size + 1)


def padding_is_not_said(name, places, size):
    inside = tuple(p for p in places if 0 <= p < size)
    return descriptions.span(name, inside or places)


def transposed_entries(planes, channel, row, col, *rest):
    term = original["term"](planes, channel, row, col, *rest)
    height, width = planes.size
    if term.padding or row >= width or col >= height:
        return term
    return replace(term, entry=planes.input[channel, col, row].item())


def not_flipped(arguments, output):
    return recorders._record_windows(arguments, output, flipped=False)


def icon_of_the_extent(traced, step, cell=10.0):
    rows, cols = (tuple(range(p[0], p[-1] + 1)) for p in (step.rows, step.cols))
    terms = tuple(replace(step.terms[0], row=r, col=c) for r in rows for c in cols)
    return ICON(traced, replace(step, terms=terms))


ICON = icon_scene


def last_entry_is_chosen(stage, step):
    term = step.terms[-1]
    yield Rect("chosen", "output", *stage.panels["input", 0].box([term.row], [term.col]), 0.3)


# The fault: what it replaces, by what, and the check that must find it.
FAULTS = {
    "the window transposed": (Stage, "frames_of", transposed_window, check_marks),
    "the window one row too low": (Stage, "frames_of", window_one_row_down, check_marks),
    "the whole extent of a dilated window tinted": (Stage, "marks", whole_extent_read, check_marks),
    "an entry that is read not tinted": (Stage, "marks", one_entry_not_marked, check_marks),
    "the output entry at transposed coordinates": (Stage, "marks", transposed_result, check_marks),
    "the window in the input's colour": (svg, "_rect", blue_window, check_marks),
    "every weight ×7": (Stage, "weights", weights_of_seven, check_motion),
    "the last step's weights at every step": (
        Stage,
        "weights",
        weights_of_the_last_step,
        check_motion,
    ),
    "weights turned by 180°": (Stage, "weights", weights_transposed, check_motion),
    "the first step's sum at every step": (Stage, "sum_lines", sum_of_the_first_step, check_motion),
    "the animation backwards": (svg._Rules, "slide", backwards, check_motion),
    "a window that moves too far": (svg._Rules, "slide", moves_too_far, check_motion),
    "outputs shown before their step": (svg._Rules, "show_from", outputs_come_early, check_motion),
    "a link that shows another step": (svg._Rules, "css", links_show_the_next_step, check_stops),
    "entries in the wrong rows": (scene, "cells", entries_transposed, check_cells),
    "padding left out": (Stage, "padding", no_padding, check_cells),
    "zeros where max pooling pads with -∞": (Stage, "padding", zeros_for_infinity, check_cells),
    "the kernels of two channels swapped": (Stage, "_kernel", kernels_in_reverse, check_cells),
    "unread rows in the middle not named": (Stage, "unread", only_the_last_row, check_unread),
    "letters that never shrink": (scene, "fit", letters_never_shrink, check_room),
    "a picture that is too narrow": (scene, "place", picture_too_narrow, check_room),
    "rows for columns in Matplotlib": (scenes, "_draw_rect", x_for_y, check_matplotlib),
    "rows counted from 0 in words": (
        descriptions,
        "describe_places",
        counted_from_zero,
        check_words,
    ),
    "padding not said in words": (
        descriptions,
        "describe_places",
        padding_is_not_said,
        check_words,
    ),
    "an icon that fills the extent": (None, "icon_scene", icon_of_the_extent, check_icons),
    "the last entry marked as the maximum": (Stage, "chosen", last_entry_is_chosen, check_maxima),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_found(name, monkeypatch):
    place, attribute, fault, check = FAULTS[name]
    if place is None:
        monkeypatch.setitem(globals(), attribute, fault)
    else:
        monkeypatch.setattr(place, attribute, fault)
    with pytest.raises((AssertionError, AttributeError)):
        check()


FAULTS_IN_TRACES = {
    "entries read at transposed coordinates": (recorders.Planes, "term", transposed_entries),
}


@pytest.mark.parametrize("name", FAULTS_IN_TRACES)
def test_a_fault_in_the_record_is_found(name, monkeypatch):
    monkeypatch.setattr(*FAULTS_IN_TRACES[name])
    monkeypatch.setitem(globals(), "FIXED", [traced.again() for traced in FIXED])
    with pytest.raises(AssertionError):
        check_terms()


def test_a_kernel_that_is_not_flipped_is_found(monkeypatch):
    monkeypatch.setitem(recorders.RECORDERS, convolve2d, not_flipped)
    monkeypatch.setitem(globals(), "FIXED", [trace(convolve2d, X, K)])
    with pytest.raises(AssertionError):
        check_terms()


def test_steps_are_compared_with_their_own_numbers():
    """The checks read a step's numbers, so a step of another trace must not pass for it."""
    one, other = trace(conv2d, X, K), trace(conv2d, X, K[::-1])
    drawn = animation_scene(one)
    boxes = with_svg(drawn.still(0))[2]
    step: Step = other.steps[0]
    with pytest.raises(AssertionError):
        holds.weights_lie_on_their_entries(drawn, boxes, step)
    with pytest.raises(AssertionError):
        holds.sum_is_written(boxes, step)
