"""The downloaded notebook runs whole, with cnnlib from the wheel that the site serves."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from blog.measure.server import serve

NAME = "notebooks/posts/2021/brief-introduction-to-cnn.ipynb"


@pytest.fixture
def served(site):
    with serve(site) as address:
        yield address


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook_installs_the_served_wheel_and_runs_whole(site, served, tmp_path, monkeypatch):
    text = (site / NAME).read_text("utf-8")
    base = json.loads(text)["cells"][0]["source"]
    base = "".join(base).split(" @ ")[1].split("wheels/")[0]
    notebook = nbformat.reads(text.replace(base, served), as_version=4)
    probe = "import cnnlib\nprint(cnnlib.__file__)"
    notebook.cells.append(nbformat.v4.new_code_cell(probe))
    # The environment has what cnnlib needs; cnnlib itself must come from the wheel.
    target = tmp_path / "installed"
    target.mkdir()
    monkeypatch.setenv("PIP_TARGET", str(target))
    monkeypatch.setenv("PIP_NO_DEPS", "1")
    monkeypatch.setenv("PYTHONPATH", str(target))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert str(target) in notebook.cells[-1].outputs[0].text
