"""Environment variables that make builds independent of the machine and the time."""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

BUILD_ENV = {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
DEFAULT_EPOCH = "1577836800"  # 2020-01-01; SOURCE_DATE_EPOCH overrides it


def pin_environment(source: Path) -> None:
    """Restart this program with the build's environment variables, unless they are already set.

    Python reads some of them (such as the hash seed) only when it starts.
    """
    wanted = BUILD_ENV | {
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or DEFAULT_EPOCH,
        # Cells and extensions import the packages of the source folder.
        "PYTHONPATH": str(source),
    }
    wanted |= read_palette(source)
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        command = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, command, os.environ | wanted)


def read_palette(source: Path) -> dict[str, str]:
    """Return the variable from which cells, too, take the colours of figures: those in conf.py.

    What is wrong with conf.py is reported later.
    """
    colours = read_setting(source, "colours")
    text = json.dumps(dict(colours) if colours else {}, sort_keys=True, default=str)
    return {"CNNLIB_PALETTE": text}


def read_setting(source: Path, name: str) -> Any:
    """Return a setting in conf.py; None if it is not there, or conf.py cannot be read."""
    try:
        return runpy.run_path(str(source / "conf.py")).get(name)
    except Exception:
        return None
