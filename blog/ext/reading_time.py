"""How many minutes a page takes to read: its open prose, a while for each picture and equation."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

WORDS_A_MINUTE = 200
SECONDS_A_LOOK = 15
# Read at another pace, or not at all on the way through.
PROSE = (nodes.paragraph, nodes.title, nodes.term)


def on_the_way(doctree: nodes.document) -> Iterator[nodes.Node]:
    """Yield the nodes of a page that stand outside its folds, which are written in HTML."""
    depth = 0
    for node in doctree.findall():
        if isinstance(node, nodes.raw):
            depth += node.astext().count("<details") - node.astext().count("</details")
        if depth == 0:
            yield node


def minutes(doctree: nodes.document) -> int:
    """Return the reading time, rounded up to whole minutes."""
    words, equations, pictures = 0, 0, set()
    for node in on_the_way(doctree):
        if isinstance(node, PROSE):
            words += len(node.astext().split())
        computed = isinstance(node, nodes.raw) and "<math" in node.astext()
        equations += computed or isinstance(node, nodes.math_block)
        if isinstance(node, nodes.image):  # the frames of an animation stand together
            pictures.add(id(node.parent))
    looks = equations + len(pictures)
    return max(1, ceil(words / WORDS_A_MINUTE + looks * SECONDS_A_LOOK / 60))


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Offer the minutes to the templates."""
    if doctree is not None:
        context["minutes"] = minutes(doctree)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
