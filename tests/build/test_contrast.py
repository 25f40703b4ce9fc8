"""Colours of an author's own figure are seen on light and dark pages, or stop the build."""

import re

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from blog.check.contrast import check_contrast
from cnnlib.explain import picture
from cnnlib.explain.plots import COLOURS, settings
from tests.build.tiny import build


@pytest.fixture
def drawn(tmp_path):
    """Return a function that draws as a cell does, and returns the SVG."""
    path = tmp_path / "matplotlibrc"
    path.write_text(settings())

    def draw(change):
        with mpl.rc_context(fname=path):
            fig = Figure()
            axes = fig.add_subplot()
            change(axes)
            return picture(fig, alt="A line.", caption="A line.").svg

    return draw


GOOD = {
    "defaults": lambda axes: [axes.plot([1, n], label="a") for n in range(5)] and axes.legend(),
    "grid and title": lambda axes: axes.grid() or axes.set_title("Title"),
    "colour of the page": lambda axes: axes.plot([1, 2], color=COLOURS["output"]),
    "in between": lambda axes: axes.plot([1, 2], color="#808080"),
    "area": lambda axes: axes.bar([1], [2], color="#eeeeee"),
    "on an image": lambda axes: axes.imshow([[1, 2]]) and axes.plot([0, 1], color="#ffff00"),
    "own ground": lambda axes: axes.set_facecolor("#000000") or axes.plot([1, 2], color="#ffff00"),
}
BAD = {
    "black": (
        lambda axes: axes.plot([1, 2], color="k"),
        "a line in #000000 has a contrast of 1.2 on d",
    ),
    "yellow": (
        lambda axes: axes.plot([1, 2], color="#ffff00"),
        "a line in #ffff00 has a contrast of 1.0",
    ),
    "title": (
        lambda axes: axes.set_title("x", color="#777777"),
        "text in #777777 has a contrast of 4.3",
    ),
    "black title": (
        lambda axes: axes.set_title("x", color="k"),
        "text in #000000 has a contrast of 1.",
    ),
    "own ground": (
        lambda axes: axes.set_facecolor("#ffffff") or axes.plot([1, 2], color="#ffff00"),
        "a line in #ffff00 has a contrast of 1.1 on its ground, where 3 is needed",
    ),
}


def test_a_figure_has_the_letters_of_the_page_unless_its_author_chose_others(drawn):
    svg = drawn(lambda axes: axes.set_title("Title") and axes.set_xlabel("x", family="monospace"))
    families = set(re.findall(r"font-family: '?([\w ]+)", svg))
    assert families == {"WindowSerif", "DejaVu Sans Mono"}


@pytest.mark.parametrize("change", GOOD.values(), ids=GOOD)
def test_what_can_be_seen_is_no_fault(drawn, change):
    assert list(check_contrast(drawn(change))) == []


@pytest.mark.parametrize("fault", BAD)
def test_what_cannot_be_seen_is_found(drawn, fault):
    change, message = BAD[fault]
    (found,) = check_contrast(drawn(change))
    assert found.startswith(message)


def test_a_page_says_once_what_is_wrong_with_a_picture(drawn, tmp_path):
    """Two of its lines are black, and two pages show it."""
    svg = drawn(lambda axes: axes.plot([1, 2], color="k") + axes.plot([2, 1], color="k"))
    (tmp_path / "jupyter_execute").mkdir()
    (tmp_path / "jupyter_execute/a.svg").write_text(svg)
    text = "# Title\n\n![A line](jupyter_execute/a.svg)\n"
    one, other = sorted(build(tmp_path, text, other=text).messages)
    assert one.startswith("index.md:3: a line in #000000 has a contrast of 1.2 on dark pages")
    assert other == one.replace("index.md", "other.md")
