"""The data of a post of another year: the page depends on it, and its notebook takes it along."""

import nbformat
import pytest

from blog.ext.execution import find_dependencies
from blog.ext.notebooks import data_files, use_local_copy


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("posts/2026/second.md", 'np.loadtxt("../2021/seven.csv")'),
        ("posts/2021/first.md", 'np.loadtxt("seven.csv")'),
        ("playground.md", 'np.loadtxt("posts/2021/seven.csv")'),
    ],
)
def test_a_page_depends_on_the_data_that_it_names_and_its_notebook_takes_it_along(
    tmp_path, page, code
):
    table = tmp_path / "posts/2021/seven.csv"
    (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("7\n")
    (tmp_path / page).write_text("")
    found = find_dependencies([code], tmp_path / page, tmp_path)
    assert [file.resolve() for file in found] == [table]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (file,) = data_files(tmp_path / page, notebook)
    assert file.resolve() == table
    use_local_copy(notebook, tmp_path / page, file)
    assert notebook.cells[0].source == 'np.loadtxt("seven.csv")'
