"""Build the site for publication, and check that it contains nothing that must not be published.

BLOG_BASEURL=https://example.org/blog/ make publish-check
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

SITE = Path("_build/html")
# Traces of the build machine, and signs of a broken page.
FORBIDDEN = {
    "path on the build machine": re.compile(
        re.escape(str(Path.cwd())) + r"|file://|/ipykernel_\d+"
    ),
    "local address": re.compile(r"https?://(?:localhost|127\.0\.0\.1)"),
    "Sphinx error message": re.compile(r"System Message|problematic"),
    "memory address of an object": re.compile(r"\bobject at 0x[0-9a-f]{6,}"),
}
TEXT_SUFFIXES = {".html", ".xml", ".js", ".css", ".svg", ".ipynb", ".json", ".txt"}
REQUIRED = ("index.html", "404.html", "posts/atom.xml", "search.html")


def find_problems(site: Path, base: str) -> list[str]:
    """Return the reasons why a site must not be published."""
    found = [f"{name}: missing" for name in REQUIRED if not (site / name).exists()]
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.is_file() and path.suffix in TEXT_SUFFIXES:
            text = path.read_text(encoding="utf-8")
            for what, pattern in FORBIDDEN.items():
                if match := pattern.search(text):
                    line = text[: match.start()].count("\n") + 1
                    found.append(f"{name}:{line}: {what}: {match[0]}")
        if name.startswith("drafts/"):
            found.append(f"{name}: is a draft")
    feed = site / "posts" / "atom.xml"
    if feed.exists() and base not in feed.read_text(encoding="utf-8"):
        found.append(f"posts/atom.xml: does not contain {base}")
    return found


def main() -> int:
    """Build and check the site, and return the exit status."""
    base = os.environ.get("BLOG_BASEURL", "")
    if urlsplit(base).scheme != "https" or not urlsplit(base).hostname:
        state = f"BLOG_BASEURL is {base!r}" if base else "BLOG_BASEURL is not set"
        print(f"{state}: set it to the https address of the published blog", file=sys.stderr)
        return 1
    if subprocess.run([sys.executable, "-m", "blog.build"], check=False).returncode:
        return 1
    found = find_problems(SITE, base)
    print("\n".join(found) or f"{SITE} can be published at {base}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
