"""Ask each external link of the built pages whether it is still there.

    make links

A host that refuses robots, or has no time just now, is named and forgiven; a page that is gone
is not.
"""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

GONE = {404, 410}
LINK = re.compile(r'<a\b[^>]*\bhref="(https?://[^"#]+)')


def links(site: Path) -> dict[str, str]:
    """Return every external link with the first page that has it."""
    found: dict[str, str] = {}
    for page in sorted(site.rglob("*.html")):
        for address in LINK.findall(page.read_text(encoding="utf-8")):
            found.setdefault(unescape(address), page.relative_to(site).as_posix())
    return found


def ask(address: str, seconds: float = 20) -> tuple[str, str]:
    """Return "there", "gone" or "unsure", and why."""
    headers = {"User-Agent": "Mozilla/5.0 (a blog looks after its links)"}
    try:
        request = urllib.request.Request(address, headers=headers)
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return "there", str(answer.status)
    except urllib.error.HTTPError as error:
        return ("gone" if error.code in GONE else "unsure"), str(error.code)
    except (OSError, ValueError) as error:
        return "unsure", str(getattr(error, "reason", error))


def report(found: dict[str, str], answers: Iterable[tuple[str, str]]) -> int:
    """Print what is not there, and return the exit status."""
    gone = 0
    for (address, page), (verdict, why) in zip(found.items(), answers, strict=True):
        gone += verdict == "gone"
        if verdict != "there":
            print(f"{page}: {address}: {'gone' if verdict == 'gone' else 'not sure'} ({why})")
    print(f"{len(found)} external links, {gone} gone")
    return 1 if gone else 0


def main(site: str = "_build/html") -> int:
    """Ask four at a time."""
    found = links(Path(site))
    with ThreadPoolExecutor(4) as pool:
        return report(found, pool.map(ask, found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
