"""The check of a page's front matter: which keys it may have, and what they may say."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import yaml

PAGE = ("description", "hide-toc", "orphan", "nosearch", "file_format", "kernelspec", "mystnb")
POST = ("blogpost", "date", "tags", "category")
DATES = "YYYY-MM-DD, as 2021-08-17, or Mon D, YYYY, as Aug 17, 2021"
# Letters that are no plain one with a sign on it.
LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})
Found = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class Subjects:
    """The tags and categories that posts may use."""

    tags: tuple[str, ...]
    categories: tuple[str, ...]


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Say which known word was probably meant, and where there is none, all of them."""
    by_small = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), list(by_small), n=1, cutoff=0.6)
    if close:
        return f'did you mean "{by_small[close[0]]}"?'
    return "allowed: " + ", ".join(known)


def slug(words: str) -> str:
    """Return the part of an address that words become."""
    words = words.lower().translate(LETTERS)
    ascii_only = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_only))


def read_date(text: str) -> date | None:
    """Read one of the two forms of a date; guess nothing."""
    forms = {r"\d{4}-\d\d-\d\d": "%Y-%m-%d", r"[A-Z][a-z]{2} \d{1,2}, \d{4}": "%b %d, %Y"}
    for form, how in forms.items():
        if re.fullmatch(form, text, flags=re.ASCII):
            try:
                return datetime.strptime(text, how).date()
            except ValueError:
                return None
    return None


def split(text: str) -> tuple[str | None, int]:
    """Return the front matter of a page, and the line on which its end stands."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None, 0
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            return "\n".join(lines[1 : number - 1]), number
    return None, -1


def entries(text: str) -> dict[str, tuple[int, object, str]]:
    """Return line, value and text as written of each key; raise yaml.YAMLError if it is no YAML."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise yaml.MarkedYAMLError(
            problem="not a list of `key: value`", problem_mark=node.start_mark
        )
    values = yaml.load(text, Loader=yaml.BaseLoader)  # texts as written: no date is made of them
    found: dict[str, tuple[int, object, str]] = {}
    for name, value in node.value:
        if name.value in found:
            problem = f"the key {name.value} a second time"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=name.start_mark)
        plain = value.value if isinstance(value, yaml.ScalarNode) else ""
        found[name.value] = (name.start_mark.line + 2, values[name.value], plain)
    return found


def check(
    text: str,
    subjects: Subjects,
    *,
    post: bool = False,
    draft: bool = False,
    front: bool = False,
    cells: bool = False,
) -> Found:
    """Yield line and message for everything that is wrong in a page's front matter.

    Parameters
    ----------
    text : str
        The whole page.
    subjects : Subjects
        The tags and categories there are.
    post, draft, front, cells : bool
        Whether it is a post; one whose day may yet come; the front page, which conf.py describes;
        and whether it has cells.
    """
    keys, end = split(text)
    if keys is None:
        yield (
            1,
            (
                "the front matter has no end: a line `---` is missing"
                if end
                else "no front matter: begin the page with a line `---`, its keys, and `---` again"
            ),
        )
        return
    try:
        found = entries(keys)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        yield line, f"the front matter cannot be read: {error.problem}"
        return
    known = (*POST, *PAGE) if post else PAGE
    for name, (line, _, _) in found.items():
        if name not in known:
            yield (
                line,
                f'"{name}" is not a key of a {"post" if post else "page"}; {nearest(name, known)}',
            )
    if not front and not str(found.get("description", (0, "", ""))[1]).strip():
        line = found.get("description", (1,))[0]
        yield line, "description: missing; say in one sentence what the page gives its reader"
    if cells and "file_format" not in found:
        yield (
            1,
            "file_format: missing; a page with cells needs `file_format: mystnb` for them to run",
        )
    rules = PAGE_RULES | (POST_RULES if post else {}) | ({"date": _day} if draft else {})
    for name in ("date", "tags", "category") if post else ():
        if name not in found:
            yield 1, f"{name}: missing; a post needs {WANTED[name]}"
    for name, rule in rules.items():
        if name in found:
            line, value, plain = found[name]
            yield from ((line, f"{name}: {message}") for message in rule(value, plain, subjects))


Rule = Callable[[object, str, Subjects], Iterator[str]]
WANTED = {"date": f"one: {DATES}", "tags": "one or more", "category": "one"}


def _day(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if read_date(text) is None:
        yield f'"{text}" is not a day in one of the forms {DATES}'


def _past(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    yield from _day(value, text, subjects)
    day = read_date(text)
    if day and day > (datetime.now(UTC) + timedelta(hours=14)).date():  # nowhere that day as yet
        yield f"{text} is in the future; keep the page in drafts/ until then"


def _tags(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if not text.strip():
        yield "write them in one line, with commas between them"
        return
    tags = [tag.strip() for tag in text.split(",")]
    for tag in tags:
        if tag not in subjects.tags:
            yield f'"{tag}" is not in posts/subjects.toml; {nearest(tag, subjects.tags)}'
    for tag in sorted({tag for tag in tags if tags.count(tag) > 1}):
        yield f'"{tag}" stands there twice'


def _category(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if text not in subjects.categories:
        yield f'"{text}" is not in posts/subjects.toml; {nearest(text, subjects.categories)}'


def _only(*allowed: object) -> Rule:
    def rule(value: object, text: str, subjects: Subjects) -> Iterator[str]:
        if text not in allowed:
            yield f'"{text}" is not allowed here; allowed: {", ".join(map(str, allowed))}'

    return rule


def _blogpost(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if text != "true":
        yield f'"{text}" would publish it all the same; a page that is not ready lives in drafts/'


def _kernel(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("name") != "python3":
        yield f"{value} is not allowed here; allowed: name: python3"


def _settings(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    settings = value if isinstance(value, dict) else {text: None}
    for name, seconds in settings.items():
        if name != "execution_timeout":
            yield f'"{name}" is not allowed here; allowed: execution_timeout'
        elif not re.fullmatch(r"[1-9]\d*", str(seconds)):
            yield f"execution_timeout: {seconds} is not a number of seconds"


POST_RULES: dict[str, Rule] = {
    "blogpost": _blogpost,
    "date": _past,
    "tags": _tags,
    "category": _category,
}
PAGE_RULES: dict[str, Rule] = {
    "hide-toc": _only("true", "false"),
    "orphan": _only("true", "false"),
    "nosearch": _only("true", "false"),
    "file_format": _only("mystnb"),
    "kernelspec": _kernel,
    "mystnb": _settings,
}
