"""Cells read only what their results are known by: files beside the page, and the package.

Anything else among the sources could change, and the page would go on showing old results; a
file written there could find its way into a commit. So both raise an error that says what to do.
"""


def _watch_files() -> None:
    import os
    import sys

    root, here = os.environ.get("BLOG_SOURCE"), os.getcwd()
    if not root:
        return
    free = {".venv", ".cache", "cnnlib"}
    kernel, results = (
        os.path.join("blog", *rest) for rest in (("ext", "ipython"), ("measure", "results"))
    )
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def on_open(event: str, args: tuple) -> None:
        if event != "open" or not isinstance(args[0], str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(args[0]))
        name = os.path.relpath(path, root)
        if name.split(os.sep)[0] in {os.pardir, *free} or os.path.isdir(path):
            return
        if name.startswith(kernel + os.sep):
            return
        if isinstance(args[2], int) and args[2] & writing:
            raise PermissionError(
                f"{name}: cells do not write among the sources; use tempfile, or show the result"
            )
        beside = here != root and path.startswith(here + os.sep) and not path.endswith(".md")
        measured = name.startswith(results + os.sep)
        if not (beside or measured) and os.path.exists(path):
            raise PermissionError(
                f"{name}: cells read data from the folder of their page and below, "
                "so that a change of the data is noticed; put the file there"
            )

    sys.addaudithook(on_open)


_watch_files()
del _watch_files
