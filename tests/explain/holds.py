"""What must hold between the steps of a trace and a picture of them, whoever drew it.

Each function asserts; tests call them on random traces, and on code with a planted fault, where
they must fail.
"""

from __future__ import annotations

import math
import re

import numpy as np

from cnnlib.explain.descriptions import describe_step, span
from cnnlib.explain.layout import named
from cnnlib.explain.text import entry_text


def near(one, other, slack=0.6):
    return abs(one - other) <= slack


def same_box(box, x, y, width, height):
    return all(map(near, (box.x, box.y, box.width, box.height), (x, y, width, height)))


def plain(matrix, channel):
    """Return one channel of an input or output as a matrix."""
    return matrix.reshape(-1, *matrix.shape[-2:])[channel]


def at(panel, row, col, rows=1, cols=1):
    """Return where rows and columns of a panel must stand, by its own corner and cell alone."""
    return (
        panel.x + col * panel.cell,
        panel.y + row * panel.cell,
        cols * panel.cell,
        rows * panel.cell,
    )


def texts_in(boxes, box, kind):
    """Return the texts of a kind whose middle lies in a box."""
    x, y, width, height = box
    return [
        b.text
        for b in boxes
        if b.kind == kind and x < b.middle[0] < x + width and y < b.middle[1] < y + height
    ]


def everything_lies_inside(width, height, boxes):
    for box in boxes:
        assert box.x >= -0.01, box
        assert box.y >= -0.01, box
        assert box.x + box.width <= width + 0.01, (box, width)
        assert box.y + box.height <= height + 0.01, (box, height)


def texts_have_room(boxes):
    """Entries stay within their cells; no text lies on another one."""
    cells = [b for b in boxes if b.kind in ("cell", "padding", "trimmed")]
    for box in (b for b in boxes if b.kind in ("entry", "weight")):
        assert any(cell.holds(box, -1.0) for cell in cells), box
    texts = [b for b in boxes if b.text.strip()]
    for number, box in enumerate(texts):
        for other in texts[number + 1 :]:
            assert not box.overlaps(other), (box, other)
    for title in (b for b in boxes if b.kind in ("title", "sum")):
        assert not any(title.overlaps(cell) for cell in cells), title


def input_is_shown(trace, scene, boxes, channels):
    """Each entry stands in its cell, and each cell of the padding shows what it holds."""
    (top, bottom), (left, right) = trace.padding
    for channel in channels:
        panel, values = scene.panel("input", channel), plain(trace.input, channel)
        height, width = values.shape
        for row in range(-top, height + bottom):
            for col in range(-left, width + right):
                inside = 0 <= row < height and 0 <= col < width
                kind = "cell" if inside else "padding"
                place = at(panel, row, col)
                assert any(b.kind == kind and same_box(b, *place) for b in boxes), (kind, row, col)
                value = values[row, col] if inside else padded_entry(trace, values, row, col)
                assert texts_in(boxes, place, "entry") == [entry_text(value)], (row, col)


def padded_entry(trace, values, row, col):
    """Return what the padding holds, by its definition."""
    height, width = values.shape
    mode = trace.arguments.get("padding_mode", "zeros")
    if mode == "replicate":
        return values[min(max(row, 0), height - 1), min(max(col, 0), width - 1)]
    if mode == "circular":
        return values[row % height, col % width]
    if mode == "reflect":
        mirrored = [
            place if 0 <= place < size else (-place if place < 0 else 2 * (size - 1) - place)
            for place, size in ((row, height), (col, width))
        ]
        return values[mirrored[0], mirrored[1]]
    return -math.inf if trace.operation == "max_pool2d" else 0


def kernel_is_shown(trace, scene, boxes, step):
    for panel in (p for p in scene.panels if p.name == "kernel"):
        weight = trace.weight
        if step.of is not None:
            weight = beside_a_gradient(trace, step, panel.channel)
        if weight.ndim == 4:
            out = step.index[0]
            number = panel.channel - step.channels[0]
            transposed = trace.operation == "conv_transpose2d"
            weight = (
                weight[panel.channel, out % weight.shape[1]] if transposed else weight[out, number]
            )
        for (row, col), value in np.ndenumerate(weight):
            assert texts_in(boxes, at(panel, row, col), "entry") == [entry_text(value)]


def beside_a_gradient(trace, step, channel):
    """Return what must stand beside a gradient: ∂L/∂Y, a kernel, or the input of a pooling."""
    arguments, out = trace.arguments, step.index[0]
    if trace.operation == "conv2d_weight":
        grad = arguments["grad_output"]
        return grad if grad.ndim == 2 else grad[out]
    if trace.operation.startswith("linear"):
        return arguments["grad_output" if trace.operation == "linear_weight" else "weight"]
    if trace.operation == "conv_transpose2d_input":
        weight = arguments["weight"]
        return weight if weight.ndim == 2 else weight[out, channel % weight.shape[1]]
    if trace.operation == "conv2d_input":
        weight, groups = arguments["weight"], arguments.get("groups", 1)
        size = weight.shape[1] if weight.ndim == 4 else 1
        assert channel * groups // len(weight) == out // size or weight.ndim == 2
        return weight if weight.ndim == 2 else weight[channel, out % size]
    return plain(arguments["input"], out if len(step.index) > 2 else channel)


def output_is_shown(trace, scene, boxes, step, upto=None):
    """The outputs up to a step show their values, and the later ones nothing."""
    channel = step.index[0] if len(step.index) > 2 else 0
    steps = [s for s in trace if s.index[:-2] == step.index[:-2]]
    panel, values = scene.panel("output", channel), named(trace.output[step.index[:-2]], steps)
    for number, ((row, col), value) in enumerate(np.ndenumerate(values)):
        place = at(panel, row, col)
        assert any(b.kind == "cell" and same_box(b, *place) for b in boxes), (row, col)
        shown = upto is None or number <= upto
        assert texts_in(boxes, place, "entry") == ([entry_text(value)] if shown else [])
    (top, bottom), (left, right) = trace.trimmed
    height, width = values.shape
    dropped = (top + height + bottom) * (left + width + right) - height * width
    assert sum(b.kind == "trimmed" for b in boxes) == dropped


def step_is_shown(trace, scene, boxes, step):
    """The matrices with their entries, in which the step is marked, with room for every text."""
    texts_have_room(boxes)
    input_is_shown(trace, scene, boxes, step.channels)
    kernel_is_shown(trace, scene, boxes, step)
    output_is_shown(trace, scene, boxes, step)
    step_is_marked(scene, boxes, step)


def step_is_marked(scene, boxes, step):
    """The entries that are read, and no others; the frame around them; the output entry."""
    wanted = [at(scene.panel("input", t.channel), t.row, t.col) for t in step.terms]
    read = [b for b in boxes if b.kind == "read"]
    for place in wanted:
        assert any(same_box(b, *place) for b in read), place
    for box in read:
        assert any(same_box(box, *place) for place in wanted), box
        assert box.colour in (step.matrices.window, ""), box
    frames = [b for b in boxes if b.kind == "window"]
    assert len(frames) == (len(step.channels) if step.terms else 0)
    if step.terms:
        for channel in step.channels:
            rows = step.rows[-1] - step.rows[0] + 1
            cols = step.cols[-1] - step.cols[0] + 1
            corner = step.rows[0], step.cols[0]
            place = at(scene.panel("input", channel), *corner, rows, cols)
            assert any(same_box(b, *place) for b in frames), place
    assert all(b.colour in (step.matrices.window, "") for b in frames)
    channel = step.index[0] if len(step.index) > 2 else 0
    place = at(scene.panel("output", channel), *step.index[-2:])
    results = [b for b in boxes if b.kind == "result"]
    assert results, "no output entry is marked"
    assert all(same_box(b, *place) for b in results), (results, place)


def unread_is_named(trace, scene, boxes, channels):
    for channel in channels:
        read = {(t.row, t.col) for s in trace for t in s.terms if t.channel == channel}
        panel = scene.panel("input", channel)
        height, width = panel.shape
        for row in range(height):
            for col in range(width):
                marked = any(
                    b.kind == "unread" and same_box(b, *at(panel, row, col)) for b in boxes
                )
                assert marked == ((row, col) not in read), (row, col)


def weights_lie_on_their_entries(scene, boxes, step):
    weights = [b for b in boxes if b.kind == "weight"]
    assert len(weights) == (len(step.terms) if step.kind == "sum" else 0)
    assert {b.colour for b in weights} <= {"ink"}  # small letters on shaded cells
    for term in step.terms if step.kind == "sum" else ():
        place = at(scene.panel("input", term.channel), term.row, term.col)
        assert texts_in(boxes, place, "weight") == [f"×{entry_text(term.weight)}"]


def sum_is_written(boxes, step):
    """The line below holds the step's own terms in order, and its value."""
    lines = [b for b in boxes if b.kind == "sum"]
    line = " ".join(b.text for b in sorted(lines, key=lambda b: b.y))
    values = [
        v for t in step.terms for v in ((t.entry, t.weight) if step.kind == "sum" else (t.entry,))
    ]
    place = 0
    for value in values:
        text = entry_text(value)
        place = line.find(text, place)
        assert place >= 0, (text, line)
        place += len(text)
    if not hasattr(step.value, "free_symbols"):
        assert line.endswith(f"= {entry_text(step.value)}"), line


def words_name_the_window(step):
    """The description names each row and column that is read, and says padding where it is."""
    words = describe_step(step)
    if not step.terms:
        assert ("no window" if step.of else "no entry") in words
        return
    parts = re.match(r"window (.*), ((?:\d+ )?columns?.*); ", words).groups()
    sizes = zip(("row", "column"), (step.rows, step.cols), step.size, parts, strict=True)
    for name, places, size, part in sizes:
        inside = [place + 1 for place in places if 0 <= place < size]
        said = re.match(rf"{name}s? (\d+(?:(?:, | and | to )\d+)*)", part)
        found = [int(n) for n in re.findall(r"\d+", said[1])] if said else []
        if said and "to" in said[1]:
            found = list(range(found[0], found[-1] + 1))
        assert found == inside, words
        counts = [int(n) for n in re.findall(rf"(\d+) {name}s? of padding", part)]
        assert sum(counts) == len(places) - len(inside), words
    assert ("padding" in words) == any(term.padding for term in step.terms)
    if step.of is not None:
        name = re.sub("[{}_]", "", str(step.of))
        assert f"; gradient of {name}: " in words, words
    if len(step.index) > 2:
        assert f", {span('channel', step.channels)}; " in words, words
        named = f"; output channel {step.index[0] + 1}, "
        assert (named in words) == (step.kind == "sum" and step.of is None), words
    said = f"with the bias {entry_text(step.bias)}:"
    assert (said in words) == (step.bias is not None), words
    assert words.endswith(entry_text(step.value)) or hasattr(step.value, "free_symbols")
