"""Photographs, maps, patches and the stages of a network: their colours, places and words."""

import base64
import io
import re

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from cnnlib.explain import plots
from cnnlib.explain.lettering import text_width
from cnnlib.explain.palette import PALETTE
from cnnlib.explain.picture import show_images, show_patches, show_stages
from cnnlib.explain.plots.images import images_figure, signed_colours
from cnnlib.explain.plots.stages import draw_bars, stages_figure
from tests.explain.makers import FACE, MAKERS, MAPS, heat_map, network_of_six_stages


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


def test_maps_alone_shine_on_a_dark_page():
    rule = "@media (prefers-color-scheme:dark){image[id^=map]{filter:brightness("
    drawn = show_images("c", signed=["edges"], face=FACE, edges=FACE - 0.5).svg
    assert drawn.count(rule) == 1
    ids = re.findall(r'<image\b[^>]*? id="(\w+)-', drawn)
    assert sorted(ids) == ["map", "photograph"]
    assert rule in network_of_six_stages().svg
    assert rule not in show_images("c", face=FACE).svg
    assert rule not in heat_map(FACE).svg


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


def test_bars_are_as_long_as_their_shares():
    with plots.style():
        _, ax = plots.canvas(100, 100)
        draw_bars(ax, np.array([0.25, 0.75]), ["a", "b"], box=(0, 0, 100, 100))
    short, long = (patch.get_width() for patch in ax.patches)
    assert long == pytest.approx(3 * short)
    assert [text.get_text() for text in ax.texts] == ["a", "25%", "b", "75%"]


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
