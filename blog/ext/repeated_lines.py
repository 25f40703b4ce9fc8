"""Fold the lines with which recipes of a page begin again, so that each begins with what it does.

These are imports, and what follows them at once, such as loading the same photograph. Each recipe
runs on its own, so its button copies the folded lines too (`copy.js`).
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

IMPORT = re.compile(r"(?:import|from) \w")


def split_opening(code: str, seen: set[str]) -> tuple[str, str]:
    r"""Split a cell into the lines at its beginning that were seen before, and all other lines.

    >>> split_opening("import a\nimport b\n\na.f()", {"import a"})
    ('import a', 'import b\n\na.f()')
    >>> split_opening("import a\n\nx = a.f()\ny = a.g()", {"import a", "x = a.f()"})
    ('import a\n\nx = a.f()', 'y = a.g()')
    """
    lines = code.split("\n")
    new = (n for n, line in enumerate(lines) if line and line not in seen)
    end = next((n for n in new if not IMPORT.match(lines[n])), len(lines))
    opening = lines[:end]
    repeated = [line for line in opening if not line or line in seen]
    kept = [line for line in opening if not line or line not in seen]
    return "\n".join(repeated).strip("\n"), "\n".join(kept + lines[end:]).strip("\n")


class FoldLines(SphinxPostTransform):
    """Split the cells of a page with a gallery."""

    default_priority = 690  # before the gallery is filled
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Process one page."""
        if not any(node.tagname == "gallery" for node in self.document.findall(nodes.Element)):
            return
        seen: set[str] = set()
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") == "cell_code_source" and cell.children:
                self.fold(cell, seen)

    def fold(self, cell: nodes.container, seen: set[str]) -> None:
        """Fold the repeated lines of one cell, and remember all of them."""
        code = cell.children[0]
        if not isinstance(code, nodes.literal_block):
            return
        repeated, rest = split_opening(code.astext(), seen)
        seen.update(code.astext().split("\n"))
        if not repeated:
            return
        folded, others = (
            # Only a block whose text is its source is highlighted.
            nodes.literal_block(text, text, **code.attributes)
            for text in (repeated, rest)
        )
        count = len(list(filter(None, repeated.split("\n"))))
        words = "A line from above" if count == 1 else f"{count} lines from above"
        opening = f'<details class="imports"><summary>{words}</summary>'
        code.replace_self(
            [
                nodes.raw("", opening, format="html"),
                folded,
                nodes.raw("", "</details>", format="html"),
                others,
            ]
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(FoldLines)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
