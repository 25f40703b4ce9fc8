"""Cells run again when the package or a library changes, not only when their text does.

The cache of results knows a cell by its text alone. So each state of the package and of the
pinned versions has a cache of its own; a change that is taken back finds its old results.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config


def state(folder: Path) -> str:
    """Digest what a cell's result depends on beside its text."""
    digest = hashlib.sha256(platform.python_version().encode())
    sources = sorted((folder / "cnnlib").rglob("*.py"))
    for path in (*sources, folder / "pyproject.toml", folder / "requirements" / "site.txt"):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def prepare(app: Sphinx, config: Config) -> None:
    """Choose the cache, and give kernels the same surroundings on every machine."""
    config.nb_execution_cache_path = str(
        Path(app.srcdir, ".cache", "cells", state(Path(app.srcdir)))
    )
    # A profile of our own: nobody's start-up files, and no remark of the kernel on stderr.
    os.environ["IPYTHONDIR"] = str(Path(__file__).parent / "ipython")
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["MPLBACKEND"] = "agg"
    for chatty in ("traitlets", "flit_core"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, before MyST-NB reads its settings."""
    app.connect("config-inited", prepare, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
