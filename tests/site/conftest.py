"""The pages of the built site, parsed."""

import pytest
from bs4 import BeautifulSoup


@pytest.fixture(scope="session")
def pages(site):
    """Return all pages by name."""
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html5lib")
        for path in sorted(site.rglob("*.html"))
    }
