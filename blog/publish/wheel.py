"""Build the wheel of cnnlib, which the site serves and its notebooks install."""

from __future__ import annotations

import os
from pathlib import Path

from flit_core import buildapi


def build_wheel(source: Path, folder: Path) -> str:
    """Build cnnlib's wheel into a folder and return its file name."""
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    try:
        os.chdir(source)  # build backends expect the folder of pyproject.toml
        name: str = buildapi.build_wheel(str(folder))
        return name
    finally:
        os.chdir(before)
