"""Check all pages before Sphinx reads them, for mistakes that it would ignore or report badly.

python -m blog.check.pages [SOURCE]
"""

from __future__ import annotations

import re
import runpy
import sys
import tomllib
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from ablog.blog import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from blog.check.causes import shorten
from blog.check.cells import check_cells
from blog.check.front_matter import (
    CONVERT,
    Problems,
    Subjects,
    check_front_matter,
    read_date,
    slug,
    split_front_matter,
)
from blog.check.links import check_links, check_url
from blog.check.markdown import (
    check_markdown,
    directive,
    inline,
    line_of,
    make_parser,
    parse,
    texts,
)
from blog.check.raw_html import check_page_html
from blog.check.results import check_results
from blog.check.settings import check_settings
from blog.check.source import read_source
from blog.check.templates import check_templates

# What Markdown may say of a picture.
PICTURE = {"src", "alt", "width", "height", "align", "class", "id", "name"}
# Words that say of every picture what it is.
GENERIC = {"alt", "alt text", "bild", "figure", "image", "img", "photo", "picture", "screenshot"}
# Names of pages that ABlog generates: posts/tag.html is the list of tags.
RESERVED_NAMES = ("tag", "category", "archive", "author", "drafts")
GENERATED = re.compile(
    r"404|genindex|search|_.*|posts(/(archive|author|category|drafts|tag)(/.*)?)?"
)
POST_PATH = re.compile(r"posts/(\d{4})/([^/]+)\.(?:md|ipynb)")
SUFFIX = re.compile(r"\.(?:md|ipynb)$")
# All but tabs and line ends; XML knows none of them. Then signs that change the direction of what
# follows, and others that break lines unseen.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\u202a-\u202e\ufeff\ufffe\uffff]")
# What Git writes between two versions that it could not join.
CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7}) ", re.MULTILINE)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME)\b:?|\bTKTK\b|\b[Ll]orem ipsum\b")
# What may be the first part of a page, as the parser calls it.
BLOCKS = ("heading_open", "paragraph_open", "fence", "bullet_list_open", "table_open", "math_block")
KEPT = re.compile(r"(?:draw|glossary)\.md|guide/.*")
# Of Markdown and its relatives elsewhere.
OTHER_SUFFIXES = (".ipynb", ".markdown", ".md", ".mdown", ".mdx", ".mkd", ".qmd", ".rmd", ".rst")
# What posts/subjects.toml holds, each with an example.
SUBJECTS = {"tags": 'tags = ["cats", "dogs"]', "categories": 'categories = ["Animals"]'}
DRAFTS = ("drafts/*.md", "drafts/*.ipynb")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def read_settings(source: Path) -> dict[str, Any]:
    """Return the settings in conf.py."""
    return runpy.run_path(str(source / "conf.py"))


def find_pages(source: Path, *, drafts: bool = False) -> list[str]:
    """Return the names of all pages that Sphinx will read."""
    from sphinx.util.matching import get_matching_files

    settings = read_settings(source)
    included = [*settings["include_patterns"], *(DRAFTS if drafts else ())]
    return sorted(get_matching_files(source, included, settings["exclude_patterns"]))


def read_subjects(source: Path) -> tuple[Subjects | None, list[str]]:
    """Read the allowed tags and categories; return them, if they can be read, and the problems."""
    name = "posts/subjects.toml"
    try:
        read = tomllib.loads((source / name).read_text(encoding="utf-8"))
    except OSError:
        return None, [
            f"{name}: there is no such file; write into it {SUBJECTS['tags']} and "
            f"{SUBJECTS['categories']}"
        ]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line = re.search(r"at line (\d+)", str(error))
        return None, [
            f"{name}:{line[1] if line else 1}: cannot be read: {error}; write it as in "
            f"{SUBJECTS['tags']}"
        ]
    problems = [
        f"{name}:1: {key}: {'empty' if key in read else 'missing'}; write {example}"
        if not read.get(key)
        else f"{name}:1: {key}: not a list of texts; write {example}"
        for key, example in SUBJECTS.items()
        if not _is_list_of_texts(read.get(key))
    ]
    if problems:
        return None, problems
    authors = tuple(read_settings(source).get("authors", ()))
    subjects = Subjects(tuple(read["tags"]), tuple(read["categories"]), authors)
    for words in (subjects.tags, subjects.categories):
        seen: dict[str, str] = {}
        for word in words:
            address = slugify(word)  # as ABlog writes it
            other = seen.setdefault(address, word)
            if not address:
                problems.append(f'{name}: "{word}" contains no letter or digit for a URL')
            elif other != word:
                problems.append(f'{name}: "{word}" and "{other}" would have the same URL')
    return subjects, problems


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def find_ignored(source: Path) -> dict[str, str]:
    """Return files that look like pages but are none, each with what to do about it.

    Names in capitals, such as README.md, are those of files about the repository.
    """
    from sphinx.util.matching import get_matching_files

    pages = find_pages(source, drafts=True)
    names = [path.name for path in source.glob("*.md") if not path.stem.isupper()]
    notes = {
        name: f"{name} is not a page of the blog: to add it, list it in include_patterns in conf.py"
        for name in sorted(names)
        if name not in pages
    }
    excluded = read_settings(source)["exclude_patterns"]
    found = set(get_matching_files(source, ["**/*.md", "**/*.ipynb"], excluded)) - set(pages)
    misplaced = {
        name: f"{name} says that it is a post, but posts belong in posts/YYYY/: move it there"
        for name in sorted(found)
        if says_it_is_a_post(source / name)
    }
    return notes | misplaced


def says_it_is_a_post(path: Path) -> bool:
    """Return whether a file has the front matter of a post."""
    try:
        keys, _ = split_front_matter(read_source(path).text)
    except (OSError, ValueError):
        return False
    return bool(keys and re.search(r"^blogpost: *true *$", keys, flags=re.MULTILINE))


def check_suffixes(source: Path) -> Iterator[str]:
    """Find files among the posts whose suffix keeps them from being posts."""
    for path in sorted(source.glob("posts/**/*")):
        other = path.suffix.lower() in OTHER_SUFFIXES and path.suffix not in (".md", ".ipynb")
        if (other or path.name.endswith(".md.txt")) and path.is_file():
            name = path.relative_to(source).as_posix()
            suffix = ".ipynb" if path.suffix.lower() == ".ipynb" else ".md"
            called = f"{path.stem.removesuffix('.md')}{suffix}"
            ending = "" if path.suffix.lower() == ".rst" else f": call it {called}"
            yield f"{name}: posts are .md or .ipynb files, so this one is not shown{ending}"


def check_pages(source: Path, *, drafts: bool = False) -> list[str]:
    """Return the problems of all pages, each with file and line.

    Parameters
    ----------
    source : Path
        The folder of the blog.
    drafts : bool
        Whether this is a preview: with drafts, and with descriptions that are still to be written.
    """
    try:
        names = find_pages(source, drafts=drafts)
    except Exception as error:
        line = getattr(error, "lineno", None)
        return [f"conf.py{f':{line}' if line else ''}: {type(error).__name__}: {error}"]
    subjects, problems = read_subjects(source)
    if not subjects:  # what posts say of their tags cannot be judged
        return problems
    problems += check_suffixes(source)
    settings = read_settings(source)
    problems += check_settings(settings, (source / "conf.py").read_text("utf-8"))
    parser = make_parser(settings)
    known = settings.get("myst_substitutions", {})
    posts: dict[str, str] = {}
    addresses = {SUFFIX.sub("", name): name for name in names}
    places: dict[str, str] = {}  # in the series
    for name in names:
        try:
            page = read_source(source / name)
        except ValueError as error:
            problems.append(f"{name}: {error}")
            continue
        found = check_page(
            source, name, page.text, subjects, parser, names, preview=drafts, known=known
        )
        problems += [
            f"{name}{page.place(line)}: {message}" for line, message in shorten(found, page)
        ]
        post = POST_PATH.fullmatch(name)
        other = posts.setdefault(slug(post[2]), name) if post else name
        if other != name:
            problems.append(
                f"{name}: {other} has the same name, so links to them would be ambiguous; "
                "rename one of them"
            )
        line, old = front_matter_line(page.text, "redirect") if post else (0, "")
        for address in filter(None, re.split(r"\s*,\s*", old)):
            first = addresses.setdefault(address, name)
            first = "the blog itself" if GENERATED.fullmatch(address) else first
            if first != name or address == SUFFIX.sub("", name):
                where = page.place(line)
                problems.append(f"{name}{where}: redirect: {address} is an address of {first}")
        line, place = front_matter_line(page.text, "series") if post else (0, "")
        if place and (first := places.setdefault(place, name)) != name:
            where = page.place(line)
            problems.append(f"{name}{where}: series: {first} has the place {place} already")
    return problems


def front_matter_line(text: str, key: str) -> tuple[int, str]:
    """Return the line and the value of a key in a post's front matter; 0 and "" without it."""
    keys, _ = split_front_matter(text)
    found = re.search(rf"^{key}:[ \t]*(\S.*?)[ \t]*$", keys or "", flags=re.MULTILINE)
    return (keys[: found.start()].count("\n") + 2, found[1]) if keys and found else (0, "")


def check_page(
    source: Path,
    name: str,
    text: str,
    subjects: Subjects,
    parser: MarkdownIt,
    pages: Sequence[str] = (),
    *,
    preview: bool = False,
    known: Collection[str] = (),
) -> Problems:
    """Yield the line number and the message of each problem of one page.

    Parameters
    ----------
    source : Path
        The folder of the blog.
    name, text : str
        The file of the page, and its text.
    subjects : Subjects
    parser : MarkdownIt
    pages : sequence of str
        The files of all pages.
    preview : bool
        Whether only its author will see it.
    known : collection of str
        What `conf.py` defines to stand between double braces.
    """
    notebook = name.endswith(".ipynb")
    raw = (source / name).read_bytes()
    try:
        raw.decode("utf-8")
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
    if control := CONTROL.search(text):
        line = text[: control.start()].count("\n") + 1
        yield line, f"the control character U+{ord(control[0]):04X} is not text: delete it"
        return
    if conflict := CONFLICT.search(text):
        line = text[: conflict.start()].count("\n") + 1
        yield line, "a conflict of two versions: keep one, and delete the lines <<<<<<< to >>>>>>>"
        return
    if notebook and not text.startswith("---"):
        yield (
            1,
            "no front matter: write it into the first cell, between two lines `---`, or let `make "
            "post FROM=` make a page of the notebook",
        )
        return
    front, _ = split_front_matter(text)
    tokens = parse(parser, text) if front is not None else []
    draft = name.startswith("drafts/")
    stated = list(
        check_front_matter(
            text,
            subjects,
            post=draft or name.startswith("posts/"),
            draft=draft,
            front=name == "index.md",
            preview=draft or preview,
            cells=not notebook and any(directive(token)[0] == "code-cell" for token in tokens),
        )
    )
    yield from stated
    # What should be in the front matter, or is to be converted, would be taken for text.
    if front is None or any(CONVERT in message for _, message in stated):
        return
    yield from check_location(name, text)
    yield from check_headings(tokens)
    for line, words in texts(tokens) if not (draft or preview) else ():
        if found := UNFINISHED.search(words):
            yield (
                line,
                f'"{found[0]}" says that this is not finished: finish it, or keep the page in '
                "drafts/ until then",
            )
    yield from check_markdown(tokens, text)
    yield from check_templates(tokens, known)
    yield from check_page_html(tokens)
    yield from check_cells(tokens)
    yield from check_results(tokens)
    yield from check_blocks(tokens)
    if not KEPT.fullmatch(name):  # from which sentences on pages that are gone are left out
        yield from check_links(source, name, tokens, pages)
    for line, piece in inline(tokens):
        yield from ((line, message) for message in check_inline(piece))


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
    first_block = next((token for token in tokens if token.type in BLOCKS), None)
    if (
        first_block
        and first_block.type != "heading_open"
        and any(token.type == "heading_open" and token.tag == "h1" for token in tokens)
    ):
        yield line_of(first_block), "this stands above the title: move it below the line `# Title`"
    for opening, text in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        level, line, words = int(opening.tag[1]), line_of(opening), text.content
        kinds = {child.type for child in text.children or ()}
        if level == 1 and not last and kinds & {"link_open", "footnote_ref", "image"}:
            yield (
                line,
                "a title is shown in lists, too, so it holds no link, no note and no picture: move "
                "them into the text",
            )
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
        # Without Latin letters there is no slug; the anchor is then the heading itself.
        first = seen.setdefault(slug(words) or words, line)
        if first != line:
            yield line, f'duplicate heading "{words}": it is already used on line {first}'
        last = level
    if not last:
        yield 1, "no title: add a line `# Title` after the front matter"


def check_blocks(tokens: Sequence[Token]) -> Problems:
    """Check the alt text of block-level pictures."""
    for token in tokens:
        name, _ = directive(token)
        if name in ("image", "figure"):
            options = dict(re.findall(r"^:([\w-]+):(.*)$", token.content, flags=re.MULTILINE))
            if not options.get("alt", "").strip():
                yield line_of(token), f"{name} without :alt:; describe what the picture shows"
        elif token.type == "html_block":
            yield from ((line_of(token), message) for message in check_html(token.content))


def is_generic(alt: str, address: str) -> bool:
    """Return whether a text alternative is only the name of the file, or the word "picture"."""
    name = PurePosixPath(unquote(address))
    return alt.strip().lower() in {*GENERIC, name.name.lower()}


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
        elif is_generic(token.content, str(token.attrs["src"])):
            yield f'"{token.content}" does not say what the picture shows: write a description'
        yield from check_url(str(token.attrs["src"]), "picture")
        for name in sorted(set(token.attrs) - PICTURE):
            yield (
                f'"{token.attrs[name]}" is not shown: for a caption, write ```{{figure}}'
                if name == "title"
                else f"{{{name}={token.attrs[name]}}} has no effect on a picture; to set its "
                "size, write {width=300px}"
            )
    elif token.type == "link_open":
        yield from check_url(str(token.attrs["href"]), "link")
    elif token.type == "html_inline":
        yield from check_html(token.content)
    elif token.type == "text":
        for broken in re.findall(r"\]\([^()]*\)|\] \(\S+://[^()]*\)", token.content):
            yield f"Markdown does not recognize this as a link: [...{broken}"


if __name__ == "__main__":
    found = check_pages(Path(sys.argv[1] if sys.argv[1:] else ".").resolve())
    print("\n".join(found) or "No problems found")
    sys.exit(bool(found))
