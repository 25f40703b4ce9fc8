"""What pictures show and say, their colours, and what pages and notebooks get of them."""

import base64
import io
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from matplotlib import rcParams
from matplotlib.figure import Figure
from PIL import Image

from cnnlib import conv2d, max_pool2d, relu
from cnnlib.explain import plots
from cnnlib.explain.equations import maximum
from cnnlib.explain.layout import shades
from cnnlib.explain.lettering import text_width
from cnnlib.explain.matrices_scene import matrices_scene
from cnnlib.explain.palette import PALETTE
from cnnlib.explain.picture import (
    animate,
    animate_matrices,
    picture,
    show_contours,
    show_curve,
    show_dots,
    show_equations,
    show_images,
    show_lines,
    show_matrices,
    show_patches,
    show_stages,
    show_step,
    show_stops,
    show_windows,
)
from cnnlib.explain.plots.charts import contours_figure, dots_figure, lines_figure
from cnnlib.explain.plots.images import images_figure, signed_colours
from cnnlib.explain.plots.stages import draw_bars, stages_figure
from cnnlib.explain.plots.style import PIXELS
from cnnlib.explain.scene import animation_scene
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import trace
from tests.explain.drawn import Moments, read_scene_svg

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
TRACED = trace(conv2d, X, K)
POOLED = trace(max_pool2d, [[3, 1, 0], [4, 2, 5], [1, 6, 2]], 2)
FACE = np.linspace(0, 1, 64).reshape(8, 8)
MAPS = np.stack([FACE - 0.5, -FACE])


def heat_map(image, caption="c"):
    with plots.style():
        fig = Figure(figsize=(2, 2))
        fig.add_axes((0, 0, 1, 1)).imshow(image)
    return picture(fig, alt="a", caption=caption)


MOMENTS = [
    ("start", {"K": [[0, 8]], "Y": [[1, 2], [3, 4]]}),
    ("a step", {"K": [[1, 4]], "Y": [[1, -2], [3, 4]]}),
]
PATHS = {"ours": [(-1, 1), (0, 0.5)], "other": [(2, -1), (1, 0), (0, 0)]}


def bowl(x, y):
    return x**2 + 3 * y**2


# Every function that makes a picture, by what makes it with a caption.
MAKERS = {
    "show_step": lambda caption: show_step(TRACED, (0, 1), caption=caption),
    "show_windows": lambda caption: show_windows(POOLED, caption=caption),
    "show_matrices": lambda caption: show_matrices(caption, image=X, twice=2 * X),
    "animate": lambda caption: animate(TRACED, caption=caption),
    "show_images": lambda caption: show_images(caption, face=FACE),
    "show_stages": lambda caption: show_stages(
        caption,
        [
            ("photograph", FACE[None], []),
            ("maps", MAPS, ["left", "right"]),
            ("scores", np.array([0.234, 0.323, 0.443]), ["a", "b", "c"]),
        ],
        alt="A square becomes maps.",
        limit=float(np.abs(MAPS).max()),
        framed=(slice(1, 3), slice(2, 6)),
    ),
    "show_curve": lambda caption: show_curve(relu, caption=caption),
    "show_lines": lambda caption: show_lines(
        caption,
        {"times": {"one": [1, 10], "other": [2, 10.5]}},
        x=[8, 16],
        alt="Lines.",
        across="n",
    ),
    "show_patches": lambda caption: show_patches(
        caption, {"1": [FACE, FACE], "2": [FACE]}, kernels=[MAPS[0], MAPS[1]], alt="Faces."
    ),
    "show_dots": lambda caption: show_dots(caption, {"kind": {"one": [1.5], "other": [2, 3]}}),
    "animate_matrices": lambda caption: animate_matrices(caption, MOMENTS, ["kernel", "output"]),
    "show_contours": lambda caption: show_contours(
        caption, bowl, PATHS, x=(-2, 2), y=(-1, 1), alt="A bowl.", strong="ours"
    ),
    "picture": lambda caption: heat_map(np.eye(4), caption),
}
made = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
SCENES = ("show_step", "show_windows", "show_matrices", "animate", "animate_matrices")


@made
def test_a_picture_needs_a_caption(make):
    with pytest.raises(ValueError, match="caption: a picture needs one, got an empty text"):
        make("  ")


def test_a_figure_needs_a_text_alternative():
    with pytest.raises(ValueError, match="alt: a picture needs one, got an empty text"):
        picture(Figure(), alt="", caption="c")


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
from tests.explain.test_picture import MAKERS
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


def strip(**changes):
    arguments = {"maps": MAPS, "names": ["left", "right"], "limit": 10.0, "of": ()} | changes
    stages = [("image", FACE[None], []), ("maps", arguments["maps"], arguments["names"])]
    return show_stages("c", stages, alt="Maps.", limit=arguments["limit"], of=arguments["of"])


def test_the_strip_of_a_network_names_each_map_and_the_scale_of_all():
    texts = re.findall(r"<!-- (.*?) -->|<text[^>]*>([^<]*)</text>", strip().svg)
    said = {one or other for one, other in texts}
    assert {"image", "maps", "left", "right", "8 × 8", "2 maps, 8 × 8", "−10", "10"} <= said


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"names": ["left"]}, "maps: expected 2 names, got 1"),
        ({"limit": 0.25}, "maps: limit is 0.25, but a value reaches"),
        (
            {"maps": np.zeros((5, 2, 2)), "names": list("abcde")},
            "maps: expected at most 4 maps, got 5",
        ),
        ({"of": [6]}, "of: expected 2 numbers, one a stage, got 1"),
    ],
)
def test_the_strip_refuses_what_it_cannot_show(changes, message):
    with pytest.raises(ValueError, match=message):
        strip(**changes)


@pytest.mark.parametrize("make", [show_step, show_windows, animate])
def test_titles_can_be_chosen(make):
    svg = make(TRACED, caption="c", input="image", output="sums").svg
    titles = re.findall(r'<text class="title"[^>]*>([^<]*)</text>', svg)
    assert [title for title in titles if title != "kernel K"] == ["image", "sums"]


def test_a_trace_goes_along_with_its_picture():
    import sympy

    assert show_step(TRACED, caption="c")._repr_mimebundle_()[1] == {"trace": TRACED.to_dict()}
    assert show_matrices("c", x=X)._repr_mimebundle_()[1] == {}
    letters = trace(conv2d, [sympy.symbols("a b")], [[1]])
    assert show_step(letters, caption="c")._repr_mimebundle_()[1] == {}


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


def test_the_strip_of_a_network_of_six_stages_fits_the_wide_column():
    """Letters of 13.5 pixels must stay readable in 1,000 pixels."""
    root = etree.fromstring(network_of_six_stages().svg.encode())
    assert float(root.get("width").removesuffix("pt")) * 4 / 3 <= 1000


def test_on_a_phone_the_network_stands_in_rows_with_readable_letters():
    drawn = network_of_six_stages()
    root = etree.fromstring(drawn.narrow.encode())
    width, height = (float(root.get(name).removesuffix("pt")) for name in ("width", "height"))
    assert height > 1.5 * width
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", drawn.narrow)]
    assert min(sizes) / width * 322 >= 11
    shown = drawn._repr_mimebundle_()[0]["image/svg+xml"]
    assert base64.b64decode(etree.fromstring(shown.encode()).get("data-narrow")) == (
        drawn.narrow.encode()
    )


def test_the_rows_of_a_network_hold_the_words_and_maps_of_its_strip():
    drawn = network_of_six_stages()
    words = [re.findall(r"<text[^>]*>([^<]*)<", svg) for svg in (drawn.svg, drawn.narrow)]
    scale = "one scale for all maps"
    strip, rows = ([word for word in said if "positive" not in word] for said in words)
    assert sorted(strip) == sorted(word for word in rows if word != scale)
    for one, other in zip(pixels(drawn.svg), pixels(drawn.narrow), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("in_row", [None, 2])
def test_the_words_of_a_network_keep_away_from_frames_and_from_each_other(in_row):
    sides = ["left edge", "right edge", "upper edge", "lower edge"]
    stages = [
        ("image", FACE[None], []),
        ("maps", np.zeros((4, 8, 8)), sides),
        ("class scores", np.ones(3) / 3, ["level", "slanted", "upright"]),
    ]
    ax = stages_figure(stages, 1.0, None, in_row=in_row).axes[0]
    frames = [image.get_extent() for image in ax.images]  # left, right, bottom, top
    names = {text.get_text(): text for text in ax.texts}
    for one, other in (sides[:2], sides[2:]):
        (x, y), (right, _) = names[one].get_position(), names[other].get_position()
        apart = right - x - 13.5 * (text_width(one) + text_width(other)) / 2
        assert apart >= 12
        top = y - 0.75 * 13.5  # of its tallest letters
        assert not any(top - 8 < bottom <= y for *_, bottom, _ in frames)
    title = names["class scores"]
    assert (title.get_position()[0], title.get_ha()) == (names["level"].get_position()[0], "left")


def test_a_name_that_makes_room_for_others_has_a_line_to_its_own():
    ends = {"one": [1, 2], "other": [1, 2.05], "far": [1, 9]}
    fig = lines_figure({"": ends}, [0, 1], "n", "one", (), logarithmic=False)
    ax = fig.axes[0]
    places = {text.get_text(): text.xy[1] for text in ax.texts}
    assert places["other"] - places["one"] > 0.3
    leaders = [patch for patch in ax.artists + ax.patches if hasattr(patch, "xy1")]
    led = {patch.xy1[1]: patch.xy2[1] for patch in leaders}
    assert led == {ends[name][-1]: place for name, place in places.items()}


def test_maps_alone_shine_on_a_dark_page():
    rule = "@media (prefers-color-scheme:dark){image[id^=map]{filter:brightness("
    drawn = show_images("c", signed=["edges"], face=FACE, edges=FACE - 0.5).svg
    assert drawn.count(rule) == 1
    ids = re.findall(r'<image\b[^>]*? id="(\w+)-', drawn)
    assert sorted(ids) == ["map", "photograph"]
    assert rule in network_of_six_stages().svg
    assert rule not in show_images("c", face=FACE).svg
    assert rule not in heat_map(FACE).svg


def test_no_name_of_a_line_leaves_the_chart():
    ends = {name: [1, 9 + n / 100] for n, name in enumerate(["one", "two", "three", "four"])}
    (ax,) = lines_figure({"": ends}, [0, 1], "n", "one", (), logarithmic=False).axes
    places = sorted(text.xy[1] for text in ax.texts)
    low, high = ax.get_ylim()
    assert places[-1] <= high
    assert np.diff(places).min() > 0.08 * (high - low)


def network_of_six_stages():
    maps = ("maps", np.zeros((4, 8, 8)), list("abcd"))
    stages = [("image", FACE[None], []), *[maps] * 4, ("scores", np.ones(3) / 3, list("abc"))]
    return show_stages("c", stages, alt="Maps.")


@pytest.mark.parametrize("name", sorted(MAKERS.keys() - {*SCENES, "show_stages"}))
def test_charts_and_images_are_no_wider_than_scenes_usually_are(name):
    shown = MAKERS[name]("c")
    root = etree.fromstring((shown.narrow or shown.svg).encode())
    assert float(root.get("width").removesuffix("pt")) * 4 / 3 <= 404


def pixels(svg):
    """Return the images embedded in a file, as arrays of red, green and blue."""
    found = re.findall(r'data:image/webp;base64,([^"]+)"', svg)
    images = [Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB") for data in found]
    return [np.asarray(image) for image in images]


def test_a_heat_map_keeps_every_colour_exactly():
    colours = np.random.default_rng(3).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    colours[1, 2] = 59, 76, 192
    (shown,) = pixels(heat_map(colours).svg)
    assert np.array_equal(shown, colours)
    assert tuple(shown[1, 2]) == (59, 76, 192)


def test_a_large_heat_map_keeps_every_colour_exactly_too():
    colours = np.random.default_rng(3).integers(0, 256, (100, 90, 3), dtype=np.uint8)
    (shown,) = pixels(heat_map(colours).svg)
    assert np.array_equal(shown, colours)


def test_maps_of_signed_values_keep_their_colours():
    values = np.random.default_rng(3).normal(size=(70, 80))
    data = re.search(
        r'data:image/webp;base64,([^"]+)"', show_images("c", signed=["a"], a=values).svg
    )
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(data[1]))).convert("RGBA"))
    assert np.array_equal(shown, signed_colours(values / np.abs(values).max()))


def test_a_photograph_is_smaller_and_looks_the_same():
    rows, cols = np.mgrid[:200, :200] / 200
    image = np.stack([rows, cols, np.hypot(rows, cols) / 2], axis=-1)
    image += np.random.default_rng(3).normal(scale=0.02, size=image.shape)
    image = np.round(255 * image.clip(0, 1)).astype(np.uint8)
    photograph, exact = show_images("c", a=image).svg, heat_map(image).svg
    assert len(photograph) < 0.3 * len(exact)
    (shown,) = pixels(photograph)
    assert shown.shape == image.shape
    assert np.abs(shown.astype(int) - image).mean() < 8


def test_a_photograph_of_few_pixels_is_kept_exactly():
    image = np.random.default_rng(3).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    (shown,) = pixels(show_images("c", a=image).svg)
    assert np.array_equal(shown, image)


def test_signed_colours_are_those_of_an_output_between_light_and_dark_and_zero_is_clear():
    low, zero, high = signed_colours(np.array([[-1.0, 0.0, 1.0]]))[0]
    for shown, role in ((low, "minus"), (high, "output")):
        light, dark = (list(bytes.fromhex(colour[1:])) for colour in PALETTE[role])
        for part, one, other in zip(shown[:3], light, dark, strict=True):
            assert min(one, other) < part < max(one, other)
    assert zero[3] == 0


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


@pytest.mark.parametrize(
    ("more", "scale"), [(1, "one scale for all maps"), (0, "green is positive")]
)
def test_a_strip_of_few_maps_is_one_line_and_its_scale_has_room(more, scale):
    stages = [("image", FACE[None], [])] + [("maps", MAPS[:2], ["a", "b"])] * (1 + more)
    fig = stages_figure([*stages, ("map", MAPS[:1], ["c"])], 99, None)
    (ax,) = fig.axes
    fig.canvas.draw()
    words = next(text for text in ax.texts if text.get_text().startswith(scale))
    extent = words.get_window_extent()  # with hints, so a little too wide
    assert extent.x0 + 0.97 * extent.width <= fig.bbox.x1
    heights = {text.get_position()[1] for text in ax.texts if text.get_text() in {"a", "b", "c"}}
    assert len(heights) == 1


def test_a_frame_lies_around_its_pixels_and_is_said():
    shown = {"left": np.zeros((4, 8)), "right": np.zeros((4, 8))}
    where = slice(1, 3), slice(2, 6)
    (ax,) = images_figure(shown, ["right"], 2, {"right": where}, width=100).axes
    (frame,) = (box for box in ax.patches if box.get_edgecolor() != ax.patches[0].get_edgecolor())
    right = ax.patches[1].get_bbox()
    pixel = right.width / 8
    assert frame.get_bbox().bounds == pytest.approx(
        (right.x0 + 2 * pixel, right.y0 + pixel, 4 * pixel, 2 * pixel)
    )
    alt = show_images("c", framed={"the_map": where}, the_map=shown["left"]).alt
    assert alt.endswith(" Framed in the map: rows 2 to 3, columns 3 to 6.")


@pytest.mark.parametrize(
    ("framed", "message"),
    [
        ({"b": (slice(1), slice(1))}, "framed: 'b' is none of the images a"),
        (
            {"a": (slice(1), slice(9, 12))},
            r"framed: the frame of 'a' is empty; its shape is \(2, 2\)",
        ),
    ],
)
def test_a_frame_needs_an_image_and_pixels(framed, message):
    with pytest.raises(ValueError, match=message):
        show_images("c", framed=framed, a=np.eye(2))


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


def test_bars_are_as_long_as_their_shares():
    with plots.style():
        _, ax = plots.canvas(100, 100)
        draw_bars(ax, np.array([0.25, 0.75]), ["a", "b"], box=(0, 0, 100, 100))
    short, long = (patch.get_width() for patch in ax.patches)
    assert long == pytest.approx(3 * short)
    assert [text.get_text() for text in ax.texts] == ["a", "25%", "b", "75%"]


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


def test_patches_have_a_drawing_for_phones_with_the_same_pictures():
    shown = MAKERS["show_patches"]("c")
    assert shown.alt == "Faces."
    for svg in (shown.svg, shown.narrow):
        assert len(re.findall("<image", svg)) == 5  # three patches and two kernels
        assert re.findall(r"<text[^>]*>([^<]*)</text>", svg) == ["1", "2"]
    # With kernels, strips stand side by side on wide screens and one below the other on phones.
    beside, below = (
        {re.search(r' y="([\d.]+)"', text)[1] for text in re.findall("<text[^>]*>", svg)}
        for svg in (shown.svg, shown.narrow)
    )
    assert (len(beside), len(below)) == (1, 2)


def test_patches_need_a_strip_and_a_kernel_for_each_of_them():
    with pytest.raises(ValueError, match="strips: expected at least one patch in each strip, got"):
        show_patches("c", {"1": []}, alt="a")
    with pytest.raises(ValueError, match="kernels: expected one for each of 2, got 1"):
        show_patches("c", {"1": [FACE], "2": [FACE]}, kernels=[FACE], alt="a")
