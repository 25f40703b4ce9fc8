"""Read the source of a page: a Markdown file, or a Jupyter notebook as Markdown.

A notebook among the posts is a post. Its front matter is its first cell, Markdown or raw, or begins
it; or it is in the notebook's metadata. The outputs in the file are not read: the build computes
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml

from blog.check.front_matter import PAGE_KEYS, POST_KEYS, split_front_matter

# Lines of a notebook that a page does not need.
NEEDLESS = re.compile(r"^\s*%(?:matplotlib|load_ext|autoreload|config)\b.*$", re.MULTILINE)
# Sphinx knows a page by its lines only: cell 3 of a notebook begins after this one times 3.
CELL_LINES = 10_000
IN_CELL = re.compile(r"^(\S+\.ipynb):(\d{5,})(?=:)")


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
    """

    number: int
    kind: str
    source: str
    first: int = 0
    tags: Sequence[str] = ()

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
    try:
        notebook = nbformat.reads(text, as_version=4)
    except Exception as error:  # of several kinds, by what the file is instead
        raise ValueError(f"this is not a Jupyter notebook: {error}") from None
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise ValueError(f'pages run Python, but this notebook runs "{language}"')
    for number, cell in enumerate(notebook.cells, 1):
        if cell.get("attachments"):
            raise ValueError(
                f"cell {number} stores a picture within its text: save it beside the post, and "
                "write ![description](name.png)"
            )
    front, cells = split_first_cell(list(read_cells(notebook)))
    raw = {number for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "raw"}
    kept = [cell for cell in cells if cell.source.strip() and cell.number not in raw]
    if front is None:
        return Notebook(front_in_metadata(notebook.metadata), "metadata", kept)
    return Notebook(front, "cell 1", kept)


def read_cells(notebook: nbformat.NotebookNode) -> Iterator[Cell]:
    """Yield the cells of a notebook."""
    for number, cell in enumerate(notebook.cells, 1):
        kind = "code" if cell.cell_type == "code" else "markdown"
        text = NEEDLESS.sub("", cell.source) if kind == "code" else cell.source
        source = text.strip("\n") if kind == "code" else text.strip()
        first = text[: text.find(source)].count("\n") if source else 0
        yield Cell(number, kind, source, first, tuple(cell.metadata.get("tags", ())))


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
            lines.append((f"cell {cell.number}" + (f", line {line}" if line else ""), text))
    texts = [text for _, text in lines]
    return Source("\n".join(texts) + "\n", [place for place, _ in lines])


def read_source(path: Path) -> Source:
    """Return the source of a page.

    Raises
    ------
    ValueError
        If it is a notebook that cannot be read.
    """
    text = path.read_text("utf-8", errors="replace")
    return write_markdown(read_notebook(text)) if path.suffix == ".ipynb" else Source(text)


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
        cell.number * CELL_LINES + cell.first - (cell.kind == "markdown") for cell in notebook.cells
    ]
    made: nbformat.NotebookNode = nbformat.from_dict(
        {"metadata": metadata, "cells": cells, "nbformat": 4, "nbformat_minor": 4}
    )
    return made


def name_cells(message: str) -> str:
    """Name the cell in a message about a notebook, in place of a line.

    >>> name_cells("posts/2026/a.ipynb:30004: undefined label: 'x'")
    "posts/2026/a.ipynb: cell 3, line 4: undefined label: 'x'"
    """

    def place(found: re.Match[str]) -> str:
        cell, line = divmod(int(found[2]), CELL_LINES)
        return f"{found[1]}: cell {cell}" + (f", line {line}" if line else "")

    return IN_CELL.sub(place, message)
