"""A notebook among the posts is a post: read, checked and shown as one in Markdown is."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from sphinx.application import Sphinx
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils

from blog.build.sphinx_build import WarningStream
from blog.check.source import name_cells, read_for_sphinx, read_notebook, write_markdown

ROOT = Path(__file__).parents[2]
NAME = "posts/2024/own.ipynb"
FRONT = """\
---
blogpost: true
date: 2024-05-17
tags: cnn
category: Deep Learning
description: A short post to test with.
---"""


def dump(*cells, **metadata):
    """Return the text of a notebook."""
    return nbformat.writes(new_notebook(cells=list(cells), metadata=metadata))


def front(text=FRONT):
    """Return the first cell of a notebook."""
    return new_raw_cell(text)


KERNEL = {"name": "mine", "display_name": "Mine", "language": "python"}
TITLE = new_markdown_cell("# A post")


@pytest.mark.parametrize(
    "cells",
    [
        [front(), TITLE],
        [new_markdown_cell(FRONT), TITLE],
        [new_markdown_cell(f"{FRONT}\n\n# A post")],
    ],
    ids=["raw", "Markdown", "with the title"],
)
def test_the_front_matter_is_in_the_first_cell(check_page, cells):
    more = [new_code_cell("%matplotlib inline\n1 + 1"), new_code_cell(""), new_raw_cell("<b>")]
    assert check_page(dump(*cells, *more), NAME) == []


def test_the_front_matter_may_be_in_the_metadata(check_page):
    keys = {"date": "2024-05-17", "tags": "cnn", "category": "Deep Learning", "blogpost": True}
    keys |= {"description": "A short post to test with.", "kernelspec": KERNEL}
    assert check_page(dump(TITLE, **keys), NAME) == []
    (message,) = check_page(dump(TITLE, **keys | {"tags": "cnns"}), NAME)
    assert message.startswith(f'{NAME}: metadata: tags: "cnns" is not in posts/subjects.toml; did')


# The cells after the front matter, and the message.
FAULTS = {
    "no title": ([new_markdown_cell("Words.")], ": cell 1, line 1: no title: add a line `# Title`"),
    "picture": (
        [TITLE, new_markdown_cell("Words.\n\n![](a.png)")],
        ": cell 3, line 3: picture without alt text",
    ),
    "tag": (
        [TITLE, new_code_cell("1", metadata={"tags": ["hide-imput"]})],
        ': cell 3 (code cell 1): unknown cell tag "hide-imput"; did you mean "hide-input"?',
    ),
    "pip": (
        [TITLE, new_code_cell("%matplotlib inline\n\nx = 1\n!pip install pandas")],
        ": cell 3 (code cell 1), line 4: cells cannot install packages: add the package to req",
    ),
    "wide": (
        [TITLE, new_code_cell("x = 1\ny = " + "1" * 70)],
        ": cell 3 (code cell 1), line 2: a line of 74 ch",
    ),
    "heading twice": (
        [TITLE, new_markdown_cell("## A"), new_code_cell("1"), new_markdown_cell("## A")],
        ': cell 5, line 1: duplicate heading "A": it is already used in cell 3, line 1',
    ),
    "attachment": (
        [TITLE, new_markdown_cell("![a](attachment:a)", attachments={"a": {"image/png": ""}})],
        ": cell 3 stores a picture within its text: save it beside the post, and write",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_messages_name_the_cell(check_page, fault):
    cells, message = FAULTS[fault]
    (found,) = check_page(dump(front(), *cells), NAME)
    assert found.startswith(f"{NAME}{message}")


def test_many_faults_of_one_cause_name_their_cells(check_page):
    cells = [new_code_cell("x = '" + 70 * "x" + "'") for _ in range(5)]
    *_, last = check_page(dump(front(), TITLE, *cells), NAME)
    assert last.startswith(f"{NAME}: cell 5 (code cell 3), line 1: a line of 76")
    assert last.endswith(": cell 6 (code cell 4), line 1; cell 7 (code cell 5), line 1)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no notebook", ": this is not a Jupyter notebook: "),
        (dump(TITLE), ": no front matter: write it into the first cell, between two lines `---`"),
        (dump(front(FRONT.replace("cnn", "cnns")), TITLE), ': cell 1, line 4: tags: "cnns" is not'),
        (dump(TITLE)[:-30], ": this is not a Jupyter notebook: line 13 of the file is damaged ("),
        ("", ": this is not a Jupyter notebook: the file is empty; open it in Jupyter and save"),
        ("[]", ": this is not a Jupyter notebook: it has no cells; open it in Jupyter and save"),
        (
            "\ufeff" + dump(TITLE),
            ": this is not a Jupyter notebook: the file starts with a byte order",
        ),
        (dump(TITLE).encode("utf-16"), ": not valid UTF-8 (byte 0xff); save the file as UTF-8"),
        (
            dump(TITLE).replace('"cells"', '\n<<<<<<< HEAD\n"cells"'),
            ": a conflict of two versions on line 3 of the file: take one version of the notebook",
        ),
        (
            dump(front(), TITLE, kernelspec={"name": "julia-1.9", "display_name": "Julia"}),
            ': pages run Python, but this notebook runs "julia-1.9"',
        ),
        (
            dump(front(), TITLE, language_info={"name": "R"}),
            ': pages run Python, but this notebook runs "R"',
        ),
        (
            dump(front(), TITLE, kernelspec={"name": "ir", "display_name": "R", "language": "R"}),
            ': pages run Python, but this notebook runs "R"',
        ),
    ],
)
def test_what_is_wrong_with_the_whole_notebook_is_said(check_page, text, message):
    (found,) = check_page(text, NAME)
    assert found.startswith(f"{NAME}{message}")


def test_code_that_jupyter_hides_is_hidden(check_page):
    hidden = new_code_cell("x = '" + "y" * 99 + "'", metadata={"jupyter": {"source_hidden": True}})
    text = dump(front(), TITLE, hidden)
    assert check_page(text, NAME) == []
    assert read_for_sphinx(text).cells[1].metadata.tags == ["hide-input"]


def test_a_page_of_the_same_name_is_refused(check_page, post):
    check_page(post())
    (found,) = check_page(dump(front(), TITLE), "posts/2024/one.ipynb")
    assert "has the same name" in found


def test_copies_that_jupyter_keeps_are_no_posts(check_page, post):
    assert check_page(post()) == []
    assert check_page("{}", "posts/2024/.ipynb_checkpoints/own.ipynb") == []


def test_sphinx_gets_the_cells_without_what_the_file_stores():
    stored = {"execution_count": 7, "outputs": [new_output("stream")]}
    stored = {"execution_count": 7, "outputs": [new_output("stream")]}
    old = new_code_cell("%matplotlib inline\n1", **stored)
    text = dump(front(), TITLE, old, new_raw_cell("raw"), kernelspec=KERNEL)
    made = read_for_sphinx(text)
    assert [cell.source for cell in made.cells] == ["# A post", "1"]
    assert made.cells[1].outputs == []
    assert made.metadata.description == "A short post to test with."
    assert made.metadata.source_map == [19_999_999, 30_010_001]
    code = f"{NAME}: cell 3 (code cell 1), line 2: Wrong: 12345:"
    assert name_cells(f"{NAME}:30010002: Wrong: 12345:") == code
    assert name_cells(f"{NAME}:20000002: Wrong") == f"{NAME}: cell 2, line 2: Wrong"
    assert name_cells("posts/a.md:30010002: Wrong") == "posts/a.md:30010002: Wrong"


def test_the_places_of_lines_are_those_in_the_cells():
    source = write_markdown(read_notebook(dump(front(), TITLE, new_code_cell("```\nx"))))
    lines = source.text.split("\n")
    assert lines[-4:-1] == ["```", "x", "````"]
    assert source.place(lines.index("x") + 1) == ": cell 3 (code cell 1), line 2"
    assert source.place(4) == ": cell 1, line 4"


CONF = """\
import runpy
settings = runpy.run_path({conf!r})
extensions = ["myst_nb", "blog.ext.execution"]
html_theme = "basic"
source_suffix, nb_custom_formats = settings["source_suffix"], settings["nb_custom_formats"]
nb_output_stderr, nb_render_error_lexer = "remove", "none"
"""
RAISES = {"tags": ["raises-exception"]}
CELLS = [
    front(),
    new_markdown_cell("# A post\n\nSee {ref}`nowhere`."),
    new_code_cell("def halve(x):\n    return 1 / x", outputs=[]),
    new_code_cell("x = 0\nhalve(x)", metadata=RAISES),
    new_code_cell("raise ValueError('one\\ntwo')", metadata=RAISES),
    new_code_cell("1 +", metadata=RAISES),
    new_code_cell("print(6 * 7)", outputs=[new_output("stream", text="41\n")], execution_count=3),
    new_code_cell("import pathlib\nx = 1", metadata=RAISES),
    new_code_cell("# nothing\nimport sklearn"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build a notebook in this process; return its page and the messages."""
    folder = tmp_path_factory.mktemp("blog")
    (folder / "conf.py").write_text(CONF.format(conf=str(ROOT / "conf.py")))
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "requirements/site.txt", folder / "requirements")
    (folder / "index.ipynb").write_text(dump(*CELLS))
    stream = WarningStream(folder)
    before, paths = dict(os.environ), {"PYTHONPATH": str(ROOT)}
    nocolor()
    try:
        os.environ.update(paths)
        with patch_docutils(folder), docutils_namespace():
            out = folder / "_build"
            app = Sphinx(folder, folder, out, folder / "_d", "html", status=None, warning=stream)
            app.build(force_all=True)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return BeautifulSoup((out / "index.html").read_text("utf-8"), "html5lib"), stream.messages


def test_outputs_are_those_of_the_build(built):
    page, _ = built
    shown = [node.get_text() for node in page.select(".cell_output .output.stream")]
    assert [text.strip() for text in shown] == ["42"]
    assert "blogpost" not in page.body.get_text()


def test_an_expected_error_is_shown_with_the_lines_that_led_to_it(built):
    page, _ = built
    # The last one is a fault of the build.
    first, second, third, _ = (node.get_text() for node in page.select(".output.traceback"))
    assert first.strip() == (
        "In line 2 of this cell: halve(x)\n"
        "In line 2 of an earlier cell, in halve(x): return 1 / x\n"
        "ZeroDivisionError: division by zero"
    )
    assert second.strip() == (
        "In line 1 of this cell: raise ValueError('one\\ntwo')\nValueError: one\ntwo"
    )
    assert third.startswith("In line 1 of this cell:\n    1 +")
    assert third.strip().endswith("^\nSyntaxError: invalid syntax")


def test_faults_name_the_cell_and_the_way_out(built):
    _, messages = built
    label = "undefined label: 'nowhere'; write (label)= on the line above it"
    assert f"index.ipynb: cell 2, line 3: {label}" in messages
    nothing = "the cell is tagged raises-exception, but raises nothing: take the tag away"
    assert f"index.ipynb: cell 8 (code cell 6), line 1: {nothing}" in messages
    (lacking,) = (text for text in messages if "sklearn" in text)
    assert lacking.startswith(
        "index.ipynb: cell 9 (code cell 7), line 2: a cell raised ModuleNotFoundError: No module "
        "named 'sklearn'; if it is a package, add scikit-learn to requirements/site.in, then run "
        "`make requirements` and `make html`"
    )
