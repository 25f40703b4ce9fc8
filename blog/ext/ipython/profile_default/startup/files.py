"""Restrict the repository's files that cells can open, and report those that they read.

Cells may read cnnlib, the results of the benchmark, the files in their page's folder and its
subfolders, and the tables of posts. The build is told which files and modules a page used: when one
of these changes, the page is executed again. Reading any other file of the repository raises an
error, because the downloaded notebook could not find it. So does a cell that reads a file elsewhere
on the machine, which other machines do not have; libraries may read theirs. So does writing a file,
which could end up in a commit, and loading something from another host.
"""


def _restrict_open() -> None:
    import os
    import sys
    import tempfile

    from IPython import get_ipython
    from IPython.display import display

    root, here = os.environ.get("BLOG_SOURCE"), os.getcwd()
    if not root:
        return

    def folder(*names: str) -> str:
        return os.path.join(root, *names, "")

    ignored = tuple(map(folder, (".venv", ".cache", "blog/ext/ipython")))
    package = folder("cnnlib")
    # Those in the root folder would depend on everything; they may name the data of a post.
    near = () if here == root else (folder(here),)
    readable = (folder("blog/measure/results"), *near)
    reads_posts = here == root or here.startswith(folder("posts"))
    write_flags = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    # What Python reports before it makes, moves or deletes a file or a folder.
    changes = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink")
    changes += ("shutil.rmtree",)
    used: set[str] = set()
    reported: set[str] = set()

    # Files that a cell may read outside the repository: its own temporary ones, and Python's.
    places = (tempfile.gettempdir(), sys.prefix, sys.base_prefix, os.path.dirname(os.devnull))
    elsewhere = tuple(os.path.join(place, "") for place in places)
    # Libraries that read what a cell names.
    readers = tuple(f"{os.sep}{name}" for name in ("pathlib", "numpy", "pandas", "PIL"))

    def is_opened_by_cell() -> bool:
        frame = sys._getframe(2)
        while frame and any(name in frame.f_code.co_filename for name in readers):
            frame = frame.f_back
        return bool(frame) and "ipykernel_" in frame.f_code.co_filename

    def find_modules() -> set[str]:
        loaded = (getattr(m, "__dict__", {}).get("__file__") for m in [*sys.modules.values()])
        own = (path for path in loaded if isinstance(path, str) and path.startswith(folder()))
        return {path for path in own if not path.startswith((*ignored, folder("blog")))}

    def note(path: str) -> None:
        if "__pycache__" not in path:
            used.add(path)

    def check_connection(event: str, args: tuple[object, ...]) -> None:
        host = args[0] if event == "socket.getaddrinfo" else None
        if event == "socket.connect" and isinstance(args[1], tuple):
            host = args[1][0]
        if host not in (None, "", "localhost", "::1") and not str(host).startswith("127."):
            raise PermissionError(
                f"{host}: cells cannot load anything from other hosts, where it may change or be "
                "gone; save the data beside the page"
            )

    def check_open(event: str, args: tuple[object, ...]) -> None:
        if event != "open" or not isinstance(args[0], str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(args[0]))
        if not path.startswith(folder()):
            if not path.startswith(elsewhere) and os.path.exists(path) and is_opened_by_cell():
                raise PermissionError(
                    f"{path}: cells can read only files of this blog, which every machine has that "
                    "builds it; copy the file beside the page"
                )
            return
        if path.startswith(ignored) or os.path.isdir(path):
            return
        if path.startswith(package):
            note(path)
            return
        name = os.path.relpath(path, root)
        if isinstance(args[2], int) and args[2] & write_flags:
            raise PermissionError(
                f"{name}: cells must not write to the repository; use tempfile, or show the result"
            )
        data = (".csv", ".png", ".weights")
        table = reads_posts and path.startswith(folder("posts")) and path.endswith(data)
        allowed = table or (path.startswith(readable) and not path.endswith((".md", ".ipynb")))
        if not allowed and os.path.exists(path):
            raise PermissionError(
                f"{name}: cells can read data only from their page's folder and its subfolders, "
                "so that changes to the data are detected; move the file there"
            )
        note(path)

    def check_change(event: str, args: tuple[object, ...]) -> None:
        # With the descriptor of an open folder, names are those within it: `shutil.rmtree` works
        # so, and has told the folder before.
        if event not in changes or (isinstance(args[-1], int) and args[-1] != -1):
            return
        for name in args[:2]:
            if not isinstance(name, str | bytes | os.PathLike):
                continue
            path = os.path.abspath(os.fsdecode(name))
            if f"{path}{os.sep}".startswith(folder()) and not path.startswith(ignored):
                raise PermissionError(
                    f"{os.path.relpath(path, root)}: cells must not change the files of the "
                    "repository; use tempfile"
                )

    def note_listing(event: str, args: tuple[object, ...]) -> None:
        if event not in ("os.listdir", "os.scandir") or isinstance(args[0], int):
            return
        if "importlib" in sys._getframe(1).f_code.co_filename:
            return  # looks for modules
        path = os.path.abspath(os.fsdecode(args[0] or "."))
        if path.startswith(folder()) and not f"{path}/".startswith(ignored):
            note(path)

    def report_files(result: object) -> None:
        found = find_modules() | used
        if new := sorted(os.path.relpath(path, root) for path in found - reported):
            reported.update(found)
            display({"application/vnd.blog.files": new}, raw=True)

    sys.addaudithook(check_open)
    sys.addaudithook(check_change)
    sys.addaudithook(check_connection)
    sys.addaudithook(note_listing)
    if shell := get_ipython():
        shell.events.register("post_run_cell", report_files)


_restrict_open()
del _restrict_open
