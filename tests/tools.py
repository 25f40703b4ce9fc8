"""What tests of several folders share: work done once for all workers, and missing programs."""

import fcntl
import os
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The oldest post, for what is true of each.
ANY_POST = next(
    (
        path.relative_to(ROOT).with_suffix(".html").as_posix()
        for path in sorted(ROOT.glob("posts/*/*.md"))
    ),
    "index.html",
)


def skip_if_gone(name):
    """Skip a test that opens a page which whoever made this blog their own has deleted."""
    source = ROOT / f"{name.removesuffix('.html')}.md"
    made = ("index.html", "posts.html", "404.html", "search.html", "_modules")
    if name.endswith(".html") and not source.exists() and not name.startswith(made):
        pytest.skip(f"this blog has no {name}")


def read_page(name):
    """Return the source of a page; where it was deleted, skip the test or the file of tests."""
    if not (ROOT / name).exists():
        pytest.skip(f"this blog has no {name}", allow_module_level=True)
    return (ROOT / name).read_text("utf-8")


def skip_or_fail(reason):
    """Skip a test because a program is missing; in CI, where nothing may be missing, fail it."""
    reason += " (`make test-all` installs what is missing, if it can)"
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


def say(text):
    """Return some words around the texts in the language of this blog."""
    from blog.ext.words import read_words  # here, since tests of cnnlib alone have no Sphinx

    settings = runpy.run_path(str(ROOT / "conf.py"))
    return (read_words(settings["language"]) | settings["words"]).get(text, text)


def make_once(factory, name, make):
    """Return a folder that the first worker to need it fills, while the others wait.

    Parameters
    ----------
    factory : pytest.TempPathFactory
    name : str
        The folder's name among those of this run.
    make : callable
        Called with the path of the folder, which does not exist yet.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # the run's folder, which holds one for each worker
    folder, outcome = base / name, base / f"{name}.outcome"
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not outcome.exists():
            try:
                make(folder)
            except BaseException as error:
                outcome.write_text(str(error) or repr(error))
                raise
            outcome.write_text("")
        if failure := outcome.read_text():
            pytest.fail(f"{name}: {failure}")
    return folder
