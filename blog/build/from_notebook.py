"""Convert a Jupyter notebook to a post: its front matter, text and code, without outputs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from blog.check.cells import CELL_TAGS
from blog.check.source import Notebook, read_notebook, write_markdown

TITLE = re.compile(r"^# +(.+?) *#*$", re.MULTILINE)


class Converted(NamedTuple):
    """What a post takes from a notebook.

    Attributes
    ----------
    title : str
        Its first heading; without one, the name of the file.
    body : str
        All that follows, as Markdown.
    front : str
        Its front matter without the lines of dashes; empty if it has none.
    """

    title: str
    body: str
    front: str = ""


def convert_notebook(path: Path) -> Converted:
    """Convert a notebook.

    The build says what is still to be done, such as a figure that no caption explains.

    Raises
    ------
    ValueError
        If it is not a notebook, its code is not Python, or pictures are stored within its text.
    """
    try:
        notebook = read_notebook(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: the notebook cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    known = [replace(c, tags=[tag for tag in c.tags if tag in CELL_TAGS]) for c in notebook.cells]
    text = write_markdown(Notebook(None, "", known)).text
    found = TITLE.search(text)
    title = found[1] if found else path.stem.replace("-", " ").replace("_", " ").capitalize()
    body = (TITLE.sub("", text, count=1) if found else text).strip() + "\n"
    return Converted(title, body, notebook.front or "")
