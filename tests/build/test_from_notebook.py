"""A notebook becomes the Markdown of a post, or the reason is said why not."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from blog.build.from_notebook import convert_notebook
from blog.build.new_post import TEMPLATE


@pytest.fixture
def convert(tmp_path):
    def run(*cells, name="a-notebook.ipynb", **metadata):
        path = tmp_path / name
        nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
        return convert_notebook(path)

    return run


def test_text_and_code_become_a_post_without_faults(convert, check_page):
    title, body = convert(
        new_markdown_cell("# What $k$ does\n\nFirst words."),
        new_code_cell("%matplotlib inline\nx = 1", metadata={"tags": ["hide-input", "mine"]}),
        new_raw_cell("raw"),
        new_code_cell(""),
        new_code_cell("print('''\n```\n''')"),
        new_markdown_cell("## More\n\n$$ a $$"),
    )
    assert title == "What $k$ does"
    assert body == (
        "First words.\n\n```{code-cell} python\n:tags: [hide-input]\n\nx = 1\n```\n\n"
        "````{code-cell} python\nprint('''\n```\n''')\n````\n\n## More\n\n$$ a $$\n"
    )
    post = TEMPLATE.format(
        date="2024-05-17", tag="cnn", category="Deep Learning", title=title, body=body
    )
    assert check_page(post) == []


def test_without_a_heading_the_name_is_the_title(convert):
    assert convert(new_code_cell("1"))[0] == "A notebook"


def test_what_cannot_be_a_post_is_refused(convert, tmp_path):
    attached = new_markdown_cell("![a](attachment:a.png)", attachments={"a.png": {}})
    with pytest.raises(ValueError, match="cell 2 stores a picture within its text: save it beside"):
        convert(new_code_cell("1"), attached)
    with pytest.raises(ValueError, match='pages run Python, but this notebook runs "R"'):
        convert(kernelspec={"name": "ir", "display_name": "R", "language": "R"})
    (tmp_path / "b.ipynb").write_text("no notebook")
    with pytest.raises(ValueError, match=r"b\.ipynb: this is no notebook that can be read"):
        convert_notebook(tmp_path / "b.ipynb")
    with pytest.raises(ValueError, match=r"c\.ipynb: this is no notebook that can be read"):
        convert_notebook(tmp_path / "c.ipynb")
