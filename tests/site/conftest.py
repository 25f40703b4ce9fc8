"""The pages of the built site, parsed."""

import pytest
from bs4 import BeautifulSoup

from tests.tools import skip_if_gone

REFRESH = {"http-equiv": "refresh"}


class Pages(dict):
    """Pages by their names."""

    def __missing__(self, name):
        skip_if_gone(name)
        raise KeyError(name)


@pytest.fixture(scope="session")
def pages(site):
    """Return all pages by name, without the old addresses that only lead on to a page."""
    parsed = {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html5lib")
        for path in sorted(site.rglob("*.html"))
    }
    return Pages((name, page) for name, page in parsed.items() if not page.find("meta", REFRESH))
