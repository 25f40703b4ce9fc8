"""The Content-Security-Policy, in each page and in a `_headers` file for hosts that support it.

The only inline script sets the colour theme. The policy allows it by its hash, and no other.
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
# For all files. SVG pictures contain inline styles and fonts and may be opened on their own, hence
# 'unsafe-inline' and data:; pages must also satisfy the stricter policy in their <meta>. The other
# rules work only as headers.
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


def script_hash(template: Path) -> str:
    """Return the hash of the script in a template, in the form used in policies."""
    script = re.fullmatch(r"<script>(.*)</script>\s*", template.read_text("utf-8"), re.DOTALL)
    if not script:
        raise ValueError(f"{template.name}: expected one script and nothing else")
    return f"'sha256-{b64encode(sha256(script[1].encode()).digest()).decode()}'"


def policy(app: Sphinx, *, styles: str = "", fonts: str = "") -> str:
    """Return the policy, which allows resources of this site only."""
    # A local site may also be opened from the file system.
    local = urlsplit(app.config.html_baseurl).hostname in ("127.0.0.1", "localhost")
    own = "'self' file:" if local else "'self'"
    script = script_hash(Path(app.srcdir, app.config.templates_path[0], INLINE))
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
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the policy to the context of a page."""
    context["policy"] = policy(app)


def write_headers(app: Sphinx, exception: Exception | None) -> None:
    """Write the `_headers` file, which Netlify and Cloudflare Pages read."""
    if not exception and app.builder.format == "html":
        text = HEADERS.format(policy=policy(app, styles=" 'unsafe-inline'", fonts=" data:"))
        Path(app.outdir, "_headers").write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", page_context)
    app.connect("build-finished", write_headers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
