"""Measure how long the explorer takes to redraw a 12×12 input with 4× CPU throttling.

Prints the median of the script's time, and the quartiles of script and layout together, for single
changes and their reverse. Chromium's throttling is calibrated first: at a nominal rate of 4 it may
slow down a plain loop by another factor. Photographs are measured as well, without throttling: one
weight of a kernel of 3×3, on the face of 96×96, and on 256×256 in colour. The argument is
the built site, by default _build/html:

    python -m blog.measure.bench_explorer [site]
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from blog.measure.server import serve
from blog.measure.system_tools import find_chromium

ROOT = Path(__file__).parents[2]
ROUNDS = 20
THROTTLING = 4
NUMBERS = ";".join([",".join(str((r * 5 + c * 3) % 10) for c in range(12)) for r in range(12)])
STATE = f"play?op=conv2d&x={NUMBERS}&k=1,0,-1;2,0,-2;1,0,-1&s=1,1&p=0,0&d=1,1&at=4,4"
# A control and two values, between which it is switched.
CHANGES = {
    "a number": (".x td", "3", "8"),
    "padding": (".sliders [data-key=p]", "0", "1"),
    "stride": (".sliders [data-key=s]", "1", "2"),
    "kernel": (".sliders [data-key=k]", "3", "4"),
    "input": (".sliders [data-key=x]", "11", "12"),
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


# A weight of the photograph is changed back and forth; each time includes drawing and layout.
PHOTOGRAPH = """async ([size, colour, rounds]) => {
    const element = document.querySelector("cnn-photograph");
    const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const context = canvas.getContext("2d");
    context.drawImage(element.querySelector("[value=face] img"), 0, 0, size, size);
    await element.takeOwn(await new Promise((done) => canvas.toBlob(done)));
    const box = element.querySelector(".colour");
    if (box.checked !== colour) box.click();
    const times = [];
    for (let turn = 0; turn < rounds; turn += 1) {
        const cell = element.querySelector(".slices .k td");
        cell.textContent = String(turn % 2);
        document.body.getBoundingClientRect();
        const start = performance.now();
        cell.dispatchEvent(new InputEvent("input", { bubbles: true }));
        const script = performance.now();
        document.body.getBoundingClientRect();
        times.push([script - start, performance.now() - start]);
        await new Promise((done) => setTimeout(done, 30));
    }
    return times.slice(4);
}"""
PHOTOGRAPHS = {"96×96 in grey": (96, False), "256×256 in colour": (256, True)}


# A loop of a few milliseconds that neither allocates memory nor draws.
LOOP = """() => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < 1e6; i += 1) sum = (sum * 31 + i) % 1000003;
    return performance.now() - start + (sum < 0);
}"""


def open_playground(browser: Browser, url: str) -> Page:
    """Open the playground with a 12×12 input, whose rows and columns change alike."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{url}playground.html#{STATE}")
    page.locator("cnn-explorer.live .x tr:nth-child(12)").wait_for()
    page.locator(".both").check()
    return page


def throttle(page: Page) -> tuple[float, float]:
    """Slow the page down by 4; return the nominal rate, and the effect of a nominal rate of 4."""
    session = page.context.new_cdp_session(page)
    times: dict[float, list[float]] = {1: [], THROTTLING: []}
    for _ in range(10):
        for rate, measured in times.items():
            session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
            measured.extend(page.evaluate(LOOP) for _ in range(3))
    effect = statistics.median(times[THROTTLING]) / statistics.median(times[1])
    rate = THROTTLING * THROTTLING / effect
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    return rate, effect


def photograph_times(browser: Browser, url: str) -> dict[str, list[Any]]:
    """Measure changes of a weight of a photograph, without throttling."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{url}playground.html")
    page.locator("cnn-photograph").scroll_into_view_if_needed()
    page.locator("cnn-photograph.live").wait_for()
    return {
        name: page.evaluate(PHOTOGRAPH, [size, colour, 2 * ROUNDS])
        for name, (size, colour) in PHOTOGRAPHS.items()
    }


def main() -> None:
    """Measure the changes and print a table."""
    site = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "_build" / "html"
    with serve(site) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = open_playground(browser, url)
        rate, effect = throttle(page)
        found: dict[str, list[Any]] = {}
        for turn in range(ROUNDS + 2):
            # Select another output each time, so that no equation is cached.
            page.evaluate(MEASURE, [".scrub", str(30 + turn)])
            for name, (selector, *values) in CHANGES.items():
                for old, new in (values, values[::-1]):
                    times = page.evaluate(MEASURE, [selector, new])
                    if turn > 1:
                        found.setdefault(f"{name} {old} → {new}", []).append(times)
        photographs = photograph_times(browser, url)
        browser.close()
    print(
        f"CPU throttling: rate {THROTTLING} is {effect:.1f}× slower, rate {rate:.1f} {THROTTLING}×"
    )
    print(f"{'':20} script   with layout, quartiles (ms)")
    print_rows(found)
    print("photographs, without throttling")
    print_rows(photographs)


def print_rows(found: dict[str, list[Any]]) -> None:
    """Print a row for each kind of change."""
    for name, times in found.items():
        script, laid = zip(*times, strict=True)
        low, middle, high = statistics.quantiles(laid, n=4)
        print(f"{name:20} {statistics.median(script):5.1f}    {low:5.1f} {middle:5.1f} {high:5.1f}")


if __name__ == "__main__":
    main()
