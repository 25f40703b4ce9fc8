"""Restrict the repository's files that cells can open, and report those that they read.

Cells may read cnnlib, the results of the benchmark, the files in their page's folder and its
subfolders, and the tables of posts. The build is told which files and modules a page used: when one
of these changes, the page is executed again. Reading any other file of the repository raises an
error, because the downloaded notebook could not find it. So does a cell that reads a file elsewhere
on the machine, which other machines do not have; libraries may read theirs. So does writing a file,
which could end up in a commit, and loading something from another host.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from IPython import get_ipython
from IPython.display import display

# What Python reports before it makes, moves or deletes a file or a folder.
CHANGES = (
    *("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink"),
    "shutil.rmtree",
)
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# The tables that a post may read from the folders of other posts.
TABLES = (".csv", ".png", ".weights")
PAGES = (".md", ".ipynb")
# Libraries that read what a cell names.
READERS = tuple(f"{os.sep}{name}" for name in ("pathlib", "numpy", "pandas", "PIL"))


class FileAccess:
    """Checks each file that a page's cells open, and remembers those that they read.

    Parameters
    ----------
    root : str
        The folder of the blog.
    here : str
        The folder of the page, in which its cells run.
    """

    def __init__(self, root: str, here: str) -> None:
        self.root = root
        self.ignored = tuple(map(self.folder, (".venv", ".cache", "blog/ext/ipython")))
        # Those in the root folder would depend on everything; they may name the data of a post.
        near = () if here == root else (os.path.join(here, ""),)
        self.readable = (self.folder("blog/measure/results"), *near)
        self.reads_posts = here == root or here.startswith(self.folder("posts"))
        # Files that a cell may read elsewhere: its own temporary ones, and Python's.
        places = (tempfile.gettempdir(), sys.prefix, sys.base_prefix, os.path.dirname(os.devnull))
        self.elsewhere = tuple(os.path.join(place, "") for place in places)
        self.used: set[str] = set()
        self.reported: set[str] = set()
        self.checks = {
            "open": self.check_open,
            "socket.getaddrinfo": check_lookup,
            "socket.connect": check_connection,
            **dict.fromkeys(CHANGES, self.check_change),
            **dict.fromkeys(("os.listdir", "os.scandir"), self.note_listing),
        }

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """Check an event of Python's audit hooks."""
        if event in self.checks:
            self.checks[event](args)

    def folder(self, *names: str) -> str:
        """Return the path of a folder of the blog, with a separator at the end."""
        return os.path.join(self.root, *names, "")

    def check_open(self, args: tuple[Any, ...]) -> None:
        """Refuse to open files that a page must not read or write; note the others."""
        if not isinstance(args[0], str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(args[0]))
        if not path.startswith(self.folder()):
            self.check_elsewhere(path)
        elif path.startswith(self.ignored) or os.path.isdir(path):
            return
        elif path.startswith(self.folder("cnnlib")):
            self.note(path)
        else:
            self.check_file(path, writes=isinstance(args[2], int) and args[2] & WRITE_FLAGS)
            self.note(path)

    def check_elsewhere(self, path: str) -> None:
        """Refuse a file outside the repository if a cell opens it."""
        if not path.startswith(self.elsewhere) and os.path.exists(path) and is_opened_by_cell():
            raise PermissionError(
                f"{path}: cells can read only files of this blog, which every machine has that "
                "builds it; copy the file beside the page"
            )

    def check_file(self, path: str, writes: int) -> None:
        """Refuse a file of the repository that is written, or is no data of the page."""
        name = os.path.relpath(path, self.root)
        if writes:
            raise PermissionError(
                f"{name}: cells must not write to the repository; use tempfile, or show the result"
            )
        in_posts = self.reads_posts and path.startswith(self.folder("posts"))
        near = path.startswith(self.readable) and not path.endswith(PAGES)
        if not (near or (in_posts and path.endswith(TABLES))) and os.path.exists(path):
            raise PermissionError(
                f"{name}: cells can read data only from their page's folder and its subfolders, "
                "so that changes to the data are detected; move the file there"
            )

    def check_change(self, args: tuple[Any, ...]) -> None:
        """Refuse to make, move or delete files of the repository."""
        # With the descriptor of an open folder, names are those within it: `shutil.rmtree` works
        # so, and has told the folder before.
        if isinstance(args[-1], int) and args[-1] != -1:
            return
        for name in args[:2]:
            if not isinstance(name, str | bytes | os.PathLike):
                continue
            path = os.path.abspath(os.fsdecode(name))
            if f"{path}{os.sep}".startswith(self.folder()) and not path.startswith(self.ignored):
                raise PermissionError(
                    f"{os.path.relpath(path, self.root)}: cells must not change the files of the "
                    "repository; use tempfile"
                )

    def note_listing(self, args: tuple[Any, ...]) -> None:
        """Note a folder of the repository whose files are listed."""
        # The caller's caller; the import system looks for modules.
        if isinstance(args[0], int) or "importlib" in sys._getframe(2).f_code.co_filename:
            return
        path = os.path.abspath(os.fsdecode(args[0] or "."))
        if path.startswith(self.folder()) and not f"{path}/".startswith(self.ignored):
            self.note(path)

    def note(self, path: str) -> None:
        """Note a file that the page depends on."""
        if "__pycache__" not in path:
            self.used.add(path)

    def find_modules(self) -> set[str]:
        """Return the files of the repository's modules that are loaded, but for those of `blog`."""
        loaded = (getattr(m, "__dict__", {}).get("__file__") for m in [*sys.modules.values()])
        own = (path for path in loaded if isinstance(path, str) and path.startswith(self.folder()))
        return {path for path in own if not path.startswith((*self.ignored, self.folder("blog")))}

    def report(self, result: object) -> None:
        """Tell the build, after a cell, which files it used for the first time."""
        found = self.find_modules() | self.used
        if new := sorted(os.path.relpath(path, self.root) for path in found - self.reported):
            self.reported.update(found)
            display({"application/vnd.blog.files": new}, raw=True)


def is_opened_by_cell() -> bool:
    """Return whether a cell, or a library that reads what a cell names, opens a file."""
    # The four above are this function, two checks, and the hook.
    frame = sys._getframe(4)
    while frame and any(name in frame.f_code.co_filename for name in READERS):
        frame = frame.f_back
    return bool(frame) and "ipykernel_" in frame.f_code.co_filename


def check_lookup(args: tuple[Any, ...]) -> None:
    """Refuse to look up another host."""
    check_host(args[0])


def check_connection(args: tuple[Any, ...]) -> None:
    """Refuse to connect to another host; the addresses of Unix sockets are no tuples."""
    check_host(args[1][0] if isinstance(args[1], tuple) else None)


def check_host(host: object) -> None:
    """Refuse hosts other than this machine."""
    if host not in (None, "", "localhost", "::1") and not str(host).startswith("127."):
        raise PermissionError(
            f"{host}: cells cannot load anything from other hosts, where it may change or be "
            "gone; save the data beside the page"
        )


def restrict_open() -> None:
    """Check the files that are opened from now on, if a page of the blog is executed."""
    if not (root := os.environ.get("BLOG_SOURCE")):
        return
    access = FileAccess(root, os.getcwd())
    sys.addaudithook(access.audit)
    if shell := get_ipython():
        shell.events.register("post_run_cell", access.report)
