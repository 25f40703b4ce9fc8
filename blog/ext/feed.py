"""Mend ABlog's Atom feed: true dates, absolute links, whole content, nothing of the builder's."""

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
# Errors of the build; controls and marks that mean something on the page alone.
UNWANTED = (
    "//*[contains(@class, 'system-message') or contains(@class, 'problematic')]"
    " | //a[contains(@class, 'headerlink')] | //script | //style | //input | //label"
    " | //*[@class='stops']/img[position() < last()]"
)
ATTRIBUTES = ("class", "id", "style", "tabindex", "loading", "decoding")


def clean(content: str, address: str) -> str:
    """Make a post's HTML readable far from its page, whose address is given."""
    tree = html.fragment_fromstring(content, create_parent="div")
    for node in tree.xpath(UNWANTED):
        node.drop_tree()
    for code in tree.iter("pre"):  # no colours there, so no elements to carry them
        etree.strip_tags(code, "span")
    for name, path in LINKS:
        for node in tree.xpath(path):
            node.set(name, urljoin(address, node.get(name)))
    for node in tree.iter(etree.Element):
        for name in ATTRIBUTES:
            node.attrib.pop(name, None)
    return str(html.tostring(tree, encoding="unicode"))


def mend(app: Sphinx, exception: Exception | None) -> None:
    """Rewrite the feed that ABlog wrote."""
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
        address = entry.findtext(ATOM + "id")
        post = posts[address]
        # A date without a time is that day everywhere: at noon, UTC, it reads so in most places.
        published, updated = (
            date.replace(hour=date.hour or 12, tzinfo=UTC).isoformat()
            for date in (post.date, post.update)
        )
        entry.find(ATOM + "published").text = published
        entry.find(ATOM + "updated").text = updated
        newest = max(newest, updated)
        # ABlog resolves links as seen from the list of posts; the entry is read from its own page.
        content = entry.find(ATOM + "content")
        content.text = clean(post.to_html(post.docname, fulltext=True), address)
        summary = app.env.metadata[post.docname].get("description")
        if summary:
            entry.find(ATOM + "summary").text = summary
    feed.find(ATOM + "updated").text = newest
    path.write_bytes(
        etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
