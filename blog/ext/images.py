"""The pictures that authors put beside their posts: sized, scaled, without metadata, by content.

A photograph of a camera is wider than any screen, and says where it was taken. What readers get is
at most `WIDEST` pixels wide and holds nothing but the picture. Each picture has its size on the
page, so that nothing moves while it loads, and a name that changes with its content, since browsers
keep it for a year.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from docutils import nodes
from lxml import etree
from PIL import Image, ImageOps, UnidentifiedImageError
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from blog.check.front_matter import slug
from blog.ext.figures import with_line

logger = logging.getLogger(__name__)
WIDEST = 1600  # pixels; twice the width of the text
QUALITY = 82
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "AVIF": ".avif"}
SVG = "{http://www.w3.org/2000/svg}"
FOLDER = ".cache/images"
COLUMN = 612  # the width of the text in pixels, 34rem


@dataclass(frozen=True)
class Prepared:
    """A picture for readers: what its file holds and how it ends, its size in pixels."""

    content: bytes
    suffix: str
    size: tuple[int, int]
    clear: bool  # whether the page shines through, which may be dark


def prepare_raster(data: bytes) -> Prepared:
    """Return a photograph or drawing as readers get it.

    Parameters
    ----------
    data : bytes
        A file in one of `FORMATS`.

    Raises
    ------
    ValueError
        If it cannot be read, or browsers do not show its format.
    """
    try:
        image: Image.Image = Image.open(io.BytesIO(data))
        kind = str(image.format)
        image.load()
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        raise ValueError("the picture cannot be read: save it again as JPEG or PNG") from None
    if kind not in FORMATS:
        raise ValueError(f"browsers do not show {kind} pictures: save it as JPEG, PNG or WebP")
    if getattr(image, "is_animated", False) or (image.width <= WIDEST and not is_tagged(image)):
        return Prepared(data, FORMATS[kind], image.size, image.has_transparency_data)
    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.width > WIDEST:
        size = WIDEST, round(image.height * WIDEST / image.width)
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        image = image.resize(size, Image.Resampling.LANCZOS)
    written = io.BytesIO()
    options = {"quality": QUALITY, "optimize": True, "progressive": True, "icc_profile": profile}
    image.save(written, kind, **options)
    clear = image.has_transparency_data
    return Prepared(written.getvalue(), FORMATS[kind], image.size, clear)


def is_tagged(image: Image.Image) -> bool:
    """Return whether a picture says more than what it shows, such as where it was taken."""
    private = {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"}
    return bool(image.getexif() or private & set(image.info) or getattr(image, "text", None))


def prepare_svg(data: bytes) -> Prepared:
    """Return a drawing without what its editor added.

    Raises
    ------
    ValueError
        If it is not well-formed, has no size, or would load something else or run a script.
    """
    try:
        root = etree.fromstring(data, etree.XMLParser(remove_comments=True, no_network=True))
    except etree.XMLSyntaxError as error:
        reason = str(error).removesuffix(" (<string>, line 1)")
        raise ValueError(f"the SVG cannot be read: {reason}; save it again") from None
    for node in list(root.iter(etree.Element)):
        name = etree.QName(node)
        if name.localname in ("script", "foreignObject"):
            raise ValueError(f"<{name.localname}> has no effect in a picture: remove it")
        if name.namespace != SVG.strip("{}") or name.localname == "metadata":
            if node.getparent() is not None:
                node.getparent().remove(node)
            continue
        for key, value in list(node.attrib.items()):
            if "inkscape" in key or "sodipodi" in key:
                del node.attrib[key]
            elif etree.QName(key).localname == "href" and not value.startswith(("#", "data:")):
                raise ValueError(f"it would load {value[:60]}, but pictures load nothing: embed it")
    width, height = svg_size(root)
    etree.cleanup_namespaces(root)
    content = etree.tostring(root, encoding="utf-8")
    return Prepared(content, ".svg", (round(width), round(height)), b"color-scheme" not in content)


def svg_size(root: etree._Element) -> tuple[float, float]:
    """Return the size that an SVG states, in pixels."""
    units = {"": 1, "px": 1, "pt": 4 / 3, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}
    stated = [re.fullmatch(r"([\d.]+)(\w*)", root.get(side, "")) for side in ("width", "height")]
    box = [
        float(number) for number in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if number
    ]
    sizes = [float(found[1]) * units[found[2]] for found in stated if found and found[2] in units]
    if len(sizes) == 2:
        return sizes[0], sizes[1]
    if len(box) == 4:
        return box[2], box[3]
    raise ValueError("the SVG has no size: give it a viewBox, or width and height")


def prepare(path: Path) -> Prepared:
    """Return a picture as readers get it."""
    data = path.read_bytes()
    return prepare_svg(data) if path.suffix.lower() == ".svg" else prepare_raster(data)


def write(made: Prepared, stem: str, source: Path) -> str:
    """Write a picture into the cache, under a name that its content gives; return its address."""
    name = f"{slug(stem) or 'picture'}-{hashlib.sha256(made.content).hexdigest()[:10]}{made.suffix}"
    copy = source / FOLDER / name
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(made.content)
    return f"/{FOLDER}/{name}"


class Images(SphinxTransform):
    """Replace the pictures of a page by what readers get of them."""

    default_priority = 490  # before those from cells

    def apply(self, **kwargs: Any) -> None:
        """Process the pictures of one page."""
        for image in self.document.findall(nodes.image):
            uri = unquote(image["uri"])
            if "://" in uri or uri.startswith("data:") or "jupyter_execute" in uri:
                continue
            _, name = self.env.relfn2path(uri)
            path = Path(name)
            if not path.is_file():
                image["uri"] = uri  # Sphinx says that it is missing
                continue
            self.env.note_dependency(str(path))
            source = Path(self.env.srcdir)
            try:
                made = prepare(path)
                image["size"] = shown_size(image, *made.size)
            except ValueError as error:
                shown = path.relative_to(source) if path.is_relative_to(source) else path
                logger.warning("%s: %s", shown, error, location=with_line(image))
                continue
            image["uri"] = write(made, path.stem, source)
            if made.clear:
                image["classes"].append("on-paper")


def shown_size(image: nodes.image, width: int, height: int) -> tuple[int, int]:
    """Return the size of a picture on the page, in pixels.

    Raises
    ------
    ValueError
        If the width that its author gives is not in pixels or in percent of the text's width.
    """
    for option in ("height", "scale"):
        if option in image:
            raise ValueError(f"{option}: give the width alone, such as {{width=300px}}")
    given = str(image.get("width", ""))
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(px|%|)", given)
    if given and not found:
        raise ValueError(f'width: "{given}" is neither in pixels (300px) nor in percent ("50%")')
    if found and found[2] == "%" and float(found[1]) > 100:
        raise ValueError(f'width: "{given}" is more than the text is wide: write "100%" or less')
    shown = width
    if found:
        shown = round(float(found[1]) * (COLUMN / 100 if found[2] == "%" else 1))
    return shown, round(height * shown / width)


def visit_image(self: HTML5Translator, node: nodes.image) -> None:
    """Write a picture with its size, to be loaded when it comes near."""
    uri = node["uri"]
    if uri in self.builder.images:
        uri = posixpath.join(self.builder.imgpath, quote(self.builder.images[uri]))
    size = node.get("size") or file_size(Path(self.builder.srcdir, node["uri"].lstrip("/")))
    sized = f' width="{size[0]}" height="{size[1]}"' if size else ""
    classes = [*node["classes"], *([f"align-{node['align']}"] if "align" in node else [])]
    kind = f' class="{" ".join(classes)}"' if classes else ""
    alt = self.attval(node.get("alt", ""))
    self.body.append(
        f'<img src="{self.attval(uri)}" alt="{alt}"{sized}{kind} loading="lazy" decoding="async">'
    )
    raise nodes.SkipNode


def file_size(path: Path) -> tuple[int, int] | None:
    """Return the size of a picture from a cell."""
    try:
        with Image.open(path) as image:
            return image.size
    except OSError:  # a file that is missing or no picture has a message of its own
        return None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(Images)
    app.add_node(nodes.image, override=True, html=(visit_image, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
