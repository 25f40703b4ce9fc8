"""Run the cells of pages, two pages side by side, and record the files that they read."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets.config import Config

# What the kernel's start-up files report after each cell: the files that it has read so far.
FILES = "application/vnd.blog.files"
# Colour codes, and the names of temporary files that the kernel reports for cells.
NOISE = re.compile(r"\x1b\[[0-9;]*m|\S*ipykernel_\d+/\d+\.py:\d+: | \(\d+\.py, line \d+\)")
USES_MATPLOTLIB = re.compile(r"matplotlib|cnnlib\.explain")
NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '(\w+)")
# Packages whose modules have another name.
PACKAGES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Failure:
    """Why cells did not run to their end: the cell's index, the cause, and the traceback."""

    cell: int
    cause: str
    trace: str = ""


@dataclass(frozen=True)
class Run:
    """What a run of a page's cells gave.

    Attributes
    ----------
    outputs : list of list
        The outputs of each code cell, as in a notebook.
    files : list of str
        The files that the cells read and the modules that they imported, from the blog's folder;
        folders that they listed end with a slash.
    started, seconds : float
        When the run began, and how long it took.
    failure : Failure, optional
        Why it ended early, if it did.
    """

    outputs: list[Any]
    files: list[str]
    started: float = 0.0
    seconds: float = 0.0
    failure: Failure | None = None


class CellRunner(NotebookClient):
    """Executes cells, records which one is running, and kills the kernel if output is too long."""

    limit = 0  # characters of output per cell
    current = 0  # index of the running cell
    received = 0  # characters of output of the running cell

    def __init__(self, notebook: nbformat.NotebookNode, limit: int, **settings: Any) -> None:
        super().__init__(
            notebook,
            kernel_name="python3",
            record_timing=False,
            shutdown_kernel="immediate",
            on_cell_execute=self.start,
            **settings,
        )
        self.limit = limit
        self.files: set[str] = set()

    def run(self, env: dict[str, str]) -> None:
        """Run the cells in a new kernel with the given environment.

        It is reached through Unix sockets. With TCP, a port that was free when it was chosen may
        be in use when the kernel starts, and the kernel dies.
        """
        # Not in the blog's folder, because the path of a socket has at most some 100 characters.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as sockets:
            address = {"transport": "ipc", "ip": str(Path(sockets, "kernel"))}
            self.config = Config(KernelManager=address)
            self.execute(stderr=subprocess.DEVNULL, env=env)

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        """Store an output of a cell, up to the limit per cell."""
        if self.received > self.limit:
            return None
        if FILES in msg["content"].get("data", {}):
            self.files.update(msg["content"]["data"][FILES])
            return None
        self.received += len(json.dumps(msg["content"], default=str))
        if self.received > self.limit:
            manager: Any = self.km  # annotated as KernelManager, but its methods are asynchronous
            # Stored, because the event loop keeps only a weak reference to the task.
            self.kill_task = asyncio.ensure_future(manager.signal_kernel(signal.SIGKILL))
        super().output(outs, msg, display_id, cell_index)
        # What one `print` writes may come in several messages, depending on the load.
        if [one.get("name", "") for one in outs[-2:]] == ["stdout"] * 2:
            outs[-2]["text"] += outs.pop()["text"]
        return None

    def start(self, cell: nbformat.NotebookNode, cell_index: int) -> None:
        """Record the cell that starts, unless one before it put out too much."""
        if self.received <= self.limit:
            self.current, self.received = cell_index, 0


def clean_message(text: str) -> str:
    """Remove colour codes and temporary file names from a message."""
    return NOISE.sub("", text).strip()


_matplotlib = threading.Lock()


def prepare_matplotlib() -> dict[str, str]:
    """Write Matplotlib's settings for cells, and its font cache, which they would report on stderr.

    Returns the variables with which a kernel finds the settings.
    """
    with _matplotlib:
        from cnnlib.explain.plots import settings

        folder = Path(os.environ["MPLCONFIGDIR"])
        folder.mkdir(exist_ok=True)
        (folder / "matplotlibrc").write_text(settings(), "utf-8")
        if not any(folder.glob("fontlist*")):
            command = [sys.executable, "-c", "import matplotlib.font_manager"]
            subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
        return {"MATPLOTLIBRC": str(folder / "matplotlibrc")}


def run_cells(notebook: nbformat.NotebookNode, folder: Path, *, timeout: int, limit: int) -> Run:
    """Run the cells of a notebook in a new kernel.

    Parameters
    ----------
    notebook : NotebookNode
        The cells; their outputs are set.
    folder : Path
        The folder in which they run.
    timeout, limit : int
        The seconds that a cell may take, and the characters that it may put out.
    """
    env: Mapping[str, str] = os.environ
    if any(USES_MATPLOTLIB.search(cell.source) for cell in notebook.cells):
        env = {**env, **prepare_matplotlib()}
    resources = {"metadata": {"path": str(folder)}}
    runner = CellRunner(notebook, limit, timeout=timeout, resources=resources)
    started, cause, trace = time.time(), "", ""
    try:
        runner.run(dict(env))
    except CellExecutionError as error:
        trace = clean_message(error.traceback)
        cause = f"a cell raised {name_error(error, trace)}"
        if "'google.colab'" in cause:
            cause += "; it exists in Colab only: leave it out, and save data beside the page"
        elif found := NO_MODULE.search(cause):
            cause += (
                f"; if it is a package, add {PACKAGES.get(found[1], found[1])} to "
                "requirements/site.in, then run `make requirements` and `make html`"
            )
    except CellTimeoutError:
        cause = (
            f"a cell ran for more than {timeout} seconds; to allow it more time, add "
            "`mystnb: {execution_timeout: SECONDS}` to the front matter"
        )
    except DeadKernelError:
        cause = "the kernel died while it ran a cell"
    except RuntimeError as error:  # on a busy machine, it may take longer than NBClient waits
        cause = f"no kernel could be started: {error}; build again"
        # NBClient would clean up once more at the end, and fail, because nothing is left.
        atexit.unregister(runner._cleanup_kernel)
    if runner.received > limit:
        notebook.cells[runner.current].outputs = []
        cause, trace = f"a cell produced more than {limit:,} characters of output", ""
    return Run(
        [cell.outputs for cell in notebook.cells if cell.cell_type == "code"],
        sorted(runner.files),
        started,
        time.time() - started,
        Failure(runner.current, cause, trace) if cause else None,
    )


def name_error(error: CellExecutionError, trace: str) -> str:
    """Return the type of an error and the first line of its message.

    IPython does not know those of an error that a value raises while it is shown.
    """
    if error.ename == "NoneType":
        return trace.strip().split("\n")[-1]
    return f"{error.ename}: {clean_message(error.evalue)}".split("\n")[0].removesuffix(": ")


class SideBySide:
    """Calls functions in threads, a few at a time; their results are fetched in any order.

    The threads do not keep a build that is interrupted from ending, and a kernel ends by itself
    when the process that started it is gone.
    """

    def __init__(self, threads: int = SIDE_BY_SIDE) -> None:
        self.waiting: queue.SimpleQueue[tuple[Future[Run], Callable[[], Run]]] = queue.SimpleQueue()
        self.idle = threads

    def submit(self, call: Callable[[], Run]) -> Future[Run]:
        """Queue a call, and return its result to be."""
        result: Future[Run] = Future()
        self.waiting.put((result, call))
        if self.idle:
            self.idle -= 1
            threading.Thread(target=self._work, daemon=True).start()
        return result

    def _work(self) -> None:
        while True:
            result, call = self.waiting.get()
            try:
                result.set_result(call())
            except BaseException as error:
                result.set_exception(error)
