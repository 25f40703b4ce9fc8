"""Read the front matter of Jekyll, Hugo, Quarto, Pelican, Nikola and fastpages.

Authors are left out: they are called otherwise here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from blog.check.front_matter import PAGE_KEYS, POST_KEYS, explain_yaml, split_front_matter

# The keys of other programs that mean what a key of a post does, the most exact ones first.
SAME = {
    "date": ("date", "pubdate", "published_at"),
    "updated": ("updated", "lastmod", "modified", "last_modified_at"),
    "description": ("description", "summary", "excerpt", "subtitle", "abstract"),
    "lang": ("lang", "language"),
}
SUBJECTS = ("category", "categories", "tags", "keywords")
ADDRESSES = ("redirect", "aliases", "redirect_from", "permalink")
PUBLISHED = ("draft", "published", "status")
LINE = re.compile(r"(?:\.\. )?([A-Za-z][\w-]*): ?(.*)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
# A first cell or a page of fastpages: a title, what the post is about, and a list of keys.
FASTPAGES = re.compile(
    r"\A# (.+)\n+(?:> ?(.+)\n+)?(?=(?:-.*\n)*?- ?(?:badges|categories|comments|toc):)"
    r"((?:- ?[\w-]+: ?.*(?:\n|\Z))+)(?=\n|\Z)"
)


def read_front_matter(text: str) -> tuple[dict[str, Any], str]:
    r"""Return the front matter of a page, in any of its forms, and the text below it.

    Raises
    ------
    ValueError
        If it cannot be read.

    >>> read_front_matter("+++\ntitle = 'A'\n+++\n\nText.")
    ({'title': 'A'}, '\n\nText.')
    >>> read_front_matter("Title: A\n\nText.")
    ({'title': 'A'}, '\nText.')
    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    if text.startswith("---"):
        keys, end = split_front_matter(text)
        if keys is None:
            raise ValueError("line 1: the front matter is not closed: a line `---` is missing")
        return _mapping(keys, 1), "\n".join(text.split("\n")[end:])
    if found := re.match(r"\+\+\+\n(.*?)\n\+\+\+", text, re.DOTALL):
        try:
            return tomllib.loads(found[1]), text[found.end() :]
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"the front matter cannot be read: {error}") from None
    if found := FASTPAGES.match(text):
        return _read_fastpages(found), text[found.end() :]
    comment = re.match(r"<!--\s*\n((?:\.\. .*\n)+)-->", text)  # Nikola
    lines, end = (comment[1], comment.end()) if comment else _first_lines(text)
    return {
        found[1].lower(): found[2].strip()
        for line in lines.split("\n")
        if (found := LINE.fullmatch(line))
    }, text[end:]


def _first_lines(text: str) -> tuple[str, int]:
    """Return the lines of keys at the beginning of a page of Pelican, and where they end."""
    found = re.match(r"(?:title|date|slug|tags|category|author): .*\n(?:[\w-]+: .*\n)*", text, re.I)
    return (found[0], found.end()) if found else ("", 0)


def _mapping(keys: str, first: int) -> dict[str, Any]:
    """Read lines of YAML that begin below a line of a file."""
    try:
        # All values stay texts: a time of day would be moved to another time zone.
        found = yaml.load(keys.replace("\t", "  "), Loader=yaml.BaseLoader) or {}
    except yaml.MarkedYAMLError as error:
        line = first + 1 + (error.problem_mark.line if error.problem_mark else 0)
        raise ValueError(
            f"line {line}: the front matter cannot be read: {explain_yaml(error)}"
        ) from None
    if not isinstance(found, dict):
        raise ValueError(f"line {first + 1}: the front matter has no lines of `key: value`")
    return found


def _read_fastpages(found: re.Match[str]) -> dict[str, Any]:
    """Return the title, what the post is about, and the items of the list below them."""
    items = (line[1:].strip().partition(":") for line in found[3].strip().split("\n"))
    texts = {"title": found[1], "description": found[2] or ""}
    texts |= {key.strip(): value for key, _, value in items}
    return {key: _value(text) for key, text in texts.items()}


def _value(text: str) -> Any:
    """Return a value of fastpages: YAML, or a text that YAML would not read, such as one with :."""
    try:
        found = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        found = None
    return found if isinstance(found, str | list) else text.strip()


def translate(keys: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    r"""Return the lines of front matter of a post, and the keys that it does not have.

    >>> translate({"layout": "post", "date": "2019-02-03 10:00 +0100", "tags": ["a", "b"]})
    ('date: 2019-02-03\ntags: a, b', ('layout',))
    """
    keys = {str(key).lower(): value for key, value in keys.items()}
    used = {"title", *PUBLISHED, *SUBJECTS, *ADDRESSES}
    lines: dict[str, str] = {}
    for name, others in SAME.items():
        used.update(others)
        texts = [text for key in others if (text := _plain(keys.get(key), name))]
        lines |= {name: texts[0]} if texts else {}
    subjects = [part for key in SUBJECTS for part in _parts(keys.get(key))]
    if subjects and any(keys.get(key) for key in SUBJECTS[:2]):
        lines["category"] = subjects.pop(0)
    if subjects:
        lines["tags"] = ", ".join(dict.fromkeys(subjects))
    old = [
        re.sub(r"\.html$|/+$", "", str(part)).strip("/")
        for key in ADDRESSES
        for part in _parts(keys.get(key))
    ]
    if old := [part for part in old if re.fullmatch(r"[\w-]+(/[\w-]+)*", part, re.ASCII)]:
        lines["redirect"] = ", ".join(old)
    own = {
        key: keys[key]
        for key in (*POST_KEYS, *PAGE_KEYS)
        if key in keys and key not in {*used, "author", "kernelspec", "image"}
    }
    written = yaml.safe_dump(lines | own, sort_keys=False, allow_unicode=True, width=10_000)
    written = re.sub(r"^(date|updated): '([\d-]+)'$", r"\1: \2", written, flags=re.MULTILINE)
    left = tuple(key for key in keys if key not in used and key not in own)
    return (written.strip() if lines or own else ""), left


def is_draft(keys: Mapping[str, Any]) -> bool:
    """Return whether a page says that it is not published."""
    low = {str(key).lower(): str(value).lower() for key, value in keys.items()}
    return (
        low.get("draft") == "true"
        or low.get("published") == "false"
        or (low.get("status") == "draft")
    )


def _plain(value: Any, name: str) -> str:
    """Return a value as text on one line; "" if it is none."""
    if isinstance(value, dict):
        value = value.get("created") or value.get("name") or ""
    if isinstance(value, list):
        return ", ".join(filter(None, (_plain(part, name) for part in value)))
    text = " ".join(str(value if value is not None else "").split())
    if name in ("date", "updated") and (day := DAY.search(text)):
        return day[0]
    return text


def _parts(value: Any) -> list[str]:
    """Return the parts of a list, or of a text with commas or spaces between them."""
    if isinstance(value, str):
        value = value.split("," if "," in value else None)
    if not isinstance(value, list):
        value = [] if value in (None, "") else [value]
    return [text for part in value if (text := str(part).strip().replace(",", ""))]


def stated_day(stem: str) -> str:
    """Return the day at the beginning of a file's name, as Jekyll has it; "" without one.

    >>> stated_day("2019-02-03-a-post"), stated_day("a-post")
    ('2019-02-03', '')
    """
    found = re.match(r"\d{4}-\d\d-\d\d(?=-)", stem)
    try:
        return date.fromisoformat(found[0]).isoformat() if found else ""
    except ValueError:
        return ""
