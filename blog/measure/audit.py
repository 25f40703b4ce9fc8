"""Measure the built pages as a strict reader would: Lighthouse, on a server that packs with gzip.

    python -m blog.measure.audit [SITE]

Prints a table of page by category, with the weight of a first visit and the paints, for a phone
on a slow network and for a desk. The programs come from npm, in the versions of lighthouse/.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blog.measure.system_tools import find_chromium

HERE = Path(__file__).parent / "lighthouse"
PAGES = {
    "front page": "index.html",
    "founding post": "posts/2021/brief-introduction-to-cnn.html",
    "playground": "playground.html",
    "snippets": "snippets.html",
    "a tag": "posts/tag/cnn.html",
    "the library": "api/convolution.html",
}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
PACKED = (".html", ".css", ".js", ".svg", ".xml", ".txt", ".json", ".ipynb")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files packed with gzip where that pays, with the headers that the site asks hosts for."""

    protocol_version = "HTTP/1.1"

    @functools.cached_property
    def site_headers(self) -> list[tuple[str, str]]:
        """Return the headers for all files."""
        path = Path(self.directory, "_headers")
        lines = path.read_text().split("\n\n")[0].splitlines()[1:] if path.exists() else []
        return [tuple(line.strip().split(": ", 1)) for line in lines]  # type: ignore[misc]

    def do_GET(self) -> None:
        """Answer with a file, or with the page for missing addresses."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        found = path.is_file()
        data = (path if found else Path(self.directory, "404.html")).read_bytes()
        self.send_response(200 if found else 404)
        if path.suffix in PACKED or not found:
            data = gzip.compress(data, 9, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(path if found else "404.html"))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=31536000")
        for name, value in self.site_headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a built site on this machine and give its address."""
    handler = functools.partial(Handler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def missing() -> str:
    """Install what is measured with, once, and say what cannot be had."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "Node is not installed, and the audit runs on it"
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        print("Installing what the audit needs (once)", flush=True)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
        if done.returncode:
            return f"npm could not install what the audit needs: {done.stderr[-500:]}"
    return ""


def lighthouse(address: str, *, desk: bool = False, only: tuple[str, ...] = CATEGORIES) -> Any:
    """Return Lighthouse's report on one page."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = ["node", str(HERE / "node_modules/lighthouse/cli/index.js"), address]
        command += ["--quiet", "--output=json", f"--output-path={report}"]
        command += [f"--chrome-flags={FLAGS}", f"--only-categories={','.join(only)}"]
        command += ["--preset=desktop"] if desk else []
        environment = os.environ | {"CHROME_PATH": str(find_chromium())}
        for _ in range(3):  # a busy machine sometimes misses the start of a page
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if not done.returncode:
                break
        else:
            raise RuntimeError(f"Lighthouse failed on {address}: {done.stderr[-1000:]}")
        return json.loads(report.read_text("utf-8"))


def scores(report: Any) -> dict[str, int]:
    """Return the score of each category, of 100."""
    return {
        name: round(100 * (category["score"] or 0))
        for name, category in report["categories"].items()
    }


def faults(report: Any) -> list[str]:
    """Name the audits that cost points."""
    wrong = []
    for category in report["categories"].values():
        for place in category["auditRefs"]:
            audit = report["audits"][place["id"]]
            if place["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                wrong.append(f"{audit['id']}: {audit['title']} {audit.get('displayValue', '')}")
    return wrong


def line(name: str, report: Any) -> str:
    """Return one page's line of the table."""
    audits = report["audits"]
    sent = audits["network-requests"]["details"]["items"]
    weight = sum(item["transferSize"] for item in sent) / 1000
    paints = (
        audits[f"{which}-contentful-paint"]["numericValue"] / 1000 for which in ("first", "largest")
    )
    numbers = [f"{score:>5}" for score in scores(report).values()]
    first, largest = (f"{paint:.2f}" for paint in paints)
    shift = audits["cumulative-layout-shift"]["numericValue"]
    return (
        f"{name:<16}{' '.join(numbers)}  {weight:>6.1f} KB {len(sent):>4}"
        f"  {first:>6} s {largest:>6} s  {shift:>6.3f}"
    )


def main(folder: str = "_build/html") -> int:
    """Print the table; fail if accessibility, best practices or SEO is below 100 anywhere."""
    why = missing() or ("" if find_chromium() else "No Chromium found: set CHROMIUM=path")
    if why:
        print(why, file=sys.stderr)
        return 1
    wrong: list[str] = []
    with served(Path(folder)) as address:
        for place, desk in (("phone, slow network", False), ("desk", True)):
            print(f"\n{place:<20}perf  a11y  best   seo      weight  req   first   largest   shift")
            for name, path in PAGES.items():
                if not Path(folder, path).exists():
                    continue
                report = lighthouse(address + path, desk=desk)
                print(line(name, report), flush=True)
                wrong += [f"{name}, {place}: {fault}" for fault in faults(report)]
                lost = {k: v for k, v in scores(report).items() if k != "performance" and v < 100}
                wrong += [f"FAILED {name}, {place}: {kind} {score}" for kind, score in lost.items()]
    print("\n" + "\n".join(wrong or ["No audit lost a point."]))
    return any(fault.startswith("FAILED") for fault in wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
