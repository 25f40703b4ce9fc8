"""Pictures beside posts are scaled, stripped, sized and named by content; bad ones are refused."""

import io

import pytest
from PIL import Image

from blog.ext.images import Prepared, prepare_raster, prepare_svg
from tests.build.tiny import build

SVG = 'xmlns="http://www.w3.org/2000/svg"'


def photograph(size=(60, 40), form="JPEG", **options):
    image = Image.new("RGB", size, (200, 80, 40))
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def located(size):
    """Make a photograph that says where it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return photograph(size, exif=exif)


def test_a_photograph_loses_its_position_and_stands_upright():
    data = located((60, 40))
    assert b"A camera" in data
    made = prepare_raster(data)
    content = made.content
    read = Image.open(io.BytesIO(content))
    assert not read.getexif()
    assert not read.getexif().get_ifd(0x8825)
    assert b"A camera" not in content
    assert (made.suffix, made.size, read.size) == (".jpg", (40, 60), (40, 60))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_wide_photograph_is_scaled(form):
    made = prepare_raster(photograph((4000, 3000), form))
    assert made.size == (1600, 1200)
    assert Image.open(io.BytesIO(made.content)).size == (1600, 1200)


def test_a_small_picture_that_tells_nothing_stays_as_it_is():
    data = photograph(form="PNG")
    assert prepare_raster(data) == Prepared(data, ".png", (60, 40), clear=False)


def test_a_drawing_loses_what_its_editor_says():
    drawn = (
        f'<svg {SVG} xmlns:inkscape="http://inkscape" viewBox="0 0 30 20">'
        "<!-- mine --><metadata>me</metadata><inkscape:grid/>"
        '<path inkscape:path="/home/me" d="M0 0h9"/></svg>'
    )
    left = f'<svg {SVG} viewBox="0 0 30 20"><path d="M0 0h9"/></svg>'.encode()
    assert prepare_svg(drawn.encode()) == Prepared(left, ".svg", (30, 20), clear=True)


def test_a_picture_that_the_page_shines_through_has_paper_of_its_own(tmp_path):
    clear = io.BytesIO()
    Image.new("RGBA", (6, 4), (0, 0, 0, 0)).save(clear, "PNG")
    adapted = "<style>@media (prefers-color-scheme:dark){path{fill:white}}</style>"
    files = {
        "clear.png": clear.getvalue(),
        "full.png": photograph(form="PNG"),
        "drawing.svg": f'<svg {SVG} viewBox="0 0 1 1"/>'.encode(),
        "adapted.svg": f'<svg {SVG} viewBox="0 0 1 1">{adapted}</svg>'.encode(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    built = build(tmp_path, "# Title\n\n" + "".join(f"![{name}]({name})\n" for name in files))
    assert built.messages == []
    shown = {image["alt"] for image in built.page().select("img.on-paper")}
    assert shown == {"clear.png", "drawing.svg"}


def test_pictures_have_their_size_and_a_name_by_content(tmp_path):
    (tmp_path / "my cat.jpg").write_bytes(located((60, 40)))
    (tmp_path / "a.png").write_bytes(photograph((300, 200), "PNG"))
    text = """# Title

![One](<my cat.jpg>) ![Two](my%20cat.jpg)

![Half](a.png){width="50%"}

<img src="a.png" alt="HTML" width="150">

```{figure} a.png
:alt: Figure
:width: 60px

Caption
```
"""
    built = build(tmp_path, text)
    assert built.messages == []
    images = {image["alt"]: image for image in built.page().find_all("img")}
    sizes = {alt: (int(image["width"]), int(image["height"])) for alt, image in images.items()}
    assert sizes == {
        "One": (40, 60),
        "Two": (40, 60),
        "Half": (306, 204),
        "HTML": (150, 100),
        "Figure": (60, 40),
    }
    assert not built.page().select("main [style], a > img")
    source = images["One"]["src"]
    assert (built.out / source).read_bytes() == prepare_raster(located((60, 40))).content
    (tmp_path / "my cat.jpg").write_bytes(photograph((50, 40)))
    again = build(tmp_path, text).page().find("img", alt="One")["src"]
    assert source.startswith("_images/my-cat-")
    assert again.startswith("_images/my-cat-")
    assert again != source


BAD = {
    "a.png": (b"no picture", "the picture cannot be read: save it again as JPEG or PNG"),
    "a.tiff": (photograph(form="TIFF"), "browsers do not show TIFF pictures: save it as JPEG"),
    "a.svg": (b"<svg", "the SVG cannot be read: "),
    "size.svg": (f"<svg {SVG}/>".encode(), "the SVG has no size: give it a viewBox"),
    "script.svg": (
        f'<svg {SVG} viewBox="0 0 1 1"><script>1</script></svg>'.encode(),
        "<script> has no effect in a picture: remove it",
    ),
    "loads.svg": (
        f'<svg {SVG} viewBox="0 0 1 1"><image href="b.png"/></svg>'.encode(),
        "it would load b.png, but pictures load nothing: embed it",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_picture_that_cannot_be_shown_is_refused(tmp_path, name):
    data, message = BAD[name]
    (tmp_path / name).write_bytes(data)
    built = build(tmp_path, f"# Title\n\nText.\n\n![A picture]({name})\n")
    (found,) = built.messages
    assert found.startswith(f"index.md:5: {name}: {message}")
    assert "(<string>" not in found


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("width=20em", 'width: "20em" is neither in pixels (300px) nor in percent ("50%")'),
        ('width="150%"', 'width: "150%" is more than the text is wide: write "100%" or less'),
        ("height=20", "height: give the width alone, such as {width=300px}"),
    ],
)
def test_a_size_that_cannot_be_kept_is_refused(tmp_path, option, message):
    (tmp_path / "a.png").write_bytes(photograph(form="PNG"))
    built = build(tmp_path, f"# Title\n\n![A picture](a.png){{{option}}}\n")
    assert built.messages == [f"index.md:3: a.png: {message}"]
