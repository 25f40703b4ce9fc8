"""How many minutes a page takes to read: its open prose, and a while for each picture."""

from __future__ import annotations

from math import ceil
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

WORDS_A_MINUTE = 200
SECONDS_A_PICTURE = 15
# Read at another pace, or not at all on the way through.
APART = (nodes.literal_block, nodes.math, nodes.math_block, nodes.comment, nodes.raw)


def minutes(doctree: nodes.document) -> int:
    """Return the reading time, rounded up to whole minutes."""
    words = sum(
        len(text.split())
        for text in doctree.findall(nodes.Text)
        if not isinstance(text.parent, APART)
    )
    pictures = sum(1 for _ in doctree.findall(nodes.image)) + sum(
        1 for _ in doctree.findall(nodes.math_block)
    )
    return max(1, ceil(words / WORDS_A_MINUTE + pictures * SECONDS_A_PICTURE / 60))


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
