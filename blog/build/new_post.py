"""Create a post from a template with a code cell and a picture, which `make live` shows at once.

make post TITLE="What a blur does"            in posts/YYYY/, dated today
make post TITLE="What a blur does" DRAFT=1    in drafts/, which only `make live` shows
make post FROM=notebook.ipynb                 with what a notebook has: front matter, text and code
make post FROM=_posts/2019-02-03-blur.md      with what a post of another blog has
make post TITLE="卷积是什么" FILE=convolution   with a name for its address
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from datetime import date
from pathlib import Path

import yaml

from blog.build.converted import Converted
from blog.build.environment import read_setting
from blog.build.from_markdown import SUFFIXES, bare, convert_markdown, name_of
from blog.build.from_notebook import convert_notebook
from blog.check.front_matter import (
    PLACEHOLDER,
    Subjects,
    explain_yaml,
    parse_entries,
    read_date,
    slug,
)
from blog.check.pages import NAME, RESERVED_NAMES, SUFFIX, read_subjects

BODY = """\
Start with the question that this post answers.

```{code-cell} python
from cnnlib import conv2d
from cnnlib.explain import products, show_step, trace

image = [[1, 2, 0], [0, 3, 1], [2, 1, 4]]
traced = trace(conv2d, image, [[1, 0], [0, -1]])
products(traced[0, 0])
```

A picture has a caption, and alt text for readers who do not see it.

```{code-cell} python
:tags: [hide-input]

show_step(traced, caption="What K makes of the first window of X.")
```
"""


# As German addresses have them.
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def file_name(title: str, language: str = "en") -> str:
    """Return the name of a post's file without its suffix: the title's slug, or "post".

    >>> file_name("Öl über Brücken"), file_name("Öl über Brücken", "de_AT")
    ('ol-uber-brucken', 'oel-ueber-bruecken')
    """
    if language.partition("_")[0] == "de":
        title = unicodedata.normalize("NFC", title.lower()).translate(UMLAUTS)
    name = slug(title) or "post"
    return f"{name}-post" if name in RESERVED_NAMES else name


def own_name(other: str) -> str:
    """Return the name that a page of another blog has, so that its address stays; "" without one.

    >>> own_name("_posts/2019-02-03-What-a-Blur-Does.md"), own_name("Untitled.ipynb")
    ('what-a-blur-does', '')
    """
    name = name_of(Path(other)) if other else ""
    dated = bare(name) != name
    found = slug(bare(name)) if dated or not other.endswith(".ipynb") else ""
    return f"{found}-post" if found in RESERVED_NAMES else found


def escape_title(title: str) -> str:
    """Return the title on one line, with Markdown's special characters escaped."""
    return re.sub(r"([\\`*_\[\]<>$&{}~#|])", r"\\\1", " ".join(title.split()))


def write_post(title: str, body: str, subjects: Subjects, day: date, own: str = "") -> str:
    """Return the source of a post.

    Parameters
    ----------
    title, body : str
        The title and all that follows, as Markdown.
    subjects : Subjects
        The first tag and the first category stand there until the author chooses others.
    day : date
        The date of the post, unless its own front matter has one.
    own : str
        The lines of front matter that a notebook has; they stay as they are.
    """
    lines = {
        "blogpost": "true",
        "date": day,
        "tags": subjects.tags[0],
        "category": subjects.categories[0],
        "description": PLACEHOLDER,
        "file_format": "mystnb",
        "kernelspec": "\n  name: python3",
    }
    there = parse_entries(own)
    added = [
        f"{key}: {value}".replace(": \n", ":\n") for key, value in lines.items() if key not in there
    ]
    front = "\n".join([*([own.strip("\n")] if own.strip() else []), *added])
    return f"---\n{front}\n---\n\n# {title}\n\n{body}"


def stated_date(front: str) -> date | None:
    """Return the date in some lines of front matter, if they have a valid one."""
    _, _, text = parse_entries(front).get("date", (0, "", ""))
    return read_date(text)


def convert(path: Path) -> Converted:
    """Convert a notebook, or a page of another blog.

    Raises
    ------
    ValueError
        If it cannot be read, or is of another kind.
    """
    if path.suffix.lower() == ".ipynb":
        return convert_notebook(path)
    if path.suffix.lower() in SUFFIXES:
        return convert_markdown(path)
    raise ValueError(f"{path}: a post is made from a notebook (.ipynb) or a page in Markdown (.md)")


def main() -> int:
    """Write the page, unless a post of this name exists."""
    title, other = os.environ.get("TITLE", ""), os.environ.get("FROM", "")
    body, front, shown, day = BODY, "", escape_title(title), None
    found = Converted("", "")
    if other:
        try:
            found = convert(Path(other))
            body, front, day = found.body, found.front, stated_date(found.front)
        except yaml.MarkedYAMLError as error:
            print(f"{other}: invalid front matter: {explain_yaml(error)}", file=sys.stderr)
            return 1
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
        title, shown = (title, shown) if title.strip() else (found.title, found.title)
    if not title.strip():
        print('A post needs a title: make post TITLE="What a blur does"', file=sys.stderr)
        return 1
    source = Path(__file__).resolve().parents[2]
    name = os.environ.get("FILE") or own_name(other)
    name = name or file_name(title, str(read_setting(source, "language")))
    if not NAME.fullmatch(name) or name in RESERVED_NAMES:
        print(
            f'"{name}" cannot be the name of a post: use lower-case letters, digits and hyphens',
            file=sys.stderr,
        )
        return 1
    taken = [*source.glob(f"posts/*/{name}.*"), *source.glob(f"drafts/{name}.*")]
    same = sorted(path for path in taken if SUFFIX.search(path.name))
    if same:
        print(
            f"{same[0].relative_to(source)} already exists: choose another title, or a name for "
            "the file with FILE=...",
            file=sys.stderr,
        )
        return 1
    subjects, problems = read_subjects(source)
    if not subjects:
        print("\n".join(problems), file=sys.stderr)
        return 1
    day = day or date.today()
    draft = os.environ.get("DRAFT") or found.draft
    folder = source / "drafts" if draft else source / "posts" / str(day.year)
    folder.mkdir(parents=True, exist_ok=True)
    text = write_post(shown, body, subjects, day, front)
    path = folder / f"{name}.md"
    for picture, data in found.pictures.items():
        (folder / picture).write_bytes(data)
    with path.open("x", encoding="utf-8") as page:
        page.write(text)
    print(f"Created {path.relative_to(source)}; preview it with `make live`")
    if found.left_out:
        print(f"Left out of the front matter: {', '.join(found.left_out)}")
    if found.pictures:
        print(f"Saved beside it: {', '.join(found.pictures)}")
    if name == "post" and not os.environ.get("FILE"):
        print("Its title has no Latin letters: for another address, rename it, or add FILE=my-name")
    return 0


if __name__ == "__main__":
    sys.exit(main())
