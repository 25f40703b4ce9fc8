"""The examples in README.md show real results."""

import re

from tests.build.test_readme import fences

CELL = re.compile(r"```\{code-cell\} python\n(.*?)```", re.DOTALL)


def test_the_snippet_prints_what_is_shown(capsys):
    (snippet,) = fences("README.md", "python")
    exec(snippet, {})
    assert capsys.readouterr().out in fences("README.md", "text")


def test_the_cell_runs():
    (source,) = fences("README.md", "markdown")
    (cell,) = CELL.findall(source)
    exec(cell, {})
