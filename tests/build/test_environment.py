"""The Makefile installs the environment once, updates it, and reports what is missing."""

import json
import os
import shutil
import subprocess
import sys
import tomllib

import pytest

from tests.build.small_site import ROOT

# Stands in for the environment's Python: writes down what it is asked, and does nothing.
STUB = """\
#!/bin/sh
printf '%s\\n' "$*" >> "{log}"
case "$*" in *"-m pip"*) exit {status};; esac
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "a blog's folder"
    (place / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", place)
    for name in ("pyproject.toml", "requirements/site.txt", "requirements/test.txt"):
        (place / name).write_text("")
    return place


def make(folder, *arguments, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        ["/usr/bin/env", "make", *arguments],
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def stub(folder):
    """Put a stub where the environment's Python would be; return what it was asked since."""
    log = folder.parent / "log"

    def asked(status=0):
        commands = log.read_text().splitlines() if log.exists() else []
        log.write_text("")
        for place in folder.parent.iterdir():
            if (place / "Makefile").exists():
                python = place / ".venv" / "bin" / "python"
                python.parent.mkdir(parents=True, exist_ok=True)
                python.write_text(STUB.format(log=log, status=status))
                python.chmod(0o755)
        return [line.split(" -r ")[-1] for line in commands]

    asked()
    return asked


def age(path, seconds):
    """Set the time at which a file was changed to so many seconds later."""
    now = path.stat().st_mtime + seconds
    os.utime(path, (now, now))


def test_a_python_that_is_too_old(folder, tmp_path):
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.1"\nexit 1\n')
    old.chmod(0o755)
    done = make(folder, f"PYTHON={old}")
    assert done.returncode == 2
    message = f"Python 3.11 or newer is needed, but {old} is Python 3.9.1\n"
    assert done.stderr.startswith(message)


def test_no_python_at_all(folder, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("make", "sh", "cat", "grep", "sed", "env"):
        (tools / name).symlink_to(shutil.which(name))
    done = make(folder, PATH=str(tools))
    assert done.returncode == 2
    assert done.stderr.startswith("Python 3.11 or newer is needed, and none was found: install it")


def test_installs_once_and_again_when_requirements_change(folder, stub):
    assert make(folder, "html").returncode == 0
    first = stub()
    assert first[0] == "requirements/site.txt"
    assert first[1].endswith("-e .")
    assert first[2:] == ["-m blog.build"]
    assert make(folder, "html").returncode == 0
    assert stub() == ["-m blog.build"]
    age(folder / "requirements" / "site.txt", 5)
    assert make(folder, "html").returncode == 0
    assert stub()[0] == "requirements/site.txt"


def test_a_moved_folder_installs_the_package_again(folder, stub):
    assert make(folder, "html").returncode == 0
    stub()
    moved = folder.rename(folder.with_name("elsewhere"))
    assert make(moved, "html").returncode == 0
    assert any(line.endswith("-e .") for line in stub())
    assert make(moved, "html").returncode == 0
    assert stub() == ["-m blog.build"]


def test_a_failed_installation_is_repeated(folder, stub):
    stub(status=1)
    done = make(folder, "html")
    assert done.returncode == 2
    assert done.stderr.startswith("Installing failed, as pip says above; it needs the network.")
    assert stub() == ["requirements/site.txt"]
    assert make(folder, "html").returncode == 0
    assert stub()[-1] == "-m blog.build"


def test_the_quick_tests_and_the_rest_are_all_tests(folder, stub):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]
    names = {marker.split(":")[0] for marker in declared["ini_options"]["markers"]}
    expressions = []
    for target in ("test", "test-rest", "test-all"):
        assert make(folder, target).returncode == 0
        expressions.append(stub()[-1].partition("--no-loadscope-reorder")[2].strip())
    quick, rest, everything = expressions
    assert set(rest.removeprefix("-m ").split(" or ")) == names
    assert quick == f"-m not ({rest.removeprefix('-m ')})"
    assert everything == ""


def test_tests_named_by_path_run_whatever_they_need(folder, stub):
    arguments = "tests/browser/test_masthead.py -k colours"
    assert make(folder, "test", f"ARGS={arguments}").returncode == 0
    assert stub()[-1] == f"-m pytest {arguments}"


def test_the_style_of_a_notebook_is_left_to_its_author(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "import b, a\nx = 'y'"}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/one.ipynb").write_text(json.dumps(notebook))
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
