"""Measure how long builds take beside what they are made of, on a copy of the sources.

    make bench-build

A build from nothing is compared with nbclient running the same cells; a build in which nothing
changed, with Sphinx alone writing the same pages from the same known results.
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
from blog.publish.reproducible import LEFT

RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
del notebook.cells[0]
for cell in notebook.cells:
    if cell.cell_type == "code":
        cell.outputs = []
NotebookClient(notebook, timeout=600, resources={"metadata": {"path": sys.argv[2]}}).execute()
"""


def seconds(command: Sequence[str | Path], folder: Path) -> tuple[float, int]:
    """Run a command; return its time, and how many pages' cells it ran."""
    surroundings = {
        "SOURCE_DATE_EPOCH": DEFAULT_EPOCH,
        "PYTHONPATH": str(folder),
        "MPLBACKEND": "agg",
        # Empty at first, as that of a build from nothing is: each lists the fonts once.
        "MPLCONFIGDIR": str(folder / "_build" / "matplotlib"),
    }
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | BUILD_ENV | surroundings,
        capture_output=True,
        text=True,
    )
    took = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr)
    return took, done.stdout.count(": running its cells")


def main() -> None:
    """Measure and print."""
    source = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "blog")
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*LEFT))
        build = ["-m", "blog.build"]
        nothing, pages = seconds(build, folder)
        notebooks = folder / "_build" / "html" / "notebooks"
        # Each runs in its page's folder, where the files that it reads lie.
        books = [(b, folder / b.relative_to(notebooks).parent) for b in notebooks.rglob("*.ipynb")]
        cells = sum(seconds(["-c", RUN, *book], folder)[0] for book in books)
        unchanged, none = seconds(build, folder)
        sphinx = ["-m", "sphinx", "-Eaqb", "html", ".", str(Path(scratch, "by sphinx", "html"))]
        alone, _ = seconds(sphinx, folder)
        post = min(folder.glob("posts/*/*.md"))
        post.write_text(post.read_text() + "\n```{code-cell} python\n1 + 1\n```\n")
        edited, one = seconds(build, folder)
        package = folder / "cnnlib" / "conv.py"
        package.write_text(package.read_text() + "\nEDITED = True\n")
        repackaged, all_pages = seconds(build, folder)
    print(f"from nothing         {nothing:5.1f} s, cells of {pages} pages run")
    print(
        f"  nbclient alone     {cells:5.1f} s for the same; ratio {nothing / cells:.2f} (goal 1.5)"
    )
    print(f"nothing changed      {unchanged:5.1f} s, cells of {none} pages run")
    print(f"  Sphinx alone       {alone:5.1f} s; {unchanged - alone:+.1f} s (goal +2.0)")
    print(f"one post edited      {edited:5.1f} s, cells of {one} page run")
    print(f"the package edited   {repackaged:5.1f} s, cells of {all_pages} pages run")


if __name__ == "__main__":
    main()
