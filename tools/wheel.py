"""Try cnnlib's wheel in empty environments, with the oldest NumPy that it supports and the newest.

Downloads NumPy. Each environment holds the wheel and NumPy alone, and runs `tools/examples.py`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "_ext"))

from notebooks import build_wheel  # noqa: E402


def numpys() -> list[str]:
    """Return the oldest version that pyproject.toml allows, and the newest there is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (needed,) = project["dependencies"]
    return [f"{needed.replace('>=', '==')}.*", "numpy"]


def main() -> None:
    """Make an environment for each version of NumPy, and run the examples there."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder, build_wheel(ROOT, Path(folder)))
        for number, numpy in enumerate(numpys()):
            home = Path(folder, str(number))
            venv.create(home, with_pip=False)
            python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
            pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
            # The wheel's own metadata bring NumPy, and must bring nothing else.
            subprocess.run([*pip, "--only-binary=:all:", str(wheel), numpy], check=True)
            subprocess.run([str(python), "-I", str(ROOT / "tools" / "examples.py")], check=True)


if __name__ == "__main__":
    main()
