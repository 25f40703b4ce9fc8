"""Preview the site: rebuild what changed after each save, and reload the browser.

    python -m blog.build.live [--port N] [--no-browser]

Drafts are included. The server listens on the loopback interface only.
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

from blog.build.environment import pin_environment, read_palette

HOST = "127.0.0.1"
SOURCE = Path(__file__).resolve().parents[2]
OUT = SOURCE / "_build" / "live" / "html"
FAULTS = OUT.with_name("faults.txt")  # the messages of the last build
# Output of builds, files that no page depends on, and temporary files of editors.
IGNORED = (
    *("_build", ".cache", ".venv", ".git", "tests", "blog/measure", "blog/ext/ipython", ".*_cache"),
    *("**/__pycache__", "**/*~", "**/.*", "**/#*#", "**/4913", "**/*.tmp"),
)
# Imported before a change is saved: together they take about a second.
PRELOADED = (
    *("sphinx.builders.html", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "myst_nb.sphinx_ext"),
    *("ablog", "furo", "numpydoc", "lxml.html", "flit_core.buildapi", "nbclient"),
    *("numpy", "matplotlib.figure", "matplotlib.style"),
)


def hash_settings() -> str:
    """Hash conf.py and the extensions, whose changes Sphinx does not detect by itself."""
    result = hashlib.sha256()
    for path in sorted([SOURCE / "conf.py", *(SOURCE / "blog" / "ext").rglob("*.py")]):
        result.update(path.read_bytes())
    return result.hexdigest()


def build_changes(first: str = "") -> int:
    """Build the pages that changed or had errors in the last build; return the exit status.

    If the page `first` is among several that changed, only this page is built.
    """
    from blog.build.sphinx_build import sphinx_build
    from blog.check.pages import check_pages, find_ignored

    start = time.time()
    stamp = OUT.with_name("settings.sha256")
    previous = stamp.read_text() if stamp.exists() else ""
    last = stamp.stat().st_mtime if previous else 0
    stamp.unlink(missing_ok=True)  # after an interrupted build, read all pages again
    settings = hash_settings()
    errors = check_pages(SOURCE, drafts=True)
    errors = errors or sphinx_build(
        SOURCE, OUT, fresh=previous != settings, preview=True, first=first
    )
    for path in doctrees_since(start) if errors else pages_before(start):
        path.unlink()
    if previous == settings or not errors:
        stamp.write_text(settings)
    FAULTS.write_text("\n".join(errors), "utf-8")
    if errors:
        print("\n".join(errors), file=sys.stderr)
    else:
        for name, note in find_ignored(SOURCE).items():
            if (SOURCE / name).stat().st_mtime > last:  # said once
                print(note)
    return int(bool(errors))


def doctrees_since(start: float) -> Iterator[Path]:
    """Yield the doctrees written since a time.

    Sphinx warns about a page only while it reads it. Deleting its doctree makes Sphinx read it
    again, and so repeat the warning, in the next build.
    """
    doctrees = OUT.with_name("doctrees").rglob("*.doctree")
    return (path for path in doctrees if path.stat().st_mtime >= start)


def pages_before(start: float) -> Iterator[Path]:
    """Yield the pages last written before a time.

    A build writes all pages, so the sources of these are gone.
    """
    for path in (*OUT.rglob("*.html"), *OUT.rglob("*.ipynb")):
        # The "viewcode" extension writes the source of a module only when it changed.
        if path.stat().st_mtime < start and path.relative_to(OUT).parts[0] != "_modules":
            yield path


def run_worker() -> NoReturn:
    """Import the libraries, wait for a line on stdin (the page to build first), build, and exit."""
    for name in PRELOADED:
        import_module(name)
    line = sys.stdin.readline()
    os.environ |= read_palette(SOURCE)  # conf.py may have been saved since this process started
    code = build_changes(line.strip()) if line else 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # normal interpreter shutdown takes more than half a second


def read_faults() -> str:
    """Return the messages of the last build; an empty text if it was good."""
    return FAULTS.read_text("utf-8") if FAULTS.exists() else ""


class Builder:
    """Runs each build in a new process, because the modules of cnnlib may have changed.

    The process for the next build is started in advance, so that its imports are done.
    """

    def __init__(self) -> None:
        self.prepare()

    def prepare(self) -> None:
        """Start the process for the next build, in a session that Ctrl-C does not reach."""
        command = [sys.executable, "-m", "blog.build.live", "--worker"]
        self.worker = subprocess.Popen(
            command, cwd=SOURCE, stdin=subprocess.PIPE, start_new_session=True
        )

    def run(self, first: str = "") -> bool:
        """Build, and return whether there were no errors."""
        self.worker.communicate(f"{first}\n".encode())
        return self.worker.returncode == 0

    def stop(self) -> None:
        """Kill the process; Jupyter kernels exit when their parent process is gone."""
        self.worker.kill()
        self.worker.wait()


def is_page(path: Path) -> bool:
    """Return whether a file is a page, or was."""
    return path.suffix in (".md", ".ipynb")


def report_changes(changed: set[Path]) -> None:
    """Print which files were saved and which pages were deleted."""
    for word, paths in (
        ("Saved", (path for path in changed if path.exists())),
        ("Deleted", (path for path in changed if is_page(path) and not path.exists())),
    ):
        names = sorted(path.relative_to(SOURCE).as_posix() for path in paths)
        if names:
            print(f"{word}: {', '.join(names)}", flush=True)


def report_build(succeeded: bool, start: float, what: str = "Updated") -> None:
    """Print the result of a build."""
    elapsed = f"{time.monotonic() - start:.1f} s"
    print(f"{what} in {elapsed}" if succeeded else "Fix the error and save again", flush=True)


def serve(port: int, builder: Builder) -> None:
    """Serve the pages, rebuild after each save, and tell the browser to reload."""
    import asyncio

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
        """Rebuilds after each save, and reloads the browser to show the result or the faults."""

        async def watch(self) -> None:
            """Build after each save."""
            try:
                async for changes in watchfiles.awatch(SOURCE, watch_filter=is_watched):
                    await self.build({Path(path) for _, path in changes})
            finally:
                builder.stop()

        async def build(self, changed: set[Path]) -> None:
            """Build what changed; if only cnnlib changed, build the current page first."""
            start = time.monotonic()
            report_changes(changed)
            package_only = all(path.is_relative_to(SOURCE / "cnnlib") for path in changed)
            first = pages.current if package_only else ""
            succeeded = await asyncio.to_thread(builder.run, first)
            self.flag.set()
            report_build(succeeded, start)
            builder.prepare()
            if succeeded and first:
                succeeded = await asyncio.to_thread(builder.run)
                if not succeeded or pages.current != first:
                    self.flag.set()
                report_build(succeeded, start, "Updated all pages")
                builder.prepare()

    ignored = IgnoreFilter([str(SOURCE / name) for name in IGNORED], [])

    def is_watched(change: watchfiles.Change, path: str) -> bool:
        return not ignored(path)

    pages = Pages(directory=OUT, html=True)
    watcher = Watcher([SOURCE], ignored, change_callback=builder.run)
    app = Starlette(
        routes=[
            WebSocketRoute(SOCKET, watcher, name="reload"),
            *files(),
            Mount("/", app=pages, name="static"),
        ],
        middleware=[Middleware(LivePage, faults=read_faults)],
        lifespan=watcher.lifespan,
    )
    uvicorn.run(app, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=1)


def find_port(port: int) -> int:
    """Return this port or, if another program uses it, any free port."""
    import socket

    for number in (port, 0):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, number))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port found")


def main() -> int:
    """Build, serve, and rebuild after each save, until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    pin_environment(SOURCE)
    if options.worker:
        return run_worker()
    start = time.monotonic()
    port = find_port(options.port)
    OUT.mkdir(parents=True, exist_ok=True)
    builder = Builder()
    first = " for the first time, which takes some minutes" if not any(OUT.iterdir()) else ""
    print(f"Building the blog{first}", flush=True)
    try:
        report_build(builder.run(), start)
        builder.prepare()
        print(f"Serving at http://{HOST}:{port}/ (press Ctrl-C to stop)", flush=True)
        if not options.no_browser:
            import webbrowser

            webbrowser.open(f"http://{HOST}:{port}/")
        serve(port, builder)
    except KeyboardInterrupt:
        pass
    finally:
        builder.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
