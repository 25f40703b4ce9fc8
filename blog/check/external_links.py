"""Check that the external links of the built pages still work.

    make links

Only links to missing pages (404, 410) fail the check. Other errors are reported and tolerated:
hosts may refuse robots or be down for a while.
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

BROKEN = {404, 410}
LINK = re.compile(r'<a\b[^>]*\bhref="(https?://[^"#]+)')


def find_links(site: Path) -> dict[str, str]:
    """Return every external link with the first page that contains it."""
    found: dict[str, str] = {}
    for page in sorted(site.rglob("*.html")):
        for url in LINK.findall(page.read_text(encoding="utf-8")):
            found.setdefault(unescape(url), page.relative_to(site).as_posix())
    return found


def check_link(url: str, timeout: float = 20) -> tuple[str, str]:
    """Return "ok", "broken" or "unknown", and the reason."""
    headers = {"User-Agent": "Mozilla/5.0 (link checker of a blog)"}
    try:
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return "ok", str(response.status)
    except urllib.error.HTTPError as error:
        return ("broken" if error.code in BROKEN else "unknown"), str(error.code)
    except (OSError, ValueError) as error:
        return "unknown", str(getattr(error, "reason", error))


def report(links: dict[str, str], results: Iterable[tuple[str, str]]) -> int:
    """Print the links that could not be verified, and return the exit status."""
    broken = 0
    for (url, page), (status, reason) in zip(links.items(), results, strict=True):
        broken += status == "broken"
        if status != "ok":
            print(f"{page}: {url}: {status} ({reason})")
    print(f"{len(links)} external links, {broken} broken")
    return 1 if broken else 0


def main(site: str = "_build/html") -> int:
    """Check the links of a site, four at a time."""
    links = find_links(Path(site))
    with ThreadPoolExecutor(4) as pool:
        return report(links, pool.map(check_link, links))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
