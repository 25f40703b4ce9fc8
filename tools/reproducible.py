"""Build twice from nothing, in two folders and at two times, and compare every byte.

python tools/reproducible.py [SOURCE]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Nothing of an earlier build, and no environment, goes along.
LEFT = (".git", ".venv", "_build", ".cache", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info")
# What differs between machines: none of it may be seen in the result.
FIRST = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "1", "LC_ALL": "C", "COLUMNS": "60"}
SECOND = {"TZ": "America/Lima", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
EARLIER = 1_000_000_000


def start(source: Path, folder: Path, surroundings: dict[str, str]) -> subprocess.Popen[str]:
    """Begin a build of a copy of the sources."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*LEFT))
    home = folder.with_name(folder.name + " home")
    home.mkdir()
    return subprocess.Popen(
        [sys.executable, "tools/build.py"],
        cwd=folder,
        env=os.environ | surroundings | {"HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def files(folder: Path) -> dict[str, bytes]:
    """Return a folder's files by their names."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def difference(one: bytes, other: bytes) -> str:
    """Show the surroundings of the first byte in which two files differ."""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    at = min(len(one), len(other)) if at is None else at
    return "\n".join(f"    {text[max(0, at - 40) : at + 60]!r}" for text in (one, other))


def main(source: str = ".") -> int:
    """Build, compare, and return the exit status."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch, "one"), Path(scratch, "another place", "of the blog")]
        builds = [
            start(Path(source).resolve(), folder, surroundings)
            for folder, surroundings in zip(folders, (FIRST, SECOND), strict=True)
        ]
        for path in folders[0].rglob("*.md"):
            os.utime(path, (EARLIER, EARLIER))
        for build in builds:
            _, said = build.communicate()
            if build.returncode:
                print(said, file=sys.stderr)
                return 1
        one, other = (files(folder / "_build" / "html") for folder in folders)
    differ = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    for name in differ:
        print(f"{name}\n{difference(one.get(name, b''), other.get(name, b''))}", file=sys.stderr)
    if differ:
        print(f"\n{len(differ)} of {len(one)} files differ", file=sys.stderr)
        return 1
    print(f"Two builds from nothing are the same in all {len(one)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
