"""The directive `gallery`: a small picture of each section's result, which leads to the section.

What a section draws is taken from the picture itself: of matrices the last one, without numbers; of
photographs the last one, scaled down. Of a section that only prints, it is what it prints.
"""

from __future__ import annotations

import base64
import io
import itertools
import textwrap
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from lxml import etree
from PIL import Image
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from blog.ext.figures import picture

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
SIDE = 104  # of a photograph, in pixels
QUALITY = 35
LINES, LETTERS, WRAPPED = 6, 22, 18  # of what is printed


class gallery(nodes.General, nodes.Element):
    """The place of the list."""


class Gallery(SphinxDirective):
    """A list of all sections of the page."""

    def run(self) -> list[nodes.Node]:
        """Return a placeholder: the results are not known yet."""
        return [gallery()]


class FillGallery(SphinxPostTransform):
    """Put the list in its place."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Process one page."""
        for place in list(self.document.findall(gallery)):
            sections = [s for s in place.parent.children if isinstance(s, nodes.section)]
            items = "".join(self.item(section) for section in sections)
            place.replace_self(nodes.raw("", f'<ul class="gallery">{items}</ul>', format="html"))

    def item(self, section: nodes.section) -> str:
        """Return a section's entry."""
        title = section.next_node(nodes.title)
        assert title is not None
        shown = self.result(section)
        return f'<li><a href="#{section["ids"][0]}">{shown}{escape(title.astext())}</a></li>'

    def result(self, section: nodes.section) -> str:
        """Return a small picture of what a section draws or prints."""
        drawn = list(section.findall(picture))
        if drawn:
            root = etree.parse(Path(self.env.srcdir, drawn[-1]["uri"].lstrip("/"))).getroot()
            return photograph(root) or matrix(root)
        blocks = section.findall(nodes.literal_block)
        outputs = (block for block in blocks if "output" in block["classes"])
        return printed("\n".join(node.astext() for node in outputs))


def photograph(root: etree._Element) -> str:
    """Return the last photograph in an SVG, scaled down; nothing if there is none."""
    images = root.findall(f".//{SVG}image")
    if not images:
        return ""
    data = base64.b64decode(images[-1].get(XLINK).partition(",")[2])
    small = Image.open(io.BytesIO(data)).convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=QUALITY, method=6)
    url = "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
    return f'<img src="{url}" alt="" width="{SIDE}" height="{SIDE}">'


def matrix(root: etree._Element) -> str:
    """Return the last matrix in an SVG: its cells in their shades, one path for each shade."""
    cells = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "cell"]
    boxes = [(float(cell.get("x")), float(cell.get("y")), cell) for cell in cells]
    side = float(cells[0].get("width"))
    columns = sorted({x for x, _, _ in boxes})
    # Matrices stand apart: the last one begins after the last gap.
    left = [columns[0], *(b for a, b in itertools.pairwise(columns) if b - a > side + 1)][-1]
    last = [box for box in boxes if box[0] >= left]
    top = min(y for _, y, _ in last)
    width = round(max(x - left for x, _, _ in last) / side) + 1
    height = round(max(y - top for _, y, _ in last) / side) + 1
    shades: dict[tuple[str, str], str] = {}
    for x, y, cell in last:
        look = cell.get("fill"), cell.get("fill-opacity", "1")
        at = f"M{round((x - left) / side)} {round((y - top) / side)}"
        shades[look] = shades.get(look, "") + f"{at}h1v1h-1z"
    paths = "".join(
        f'<path d="{d}" fill="{fill}" fill-opacity="{opacity}"/>'
        for (fill, opacity), d in shades.items()
    )
    size = f"-.05 -.05 {width}.1 {height}.1"
    return f'<svg class="cells" aria-hidden="true" viewBox="{size}">{paths}</svg>'


def printed(text: str) -> str:
    """Return the first lines of what a section prints, without parts of words."""
    lines = text.strip().splitlines()
    kind = "printed"
    if len(lines) == 1:  # there is room for all of it
        kind, lines = "printed one", textwrap.wrap(lines[0], WRAPPED)
    else:
        lines = shorten(squeeze(lines[:LINES]))
    return f'<span class="{kind}" aria-hidden="true">{escape(chr(10).join(lines))}</span>'


def shorten(lines: list[str]) -> list[str]:
    """Leave out the last columns of a table, or the last words of a line, if there is no room.

    >>> shorten(["size  colour  weight", "small green   100 000 000"])
    ['size  colour', 'small green']
    >>> shorten(["(7, 7) -> [0. 1. 2. 3. 4.]", "(10, 6) -> 0"])
    ['(7, 7) -> [0. 1. 2. …', '(10, 6) -> 0']
    """
    if max(map(len, lines)) <= LETTERS:
        return lines
    places = range(LETTERS, LETTERS // 2, -1)
    gap = next((at for at in places if all(line[at : at + 1] == " " for line in lines)), None)
    if gap:
        return [line[:gap].rstrip() for line in lines]
    return [
        line if len(line) <= LETTERS else line[: LETTERS - 1].rpartition(" ")[0] + " …"
        for line in lines
    ]


def squeeze(lines: list[str]) -> list[str]:
    """Leave one blank column where all lines have several.

    >>> squeeze(["a    bc", "d     e"])
    ['a bc', 'd  e']
    """
    width = max(map(len, lines), default=0)
    columns = list(zip(*(line.ljust(width) for line in lines), strict=True))
    kept = [
        column
        for before, column in itertools.pairwise([("",), *columns])
        if any(map(str.strip, (*before, *column))) or not before[0]
    ]
    return ["".join(line).rstrip() for line in zip(*kept, strict=True)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(gallery)
    app.add_directive("gallery", Gallery)
    app.add_post_transform(FillGallery)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
