"""Begin a post: a page that builds as it is, with a cell and a picture to write on from.

make post TITLE="What a blur does"            in posts/YYYY/, dated today
make post TITLE="What a blur does" DRAFT=1    in drafts/, which only `make live` shows
"""

from __future__ import annotations

import os
import re
import sys
from datetime import date
from pathlib import Path

from blog.check.front_matter import slug
from blog.check.pages import TAKEN, subjects

PAGE = """\
---
blogpost: true
date: {date}
tags: {tag}
category: {category}
description: Say in one sentence what a reader will know afterwards.
file_format: mystnb
kernelspec:
  name: python3
---

# {title}

Begin with the question that this post answers.

```{{code-cell}} python
from cnnlib import conv2d
from cnnlib.explain import products, show_step, trace

traced = trace(conv2d, [[1, 2, 0], [0, 3, 1], [2, 1, 4]], [[1, 0], [0, -1]])
products(traced[0, 0])
```

A picture has a caption for everyone, and says what it shows to those who do not see it.

```{{code-cell}} python
:tags: [hide-input]

show_step(traced, caption="What K makes of the first window of X.")
```
"""


def name_of(title: str) -> str:
    """Return the name of a post's file; a title without letters has a plain one."""
    name = slug(title) or "post"
    return f"{name}-post" if name in TAKEN else name


def heading(title: str) -> str:
    """Return the title in one line, with no sign that Markdown would read in its own way."""
    return re.sub(r"([\\`*_\[\]<>$&{}~#|])", r"\\\1", " ".join(title.split()))


def main() -> int:
    """Write the page; never over one that is there."""
    title = os.environ.get("TITLE", "")
    if not title.strip():
        print('A post needs a title: make post TITLE="What a blur does"', file=sys.stderr)
        return 1
    source = Path(__file__).resolve().parents[2]
    name, today = name_of(title), date.today()
    same = sorted([*source.glob(f"posts/*/{name}.md"), *source.glob(f"drafts/{name}.md")])
    if same:
        there = same[0].relative_to(source)
        print(f"{there} is there already: choose another title", file=sys.stderr)
        return 1
    known, _ = subjects(source)
    folder = source / "drafts" if os.environ.get("DRAFT") else source / "posts" / str(today.year)
    folder.mkdir(parents=True, exist_ok=True)
    text = PAGE.format(
        date=today, tag=known.tags[0], category=known.categories[0], title=heading(title)
    )
    path = folder / f"{name}.md"
    with path.open("x", encoding="utf-8") as page:
        page.write(text)
    print(f"Write on in {path.relative_to(source)}; `make live` shows it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
