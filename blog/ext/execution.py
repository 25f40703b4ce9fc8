"""Cells run while a page is read, unless their results are known.

A result is known by all it depends on: the page's cells, the files beside the page, the versions
of Python and of the libraries, and the package if a cell names it. So a change runs again just the
pages it touches, and a change that is taken back finds its old results.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from datetime import date
from importlib import metadata
from logging import getLogger
from pathlib import Path
from typing import Any

import myst_nb.sphinx_
import nbformat
from myst_nb.core.execute import NotebookClientBase
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
RESULTS = "blog/measure/results"
# The same for every kernel: nobody's start-up files or settings, and no order left to chance.
KERNEL_ENV = {
    "IPYTHONDIR": str(HERE / "ipython"),
    "JUPYTER_PREFER_ENV_PATH": "1",
    "MATPLOTLIBRC": os.devnull,
    "MPLBACKEND": "agg",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}
# What a terminal or a kernel adds: colours, and the name of a file that no one has.
ADDED = re.compile(r"\x1b\[[0-9;]*m|\S*ipykernel_\d+/\d+\.py:\d+: | \(\d+\.py, line \d+\)")
DRAWS = re.compile(r"matplotlib|cnnlib\.explain")
A_MONTH = 30 * 24 * 3600


class Cells(NotebookClient):
    """Runs cells; knows which one is at work, and ends one whose output does not end."""

    limit = 0
    at = 0
    seen = 0

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        """Keep what a cell gives, as long as it is no more than a page can hold."""
        if self.seen > self.limit:
            return None
        self.seen += len(json.dumps(msg["content"], default=str))
        if self.seen > self.limit:
            self.ending = asyncio.ensure_future(self.km.signal_kernel(signal.SIGKILL))
        return super().output(outs, msg, display_id, cell_index)

    def start(self, cell: nbformat.NotebookNode, cell_index: int) -> None:
        """Note the cell that begins."""
        self.at, self.seen = cell_index, 0


def digest(*parts: bytes | str) -> str:
    """Return a short name for what these parts hold."""
    made = hashlib.sha256()
    for part in parts:
        made.update(hashlib.sha256(part.encode() if isinstance(part, str) else part).digest())
    return made.hexdigest()[:32]


def digest_files(files: list[Path], root: Path) -> str:
    """Digest names and contents of files."""
    parts = ((path.relative_to(root).as_posix(), path.read_bytes()) for path in sorted(files))
    return digest(*(part for pair in parts for part in pair))


def versions(requirements: Path) -> str:
    """Name the installed versions of what the blog requires."""
    wanted = set(re.findall(r"^([\w.-]+)==", requirements.read_text(), flags=re.MULTILINE))
    have = {
        d.metadata["Name"].lower().replace("_", "-"): d.version for d in metadata.distributions()
    }
    return " ".join(f"{name}={have.get(name.lower(), '-')}" for name in sorted(wanted))


def read_by(codes: list[str], page: Path, root: Path) -> list[Path]:
    """Return the files that cells may read.

    Those are the files beside the page and, if a cell names them, the package and the results of
    measurements.
    """
    named = any(re.search(r"\bcnnlib\b", source) for source in codes)
    package = (root / "cnnlib").rglob("*") if named else ()
    beside = page.parent.rglob("*") if page.parent != root else ()
    results = (root / RESULTS).iterdir() if any(RESULTS in source for source in codes) else ()
    found = [*package, *(path for path in beside if path.suffix != ".md"), *results]
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def plain(text: str) -> str:
    """Return what a cell said without what was added on the way."""
    return ADDED.sub("", text).strip()


def list_fonts() -> None:
    """Let Matplotlib look for fonts, once on a machine: a cell's stderr is no place to say so."""
    if not any(Path(os.environ["MPLCONFIGDIR"]).glob("fontlist*")):
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, stderr=subprocess.DEVNULL, check=False)


def failing_line(page: Path, fence: int, source: str, said: str) -> int:
    """Return the line of the page that raised, from the cell's traceback."""
    lines = page.read_text(encoding="utf-8").split("\n")
    first = source.split("\n", 1)[0]
    start = next((n for n in range(fence, len(lines)) if lines[n] == first), fence)
    within = re.search(r"Cell In\[\d+\],? line (\d+)", said)
    return start + int(within[1]) if within else fence


class Client(NotebookClientBase):
    """What MyST-NB asks for the outputs of a page's cells."""

    def start_client(self) -> None:
        """Fill in the outputs: known ones, or new ones that are kept if all went well."""
        app, page = self._kwargs["app"], self.path
        for entry, value in self.notebook.metadata.items():
            if isinstance(value, date):  # YAML reads 2021-08-17 as one, and JSON has none
                self.notebook.metadata[entry] = value.isoformat()
        codes = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        self.notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
        if not codes:
            return
        root = Path(app.srcdir)
        texts = [cell.source for cell in codes]
        files = read_by(texts, page, root)
        for path in files:  # for a build of what changed, as `make live` does
            app.env.note_dependency(str(path))
        where = page.parent.relative_to(root).as_posix()
        name = digest(app.env.machine, where, json.dumps(texts), digest_files(files, root))
        kept = Path(app.config.nb_execution_cache_path, f"{name}.json")
        if kept.exists():
            os.utime(kept)
            for cell, outputs in zip(codes, json.loads(kept.read_text()), strict=True):
                cell.outputs = [nbformat.from_dict(output) for output in outputs]
        elif self.run(app, page):
            new = kept.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps([cell.outputs for cell in codes]))
            new.replace(kept)
        for count, cell in enumerate(codes, 1):
            cell.execution_count = count
        self.warn_about_stderr()
        self.exec_metadata = {
            "mtime": 0.0,
            "runtime": None,
            "method": self.nb_config.execution_mode,
            "succeeded": True,
            "error": None,
            "traceback": None,
        }

    def run(self, app: Sphinx, page: Path) -> bool:
        """Run the cells, and say whether all went well."""
        logger.info("%s: running its cells", page.relative_to(app.srcdir).as_posix())
        if any(DRAWS.search(cell.source) for cell in self.notebook.cells):
            list_fonts()
        cells = Cells(
            self.notebook,
            timeout=self.nb_config.execution_timeout,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(page.parent)}},
        )
        cells.limit = app.config.cell_output_limit
        cells.on_cell_execute = cells.start
        said = ""
        try:
            cells.execute(stderr=subprocess.DEVNULL)
        except CellExecutionError as error:
            said = plain(error.traceback)
            cause = f"a cell raised {error.ename}: {plain(error.evalue)}".split("\n")[0]
        except CellTimeoutError:
            cause = (
                f"a cell took longer than {cells.timeout} seconds; if it must, write "
                "`mystnb: {execution_timeout: SECONDS}` into the front matter"
            )
        except DeadKernelError:
            cause = "a cell ended the Python that ran it"
        else:
            if cells.seen <= cells.limit:
                return True
        cell = self.notebook.cells[cells.at]
        if cells.seen > cells.limit:
            cell.outputs = []
            cause = f"a cell gave more than {cells.limit:,} characters of output"
        line = failing_line(page, self.cell_line(cells.at), cell.source, said)
        trace = said.split("------------------\n\n", 1)[-1]
        shown = "".join(f"\n    {text}".rstrip() for text in trace.split("\n")) if said else ""
        self.logger.warning(f"{cause}{shown}", line=line, subtype="exec")
        return False

    def warn_about_stderr(self) -> None:
        """Warn of what was written to stderr, such as a library's warning."""
        for index, cell in enumerate(self.notebook.cells):
            for output in cell.get("outputs", []):
                if output.get("name") == "stderr":
                    first = plain(output["text"]).split("\n")[0]
                    line = self.cell_line(index)
                    self.logger.warning(f"a cell wrote to stderr: {first}", line=line)


def prepare(app: Sphinx, config: Config) -> None:
    """Choose the place of results, and give kernels the same surroundings on every machine."""
    folder = Path(app.srcdir, ".cache", "cells")
    folder.mkdir(parents=True, exist_ok=True)
    config.nb_execution_cache_path = str(folder)
    fonts = str(folder.with_name("matplotlib"))
    os.environ.update(KERNEL_ENV | {"BLOG_SOURCE": str(app.srcdir), "MPLCONFIGDIR": fonts})
    for name in ("traitlets", "matplotlib", "flit_core", "asyncio"):
        getLogger(name).setLevel("CRITICAL")
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - A_MONTH:
            old.unlink()

    def create_client(
        notebook: Any, source: str, nb_config: Any, log: Any, read_fmt: Any
    ) -> Client:
        return Client(notebook, Path(source), nb_config, log, app=app)

    myst_nb.sphinx_.create_client = create_client


def hash_environment(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Digest, once for a build, what the results of several pages depend on."""
    root = Path(app.srcdir)
    machine = [platform.python_version(), platform.machine()]
    machine += [versions(root / "requirements" / "site.txt")]
    machine += [path.read_text() for path in sorted((HERE / "ipython").rglob("*.py"))]
    env.machine = digest(*machine)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, before MyST-NB reads its settings."""
    app.add_config_value("cell_output_limit", 1_000_000, "env", [int])
    app.connect("config-inited", prepare, priority=100)
    app.connect("env-before-read-docs", hash_environment)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
