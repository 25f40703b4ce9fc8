"""Audit the built pages with Lighthouse, on a local server with gzip compression.

    python -m blog.measure.audit [SITE]

Prints a table with the scores of each page, the transfer size of a first visit, and paint times,
for a phone on a slow network and for a desktop. The tools are installed by npm, in the versions of
lighthouse/package-lock.json.
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
COMPRESSED = (".html", ".css", ".js", ".svg", ".xml", ".txt", ".json", ".ipynb")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves text files with gzip compression, and all files with the headers of `_headers`."""

    protocol_version = "HTTP/1.1"

    @functools.cached_property
    def site_headers(self) -> list[tuple[str, str]]:
        """Return the headers that `_headers` sets for all files."""
        path = Path(self.directory, "_headers")
        lines = path.read_text().split("\n\n")[0].splitlines()[1:] if path.exists() else []
        pairs = (line.strip().partition(": ") for line in lines)
        return [(name, value) for name, _, value in pairs]

    def do_GET(self) -> None:
        """Send a file, or the 404 page."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        found = path.is_file()
        data = (path if found else Path(self.directory, "404.html")).read_bytes()
        self.send_response(200 if found else 404)
        if path.suffix in COMPRESSED or not found:
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
        """Keep no log."""


@contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve a built site on a free port, and yield its URL."""
    handler = functools.partial(Handler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def install_tools() -> str:
    """Install the tools unless they are installed; return a message if that fails."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "Node is not installed; the audit needs it"
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        print("Installing the tools of the audit (once)", flush=True)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
        if done.returncode:
            return f"npm could not install the tools of the audit: {done.stderr[-500:]}"
    return ""


def run_lighthouse(url: str, *, desktop: bool = False, only: tuple[str, ...] = CATEGORIES) -> Any:
    """Return Lighthouse's report for one page."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = ["node", str(HERE / "node_modules/lighthouse/cli/index.js"), url]
        command += ["--quiet", "--output=json", f"--output-path={report}"]
        command += [f"--chrome-flags={FLAGS}", f"--only-categories={','.join(only)}"]
        command += ["--preset=desktop"] if desktop else []
        environment = os.environ | {"CHROME_PATH": str(find_chromium())}
        for _ in range(3):  # on a busy machine, Lighthouse sometimes misses the start of a page
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if not done.returncode:
                break
        else:
            raise RuntimeError(f"Lighthouse failed on {url}: {done.stderr[-1000:]}")
        return json.loads(report.read_text("utf-8"))


def scores(report: Any) -> dict[str, int]:
    """Return the score of each category, from 0 to 100."""
    return {
        name: round(100 * (category["score"] or 0))
        for name, category in report["categories"].items()
    }


def failed_audits(report: Any) -> list[str]:
    """Return the audits that reduced a score."""
    failed = []
    for category in report["categories"].values():
        for reference in category["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                failed.append(f"{audit['id']}: {audit['title']} {audit.get('displayValue', '')}")
    return failed


def table_row(name: str, report: Any) -> str:
    """Return the row of one page in the table."""
    audits = report["audits"]
    requests = audits["network-requests"]["details"]["items"]
    size = sum(item["transferSize"] for item in requests) / 1000
    paints = (
        audits[f"{which}-contentful-paint"]["numericValue"] / 1000 for which in ("first", "largest")
    )
    numbers = [f"{score:>5}" for score in scores(report).values()]
    first, largest = (f"{paint:.2f}" for paint in paints)
    shift = audits["cumulative-layout-shift"]["numericValue"]
    return (
        f"{name:<16}{' '.join(numbers)}  {size:>6.1f} KB {len(requests):>4}"
        f"  {first:>6} s {largest:>6} s  {shift:>6.3f}"
    )


def main(folder: str = "_build/html") -> int:
    """Print the table; fail if accessibility, best practices or SEO is below 100 anywhere."""
    reason = install_tools() or ("" if find_chromium() else "No Chromium found: set CHROMIUM=path")
    if reason:
        print(reason, file=sys.stderr)
        return 1
    failed: list[str] = []
    with serve(Path(folder)) as url:
        for device, desktop in (("phone, slow network", False), ("desktop", True)):
            print(
                f"\n{device:<20}perf  a11y  best   seo        size  req   first   largest   shift"
            )
            for name, path in PAGES.items():
                if not Path(folder, path).exists():
                    continue
                report = run_lighthouse(url + path, desktop=desktop)
                print(table_row(name, report), flush=True)
                failed += [f"{name}, {device}: {audit}" for audit in failed_audits(report)]
                lost = {k: v for k, v in scores(report).items() if k != "performance" and v < 100}
                failed += [f"FAILED {name}, {device}: {k} {score}" for k, score in lost.items()]
    print("\n" + "\n".join(failed or ["All audits passed."]))
    return any(line.startswith("FAILED") for line in failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
