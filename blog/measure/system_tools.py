"""Find what the tests take from the system, or install it with the system's package manager.

Chromium shows the pages; Node and Java run the programs that judge them.

python -m blog.measure.system_tools
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_chromium() -> str | None:
    """Return the path of the first browser found."""
    wanted = os.environ.get("CHROMIUM")
    found = (wanted, *map(shutil.which, NAMES), MAC if os.path.exists(MAC) else None)
    return next((path for path in found if path), None)


def lacking() -> dict[str, list[str]]:
    """Return what is not there, with Debian's names for it."""
    wanted = {
        "Chromium": (find_chromium(), ["chromium"]),
        "Node": (shutil.which("node") and shutil.which("npm"), ["nodejs", "npm"]),
        "Java": (shutil.which("java"), ["default-jre-headless"]),
    }
    return {name: packages for name, (found, packages) in wanted.items() if not found}


def install(packages: list[str]) -> None:
    """Install Debian packages, if this system uses them and we are root; say so first."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"Installing on this system, for the tests: {', '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "-q", *command], check=False, stdout=subprocess.DEVNULL, env=environment
        )


if __name__ == "__main__":
    if lacking():
        install([package for packages in lacking().values() for package in packages])
    if lacking():
        names = ", ".join(lacking())
        print(
            f"Not found: {names}. Tests that need them are skipped (CHROMIUM=path names a browser)"
        )
        sys.exit(1 if os.environ.get("CI") else 0)
