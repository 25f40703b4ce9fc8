"""Figures for pictures from cells, with caption, alt text and lazy loading.

A `cnnlib.explain.picture.Picture` stores caption and alt text in its SVG, as ``<title>`` and
``<desc>``. A picture without alt text causes a warning, which fails the build.
"""

from __future__ import annotations

import base64
import posixpath
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from docutils.utils.smartquotes import smartyPants
from lxml import etree
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from blog.check.contrast import check_contrast
from blog.ext.words import say
from cnnlib.explain.svg import REST_VIEW

logger = logging.getLogger(__name__)
# Letters in pictures are then as large as those of the text, where the screen is wide enough.
ENLARGED = 1.25
# Wider pictures get more room than the text where the screen has it. On a phone they scroll, for
# letters that can be read there, unless they have a drawing for narrow screens. In pixels.
WIDE = 700
# Where a picture's drawing for narrow screens is shown; it is as wide as that of a phone. On a
# tablet, the letters of a picture wider than TABLET pixels would be too small.
TABLET = 840
NARROW, NARROW_IF_WIDE = (f"screen and (max-width: {width}rem)" for width in (44, 56.25))
# In the sizes of an animation, a letter before its number, as in `sizes_text`.
VARIABLE, VARIABLE_HTML = re.compile(r"\b[a-z](?=\N{NO-BREAK SPACE}=)"), r"<i>\g<0></i>"
# And those of input and output, which the list of cases shows.
ENDS = re.compile(
    r"\bn\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}(\d+).*\bo\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}(\d+)"
)
SVG = "{http://www.w3.org/2000/svg}"


# Where the explorer is that a picture's own state opens.
PLAYGROUND = "playground", "play"


class picture(nodes.image):
    """A figure with an SVG from a cell; of each step of an animation, `frames` has label and alt.

    With a state to `explore`, an animation rests until it is played, and links to the playground.
    Several of one cell are cases to choose from: one is shown at a time.

    A drawing for narrow screens is an image within the node.
    """


class CellPictures(SphinxTransform):
    """Replace SVG images from cells by figures, and require alt text of all pictures."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Process the images of one page."""
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.env.srcdir, image["uri"].lstrip("/"))
            if image["uri"].endswith(".svg") and "jupyter_execute" in path.parts:
                image = replace_image(image, path)
                for message in check_contrast(path.read_text("utf-8")):
                    logger.warning("%s", message, location=with_line(image))
            if not image.get("alt", "").strip():
                logger.warning(
                    "picture without alt text: in a cell, use cnnlib.explain.picture(...); "
                    "in Markdown, write ![description](...)",
                    location=with_line(image),
                )


def with_line(node: nodes.Element) -> nodes.Element:
    """Return the node, or its closest ancestor, whose line in the page is known."""
    while not node.line and node.parent is not None:
        node = node.parent
    return node


def replace_image(image: nodes.image, path: Path) -> picture:
    """Replace an image by a figure with the texts and the size stored in its SVG."""
    root = etree.parse(path).getroot()
    figure = picture(
        uri=image["uri"],
        alt=root.findtext(f"{SVG}desc", ""),
        caption=root.findtext(f"{SVG}title", ""),
        frames=[
            (desc.getparent().get("data-label", ""), desc.text)
            for desc in root.findall(f"{SVG}g/{SVG}desc")
        ],
        explore=root.get("data-explore", ""),
        size=tuple(round(ENLARGED * length) for length in size_in_pixels(root)),
    )
    figure.source, figure.line = image.source, image.line
    if root.get("data-narrow"):
        split_narrow(figure, path, root.get("data-narrow"))
    image.replace_self(figure)
    return figure


def split_narrow(figure: picture, path: Path, encoded: str) -> None:
    """Write the two drawings of a picture to files of their own, and refer to both."""
    narrow = base64.b64decode(encoded).decode()
    svg = re.sub(r' data-narrow="[^"]*"', "", path.read_text("utf-8"), count=1)
    for kind, text in (("wide", svg), ("narrow", narrow)):
        path.with_stem(f"{path.stem}-{kind}").write_text(text, "utf-8")
    stem = figure["uri"].removesuffix(".svg")
    figure["uri"] = f"{stem}-wide.svg"
    size = size_in_pixels(etree.fromstring(narrow.encode()))
    figure += nodes.image(
        uri=f"{stem}-narrow.svg",
        alt=figure["alt"],
        size=tuple(round(ENLARGED * length) for length in size),
    )


def size_in_pixels(root: etree._Element) -> tuple[float, float]:
    """Read the size of an SVG; Matplotlib counts in points, 72 for 96 pixels."""
    _, _, width, height = (float(number) for number in root.get("viewBox").split())
    unit = 4 / 3 if root.get("width", "").endswith("pt") else 1
    return width * unit, height * unit


def visit_picture(self: HTML5Translator, node: picture) -> None:
    """Write a figure; an animation has radio buttons to stop it at a step without JavaScript."""
    source = _address(self, node)
    size = 'width="{}" height="{}" loading="lazy" decoding="async"'.format(*node["size"])

    def img(alt: str, view: str = "") -> str:
        return f'<img src="{source}{view}" alt="{self.attval(alt)}" {size}>'

    word = partial(say, self.config)
    play, stop = word("Play"), word("Stop")
    shown = img(node["alt"])
    if node["explore"]:
        group = "play-" + posixpath.basename(source)[:8]
        moving = img(word("The same, one step after another."))
        still = img(node["alt"], f"#{REST_VIEW}")
        # Only the button for what can be done now is shown, so both are named apart from it.
        shown = _step(group, 0, play, f'aria-label="{play}"', moving, "play")
        shown += _step(group, 1, stop, f'aria-label="{stop}" checked', still, "play stop")
        shown = _group("stops", "radiogroup", word("Play or stop"), shown)
    elif node["frames"]:
        group = "stops-" + posixpath.basename(source)[:8]
        shown = _step(group, 0, play, f'aria-label="{play}" checked', shown, "play")
        # While it plays, a button in the place of that one stops at the first step.
        shown += f'<label for="{group}-1" class="play stop">{stop}</label>'
        for number, (own, alt) in enumerate(node["frames"], start=1):
            label = own or str(number)
            frame = img(alt if own else f"{word('Step')} {number}: {alt}", f"#step{number}")
            shown += _step(group, number, label, f'aria-label="{word("Stop at")} {label}"', frame)
        shown = _group("stops", "radiogroup", word("Play, or stop at a step"), shown)
    kind = ' class="animation"' if node["frames"] else ""
    kind = ' class="try"' if node["explore"] else kind
    if len(node):
        (narrow,) = node.children
        assert isinstance(narrow, nodes.image)
        media = NARROW_IF_WIDE if node["size"][0] > TABLET else NARROW
        screen = 'media="{}" srcset="{}" width="{}" height="{}"'.format(
            media, _address(self, narrow), *narrow["size"]
        )
        shown = f"<picture><source {screen}>{shown}</picture>"
        kind = ' class="wide"' if node["size"][0] > WIDE else ""
    elif node["size"][0] > WIDE:
        # Focusable, so that it can be scrolled by keyboard.
        shown = _group("scroll", "group", word("Wide picture"), shown, ' tabindex="0"')
        kind = ' class="wide"'
    caption = self.encode(smartyPants(node["caption"], "q"))
    if node["explore"]:
        name, *about = caption.split(". ", 2)  # its sizes, and what the playground shows instead
        lines = " ".join(f"<span>{VARIABLE.sub(VARIABLE_HTML, line)}</span>" for line in about)
        caption = f"<b>{name}</b> {lines} {_playground_link(self, node)}"
    caption = f"<figcaption>{caption}</figcaption>"
    self.body.append(_as_case(self, node, f"<figure{kind}>{shown}{caption}</figure>\n"))
    raise nodes.SkipChildren


def _as_case(self: HTML5Translator, node: picture, figure: str) -> str:
    """Put the button that shows a figure before it, if it is one of several to choose from."""
    siblings = node.parent.children if node["explore"] else []
    cases = [other for other in siblings if isinstance(other, picture) and other["explore"]]
    if len(cases) < 2:
        return figure
    group = "cases-" + posixpath.basename(_address(self, cases[0]))[:8]
    name, sizes, *_ = f"{node['caption']}. ".split(". ")
    ends = ENDS.search(sizes)
    change = " <span>{} \N{RIGHTWARDS ARROW} {}</span>".format(*ends.groups()) if ends else ""
    chosen = " checked" if node is cases[0] else ""
    button = f'<input type="radio" name="{group}"{chosen}>{self.encode(name)}{change}'
    shown = f"<label>{button}</label>\n{figure}"
    if node is cases[0]:
        shown = (
            f'<div class="cases" role="group" aria-label="{say(self.config, "Cases")}">\n{shown}'
        )
    return f"{shown}</div>\n" if node is cases[-1] else shown


def _address(self: HTML5Translator, image: nodes.image) -> str:
    """Return the address of an image, seen from the page."""
    return posixpath.join(self.builder.imgpath, quote(self.builder.images[image["uri"]]))


def _playground_link(self: HTML5Translator, node: picture) -> str:
    """Return a link that opens the playground with the numbers of a picture."""
    page, explorer = PLAYGROUND
    start = self.builder.get_relative_uri(self.builder.current_docname, page)
    address = self.attval(f"{start}#{explorer}?{node['explore']}")
    return f'<a href="{address}">{say(self.config, "Open in the playground")}</a>'


def _step(group: str, number: int, label: str, attributes: str, image: str, kind: str = "") -> str:
    """Return a radio button with the image that it shows."""
    name = f"{group}-{number}"
    button = f'<input type="radio" name="{group}" id="{name}" {attributes}>'
    style = f' class="{kind}"' if kind else ""
    return f'{button}<label for="{name}"{style}>{label}</label>{image}'


def _group(style: str, role: str, name: str, content: str, more: str = "") -> str:
    """Return a box with a role and a name."""
    return f'<div class="{style}" role="{role}" aria-label="{name}"{more}>{content}</div>'


def depart_picture(self: HTML5Translator, node: picture) -> None:
    """Do nothing: the figure is complete."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(picture, html=(visit_picture, depart_picture))
    app.add_transform(CellPictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
