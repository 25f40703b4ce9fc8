"""Convert equations to MathML; an equation that cannot be converted causes a warning."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from docutils import nodes
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from blog.ext import tex
from blog.ext.words import say

STRUT = '<mspace height=".82em" depth=".3em"></mspace>'
logger = logging.getLogger(__name__)


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write an inline equation."""
    self.body.append(_convert(tex.inline, node))
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a display equation, which wraps between terms, or scrolls if it contains a matrix."""
    html = _convert(tex.display, node)
    attributes: dict[str, Any] = {"role": "group", "aria-label": say(self.config, "Equation")}
    # Matrices, fractions and sums do not wrap, so they must be scrollable by keyboard.
    if any(tag in html for tag in ("<mtable", "<mfrac", "<munder")):
        attributes["tabindex"] = "0"
    ids = node["ids"]
    if node.parent.get("ids") == ids:  # Furo's box around it has the name
        node["ids"] = []
    self.body.append(self.starttag(node, "div", "", CLASS="math", **attributes))
    node["ids"] = ids
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, say(self.config, "Link to this equation"))
        self.body.append("</span>")
    self.body.append(f"<div>{html}</div></div>\n")
    raise nodes.SkipNode


def _convert(converter: Callable[[str], str], node: nodes.Element) -> str:
    source = node.astext()
    try:
        return converter(source)
    except tex.UnsupportedTex as error:
        logger.warning(
            "cannot convert TeX to MathML: %s in %r", error, source, location=node, type="mathml"
        )
        return f"<code>{escape(source)}</code>"


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give the rows of matrices one height, whether or not their letters have ascenders."""
    if "body" in context:
        context["body"] = re.sub(r"<mtd\b[^>]*>", rf"\g<0>{STRUT}", context["body"])


def label_environment(renderer: SphinxRenderer) -> str:
    r"""Return a label for an environment such as ``\begin{align}``, the same in each build."""
    env = renderer.sphinx_env
    return f"{env.docname}-{env.new_serialno('amsmath')}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; MyST's own labels are random, and no setting changes that."""
    SphinxRenderer._random_label = label_environment  # type: ignore[method-assign,assignment]
    app.connect("html-page-context", page_context)
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
