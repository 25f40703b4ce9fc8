"""Correct ABlog's Atom feed: dates, absolute links, full content, no traces of the build."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import ablog
from lxml import etree, html
from sphinx.application import Sphinx

ATOM = "{http://www.w3.org/2005/Atom}"
LINKS = (("href", "//*[@href]"), ("src", "//*[@src]"))
# Build errors, and elements that work only on the page itself.
UNWANTED = (
    "//*[contains(@class, 'system-message') or contains(@class, 'problematic')]"
    " | //a[contains(@class, 'headerlink')] | //script | //style | //input | //label"
    " | //*[@class='stops']/img[position() < last()]"
)
ATTRIBUTES = ("class", "id", "style", "tabindex", "loading", "decoding")


def clean_content(content: str, url: str) -> str:
    """Make the HTML of the post at a URL independent of its page."""
    tree = html.fragment_fromstring(content, create_parent="div")
    for node in tree.xpath(UNWANTED):
        node.drop_tree()
    for code in tree.iter("pre"):  # feed readers have no styles for syntax highlighting
        etree.strip_tags(code, "span")
    for name, path in LINKS:
        for node in tree.xpath(path):
            node.set(name, urljoin(url, node.get(name)))
    for node in tree.iter(etree.Element):
        for name in ATTRIBUTES:
            node.attrib.pop(name, None)
    return str(html.tostring(tree, encoding="unicode"))


def rewrite_feed(app: Sphinx, exception: Exception | None) -> None:
    """Rewrite the feed written by ABlog."""
    blog = ablog.Blog(app)
    path = Path(app.outdir, app.config.blog_path, "atom.xml")
    if exception or not path.exists():
        return
    feed = etree.parse(path, etree.XMLParser(remove_blank_text=True)).getroot()
    posts = {
        urljoin(app.config.html_baseurl, app.builder.get_target_uri(p.docname)): p
        for p in blog.posts
    }
    newest = "1970-01-01T00:00:00+00:00"
    for entry in feed.iter(ATOM + "entry"):
        url = entry.findtext(ATOM + "id")
        post = posts[url]
        # A date without a time is set to noon UTC, which is the same day in most time zones.
        published, updated = (
            date.replace(hour=date.hour or 12, tzinfo=UTC).isoformat()
            for date in (post.date, post.update)
        )
        entry.find(ATOM + "published").text = published
        entry.find(ATOM + "updated").text = updated
        newest = max(newest, updated)
        # ABlog resolves links relative to the list of posts instead of the post itself.
        content = entry.find(ATOM + "content")
        content.text = clean_content(post.to_html(post.docname, fulltext=True), url)
        summary = app.env.metadata[post.docname].get("description")
        if summary:
            entry.find(ATOM + "summary").text = summary
    feed.find(ATOM + "updated").text = newest
    path.write_bytes(
        etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", rewrite_feed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
