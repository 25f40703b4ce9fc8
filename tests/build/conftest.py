"""Fixtures of a small site, and the build tools as modules."""

import runpy

import pytest

from blog.check import pages
from tests.build.small_site import ROOT, Site, copy_site, make_post
from tests.tools import make_once

SETTINGS = runpy.run_path(str(ROOT / "conf.py"))
CONF = "include_patterns = ['posts/**.md', 'posts/**.ipynb', '*.md']\n"
CONF += "authors = {'ann': ('Ann', None), 'ben': ('Ben', None)}\n"
CONF += "exclude_patterns = ['**/.ipynb_checkpoints']\n"
CONF += "".join(f"{key} = {SETTINGS[key]!r}\n" for key in SETTINGS if key.startswith("myst_"))


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


@pytest.fixture
def check_page(tmp_path):
    """Return a function that writes a page into an empty blog, and returns the problems found."""
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "posts" / "2024").mkdir(parents=True)
    (tmp_path / "posts" / "subjects.toml").write_text(
        'tags = ["cnn", "vision", "deep-learning"]\ncategories = ["Deep Learning"]\n'
    )

    for picture in ("a.png", "cat.png"):
        (tmp_path / "posts" / "2024" / picture).write_bytes(b"")

    def check(text, name="posts/2024/one.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return pages.check_pages(tmp_path)

    return check
