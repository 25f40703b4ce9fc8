"""Let ABlog's pages be drawn by Furo, with the templates in _templates/ and nothing unused."""

from __future__ import annotations

from typing import Any

import ablog
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.jinja2glue import SphinxFileSystemLoader

STYLES = ("_static/palette.css", "_static/site.css")
# ABlog calls two pages "All Posts" and "All posts"; Sphinx's search has no title.
TITLES = {"posts": "Posts", "posts/archive": "Archive", "search": "Search"}


def append_templates(app: Sphinx) -> None:
    """Offer ABlog's templates after the theme's: before them, they would replace every page."""
    app.builder.templates.loaders.append(SphinxFileSystemLoader(ablog.get_html_templates_path()))


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Keep the styles and scripts that a page uses; give the templates the post and a summary."""
    context["css_files"] = [c for c in context["css_files"] if str(c.filename) in STYLES]
    context["script_files"] = []  # the templates name the few that a page needs
    blog = ablog.Blog(app)
    context["post"] = blog[pagename]
    context["summaries"] = {
        post.docname: app.env.metadata[post.docname].get("description", "") for post in blog.posts
    }
    context["site_description"] = app.config.description
    context["title"] = TITLES.get(pagename, context.get("title", ""))
    if pagename == app.config.root_doc:
        context["pageurl"] = app.config.html_baseurl
    context["furo_hide_toc"] = context.get("furo_hide_toc", True) or pagename == app.config.root_doc


def leave_tree_out(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Spare Furo the tree of all pages, which it would make for each page: no template shows it."""
    context.pop("toctree", None)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; the description is one of conf.py's facts about the site."""
    app.add_config_value("description", "", "html", [str])
    app.connect("builder-inited", append_templates)
    app.connect("html-page-context", leave_tree_out, priority=100)
    app.connect("html-page-context", page_context, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
