"""The data of a post: its notebook takes it along, and cells open no other files."""

import marshal
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from blog.ext.notebooks import data_files, use_local_copy


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("posts/2026/second.md", 'np.loadtxt("../2021/seven.csv")'),
        ("posts/2021/first.md", 'np.loadtxt("seven.csv")'),
        ("playground.md", 'np.loadtxt("posts/2021/seven.csv")'),
    ],
)
def test_a_notebook_takes_the_data_along_that_its_page_names(tmp_path, page, code):
    table = tmp_path / "posts/2021/seven.csv"
    (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("7\n")
    (tmp_path / page).write_text("")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (file,) = data_files(tmp_path / page, notebook)
    assert file.resolve() == table
    assert use_local_copy(notebook, tmp_path / page, file) == "seven.csv"
    assert notebook.cells[0].source == 'np.loadtxt("seven.csv")'


def test_data_in_a_folder_beside_a_post_keeps_its_place(tmp_path):
    page, table = tmp_path / "posts/2026/one.md", tmp_path / "posts/2026/sub/w.csv"
    table.parent.mkdir(parents=True)
    page.write_text("")
    table.write_text("7\n")
    code = "np.loadtxt(Path('sub') / 'w.csv')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (file,) = data_files(page, notebook)
    assert file == table
    assert use_local_copy(notebook, page, file) == "sub/w.csv"
    assert notebook.cells[0].source == code


RESTRICT = Path("blog/ext/ipython/profile_default/startup/files.py").read_text("utf-8")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path.cwd())}  # as for kernels


@pytest.mark.parametrize(
    ("folder", "name", "allowed"),
    [
        ("posts/2026", "../2021/seven.csv", True),
        (".", "posts/2021/seven.csv", True),
        (".", "posts/2021/digits.weights", True),
        ("posts/2026", "../2021/notes.txt", False),
        ("guide", "../posts/2021/seven.csv", False),
    ],
)
def test_cells_of_posts_open_only_the_data_of_other_years(tmp_path, folder, name, allowed):
    for made in ("posts/2026", "posts/2021", "guide"):
        (tmp_path / made).mkdir(parents=True, exist_ok=True)
    (tmp_path / folder / name).write_text("7\n")
    result = subprocess.run(
        [sys.executable, "-c", f"{RESTRICT}\nopen({name!r}).close()"],
        cwd=tmp_path / folder,
        env={**ENVIRONMENT, "BLOG_SOURCE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode == 0) == allowed, result.stderr
    assert ("cells can read data only" in result.stderr) != allowed


CHANGES = {
    "os.mkdir('new')": "new: cells must not change the files of the repository; use tempfile",
    "os.remove('a.csv')": "a.csv: cells must not change the files",
    "os.rename('a.csv', 'b.csv')": "a.csv: cells must not change the files",
    "import shutil; os.chdir('..'); shutil.rmtree('blog')": ": cells must not change the files",
    "import shutil, tempfile; f = tempfile.mkdtemp(); open(f + '/a', 'w'); shutil.rmtree(f)": "",
    "import tempfile; os.mkdir(os.path.join(tempfile.mkdtemp(), 'new'))": "",
}


@pytest.mark.parametrize("code", CHANGES)
def test_cells_make_move_and_delete_no_files_of_the_blog(tmp_path, code):
    (tmp_path / "blog").mkdir()
    (tmp_path / "blog/a.csv").write_text("7\n")
    result = subprocess.run(
        [sys.executable, "-c", f"{RESTRICT}\nimport os\n{code}"],
        cwd=tmp_path / "blog",
        env={**ENVIRONMENT, "BLOG_SOURCE": str(tmp_path / "blog"), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert CHANGES[code] in result.stderr
    assert bool(result.returncode) == bool(CHANGES[code])
    assert os.listdir(tmp_path / "blog") == ["a.csv"]


MACHINE = "cells can read only files of this blog"
OUTSIDE = {
    "open('{own}')": True,
    "from pathlib import Path; Path('{own}').read_text()": True,
    "import numpy; numpy.loadtxt('{own}')": True,
    "open('{own}.not-there')": False,
    "import linecache; linecache.getlines('{own}')": False,
    "import os, numpy; open(os.__file__); open(os.devnull)": False,
    "import tempfile; tempfile.TemporaryFile().close()": False,
}


@pytest.mark.parametrize("code", OUTSIDE)
def test_cells_read_no_files_of_the_machine_but_libraries_do(tmp_path, code):
    (tmp_path / "blog").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "temporary").mkdir()
    own = tmp_path / "elsewhere" / "numbers.csv"
    own.write_text("7\n")
    cell = marshal.dumps(compile(code.format(own=own), "/tmp/ipykernel_1/2.py", "exec"))
    folders = {"BLOG_SOURCE": str(tmp_path / "blog"), "TMPDIR": str(tmp_path / "temporary")}
    result = subprocess.run(
        [sys.executable, "-c", f"{RESTRICT}\nimport marshal\nexec(marshal.loads({cell}))"],
        cwd=tmp_path / "blog",
        env=ENVIRONMENT | folders,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (MACHINE in result.stderr) == OUTSIDE[code], result.stderr
