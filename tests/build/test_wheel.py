"""The wheel works where there is nothing but NumPy; `make wheel` tries more versions of it."""

import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import numpy as np
import pytest

from blog.publish.wheel import build_wheel

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(tmp_path):
    """Unpack the wheel beside NumPy, in a folder that holds nothing else."""
    name = build_wheel(ROOT, tmp_path)
    folder = tmp_path / "only"
    zipfile.ZipFile(tmp_path / name).extractall(folder)
    numpy = Path(np.__file__).parent
    for package in (numpy, numpy.with_name("numpy.libs")):
        if package.exists():
            (folder / package.name).symlink_to(package)
    return folder


def test_the_wheel_holds_the_package_and_asks_for_numpy_alone(installed):
    assert {path.name.split("-")[0] for path in installed.iterdir()} <= {
        "cnnlib", "numpy", "numpy.libs"}  # fmt: skip
    assert (installed / "cnnlib" / "py.typed").exists()
    (info,) = installed.glob("cnnlib-*.dist-info")
    needed = [line for line in PathDistribution(info).requires if "extra ==" not in line]
    assert needed == ["numpy>=2.0"]


def test_its_examples_run_with_numpy_alone(installed):
    """Without the folder of installed packages (-S), the examples find only what lies there."""
    command = [sys.executable, "-P", "-s", "-S", "blog/publish/run_examples.py"]
    environment = {"PYTHONPATH": str(installed)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{installed / 'cnnlib' / '__init__.py'}, 0 failed" in done.stdout
    assert done.stdout.split("imported:")[1].split() == ["cnnlib", "numpy"]
