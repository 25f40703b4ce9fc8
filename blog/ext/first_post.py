"""The role `first-post`: a link to the post with which the path of the front page begins.

    {first-post}`Start with the introduction`

A blog without posts has no such link.
"""

from __future__ import annotations

from typing import Any

import ablog
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole

from blog.ext.thumbnails import in_order


class first_post(nodes.General, nodes.TextElement):
    """The place of the link."""


class FirstPost(SphinxRole):
    """A link whose target is known once all pages are read."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return a placeholder."""
        return [first_post(self.rawtext, self.text)], []


class LinkFirstPost(SphinxPostTransform):
    """Put the link in its place."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Process one page."""
        for place in list(self.document.findall(first_post)):
            posts = in_order(self.app, [one for one in ablog.Blog(self.app).posts if one.published])
            link = nodes.reference("", place.astext(), internal=True)
            if posts:
                here, there = self.env.docname, posts[0].docname
                link["refuri"] = self.app.builder.get_relative_uri(here, there)
            place.replace_self([link] if posts else [])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(first_post)
    app.add_role("first-post", FirstPost())
    app.add_post_transform(LinkFirstPost)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
