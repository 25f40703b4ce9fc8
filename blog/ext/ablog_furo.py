"""Render ABlog's pages with the Furo theme and the templates in blog/templates/."""

from __future__ import annotations

import re
from typing import Any

import ablog
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.jinja2glue import SphinxFileSystemLoader

STYLES = ("_static/palette.css", "_static/site.css")
# ABlog's titles for the first two are "All Posts" and "All posts"; the search page has none.
TITLES = {"posts": "Posts", "posts/archive": "Archive", "search": "Search"}
# Lists whose titles are the name alone: "vision", below the word "Tags", not "Posts tagged vision".
NAMED = re.compile(r"posts/(?:(?:tag|category|author)/[^/]+|\d{4})")

# Tags that are no plain words.
NAMES = {"cnn": "CNN", "numpy": "NumPy"}


def tag_name(tag: Any) -> str:
    """Return a tag, or the name of another collection, as it is shown to readers.

    >>> tag_name("deep-learning"), tag_name("cnn")
    ('Deep learning', 'CNN')
    """
    words = str(tag).replace("-", " ")
    return NAMES.get(words, words[:1].upper() + words[1:])


def append_templates(app: Sphinx) -> None:
    """Add ABlog's templates with the lowest priority, so that they do not override the theme's."""
    app.builder.templates.loaders.append(SphinxFileSystemLoader(ablog.get_html_templates_path()))


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Set the context of a page: the styles it needs, its post, and the summaries of all posts."""
    context["css_files"] = [c for c in context["css_files"] if str(c.filename) in STYLES]
    context["script_files"] = []  # the templates list the few scripts that a page needs
    blog = ablog.Blog(app)
    context["post"] = blog[pagename]
    context["summaries"] = {
        post.docname: app.env.metadata[post.docname].get("description", "") for post in blog.posts
    }
    context["site_description"] = app.config.description
    say = context["say"]
    # Others have the title of their page, or that of ABlog.
    title = TITLES.get(pagename, context.get("title", ""))
    context["title"] = say(title)
    if NAMED.fullmatch(pagename) and "collection" in context:
        context["title"] = tag_name(context["collection"])
    context["tag_name"] = tag_name
    if pagename == app.config.root_doc:
        context["pageurl"] = app.config.html_baseurl
    context["furo_hide_toc"] = context.get("furo_hide_toc", True) or pagename == app.config.root_doc


def remove_toctree(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Keep Furo from rendering the tree of all pages for each page: no template shows it."""
    context.pop("toctree", None)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, with the site's description as a configuration value."""
    app.add_config_value("description", "", "html", [str])
    app.connect("builder-inited", append_templates)
    app.connect("html-page-context", remove_toctree, priority=100)
    app.connect("html-page-context", page_context, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
