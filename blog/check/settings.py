"""Check what conf.py says of the blog, where Sphinx would pass over a mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from blog.check.front_matter import is_language

# Of these nothing is written, or only large things.
GROUNDS = ("paper", "surface")
UNWRITTEN = (*GROUNDS, "line")
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_settings(settings: Mapping[str, Any], text: str) -> list[str]:
    """Return the problems of the settings, each with the line of conf.py."""
    problems = []
    for name, rule in RULES.items():
        if name in settings:
            found = re.search(rf"^{name}\b", text, flags=re.MULTILINE)
            line = text[: found.start()].count("\n") + 1 if found else 1
            problems += [f"conf.py:{line}: {name}: {message}" for message in rule(settings[name])]
    return problems


def _check_text(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"{value!r} is not a text"


def _check_authors(value: Any) -> Iterator[str]:
    if not isinstance(value, dict) or not value:
        yield f'{value!r} names nobody; write {{"ann": ("Ann Lee", None)}}'
        return
    for key, author in value.items():
        if not KEY.fullmatch(str(key)):
            yield f'"{key}" is not a key; use lower-case letters, digits and hyphens'
        pair = author if isinstance(author, tuple | list) and len(author) == 2 else ("", "")
        if not pair[0] or (pair[1] is not None and not _is_address(pair[1])):
            yield f'"{key}" is {author!r}; write a name, and an address (https://…) or None'


def _check_licences(value: Any) -> Iterator[str]:
    for what, licence in _items(value):
        pair = licence if isinstance(licence, tuple | list) and len(licence) == 2 else ("", "")
        if not pair[0] or not _is_address(pair[1]):
            yield f'"{what}" is {licence!r}; write a name and an address (https://…)'


def _check_links(value: Any) -> Iterator[str]:
    for label, address in _items(value):
        if not _is_address(address):
            yield f'"{label}" leads to {address!r}; write an address (https://…)'


def _check_repository(value: Any) -> Iterator[str]:
    if value and not _is_address(value):
        yield f"{value!r} is not an address (https://…)"


def _check_letter(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or len(value) > 2:
        yield f"{value!r} is more than two letters"


def _check_language(value: Any) -> Iterator[str]:
    if not is_language(str(value)):
        yield f'"{value}" is not the name of a language, such as en, de, fr or zh_CN'


def _check_words(value: Any) -> Iterator[str]:
    for english, own in _items(value):
        if not isinstance(own, str) or not own:
            yield f'"{english}" is {own!r}; write a text'


def _check_colours(value: Any) -> Iterator[str]:
    """Check that each colour is one of the palette, and can be read on both grounds."""
    if not value:
        return
    try:
        # Imported here: the build reports a mistake in cnnlib with its line, and the palette has
        # these colours by now, or refuses them.
        from blog.check.contrast import TEXT, contrast
        from cnnlib.explain.palette import CONTROLS, PALETTE, read_colours

        own = read_colours(json.dumps(value, default=str))
    except (TypeError, ValueError) as error:
        yield str(error).removeprefix("colours: ")
        return
    palette = PALETTE | CONTROLS | own
    for name, pair in palette.items():
        for mode, colour in zip(("light", "dark"), pair, strict=True):
            for ground in GROUNDS if name not in UNWRITTEN else ():
                behind = palette[ground][mode == "dark"]
                reached = contrast(colour, behind)
                if reached < TEXT and {name, ground} & own.keys():
                    yield (
                        f"{name} in {colour} has a contrast of {reached:.1f} on the {mode} "
                        f"{ground}, {behind}; {TEXT:g} is needed to read it"
                    )


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else [(str(value), None)]


def _is_address(value: Any) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else None
    return bool(parts and parts.scheme in ("http", "https") and "." in parts.netloc)


RULES: dict[str, Callable[[Any], Iterator[str]]] = {
    "project": _check_text,
    "tagline": _check_text,
    "description": _check_text,
    "authors": _check_authors,
    "language": _check_language,
    "licences": _check_licences,
    "links": _check_links,
    "repository": _check_repository,
    "colours": _check_colours,
    "logo_letter": _check_letter,
    "words": _check_words,
}
