"""The notebooks of a site without a published address install cnnlib from the site's folder."""

import os
import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from blog.build.kernels import CellRunner

NAME = "notebooks/posts/2021/brief-introduction-to-cnn.ipynb"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook_installs_the_wheel_beside_it_and_runs_whole(site, tmp_path, monkeypatch):
    notebook = nbformat.read(site / NAME, as_version=4)
    probe = "import cnnlib\nprint(cnnlib.__file__)"
    notebook.cells.append(nbformat.v4.new_code_cell(probe))
    # The environment has what cnnlib needs; cnnlib itself must come from the wheel.
    target = tmp_path / "installed"
    target.mkdir()
    monkeypatch.setenv("PIP_TARGET", str(target))
    monkeypatch.setenv("PIP_NO_DEPS", "1")
    monkeypatch.setenv("PYTHONPATH", str(target))
    folder = str((site / NAME).parent)
    resources = {"metadata": {"path": folder}}
    CellRunner(notebook, 10**6, timeout=120, resources=resources).run(dict(os.environ))
    assert str(target) in notebook.cells[-1].outputs[0].text


def test_no_notebook_and_no_install_command_has_a_local_address(site):
    for path in site.glob("notebooks/**/*.ipynb"):
        assert "127.0.0.1" not in path.read_text("utf-8"), path
    for name in ("index", "from-pytorch"):
        page = BeautifulSoup((site / "api" / f"{name}.html").read_text("utf-8"), "html.parser")
        command = page.select_one("div.highlight-sh pre").get_text()
        wheel = re.fullmatch(r'pip install "?(cnnlib-[\w.-]+\.whl)(?:\[draw\]")?\n?', command)[1]
        assert (site / "wheels" / wheel).is_file()
        if name == "index":
            link = page.find("a", download=True, string=wheel)
            assert (site / "api" / link["href"]).resolve() == (site / "wheels" / wheel).resolve()


def test_every_notebook_has_the_text_of_its_page(site):
    paths = sorted((site / "notebooks").rglob("*.ipynb"))
    assert len(paths) > 6
    for path in paths:
        cells = nbformat.read(path, as_version=4).cells
        words = "".join(cell.source for cell in cells if cell.cell_type == "markdown")
        assert len(words) > 40, path.name
