"""What keyboards and HTML checkers ask for, and the stack's writers leave out."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

# Longer lines do not fit on the narrowest screen: by keyboard, too, one must be able to scroll.
NARROW = 36
TABLE = '<div class="table-wrapper'


def visit_fold(self: HTML5Translator, node: HideCodeCellNode) -> None:
    """Fold a cell's code under a summary that says so (MyST-NB's has two texts and a label)."""
    classes = " ".join(["hide", *node["classes"]])
    self.body.append(
        f'<details class="{classes}"><summary>{escape(node["prompt_show"])}</summary>\n'
    )


def depart_fold(self: HTML5Translator, node: HideCodeCellNode) -> None:
    """Close the fold."""
    self.body.append("</details>\n")


def focusable(match: re.Match[str]) -> str:
    """Let the keyboard reach code that may have to be scrolled."""
    code = unescape(re.sub(r"<[^>]+>", "", match[1]))
    wide = max(map(len, code.splitlines()), default=0) > NARROW
    return f'<pre tabindex="0">{match[1]}</pre>' if wide else match[0]


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Mend the finished body of one page."""
    if "body" in context:
        body = re.sub(r"<pre>(.*?)</pre>", focusable, context["body"], flags=re.DOTALL)
        context["body"] = body.replace(
            TABLE, TABLE.replace("<div", '<div tabindex="0" role="group" aria-label="Table"')
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(HideCodeCellNode, override=True, html=(visit_fold, depart_fold))
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
