"""Names in docstrings: `conv2d` becomes a link to the function, and `stride` is set as code.

So does a name with its module, such as `cnnlib.reference.conv2d`.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

import cnnlib


class CodeNames(SphinxTransform):
    """Replace what reStructuredText calls a title reference, a name in single backticks."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Process one page."""
        for node in list(self.document.findall(nodes.title_reference)):
            name = node.astext()
            code = nodes.literal("", name)
            if name in cnnlib.__all__:
                node.replace_self(self.link(f"cnnlib.{name}", code))
            else:
                node.replace_self(self.link(name, code) if name.startswith("cnnlib.") else code)

    def link(self, name: str, code: nodes.literal) -> pending_xref:
        """Return a link to a name of cnnlib."""
        return pending_xref(
            "",
            code,
            refdomain="py",
            reftype="obj",
            reftarget=name,
            refdoc=self.env.docname,
            refwarn=True,
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(CodeNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
