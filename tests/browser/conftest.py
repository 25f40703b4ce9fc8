"""A real Chromium, and the built site on a server of this machine."""

import re

import pytest
from playwright.sync_api import sync_playwright

from blog.measure.server import StaticHost, serve
from blog.measure.system_tools import find_chromium
from tests.tools import skip_if_gone, skip_or_fail

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="session")
def chromium():
    """Start the browser."""
    path = find_chromium()
    if path is None:
        skip_or_fail("no Chromium found: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(site):
    """Serve the built site as a good host does, and return its address."""
    with serve(site, StaticHost) as address:
        yield address


@pytest.fixture
def visit(chromium, address):
    """Return a function that opens a page of the site; the page is closed after the test."""
    contexts = []

    def open_page(path, width=1440, height=900, **options):
        skip_if_gone(re.split("[#?]", path)[0])
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.logged = []
        page.requested = []
        page.on("console", lambda message: page.logged.append(message.text))
        page.on("pageerror", lambda error: page.logged.append(str(error)))
        page.on("request", lambda request: page.requested.append(request.url))
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
