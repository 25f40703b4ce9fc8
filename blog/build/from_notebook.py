"""Convert a Jupyter notebook to the Markdown of a post: its text and its code, without outputs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from blog.check.cells import CELL_TAGS
from blog.check.source import Notebook, read_notebook, write_markdown

TITLE = re.compile(r"^# +(.+?) *#*$", re.MULTILINE)


def convert_notebook(path: Path) -> tuple[str, str]:
    """Return the title of a notebook, and all that follows as Markdown.

    The build says what is still to be done, such as a figure that no caption explains.

    Raises
    ------
    ValueError
        If the file is no notebook, its code is not Python, or pictures are stored within its text.
    """
    try:
        notebook = read_notebook(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(
            f"{path}: this is no notebook that can be read: {error.strerror}"
        ) from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    known = [replace(c, tags=[tag for tag in c.tags if tag in CELL_TAGS]) for c in notebook.cells]
    text = write_markdown(Notebook(None, "", known)).text
    found = TITLE.search(text)
    title = found[1] if found else path.stem.replace("-", " ").replace("_", " ").capitalize()
    return title, (TITLE.sub("", text, count=1) if found else text).strip() + "\n"
