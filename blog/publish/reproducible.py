"""Build twice from scratch, in different folders and environments, and compare every byte.

python -m blog.publish.reproducible [SOURCE]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from blog.publish.compare import compare, read_files

# Not copied: repository, environments, caches and output.
IGNORED = (
    ".git",
    ".venv",
    "_build",
    ".cache",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    "*.egg-info",
    "node_modules",
)
# Environments that must not affect the result.
FIRST_ENV = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "1", "LC_ALL": "C", "COLUMNS": "60"}
SECOND_ENV = {"TZ": "America/Lima", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
OLD_MTIME = 1_000_000_000


def start_build(source: Path, folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a build of a copy of the sources."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*IGNORED))
    home = folder.with_name(folder.name + " home")
    home.mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", "blog.build"],
        cwd=folder,
        env=os.environ | environment | {"HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def main(source: str = ".") -> int:
    """Build twice, compare, and return the exit status."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch, "one"), Path(scratch, "another folder", "with spaces")]
        builds = [
            start_build(Path(source).resolve(), folder, environment)
            for folder, environment in zip(folders, (FIRST_ENV, SECOND_ENV), strict=True)
        ]
        for path in folders[0].rglob("*.md"):
            os.utime(path, (OLD_MTIME, OLD_MTIME))
        for build in builds:
            _, errors = build.communicate()
            if build.returncode:
                print(errors, file=sys.stderr)
                return 1
        one, other = (read_files(folder / "_build" / "html") for folder in folders)
    differences = list(compare(one, other))
    if differences:
        print("\n".join(differences), file=sys.stderr)
        print(f"\n{len(differences)} of {len(one)} files differ", file=sys.stderr)
        return 1
    print(f"Two clean builds are the same in all {len(one)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
