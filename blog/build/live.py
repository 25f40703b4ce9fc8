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
        # Meanwhile the builder imports its libraries.
        from blog.build.live_server import report_build, serve

        report_build(builder.run(), start)
        builder.prepare()
        print(f"Serving at http://{HOST}:{port}/ (press Ctrl-C to stop)", flush=True)
        if not options.no_browser:
            import webbrowser

            webbrowser.open(f"http://{HOST}:{port}/")
        serve(SOURCE, OUT, (HOST, port), builder, read_faults)
    except KeyboardInterrupt:
        pass
    finally:
        builder.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
