"""The directive `margin`: a note beside the text, for what would interrupt it.

On a wide screen a note stands in the margin, next to the paragraph that it follows; elsewhere, on
paper and in feeds it comes after that paragraph.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator


class margin_note(nodes.Element):
    """A note in the margin; its children are paragraphs."""


class Margin(SphinxDirective):
    """Make a note of the text in the directive."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Parse the text of the note."""
        self.assert_has_content()
        return [margin_note("", *self.parse_content_to_nodes())]


def visit_margin_note(self: HTML5Translator, node: margin_note) -> None:
    """Begin a note; it is announced as one."""
    self.body.append('<div class="margin-note" role="note">\n')


def depart_margin_note(self: HTML5Translator, node: margin_note) -> None:
    """End a note."""
    self.body.append("</div>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(margin_note, html=(visit_margin_note, depart_margin_note))
    app.add_directive("margin", Margin)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
