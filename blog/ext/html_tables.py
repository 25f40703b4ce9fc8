"""Tables that are written as HTML, by an author or by pandas, look and scroll like all others."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

# Tables of an explorer and the like have a role, and care for themselves.
TABLE = re.compile(r"<table\b(?![^>]*\brole=).*?</table>", re.DOTALL)
# What pandas writes for pages that have no styles.
PANDAS = re.compile(
    r'<style scoped>.*?</style>\s*| style="text-align: right;"| border="1"', re.DOTALL
)


def plain_table(html: str) -> str:
    """Leave out the styles that pandas writes into a table.

    >>> plain_table('<table border="1" class="dataframe"><tr style="text-align: right;"></table>')
    '<table class="dataframe"><tr></table>'
    """
    if 'class="dataframe"' not in html:
        return html
    return PANDAS.sub("", html).replace("<th></th>", "<td></td>")


class HtmlTables(SphinxPostTransform):
    """Put tables into the boxes in which other tables of the page scroll."""

    default_priority = 500
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Process one page."""
        for node in self.document.findall(nodes.raw):
            html = node.astext()
            if "<table" in html and "<cnn-" not in html:
                boxed = TABLE.sub(
                    r'<div class="table-wrapper docutils container">\g<0></div>', html
                )
                node.children = [nodes.Text(boxed)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(HtmlTables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
