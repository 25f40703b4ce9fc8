"""Write with the pages open: each save is built, what changed alone, and shown in the browser.

    python -m blog.build.live [--port N] [--no-browser]

Drafts are shown, too. Only this machine can see the pages.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from blog.build.environment import pin_environment

HOST = "127.0.0.1"
SOURCE = Path(__file__).resolve().parents[2]
OUT = SOURCE / "_build" / "live" / "html"
# What builds write themselves, what editors leave beside a file, and what no page is made of.
UNWATCHED = (
    *("_build", ".cache", ".venv", ".git", "tests", "blog/measure", "blog/ext/ipython", ".*_cache"),
    *("**/__pycache__", "**/*~", "**/.*", "**/#*#", "**/4913", "**/*.tmp"),
)
# What takes a second to import, and no save changes.
LIBRARIES = (
    *("sphinx.builders.html", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "myst_nb.sphinx_ext"),
    *("ablog", "furo", "numpydoc", "lxml.html", "flit_core.buildapi", "nbclient"),
    *("numpy", "matplotlib.figure", "matplotlib.style"),
)


def machinery() -> str:
    """Digest what Sphinx does not watch for itself: settings and extensions."""
    made = hashlib.sha256()
    for path in sorted([SOURCE / "conf.py", *(SOURCE / "blog" / "ext").rglob("*.py")]):
        made.update(path.read_bytes())
    return made.hexdigest()


def build_once(first: str = "") -> int:
    """Build what changed, and what something was wrong with in the last pass.

    Of several pages that changed, `first` is built alone if it is one of them.
    """
    from blog.build.sphinx_build import sphinx_build
    from blog.check.pages import check_pages

    began = time.time()
    read_with = OUT.with_name("read-with")
    known = read_with.read_text() if read_with.exists() else ""
    read_with.unlink(missing_ok=True)  # so that a pass which is stopped is done again in full
    now = machinery()
    wrong = check_pages(SOURCE, drafts=True)
    wrong = wrong or sphinx_build(SOURCE, OUT, fresh=known != now, preview=True, first=first)
    for path in to_read_again(began) if wrong else to_take_away(began):
        path.unlink()
    if known == now or not wrong:
        read_with.write_text(now)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
    return int(bool(wrong))


def to_read_again(began: float) -> Iterator[Path]:
    """Yield what a pass read: Sphinx warns of a page only when it reads it.

    It reads a page again whose doctree is missing.
    """
    doctrees = OUT.with_name("doctrees").rglob("*.doctree")
    return (path for path in doctrees if path.stat().st_mtime >= began)


def to_take_away(began: float) -> Iterator[Path]:
    """Yield the pages that a pass did not write: since it writes all, their sources are gone."""
    for path in (*OUT.rglob("*.html"), *OUT.rglob("*.ipynb")):
        # The source of a module, which "viewcode" shows, is written when it changed.
        if path.stat().st_mtime < began and path.relative_to(OUT).parts[0] != "_modules":
            yield path


def wait_and_build() -> NoReturn:
    """Be ready for a pass, and begin it at the first line of the input: the page to build first."""
    for name in LIBRARIES:
        import_module(name)
    line = sys.stdin.readline()
    code = build_once(line.strip()) if line else 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # taking down all that a pass has made would take more than half a second


class Passes:
    """Passes in processes of their own, since the package may have changed.

    The process of the next one is started early: it waits with the libraries imported.
    """

    def __init__(self) -> None:
        self.prepare()

    def prepare(self) -> None:
        """Start the process of the next pass, out of reach of the terminal's Ctrl-C."""
        command = [sys.executable, "-m", "blog.build.live", "--wait"]
        self.next = subprocess.Popen(
            command, cwd=SOURCE, stdin=subprocess.PIPE, start_new_session=True
        )

    def run(self, first: str = "") -> bool:
        """Let it build, and say whether there are new pages."""
        self.next.communicate(f"{first}\n".encode())
        return self.next.returncode == 0

    def end(self) -> None:
        """End the process, whether it waits or builds; a kernel ends when its parent is gone."""
        self.next.kill()
        self.next.wait()


def name_saved(changed: set[Path]) -> None:
    """Say what was saved, and which pages were taken away."""
    for word, paths in (
        ("Saved", (path for path in changed if path.exists())),
        ("Taken away", (path for path in changed if path.suffix == ".md" and not path.exists())),
    ):
        names = sorted(path.relative_to(SOURCE).as_posix() for path in paths)
        if names:
            print(f"{word}: {', '.join(names)}", flush=True)


def name_result(good: bool, began: float, what: str = "Shown") -> None:
    """Say how a pass ended."""
    took = f"{time.monotonic() - began:.1f} s"
    print(f"{what} after {took}" if good else "Mend it and save again", flush=True)


def serve(port: int, passes: Passes) -> None:
    """Serve the pages and tell the browser when there are new ones."""
    import asyncio

    import uvicorn
    import watchfiles
    from sphinx_autobuild.filter import IgnoreFilter
    from sphinx_autobuild.middleware import JavascriptInjectorMiddleware
    from sphinx_autobuild.server import RebuildServer
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import Response
    from starlette.routing import Mount, WebSocketRoute
    from starlette.staticfiles import StaticFiles
    from starlette.types import Scope

    class Pages(StaticFiles):
        """Serves the pages and knows which one is open."""

        open = ""

        async def get_response(self, path: str, scope: Scope) -> Response:
            """Note a page that is asked for."""
            if path.endswith(".html"):
                self.open = path.removesuffix(".html")
            return await super().get_response(path, scope)

    class Watcher(RebuildServer):
        """Tells the browser of passes that ended well, and of no others."""

        async def watch(self) -> None:
            """Begin a pass at each save."""
            try:
                async for changes in watchfiles.awatch(SOURCE, watch_filter=watched):
                    await self.build({Path(path) for _, path in changes})
            finally:
                passes.end()

        async def build(self, changed: set[Path]) -> None:
            """Build what changed; where the package did, the open page is not kept waiting."""
            began = time.monotonic()
            name_saved(changed)
            waiting = all(path.is_relative_to(SOURCE / "cnnlib") for path in changed)
            first = pages.open if waiting else ""
            good = await asyncio.to_thread(passes.run, first)
            if good:
                self.flag.set()
            name_result(good, began)
            passes.prepare()
            if good and first:
                good = await asyncio.to_thread(passes.run)
                if good and pages.open != first:
                    self.flag.set()
                name_result(good, began, "All pages are built")
                passes.prepare()

    ignored = IgnoreFilter([str(SOURCE / name) for name in UNWATCHED], [])

    def watched(change: watchfiles.Change, path: str) -> bool:
        return not ignored(path)

    pages = Pages(directory=OUT, html=True)
    watcher = Watcher([SOURCE], ignored, change_callback=passes.run)
    app = Starlette(
        routes=[
            WebSocketRoute("/websocket-reload", watcher, name="reload"),
            Mount("/", app=pages, name="static"),
        ],
        middleware=[Middleware(JavascriptInjectorMiddleware, ws_url=f"{HOST}:{port}")],
        lifespan=watcher.lifespan,
    )
    uvicorn.run(app, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=1)


def free(port: int) -> int:
    """Return this port, or where another program has it, one that nobody has."""
    import socket

    for number in (port, 0):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, number))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free")


def main() -> int:
    """Build, serve, and build again at each save, until Ctrl-C."""
    settings = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    settings.add_argument("--port", type=int, default=8000)
    settings.add_argument("--no-browser", action="store_true")
    settings.add_argument("--wait", action="store_true", help=argparse.SUPPRESS)
    chosen = settings.parse_args()
    pin_environment(SOURCE)
    if chosen.wait:
        return wait_and_build()
    began = time.monotonic()
    port = free(chosen.port)
    OUT.mkdir(parents=True, exist_ok=True)
    passes = Passes()
    try:
        name_result(passes.run(), began)
        passes.prepare()
        print(f"Open http://{HOST}:{port}/ and write; Ctrl-C ends", flush=True)
        if not chosen.no_browser:
            import webbrowser

            webbrowser.open(f"http://{HOST}:{port}/")
        serve(port, passes)
    except KeyboardInterrupt:
        pass
    finally:
        passes.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
