"""What holds for every picture: its words, its colours, and what pages and notebooks get of it."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree
from matplotlib import rcParams
from matplotlib.figure import Figure

from cnnlib import conv2d
from cnnlib.explain.palette import PALETTE
from cnnlib.explain.picture import picture, show_matrices, show_step
from cnnlib.explain.trace import trace
from tests.explain.makers import MAKERS, SCENES, TRACED, X

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
made = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@made
def test_a_picture_needs_a_caption(make):
    with pytest.raises(ValueError, match="caption: a picture needs one, got an empty text"):
        make("  ")


def test_a_figure_needs_a_text_alternative():
    with pytest.raises(ValueError, match="alt: a picture needs one, got an empty text"):
        picture(Figure(), alt="", caption="c")


def test_axes_and_other_things_are_no_figures():
    ax = Figure().add_subplot()
    for given, kind in ((ax, "Axes"), (ax.plot([1, 2]), "list"), (None, "NoneType")):
        message = f"fig: expected a Matplotlib figure, got {kind}; that of axes is ax.figure"
        with pytest.raises(TypeError, match=message):
            picture(given, alt="a", caption="c")


@made
def test_the_file_says_what_it_shows(make):
    drawn = make('less < "more" & so on')
    root = etree.fromstring(drawn.svg.encode())
    assert root.findtext(f"{SVG}title") == drawn.caption == 'less < "more" & so on'
    assert root.findtext(f"{SVG}desc") == drawn.alt


@made
def test_a_notebook_shows_the_same_file_with_its_words(make):
    drawn = make('less < "more"')
    shown, _ = drawn._repr_mimebundle_()
    # The drawing for narrow screens goes along as an attribute.
    assert re.sub(r' data-narrow="[^"]*"', "", shown["image/svg+xml"]) == drawn.svg
    assert shown["text/plain"] == drawn.alt
    data, alt = re.search(r'base64,([^"]+)" alt="([^"]+)"', shown["text/html"]).groups()
    assert base64.b64decode(data).decode() == drawn.svg
    assert alt == drawn.alt
    assert "<figcaption>less &lt; &quot;more&quot;</figcaption>" in shown["text/html"]


@made
def test_colours_follow_light_and_dark(make):
    svg = make("c").svg
    style, body = svg.split("</style>", 1)
    light, dark = style.split("@media (prefers-color-scheme:dark)", 1)
    used = {name: colours for name, colours in PALETTE.items() if f"var(--{name})" in body}
    assert used or make is MAKERS["picture"]
    for name, colours in used.items():
        assert f"--{name}:{colours[0]};" in light
        assert f"--{name}:{colours[1]};" in dark
    assert not {pair[0] for pair in PALETTE.values()} & set(re.findall(r"#\w{6}", body))


def test_equal_arrays_give_equal_files_in_every_process():
    code = """
from tests.explain.makers import MAKERS
import hashlib
print(hashlib.sha256("".join(make("c").svg for make in MAKERS.values()).encode()).hexdigest())
"""
    digests = set()
    for seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        digests.add(done.stdout)
    assert len(digests) == 1


@made
def test_drawing_does_not_change_global_settings(make):
    before = dict(rcParams)
    make("c")
    assert dict(rcParams) == before


ALT = {
    "animate_matrices": "Animation in 2 moments. First, start: K, 1 by 2: 0, 8; Y, 2 by 2: 1, 2; "
    "3, 4. Last, a step: K, 1 by 2: 1, 4; Y, 2 by 2: 1, −2; 3, 4.",
    "show_contours": "A bowl. Ours: from −1 and 1 to 0 and 0.5 in 1 step. Other: from 2 and −1 to "
    "0 and 0 in 2 steps.",
    "show_step": "Input, 4 by 4: 7, 9, 1, 4; 5, 3, 4, 8; 2, 5, 0, 4; 6, 6, 5, 8. Kernel, 2 by 2: "
    "2, 1; 0, −1. Output, 3 by 3: 20, 15, −2; 8, 10, 12; 3, 5, −4. Marked: window rows 1 to 2, "
    "columns 2 to 3; sum 15.",
    "show_windows": "Input, 3 by 3: 3, 1, 0; 4, 2, 5; 1, 6, 2. Window, 2 by 2. Output, 1 by 1: 4. "
    "First window: window rows 1 to 2, columns 1 to 2; maximum 4. Under no window: row 3 and "
    "column 3.",
    "show_matrices": "image, 4 by 4: 7, 9, 1, 4; 5, 3, 4, 8; 2, 5, 0, 4; 6, 6, 5, 8; twice, 4 by "
    "4: 14, 18, 2, 8; 10, 6, 8, 16; 4, 10, 0, 8; 12, 12, 10, 16.",
    "show_images": "face: 8 by 8, values from 0 to 1.",
    "show_stages": "A square becomes maps. Photograph, 1 by 8 by 8. Maps, 2 by 8 by 8 (left, "
    "right). Scores: a 24%, b 32%, c 44%.",
    "show_curve": "The curve of relu: 0 at −4, 0 at −1, 0 at 0, 1 at 1, 4 at 4.",
    "show_lines": "Lines. At 16 n: times: one 10, other 10.5.",
    "show_dots": "Dots. kind: one 1.5, other 2 and 3.",
}


@pytest.mark.parametrize("name", ALT)
def test_the_text_alternative_comes_from_the_arrays(name):
    assert MAKERS[name]("c").alt == ALT[name]


def test_a_trace_goes_along_with_its_picture():
    import sympy

    assert show_step(TRACED, caption="c")._repr_mimebundle_()[1] == {"trace": TRACED.to_dict()}
    assert show_matrices("c", x=X)._repr_mimebundle_()[1] == {}
    letters = trace(conv2d, [sympy.symbols("a b")], [[1]])
    assert show_step(letters, caption="c")._repr_mimebundle_()[1] == {}


@pytest.mark.parametrize("name", sorted(MAKERS.keys() - {*SCENES, "show_stages"}))
def test_charts_and_images_are_no_wider_than_scenes_usually_are(name):
    shown = MAKERS[name]("c")
    root = etree.fromstring((shown.narrow or shown.svg).encode())
    assert float(root.get("width").removesuffix("pt")) * 4 / 3 <= 404
