"""How long the explorer takes to redraw a 12×12 input at a four-fold slowed processor.

Prints medians of script, and of script with layout, for one change at a time. Folders given as
arguments hold other versions of the script and its styles, measured in turn with this one:

    python tools/bench_explorer.py [folder ...]
"""

from __future__ import annotations

import functools
import http.server
import statistics
import sys
import threading
from pathlib import Path
from typing import Any

from browser import find
from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).parents[1]
ROUNDS = 10
SLOWED = 4
NUMBERS = ";".join([",".join(str((r * 5 + c * 3) % 10) for c in range(12)) for r in range(12)])
STATE = f"play?op=conv2d&x={NUMBERS}&k=1,0,-1;2,0,-2;1,0,-1&s=1,1&p=0,0&d=1,1&at=4,4"
# What is changed, to and fro: an element, and two values for it.
CHANGES = {
    "a number": (".x td", "3", "8"),
    "padding": (".sliders [data-key=p]", "0", "1"),
    "stride": (".sliders [data-key=s]", "1", "2"),
    "kernel": (".sliders [data-key=k]", "3", "4"),
    "input": (".sliders [data-key=x]", "12", "11"),
    "step": (".scrub", "40", "41"),
}
MEASURE = """([selector, value]) => {
    let control = document.querySelector(selector);
    if (control.matches("td")) {
        (control.firstElementChild ?? control).focus();
        const td = document.activeElement.closest("td");
        control = td.querySelector("input") ?? td;
    }
    document.body.getBoundingClientRect();
    const start = performance.now();
    control[control.matches("td") ? "textContent" : "value"] = value;
    control.dispatchEvent(new InputEvent("input", {bubbles: true}));
    const script = performance.now();
    document.body.getBoundingClientRect();
    return new Promise((done) => {
        const laid = performance.now();
        setTimeout(() => done([script - start, laid - start]), 60);
    });
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that keeps no log."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def opened(browser: Browser, address: str, folder: Path) -> Page:
    """Open the playground with one version of the script, slowed."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})

    def serve(route: Route) -> None:
        route.fulfill(path=folder / route.request.url.split("/")[-1].split("?")[0])

    page.route("**/_static/explorer.*", serve)
    page.goto(f"{address}playground.html#{STATE}")
    page.locator("cnn-explorer.live .x tr:nth-child(12)").wait_for()
    page.locator(".both").check()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    return page


def main() -> None:
    """Measure the versions in turn and print a table."""
    folders = [Path(name) for name in sys.argv[1:]] + [ROOT / "cnnlib" / "web"]
    site = functools.partial(Quiet, directory=ROOT / "_build" / "html")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        pages = [opened(browser, f"http://127.0.0.1:{server.server_port}/", f) for f in folders]
        found: dict[tuple[int, str], list[Any]] = {}
        for turn in range(ROUNDS + 2):
            for name, (selector, *values) in CHANGES.items():
                for number, page in enumerate(pages):
                    page.bring_to_front()
                    times = [page.evaluate(MEASURE, [selector, v]) for v in values[::-1]]
                    if turn > 1:
                        found.setdefault((number, name), []).extend(times)
        for number, folder in enumerate(folders):
            print(folder)
            for name in CHANGES:
                script, laid = zip(*found[number, name], strict=True)
                alone, both = statistics.median(script), statistics.median(laid)
                print(f"  {name:9} script {alone:5.1f} ms, with layout {both:5.1f} ms")
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
