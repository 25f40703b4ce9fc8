"""Take the screenshot at the top of README.md from the built site.

    python -m blog.measure.screenshot [SITE] [PNG]

It shows the explorer in the founding post, two steps on from its first window.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import FloatRect, Page, Route, sync_playwright

from blog.measure.system_tools import find_chromium

POST = "posts/2021/brief-introduction-to-cnn.html"
FONTS = {"Window Serif", "Window Math"}
ORIGIN = "http://site.invalid/"  # never looked up: every request is answered from the site's folder
MARGIN_X, MARGIN_Y = 64, 10  # in CSS pixels
# From the top of the paragraph that introduces the explorer to the bottom of the explorer.
MEASURE = """(explorer) => {
    const box = explorer.getBoundingClientRect();
    const introduction = explorer.closest(".cell").previousElementSibling;
    return [box.left, introduction.getBoundingClientRect().top, box.right, box.bottom];
}"""
LOADED = """async () => {
    await document.fonts.ready;
    const loaded = [...document.fonts].filter((font) => font.status === "loaded");
    return loaded.map((font) => font.family.replaceAll('"', ""));
}"""


def take_screenshot(page: Page) -> bytes:
    """Return the picture as PNG."""
    page.goto(ORIGIN + POST)
    explorer = page.locator("cnn-explorer").first
    explorer.evaluate("explorer => explorer.scrollIntoView({block: 'center'})")
    forward = explorer.get_by_role("button", name="Step forward")
    for _ in range(2):
        forward.click()
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    if missing := FONTS - set(page.evaluate(LOADED)):
        raise RuntimeError(f"the page was drawn without its fonts: {', '.join(sorted(missing))}")
    left, top, right, bottom = explorer.evaluate(MEASURE)
    clip = FloatRect(
        x=left - MARGIN_X,
        y=top - MARGIN_Y,
        width=right - left + 2 * MARGIN_X,
        height=bottom - top + 2 * MARGIN_Y,
    )
    return page.screenshot(clip=clip, animations="disabled")


def main(site: str = "_build/html", png: str = ".github/screenshot.png") -> int:
    """Write the screenshot, and return the exit status."""
    chromium = find_chromium()
    if chromium is None:
        print("No Chromium found: install it, or set CHROMIUM to its path", file=sys.stderr)
        return 1

    def answer(route: Route) -> None:
        path = Path(site, urlsplit(route.request.url).path.lstrip("/"))
        route.fulfill(path=path) if path.is_file() else route.fulfill(status=404)

    with sync_playwright() as playwright:
        # Drawn without a GPU, so that a second run on the same machine gives the same bytes.
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(
            viewport={"width": 1000, "height": 1200},
            device_scale_factor=2,
            color_scheme="light",
            reduced_motion="reduce",
        )
        page.route("**/*", answer)
        Path(png).write_bytes(take_screenshot(page))
        browser.close()
    print(f"Wrote {png}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
