"""The pages of the built site, parsed."""

import pytest
from bs4 import BeautifulSoup

from tests.tools import skip_if_gone


class Pages(dict):
    """Pages by their names."""

    def __missing__(self, name):
        skip_if_gone(name)
        raise KeyError(name)


@pytest.fixture(scope="session")
def pages(site):
    """Return all pages by name."""
    return Pages(
        (path.relative_to(site).as_posix(), BeautifulSoup(path.read_text("utf-8"), "html5lib"))
        for path in sorted(site.rglob("*.html"))
    )
