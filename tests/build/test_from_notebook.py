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
    title, body, front, *_ = convert(
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
    title, body, front, *_ = convert(cell(f"---\n{FRONT}---"), new_markdown_cell("# Tea\n\nHot."))
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


def test_a_notebook_of_fastpages_becomes_a_post(convert, check_page):
    found = convert(
        new_markdown_cell(
            "# Tea\n> What a tea filter and a kernel have in common.\n\n- toc: true\n- badges: true"
        ),
        new_code_cell("# hide\nimport math\n\n# Half\nmath.pi / 2"),
        new_markdown_cell("# One\n\n> Note: Hot."),
        new_code_cell("#| code-fold: true\n#| error: true\n1 / 0"),
        name="2020-02-03-tea.ipynb",
    )
    assert (found.title, found.left_out) == ("Tea", ("toc", "badges"))
    assert found.front == (
        "date: 2020-02-03\ndescription: What a tea filter and a kernel have in common."
    )
    assert found.body == (
        "```{code-cell} python\n:tags: [remove-input]\n\nimport math\n\n# Half\nmath.pi / 2\n"
        "```\n\n"
        "## One\n\n:::{note}\nHot.\n:::\n\n"
        "```{code-cell} python\n:tags: [hide-input, raises-exception]\n\n1 / 0\n```\n"
    )
    post = write_post(found.title, found.body, SUBJECTS, date(2020, 2, 3), found.front)
    assert check_page(post, "posts/2020/tea.md") == []


def test_pictures_in_a_notebook_are_saved_beside_the_post(convert):
    stored = {"a.png": {"image/png": "AAEC"}, "b.svg": {"image/svg+xml": ["<svg/>"]}}
    found = convert(
        new_markdown_cell(
            "![A cat](attachment:a.png)![A line](attachment:b.svg)", attachments=stored
        ),
        new_markdown_cell('<img src="data:image/jpeg;base64,AwQF" alt="A dog">'),
        name="2020-02-03-tea.ipynb",
    )
    assert found.body == (
        '![A cat](tea-1.png)![A line](tea-2.svg)\n\n<img src="tea-3.jpg" alt="A dog">\n'
    )
    assert found.pictures == {
        "tea-1.png": b"\0\1\2",
        "tea-2.svg": b"<svg/>",
        "tea-3.jpg": b"\3\4\5",
    }


def test_a_comment_in_code_is_no_title(convert):
    found = convert(new_code_cell("# code\n1"), new_markdown_cell("# Tea"), name="a.ipynb")
    assert (found.title, found.body) == ("Tea", "```{code-cell} python\n# code\n1\n```\n")
