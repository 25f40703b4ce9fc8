"""Each recipe on the page runs on its own, in a fresh interpreter, and makes no noise."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "snippets.md"
CELL = re.compile(
    r"^## (?P<title>.+?)\n.*?^```\{code-cell\} python\n(?P<code>(?!:tags:).*?)^```$", re.M | re.S
)
RECIPES = {match["title"]: match["code"] for match in CELL.finditer(PAGE.read_text("utf-8"))}


def test_every_recipe_is_found_and_the_first_is_a_loop_of_ten_lines():
    headings = re.findall(r"^## (.+)$", PAGE.read_text("utf-8"), re.M)
    assert list(RECIPES) == headings
    assert len(headings) >= 20
    loop = RECIPES[headings[0]].split("def ")[1].split("\n\n")[0]
    assert len(loop.strip().splitlines()) <= 10


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_runs_by_itself(title, tmp_path):
    command = [sys.executable, "-W", "error", "-c", RECIPES[title]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
