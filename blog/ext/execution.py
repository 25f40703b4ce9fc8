"""Execute the cells of a page while Sphinx reads it, and cache their outputs.

The cache key is a hash of everything the outputs depend on: the page's cells, the files next to the
page, the versions of Python and the libraries, and cnnlib if a cell names it. A change executes
only the pages that it affects, and a reverted change finds the old outputs in the cache.
Trainings have a cache of their own (`cnnlib.explain.digit_network.train_and_test`).
"""

from __future__ import annotations

import asyncio
import functools
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
from sphinx.util import logging

from blog.check.outputs import FAULT, check_outputs
from blog.ext.html_tables import plain_table

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
RESULTS = "blog/measure/results"
# The data of a post, named by a page in the root folder or by a post of another year.
POST_DATA = re.compile(r"(?:posts|\.\.)/\d{4}/[\w/-]+\.(?:csv|png|weights)")
# Keeps users' start-up files and settings, and random hash seeds, out of the kernels.
KERNEL_ENV = {
    "IPYTHONDIR": str(HERE / "ipython"),
    "JUPYTER_PREFER_ENV_PATH": "1",
    "MATPLOTLIBRC": os.devnull,
    "MPLBACKEND": "agg",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}
# Colour codes, and the names of temporary files that the kernel reports for cells.
NOISE = re.compile(r"\x1b\[[0-9;]*m|\S*ipykernel_\d+/\d+\.py:\d+: | \(\d+\.py, line \d+\)")
USES_MATPLOTLIB = re.compile(r"matplotlib|cnnlib\.explain")
PLAIN = {"text/plain", FAULT}
MAX_AGE = 30 * 24 * 3600  # of cached outputs, in seconds


class CellRunner(NotebookClient):
    """Executes cells, records which one is running, and kills the kernel if output is too long."""

    limit = 0  # characters of output per cell
    current = 0  # index of the running cell
    received = 0  # characters of output of the running cell

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        """Store an output of a cell, up to the limit per cell."""
        if self.received > self.limit:
            return None
        self.received += len(json.dumps(msg["content"], default=str))
        if self.received > self.limit:
            manager: Any = self.km  # annotated as KernelManager, but its methods are asynchronous
            # Stored, because the event loop keeps only a weak reference to the task.
            self.kill_task = asyncio.ensure_future(manager.signal_kernel(signal.SIGKILL))
        return super().output(outs, msg, display_id, cell_index)

    def start(self, cell: nbformat.NotebookNode, cell_index: int) -> None:
        """Record the cell that starts."""
        self.current, self.received = cell_index, 0


def digest(*parts: bytes | str) -> str:
    """Return a hash of several texts."""
    result = hashlib.sha256()
    for part in parts:
        result.update(hashlib.sha256(part.encode() if isinstance(part, str) else part).digest())
    return result.hexdigest()[:32]


def digest_files(files: list[Path], root: Path) -> str:
    """Return a hash of the names and contents of files."""
    parts = ((path.relative_to(root).as_posix(), path.read_bytes()) for path in sorted(files))
    return digest(*(part for pair in parts for part in pair))


def installed_versions(requirements: Path) -> str:
    """Return the installed version of each package in a requirements file."""
    required = set(re.findall(r"^([\w.-]+)==", requirements.read_text(), flags=re.MULTILINE))
    installed = {
        d.metadata["Name"].lower().replace("_", "-"): d.version for d in metadata.distributions()
    }
    return " ".join(f"{name}={installed.get(name.lower(), '-')}" for name in sorted(required))


def find_dependencies(codes: list[str], page: Path, root: Path) -> list[Path]:
    """Return the files that the cells of a page may read.

    These are the files in the page's folder and its subfolders and, if a cell names them, those of
    cnnlib, the results of the benchmark, and a post's data.
    """
    # Figures take their colours from the package.
    uses_cnnlib = any(re.search(r"\bcnnlib\b|\bmatplotlib\b", source) for source in codes)
    package = (root / "cnnlib").rglob("*") if uses_cnnlib else ()
    nearby = page.parent.rglob("*") if page.parent != root else ()
    results = (root / RESULTS).iterdir() if any(RESULTS in source for source in codes) else ()
    posts = [page.parent / name for source in codes for name in POST_DATA.findall(source)]
    found = [*package, *(path for path in nearby if path.suffix != ".md"), *results, *posts]
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def clean_message(text: str) -> str:
    """Remove colour codes and temporary file names from a message."""
    return NOISE.sub("", text).strip()


def prepare_matplotlib() -> dict[str, str]:
    """Write Matplotlib's settings for cells, and its font cache, which they would report on stderr.

    Returns the variables with which a kernel finds the settings.
    """
    from cnnlib.explain.plots import settings

    folder = Path(os.environ["MPLCONFIGDIR"])
    folder.mkdir(exist_ok=True)
    (folder / "matplotlibrc").write_text(settings(), "utf-8")
    if not any(folder.glob("fontlist*")):
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
    return {"MATPLOTLIBRC": str(folder / "matplotlibrc")}


def failing_line(page: Path, fence: int, source: str, trace: str) -> int:
    """Return the line of the page that raised an error, from the cell's traceback."""
    lines = page.read_text(encoding="utf-8").split("\n")
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


class Client(NotebookClientBase):  # type: ignore[misc]
    """Provides MyST-NB with the outputs of a page's cells."""

    def start_client(self) -> None:
        """Set the outputs, either from the cache or by executing the cells."""
        app, page = self._kwargs["app"], self.path
        for entry, value in self.notebook.metadata.items():
            if isinstance(value, date):  # YAML parses 2021-08-17 as a date; JSON has none
                self.notebook.metadata[entry] = value.isoformat()
        codes = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        self.notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
        if not codes:
            return
        root = Path(app.srcdir)
        sources = [cell.source for cell in codes]
        files = find_dependencies(sources, page, root)
        for path in files:  # so that `make live` reads the page again when one changes
            app.env.note_dependency(str(path))
        folder = page.parent.relative_to(root).as_posix()
        key = digest(hash_environment(root), folder, json.dumps(sources), digest_files(files, root))
        cached = Path(app.config.nb_execution_cache_path, f"{key}.json")
        if cached.exists():
            os.utime(cached)
            for cell, outputs in zip(codes, json.loads(cached.read_text()), strict=True):
                cell.outputs = [nbformat.from_dict(output) for output in outputs]
        elif self.run(app, page):
            new = cached.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps([cell.outputs for cell in codes]))
            new.replace(cached)
        for count, cell in enumerate(codes, 1):
            cell.execution_count = count
        self.check_outputs(str(root))
        self.exec_metadata = {
            "mtime": 0.0,
            "runtime": None,
            "method": self.nb_config.execution_mode,
            "succeeded": True,
            "error": None,
            "traceback": None,
        }

    def run(self, app: Sphinx, page: Path) -> bool:
        """Execute the cells, and return whether all succeeded."""
        logger.info("%s: running its cells", page.relative_to(app.srcdir).as_posix())
        env = dict(os.environ)
        if any(USES_MATPLOTLIB.search(cell.source) for cell in self.notebook.cells):
            env |= prepare_matplotlib()
        runner = CellRunner(
            self.notebook,
            timeout=self.nb_config.execution_timeout,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(page.parent)}},
        )
        runner.limit = app.config.cell_output_limit
        runner.on_cell_execute = runner.start
        trace = ""
        try:
            runner.execute(stderr=subprocess.DEVNULL, env=env)
        except CellExecutionError as error:
            trace = clean_message(error.traceback)
            cause = f"a cell raised {error.ename}: {clean_message(error.evalue)}".split("\n")[0]
            if error.ename == "ModuleNotFoundError":
                cause += "; if it is a package, add it to requirements/site.in, and run "
                cause += "`make requirements` and `make html`"
        except CellTimeoutError:
            cause = (
                f"a cell ran for more than {runner.timeout} seconds; to allow it more time, add "
                "`mystnb: {execution_timeout: SECONDS}` to the front matter"
            )
        except DeadKernelError:
            cause = "the kernel died while it ran a cell"
        else:
            if runner.received <= runner.limit:
                return True
        cell = self.notebook.cells[runner.current]
        if runner.received > runner.limit:
            cell.outputs = []
            cause = f"a cell produced more than {runner.limit:,} characters of output"
        line = failing_line(page, self.cell_line(runner.current), cell.source, trace)
        shown = "".join(f"\n    {text}".rstrip() for text in own_frames(trace))
        self.logger.warning(f"{cause}{shown}", line=line, subtype="exec")
        return False

    def check_outputs(self, root: str) -> None:
        """Warn about outputs that readers would not see or should not, and about stderr."""
        for index, cell in enumerate(self.notebook.cells):
            outputs = cell.get("outputs", [])
            for data in (output.get("data", {}) for output in outputs):
                if "text/html" in data:
                    data["text/html"] = plain_table(data["text/html"])
            messages = [
                f"a cell wrote to stderr: {clean_message(output['text']).split(chr(10))[0]}"
                for output in outputs
                if output.get("name") == "stderr"
            ]
            shown = [output for output in outputs if output.get("name") != "stderr"]
            messages += dict.fromkeys(check_outputs(shown, root))
            for message in messages:
                self.logger.warning(message, line=self.cell_line(index))
            if messages:  # leave out what Sphinx may not be able to write
                cell["outputs"] = [out for out in outputs if set(out.get("data", ())) - PLAIN]


def prepare(app: Sphinx, config: Config) -> None:
    """Set the folder of the cache and the environment of the kernels, and delete old outputs."""
    folder = Path(app.srcdir, ".cache", "cells")
    folder.mkdir(parents=True, exist_ok=True)
    config.nb_execution_cache_path = str(folder)
    fonts, trainings = folder.with_name("matplotlib"), folder.with_name("trainings")
    os.environ.update(KERNEL_ENV | {"BLOG_SOURCE": str(app.srcdir), "MPLCONFIGDIR": str(fonts)})
    # A training is kept on its own: it takes half a minute, and depends on less than its page.
    os.environ["CNNLIB_CACHE"] = str(trainings)
    for name in ("traitlets", "matplotlib", "flit_core", "asyncio"):
        getLogger(name).setLevel("CRITICAL")
    for old in (*folder.iterdir(), *trainings.glob("*")):
        if old.stat().st_mtime < time.time() - MAX_AGE:
            old.unlink()

    def create_client(
        notebook: Any, source: str, nb_config: Any, log: Any, read_fmt: Any
    ) -> Client:
        return Client(notebook, Path(source), nb_config, log, app=app)

    myst_nb.sphinx_.create_client = create_client


@functools.cache
def hash_environment(root: Path) -> str:
    """Hash, once per build, what the outputs of all pages depend on."""
    parts = [platform.python_version(), platform.machine()]
    parts += [installed_versions(root / "requirements" / "site.txt")]
    parts += [path.read_text() for path in sorted((HERE / "ipython").rglob("*.py"))]
    return digest(*parts)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; `prepare` has to run before MyST-NB reads its settings."""
    app.add_config_value("cell_output_limit", 1_000_000, "env", [int])
    app.connect("config-inited", prepare, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
