"""Take away what ABlog, Furo, MyST-NB and Sphinx write but no page here refers to."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# Seen from the output folder; drafts are in no published output.
FILES = (
    "posts/drafts.html",
    "_static/file.png",
    "_static/minus.png",
    "_static/plus.png",
    "_static/pygments.css",
    "_static/basic.css",
    "_static/debug.css",
    "_static/skeleton.css",
    "_static/mystnb.*.css",
    "_static/sphinx_highlight.js",
)
FOLDERS = ("_sources", "_static/styles", "_static/scripts", "_static/ablog")


def remove(app: Sphinx, exception: Exception | None) -> None:
    """Remove the files and folders above."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for pattern in FILES:
        for path in out.glob(pattern):
            path.unlink()
    for folder in FOLDERS:
        shutil.rmtree(out / folder, ignore_errors=True)
    for sheet in out.glob("_static/*.css"):  # remarks and indents are for those who write
        rules = re.sub(
            r"/\*.*?\*/|^\s+", "", sheet.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
        )
        sheet.write_text(rules, "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, after all others have written."""
    app.connect("build-finished", remove, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
