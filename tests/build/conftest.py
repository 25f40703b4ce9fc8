"""Fixtures of a small site, and the build tools as modules."""

import pytest

from tests.build.small_site import Site, copy_site, make_post
from tests.tools import make_once


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """Build the small site, once for all workers; its copies find the results of its cells."""

    def make(folder):
        done = copy_site(folder).build()
        assert done.returncode == 0, done.stderr

    return Site(make_once(tmp_path_factory, "model", make))


@pytest.fixture
def small(model, tmp_path):
    """Return a built copy of the small site, which a test may change."""
    return model.copy(tmp_path / "blog")


@pytest.fixture
def post():
    """Return the function that writes the source of a post."""
    return make_post
