"""Build the blog: a clean pass into a new folder, which takes the old one's place if all is well.

    python tools/build.py [SOURCE] [OUT]

One build at a time: a second one waits for the first. Nothing but a finished, faultless site is
ever seen in OUT, also if the build is killed; a fault leaves the last good site where it is.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The same surroundings on every machine and at every time; SOURCE_DATE_EPOCH may be given.
SURROUNDINGS = {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
LONG_AGO = "1577836800"  # 2020-01-01


def settle(source: Path) -> None:
    """Start this program anew if it has other surroundings than a build must have."""
    wanted = SURROUNDINGS | {
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or LONG_AGO,
        # Cells and extensions import the package that lies beside the pages.
        "PYTHONPATH": str(source),
    }
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | wanted)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
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


def put_in_place(new: Path, site: Path) -> None:
    """Let a finished site take the place of the last one."""
    if site.exists() and exchange(new, site):
        return
    old = site.with_name(site.name + ".old")
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def tidy(site: Path, work: Path) -> None:
    """Remove what a killed build left, and bring back a site that it had moved aside."""
    old = site.with_name(site.name + ".old")
    if old.exists() and not site.exists():
        old.rename(site)
    for leftover in (old, work):
        if leftover.exists():
            shutil.rmtree(leftover)


def build(source: Path, site: Path) -> list[str]:
    """Build, and return what is wrong; if nothing is, the new site is in place."""
    from pages import check
    from sphinx_pass import run

    work = site.parent / "new"
    with alone(site.parent):
        tidy(site, work)
        work.mkdir()
        wrong = check(source) or run(source, work / "html")
        if not wrong:
            put_in_place(work / "html", site)
        shutil.rmtree(work)
    return wrong


def main(source: str = ".", out: str = "_build/html") -> int:
    """Build, say what happened in as few words as possible, and return the exit status."""
    pages, site = Path(source).resolve(), Path(out).absolute()
    settle(pages)
    try:
        wrong = build(pages, site)
    except OSError as error:
        wrong = [f"{error.filename or site}: cannot be written: {error.strerror}"]
    except KeyboardInterrupt:
        wrong = ["Stopped before it was done"]
    if not wrong:
        print(f"The blog is built: open {out}/index.html")
        return 0
    print("\n".join(wrong), file=sys.stderr)
    last = f"The last good one is still in {out}." if site.exists() else "There is none yet."
    print(f"\nNo new site. {last}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
