"""Build as it will be published, and look at what must not go out.

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
# Traces of the machine that built, and what only a broken page says.
TRACES = {
    "a place on this machine": re.compile(re.escape(str(Path.cwd())) + r"|file://|/ipykernel_\d+"),
    "an address of this machine": re.compile(r"https?://(?:localhost|127\.0\.0\.1)"),
    "a message of Sphinx": re.compile(r"System Message|problematic"),
    "the address of an object": re.compile(r"\bobject at 0x[0-9a-f]{6,}"),
}
TEXTS = {".html", ".xml", ".js", ".css", ".svg", ".ipynb", ".json", ".txt"}
MUST = ("index.html", "404.html", "posts/atom.xml", "search.html")


def wrong(site: Path, base: str) -> list[str]:
    """Return what must not be published."""
    found = [f"{name}: missing" for name in MUST if not (site / name).exists()]
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.is_file() and path.suffix in TEXTS:
            text = path.read_text(encoding="utf-8")
            for what, trace in TRACES.items():
                if seen := trace.search(text):
                    line = text[: seen.start()].count("\n") + 1
                    found.append(f"{name}:{line}: {what}: {seen[0]}")
        if name.startswith("drafts/"):
            found.append(f"{name}: a draft")
    feed = site / "posts" / "atom.xml"
    if feed.exists() and base not in feed.read_text(encoding="utf-8"):
        found.append(f"posts/atom.xml: does not name {base}")
    return found


def main() -> int:
    """Build, look, and return the exit status."""
    base = os.environ.get("BLOG_BASEURL", "")
    if urlsplit(base).scheme != "https" or not urlsplit(base).hostname:
        said = f"BLOG_BASEURL is {base!r}" if base else "BLOG_BASEURL is not set"
        print(f"{said}: give the https address of the published blog", file=sys.stderr)
        return 1
    if subprocess.run([sys.executable, "-m", "blog.build"], check=False).returncode:
        return 1
    found = wrong(SITE, base)
    print("\n".join(found) or f"{SITE} may be published at {base}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
