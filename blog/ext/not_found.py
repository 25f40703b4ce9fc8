"""The 404 page. Hosts serve it at any depth, so its links are absolute."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx

CONTEXT = {
    "title": "Page not found",
    "meta": {"description": "There is no page at this address."},
}
RELATIVE = re.compile(r'\b(href|src|action)="(?![#/"]|[a-z]+:)')


def add_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Add the page to those that Sphinx writes from a template."""
    yield "404", dict(CONTEXT), "404.html"


def make_links_absolute(app: Sphinx, exception: Exception | None) -> None:
    """Prefix each relative link with the path of the site."""
    page = Path(app.outdir, "404.html")
    if not exception and page.exists():
        root = urlsplit(app.config.html_baseurl).path
        page.write_text(RELATIVE.sub(rf'\1="{root}', page.read_text("utf-8")), "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-collect-pages", add_page)
    app.connect("build-finished", make_links_absolute)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
