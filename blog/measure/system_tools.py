"""Find the system programs that the tests use, or install them with apt-get.

Chromium displays the pages; Node and Java run the checkers.

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
    """Return the path of a Chromium, or None."""
    chosen = os.environ.get("CHROMIUM")
    found = (chosen, *map(shutil.which, NAMES), MAC if os.path.exists(MAC) else None)
    return next((path for path in found if path), None)


def missing_tools() -> dict[str, list[str]]:
    """Return the programs that are not installed, with their Debian packages."""
    tools = {
        "Chromium": (find_chromium(), ["chromium"]),
        "Node": (shutil.which("node") and shutil.which("npm"), ["nodejs", "npm"]),
        "Java": (shutil.which("java"), ["default-jre-headless"]),
    }
    return {name: packages for name, (found, packages) in tools.items() if not found}


def install_packages(packages: list[str]) -> None:
    """Install Debian packages, if there is apt-get and the user is root; say so first."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"Installing on this system, for the tests: {', '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-q"], install):
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    if missing_tools():
        install_packages([package for packages in missing_tools().values() for package in packages])
    if missing_tools():
        names = ", ".join(missing_tools())
        print(f"Not found: {names}; tests that need them are skipped (for Chromium, set CHROMIUM)")
        sys.exit(1 if os.environ.get("CI") else 0)
