"""Convert a page of another blog in Markdown to a post."""

from __future__ import annotations

import re
from pathlib import Path

from blog.build.cell_options import convert_cells
from blog.build.converted import Converted, take_title
from blog.build.other_front_matter import is_draft, read_front_matter, stated_day, translate
from blog.build.other_markdown import convert_text

SUFFIXES = (".md", ".markdown", ".mdown", ".mdx", ".mkd", ".qmd", ".rmd")
# Pages that are called by their folder.
INDEX = ("index", "_index", "readme")


def convert_markdown(path: Path) -> Converted:
    """Convert a page.

    The build says what is still to be done, such as a shortcode that nothing stands for here.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    try:
        keys, text = read_front_matter(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: the file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not valid UTF-8; save the file as UTF-8") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    name = name_of(path)
    if day := stated_day(name):
        keys.setdefault("date", day)
    front, left_out = translate(keys)
    if "jupytext" in keys:  # in its pages, all code in Python is that of cells
        text = re.sub(r"^```python\b.*$", "```{python}", text, flags=re.MULTILINE)
    body = convert_cells(convert_text(text))
    title, body = take_title(body, str(keys.get("title") or "").strip(), bare(name))
    return Converted(title, body, front, left_out, {}, is_draft(keys))


def name_of(path: Path) -> str:
    """Return the name of a page: that of its file, or of its folder.

    >>> name_of(Path("posts/a/index.md")), name_of(Path("_posts/2019-02-03-b.md"))
    ('a', '2019-02-03-b')
    """
    own = path.stem.lower() in INDEX and path.resolve().parent.name
    return own or path.stem


def bare(name: str) -> str:
    """Return the name of a page without the day at its beginning.

    >>> bare("2019-02-03-a-post")
    'a-post'
    """
    return re.sub(r"^\d{4}-\d\d-\d\d-", "", name)
