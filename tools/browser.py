"""Find Chromium for the tests, or install it with the system's package manager.

python tools/browser.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find() -> str | None:
    """Return the path of the first browser found."""
    wanted = os.environ.get("CHROMIUM")
    found = (wanted, *map(shutil.which, NAMES), MAC if os.path.exists(MAC) else None)
    return next((path for path in found if path), None)


def install() -> None:
    """Install Debian's Chromium where we may; else leave it to the person."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("Installing Chromium for the browser tests (once)", flush=True)
    quiet = {
        "stdout": subprocess.DEVNULL,
        "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    }
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-q", "-y", "chromium"], check=False, **quiet)


if __name__ == "__main__":
    if not find():
        install()
    if not find():
        print("No Chromium: the browser tests will be skipped (install it, or set CHROMIUM=path)")
        sys.exit(1 if os.environ.get("CI") else 0)
