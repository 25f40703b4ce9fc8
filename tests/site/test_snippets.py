"""Each recipe on the page runs on its own, in a fresh interpreter, and makes no noise."""

import re
import subprocess
import sys

import pytest

from tests.tools import read_page

PAGE = read_page("snippets.md")
CELL = re.compile(
    r"^## (?P<title>.+?)\n.*?^```\{code-cell\} python\n(?P<code>(?!:tags:).*?)^```$", re.M | re.S
)
FOLD = re.compile(
    r"^## (?P<title>[^\n]+)\n(?:(?!^## ).)*?^```\{code-cell\} python\n:tags: \[hide-input\]\n"
    r"(?P<code>.*?)^```$",
    re.M | re.S,
)
FOLDS = {match["title"]: match["code"] for match in FOLD.finditer(PAGE)}
RECIPES = {match["title"]: match["code"] for match in CELL.finditer(PAGE)}


def test_every_recipe_is_found_and_the_first_is_a_loop_of_ten_lines():
    headings = re.findall(r"^## (.+)$", PAGE, re.M)
    assert list(RECIPES) == headings
    assert len(headings) >= 20
    loop = RECIPES[headings[0]].split("def ")[1].split("\n\n")[0]
    assert len(loop.strip().splitlines()) <= 10


def test_every_fold_is_found():
    assert len(FOLDS) == PAGE.count(":tags: [hide-input]") >= 14


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_runs_by_itself_and_its_picture_after_it(title, tmp_path):
    code = RECIPES[title] + FOLDS.get(title, "")
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
