"""Pictures from cells: caption and text alternative out of the SVG, loaded when near the screen.

A `cnnlib.explain.picture.Picture` writes both into its SVG, as ``<title>`` and ``<desc>``. A
picture without them is a warning, and with -W a failed build.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from lxml import etree
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
# Letters in pictures are then as large as those of the text, where the screen is wide enough.
ENLARGED = 1.25
SVG = "{http://www.w3.org/2000/svg}"


class picture(nodes.image):
    """A figure made of an SVG from a cell; `frames` says what each step of an animation shows."""


class CellPictures(SphinxTransform):
    """Give each picture what its SVG says of itself, and demand a text alternative of all."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Visit the images of one page."""
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.env.srcdir, image["uri"].lstrip("/"))
            if image["uri"].endswith(".svg") and "jupyter_execute" in path.parts:
                image = described(image, path)
            if not image.get("alt", "").strip():
                logger.warning(
                    "a picture without a text alternative: in a cell, show a "
                    "cnnlib.explain.picture(...); in Markdown, write ![what it shows](...)",
                    location=_with_line(image),
                )


def _with_line(node: nodes.Element) -> nodes.Element:
    """Return the node, or the nearest one around it, whose line in the page is known."""
    while not node.line and node.parent is not None:
        node = node.parent
    return node


def described(image: nodes.image, path: Path) -> nodes.image:
    """Replace an image by a picture with the words and the size that its SVG carries."""
    root = etree.parse(path).getroot()
    drawn = picture(
        uri=image["uri"],
        alt=root.findtext(f"{SVG}desc", ""),
        caption=root.findtext(f"{SVG}title", ""),
        frames=[words.text for words in root.findall(f"{SVG}g/{SVG}desc")],
        size=tuple(round(ENLARGED * length) for length in size_in_pixels(root)),
    )
    drawn.source, drawn.line = image.source, image.line
    image.replace_self(drawn)
    return drawn


def size_in_pixels(root: etree._Element) -> tuple[float, float]:
    """Read the size of an SVG; Matplotlib counts in points, 72 for 96 pixels."""
    _, _, width, height = (float(number) for number in root.get("viewBox").split())
    unit = 4 / 3 if root.get("width", "").endswith("pt") else 1
    return width * unit, height * unit


def visit_picture(self: HTML5Translator, node: picture) -> None:
    """Write a figure; an animation lets its reader stop at any step, without a script."""
    source = posixpath.join(self.builder.imgpath, quote(self.builder.images[node["uri"]]))
    size = 'width="{}" height="{}" loading="lazy" decoding="async"'.format(*node["size"])

    def img(words: str, view: str = "") -> str:
        return f'<img src="{source}{view}" alt="{self.attval(words)}" {size}>'

    shown = img(node["alt"])
    if node["frames"]:
        group = "stops-" + posixpath.basename(source)[:8]
        shown = _stop(group, 0, "Play", "checked", shown)
        for number, words in enumerate(node["frames"], start=1):
            step = img(f"Step {number}: {words}", f"#step{number}")
            shown += _stop(group, number, str(number), f'aria-label="Stop at {number}"', step)
        label = "Play, or stop at a step"
        shown = f'<div class="stops" role="radiogroup" aria-label="{label}">{shown}</div>'
    kind = ' class="animation"' if node["frames"] else ""
    caption = f"<figcaption>{self.encode(node['caption'])}</figcaption>"
    self.body.append(f"<figure{kind}>{shown}{caption}</figure>\n")


def _stop(group: str, number: int, label: str, extra: str, shown: str) -> str:
    """Write a radio button with what it shows when it is chosen."""
    name = f"{group}-{number}"
    button = f'<input type="radio" name="{group}" id="{name}" {extra}>'
    return f'{button}<label for="{name}">{label}</label>{shown}'


def depart_picture(self: HTML5Translator, node: picture) -> None:
    """Nothing is left open."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; the SVG goes before the HTML that notebooks show."""
    app.add_node(picture, html=(visit_picture, depart_picture))
    app.add_transform(CellPictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
