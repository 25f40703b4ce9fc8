"""Check the built pages: that each part of them works, wherever it came from.

The checks of sources (`blog.check.pages`) and of what cells show (`blog.check.outputs`) say more;
this one sees what they cannot, such as an address that only the finished site has.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

from blog.check.front_matter import split_front_matter
from blog.check.source import Source, read_source

# Each problem: a part of it that may stand in the source, and the message.
Findings = Iterator[tuple[str, str]]
LOADED = ("iframe", "object", "embed", "video", "audio", "style")
FOLDED = "ancestor::*[starts-with(name(), 'cnn-')]"


def read_page(path: Path) -> html.HtmlElement:
    """Parse a page."""
    return html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))


def check_site(site: Path, source: Path, canonical: str) -> Iterator[str]:
    """Yield the problems of all pages, with the file and the line where they are found there.

    Parameters
    ----------
    site, source : Path
        The folder of the built site, and that of the blog.
    canonical : str
        The address of the site.
    """
    pages = {path.relative_to(site).as_posix(): read_page(path) for path in site.rglob("*.html")}
    ids = {name: page.xpath("//@id") for name, page in pages.items()}
    root = urlsplit(canonical).path
    for name, page in sorted(pages.items()):
        findings = [
            *check_ids(ids[name]),
            *check_images(page),
            *check_policy(page),
            *check_tables(page),
            *check_links(page, name, ids, site, root),
        ]
        stem = source / name.removesuffix(".html")
        written = [path for path in (Path(f"{stem}.md"), Path(f"{stem}.ipynb")) if path.is_file()]
        page_source = read_source(written[0]) if findings and written else Source("")
        text = page_source.text
        _, front = split_front_matter(text)
        begin = len("\n".join(text.split("\n")[:front])) if front > 0 else 0
        place = written[0].relative_to(source).as_posix() if text else name
        for needle, message in dict.fromkeys(findings):
            at = re.compile(rf"(?<!\w){re.escape(needle)}").search(text, begin) if needle else None
            line = text[: at.start()].count("\n") + 1 if at else 0
            yield f"{place}{page_source.place(line) if line else ''}: {message}"


def check_ids(ids: list[str]) -> Findings:
    """Check that each id is there once: a link leads to the first one."""
    for name in {name for name in ids if ids.count(name) > 1}:
        yield name, f'the id "{name}" is there twice: rename one of the two'


def check_images(page: html.HtmlElement) -> Findings:
    """Check that pictures have a size, so that nothing moves while they load, and words."""
    for image in page.xpath(f"//img[not({FOLDED})]"):
        source = image.get("src", "")
        if not (image.get("width") and image.get("height")):
            yield (
                posixpath.basename(source),
                f"<img> without width and height: write ![description]({source}), or "
                f"```{{figure}} {source} for one with a caption",
            )
        if image.get("alt") is None:
            yield posixpath.basename(source), "<img> without alt; describe what the picture shows"


def check_policy(page: html.HtmlElement) -> Findings:
    """Check that the page's content security policy blocks nothing."""
    for node in page.xpath("//*[@style]"):
        yield (
            node.get("style"),
            f'<{node.tag} style="{node.get("style")}"> has no effect: leave it out',
        )
    for node in page.xpath("//*[@*[starts-with(name(), 'on')]]"):
        yield f"<{node.tag}", f"<{node.tag}> has a script in an attribute, which does not run"
    for name in LOADED:
        for _ in page.xpath(f"//body//{name}"):
            yield f"<{name}", f"<{name}> is not shown: write a link"
    for node in page.xpath("//*[@src]"):
        if urlsplit(node.get("src")).netloc:
            yield (
                node.get("src"),
                f"nothing is loaded from other sites: save {node.get('src')} here",
            )


def check_tables(page: html.HtmlElement) -> Findings:
    """Check that wide tables scroll by keyboard, and that their columns or rows have names."""
    for table in page.xpath(f"//table[not(@role) and not({FOLDED})]"):
        words = " ".join("".join(table.itertext()).split())
        if table.getparent().get("tabindex") != "0":
            yield words[:20], f"a table cannot be scrolled by keyboard: {words[:40]}"
        if not table.xpath(".//th"):
            yield words[:20], f"a table has no names of columns or rows (<th>): {words[:40]}"


def check_links(
    page: html.HtmlElement, name: str, ids: Mapping[str, list[str]], site: Path, root: str
) -> Findings:
    """Check that what a page's text links to is on the site; templates answer for themselves."""
    for node in page.xpath("//article//*[@href or @src]"):
        address = node.get("href") or node.get("src") or ""
        if node.tag == "img" and not node.get("width"):  # `check_images` says what to write
            continue
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or node.tag == "base":
            continue
        path = unquote(parts.path)
        target = (
            path.removeprefix(root)
            if path.startswith("/")
            else posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        )
        target = name if not path else target
        if path.endswith("/") or target in ("", "."):
            target = posixpath.join(target, "index.html").removeprefix("./")
        if target not in ids and not (site / target).exists():
            instead = "link to pages by the path of their source, [text](name.md)"
            if node.tag == "img":
                instead = f"write ![description]({address}), which brings the file there"
            yield address, f"{address} is not on the site: {instead}"
            continue
        anchor = unquote(re.split(r"[?]", parts.fragment)[0])
        if anchor and target in ids and anchor not in ids[target] and ":~:" not in anchor:
            yield address, f"{address} leads to a place that is not there"
