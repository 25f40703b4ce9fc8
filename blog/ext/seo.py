"""For those who find pages by searching and those who pass them on: sitemap, robots, pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import ablog
import nbformat
from docutils import nodes
from sphinx.application import Sphinx

from blog.ext import hero

# Pages that are of no use as an answer to a search.
UNLISTED = ("404", "search", "posts/drafts")


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Tell the template the address of the page's picture, and remember the page."""
    name = pagename if ablog.Blog(app)[pagename] else app.config.root_doc
    context["social_picture"] = f"{app.config.html_baseurl}social/{name}.png"
    if pagename not in UNLISTED and not pagename.startswith("_modules"):
        listed(app).add(pagename)


def listed(app: Sphinx) -> set[str]:
    """Return the names of the pages written in this build."""
    if not hasattr(app, "listed_pages"):
        app.listed_pages = set()  # type: ignore[attr-defined]
    return app.listed_pages  # type: ignore[attr-defined,no-any-return]


def first_trace(notebook: Path) -> dict[str, Any] | None:
    """Return the first operation that a cell of the page showed, as `Trace.to_dict` gives it."""
    cells = nbformat.read(notebook, as_version=4).cells if notebook.exists() else ()
    said = (output.get("metadata", {}) for cell in cells for output in cell.get("outputs", ()))
    return next((dict(data["trace"]) for data in said if "trace" in data), None)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the sitemap, `robots.txt` and the pictures."""
    if exception or app.builder.format != "html":
        return
    out, base = Path(app.outdir), app.config.html_baseurl
    blog = ablog.Blog(app)
    changed = {post.docname: post.update.date().isoformat() for post in blog.posts}
    lines = []
    for name in sorted(listed(app)):
        address = base if name == app.config.root_doc else base + app.builder.get_target_uri(name)
        date = f"<lastmod>{changed[name]}</lastmod>" if name in changed else ""
        lines.append(f"<url><loc>{escape(address)}</loc>{date}</url>\n")
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
    """Draw the picture of the site, and one for each post."""
    import cnnlib
    from blog.ext import social
    from cnnlib.explain.trace import trace

    out = Path(app.outdir)
    with social.fonts(Path(app.srcdir, "_static", "fonts", "serif.woff2")):
        own = trace(cnnlib.conv2d, hero.INPUT, hero.KERNEL)
        said = app.config.description.split(". ")[0]
        social.draw(out / f"social/{app.config.root_doc}.png", said, app.config.project, own)
        for post in blog.posts:
            found = first_trace(out.parent / "jupyter_execute" / f"{post.docname}.ipynb")
            traced = own
            if found:
                traced = trace(getattr(cnnlib, found["function"]), **found["arguments"])
            words = f"{post.date:{app.config.post_date_format}}"
            social.draw(out / f"social/{post.docname}.png", post.title, words, traced)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; a preview has no use for pictures that others show beside a link."""
    app.add_config_value("social_pictures", True, "", [bool])
    app.connect("html-page-context", page_context)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
