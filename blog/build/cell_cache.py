"""Keep the outputs of cells that ran, and find them again while nothing they depend on changes.

A record's name has two parts: a hash of the cells and of what all pages depend on, and a hash of
the files that the cells read and the modules that they imported. Which files those are is known
only from a run, so the record names them. A reverted change finds the old record.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import re
import time
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from nbformat import NotebookNode

from blog.build.kernels import USES_MATPLOTLIB, Run

STARTUP = Path(__file__).resolve().parents[1] / "ext" / "ipython"
# Scripts and styles that elements take along into a notebook: blog.ext.notebooks renews them.
WEB = "cnnlib/explain/web/"
# What Matplotlib's settings are made of.
SETTINGS = ("cnnlib/explain/plots/style.py", "cnnlib/explain/palette.py")
MAX_AGE = 30 * 24 * 3600  # of records, in seconds


def digest(*parts: bytes | str) -> str:
    """Return a hash of several texts."""
    result = hashlib.sha256()
    for part in parts:
        result.update(hashlib.sha256(part.encode() if isinstance(part, str) else part).digest())
    return result.hexdigest()[:32]


def installed_versions(requirements: Path) -> str:
    """Return the installed version of each package in a requirements file."""
    required = set(re.findall(r"^([\w.-]+)==", requirements.read_text(), flags=re.MULTILINE))
    installed = {
        d.metadata["Name"].lower().replace("_", "-"): d.version for d in metadata.distributions()
    }
    return " ".join(f"{name}={installed.get(name.lower(), '-')}" for name in sorted(required))


@functools.cache
def hash_environment(root: Path) -> str:
    """Hash, once per build, what the outputs of all pages depend on."""
    parts = [platform.python_version(), platform.machine()]
    parts += [installed_versions(root / "requirements" / "site.txt")]
    parts += [os.environ.get("CNNLIB_PALETTE", "")]  # the colours of figures
    parts += [path.read_text() for path in sorted(STARTUP.rglob("*.py"))]
    return digest(*parts)


def hash_cells(codes: Sequence[NotebookNode], folder: Path, root: Path) -> str:
    """Hash the code cells of a page, the folder that they run in, and the environment."""
    sources = [[cell.source, "raises-exception" in cell.metadata.get("tags", ())] for cell in codes]
    place = folder.relative_to(root).as_posix()
    return digest(hash_environment(root), place, json.dumps(sources))


def hash_files(names: Iterable[str], root: Path) -> str:
    """Hash files, or which names there are in folders; what does not exist counts as well."""
    parts: list[bytes | str] = []
    for name in names:
        path = root / name
        parts.append(name)
        if path.is_dir():
            parts.append("\n".join(sorted(n for n in os.listdir(path) if not n.startswith("."))))
        else:
            parts.append(path.read_bytes() if path.is_file() else "does not exist")
    return digest(*parts)


def dependencies(run: Run, codes: Iterable[NotebookNode]) -> list[str]:
    """Return the names of the files that the outputs depend on."""
    drawn = any(USES_MATPLOTLIB.search(cell.source) for cell in codes)
    names = {*run.files, *(SETTINGS if drawn else ())}
    return sorted(name for name in names if not name.startswith(WEB))


def delete_old(folder: Path) -> None:
    """Delete the files in a folder that were not used for long."""
    for path in folder.glob("*"):
        if path.stat().st_mtime < time.time() - MAX_AGE:
            path.unlink()


class CellCache:
    """The records in a folder.

    Parameters
    ----------
    folder : Path
        Where they are; records that were not used for long are deleted.
    root : Path
        The folder of the blog.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder, self.root = folder, root
        folder.mkdir(parents=True, exist_ok=True)
        delete_old(folder)

    def find(self, key: str) -> Run | None:
        """Return what a run of the cells gave, if the files that it read are as they were then."""
        for path in sorted(self.folder.glob(f"{key}-*.json")):
            record = json.loads(path.read_text())
            if path.stem == f"{key}-{hash_files(record['files'], self.root)}":
                os.utime(path)
                return Run(record["outputs"], record["files"])
        return None

    def store(self, key: str, run: Run) -> None:
        """Keep the outputs of a run, unless a file that it read was changed meanwhile."""
        paths = [self.root / name for name in run.files]
        if any(path.exists() and path.stat().st_mtime >= run.started for path in paths):
            return
        path = self.folder / f"{key}-{hash_files(run.files, self.root)}.json"
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps({"files": run.files, "outputs": run.outputs}))
        new.replace(path)
