"""Mark only the tokens of code that the stylesheet colours.

Pygments marks every name, dot and comma, which makes a page with much code a third larger.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge


def coloured_classes(css: str) -> set[str]:
    """Return the classes of tokens to which the rules for `.highlight` give a look.

    Examples
    --------
    >>> sorted(coloured_classes(".highlight :is(.k, .kn) { color: red }"))
    ['k', 'kn']
    """
    selectors = re.findall(r"^\.highlight (.*?)\s*\{", css, re.MULTILINE)
    return set(re.findall(r"\.(\w+)", " ".join(selectors)))


def make_formatter(coloured: set[str]) -> type[HtmlFormatter[str]]:
    """Make a formatter that writes no element around tokens of other classes."""

    class Formatter(HtmlFormatter[str]):  # type: ignore[misc]
        def _get_css_classes(self, ttype: Any) -> str:
            classes: str = super()._get_css_classes(ttype)
            return classes if coloured & set(classes.split()) else ""

    return Formatter


def setup(app: Sphinx) -> dict[str, Any]:
    """Let Sphinx highlight code with it."""
    css = Path(app.srcdir, "_static", "site.css").read_text("utf-8")
    PygmentsBridge.html_formatter = make_formatter(coloured_classes(css))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
