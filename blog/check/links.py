"""Check that the pages, files and pictures that a page links to are there."""

from __future__ import annotations

import difflib
import ipaddress
import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it.token import Token

from blog.check.front_matter import Problems, suggest
from blog.check.markdown import directive, inline, line_of

SCHEMES = ("http", "https", "mailto")
# What to write in place of other schemes.
ELSEWHERE = {
    "doi": "write https://doi.org/ and the number",
    "arxiv": "write https://arxiv.org/abs/ and the number",
    "data": "save it as a file beside the page",
}
PAGE = (".md", ".ipynb")
# Files that readers may download.
FILES = re.compile(
    r".*\.(?:csv|tsv|txt|json|xlsx?|zip|gz|pdf|py|npy|npz|parquet|png|jpe?g|gif|svg|webp|mp4|bib)",
    re.IGNORECASE,
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
HOST = re.compile(r"[\w.-]+\.(?:com|de|dev|edu|eu|io|net|org)(?:/.*)?|www\..*")
# What is there on one machine only; `blog.check.pages` says so.
MACHINE = re.compile(r"/(home|Users|root|tmp|mnt)/|[A-Za-z]:[\\/%]|file:|\\")
# Pictures that cameras and programs write, but browsers do not show.
NOT_SHOWN = (".heic", ".heif", ".tif", ".tiff", ".bmp", ".psd", ".dng", ".cr2", ".nef")


def check_links(
    source: Path, name: str, tokens: Sequence[Token], pages: Collection[str]
) -> Problems:
    """Check all links and pictures of a page.

    Parameters
    ----------
    source : Path
        The folder of the blog.
    name : str
        The file of the page.
    tokens : sequence of Token
        What `parse` returns.
    pages : collection of str
        The files of all pages.
    """
    for line, piece in inline(tokens):
        if piece.type == "link_open":
            target = str(piece.attrs["href"])
            yield from ((line, one) for one in check_link(source, name, target, pages))
        elif piece.type == "image":
            target = str(piece.attrs["src"])
            yield from ((line, one) for one in check_picture(source, name, target))
    for token in tokens:
        kind, target = directive(token)
        if kind in ("image", "figure"):
            yield from ((line_of(token), one) for one in check_picture(source, name, target))


def check_link(source: Path, name: str, target: str, pages: Collection[str]) -> Iterator[str]:
    """Check one link."""
    path = resolve(name, target)
    if not path:
        return
    if MAIL.fullmatch(target):
        yield f"{target} is taken for a page of this blog: write mailto:{target}"
    elif HOST.fullmatch(target) and not (source / path).exists():
        yield f"{target} is taken for a page of this blog: write https://{target} for another site"
    elif path.endswith(PAGE) and not (source / path).is_file():
        other = "link to the file of a page, or remove the link"
        yield f"there is no page {path}; {advice(path, pages, other)}"
    elif path.endswith(PAGE) and pages and path not in pages:
        yield f"{path} is not a page of the blog, so readers cannot open it: remove the link"
    elif path.endswith(".html"):
        stems = [f"{path.removesuffix('.html')}{suffix}" for suffix in PAGE]
        for page in (stem for stem in stems if stem in pages):
            yield f"{target} is not a file here: link to the file of the page, /{page}"
    elif FILES.fullmatch(path) and not (source / path).is_file():
        folder, wanted = posixpath.split(path)
        there = [one.name for one in (source / folder).glob("*") if one.is_file()]
        known = [one for one in there if not one.endswith(PAGE)]
        yield f"there is no file {path}; {advice(wanted, known, 'save it there', 'you have {}')}"


def check_url(target: str, kind: str) -> Iterator[str]:
    """Check the address of a link or a picture."""
    if not target:
        yield f"{kind} without a target"
        return
    if MACHINE.match(target):
        yield f"{target} exists on one machine only; use a path relative to this page"
        return
    try:
        parts = urlsplit(target)
        host = parts.hostname
    except ValueError as error:
        yield f"{target} is not a valid URL: {error}"
        return
    if parts.scheme and parts.scheme not in SCHEMES:
        instead = ELSEWHERE.get(parts.scheme) or suggest(parts.scheme, SCHEMES)
        yield f'{target[:60]}: unknown URL scheme "{parts.scheme}"; {instead}'
    elif parts.scheme == "mailto" and not MAIL.fullmatch(unquote(parts.path)):
        yield f"{target} is not an address of e-mail: write mailto:name@example.org"
    elif host and is_local(host):
        yield f"{target} leads to a server on your own machine: link to the file of a page"
    elif parts.scheme in ("http", "https") and (not host or "." not in host.strip(".")):
        yield f"{target} is not a valid URL: it has no host name"
    elif host and kind == "picture":
        yield f"nothing is loaded from other sites: save {target} beside the page"


def is_local(host: str) -> bool:
    """Return whether a host is this machine, or one of its own network.

    >>> [is_local(name) for name in ("localhost", "192.168.1.5", "example.org")]
    [True, True, False]
    """
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith(".local")


def check_picture(source: Path, name: str, target: str) -> Iterator[str]:
    """Check one picture."""
    path = resolve(name, target)
    if not path:
        return
    folder, wanted = posixpath.split(path)
    there = sorted(one.name for one in (source / folder).glob("*") if one.is_file())
    if "\\" in unquote(target):
        yield f"{unquote(target)}: write / between folders and files"
    elif path.lower().endswith(NOT_SHOWN):
        yield f"browsers do not show {path}: save the picture as JPEG or PNG"
    elif wanted not in there:  # by its name as written: some systems do not tell case apart
        pictures = [one for one in there if not one.endswith(PAGE)]
        instead = advice(wanted, pictures, "save the picture there", "you have {}")
        yield f"there is no picture {path}; {instead}"


def resolve(name: str, target: str) -> str:
    """Return the file that a page's link leads to, from the folder of the blog; "" for others.

    >>> resolve("posts/2026/a.md", "../2025/b.md#c"), resolve("index.md", "https://a.org")
    ('posts/2025/b.md', '')
    """
    path = unquote(target).split("#")[0].split("?")[0]
    if not path or MACHINE.match(path) or re.match(r"[a-z][a-z+.-]*:|//", path, re.IGNORECASE):
        return ""
    folder = "" if path.startswith("/") else posixpath.dirname(name)
    found = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
    return "" if found.startswith("..") else found


def advice(wanted: str, known: Collection[str], other: str, form: str = "did you mean {}?") -> str:
    """Name what was probably meant: the same name elsewhere or in other letters, or a close one."""
    stems = {one: posixpath.splitext(posixpath.basename(one))[0].lower() for one in sorted(known)}
    stem, last = posixpath.splitext(posixpath.basename(wanted).lower())
    like = difflib.get_close_matches(stem, list(stems.values()), n=1, cutoff=0.6)
    close = [one for one in stems if stems[one] in like]
    close.sort(key=lambda one: not one.lower().endswith(last))
    return form.format(close[0]) if close else other
