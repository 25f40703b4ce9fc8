"""A build into a new folder, which takes the place of the last site if nothing is wrong."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blog.build.sphinx_build import sphinx_build
from blog.check.pages import check_pages


@contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; it falls with the process that holds it, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another build is at work here: waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change names in a single step, where the system can."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    here = -100  # relative names start from the working directory
    if hasattr(libc, "renameat2"):
        return bool(libc.renameat2(here, names[0], here, names[1], 2) == 0)
    if hasattr(libc, "renamex_np"):
        return bool(libc.renamex_np(*names, 2) == 0)
    return False


def replace_site(new: Path, site: Path) -> None:
    """Let a finished site take the place of the last one."""
    if site.exists() and exchange(new, site):
        return
    old = site.with_name(site.name + ".old")
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def clean_up(site: Path, work: Path) -> None:
    """Remove what a killed build left, and bring back a site that it had moved aside."""
    old = site.with_name(site.name + ".old")
    if old.exists() and not site.exists():
        old.rename(site)
    for leftover in (old, work):
        if leftover.exists():
            shutil.rmtree(leftover)


def build(source: Path, site: Path) -> list[str]:
    """Build, and return what is wrong; if nothing is, the new site is in place."""
    work = site.parent / "new"
    with build_lock(site.parent):
        clean_up(site, work)
        work.mkdir()
        wrong = check_pages(source) or sphinx_build(source, work / "html")
        if not wrong:
            replace_site(work / "html", site)
        shutil.rmtree(work)
    return wrong
