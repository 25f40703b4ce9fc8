"""Cells run side by side, once for as long as nothing changes that they depend on."""

import compileall
import io
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from blog.build.cell_cache import CellCache, dependencies, hash_cells
from blog.build.kernels import CellRunner, Run, SideBySide, name_error, run_cells
from blog.build.progress import Progress, Times
from blog.ext.execution import KERNEL_ENV

ROOT = Path(__file__).parents[2]
READS = """\
from pathlib import Path

import mine
from cnnlib.shapes import output_size

open("numbers.csv").close()
sorted(Path("sub").iterdir())
Path("missing.csv").exists() or [open(p) for p in Path("sub").glob("*.csv")]\
"""


def notebook(*codes):
    """Return a notebook with cells of code."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])


def write(root, files):
    """Write files of a blog, long ago."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (1, 1))


def test_a_run_records_the_files_that_it_reads_and_the_modules_that_it_imports(
    tmp_path, monkeypatch
):
    names = ("numbers.csv", "sub/a.csv", "mine.py", "other.csv")
    write(tmp_path, {f"posts/2024/{name}": "2" for name in names})
    modules = {"__init__": "", "shapes": "output_size = 1", "conv": ""}
    write(tmp_path, {f"cnnlib/{name}.py": text for name, text in modules.items()})
    compileall.compile_dir(tmp_path / "cnnlib", quiet=1)  # Python then opens no source of it
    monkeypatch.setenv("BLOG_SOURCE", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    for name, value in KERNEL_ENV.items():
        monkeypatch.setenv(name, value)
    flushed = "for n in 'abc':\n    print(n, flush=True)\n    if n == 'b':\n        display(2)"
    cells = notebook(READS, "open('sub/a.csv').read()", flushed)
    run = run_cells(cells, tmp_path / "posts/2024", timeout=60, limit=1000)
    assert run.failure is None
    assert run.outputs[1][0]["data"] == {"text/plain": "'2'"}
    # One output for what is printed in several parts, and in the order of the cell.
    assert [one.get("text") for one in run.outputs[2]] == ["a\nb\n", None, "c\n"]
    assert run.files == [
        "cnnlib/__init__.py",
        "cnnlib/shapes.py",
        *(f"posts/2024/{name}" for name in ("mine.py", "numbers.csv", "sub", "sub/a.csv")),
    ]


def test_kernels_are_reached_without_ports_that_another_process_may_take(tmp_path):
    shows = "import json\nfrom ipykernel.connect import get_connection_info"
    cells = notebook(f"{shows}\nprint(json.loads(get_connection_info())['transport'])")
    run = run_cells(cells, tmp_path, timeout=60, limit=1000)
    assert run.outputs[0][0]["text"] == "ipc\n"


STARTS = """
from blog.build.kernels import run_cells
from nbformat.v4 import new_code_cell, new_notebook
from pathlib import Path
notebook = new_notebook(cells=[new_code_cell("1")])
print(run_cells(notebook, Path(), timeout=60, limit=1000).failure.cause)
"""


def test_a_kernel_that_dies_at_once_leaves_no_traceback(tmp_path):
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit(1)")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", STARTS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.stdout == (
        "no kernel could be started: Kernel died before replying to kernel_info; build again\n"
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("name", "message", "said"),
    [
        ("NoneType", "None", "FileNotFoundError: no a.png"),
        ("NotImplementedError", "", "NotImplementedError"),
        ("ValueError", "one\ntwo", "ValueError: one"),
    ],
)
def test_an_error_is_named_also_if_ipython_does_not_know_it(name, message, said):
    error = CellExecutionError("", name, message)
    assert name_error(error, "Traceback\n\nFileNotFoundError: no a.png\n") == said


def test_too_much_output_is_a_failure_of_its_own_cell_not_of_the_next(tmp_path):
    cells = notebook("print('x' * 2000)", "import time\ntime.sleep(9)")
    run = run_cells(cells, tmp_path, timeout=60, limit=1000)
    assert (run.failure.cell, run.outputs[0]) == (0, [])
    assert run.failure.cause == "a cell produced more than 1,000 characters of output"


def test_a_kernel_that_does_not_start_is_a_failure_of_the_page(tmp_path, monkeypatch):
    def wait(*args, **kwargs):
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    monkeypatch.setattr(CellRunner, "execute", wait)
    run = run_cells(notebook("1"), tmp_path, timeout=60, limit=1000)
    assert run.failure.cause == (
        "no kernel could be started: Kernel didn't respond in 60 seconds; build again"
    )


RUN = Run([["an output"]], ["cnnlib/a.py", "posts/2024/a.csv", "posts/2024/sub"], started=9.0)


@pytest.fixture
def cache(tmp_path):
    """Return a cache with a record."""
    write(tmp_path, {"cnnlib/a.py": "a", "posts/2024/a.csv": "1", "posts/2024/sub/x.txt": "x"})
    os.utime(tmp_path / "posts/2024/sub", (1, 1))
    cache = CellCache(tmp_path / ".cache", tmp_path)
    cache.store("key", RUN)
    return cache


@pytest.mark.parametrize("change", ["cnnlib/a.py", "posts/2024/a.csv", "posts/2024/sub/y.txt"])
def test_outputs_are_found_until_a_file_changes_that_the_cells_read(cache, change):
    assert cache.find("key").outputs == RUN.outputs
    assert cache.find("ke") is None
    path = cache.root / change
    before = path.read_text() if path.exists() else None
    write(cache.root, {change: "another text"})
    assert cache.find("key") is None
    path.unlink() if before is None else path.write_text(before)
    assert cache.find("key").outputs == RUN.outputs


def test_other_files_change_nothing(cache):
    write(cache.root, {"cnnlib/b.py": "b", "posts/2024/b.csv": "1", "_static/site.css": ""})
    assert cache.find("key").outputs == RUN.outputs


def test_outputs_are_not_kept_if_a_file_changed_while_the_cells_ran(cache):
    write(cache.root, {"cnnlib/a.py": "b"})
    os.utime(cache.root / "cnnlib/a.py", (10, 10))
    cache.store("key", RUN)
    assert cache.find("key") is None
    cache.store("key", replace(RUN, started=11.0))
    assert cache.find("key").outputs == RUN.outputs


def test_scripts_of_elements_do_not_count_and_the_settings_of_figures_do():
    run = Run([], ["cnnlib/explain/web/explorer.js", "cnnlib/explain/web/a.css", "cnnlib/conv.py"])
    assert dependencies(run, notebook("x = 1").cells) == ["cnnlib/conv.py"]
    drawn = notebook("import matplotlib.pyplot as plt").cells
    assert dependencies(run, drawn) == [
        "cnnlib/conv.py",
        "cnnlib/explain/palette.py",
        "cnnlib/explain/plots/style.py",
    ]


def test_the_key_is_of_the_cells_their_folder_and_whether_they_may_raise(tmp_path):
    folder = ROOT / "posts"
    one, other = notebook("1 / 0").cells, notebook("1 / 0").cells
    other[0].metadata["tags"] = ["hide-input"]
    key = hash_cells(one, folder, ROOT)
    assert hash_cells(other, folder, ROOT) == key
    assert hash_cells(one, ROOT / "guide", ROOT) != key
    other[0].metadata["tags"] = ["raises-exception"]
    assert hash_cells(other, folder, ROOT) != key


def test_two_calls_run_side_by_side_and_an_error_is_that_of_its_result():
    both = threading.Barrier(2, timeout=30)
    kernels = SideBySide(2)
    calls = [kernels.submit(both.wait) for _ in range(2)]
    failing = kernels.submit(lambda: 1 / 0)
    assert sorted(call.result(30) for call in calls) == [0, 1]
    with pytest.raises(ZeroDivisionError):
        failing.result(30)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def progress():
    """Return the progress of a build of which the cells of one of two pages have run."""
    progress = Progress(Times(reading=1.0, writing=2.0, finishing=1.0), Terminal())
    progress.start = 0.0
    progress.to_read, progress.to_write = 4, 5
    for name, seconds in (("a", 3), ("b", 8)):
        progress.note(name, seconds, Future())
    progress.running["a"][1].set_result(None)
    progress.read.add("a")
    return progress


def test_a_terminal_shows_pages_times_and_what_is_left(progress):
    # Half of the cells' 8 seconds, as two pages run side by side, 2 for each page to write, 1 more.
    assert progress.line(15.0) == (
        "[==========----------] 1 of 4 pages read, cells of 1 of 2 run; 15 s, about 15 s left"
    )
    progress.written.update("abc")
    progress.read.update("bcd")
    progress.running["b"][1].set_result(None)
    assert progress.line(15.0) == (
        "[===============-----] 3 of 5 pages written; 15 s, about 5 s left"
    )
    progress.written.update("de")
    progress.last_written = 29.0
    for now, left in ((29.5, 0.5), (40.0, 0.0)):
        assert progress.line(now).endswith(
            f"5 of 5 pages written; {now:.0f} s, about {left:.0f} s left"
        )


def test_a_log_shows_lines_only(progress):
    progress.show()
    assert progress.stream.getvalue().startswith("\r[")
    progress.stream = io.StringIO()
    progress.show()
    progress.say("a: ran its cells in 3.0 s")
    progress.clear()
    assert progress.stream.getvalue() == "a: ran its cells in 3.0 s\n"


def test_damaged_times_are_guessed(tmp_path):
    path = tmp_path / "times.json"
    assert Times.load(path) == Times()
    Times({"a": 2.0}).save(path)
    assert Times.load(path).cells == {"a": 2.0}
    path.write_text('{"cells": {}, "no": 1}')
    assert Times.load(path) == Times()
