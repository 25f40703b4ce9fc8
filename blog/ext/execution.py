"""Give pages the outputs of their cells: from the cache, or by running them.

Sphinx reads one page after the other. Before it begins, the cells of all pages that are to be read
and whose outputs are not in the cache are queued for two kernels. What fails is reported
when its page is read, so that the order of messages is that of the pages.
Trainings have a cache of their own (`cnnlib.explain.digit_network.train_and_test`).
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from concurrent.futures import Future
from copy import deepcopy
from dataclasses import replace
from datetime import date
from logging import getLogger
from pathlib import Path
from typing import Any

import myst_nb.sphinx_
import nbformat
from myst_nb.core.config import NbParserConfig
from myst_nb.core.execute import NotebookClientBase
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from blog.build.cell_cache import CellCache, delete_old, dependencies, hash_cells
from blog.build.kernels import NOISE, Failure, Run, SideBySide, clean_message, run_cells
from blog.build.progress import Progress, Times
from blog.check.outputs import FAULT, check_outputs
from blog.ext.html_tables import plain_table

HERE = Path(__file__).parent
CACHE = ".cache"
LONG = 10  # seconds that the cells of a page take
# The data of a post, named by a page in the root folder or by a post of another year.
POST_DATA = re.compile(r"(?:posts|\.\.)/\d{4}/[\w/-]+\.(?:csv|png|weights)")
# Keeps users' start-up files and settings, and random hash seeds, out of the kernels.
KERNEL_ENV = {
    "IPYTHONDIR": str(HERE / "ipython"),
    "JUPYTER_PREFER_ENV_PATH": "1",
    "MATPLOTLIBRC": os.devnull,
    "MPLBACKEND": "agg",
    # For the small products of a training, two threads of BLAS take five times as long as one.
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}
PLAIN = {"text/plain", FAULT}
# The line of a traceback that names a cell.
FRAME = re.compile(r"\s*Cell In\[(?P<cell>\d+)\],? line (?P<line>\d+)(?P<function>(?:, in .*)?)")


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def page_config(notebook: nbformat.NotebookNode, config: NbParserConfig) -> NbParserConfig:
    """Return MyST-NB's settings for a page, as its parser does."""
    own = notebook.metadata.get(config.metadata_key)
    return config.copy(**own) if isinstance(own, Mapping) else config


class Cells:
    """The cells of all pages of a build: those that ran before, and those that run in it."""

    def __init__(self, app: Sphinx) -> None:
        self.app, self.root = app, Path(app.srcdir)
        self.cache = CellCache(self.root / CACHE / "cells", self.root)
        self.times = self.root / CACHE / "times.json"
        self.progress = Progress(Times.load(self.times))
        self.kernels = SideBySide()
        self.running: dict[tuple[Path, str], Future[Run]] = {}
        self.progress.follow(app)
        app.connect("env-before-read-docs", self.run_ahead)
        app.connect("build-finished", self.save_times)

    def run_ahead(self, app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        """Queue the cells of the pages that Sphinx is about to read."""
        pages = [Path(env.doc2path(name)) for name in names]
        found = [(notebook, page) for page in pages if (notebook := self.read(page))]
        new = [pair for pair in found if code_cells(pair[0]) and not self.find(*pair)]
        # Those that take long first; the others in the order in which Sphinx waits for them.
        for notebook, page in sorted(new, key=lambda pair: -max(LONG, self.estimate(*pair))):
            self.queue(notebook, page)

    def find(self, notebook: nbformat.NotebookNode, page: Path) -> Run | None:
        """Return what the cells gave when they ran before, if nothing has changed since."""
        return self.cache.find(self.key(notebook, page))

    def queue(self, notebook: nbformat.NotebookNode, page: Path) -> Future[Run]:
        """Let the cells of a page run when a kernel is free."""
        env: Any = self.app.env  # MyST's settings are not among its typed attributes
        result = self.kernels.submit(
            functools.partial(
                run_cells,
                deepcopy(notebook),
                page.parent,
                timeout=page_config(notebook, env.mystnb_config).execution_timeout,
                limit=self.app.config.cell_output_limit,
            )
        )
        self.running[page, self.key(notebook, page)] = result
        self.progress.note(self.name(page), self.estimate(notebook, page), result)
        return result

    def estimate(self, notebook: nbformat.NotebookNode, page: Path) -> float:
        """Return about how many seconds the cells of a page take."""
        env: Any = self.app.env
        default = env.mystnb_config.execution_timeout
        allowed = page_config(notebook, env.mystnb_config).execution_timeout
        guess = 1 + len(code_cells(notebook)) / 10 + max(0, allowed - default) / 4
        return float(self.progress.times.cells.get(self.name(page), guess))

    def name(self, page: Path) -> str:
        """Return the name of a page's file, as messages have it."""
        return page.relative_to(self.root).as_posix()

    def read(self, page: Path) -> nbformat.NotebookNode | None:
        """Read a page as a notebook; None if it has no cells, or if its parser will report why."""
        try:
            text = page.read_text("utf-8")
            env: Any = self.app.env  # MyST's settings are not among its typed attributes
            reader = create_nb_reader(str(page), env.myst_config, env.mystnb_config, text)
            notebook: nbformat.NotebookNode | None = reader and reader.read(text)
        except Exception:
            return None
        return notebook

    def key(self, notebook: nbformat.NotebookNode, page: Path) -> str:
        """Return a hash of the cells of a page."""
        return hash_cells(code_cells(notebook), page.parent, self.root)

    def result(self, notebook: nbformat.NotebookNode, page: Path) -> Run:
        """Return what the cells of a page gave, as soon as they have run."""
        if found := self.find(notebook, page):
            return found
        key = self.key(notebook, page)
        running = self.running.pop((page, key), None) or self.queue(notebook, page)
        self.progress.wait(running)
        run = running.result()
        run = replace(run, files=dependencies(run, code_cells(notebook)))
        if run.failure is None:
            self.cache.store(key, run)
            self.progress.times.cells[self.name(page)] = round(run.seconds, 2)
            self.progress.say(f"{self.name(page)}: ran its cells in {run.seconds:.1f} s")
        return run

    def save_times(self, app: Sphinx, error: Exception | None) -> None:
        """Keep the times of a good build for the next one."""
        if error is None:
            self.progress.measured().save(self.times)


def failing_line(page: Path, fence: int, source: str, trace: str) -> int:
    """Return the line of the page that raised an error, from the cell's traceback."""
    if page.suffix == ".ipynb":
        start = fence - 1
    else:
        lines = page.read_text("utf-8").split("\n")
        first = source.split("\n", 1)[0]
        start = next((n for n in range(fence, len(lines)) if lines[n] == first), fence)
    within = re.search(r"Cell In\[\d+\],? line (\d+)", trace)
    return start + int(within[1]) if within else fence


def own_frames(trace: str) -> list[str]:
    """Return the lines of a traceback that concern the page's cells, and the error at its end."""
    *lines, error = trace.split("------------------\n\n", 1)[-1].split("\n")
    kept: list[str] = []
    own = False
    for line in lines:
        if found := re.match(r"\s*(File |Cell In)", line):
            own = found[1] == "Cell In"
        if own:
            kept.append(line)
    return [*kept, error] if trace else []


def shown_error(error: nbformat.NotebookNode, count: int) -> str:
    """Return an error as a page shows it: the lines of its cells that led to it, and the error.

    Parameters
    ----------
    error : NotebookNode
        The output of a cell, from the kernel.
    count : int
        The number of the cell.
    """
    trace = NOISE.sub("", "\n".join(error.traceback))
    frames, _, _ = trace.rpartition(f"\n{error.ename}")
    shown: list[str] = []
    syntax = False  # such an error shows its line without a number
    for text in own_frames(f"{frames}\n(the error)")[:-1]:
        if frame := FRAME.match(text):
            cell = "this cell" if int(frame["cell"]) == count else "an earlier cell"
            shown.append(f"In line {frame['line']} of {cell}{frame['function']}:")
            syntax = text.startswith(" ")
        elif syntax:
            shown.append(text)
        elif raised := re.match(r"-+> \d+ +(.*)", text):
            shown[-1] += f" {raised[1]}"
    return "\n".join([*shown, f"{error.ename}: {clean_message(error.evalue)}".removesuffix(": ")])


class Client(NotebookClientBase):  # type: ignore[misc]
    """Provides MyST-NB with the outputs of a page's cells."""

    def start_client(self) -> None:
        """Set the outputs, either from the cache or by executing the cells."""
        cells, page = self._kwargs["cells"], self.path
        for entry, value in self.notebook.metadata.items():
            if isinstance(value, date):  # YAML parses 2021-08-17 as a date; JSON has none
                self.notebook.metadata[entry] = value.isoformat()
        codes = code_cells(self.notebook)
        self.notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
        if not codes:
            return
        run = cells.result(self.notebook, page)
        for count, (cell, outputs) in enumerate(zip(codes, run.outputs, strict=True), 1):
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
            cell.execution_count = count
            self.show_error(cell, count)
        for name in run.files:  # so that `make live` reads the page again when one changes
            cells.app.env.note_dependency(str(Path(cells.app.srcdir, name)))
        if run.failure:
            self.report(run.failure, page)
        self.check_outputs(str(cells.app.srcdir), run.failure)
        self.exec_metadata = {
            "mtime": 0.0,
            "runtime": None,
            "method": self.nb_config.execution_mode,
            "succeeded": True,
            "error": None,
            "traceback": None,
        }

    def show_error(self, cell: nbformat.NotebookNode, count: int) -> None:
        """Shorten the traceback of an error that is expected."""
        for output in cell.outputs:
            if output.output_type == "error":
                output.traceback = [shown_error(output, count)]

    def report(self, failure: Failure, page: Path) -> None:
        """Warn that the cells did not run to their end."""
        source = self.notebook.cells[failure.cell].source
        line = failing_line(page, self.cell_line(failure.cell), source, failure.trace)
        shown = "".join(f"\n    {text}".rstrip() for text in own_frames(failure.trace))
        self.logger.warning(f"{failure.cause}{shown}", line=line, subtype="exec")

    def check_outputs(self, root: str, failure: Failure | None) -> None:
        """Warn about outputs that readers would not see or should not, and about stderr."""
        end = failure.cell if failure else len(self.notebook.cells)
        for index, cell in enumerate(self.notebook.cells):
            outputs = cell.get("outputs", [])
            for data in (output.get("data", {}) for output in outputs):
                if "text/html" in data:
                    data["text/html"] = plain_table(data["text/html"])
            messages = [
                f"a cell wrote to stderr: {clean_message(output['text']).split(chr(10))[0]}; pages "
                "do not show it: mend its cause, or print it"
                for output in outputs
                if output.get("name") == "stderr" and not (failure and index == failure.cell)
            ][:1]
            shown = [output for output in outputs if output.get("name") != "stderr"]
            messages += dict.fromkeys(check_outputs(shown, root))
            raised = any(output.output_type == "error" for output in outputs)
            if "raises-exception" in cell.metadata.get("tags", ()) and index < end and not raised:
                messages.append(
                    "the cell is tagged raises-exception, but raises nothing: take the tag away"
                )
            for message in messages:
                self.logger.warning(message, line=self.cell_line(index))
            if messages:  # leave out what Sphinx may not be able to write
                cell["outputs"] = [out for out in outputs if set(out.get("data", ())) - PLAIN]


def prepare(app: Sphinx, config: Config) -> None:
    """Set the folder of the cache and the environment of the kernels."""
    folder = Path(app.srcdir, CACHE)
    fonts, trainings = folder / "matplotlib", folder / "trainings"
    os.environ.update(KERNEL_ENV | {"BLOG_SOURCE": str(app.srcdir), "MPLCONFIGDIR": str(fonts)})
    # A training is kept on its own: it takes half a minute, and depends on less than its page.
    os.environ["CNNLIB_CACHE"] = str(trainings)
    delete_old(trainings)
    for name in ("traitlets", "matplotlib", "flit_core", "asyncio"):
        getLogger(name).setLevel("CRITICAL")
    cells = Cells(app)

    def create_client(
        notebook: Any, source: str, nb_config: Any, log: Any, read_fmt: Any
    ) -> Client:
        return Client(notebook, Path(source), nb_config, log, cells=cells)

    myst_nb.sphinx_.create_client = create_client


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; `prepare` has to run before MyST-NB reads its settings."""
    app.add_config_value("cell_output_limit", 1_000_000, "env", [int])
    app.connect("config-inited", prepare, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
