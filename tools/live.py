"""Write with the pages open: each save is built, what changed alone, and shown in the browser.

    python tools/live.py [--port N] [--no-browser]

Drafts are shown, too. Only this machine can see the pages.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from build import settle

HOST = "127.0.0.1"
SOURCE = Path(__file__).resolve().parents[1]
OUT = SOURCE / "_build" / "live" / "html"
# What builds write themselves, what editors leave beside a file, and what no page is made of.
UNWATCHED = (
    *("_build", ".cache", ".venv", ".git", "tests", "benchmarks", "_ext/ipython", ".*_cache"),
    *("**/__pycache__", "**/*~", "**/.*", "**/#*#", "**/4913", "**/*.tmp"),
)


def machinery() -> str:
    """Digest what Sphinx does not watch for itself: settings and extensions."""
    made = hashlib.sha256()
    for path in sorted([SOURCE / "conf.py", *(SOURCE / "_ext").rglob("*.py")]):
        made.update(path.read_bytes())
    return made.hexdigest()


def build_once() -> int:
    """Build what changed; all of it, if the last pass found something wrong."""
    from pages import check
    from sphinx_pass import run

    OUT.mkdir(parents=True, exist_ok=True)
    good = OUT.with_name("last-good-pass")
    known = good.read_text() if good.exists() else ""
    good.unlink(missing_ok=True)
    now = machinery()
    wrong = check(SOURCE, drafts=True)
    wrong = wrong or run(SOURCE, OUT, fresh=known != now, preview=True)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    good.write_text(now)
    return 0


def rebuild(*, changed_paths: Sequence[Path] = ()) -> None:
    """Build in a process of its own, since the package may have changed."""
    began = time.monotonic()
    there = (path for path in changed_paths if path.exists())
    names = sorted({path.relative_to(SOURCE).as_posix() for path in there})
    if names:
        print(f"Saved: {', '.join(names)}", flush=True)
    try:
        done = subprocess.run([sys.executable, __file__, "--once"], check=False)
    except KeyboardInterrupt:
        return
    took = f"{time.monotonic() - began:.1f} s"
    said = f"Shown after {took}" if done.returncode == 0 else "Mend it and save again"
    print(said, flush=True)


def serve(port: int) -> None:
    """Serve the pages and tell the browser when there are new ones."""
    import uvicorn
    from sphinx_autobuild.filter import IgnoreFilter
    from sphinx_autobuild.middleware import JavascriptInjectorMiddleware
    from sphinx_autobuild.server import RebuildServer
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Mount, WebSocketRoute
    from starlette.staticfiles import StaticFiles

    ignore = IgnoreFilter([str(SOURCE / name) for name in UNWATCHED], [])
    watcher = RebuildServer([SOURCE], ignore, change_callback=rebuild)
    app = Starlette(
        routes=[
            WebSocketRoute("/websocket-reload", watcher, name="reload"),
            Mount("/", app=StaticFiles(directory=OUT, html=True), name="static"),
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
    settings.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    chosen = settings.parse_args()
    settle(SOURCE)
    try:
        if chosen.once:
            return build_once()
        port = free(chosen.port)
        OUT.mkdir(parents=True, exist_ok=True)
        rebuild()
        print(f"Open http://{HOST}:{port}/ and write; Ctrl-C ends", flush=True)
        if not chosen.no_browser:
            import webbrowser

            webbrowser.open(f"http://{HOST}:{port}/")
        serve(port)
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
