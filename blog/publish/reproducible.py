"""Build twice from nothing, in two folders and at two times, and compare every byte.

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
        [sys.executable, "-m", "blog.build"],
        cwd=folder,
        env=os.environ | surroundings | {"HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


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
        one, other = (read_files(folder / "_build" / "html") for folder in folders)
    differences = list(compare(one, other))
    if differences:
        print("\n".join(differences), file=sys.stderr)
        print(f"\n{len(differences)} of {len(one)} files differ", file=sys.stderr)
        return 1
    print(f"Two builds from nothing are the same in all {len(one)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
