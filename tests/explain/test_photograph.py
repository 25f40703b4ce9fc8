"""Photographs: the script filters as cnnlib does, the element is complete, limits are checked."""

import base64
import gzip
import io
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from cnnlib import avg_pool2d, conv2d, max_pool2d, relu
from cnnlib.explain.embed import explorer_modules, join_modules, photograph_script
from cnnlib.explain.explorer import KERNELS
from cnnlib.explain.palette import NEGATIVE, POSITIVE
from cnnlib.explain.photograph import OFFERS, photograph
from cnnlib.explain.photograph_picture import grey_pixels, map_pixels, to_grey
from cnnlib.explain.plots.images import signed_colours
from tests.explain.node import node

WEB = Path(__file__).parents[2] / "cnnlib" / "explain" / "web"
MODEL = WEB / "photo-model.js"
SOBEL = KERNELS["Vertical edges"]
RAMP = np.arange(0, 250, 10).reshape(5, 5)


def answers(tmp_path, requests):
    """Return what photo-model.js answers to each request."""
    path = tmp_path / "requests.json"
    path.write_text(json.dumps(requests))
    return node("photos.mjs", MODEL, path)


# The script and cnnlib ----------------------------------------------------------------------------


def random_request(rng):
    """Return an image with a state of it, in grey or in colour."""
    rows, cols = rng.randint(1, 12), rng.randint(1, 12)
    colour = rng.random() < 0.5
    size = rng.randint(1, 5), rng.randint(1, 5)
    weight = rng.choice([lambda: rng.randint(-3, 3), lambda: rng.randint(-40, 40) / 8])
    kernel = [[[weight() for _ in range(size[1])] for _ in range(size[0])] for _ in range(3)]
    after = [["bias", rng.randint(-90, 90)]] if rng.random() < 0.5 else []
    after += [["relu"]] if rng.random() < 0.5 else []
    after += [[rng.choice(["max", "avg"]), rng.randint(2, 3), rng.randint(1, 3)]] * rng.randint(
        0, 1
    )
    state = {"image": "it", "k": kernel if colour else kernel[:1], "after": after, "at": [0, 0]}
    state |= {"s": rng.randint(1, 4), "p": rng.randint(0, 3), "d": rng.randint(1, 3)}
    pixels = [rng.randint(0, 255) for _ in range(4 * rows * cols)]
    return {"pixels": pixels, "size": [rows, cols], "state": state, "images": {"it": 3}}


def stages_of(request):
    """Return the channels and the maps after each stage, as cnnlib computes them."""
    state = request["state"]
    image = np.array(request["pixels"]).reshape(*request["size"], 4)[:, :, :3]
    kernel = np.array(state["k"], float)
    channels = image.transpose(2, 0, 1) if len(kernel) == 3 else to_grey(image)[np.newaxis]
    options = {"stride": state["s"], "padding": state["p"], "dilation": state["d"]}
    maps = [conv2d(channels.astype(float), kernel[np.newaxis], **options)[0]]
    for name, *numbers in state["after"]:
        last = maps[-1]
        if name == "bias":
            maps.append(last + numbers[0])
        elif name == "relu":
            maps.append(relu(last))
        elif min(last.shape) >= numbers[0]:
            pool = max_pool2d if name == "max" else avg_pool2d
            maps.append(pool(last, numbers[0], stride=numbers[1]))
        else:
            maps.append(np.empty([max(0, (n - numbers[0]) // numbers[1] + 1) for n in last.shape]))
    return channels, maps


@pytest.mark.node
def test_the_script_filters_as_cnnlib_does(tmp_path):
    rng = random.Random(2)
    requests = [random_request(rng) for _ in range(300)]
    compared = {"grey": 0, "colour": 0, "pooled": 0}
    for request, answer in zip(requests, answers(tmp_path, requests), strict=True):
        if "why" in answer:
            with pytest.raises(ValueError, match=re.escape(answer["why"][1:-1])):
                stages_of(request)
            continue
        channels, maps = stages_of(request)
        assert len(answer["maps"]) == len(maps), answer
        for found, wanted in zip(answer["maps"], maps, strict=True):
            assert found["size"] == list(wanted.shape)
            np.testing.assert_allclose(found["values"], wanted.ravel(), rtol=1e-12, atol=1e-9)
        if maps[-1].size and not any(name == "avg" for name, *_ in request["state"]["after"]):
            painted = np.array(answer["painted"]).reshape(*maps[-1].shape, 4)
            assert (painted == map_pixels(maps[-1])).all()
        assert sum(answer["sums"]) == pytest.approx(maps[0][0, 0])
        check_window(request, channels, answer["pixels"])
        compared["colour" if len(channels) == 3 else "grey"] += 1
        compared["pooled"] += any(len(stage) == 3 for stage in request["state"]["after"])
    assert min(compared.values()) > 40, compared


def check_window(request, channels, shown):
    """Check the pixels under the first window; there are none on the padding."""
    state = request["state"]
    rows, cols = np.shape(state["k"])[1:]
    padded = np.pad(
        channels.astype(float), ((0, 0), *[[state["p"]] * 2] * 2), constant_values=np.nan
    )
    reach = [slice(0, state["d"] * (n - 1) + 1, state["d"]) for n in (rows, cols)]
    window = padded[:, *reach]
    wanted = [[[None if np.isnan(e) else e for e in line] for line in plane] for plane in window]
    assert shown == wanted


@pytest.mark.node
def test_a_pooled_entry_leads_back_to_its_maximum(tmp_path):
    pixels = np.zeros((5, 5, 4), int)
    pixels[1, 0, :3] = 200
    state = {"image": "it", "k": [[[1]]], "after": [["max", 2, 2]], "at": [3, 3]}
    request = {"pixels": pixels.ravel().tolist(), "size": [5, 5], "images": {"it": 3}}
    given = [
        state,
        state | {"after": [["avg", 2, 2]], "at": [2, 1]},
        state | {"after": [["max", 3, 3]]},
        state | {"after": [["max", 2, 3]], "at": [2, 0]},
    ]
    found = answers(tmp_path, [request | {"state": one} for one in given])
    assert [one["behind"] for one in found] == [[1, 0], [0, 0], [1, 0], [1, 0]]
    # The last two lie under no window: beyond the last one, and between two.
    assert [one["to"] for one in found] == [[1, 1], [1, 0], None, None]


KERNEL = "k=1,0.5;-2,0"
REFUSED = [
    ("image=own&" + KERNEL, "Your own picture is not kept: choose it again."),
    ("image=cat&" + KERNEL, "The image is one of seven, face."),
    ("image=__proto__&" + KERNEL, "The image is one of seven, face."),
    (KERNEL, "The image is one of seven, face."),
    ("image=seven&k=1/2/3", "The kernel has 1 slice here."),
    ("image=face&k=1/2", "The kernel has 1 or 3 slices here."),
    ("image=face&k=1/2/3,4", "The kernel's slices are numbers, all of one size."),
    ("image=seven&k=a", "The kernel's slices are numbers, all of one size."),
    ("image=seven&k=", "The kernel is a matrix with rows of equal length, of at most 7×7 entries."),
    ("image=seven&k=1,2;3", "The kernel is a matrix with rows of equal length, of at most 7×7"),
    ("image=seven&k=<script>", "An entry is a number between -1000000 and 1000000, or a letter."),
    ("image=seven&k=1e9", "An entry is a number between -1000000 and 1000000, or a letter."),
    (f"image=seven&{KERNEL}&s=0", "The stride is a whole number from 1 to 4."),
    (f"image=seven&{KERNEL}&s=2.5", "The stride is a whole number from 1 to 4."),
    (f"image=seven&{KERNEL}&p=9", "The padding is a whole number from 0 to 3."),
    (f"image=seven&{KERNEL}&d=", "The dilation is a whole number from 1 to 3."),
    (f"image=seven&{KERNEL}&after=boom", "The stages after the operation are a bias below"),
    (f"image=seven&{KERNEL}&after=relu;bias,1", "The stages after the operation are a bias"),
    (f"image=seven&{KERNEL}&at=1", "The output shown is a pair of whole numbers."),
    (f"image=seven&{KERNEL}&at=-1,0", "The output shown is a pair of whole numbers."),
    ("image=seven&k=" + "1" * 5000, "The link is too long."),
]


@pytest.mark.node
def test_hostile_links_are_refused_with_a_sentence(tmp_path):
    images = {"seven": 1, "face": 3}
    links = [{"link": link, "images": images} for link, _ in REFUSED]
    for (link, message), answer in zip(REFUSED, answers(tmp_path, links), strict=True):
        assert answer["error"].startswith(message), link
        assert answer["readable"], link


@pytest.mark.node
def test_a_link_gives_back_its_state(tmp_path):
    rng = random.Random(3)
    requests = [{"state": random_request(rng)["state"], "images": {"it": 3}} for _ in range(60)]
    links = [answer["link"] for answer in answers(tmp_path, requests)]
    assert "image=it" in links[0]
    again = answers(tmp_path, [{"link": link, "images": {"it": 3}} for link in links])
    for request, answer in zip(requests, again, strict=True):
        assert answer["state"] == request["state"]


def test_script_and_styles_as_served_are_small_when_compressed(site):
    files = [site / "_static" / name for name in ("photograph.js", "photograph.css")]
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) <= LARGEST_BUNDLE


LARGEST_BUNDLE = 11.5 * 1024


def test_modules_are_joined_in_the_order_in_which_they_import_each_other():
    before = {"photograph.js", *explorer_modules()}
    for name in explorer_modules("photograph.js"):
        text = (WEB / name).read_text("utf-8")
        assert len(text.splitlines()) <= 350, name
        assert set(re.findall(r'^import .* from "\./(.+)";$', text, flags=re.MULTILINE)) <= before
        before.add(name)


def test_no_two_modules_declare_the_same_name():
    """In a notebook the modules of explorers and photographs share one scope."""
    joined = join_modules("explorer.js", "photograph.js")
    names = re.findall(r"^(?:export )?(?:const|let|function|class) (\w+)", joined, re.MULTILINE)
    for several in re.findall(r"^(?:export )?const \[([\w, ]+)\]", joined, re.MULTILINE):
        names += several.split(", ")
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_pages_import_the_explorers_script_and_get_the_modules_as_one(site):
    served = {path.name for path in site.glob("_static/*.js")}
    assert not served & set(explorer_modules("photograph.js"))
    script = photograph_script()
    imported = re.findall(r"^import \{ (.+) \} from \"(.+)\";$", script, re.MULTILINE)
    assert [address for _, address in imported] == ["./explorer.js"]
    shared = (site / "_static" / "explorer.js").read_text("utf-8")
    for name in imported[0][0].split(", "):
        assert re.search(rf"^export .*\b{name}\b", shared, re.MULTILINE), name


# The element --------------------------------------------------------------------------------------


def tag(shown):
    return BeautifulSoup(shown.html, "html5lib").find("cnn-photograph")


def pixels_of(address):
    """Return the pixels of an image in a data address."""
    data = base64.b64decode(address.removeprefix("data:image/webp;base64,"))
    image = Image.open(io.BytesIO(data))
    return np.array(image if image.mode == "RGBA" else image.convert("RGB"))


def test_images_are_embedded_exactly():
    rng = np.random.default_rng(0)
    images = {"grey": rng.integers(0, 256, (9, 7)), "colour": rng.integers(0, 256, (40, 50, 3))}
    found = tag(photograph(images, [[1]], offers=["images"]))
    buttons = found.template.select("[data-act=image]")
    assert [button["value"] for button in buttons] == ["grey", "colour"]
    assert [button.text for button in buttons] == ["Grey", "Colour"]
    assert (pixels_of(buttons[0].img["src"])[..., 1] == images["grey"]).all()
    assert (pixels_of(buttons[1].img["src"]) == images["colour"]).all()
    assert [button.img["data-channels"] for button in buttons] == ["1", "3"]


def test_the_picture_shows_input_kernel_and_output():
    shown = photograph({"ramp": RAMP}, [[1, 0, -1]], bias=20, padding=1, relu=True, pool=("max", 2))
    svg = tag(shown).svg
    texts = [text.text for text in svg.find_all("text")]
    assert texts == ["input X", "output Y", "kernel K", "1", "0", "−1"]
    given, filtered = (pixels_of(image["href"]) for image in svg.find_all("image"))
    assert (given[..., 0] == RAMP).all()
    assert (filtered == map_pixels(shown.output)).all()
    wanted = conv2d(RAMP, [[1, 0, -1]], padding=1) + 20
    assert (shown.output == max_pool2d(relu(wanted), 2)).all()
    assert svg["aria-label"] == (
        "Input: Ramp, 5×5 pixels. Kernel: 1 by 3: 1, 0, −1. Padding 1, bias 20, then ReLU, "
        "max pooling 2×2. Output: 3×2, from 0 to 20; green is positive, purple negative, clear at "
        "zero."
    )


def test_in_colour_the_kernel_has_three_slices():
    image = np.random.default_rng(1).integers(0, 256, (6, 8, 3))
    kernel = [[[1]], [[0]], [[-1]]]
    shown = photograph({"it": image}, kernel)
    assert (shown.output == image[..., 0] - image[..., 2]).all()
    assert json.loads(tag(shown)["data-state"])["k"] == kernel
    grey = photograph({"it": image}, [[1]])
    assert (grey.output == to_grey(image)).all()


def test_what_cannot_be_negative_is_an_image_in_grey():
    half = [[0.5, 0.5]]
    blurred = photograph({"ramp": RAMP}, half)
    drawn = pixels_of(tag(blurred).svg.find_all("image")[1]["href"])
    assert (drawn[..., 0] == grey_pixels(blurred.output)).all()
    assert grey_pixels(np.array([[0, 50, 100]])).tolist() == [[0, 128, 255]]
    assert tag(blurred).svg["aria-label"].endswith("235; black at zero, white at the largest.")
    # A negative bias or a single negative weight can make an entry negative, also before ReLU.
    for options in ({"bias": -1}, {"bias": -1, "relu": True}):
        assert not photograph({"ramp": RAMP}, half, **options).is_grey
    assert not photograph({"ramp": RAMP}, [[1, -0.5]]).is_grey


def test_the_script_draws_the_same_image_in_grey(tmp_path):
    rng = random.Random(4)
    requests = [random_request(rng) for _ in range(60)]
    for request in requests[:30]:
        state = request["state"]
        state["k"] = np.abs(state["k"]).tolist()
        state["after"] = [[name, *map(abs, numbers)] for name, *numbers in state["after"]]
    drawn = 0
    for request, answer in zip(requests, answers(tmp_path, requests), strict=True):
        stages = request["state"]["after"]
        biases = [stage[1] for stage in stages if stage[0] == "bias"]
        least = np.min([np.min(request["state"]["k"]), *biases])
        assert "why" in answer or (answer["grey"] is not None) == (least >= 0)
        if answer.get("grey") and not any(stage[0] == "avg" for stage in stages):
            values = stages_of(request)[1][-1]
            painted = np.array(answer["grey"]).reshape(*values.shape, 4)
            assert (painted[..., :3] == grey_pixels(values)[..., np.newaxis]).all()
            assert (painted[..., 3] == 255).all()
            drawn += 1
    assert drawn > 10


def test_opacity_of_a_map_grows_with_its_values_and_zero_is_clear():
    painted = map_pixels(np.array([[0.0, 4.0, 2.0, -4.0, -1.0]]))[0]
    assert painted.tolist() == [
        [*POSITIVE, 0],
        [*POSITIVE, 255],
        [*POSITIVE, 128],
        [*NEGATIVE, 255],
        [*NEGATIVE, 64],
    ]
    assert (map_pixels(np.zeros((1, 2)))[..., 3] == 0).all()


def test_a_map_has_the_colours_of_those_in_figures():
    shares = np.arange(-10, 11)[np.newaxis] / 10  # figures show ten steps of each sign
    assert (map_pixels(shares) == signed_colours(shares)).all()


def test_a_large_map_has_few_shades_and_keeps_its_signs():
    image = np.random.default_rng(4).integers(0, 256, (40, 50))
    shown = photograph({"it": image}, SOBEL)
    drawn = pixels_of(tag(shown).svg.find_all("image")[1]["href"]).astype(int)
    exact = map_pixels(shown.output).astype(int)
    assert len(np.unique(drawn[..., 3])) <= 7
    assert np.abs(drawn[..., 3] - exact[..., 3]).max() <= 255 / 12 + 1
    seen = drawn[..., 3] > 0
    assert (drawn[seen][:, :3] == exact[seen][:, :3]).all()


def test_a_post_offers_what_its_author_chose():
    assert tag(photograph({"ramp": RAMP}, SOBEL))["data-offers"] == "kernels edit stride"
    chosen = photograph({"ramp": RAMP, "other": RAMP}, SOBEL, offers=["relu"])
    assert tag(chosen)["data-offers"] == "relu"
    assert len(tag(chosen).template.select("[data-act=image]")) == 1  # the others cannot be chosen
    full = photograph({"ramp": RAMP}, SOBEL, form="full")
    assert tag(full)["data-offers"].split() == list(OFFERS)
    page = tag(full).template
    assert {part["data-offer"] for part in page.select("[data-offer]")} == set(OFFERS) - {"edit"}


def test_the_lens_lies_in_the_middle_by_default():
    assert photograph({"it": np.zeros((9, 12), int)}, SOBEL).at == (3, 5)


def test_each_image_can_have_its_own_place_for_the_lens():
    images = {"ramp": RAMP, "wide": np.zeros((9, 12), int), "other": RAMP}
    shown = photograph(images, SOBEL, at={"ramp": (2, 1), "wide": (3, 4)}, form="full")
    assert shown.at == (2, 1)
    buttons = tag(shown).template.select("[data-act=image]")
    assert [button.get("data-place") for button in buttons] == ["0.8333,0.5", "0.5,0.45", None]
    assert photograph(images, SOBEL, at={"wide": (0, 0)}).at == (1, 1)  # the middle


def test_only_notebooks_get_the_script_and_the_styles():
    shown = photograph({"ramp": RAMP}, SOBEL)
    assert "<script" not in shown.html
    embedded = BeautifulSoup(shown._repr_html_(), "html5lib")
    assert len(embedded("script")) == len(embedded("style")) == 1
    assert embedded.script.string == join_modules("explorer.js", "photograph.js")
    assert not re.search(r"^import ", embedded.script.string, flags=re.MULTILINE)
    assert "cnn-explorer" not in embedded.style.string


COLOUR = np.zeros((4, 4, 3), int)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": {}}, "images: expected at least one, got none"),
        ({"images": {"Ramp": RAMP}}, "images: expected names of lower-case letters, digits and"),
        ({"images": {"own": RAMP}}, "other than \"own\", got 'own'"),
        ({"images": {"it": RAMP[0]}}, "images['it']: expected shape (height, width) or (height, "),
        ({"images": {"it": np.zeros((2, 2, 4), int)}}, "width, 3), got (2, 2, 4)"),
        ({"images": {"it": RAMP / 250}}, "images['it']: expected integers from 0 to 255, got flo"),
        ({"images": {"it": RAMP - 1}}, "images['it']: expected values from 0 to 255, got down to"),
        (
            {"images": {"it": RAMP * 2}},
            "images['it']: expected values from 0 to 255, got up to 480",
        ),
        ({"images": {"it": np.zeros((257, 2), int)}}, "expected at most 256×256, got 257×2"),
        ({"image": "face"}, "image: expected one of ramp, colour, got 'face'"),
        ({"kernel": [1, 2]}, "kernel: expected shape (height, width), got (2,)"),
        ({"kernel": [SOBEL] * 3}, "kernel: expected shape (height, width), got (3, 3, 3)"),
        (
            {"kernel": [SOBEL] * 2, "image": "colour"},
            "kernel: expected shape (height, width) or (3, height, width), got (2, 3, 3)",
        ),
        ({"kernel": np.ones((8, 1))}, "kernel: expected at most 7×7, got 8×1"),
        ({"kernel": [[1 / 3]]}, "kernel: expected numbers of at most six digits; round them first"),
        ({"kernel": [["a"]]}, "kernel: expected numbers of at most six digits"),
        ({"kernel": np.ones((7, 7))}, "kernel 7×7 is larger than the padded input 5×5"),
        ({"stride": 5}, "stride: expected a whole number from 1 to 4, got 5"),
        ({"stride": True}, "stride: expected a whole number from 1 to 4, got True"),
        ({"padding": 4}, "padding: expected a whole number from 0 to 3, got 4"),
        ({"dilation": 0}, "dilation: expected a whole number from 1 to 3, got 0"),
        ({"bias": 1 / 3}, "bias: expected a number of at most six digits, got 0.333"),
        ({"pool": ("min", 2)}, 'pool: expected ("max", n) or ("avg", n), n from 2 to 3, got ('),
        ({"pool": ("max", 4)}, "n from 2 to 3, got ('max', 4)"),
        ({"at": (3, 0)}, "at: expected an index of an output of (3, 3), got (3, 0)"),
        ({"at": {"ramp": (3, 0)}}, "at: expected an index of an output of (3, 3), got (3, 0)"),
        ({"at": {"cat": (0, 0)}}, "at: expected names among ramp, colour, got cat"),
        ({"form": "wide"}, 'form: expected "compact" or "full", got \'wide\''),
        ({"name": "A b"}, "name: expected lower-case letters, digits and hyphens, got 'A b'"),
        ({"offers": ["fly"]}, "offers: expected some of images, own, colour, kernels, edit, size"),
        ({"offers": "edit"}, "offers: expected some of images"),
        ({"offers": [], "form": "full"}, 'offers: a "full" photograph offers everything'),
    ],
)
def test_errors_name_the_argument(change, message):
    given = {"images": {"ramp": RAMP, "colour": COLOUR}, "kernel": SOBEL} | change
    with pytest.raises(ValueError, match=re.escape(message)):
        photograph(**given)
