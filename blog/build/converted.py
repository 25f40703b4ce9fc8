"""What a post takes from a file of another program, and how its headings become those of a post."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

TITLE = re.compile(r"^(#{1,6})\s+(.+?) *#*$", re.MULTILINE)
HEADING = re.compile(r"^(#{1,6})(?=\s)", re.MULTILINE)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class Converted(NamedTuple):
    """What a post takes from a file.

    Attributes
    ----------
    title : str
        Its first heading; without one, the name of the file.
    body : str
        All that follows, as Markdown.
    front : str
        Its front matter without the lines of dashes; empty if it has none.
    left_out : sequence of str
        Keys of its front matter that a post does not have.
    pictures : mapping of str to bytes
        Pictures that are stored within the file, by the names that they get.
    draft : bool
        Whether it says that it is not published.
    """

    title: str
    body: str
    front: str = ""
    left_out: tuple[str, ...] = ()
    pictures: Mapping[str, bytes] = {}
    draft: bool = False


def split_code(text: str) -> Iterator[tuple[bool, str]]:
    r"""Yield the parts of a text, each with whether it is a block of code between fences.

    >>> list(split_code("a\n```\n# b\n```\nc"))
    [(False, 'a\n'), (True, '```\n# b\n```\n'), (False, 'c')]
    """
    part, fence = "", ""
    for line in text.splitlines(keepends=True):
        found = FENCE.match(line)
        if not fence and found:
            yield False, part
            part, fence = line, found[1]
            continue
        part += line
        closing = line.strip()
        if fence and set(closing) == {fence[0]} and len(closing) >= len(fence):
            yield True, part
            part, fence = "", ""
    yield bool(fence), part


def map_prose(text: str, change: Callable[[str], str]) -> str:
    """Return a text with all that is not between fences changed."""
    return "".join(part if code else change(part) for code, part in split_code(text))


def take_title(text: str, title: str, stem: str) -> tuple[str, str]:
    r"""Return the title of a post and the text below it, whose sections begin on the second level.

    Parameters
    ----------
    text : str
        The text, perhaps with the title as its first heading.
    title : str
        The title that the front matter states, if it does.
    stem : str
        The name of the file, for a text without any title.

    >>> take_title("# A\n\n# B\n\n## C", "", "a-b")
    ('A', '## B\n\n### C\n')
    """
    heading = first_heading(text)
    if heading and (_same(title or stem, heading[2]) or (not title and heading[1] == "#")):
        title = title or heading[2]
        text = text[: heading.start()] + text[heading.end() :]
    title = title or stem.replace("-", " ").replace("_", " ").capitalize()
    return title, f"{relevel(text).strip()}\n"


def first_heading(text: str) -> re.Match[str] | None:
    """Return the first heading of a text: its marks and its words."""
    start = 0
    for code, part in split_code(text):
        if not code and HEADING.search(part):
            return TITLE.search(text, start)
        start += len(part)
    return None


def _same(one: str, other: str) -> bool:
    return re.sub(r"\W", "", one).lower() == re.sub(r"\W", "", other).lower()


def relevel(text: str) -> str:
    """Return a text whose highest headings are on the second level."""
    prose = "".join(part for code, part in split_code(text) if not code)
    shift = 2 - min((len(marks) for marks in HEADING.findall(prose)), default=2)

    def change(part: str) -> str:
        return HEADING.sub(lambda found: "#" * min(len(found[1]) + shift, 6), part)

    return map_prose(text, change)
