"""Show in a terminal how far a build is, how long it has taken, and about how long it will take."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from concurrent.futures import Future, wait
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from blog.build.kernels import SIDE_BY_SIDE

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

WIDTH = 20  # of the bar, in characters


@dataclass
class Times:
    """How long things took in the last build, in seconds.

    Attributes
    ----------
    cells : dict
        The time of the cells of each page, by its file's name.
    reading, writing : float
        The time for one page, apart from its cells.
    finishing : float
        The time after the last page, for the feed, the search and the like.
    """

    cells: dict[str, float] = field(default_factory=dict)
    reading: float = 0.15
    writing: float = 0.15
    finishing: float = 2.0

    @classmethod
    def load(cls, path: Path) -> Times:
        """Read the times of the last build; without them, or if they are damaged, guess."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return cls()

    def save(self, path: Path) -> None:
        """Keep the times for the next build."""
        path.parent.mkdir(exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(asdict(self)))
        new.replace(path)


class Progress:
    """How far a build is: a line of a terminal that is written over and over.

    Elsewhere, such as in a log, only the lines that `say` writes appear.

    Parameters
    ----------
    times : Times
        What the last build took. Those of this build replace them.
    stream : text stream, optional
        Where to write; by default, the standard output.
    """

    def __init__(self, times: Times, stream: TextIO | None = None) -> None:
        self.times, self.stream = times, stream or sys.stdout
        self.start = time.monotonic()
        self.read: set[str] = set()
        self.written: set[str] = set()
        self.to_read = self.to_write = 0
        self.running: dict[str, tuple[float, Future[Any]]] = {}
        self.waited = self.read_since = self.written_since = self.last_written = 0.0

    def follow(self, app: Sphinx) -> None:
        """Count the pages that Sphinx reads and writes."""

        def begin(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
            self.to_read, self.to_write = len(names), len(env.found_docs)
            self.read_since = time.monotonic()
            self.show()

        def read(app: Sphinx, name: str, source: list[str]) -> None:
            self.read.add(name)
            self.show()

        def write(app: Sphinx, doctree: object, name: str) -> None:
            if name in app.env.found_docs:  # others are made of all pages, such as the list of tags
                self.last_written = time.monotonic()
                self.written_since = self.written_since or self.last_written
                self.written.add(name)
                self.show()

        app.connect("env-before-read-docs", begin)
        app.connect("source-read", read)
        app.connect("doctree-resolved", write)
        app.connect("build-finished", lambda app, error: self.clear())

    def note(self, name: str, estimate: float, result: Future[Any]) -> None:
        """Count a page whose cells are to run, in about so many seconds."""
        self.running[name] = estimate, result

    def wait(self, result: Future[Any]) -> None:
        """Wait for the cells of a page."""
        since = time.monotonic()
        while not wait([result], timeout=0.2).done:
            self.show()
        self.waited += time.monotonic() - since

    def line(self, now: float) -> str:
        """Return the line that is shown at a time."""
        open_cells = [estimate for estimate, result in self.running.values() if not result.done()]
        reading = (self.to_read - len(self.read)) * self.times.reading
        writing = (self.to_write - len(self.written)) * self.times.writing
        left = max(reading, sum(open_cells) / SIDE_BY_SIDE) + writing
        finished = now - self.last_written if len(self.written) == self.to_write else 0.0
        left += max(0.0, self.times.finishing - finished)
        elapsed = now - self.start
        full = round(WIDTH * elapsed / (elapsed + left)) if elapsed + left else 0
        if self.written:
            what = f"{len(self.written)} of {self.to_write} pages written"
        else:
            what = f"{len(self.read)} of {self.to_read} pages read"
            ran = len(self.running) - len(open_cells)
            what += f", cells of {ran} of {len(self.running)} run" if self.running else ""
        bar = "=" * full + "-" * (WIDTH - full)
        return f"[{bar}] {what}; {elapsed:.0f} s, about {left:.0f} s left"

    def show(self) -> None:
        """Write the line over the last one."""
        if self.stream.isatty():
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r{self.line(time.monotonic())[:width]}\x1b[K")
            self.stream.flush()

    def clear(self) -> None:
        """Remove the line."""
        if self.stream.isatty():
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self.clear()
        print(text, file=self.stream, flush=True)

    def measured(self) -> Times:
        """Return the times of this build, for the next one."""
        times, now = self.times, time.monotonic()
        if len(self.written) > 1:
            writing = (self.last_written - self.written_since) / len(self.written)
            times = replace(times, writing=writing, finishing=now - self.last_written)
        if len(self.read) > 1 and self.written:
            seconds = self.written_since - self.read_since - self.waited
            times = replace(times, reading=seconds / len(self.read))
        return times
