"""Correct ABlog's Atom feed: dates, absolute links, full content, no traces of the build.

Feed readers remove MathML, styles and scripts. So equations become lines of text, explorers and
questions a picture or a sentence with a link to the page, and pictures have light paper of their
own, since a reader may show them on any ground.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import ablog
from lxml import etree, html
from sphinx.application import Sphinx
from sphinx.config import Config

from blog.ext.plain_math import plain_text
from blog.ext.words import say
from cnnlib.explain.palette import PALETTE

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LINKS = (("href", "//*[@href]"), ("src", "//*[@src]"))
# Build errors, and elements that work only on the page itself.
UNWANTED = (
    "//*[contains(@class, 'system-message') or contains(@class, 'problematic')]"
    " | //a[contains(@class, 'headerlink')] | //script | //style | //input | //label"
    " | //*[@class='stops']/img[position() < last()]"
    " | //details[contains(@class, 'hide')] | //cnn-worksheet | //li/svg | //noscript"
    " | //span[a[@role='doc-backlink']]"
)
EQUATIONS = "//*[contains(@class, 'equation') or @class='math'][.//math]"
# An animation right after an explorer is shown only where that does not run; the explorer's picture
# says the same.
REPEATED = (
    "//*[contains(@class, 'cell')][.//cnn-explorer]/following-sibling::*[1]"
    "[.//figure[@class='animation']]"
)
# Elements of which the feed shows the picture for readers without JavaScript.
PICTURED = "//cnn-explorer | //cnn-photograph | //cnn-classifier"
DARK = re.compile(r"@media \(prefers-color-scheme: ?dark\) ?\{(?:[^{}]*\{[^{}]*\})*\s*\}")
FOLDER = "posts/feed"
ATTRIBUTES = ("class", "id", "style", "tabindex", "loading", "decoding")


def on_paper(svg: str) -> str:
    """Return a picture in the colours of a light page, on paper of its own."""
    colours = {name: pair[0] for name, pair in PALETTE.items()}
    svg = re.sub(r"var\(--(\w+),\s*#\w+\)", lambda found: colours[found[1]], DARK.sub("", svg))
    if "xmlns=" not in svg:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    # Behind all that is drawn, which comes after the words and the style.
    start = max(svg.find(tag) + len(tag) for tag in ("</style>", "</desc>", ">") if tag in svg)
    paper = f'<rect width="100%" height="100%" fill="{colours["paper"]}"/>'
    return svg[:start] + paper + svg[start:]


def replace_equations(tree: html.HtmlElement) -> None:
    """Write equations as text, those that stand apart as paragraphs."""
    for node in tree.xpath(EQUATIONS):
        # An equation is split into terms, between which lines may break: each begins with a sign.
        first, *terms = [plain_text(math) for math in node.iter("math")]
        terms = [re.sub(r"^([-−+])(?=\S)", r"\1 ", term) for term in terms]
        paragraph = html.Element("p")
        paragraph.text, paragraph.tail = " ".join([first, *terms]), node.tail
        node.getparent().replace(node, paragraph)
    for node in list(tree.iter("math")):
        node.text, text = None, plain_text(node)
        for child in list(node):
            node.remove(child)
        node.text = text
        node.drop_tag()


def replace_explorers(
    config: Config, tree: html.HtmlElement, url: str
) -> Iterator[tuple[str, str]]:
    """Put a picture and a link in the place of each explorer; yield the files' names and texts."""
    for cell in tree.xpath(REPEATED):
        cell.drop_tree()
    stem = urlsplit(url).path.rpartition("/")[2].removesuffix(".html")
    for number, node in enumerate(tree.xpath(PICTURED), start=1):
        name = f"{FOLDER}/{stem}-{number}.svg"
        drawn = node.find("svg")
        link = html.Element("a", href=f"{url}#{node.get('id', '')}")
        link.text = say(config, "Try it on the page")
        paragraph = html.Element("p")
        paragraph.append(link)
        attributes = {key: drawn.get(key) for key in ("width", "height")}
        picture = html.Element("img", src=f"/{name}", alt=drawn.get("aria-label", ""), **attributes)
        paragraph[:0] = [picture, html.Element("br")]
        paragraph.tail, drawn.tail = node.tail, None
        text = etree.tostring(drawn, encoding="unicode")
        node.getparent().replace(node, paragraph)
        yield name, on_paper(text.replace("viewbox=", "viewBox="))
    for node in tree.xpath("//cnn-network"):
        node.tag = "div"
        node.attrib.clear()
    for node in tree.xpath("//cnn-question"):
        for part in node.xpath("./details | ./form"):
            part.drop_tree()
        link = html.Element("a", href=url)
        link.text = say(config, "Answer it on the page")
        node.append(link)
        node.tag = "div"
        node.attrib.clear()


def replace_pictures(tree: html.HtmlElement, base: str, out: Path) -> None:
    """Let each picture of the site refer to a copy on light paper."""
    for node in tree.xpath("//img[@src]"):
        address, fragment = urldefrag(node.get("src"))
        path = out / address.removeprefix(base)
        if address.startswith(base) and path.suffix == ".svg" and FOLDER not in address:
            copy = out / FOLDER / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(on_paper(path.read_text("utf-8")), "utf-8")
            node.set("src", f"{base}{FOLDER}/{path.name}" + (f"#{fragment}" if fragment else ""))


def clean_content(config: Config, content: str, url: str, out: Path) -> str:
    """Make the HTML of the post at a URL independent of its page, and write its pictures."""
    base = config.html_baseurl
    tree = html.fragment_fromstring(content, create_parent="div")
    for name, text in replace_explorers(config, tree, url):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, "utf-8")
    for node in tree.xpath(f"//img[starts-with(@src, '/{FOLDER}')]"):
        node.set("src", base + node.get("src")[1:])
    for node in tree.xpath(UNWANTED):
        node.drop_tree()
    # Of a picture's images the plain one is left; the parser takes it for a part of its source.
    etree.strip_tags(tree, "picture", "source")
    for code in tree.iter("pre"):  # feed readers have no styles for syntax highlighting
        etree.strip_tags(code, "span")
    for name, path in LINKS:
        for node in tree.xpath(path):
            node.set(name, urljoin(url, node.get(name)))
    replace_equations(tree)
    replace_pictures(tree, base, out)
    for node in tree.iter(etree.Element):
        for name in ATTRIBUTES:
            node.attrib.pop(name, None)
    return str(html.tostring(tree, encoding="unicode"))


def rewrite_feed(app: Sphinx, exception: Exception | None) -> None:
    """Rewrite the feed written by ABlog."""
    blog = ablog.Blog(app)
    path = Path(app.outdir, app.config.blog_path, "atom.xml")
    if exception or not path.exists():
        return
    feed = etree.parse(path, etree.XMLParser(remove_blank_text=True)).getroot()
    posts = {
        urljoin(app.config.html_baseurl, app.builder.get_target_uri(p.docname)): p
        for p in blog.posts
    }
    # Sphinx writes zh_CN.
    feed.set(LANG, (app.config.language or "en").replace("_", "-"))
    newest = "1970-01-01T00:00:00+00:00"
    for entry in feed.iter(ATOM + "entry"):
        url = entry.findtext(ATOM + "id")
        post = posts[url]
        # A date without a time is set to noon UTC, which is the same day in most time zones.
        published, updated = (
            date.replace(hour=date.hour or 12, tzinfo=UTC).isoformat()
            for date in (post.date, post.update)
        )
        entry.find(ATOM + "published").text = published
        entry.find(ATOM + "updated").text = updated
        newest = max(newest, updated)
        write_authors(entry, [str(author.name) for author in post.author])
        if language := app.env.metadata[post.docname].get("lang"):
            entry.set(LANG, language.replace("_", "-"))
        # ABlog resolves links relative to the list of posts instead of the post itself.
        content = entry.find(ATOM + "content")
        body = post.to_html(post.docname, fulltext=True)
        content.text = clean_content(app.config, body, url, Path(app.outdir))
        summary = app.env.metadata[post.docname].get("description")
        if summary:
            found = entry.find(ATOM + "summary")  # ABlog writes none for a post without a paragraph
            if found is None:
                found = etree.SubElement(entry, ATOM + "summary", type="html")
            found.text = summary
        # By its name, readers' programs know an entry that they have shown: it outlives a new
        # address of the post.
        if oldest := str(app.env.metadata[post.docname].get("redirect", "")).split(",")[0].strip():
            old = app.builder.get_target_uri(oldest)
            entry.find(ATOM + "id").text = urljoin(app.config.html_baseurl, old)
    feed.find(ATOM + "updated").text = newest
    write_feed(feed, path)
    if len(app.config.authors) > 1:
        for author in blog.author:
            if len(author):
                title = f"{app.config.project} · {author.name}"
                write_author_feed(feed, str(author.name), title, f"{author.docname}/atom.xml", app)


def write_authors(entry: etree._Element, names: list[str]) -> None:
    """Name all authors of an entry: ABlog writes the last one only."""
    found = entry.findall(ATOM + "author")
    place = list(entry).index(found[0]) if found else len(entry)
    for author in found:
        entry.remove(author)
    for number, name in enumerate(names):
        author = etree.Element(ATOM + "author")
        etree.SubElement(author, ATOM + "name").text = name
        entry.insert(place + number, author)


def write_feed(feed: etree._Element, path: Path) -> None:
    """Write a feed into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)
    )


def write_author_feed(
    feed: etree._Element, author: str, title: str, name: str, app: Sphinx
) -> None:
    """Write the entries of one author into a feed of their own."""
    own = deepcopy(feed)
    address = app.config.html_baseurl + quote(name)
    own.find(ATOM + "id").text = address
    own.find(ATOM + "title").text = title
    for link in own.findall(ATOM + "link"):
        if link.get("rel") == "self":
            link.set("href", address)
    for entry in own.findall(ATOM + "entry"):
        if author not in [node.text for node in entry.iterfind(f"{ATOM}author/{ATOM}name")]:
            own.remove(entry)
    own.find(ATOM + "updated").text = max(
        e.text for e in own.iterfind(f"{ATOM}entry/{ATOM}updated")
    )
    write_feed(own, Path(app.outdir, name))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", rewrite_feed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
