"""Create a post from a template that builds as it is, with a code cell and a picture.

make post TITLE="What a blur does"            in posts/YYYY/, dated today
make post TITLE="What a blur does" DRAFT=1    in drafts/, which only `make live` shows
make post FROM=notebook.ipynb                 with the text and the code of a notebook
make post TITLE="卷积是什么" FILE=convolution   with a name for its address
"""

from __future__ import annotations

import os
import re
import sys
from datetime import date
from pathlib import Path

from blog.build.from_notebook import convert_notebook
from blog.check.front_matter import slug
from blog.check.pages import NAME, RESERVED_NAMES, SUFFIX, read_subjects

TEMPLATE = """\
---
blogpost: true
date: {date}
tags: {tag}
category: {category}
description: Summarize in one sentence what readers will learn.
file_format: mystnb
kernelspec:
  name: python3
---

# {title}

{body}"""
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


def file_name(title: str) -> str:
    """Return the name of a post's file without its suffix: the title's slug, or "post"."""
    name = slug(title) or "post"
    return f"{name}-post" if name in RESERVED_NAMES else name


def escape_title(title: str) -> str:
    """Return the title on one line, with Markdown's special characters escaped."""
    return re.sub(r"([\\`*_\[\]<>$&{}~#|])", r"\\\1", " ".join(title.split()))


def main() -> int:
    """Write the page, unless a post of this name exists."""
    title, body = os.environ.get("TITLE", ""), BODY
    shown = escape_title(title)
    if notebook := os.environ.get("FROM", ""):
        try:
            own, body = convert_notebook(Path(notebook))
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
        title, shown = (title, shown) if title.strip() else (own, own)
    if not title.strip():
        print('A post needs a title: make post TITLE="What a blur does"', file=sys.stderr)
        return 1
    source = Path(__file__).resolve().parents[2]
    name, today = os.environ.get("FILE") or file_name(title), date.today()
    if not NAME.fullmatch(name) or name in RESERVED_NAMES:
        print(
            f'"{name}" is no name for a post: use small letters, digits and hyphens',
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
    subjects, _ = read_subjects(source)
    folder = source / "drafts" if os.environ.get("DRAFT") else source / "posts" / str(today.year)
    folder.mkdir(parents=True, exist_ok=True)
    text = TEMPLATE.format(
        date=today,
        tag=subjects.tags[0],
        category=subjects.categories[0],
        title=shown,
        body=body,
    )
    path = folder / f"{name}.md"
    with path.open("x", encoding="utf-8") as page:
        page.write(text)
    print(f"Created {path.relative_to(source)}; preview it with `make live`")
    return 0


if __name__ == "__main__":
    sys.exit(main())
