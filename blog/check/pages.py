"""The check of all pages before Sphinx reads them: what it would pass over, or trip on.

python -m blog.check.pages [SOURCE]
"""

from __future__ import annotations

import re
import runpy
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from blog.check import front_matter
from blog.check.front_matter import Found, Subjects, nearest, slug

MARKDOWN = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(front_matter_plugin)
    .use(colon_fence_plugin)
    .use(dollarmath_plugin)
)
CELL_TAGS = ("hide-input", "hide-output", "remove-input")
SCHEMES = ("http", "https", "mailto")
# Names that the blog's own pages have: posts/tag.html is the list of tags.
TAKEN = ("tag", "category", "archive", "author", "drafts")
POST_PATH = re.compile(r"posts/(\d{4})/([^/]+)\.md")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def pages(source: Path, *, drafts: bool = False) -> list[str]:
    """Return the names of all pages that Sphinx will read."""
    from sphinx.util.matching import get_matching_files

    settings = runpy.run_path(str(source / "conf.py"))
    included = [*settings["include_patterns"], *(["drafts/*.md"] if drafts else [])]
    return sorted(get_matching_files(source, included, settings["exclude_patterns"]))


def subjects(source: Path) -> tuple[Subjects, list[str]]:
    """Read which tags and categories there are, and what is wrong with them."""
    name = "posts/subjects.toml"
    try:
        read = tomllib.loads((source / name).read_text(encoding="utf-8"))
        known = Subjects(tuple(read["tags"]), tuple(read["categories"]))
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        return Subjects((), ()), [f"{name}: cannot be read: {error}"]
    wrong = []
    for words in (known.tags, known.categories):
        seen: dict[str, str] = {}
        for word in words:
            other = seen.setdefault(slug(word), word)
            if other != word or not slug(word):
                clash = f'and "{other}" would share an address' if slug(word) else "has no address"
                wrong.append(f'{name}: "{word}" {clash}')
    return known, wrong


def check_pages(source: Path, *, drafts: bool = False) -> list[str]:
    """Return what is wrong with the pages, each with file and line."""
    try:
        names = pages(source, drafts=drafts)
    except Exception as error:
        line = getattr(error, "lineno", None)
        return [f"conf.py{f':{line}' if line else ''}: {type(error).__name__}: {error}"]
    known, wrong = subjects(source)
    posts: dict[str, str] = {}
    for name in names:
        wrong += [f"{name}:{line}: {said}" for line, said in page(source, name, known)]
        post = POST_PATH.fullmatch(name)
        other = posts.setdefault(slug(post[2]), name) if post else name
        if other != name:
            wrong.append(
                f"{name}: {other} has the same name; links to them could not be told apart, "
                "so rename one"
            )
    return wrong


def page(source: Path, name: str, known: Subjects) -> Found:
    """Yield line and message for everything that is wrong with one page."""
    raw = (source / name).read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        yield line, f"not UTF-8 (byte 0x{raw[error.start]:02x}); save the file in that encoding"
        return
    if not text.strip():
        yield 1, "the file is empty"
        return
    if text.startswith("\ufeff"):
        yield 1, "begins with an invisible byte order mark; save the file without one"
        return
    text = text.replace("\r\n", "\n")
    draft = name.startswith("drafts/")
    is_post = draft or name.startswith("posts/")
    cells = "```{code-cell}" in text
    front = name == "index.md"
    yield from front_matter.check(text, known, post=is_post, draft=draft, front=front, cells=cells)
    yield from place(name, text)
    tokens = MARKDOWN.parse(text)
    yield from headings(tokens)
    yield from blocks(tokens)
    for token in tokens:
        for child in token.children or ():
            line = (token.map or (0,))[0] + 1
            yield from ((line, said) for said in inline(child, (source / name).parent))


def place(name: str, text: str) -> Found:
    """Check that a post lies where its date says, under a name that can be an address."""
    if not name.startswith("posts/"):
        return
    post = POST_PATH.fullmatch(name)
    if not post:
        yield 1, "would not be found as a post; posts lie in posts/YYYY/"
        return
    if not NAME.fullmatch(post[2]) or post[2] in TAKEN:
        yield 1, f'"{post[2]}" cannot be the name of a post; use small letters, digits and hyphens'
    stated = re.search(r"^date: *[\"']?(.*?)[\"']? *$", text, flags=re.MULTILINE)
    day = front_matter.read_date(stated[1]) if stated else None
    if day and str(day.year) != post[1] and day <= date.today():
        line = text[: stated.start()].count("\n") + 1 if stated else 1
        yield line, f"date: {stated[1] if stated else ''} is not in {post[1]}, the folder's year"


def headings(tokens: list) -> Found:
    """Check that there is one title, that no level is left out, and that no two are the same."""
    last = 0
    seen: dict[str, int] = {}
    for mark, inside in pairwise(tokens):
        if mark.type != "heading_open":
            continue
        level, line, words = int(mark.tag[1]), mark.map[0] + 1, inside.content
        if not words:
            yield line, "a heading without words"
        elif not last and level > 1:
            yield line, f"the page begins with a heading of level {level}; its title needs one `#`"
        elif last and level == 1:
            yield line, f'a second title, "{words}": begin it with `##`'
        elif level > last + 1:
            yield line, f'"{words}" goes from level {last} to {level}; use {"#" * (last + 1)}'
        if seen.setdefault(slug(words), line) != line:
            yield line, f'"{words}" is also the heading on line {seen[slug(words)]}'
        last = level
    if not last:
        yield 1, "no title: write one after the front matter, as `# Title`"


def blocks(tokens: list) -> Found:
    """Check tags of cells, and the text alternatives of pictures that are not within a line."""
    for token in tokens:
        line = (token.map or (0,))[0] + 1
        if token.type in ("fence", "colon_fence"):
            kind = token.info.split("}")[0].lstrip("{") if token.info.startswith("{") else ""
            options = dict(re.findall(r"^:([\w-]+):(.*)$", token.content, flags=re.MULTILINE))
            if kind in ("image", "figure") and not options.get("alt", "").strip():
                yield line, f"a {kind} without :alt:, which says what it shows"
            tags = re.findall(r"[\w-]+", options.get("tags", "")) if kind == "code-cell" else ()
            for tag in tags:
                if tag not in CELL_TAGS:
                    yield line, f'"{tag}" is not a tag of a cell; {nearest(tag, CELL_TAGS)}'
        elif token.type == "html_block":
            yield from ((line, said) for said in html(token.content))


def html(text: str) -> Iterator[str]:
    """Check pictures that are written as HTML."""
    for tag in re.findall(r"<img\b[^>]*>", text):
        if not re.search(r"\balt=(\"[^\"]*\S[^\"]*\"|'[^']*\S[^']*')", tag):
            yield "an <img> without alt, which says what it shows"


def inline(token: object, folder: Path) -> Iterator[str]:
    """Check a picture, a link, or the words between them."""
    kind = token.type
    if kind == "image":
        if not token.content.strip():
            yield f"a picture without a text alternative: ![what it shows]({token.attrs['src']})"
        yield from address(str(token.attrs["src"]), "picture")
    elif kind == "link_open":
        yield from address(str(token.attrs["href"]), "link")
    elif kind == "html_inline":
        yield from html(token.content)
    elif kind == "text":
        for broken in re.findall(r"\]\([^()]*\)|\] \(\S+://[^()]*\)", token.content):
            yield f"a link that Markdown does not take for one: [...{broken}"


def address(target: str, what: str) -> Iterator[str]:
    """Check where a link or a picture points."""
    if not target:
        yield f"a {what} that points nowhere"
        return
    if re.match(r"/(home|Users|root|tmp|mnt)/|[A-Za-z]:[\\/%]|file:|\\", target):
        yield f"{target} is a place on one machine; write the path from this page"
        return
    try:
        parts = urlsplit(target)
        host = parts.hostname
    except ValueError as error:
        yield f"{target} is no address: {error}"
        return
    if parts.scheme and parts.scheme not in SCHEMES:
        yield f"{target}: {parts.scheme} is not a kind of address; {nearest(parts.scheme, SCHEMES)}"
    elif parts.scheme in ("http", "https") and (not host or "." not in host.strip(".")):
        yield f"{target} is no address: it names no host"


if __name__ == "__main__":
    found = check_pages(Path(sys.argv[1] if sys.argv[1:] else ".").resolve())
    print("\n".join(found) or "The pages are in order")
    sys.exit(bool(found))
