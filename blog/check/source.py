"""Read the source of a page: a Markdown file, or a Jupyter notebook as Markdown.

A notebook among the posts is a post. Its front matter is its first cell, Markdown or raw, or begins
it; or it is in the notebook's metadata. The outputs in the file are not read: the build computes
them.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml

from blog.check.front_matter import PAGE_KEYS, POST_KEYS, split_front_matter

# Lines of a notebook that a page does not need.
NEEDLESS = re.compile(r"^\s*%(?:matplotlib|load_ext|autoreload|config)\b.*$", re.MULTILINE)
# Sphinx knows a page by its lines only. Cell 3 of a notebook, which is its second one with code,
# begins after line 3 * CELL + 2 * CODE.
CODE = 10_000
CELL = 1_000 * CODE
IN_CELL = re.compile(r"^(\S+\.ipynb):(\d{8,})(?=:)")
# Kernels of other languages, in notebooks that do not name their language.
OTHER_KERNELS = re.compile(r"(?:bash|ir|julia|javascript|octave|ruby|sos|xcpp)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook.

    Attributes
    ----------
    number : int
        Its number in the file, counted from 1.
    kind : str
        "markdown" or "code".
    source : str
        Its text, without lines that a page does not need.
    first : int
        The line in the cell on which this text begins, counted from 0.
    tags : sequence of str
        Its tags.
    code : int
        Its number among those with code; 0 for others.
    """

    number: int
    kind: str
    source: str
    first: int = 0
    tags: Sequence[str] = ()
    code: int = 0

    def markdown(self) -> list[tuple[int, str]]:
        """Return its lines in a page, each with the line of the cell where it comes from."""
        lines = list(enumerate(self.source.split("\n"), self.first + 1))
        if self.kind != "code":
            return lines
        longest = max(map(len, re.findall(r"^`{3,}", self.source, flags=re.MULTILINE)), default=2)
        fence = "`" * (longest + 1)
        tags = [(0, f":tags: [{', '.join(self.tags)}]"), (0, "")] if self.tags else []
        return [(0, f"{fence}{{code-cell}} python"), *tags, *lines, (0, fence)]


@dataclass(frozen=True)
class Notebook:
    """A notebook without outputs.

    Attributes
    ----------
    front : str or None
        The front matter, if there is any.
    front_in : str
        Where it is: "cell 1" or "metadata".
    cells : sequence of Cell
        Those that are not empty.
    """

    front: str | None
    front_in: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Source:
    """A page as Markdown, and the place in its file of each line, if that is another one."""

    text: str
    places: Sequence[str] = ()

    def place(self, line: int) -> str:
        """Return where a line stands, as messages have it after the name of the file."""
        if not self.places:
            return f":{line}"
        where = self.places[min(line, len(self.places)) - 1]
        return f": {where}" if where else ""


def read_notebook(text: str) -> Notebook:
    """Read a notebook.

    Raises
    ------
    ValueError
        If it is not a notebook, its code is not Python, or pictures are stored within its text.
    """
    if conflict := re.search(r"^\s*<{7} ", text, flags=re.MULTILINE):
        line = text[: conflict.end()].count("\n") + 1
        raise ValueError(
            f"a conflict of two versions on line {line} of the file: take one version of the "
            "notebook, such as by `git checkout --ours`"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is missing, such as names of cells, is no fault
            notebook = nbformat.reads(text, as_version=4)
        for cell in notebook.cells:
            cell.setdefault("source", "")
        cells = list(read_cells(notebook))
    except Exception as error:  # of several kinds, by what the file is instead
        reason = why_not_json(text) or str(error).split("\n")[0][:100]
        raise ValueError(
            f"this is not a Jupyter notebook: {reason}; open it in Jupyter and save it again"
        ) from None
    if (language := read_language(notebook.metadata)) != "python":
        raise ValueError(f'pages run Python, but this notebook runs "{language}"')
    for number, cell in enumerate(notebook.cells, 1):
        if cell.get("attachments"):
            raise ValueError(
                f"cell {number} stores a picture within its text: save it beside the post, and "
                "write ![description](name.png); `make post FROM=` does so"
            )
    front, cells = split_first_cell(cells)
    raw = {number for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "raw"}
    kept = [cell for cell in cells if cell.source.strip() and cell.number not in raw]
    if front is None:
        return Notebook(front_in_metadata(notebook.metadata), "metadata", kept)
    return Notebook(front, "cell 1", kept)


def why_not_json(text: str) -> str:
    """Return where a text is no JSON; "" if it is."""
    if not text.strip():
        return "the file is empty"
    if text.startswith("\ufeff"):
        return "the file starts with a byte order mark"
    try:
        return "" if isinstance(json.loads(text), dict) else "it has no cells"
    except json.JSONDecodeError as error:
        return f"line {error.lineno} of the file is damaged ({error.msg})"


def read_language(metadata: Any) -> str:
    """Return the language of a notebook by its metadata.

    >>> read_language({}), read_language({"kernelspec": {"name": "julia-1.9"}})
    ('python', 'julia-1.9')
    """
    kernel, language = metadata.get("kernelspec", {}), metadata.get("language_info", {})
    name = str(kernel.get("name", ""))
    stated = kernel.get("language") or language.get("name")
    stated = stated or (name if OTHER_KERNELS.match(name) else "python")
    return "python" if str(stated).lower() in ("python", "ipython") else str(stated)


def read_cells(notebook: nbformat.NotebookNode) -> Iterator[Cell]:
    """Yield the cells of a notebook."""
    code = 0
    for number, cell in enumerate(notebook.cells, 1):
        kind = "code" if cell.cell_type == "code" else "markdown"
        text = NEEDLESS.sub("", cell.source) if kind == "code" else cell.source
        source = text.strip("\n") if kind == "code" else text.strip()
        first = text[: text.find(source)].count("\n") if source else 0
        code += kind == "code"
        tags = tuple(cell.metadata.get("tags", ()))
        if kind == "code" and not tags and cell.metadata.get("jupyter", {}).get("source_hidden"):
            tags = ("hide-input",)  # as Jupyter keeps it
        yield Cell(number, kind, source, first, tags, code if kind == "code" else 0)


def split_first_cell(cells: list[Cell]) -> tuple[str | None, list[Cell]]:
    """Return the front matter at the beginning of the first cell, if any, and what is left."""
    if not cells or cells[0].kind == "code":
        return None, cells
    front, end = split_front_matter(cells[0].source)
    if front is None:
        return None, cells
    rest = "\n".join(cells[0].source.split("\n")[end:])
    left = Cell(cells[0].number, "markdown", rest, cells[0].first + end)
    return front, [left, *cells[1:]]


def front_in_metadata(metadata: Any) -> str | None:
    """Return the front matter among the metadata of a notebook."""
    own = {key: metadata[key] for key in (*POST_KEYS, *PAGE_KEYS) if key in metadata}
    own.pop("kernelspec", None)  # that of the program which wrote the notebook
    return yaml.safe_dump(own, sort_keys=False, allow_unicode=True).strip() if own else None


def write_markdown(notebook: Notebook) -> Source:
    """Return a notebook as the Markdown of a page."""
    lines: list[tuple[str, str]] = []
    if notebook.front is not None:
        place = notebook.front_in
        for number, text in enumerate(["---", *notebook.front.split("\n"), "---"], 1):
            lines.append((f"{place}, line {number}" if place == "cell 1" else place, text))
    for cell in notebook.cells:
        lines.append(("", ""))
        for line, text in cell.markdown():
            lines.append((name_cell(cell.number, cell.code, line), text))
    texts = [text for _, text in lines]
    return Source("\n".join(texts) + "\n", [place for place, _ in lines])


def read_source(path: Path) -> Source:
    """Return the source of a page.

    Raises
    ------
    ValueError
        If it is a notebook that cannot be read.
    """
    if path.suffix != ".ipynb":
        return Source(path.read_text("utf-8", errors="replace"))
    try:
        return write_markdown(read_notebook(path.read_text("utf-8")))
    except UnicodeDecodeError as error:
        byte = path.read_bytes()[error.start]
        raise ValueError(f"not valid UTF-8 (byte 0x{byte:02x}); save the file as UTF-8") from None


def read_for_sphinx(text: str) -> nbformat.NotebookNode:
    """Return a notebook as MyST-NB needs it; `nb_custom_formats` in conf.py names this function."""
    notebook = read_notebook(text)
    cells: list[dict[str, Any]] = [
        {"cell_type": cell.kind, "source": cell.source, "metadata": {"tags": list(cell.tags)}}
        | ({"outputs": [], "execution_count": None} if cell.kind == "code" else {})
        for cell in notebook.cells
    ]
    metadata = yaml.safe_load(notebook.front or "") or {}
    # MyST-NB counts the lines of Markdown from the empty line that stands before it in a page.
    metadata["source_map"] = [
        cell.number * CELL + cell.code * CODE + cell.first - (cell.kind == "markdown")
        for cell in notebook.cells
    ]
    made: nbformat.NotebookNode = nbformat.from_dict(
        {"metadata": metadata, "cells": cells, "nbformat": 4, "nbformat_minor": 4}
    )
    return made


def name_cell(number: int, code: int, line: int) -> str:
    """Return the place of a line of a notebook.

    Jupyter shows no numbers of cells; those with code have one by the order in which they ran.

    >>> name_cell(4, 2, 1), name_cell(3, 0, 5)
    ('cell 4 (code cell 2), line 1', 'cell 3, line 5')
    """
    cell = f"cell {number}" + (f" (code cell {code})" if code else "")
    return cell + (f", line {line}" if line else "")


def name_cells(message: str) -> str:
    """Name the cell in a message about a notebook, in place of a line.

    >>> name_cells("posts/2026/a.ipynb:30020004: undefined label: 'x'")
    "posts/2026/a.ipynb: cell 3 (code cell 2), line 4: undefined label: 'x'"
    """

    def place(found: re.Match[str]) -> str:
        cell, rest = divmod(int(found[2]), CELL)
        return f"{found[1]}: {name_cell(cell, *divmod(rest, CODE))}"

    return IN_CELL.sub(place, message)
