"""Audit the built pages with Lighthouse, on a local server with gzip compression.

    python -m blog.measure.audit [SITE]

Prints a table with the scores of each page, the transfer size of a first visit, and paint times,
for a phone on a slow network and for a desktop. The tools are installed by npm, in the versions of
lighthouse/package-lock.json.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from blog.measure.server import StaticHost, serve
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


def failed_audits(report: Any) -> list[tuple[str, str]]:
    """Return the audits that reduced a score, each as its category and a description."""
    failed = []
    for kind, category in report["categories"].items():
        for reference in category["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                description = f"{audit['id']}: {audit['title']} {audit.get('displayValue', '')}"
                failed.append((kind, description))
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
    """Print the table; fail if a page is missing or loses points other than for performance."""
    reason = install_tools() or ("" if find_chromium() else "No Chromium found: set CHROMIUM=path")
    if reason:
        print(reason, file=sys.stderr)
        return 1
    slow: list[str] = []
    failed: list[str] = []
    with serve(Path(folder), StaticHost) as url:
        for device, desktop in (("phone, slow network", False), ("desktop", True)):
            print(
                f"\n{device:<20}perf  a11y  best   seo        size  req   first   largest   shift"
            )
            for name, path in PAGES.items():
                where = f"{name}, {device}"
                if not Path(folder, path).exists():
                    failed.append(f"FAILED {where}: {path} is missing")
                    continue
                report = run_lighthouse(url + path, desktop=desktop)
                print(table_row(name, report), flush=True)
                for kind, description in failed_audits(report):
                    if kind == "performance":
                        slow.append(f"{where}: {description}")
                    else:
                        failed.append(f"FAILED {where}: {description}")
                lost = {k: v for k, v in scores(report).items() if k != "performance" and v < 100}
                failed += [f"FAILED {where}: {kind} {score}" for kind, score in lost.items()]
    print("\n" + "\n".join(slow + failed or ["All audits passed."]))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
