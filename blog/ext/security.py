"""What a page may load and run, said twice: in each page, and in a file for hosts with headers.

The only script written into a page is the choice of colours; it is allowed by its digest, so
that no other can run.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx

INLINE = "theme-choice.html"
# For all files. Pictures carry their own styles and fonts, and may be opened on their own, hence
# 'unsafe-inline' and data: here; a page has to satisfy its own policy too, which has no such
# exceptions. The other lines stand
# only in headers: who may frame a page, what is sent along with a link, what a device offers.
HEADERS = """\
/*
  Content-Security-Policy: {policy}; frame-ancestors 'none'
  Cross-Origin-Opener-Policy: same-origin
  Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()
  Referrer-Policy: strict-origin-when-cross-origin
  X-Content-Type-Options: nosniff

/_images/*
  Cache-Control: public, max-age=31536000, immutable
"""


def digest(template: Path) -> str:
    """Return how a policy names the script in a template."""
    script = re.fullmatch(r"<script>(.*)</script>\s*", template.read_text("utf-8"), re.DOTALL)
    if not script:
        raise ValueError(f"{template.name}: expected one script and nothing else")
    return f"'sha256-{b64encode(sha256(script[1].encode()).digest()).decode()}'"


def policy(app: Sphinx, *, styles: str = "", fonts: str = "") -> str:
    """Return the policy: everything from this site, nothing from elsewhere."""
    # A site built for this machine is also read straight from its files.
    local = urlsplit(app.config.html_baseurl).hostname in ("127.0.0.1", "localhost")
    own = "'self' file:" if local else "'self'"
    script = digest(Path(app.srcdir, app.config.templates_path[0], INLINE))
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own} {script}",
            f"style-src {own}{styles}",
            f"img-src {own} data: blob:",
            f"font-src {own}{fonts}",
            f"connect-src {own}",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Offer the policy to the templates."""
    context["policy"] = policy(app)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the file of headers, in the form that Netlify and Cloudflare Pages read."""
    if not exception and app.builder.format == "html":
        text = HEADERS.format(policy=policy(app, styles=" 'unsafe-inline'", fonts=" data:"))
        Path(app.outdir, "_headers").write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", page_context)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
