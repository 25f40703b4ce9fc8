"""Test cnnlib's wheel in new environments, with the oldest supported NumPy and the newest.

Downloads NumPy. Each environment contains only the wheel and NumPy, and runs `run_examples.py`.
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


def numpy_requirements() -> list[str]:
    """Return requirements for the oldest version that pyproject.toml allows and for the newest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (requirement,) = project["dependencies"]
    return [f"{requirement.replace('>=', '==')}.*", "numpy"]


def main() -> None:
    """Create an environment for each version of NumPy, and run the examples in it."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder, build_wheel(ROOT, Path(folder)))
        for number, numpy in enumerate(numpy_requirements()):
            environment = Path(folder, str(number))
            venv.create(environment, with_pip=False)
            python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
            pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
            # This also installs the wheel's dependencies, which must be NumPy only.
            subprocess.run([*pip, "--only-binary=:all:", str(wheel), numpy], check=True)
            subprocess.run([str(python), "-I", str(EXAMPLES)], check=True)


if __name__ == "__main__":
    main()
