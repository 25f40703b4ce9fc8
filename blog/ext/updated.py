"""The day on which a post was changed, from `updated` in its front matter.

ABlog takes it from a directive within the text; the feed and the sitemap say it.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from blog.check.front_matter import read_date


def note_update(app: Sphinx, doctree: nodes.document) -> None:
    """Add the day to what ABlog has noted about a post."""
    name = app.env.docname
    day = read_date(str(app.env.metadata[name].get("updated", "")))
    for post in getattr(app.env, "ablog_posts", {}).get(name, ()):
        if day:
            post["update"] = post["date"].replace(year=day.year, month=day.month, day=day.day)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, to run after ABlog."""
    app.connect("doctree-read", note_update, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
