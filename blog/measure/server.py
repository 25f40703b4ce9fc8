"""A quiet HTTP server on this machine, for tests and measurements."""

from __future__ import annotations

import functools
import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMPRESSED = (".html", ".css", ".js", ".svg", ".xml", ".txt", ".json", ".ipynb")


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve the files of a folder and log nothing."""

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


class StaticHost(QuietHandler):
    """Serve a site as a good static host does: gzip, long caching, and the site's own headers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send a file, or the page for missing addresses."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        found = path.is_file()
        path = path if found else Path(self.directory, "404.html")
        compressed = path.suffix in COMPRESSED
        data = read_compressed(path) if compressed else path.read_bytes()
        self.send_response(200 if found else 404)
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=31536000")
        for name, value in read_headers(Path(self.directory)):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@functools.cache
def read_compressed(path: Path) -> bytes:
    """Read a file and compress it."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)


@functools.cache
def read_headers(site: Path) -> list[tuple[str, str]]:
    """Read the headers that a site wants for all of its files."""
    path = site / "_headers"
    lines = path.read_text().split("\n\n")[0].splitlines()[1:] if path.exists() else []
    pairs = (line.strip().partition(": ") for line in lines)
    return [(name, value) for name, _, value in pairs]


@contextmanager
def serve(folder: Path, handler: type[QuietHandler] = QuietHandler) -> Iterator[str]:
    """Serve a folder on a free port and yield its address."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(handler, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
