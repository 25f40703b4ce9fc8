"""Sitemap, robots.txt, and the pictures that social media show for links."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import ablog
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from blog.ext import hero
from blog.ext.identity import say_date
from blog.ext.thumbnails import trace_of_post
from blog.ext.words import say

logger = logging.getLogger(__name__)
# Pages that are not in the sitemap.
UNLISTED = ("404", "search", "posts/drafts")


def page_context(
    listed: set[str],
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the URL of its picture to the context of a page, and record the page for the sitemap."""
    name = pagename if ablog.Blog(app)[pagename] else app.config.root_doc
    context["social_picture"] = f"{app.config.html_baseurl}social/{name}.png"
    own = name != app.config.root_doc
    words = context["title"] if own else app.config.tagline
    beside = say(app.config, ", beside a window on a grid of numbers and what it computes")
    shown = context["traced"].get(name) if own else hero.is_shown(app)
    context["social_alt"] = f"“{words}”{beside if shown else ''}"
    if (
        "redirect" not in context
        and pagename not in UNLISTED
        and not pagename.startswith("_modules")
    ):
        listed.add(pagename)


def write_files(listed: set[str], app: Sphinx, exception: Exception | None) -> None:
    """Write the sitemap, robots.txt and the pictures."""
    if exception or app.builder.format != "html":
        return
    out, base = Path(app.outdir), app.config.html_baseurl
    blog = ablog.Blog(app)
    changed = {post.docname: post.update.date().isoformat() for post in blog.posts}
    lines = []
    for name in sorted(listed):
        url = base if name == app.config.root_doc else base + app.builder.get_target_uri(name)
        date = f"<lastmod>{changed[name]}</lastmod>" if name in changed else ""
        lines.append(f"<url><loc>{escape(url)}</loc>{date}</url>\n")
    (out / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{''.join(lines)}</urlset>\n",
        "utf-8",
    )
    (out / "robots.txt").write_text(f"User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml\n")
    if app.config.social_pictures:
        draw_pictures(app, blog)


def draw_pictures(app: Sphinx, blog: ablog.Blog) -> None:
    """Draw a picture for the site and one for each post."""
    import cnnlib
    from blog.ext import social
    from cnnlib.explain.trace import trace

    out, config = Path(app.outdir), app.config
    name = social.Blog(config.project, config.logo_letter)
    with social.site_font(Path(app.srcdir, "_static", "fonts", "serif.woff2")):
        shown = trace(cnnlib.conv2d, hero.INPUT, hero.KERNEL) if hero.is_shown(app) else None
        root = out / f"social/{config.root_doc}.png"
        host = urlsplit(config.html_baseurl).netloc if config.html_context["published"] else ""
        social.draw(root, name, config.tagline, host, shown)
        for post in blog.posts:
            traced = trace_of_post(app, post.docname)
            date = say_date(post.date, config.language)
            if not social.draw(out / f"social/{post.docname}.png", name, post.title, date, traced):
                logger.info(
                    "%s: no installed font has the letters of its title, so its picture for social "
                    "media is without; such fonts are, on Debian, in fonts-noto-cjk",
                    post.docname,
                )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; previews set `social_pictures` to False to save time."""
    app.add_config_value("social_pictures", True, "", [bool])
    listed: set[str] = set()  # the pages of the sitemap, collected while Sphinx writes them
    # After the thumbnails, which know what their posts trace.
    app.connect("html-page-context", partial(page_context, listed), priority=600)
    app.connect("build-finished", partial(write_files, listed))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
