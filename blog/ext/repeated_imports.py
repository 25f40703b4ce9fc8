"""Fold the imports that a page with recipes repeats, so that each recipe begins with what it does.

Each recipe runs on its own, so its button copies the folded lines too (`copy.js`).
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

IMPORT = re.compile(r"(?:import|from) \w")


def split_imports(code: str, seen: set[str]) -> tuple[list[str], list[str]]:
    r"""Split a cell into the imports at its beginning that were seen before, and all other lines.

    >>> split_imports("import a\nimport b\n\na.f()", {"import a"})
    (['import a'], ['import b', '', 'a.f()'])
    """
    lines = code.split("\n")
    end = next((n for n, line in enumerate(lines) if line and not IMPORT.match(line)), len(lines))
    repeated = [line for line in lines[:end] if line in seen]
    kept = [line for line in lines[:end] if line not in seen]
    if not any(kept):
        kept = []
    return repeated, [*kept, *lines[end:]]


class FoldImports(SphinxPostTransform):
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
        """Fold the repeated imports of one cell, and remember all of them."""
        code = cell.children[0]
        if not isinstance(code, nodes.literal_block):
            return
        repeated, rest = split_imports(code.astext(), seen)
        seen.update(line for line in code.astext().split("\n") if IMPORT.match(line))
        if not repeated:
            return
        folded, others = (
            # Only a block whose text is its source is highlighted.
            nodes.literal_block(text, text, **code.attributes)
            for text in ("\n".join(repeated), "\n".join(rest))
        )
        words = "The import above" if len(repeated) == 1 else f"{len(repeated)} imports from above"
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
    app.add_post_transform(FoldImports)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
