"""What conf.py says of the blog, for its templates: authors, licences, links, colours, dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import ablog
from babel.dates import format_date
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from cnnlib.explain.palette import CONTROLS, PALETTE

# Settings in conf.py that are used in templates under the same name, and their types.
SETTINGS: dict[str, Any] = {
    "tagline": "",
    "authors": {},
    "licences": {},
    "navigation": {},
    "search_examples": [],
    "links": {},
    "repository": "",
    "logo_letter": "",
}


def say_date(day: date, language: str) -> str:
    """Write a date as the readers of a language are used to.

    >>> day = date(2021, 8, 7)
    >>> say_date(day, "en"), say_date(day, "de"), say_date(day, "zh_CN")
    ('Aug 7, 2021', '07.08.2021', '2021年8月7日')
    """
    return format_date(day, "medium", locale=language)


def add_palette(app: Sphinx, config: Config) -> None:
    """Let the templates in _static/ know the colours and the logo."""
    config.html_context |= {"palette": PALETTE | CONTROLS, "logo_letter": config.logo_letter}


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the settings to the context of a page, and what depends on them."""
    config, blog = app.config, ablog.Blog(app)
    context["identity"] = {name: config[name] for name in SETTINGS}
    context["say_date"] = lambda day: say_date(day, config.language)
    # The list of posts has no source.
    exist = {*app.env.found_docs, config.blog_path}
    context["navigation"] = {
        page: label for page, label in config.navigation.items() if page in exist
    }
    context["exists"] = exist.__contains__
    several = len(config.authors) > 1
    lists = {"Archive": blog.archive, "Tags": blog.tags, "Categories": blog.category}
    lists |= {"Authors": blog.author} if several else {}
    context["lists"] = {one.docname: label for label, one in lists.items() if len(one)}
    context["bylines"] = several
    # A list of one author's posts.
    if several and pagename.startswith(f"{blog.author.docname}/") and "collection" in context:
        context["own_feed"] = f"{pagename}/atom.xml"
        context["about_author"] = context["collection"].href
    context["languages"] = {
        post.docname: tag.replace("_", "-")
        for post in blog.posts
        if (tag := app.env.metadata[post.docname].get("lang"))
    }


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    for name, default in SETTINGS.items():
        app.add_config_value(name, default, "env", [type(default)])
    app.connect("config-inited", add_palette)
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
