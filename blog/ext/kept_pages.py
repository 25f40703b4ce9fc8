"""Leave out what the glossary, the guide and `draw.md` say of pages that the blog does not have.

Whoever writes posts of their own keeps these pages. A sentence in them whose link leads to one of
the posts that are gone would be wrong.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

from blog.check.pages import KEPT

# A sentence with the space after it, and the pages that one leads to.
SENTENCE = re.compile(r".+?(?:[.!?](?=\s)|\Z)\s*", re.DOTALL)
LINK = re.compile(r"\]\(/([\w/-]+)\.md\b")
FENCE = "```\n"


def leave_out(text: str, there: set[str]) -> tuple[str, int]:
    r"""Remove the sentences that lead to pages that are not there; return how many these are.

    Lines keep their numbers, but for those within a paragraph.

    >>> text = "A kernel.\n[Shown](/posts/a.md#b)\nin a post. [Drawn](/api/c.md).\n\nEnd.\n"
    >>> leave_out(text, {"api/c"})
    ('A kernel.\n[Drawn](/api/c.md).\n\n\nEnd.\n', 1)
    """

    def is_gone(sentence: str) -> bool:
        return any(page not in there for page in LINK.findall(sentence))

    def shorten(paragraph: str) -> str:
        body = paragraph.removesuffix(FENCE)
        sentences = SENTENCE.findall(body)
        if not any(map(is_gone, sentences)):
            return paragraph
        kept = "".join(one for one in sentences if not is_gone(one)).rstrip()
        lines = "\n" * (body.count("\n") - kept.count("\n"))
        return kept + lines + paragraph[len(body) :]

    paragraphs = text.split("\n\n")
    number = sum(is_gone(one) for text in paragraphs for one in SENTENCE.findall(text))
    return "\n\n".join(map(shorten, paragraphs)), number


def read_page(app: Sphinx, docname: str, content: list[str]) -> None:
    """Process the source of a page."""
    if KEPT.fullmatch(f"{docname}.md"):
        content[0], _ = leave_out(content[0], app.env.found_docs)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("source-read", read_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
