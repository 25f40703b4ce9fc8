"""Say problems of a page that have one cause together, so that none hides the others."""

from __future__ import annotations

import re
from collections.abc import Iterable

from blog.check.front_matter import PAGE_KEYS, POST_KEYS, Problems
from blog.check.source import Source

# How many messages of one cause are shown in full.
SHOWN = 3


def shorten(found: Iterable[tuple[int, str]], page: Source) -> Problems:
    """Yield the problems of a page; of many that have one cause, the first ones and their places.

    Parameters
    ----------
    found : iterable of pairs
        Lines and messages.
    page : Source
    """
    by_cause: dict[str, list[tuple[int, str]]] = {}
    for line, message in found:
        message = name_other_places(message, page)
        by_cause.setdefault(cause_of(message), []).append((line, message))
    for problems in by_cause.values():
        shown, others = problems[:SHOWN], problems[SHOWN:]
        if len(others) < 2:
            yield from problems
            continue
        yield from shown[:-1]
        line, message = shown[-1]
        places = list(dict.fromkeys(page.place(line).strip(": ") for line, _ in others))
        where = "; ".join(places) if page.places else f"lines {', '.join(places)}"
        yield line, f"{message} (and {len(others)} more like this one: {where})"


def name_other_places(message: str, page: Source) -> str:
    """Return a message whose other lines, such as that of a heading's twin, are named by cells."""

    def name(found: re.Match[str]) -> str:
        place = page.place(int(found[2])).removeprefix(": ")
        return f"{'in' if found[1] == 'on' else found[1]} {place}"

    return re.sub(r"\b(before|of|on) line (\d+)\b", name, message) if page.places else message


def cause_of(message: str) -> str:
    """Return what the messages of one cause have in common; of a key, each is a cause of its own.

    >>> cause_of("a line of 80 characters is cut at the edge"), cause_of('"a" is not valid: b')
    ('a line of _ characters is cut at the edge', '_ is not valid')
    >>> cause_of("xref:a: unknown URL scheme"), cause_of('tags: "a" is not in b')
    ('unknown URL scheme', 'tags: "a" is not in b')
    """
    first, _, rest = message.partition(": ")
    if first in (*POST_KEYS, *PAGE_KEYS):
        return message
    words = rest if rest and " " not in first else first
    return re.sub(r'"[^"]*"|\$[^$]*\$|\bhttps?://\S+|\S+\.\w{2,4}\b|\d+', "_", words)
