"""Measure the overhead of builds over nbclient and Sphinx, on a copy of the sources.

    make bench-build

A clean build is compared with nbclient executing the same cells, one page after the other, and a
build without changes with plain Sphinx writing the same pages from the same cached outputs. The
load is that of the machine before the measurement: others' work makes the times longer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from blog.build.environment import BUILD_ENV, DEFAULT_EPOCH
from blog.publish.reproducible import IGNORED

EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
del notebook.cells[0]
for cell in notebook.cells:
    if cell.cell_type == "code":
        cell.outputs = []
NotebookClient(notebook, timeout=600, resources={"metadata": {"path": sys.argv[2]}}).execute()
"""


def time_command(command: Sequence[str | Path], folder: Path) -> tuple[float, int]:
    """Run a command; return its duration and the number of pages whose cells it executed."""
    environment = {
        "SOURCE_DATE_EPOCH": DEFAULT_EPOCH,
        "PYTHONPATH": str(folder),
        "MPLBACKEND": "agg",
        # Empty at first: like a clean build, nbclient builds the font cache once.
        "MPLCONFIGDIR": str(folder / "_build" / "matplotlib"),
    }
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | BUILD_ENV | environment,
        capture_output=True,
        text=True,
    )
    duration = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr)
    return duration, done.stdout.count(": ran its cells")


def main() -> None:
    """Measure the builds and print a table."""
    source = Path(__file__).resolve().parents[2]
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "blog")
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*IGNORED))
        build = ["-m", "blog.build"]
        clean, pages = time_command(build, folder)
        notebooks = sorted((folder / "_build" / "html" / "notebooks").rglob("*.ipynb"))
        # Each is executed in its own folder, which contains a copy of its data.
        cells = sum(time_command(["-c", EXECUTE, n, n.parent], folder)[0] for n in notebooks)
        unchanged, none = time_command(build, folder)
        sphinx = ["-m", "sphinx", "-Eaqb", "html", ".", str(Path(scratch, "plain sphinx", "html"))]
        plain, _ = time_command(sphinx, folder)
        post = min(folder.glob("posts/*/*.md"))
        post.write_text(post.read_text() + "\n```{code-cell} python\n1 + 1\n```\n")
        edited, one = time_command(build, folder)
        package = folder / "cnnlib" / "conv.py"
        package.write_text(package.read_text() + "\nEDITED = True\n")
        package_edited, all_pages = time_command(build, folder)
    print(f"load {load:.1f} on {os.cpu_count()} cores")
    print(f"clean build      {clean:5.1f} s, cells of {pages} pages executed")
    print(f"  nbclient only  {cells:5.1f} s; ratio {clean / cells:.2f} (goal 0.9)")
    print(f"no changes       {unchanged:5.1f} s, cells of {none} pages executed")
    print(f"  Sphinx only    {plain:5.1f} s; difference {unchanged - plain:+.1f} s (goal +2.0)")
    print(f"post edited      {edited:5.1f} s, cells of {one} page executed")
    print(f"cnnlib edited    {package_edited:5.1f} s, cells of {all_pages} pages executed")


if __name__ == "__main__":
    main()
