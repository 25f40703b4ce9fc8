"""Links by `{doc}` that are relative to a post work in lists and in the feed, too.

ABlog writes posts a second time there, and resolves their links as if they stood on those pages.
"""

from __future__ import annotations

from typing import Any

from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import docname_join


class DocLinks(SphinxTransform):
    """Replace relative targets by absolute ones."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Process one page."""
        for node in self.document.findall(pending_xref):
            target = node["reftarget"]
            if node.get("reftype") == "doc" and not target.startswith("/"):
                node["reftarget"] = "/" + docname_join(self.env.docname, target)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(DocLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
