"""Measure the built pages as a strict reader would: Lighthouse, on a server that packs with gzip.

    python -m blog.measure.audit [SITE]

Prints a table of page by category, with the weight of a first visit and the paints, for a phone
on a slow network and for a desk. The programs come from npm, in the versions of lighthouse/.
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


def faults(report: Any) -> list[tuple[str, str]]:
    """Return the audits that cost points, each as its category and a description."""
    wrong = []
    for kind, category in report["categories"].items():
        for place in category["auditRefs"]:
            audit = report["audits"][place["id"]]
            if place["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                description = f"{audit['id']}: {audit['title']} {audit.get('displayValue', '')}"
                wrong.append((kind, description))
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
    """Print the table; fail if anything but performance is below 100, or if a page is missing."""
    why = missing() or ("" if find_chromium() else "No Chromium found: set CHROMIUM=path")
    if why:
        print(why, file=sys.stderr)
        return 1
    slow: list[str] = []
    failed: list[str] = []
    with serve(Path(folder), StaticHost) as address:
        for place, desk in (("phone, slow network", False), ("desk", True)):
            print(f"\n{place:<20}perf  a11y  best   seo      weight  req   first   largest   shift")
            for name, path in PAGES.items():
                where = f"{name}, {place}"
                if not Path(folder, path).exists():
                    failed.append(f"{where}: {path} is missing")
                    continue
                report = lighthouse(address + path, desk=desk)
                print(line(name, report), flush=True)
                for kind, description in faults(report):
                    (slow if kind == "performance" else failed).append(f"{where}: {description}")
                for kind, score in scores(report).items():
                    if kind != "performance" and score < 100:
                        failed.append(f"{where}: {kind} {score}")
    print("\n" + "\n".join([*slow, *(f"FAILED {fault}" for fault in failed)] or ["All passed."]))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
