"""Check all pages before Sphinx reads them, for mistakes that it would ignore or report badly.

python -m blog.check.pages [SOURCE]
"""

from __future__ import annotations

import re
import runpy
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from blog.check.front_matter import (
    Problems,
    Subjects,
    check_front_matter,
    read_date,
    slug,
    split_front_matter,
    suggest,
)

MARKDOWN = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(front_matter_plugin)
    .use(colon_fence_plugin)
    .use(dollarmath_plugin)
)
CELL_TAGS = ("hide-input", "hide-output", "remove-input")
SCHEMES = ("http", "https", "mailto")
# Names of pages that ABlog generates: posts/tag.html is the list of tags.
RESERVED_NAMES = ("tag", "category", "archive", "author", "drafts")
POST_PATH = re.compile(r"posts/(\d{4})/([^/]+)\.md")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def find_pages(source: Path, *, drafts: bool = False) -> list[str]:
    """Return the names of all pages that Sphinx will read."""
    from sphinx.util.matching import get_matching_files

    settings = runpy.run_path(str(source / "conf.py"))
    included = [*settings["include_patterns"], *(["drafts/*.md"] if drafts else [])]
    return sorted(get_matching_files(source, included, settings["exclude_patterns"]))


def read_subjects(source: Path) -> tuple[Subjects, list[str]]:
    """Read the allowed tags and categories; return them and the problems found."""
    name = "posts/subjects.toml"
    try:
        read = tomllib.loads((source / name).read_text(encoding="utf-8"))
        subjects = Subjects(tuple(read["tags"]), tuple(read["categories"]))
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        return Subjects((), ()), [f"{name}: cannot be read: {error}"]
    problems = []
    for words in (subjects.tags, subjects.categories):
        seen: dict[str, str] = {}
        for word in words:
            other = seen.setdefault(slug(word), word)
            if not slug(word):
                problems.append(f'{name}: "{word}" contains no letter or digit for a URL')
            elif other != word:
                problems.append(f'{name}: "{word}" and "{other}" would have the same URL')
    return subjects, problems


def check_pages(source: Path, *, drafts: bool = False) -> list[str]:
    """Return the problems of all pages, each with file and line."""
    try:
        names = find_pages(source, drafts=drafts)
    except Exception as error:
        line = getattr(error, "lineno", None)
        return [f"conf.py{f':{line}' if line else ''}: {type(error).__name__}: {error}"]
    subjects, problems = read_subjects(source)
    posts: dict[str, str] = {}
    places: dict[str, str] = {}  # in the series
    for name in names:
        found = check_page(source, name, subjects)
        problems += [f"{name}:{line}: {message}" for line, message in found]
        post = POST_PATH.fullmatch(name)
        other = posts.setdefault(slug(post[2]), name) if post else name
        if other != name:
            problems.append(
                f"{name}: {other} has the same name, so links to them would be ambiguous; "
                "rename one of them"
            )
        line, place = series_place(source / name) if post else (0, "")
        if place and (first := places.setdefault(place, name)) != name:
            problems.append(f"{name}:{line}: series: {first} has the place {place} already")
    return problems


def series_place(path: Path) -> tuple[int, str]:
    """Return the line and the place in the series that a post's front matter gives, if any."""
    keys, _ = split_front_matter(path.read_text("utf-8", errors="replace"))
    found = re.search(r"^series:[ \t]*(\S+)", keys or "", flags=re.MULTILINE)
    return (keys[: found.start()].count("\n") + 2, found[1]) if keys and found else (0, "")


def check_page(source: Path, name: str, subjects: Subjects) -> Problems:
    """Yield the line number and the message of each problem of one page."""
    raw = (source / name).read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        yield line, f"not valid UTF-8 (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
        return
    if not text.strip():
        yield 1, "the file is empty"
        return
    if text.startswith("\ufeff"):
        yield 1, "the file starts with a byte order mark; save it without one"
        return
    text = text.replace("\r\n", "\n")
    draft = name.startswith("drafts/")
    yield from check_front_matter(
        text,
        subjects,
        post=draft or name.startswith("posts/"),
        draft=draft,
        front=name == "index.md",
        cells="```{code-cell}" in text,
    )
    yield from check_location(name, text)
    tokens = MARKDOWN.parse(text)
    yield from check_headings(tokens)
    yield from check_blocks(tokens)
    for token in tokens:
        for child in token.children or ():
            yield from ((_line(token), message) for message in check_inline(child))


def check_location(name: str, text: str) -> Problems:
    """Check that a post is in the folder of its year and that its name can be used in a URL."""
    if not name.startswith("posts/"):
        return
    post = POST_PATH.fullmatch(name)
    if not post:
        yield 1, "not in the folder of a year; posts belong in posts/YYYY/"
        return
    if not NAME.fullmatch(post[2]) or post[2] in RESERVED_NAMES:
        yield (
            1,
            f'"{post[2]}" is not a valid post name; use lower-case letters, digits and hyphens',
        )
    stated = re.search(r"^date: *[\"']?(.*?)[\"']? *$", text, flags=re.MULTILINE)
    day = read_date(stated[1]) if stated else None
    if day and str(day.year) != post[1] and day <= date.today():
        line = text[: stated.start()].count("\n") + 1 if stated else 1
        yield line, f"date: {stated[1] if stated else ''} is not in the folder's year, {post[1]}"


def check_headings(tokens: Sequence[Token]) -> Problems:
    """Check that there is one title, that no level is skipped, and that headings are unique."""
    last = 0
    seen: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        level, line, words = int(opening.tag[1]), _line(opening), inline.content
        if not words:
            yield line, "empty heading"
        elif not last and level > 1:
            yield line, f"the first heading has level {level}; start the title with one `#`"
        elif last and level == 1:
            yield line, f'second title "{words}"; start it with `##`'
        elif level > last + 1:
            yield (
                line,
                f'heading "{words}" skips from level {last} to {level}; use {"#" * (last + 1)}',
            )
        if seen.setdefault(slug(words), line) != line:
            yield (
                line,
                f'duplicate heading "{words}": it is already used on line {seen[slug(words)]}',
            )
        last = level
    if not last:
        yield 1, "no title: add a line `# Title` after the front matter"


def check_blocks(tokens: Sequence[Token]) -> Problems:
    """Check the tags of code cells, and the alt text of block-level pictures."""
    for token in tokens:
        line = _line(token)
        if token.type in ("fence", "colon_fence"):
            kind = token.info.split("}")[0].lstrip("{") if token.info.startswith("{") else ""
            options = dict(re.findall(r"^:([\w-]+):(.*)$", token.content, flags=re.MULTILINE))
            if kind in ("image", "figure") and not options.get("alt", "").strip():
                yield line, f"{kind} without :alt:; describe what the picture shows"
            tags = re.findall(r"[\w-]+", options.get("tags", "")) if kind == "code-cell" else ()
            for tag in tags:
                if tag not in CELL_TAGS:
                    yield line, f'unknown cell tag "{tag}"; {suggest(tag, CELL_TAGS)}'
        elif token.type == "html_block":
            yield from ((line, message) for message in check_html(token.content))


def check_html(text: str) -> Iterator[str]:
    """Check the alt text of pictures written as HTML."""
    for tag in re.findall(r"<img\b[^>]*>", text):
        if not re.search(r"\balt=(\"[^\"]*\S[^\"]*\"|'[^']*\S[^']*')", tag):
            yield "<img> without alt; describe what the picture shows"


def check_inline(token: Token) -> Iterator[str]:
    """Check a picture, a link, inline HTML or text."""
    if token.type == "image":
        if not token.content.strip():
            yield f"picture without alt text: write ![description]({token.attrs['src']})"
        yield from check_url(str(token.attrs["src"]), "picture")
    elif token.type == "link_open":
        yield from check_url(str(token.attrs["href"]), "link")
    elif token.type == "html_inline":
        yield from check_html(token.content)
    elif token.type == "text":
        for broken in re.findall(r"\]\([^()]*\)|\] \(\S+://[^()]*\)", token.content):
            yield f"Markdown does not recognize this as a link: [...{broken}"


def check_url(target: str, kind: str) -> Iterator[str]:
    """Check the target of a link or a picture."""
    if not target:
        yield f"{kind} without a target"
        return
    if re.match(r"/(home|Users|root|tmp|mnt)/|[A-Za-z]:[\\/%]|file:|\\", target):
        yield f"{target} exists on one machine only; use a path relative to this page"
        return
    try:
        parts = urlsplit(target)
        host = parts.hostname
    except ValueError as error:
        yield f"{target} is not a valid URL: {error}"
        return
    if parts.scheme and parts.scheme not in SCHEMES:
        yield f'{target}: unknown URL scheme "{parts.scheme}"; {suggest(parts.scheme, SCHEMES)}'
    elif parts.scheme in ("http", "https") and (not host or "." not in host.strip(".")):
        yield f"{target} is not a valid URL: it has no host name"


def _line(token: Token) -> int:
    """Return the number of a token's first line, from 1."""
    return (token.map or [0])[0] + 1


if __name__ == "__main__":
    found = check_pages(Path(sys.argv[1] if sys.argv[1:] else ".").resolve())
    print("\n".join(found) or "No problems found")
    sys.exit(bool(found))
