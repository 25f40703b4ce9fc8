"""Pictures and animations of matrices: titles, frames, sizes, and drawings for phones."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from lxml import etree

from cnnlib import conv2d
from cnnlib.explain.equations import maximum
from cnnlib.explain.layout import shades
from cnnlib.explain.matrices_scene import matrices_scene
from cnnlib.explain.picture import (
    animate,
    animate_matrices,
    show_equations,
    show_matrices,
    show_step,
    show_stops,
    show_windows,
)
from cnnlib.explain.scene import animation_scene
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import trace
from tests.explain.drawn import Moments, read_scene_svg
from tests.explain.makers import MAKERS, MOMENTS, POOLED, TRACED, K


def test_an_animation_says_its_first_and_last_step():
    alt = MAKERS["animate"]("c").alt
    assert alt.startswith("Animation in 9 steps. Input, 4 by 4: 7, 9, 1, 4;")
    assert "First step: window rows 1 to 2, columns 1 to 2; sum 20." in alt
    assert alt.endswith("Last step: window rows 3 to 4, columns 3 to 4; sum −4.")


def test_names_of_arguments_become_titles():
    _, _, boxes = read_scene_svg(show_matrices("c", put_back=[[1]]).svg)
    assert [box.text for box in boxes if box.kind == "title"] == ["put back"]


def test_entries_of_a_matrix_can_be_framed():
    drawn = show_matrices(
        "c", Y=[[1, -2, 3]], **{"ReLU(Y)": [[1, 0, 3]]}, framed={"ReLU(Y)": [[0, 1, 0]]}
    )
    _, _, boxes = read_scene_svg(drawn.svg)
    frame = next(box for box in boxes if box.kind == "result")
    cells = [box for box in boxes if box.kind == "cell"]
    assert (frame.x, frame.y, frame.width) == (cells[4].x, cells[4].y, cells[4].width)
    assert drawn.alt.endswith("ReLU(Y), 1 by 3: 1, 0, 3. Framed in ReLU(Y): row 1 column 2.")
    with pytest.raises(
        ValueError, match=r"framed: 'Z' of shape \(1, 3\) is none of {'Y': \(1, 1\)}"
    ):
        show_matrices("c", Y=[[1]], framed={"Z": [[0, 1, 0]]})


# What draws something of a size, and for which sizes a phone gets a drawing of its own.
WIDE = {
    "show_step": (
        lambda size: show_step(trace(conv2d, np.ones((size, size), int), K), caption="c"),
        {4: False, 6: True, 9: True},
    ),
    "show_matrices": (
        lambda size: show_matrices("c", a=np.ones((1, size)), b=np.eye(size)),
        {4: False, 6: True, 9: True},
    ),
    "show_stops": (
        lambda size: show_stops(trace(conv2d, np.arange(size)[np.newaxis], [[1, 1]]), caption="c"),
        {4: False, 10: True, 12: True},
    ),
}


@pytest.mark.parametrize(("make", "sizes"), WIDE.values(), ids=WIDE)
def test_wide_drawings_have_one_for_a_phone_with_the_same_entries_in_readable_letters(make, sizes):
    for size, wide in sizes.items():
        drawn = make(size)
        width, _, boxes = read_scene_svg(drawn.svg)
        assert (bool(drawn.narrow), width > 400) == (wide, wide)
        if wide:
            narrow, _, others = read_scene_svg(drawn.narrow)
            assert Counter(b.text for b in boxes) == Counter(b.text for b in others)
            assert 15 * min(1.25, 322 / narrow) >= 12


def entry_sizes(svg):
    return {float(n) for n in re.findall(r'class="entry"[^>]*? font-size="([\d.]+)"', svg)}


@pytest.mark.parametrize(("number", "narrow"), [(-17, False), (-174, True)])
def test_a_phone_gets_a_drawing_of_its_own_where_long_numbers_would_be_tiny(number, narrow):
    gradient = trace(conv2d, np.full((4, 4), number), [[0, 0], [0, 1]])
    drawn = show_step(gradient, caption="c", kernel="a long name")
    assert bool(drawn.narrow) == narrow
    file = drawn.narrow or drawn.svg
    assert min(entry_sizes(file)) * min(1.25, 322 / read_scene_svg(file)[0]) >= 12


@pytest.mark.parametrize(
    ("sizes", "rows"),
    [((4, 2, 3, 3), [2, 2]), ((3, 3, 3), [2, 1]), ((8, 8), [1, 1]), ((3, 3, 3, 3), [2, 2])],
)
def test_on_a_phone_as_many_matrices_stand_beside_each_other_as_fit(sizes, rows):
    arrays = {f"M{n}": np.ones((size, size), int) for n, size in enumerate(sizes)}
    scene = matrices_scene(arrays, narrow=True)
    tops = [panel.y + panel.shape[0] * panel.cell / 2 for panel in scene.panels]
    assert [tops.count(top) for top in sorted(set(tops))] == rows
    assert scene.width <= 258 or max(rows) == 1
    for row in sorted(set(tops)):  # no two overlap
        panels = [p for p, top in zip(scene.panels, tops, strict=True) if top == row]
        for left, right in pairwise(panels):
            assert left.x + left.shape[1] * left.cell < right.x


def test_matrices_side_by_side_have_letters_of_one_size():
    assert len(entry_sizes(show_matrices("c", a=[[1, 2]], b=[[-174, 3]]).svg)) == 1


@pytest.mark.parametrize("make", [show_step, show_windows, animate])
def test_titles_can_be_chosen(make):
    svg = make(TRACED, caption="c", input="image", output="sums").svg
    titles = re.findall(r'<text class="title"[^>]*>([^<]*)</text>', svg)
    assert [title for title in titles if title != "kernel K"] == ["image", "sums"]


def test_outputs_of_an_animation_are_shaded_as_they_appear():
    scene = animation_scene(TRACED)
    moments = Moments(animate(TRACED, caption="c").svg)
    panel, levels = scene.panel("output"), shades(TRACED.output)
    for number in range(9):
        shaded = {
            (round((box.y - panel.y) / panel.cell), round((box.x - panel.x) / panel.cell)): box
            for box in moments.moving(number)
            if box.kind == "cell" and box.x >= panel.x and box.y >= panel.y and box.colour != "line"
        }
        wanted = [place for n, place in enumerate(np.ndindex(3, 3)) if n <= number]
        assert sorted(shaded) == wanted
        for place, box in shaded.items():
            assert box.colour == ("minus" if levels[place] < 0 else "output")


def test_an_animation_fits_a_phone():
    width, _, _ = read_scene_svg(animate(TRACED, caption="c").svg)
    assert width <= 330


def test_an_animation_is_small():
    assert len(animate(TRACED, caption="c").svg.encode()) < 25_000


def test_equations_stand_beside_their_windows():
    html = show_equations(TRACED, TRACED.steps[:2])._repr_html_()
    assert html.count("<li>") == html.count('class="equation"') == html.count("<svg") == 2
    assert 'aria-label="window rows 1 to 2, columns 2 to 3"' in html
    assert re.findall(r'<path class="read"[^>]* d="([^"]*)"', html)[1].count("M") == 4
    assert show_equations(TRACED)._repr_html_().count("<li>") == 9
    assert "max" in show_equations(POOLED, write=maximum)._repr_html_()
    assert r"Y_{1,2} &= 9 \cdot 2" in show_equations(TRACED)._repr_latex_()


def test_changing_matrices_show_at_each_moment_their_own_entries_and_words():
    drawn = animate_matrices("c", MOMENTS, ["kernel", "output"])
    moments = Moments(drawn.svg)
    assert moments.total == 2
    for number, (words, arrays) in enumerate(MOMENTS):
        for boxes in (moments.moving(number), moments.chosen(number)):
            found = [box.text for box in boxes if box.kind == "entry"]
            wanted = [entry_text(n) for a in arrays.values() for line in a for n in line]
            assert found == wanted
            assert [box.text for box in boxes if box.kind == "sum"] == [words]
    cells = [[b for b in moments.moving(n) if b.kind == "cell"] for n in (0, 1)]
    # The same shades mean the same at all moments: 4 is half of 8.
    assert cells[1][1].level == pytest.approx(cells[0][1].level / 2, abs=0.01)
    assert {b.colour for b in cells[1]} == {"kernel", "output", "minus"}
    wide = max(b.x + b.width for b in cells[0]) - min(b.x for b in cells[0])
    middle = min(b.x for b in cells[0]) + wide / 2
    assert middle == pytest.approx(moments.width / 2, abs=20)


def test_the_buttons_of_moments_can_have_names_of_their_own():
    named = animate_matrices("c", MOMENTS, ["kernel", "output"], labels=[0, "16 & more"]).svg
    root = etree.fromstring(named.encode())
    steps = root.findall("{http://www.w3.org/2000/svg}g[@id]")[:2]
    assert [step.get("data-label") for step in steps] == ["0", "16 & more"]
    assert "data-label" not in animate_matrices("c", MOMENTS, ["kernel", "output"]).svg
    with pytest.raises(ValueError, match="labels: expected 2, one a moment, got 1"):
        animate_matrices("c", MOMENTS, ["kernel", "output"], labels=[1])


@pytest.mark.parametrize(
    ("moments", "message"),
    [
        ([], "expected at least one moment, got none"),
        ([MOMENTS[0], ("x", {"K": [[1]]})], r"like those of the first.* in moment 2"),
        ([("x", {"K": [1, 2]})], "got .* in moment 1"),
    ],
)
def test_changing_matrices_have_the_same_names_and_shapes(moments, message):
    with pytest.raises(ValueError, match=message):
        animate_matrices("c", moments, ["kernel", "output"])
