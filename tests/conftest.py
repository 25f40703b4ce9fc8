"""What all tests share: the built site, markers by what a test needs, and Hypothesis's settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from blog.build.environment import read_palette
from tests.tools import make_once

ROOT = Path(__file__).parents[1]
# Before cnnlib is imported: pictures have the colours of this blog, as on its pages.
os.environ |= read_palette(ROOT)

settings.register_profile("default", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A test that uses one of these fixtures gets the marker.
MARKERS = {"site": "site", "chromium": "browser", "model": "build", "compared": "node"}


def pytest_itemcollected(item):
    """Mark a test by the fixtures that it uses."""
    used = getattr(item, "fixturenames", ())
    for fixture, marker in MARKERS.items():
        if fixture in used:
            item.add_marker(marker)


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """Build the blog from nothing, once for all workers, and return its folder.

    `SITE=_build/html` names a site that was just built, to be tested in its place.
    """
    if built := os.environ.get("SITE"):
        return ROOT / built

    def build(folder):
        command = [sys.executable, "-m", "blog.build", ".", str(folder / "html")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    return make_once(tmp_path_factory, "site", build) / "html"


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that all workers end at about the same time.

    The first one builds the site; meanwhile another worker builds small blogs.
    """

    def rank(item):
        if "visits" in getattr(item, "fixturenames", ()):
            return 0
        return 1 if item.get_closest_marker("build") else 2

    ranks = {}
    for item in items:
        ranks[item.path] = min(rank(item), ranks.get(item.path, 2))
    items.sort(key=lambda item: ranks[item.path])
