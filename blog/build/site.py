"""Build into a new folder, and replace the previous site if there were no errors."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blog.build.sphinx_build import sphinx_build
from blog.check.pages import check_pages, find_ignored

# From Linux's and macOS's headers: paths relative to the working directory, and an atomic swap.
AT_FDCWD = -100
RENAME_EXCHANGE = RENAME_SWAP = 2


@contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on a folder; the system releases it even if the process is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another build is running here: waiting for it to finish", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def swap_folders(one: Path, other: Path) -> bool:
    """Swap two folders atomically; return whether the system supports it."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(libc, "renameat2"):
        status = libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE)
        return bool(status == 0)
    if hasattr(libc, "renamex_np"):
        return bool(libc.renamex_np(*names, RENAME_SWAP) == 0)
    return False


def replace_site(new: Path, site: Path) -> None:
    """Put a new site in the place of the previous one."""
    if site.exists() and swap_folders(new, site):
        return
    old = site.with_name(site.name + ".old")
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def clean_up(site: Path, work: Path) -> None:
    """Remove what a killed build left behind, and restore a site that it had renamed."""
    old = site.with_name(site.name + ".old")
    if old.exists() and not site.exists():
        old.rename(site)
    for leftover in (old, work):
        if leftover.exists():
            shutil.rmtree(leftover)


def build(source: Path, site: Path) -> list[str]:
    """Build the site and return the errors; if there are none, the new site is in place."""
    work = site.parent / "new"
    with build_lock(site.parent):
        clean_up(site, work)
        work.mkdir()
        errors = check_pages(source) or sphinx_build(source, work / "html")
        if not errors:
            replace_site(work / "html", site)
            print("".join(f"{note}\n" for note in find_ignored(source).values()), end="")
        shutil.rmtree(work)
    return errors
