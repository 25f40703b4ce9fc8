"""Restrict the repository's files that cells can open to those that blog.ext.execution tracks.

Cells may read cnnlib, the results of the benchmark, the files in their page's folder and its
subfolders, and the tables of posts: when one of these changes, the page is executed again. After a
change of any other file, the page would still show outdated outputs, so reading it raises an error.
So does writing a file, which could end up in a commit, and loading something from another host.
"""


def _restrict_open() -> None:
    import os
    import sys

    root, here = os.environ.get("BLOG_SOURCE"), os.getcwd()
    if not root:
        return

    def folder(*names: str) -> str:
        return os.path.join(root, *names, "")

    unrestricted = tuple(map(folder, (".venv", ".cache", "cnnlib", "blog/ext/ipython")))
    # Those in the root folder would depend on everything; they may name the data of a post.
    near = () if here == root else (folder(here),)
    readable = (folder("blog/measure/results"), *near)
    reads_posts = here == root or here.startswith(folder("posts"))
    write_flags = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

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
        if not path.startswith(folder()) or path.startswith(unrestricted) or os.path.isdir(path):
            return
        name = os.path.relpath(path, root)
        if isinstance(args[2], int) and args[2] & write_flags:
            raise PermissionError(
                f"{name}: cells must not write to the repository; use tempfile, or show the result"
            )
        data = (".csv", ".png", ".weights")
        table = reads_posts and path.startswith(folder("posts")) and path.endswith(data)
        allowed = table or (path.startswith(readable) and not path.endswith(".md"))
        if not allowed and os.path.exists(path):
            raise PermissionError(
                f"{name}: cells can read data only from their page's folder and its subfolders, "
                "so that changes to the data are detected; move the file there"
            )

    sys.addaudithook(check_open)
    sys.addaudithook(check_connection)


_restrict_open()
del _restrict_open
