"""What all tests share: the built site, markers by what a test needs, and Hypothesis's settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.tools import make_once

ROOT = Path(__file__).parents[1]

settings.register_profile("default", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A test that uses one of these fixtures gets the marker.
MARKERS = {"site": "site", "chromium": "browser", "model": "build"}
# Tests that share one of these expensive fixtures run in the same worker.
EXPENSIVE = ("pages", "visits", "broken", "compared")


def pytest_itemcollected(item):
    """Mark a test by the fixtures that it uses."""
    used = getattr(item, "fixturenames", ())
    for fixture, marker in MARKERS.items():
        if fixture in used:
            item.add_marker(marker)
    for fixture in EXPENSIVE:
        if fixture in used:
            parameter = item.callspec.params.get(fixture, "") if hasattr(item, "callspec") else ""
            item.add_marker(pytest.mark.xdist_group(f"{fixture}{parameter}"))


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """Build the blog from nothing, once for all workers, and return its folder."""

    def build(folder):
        command = [sys.executable, "-m", "blog.build", ".", str(folder / "html")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    return make_once(tmp_path_factory, "site", build) / "html"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with builds, the longest tests, so that all workers end at about the same time."""
    items.sort(key=lambda item: item.get_closest_marker("build") is None)
