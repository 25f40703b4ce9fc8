"""Open links to other hosts in a new tab, without access to the opening page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class ExternalLinks(SphinxPostTransform):
    """Set `target` and `rel` on each link to another host."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Process the links of one page."""
        own_host = urlsplit(self.config.html_baseurl).netloc
        for link in self.document.findall(nodes.reference):
            url = urlsplit(link.get("refuri", ""))
            if url.scheme in ("http", "https") and url.netloc != own_host:
                link["target"] = "_blank"
                link["rel"] = "noopener"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(ExternalLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
