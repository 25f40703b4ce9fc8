"""The page for missing addresses is served at any depth: its links start from the site's root."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx

RELATIVE = re.compile(r'\b(href|src|action)="(?![#/"]|[a-z]+:)')


def from_the_root(app: Sphinx, exception: Exception | None) -> None:
    """Put the path of the site before each relative address."""
    page = Path(app.outdir, "404.html")
    if not exception and page.exists():
        root = urlsplit(app.config.html_baseurl).path
        page.write_text(RELATIVE.sub(rf'\1="{root}', page.read_text("utf-8")), "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", from_the_root)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
