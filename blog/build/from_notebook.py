"""Convert a Jupyter notebook to the Markdown of a post: its text and its code, without outputs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

from blog.check.cells import CELL_TAGS

TITLE = re.compile(r"^# +(.+?) *#*$", re.MULTILINE)
# Lines of a notebook that a post does not need.
NEEDLESS = re.compile(r"^\s*%(?:matplotlib|load_ext|autoreload|config)\b.*\n?", re.MULTILINE)


def read_notebook(path: Path) -> tuple[str, str]:
    """Return the title of a notebook, and all that follows as Markdown.

    The build says what is still to be done, such as a figure that no caption explains.

    Raises
    ------
    ValueError
        If the file is no notebook, its code is not Python, or pictures are stored within its text.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # of several kinds, by what the file is instead
        raise ValueError(f"{path}: this is no notebook that can be read: {error}") from None
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise ValueError(f'{path}: posts run Python, but this notebook runs "{language}"')
    for number, cell in enumerate(notebook.cells, 1):
        if cell.get("attachments"):
            raise ValueError(
                f"{path}: cell {number} stores a picture within its text: save it beside the post, "
                "and write ![description](name.png)"
            )
    parts = [write_cell(cell) for cell in notebook.cells]
    text = "\n\n".join(part for part in parts if part)
    found = TITLE.search(text)
    title = found[1] if found else path.stem.replace("-", " ").replace("_", " ").capitalize()
    return title, (TITLE.sub("", text, count=1) if found else text).strip() + "\n"


def write_cell(cell: nbformat.NotebookNode) -> str:
    """Return a cell as Markdown, or nothing if it is empty or neither text nor code."""
    source: str = cell.source.strip("\n")
    if cell.cell_type == "markdown":
        return source.strip()
    source = NEEDLESS.sub("", source).strip("\n")
    if cell.cell_type != "code" or not source.strip():
        return ""
    longest = max(map(len, re.findall(r"^`{3,}", source, flags=re.MULTILINE)), default=2)
    fence = "`" * (longest + 1)
    tags = [tag for tag in cell.metadata.get("tags", ()) if tag in CELL_TAGS]
    options = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return f"{fence}{{code-cell}} python\n{options}{source}\n{fence}"
