"""A notebook becomes the Markdown of a post, or the reason is said why not."""

from datetime import date

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from blog.build.from_notebook import convert_notebook
from blog.build.new_post import stated_date, write_post
from blog.check.front_matter import PLACEHOLDER, Subjects

SUBJECTS = Subjects(("cnn", "vision"), ("Deep Learning",))


@pytest.fixture
def convert(tmp_path):
    def run(*cells, name="a-notebook.ipynb", **metadata):
        path = tmp_path / name
        nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
        return convert_notebook(path)

    return run


def test_text_and_code_become_a_post_without_faults(convert, check_page):
    title, body, front = convert(
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
    assert front == ""
    post = write_post(title, body, SUBJECTS, date(2024, 5, 17))
    assert check_page(post.replace(PLACEHOLDER, "A post that was a notebook.")) == []


FRONT = """\
description: What a tea filter and a kernel have in common.
date: 2024-03-02
author: ben, ann
tags: vision
"""


@pytest.mark.parametrize("cell", [new_raw_cell, new_markdown_cell])
def test_a_post_keeps_the_front_matter_of_its_notebook(convert, check_page, cell):
    title, body, front = convert(cell(f"---\n{FRONT}---"), new_markdown_cell("# Tea\n\nHot."))
    post = write_post(title, body, SUBJECTS, date(2026, 1, 1), front)
    assert post == (
        f"---\n{FRONT}blogpost: true\ncategory: Deep Learning\nfile_format: mystnb\n"
        "kernelspec:\n  name: python3\n---\n\n# Tea\n\nHot.\n"
    )
    assert stated_date(front) == date(2024, 3, 2)
    assert check_page(post) == []


def test_metadata_of_a_notebook_are_front_matter_as_well(convert):
    front = convert(new_markdown_cell("# Tea"), author="ben", tags="vision").front
    assert front == "tags: vision\nauthor: ben"
    post = write_post("Tea", "", SUBJECTS, date(2026, 1, 1), front)
    assert post.startswith("---\ntags: vision\nauthor: ben\nblogpost: true\ndate: 2026-01-01\n")


def test_without_a_heading_the_name_is_the_title(convert):
    assert convert(new_code_cell("1"))[0] == "A notebook"


def test_what_cannot_be_a_post_is_refused(convert, tmp_path):
    attached = new_markdown_cell("![a](attachment:a.png)", attachments={"a.png": {}})
    with pytest.raises(ValueError, match="cell 2 stores a picture within its text: save it beside"):
        convert(new_code_cell("1"), attached)
    with pytest.raises(ValueError, match='pages run Python, but this notebook runs "R"'):
        convert(kernelspec={"name": "ir", "display_name": "R", "language": "R"})
    (tmp_path / "b.ipynb").write_text("no notebook")
    with pytest.raises(ValueError, match=r"b\.ipynb: this is not a Jupyter notebook"):
        convert_notebook(tmp_path / "b.ipynb")
    with pytest.raises(ValueError, match=r"c\.ipynb: the notebook cannot be read"):
        convert_notebook(tmp_path / "c.ipynb")
