"""Try cnnlib's wheel in empty environments, with the oldest NumPy that it supports and the newest.

Downloads NumPy. Each environment holds the wheel and NumPy alone, and runs `run_examples.py`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from blog.publish.wheel import build_wheel

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = Path(__file__).with_name("run_examples.py")


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
            subprocess.run([str(python), "-I", str(EXAMPLES)], check=True)


if __name__ == "__main__":
    main()
