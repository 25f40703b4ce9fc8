"""Helpers for tests of explorers on a page."""

from pathlib import Path

from playwright.sync_api import expect

_DIFFERENCES = Path(__file__).with_name("differences.js").read_text("utf-8")
_SET_VALUE = "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })); }"


def set_slider(slider, value):
    """Set a slider as if the reader had moved it."""
    slider.evaluate(_SET_VALUE, value)


def differences(page):
    """List where the explorer on the page differs from the results of its pure functions."""
    return page.evaluate(_DIFFERENCES)


def written_code(page):
    """Return the code for cnnlib, whose script is loaded when its place comes near."""
    place = page.locator("cnn-explorer pre").first
    place.scroll_into_view_if_needed()
    expect(place).not_to_have_text("")
    return place.inner_text()


HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Explorers</title>
<link rel="stylesheet" href="_static/palette.css"><link rel="stylesheet" href="_static/site.css">
<body><main><h1>Explorers</h1>"""


def make_page(page, address, tags, fragment="", script=True, live=True):
    """Fill an open page of the site with explorers of our own making."""
    loader = '<script src="_static/explorer-loader.js" defer></script>' if script else ""
    body = HEAD + "".join(tags) + "</main>" + loader
    page.route("**/made.html", lambda r: r.fulfill(body=body, content_type="text/html"))
    page.logged.clear()
    page.goto(address + "made.html" + fragment)
    if live:
        page.locator("cnn-explorer.live").first.wait_for()
    return page
