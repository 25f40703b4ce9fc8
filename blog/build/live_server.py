"""Serve the preview: rebuild after each save, and tell the browser to reload."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import watchfiles
from sphinx_autobuild.filter import IgnoreFilter
from sphinx_autobuild.server import RebuildServer
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from blog.build.live_page import SOCKET, LivePage, files

if TYPE_CHECKING:
    from blog.build.live import Builder

# Output of builds, files that no page depends on, and temporary files of editors.
IGNORED = (
    *("_build", ".cache", ".venv", ".git", "tests", "blog/measure", "blog/ext/ipython", ".*_cache"),
    *("**/__pycache__", "**/*~", "**/.*", "**/#*#", "**/4913", "**/*.tmp"),
)


def is_page(path: Path) -> bool:
    """Return whether a file is a page, or was."""
    return path.suffix in (".md", ".ipynb")


def report_changes(changed: set[Path], source: Path) -> None:
    """Print which files were saved and which pages were deleted."""
    for word, paths in (
        ("Saved", (path for path in changed if path.exists())),
        ("Deleted", (path for path in changed if is_page(path) and not path.exists())),
    ):
        names = sorted(path.relative_to(source).as_posix() for path in paths)
        if names:
            print(f"{word}: {', '.join(names)}", flush=True)


def report_build(succeeded: bool, start: float, what: str = "Updated") -> None:
    """Print the result of a build."""
    elapsed = f"{time.monotonic() - start:.1f} s"
    print(f"{what} in {elapsed}" if succeeded else "Fix the error and save again", flush=True)


class Pages(StaticFiles):
    """Serves the pages and remembers which one was requested last."""

    current = ""

    def is_not_modified(self, *headers: object) -> bool:
        """Send each file whole: what is added to a page may differ."""
        return False

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file; if it is a page, remember its name."""
        if path.endswith(".html"):
            self.current = path.removesuffix(".html")
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:  # before the first good build there is no 404.html
            return HTMLResponse(f"<title>{error.detail}</title>", error.status_code)


class Watcher(RebuildServer):  # type: ignore[misc]
    """Rebuilds after each save, and reloads the browser to show the result or the faults.

    Parameters
    ----------
    source : Path
        The folder of the blog.
    pages : Pages
        Knows the page in the browser, which is built first.
    builder : Builder
    """

    def __init__(self, source: Path, pages: Pages, builder: Builder) -> None:
        self.source, self.pages, self.builder = source, pages, builder
        ignore = IgnoreFilter([str(source / name) for name in IGNORED], [])
        super().__init__([source], ignore, change_callback=builder.run)

    def is_watched(self, change: watchfiles.Change, path: str) -> bool:
        """Return whether a page may depend on a file."""
        return not self.ignore(path)

    async def watch(self) -> None:
        """Build after each save."""
        try:
            async for changes in watchfiles.awatch(self.source, watch_filter=self.is_watched):
                await self.build({Path(path) for _, path in changes})
        finally:
            self.builder.stop()

    async def build(self, changed: set[Path]) -> None:
        """Build what changed; if only cnnlib changed, build the current page first."""
        start = time.monotonic()
        report_changes(changed, self.source)
        package_only = all(path.is_relative_to(self.source / "cnnlib") for path in changed)
        first = self.pages.current if package_only else ""
        succeeded = await asyncio.to_thread(self.builder.run, first)
        self.flag.set()
        report_build(succeeded, start)
        self.builder.prepare()
        if succeeded and first:
            succeeded = await asyncio.to_thread(self.builder.run)
            if not succeeded or self.pages.current != first:
                self.flag.set()
            report_build(succeeded, start, "Updated all pages")
            self.builder.prepare()


def serve(
    source: Path, out: Path, address: tuple[str, int], builder: Builder, faults: Callable[[], str]
) -> None:
    """Serve the pages in `out` at an address, until Ctrl-C."""
    pages = Pages(directory=out, html=True)
    watcher = Watcher(source, pages, builder)
    app = Starlette(
        routes=[
            WebSocketRoute(SOCKET, watcher, name="reload"),
            *files(),
            Mount("/", app=pages, name="static"),
        ],
        middleware=[Middleware(LivePage, faults=faults)],
        lifespan=watcher.lifespan,
    )
    host, port = address
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=1)
