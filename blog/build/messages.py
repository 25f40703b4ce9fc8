"""Say in plain words what Sphinx's own messages mean, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from blog.check.front_matter import suggest

# What authors write most; others are known, too.
DIRECTIVES = ("code-cell", "figure", "image", "margin", "math", "note", "tip", "warning")
ROLES = ("doc", "math", "ref", "term")
LINK = "link to pages by their file, such as /posts/2026/name.md, and to other sites by https://"


def _directive(found: re.Match[str]) -> str:
    return f"there is no directive {{{found[1]}}}; {suggest(found[1], DIRECTIVES)}"


def _role(found: re.Match[str]) -> str:
    return f"there is no role {{{found[1]}}}; {suggest(found[1], ROLES)}"


def _target(found: re.Match[str]) -> str:
    return f"there is nothing that the link to {found[1]} could lead to: {LINK}"


def _ambiguous(found: re.Match[str]) -> str:
    return f"the link to {found[1]} can mean several things: {LINK}"


def _heading(found: re.Match[str]) -> str:
    return f'{found[1]}.md has no heading or label "{found[2]}"'


RULES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"Unknown directive type: '([^']*)'.*", _directive),
    (r"Unknown interpreted text role ['\"]([^'\"]*)['\"].*", _role),
    (r"Unknown role(?: name)?:? ['\"]([^'\"]*)['\"].*", _role),
    (r"'myst' cross-reference target not found: '([^']*)'.*", _target),
    (r"local id not found in doc '([^']*)': '([^']*)'", _heading),
    (r"more than one target found for 'myst' cross-reference '?([^':]+)'?.*", _ambiguous),
)


# The place of a message: a file of pages, and a line or a cell.
PLACE = re.compile(r"^[^\s:]+\.(?:md|ipynb)(?::\d+|: cell \d+(?:, line \d+)?)?: ")


def drop_repeated(messages: Sequence[str]) -> list[str]:
    """Leave out messages without a place that another one says with its place.

    Lists and the feed show parts of posts a second time, and do not know where these come from.

    >>> drop_repeated(["two are alike", "a.md:3: two are alike", "b.md:1: two are alike", "other"])
    ['a.md:3: two are alike', 'b.md:1: two are alike', 'other']
    """
    placed = {PLACE.sub("", message) for message in messages if PLACE.match(message)}
    return [message for message in messages if message not in placed]


def explain(message: str) -> str:
    """Return a message in plain words; one that is not known stays as it is.

    >>> explain("a.md:3: Unknown directive type: 'code-cel'")
    'a.md:3: there is no directive {code-cel}; did you mean "code-cell"?'
    """
    for pattern, write in RULES:
        if found := re.search(pattern, message):
            return message[: found.start()] + write(found)
    return message
