"""The extra `posts` installs what the cells of the pages import."""

import ast
import re
import sys
import tomllib
from pathlib import Path

from tests.tools import read_page

ROOT = Path(__file__).parents[2]
CELL = re.compile(r"^```\{code-cell\} python\n(?::[^\n]*\n)*(.*?)^```$", re.M | re.S)
# Packages that are installed under another name than that of the module.
MODULES = {"pillow": "PIL", "ipython": "IPython"}


def extra(name):
    """The modules that an extra brings, those of the extras that it contains too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = set()
    for requirement in [*project["dependencies"], *project["optional-dependencies"][name]]:
        package, extras = re.match(r"([\w.-]+)(?:\[([\w,]+)\])?", requirement).groups()
        found.add(MODULES.get(package, package))
        if package == "cnnlib":
            found = found.union(*(extra(inner) for inner in extras.split(",")))
    return found


def imports(code):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0]


def test_the_cells_of_all_pages_import_what_the_extra_installs():
    pages = [page for folder in ("posts", "api", "guide") for page in (ROOT / folder).rglob("*.md")]
    cells = [
        cell
        for page in [*pages, *ROOT.glob("*.md")]
        for cell in CELL.findall(page.read_text("utf-8"))
    ]
    used = {name for cell in cells for name in imports(cell)} - sys.stdlib_module_names
    assert {"numpy", "cnnlib"} <= used
    if (ROOT / "api/larger-than-memory.md").exists():
        assert {"IPython", "dask"} <= used
    missing = used - extra("posts")
    assert not missing, f"add to the extra `posts` in pyproject.toml, for notebooks: {missing}"


def test_what_the_page_on_large_images_needs_is_one_extra():
    page = read_page("api/larger-than-memory.md")
    blocks = [*CELL.findall(page), *re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)]
    names = {name for block in blocks for name in imports(block)} - sys.stdlib_module_names
    assert names - {"cnnlib", "IPython"} <= extra("dask")
    assert ("dask.distributed" in page) == ("distributed" in extra("dask"))
