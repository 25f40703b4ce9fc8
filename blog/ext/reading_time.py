"""Estimate the reading time of a page from its text, pictures and equations.

The animations of a gallery are for looking things up: they are counted by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from blog.check.front_matter import CHARACTER

WORDS_PER_MINUTE = 200
# Of Chinese or Japanese, which are written without spaces.
CHARACTERS_PER_MINUTE = 350
SECONDS_PER_PICTURE = 15  # or equation
# Nodes whose words count; code and tables are skimmed.
PROSE = (nodes.paragraph, nodes.title, nodes.term)


def unfolded_nodes(doctree: nodes.document) -> Iterator[nodes.Node]:
    """Yield the nodes of a page outside <details>, which pages write as raw HTML."""
    depth = 0
    for node in doctree.findall():
        if isinstance(node, nodes.raw):
            depth += node.astext().count("<details") - node.astext().count("</details")
        if depth == 0:
            yield node


def minutes_of_text(text: str) -> float:
    """Return how long a text takes to read.

    >>> minutes_of_text("four words of English " * 50), minutes_of_text("卷积网络" * 175)
    (1.0, 2.0)
    """
    rest, characters = CHARACTER.subn(" ", text)
    # What is left of a text without spaces are its signs.
    words = [word for word in rest.split() if any(map(str.isalnum, word))]
    return len(words) / WORDS_PER_MINUTE + characters / CHARACTERS_PER_MINUTE


def reading_minutes(doctree: nodes.document) -> int:
    """Return the reading time, rounded up to whole minutes."""
    minutes, equations, pictures = 0.0, 0, 0
    for node in unfolded_nodes(doctree):
        if isinstance(node, PROSE):
            minutes += minutes_of_text(node.astext())
        # A letter in a question is no equation.
        text = node.astext() if isinstance(node, nodes.raw) else ""
        from_cell = "<math" in text and "<cnn-question" not in text
        equations += from_cell or isinstance(node, nodes.math_block)
        # The drawing for narrow screens within a picture shows the same.
        if isinstance(node, nodes.image) and not isinstance(node.parent, nodes.image):
            pictures += not in_gallery(node)
    seconds = SECONDS_PER_PICTURE * (equations + pictures)
    return max(1, ceil(minutes + seconds / 60))


def in_gallery(image: nodes.image) -> bool:
    """Say whether an image is an animation of a gallery, which links to the playground."""
    return bool(image.get("explore"))


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the reading time and the size of the gallery to the context of a page."""
    if doctree is not None:
        context["minutes"] = reading_minutes(doctree)
        context["animations"] = sum(map(in_gallery, doctree.findall(nodes.image)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
