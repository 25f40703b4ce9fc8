"""Links to other hosts open in a new tab and cannot reach back to this page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class ExternalLinks(SphinxPostTransform):
    """Give every link to another host its `target` and `rel`."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Visit the links of one page."""
        own = urlsplit(self.config.html_baseurl).netloc
        for link in self.document.findall(nodes.reference):
            address = urlsplit(link.get("refuri", ""))
            if address.scheme in ("http", "https") and address.netloc != own:
                link["target"] = "_blank"
                link["rel"] = "noopener"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(ExternalLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
