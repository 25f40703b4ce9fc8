"""Check HTML that authors write into pages, or that cells show.

What is not closed swallows the rest of the page, and what the page's content security policy
(`blog.ext.security`) blocks never appears.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from markdown_it.token import Token

from blog.check.front_matter import Problems
from blog.check.links import check_url
from blog.check.markdown import inline, line_of

# What may stand on a page; "cnn-..." are elements of cnnlib.
KNOWN = frozenset(
    re.findall(
        r"\w+",
        """
    a abbr address area article aside b bdi bdo big blockquote body br button canvas caption
    center cite code col colgroup data datalist dd del details dfn dialog div dl dt em fieldset
    figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hgroup hr html i img ins kbd label
    legend li main map mark math menu meter nav noscript ol optgroup option output p picture pre
    progress q rp rt ruby s samp search section select slot small span strike strong sub summary
    sup svg table tbody td template textarea tfoot th thead time title tr tt u ul var wbr
        """,
    )
)
DRAWN = {"svg", "math"}
VOID = {
    *("area", "br", "col", "hr", "img", "input", "source", "track", "wbr"),
    *("base", "embed", "link", "meta"),
}
# These end by themselves, where another one or that around them ends.
OPTIONAL = {
    *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "option"),
}
INSTEAD = {
    "script": "scripts do not run: compute in a cell, or use explorer(...)",
    "style": "styles have no effect: the page has its own",
    "iframe": "pages of other sites are not shown: write a link, with a picture if need be",
    "object": "nothing embedded is shown: write a link",
    "embed": "nothing embedded is shown: write a link",
    "video": "videos are not shown: write a link, or show pictures, or animate(...) a computation",
    "audio": "sound is not played: write a link",
    "link": "styles and other files cannot be added here: the page has its own",
    "base": "addresses of a page have one base",
    "meta": "metadata come from the front matter",
    "form": "there is no server that would receive a form: use ask_choice(...) for a question",
    **dict.fromkeys(
        ("button", "input", "select", "textarea"),
        "nothing would happen with it, as scripts do not run: use explorer(...) or ask_choice(...)",
    ),
    "source": "one file is enough for a picture: write ![description](name.png)",
    "template": "what it holds is not shown: leave it out",
}
MARKDOWN = re.compile(r"\*\*\S|\$[^$\s][^$]*\$|`[^`]+`|\]\([^)\s]+\)")


class Elements(HTMLParser):
    """Follows which elements are open, through all pieces of HTML of a page or an output."""

    def __init__(self, *, markdown: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.markdown = markdown
        self.first = 0
        self.open: list[tuple[str, int]] = []
        self.ids: dict[str, int] = {}
        self.found: list[tuple[int, str]] = []
        self.unknown: set[str] = set()
        self.named = True  # whether the fold that is open has a summary

    def read(self, html: str, line: int) -> None:
        """Read a piece that begins on a line."""
        self.reset()
        self.first = line - 1
        self.feed(html)
        self.close()

    def report(self, message: str) -> None:
        """Note a problem at the current place."""
        self.found.append((self.line, message))

    @property
    def line(self) -> int:
        """The line of the page that is being read."""
        return self.first + self.getpos()[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check an element that begins."""
        inside = {name for name, _ in self.open}
        if tag == "source" and inside & {"audio", "video"}:
            return
        if tag in INSTEAD:
            self.report(f"<{tag}>: {INSTEAD[tag]}")
        elif tag not in KNOWN | VOID and not tag.startswith("cnn-") and not inside & DRAWN:
            self.report_unknown(tag)
            self.unknown.add(tag)
            return
        if self.markdown and re.fullmatch("h[1-6]", tag):
            self.report(f"<{tag}>: headings are written {'#' * int(tag[1])} Heading")
        if tag == "summary":
            self.named = True
        elif tag == "details":
            self.named = False
        for name, value in attrs:
            self.check_attribute(tag, name, value or "")
        if tag not in VOID:
            self.open.append((tag, self.line))

    def report_unknown(self, tag: str) -> None:
        """Note an element that HTML does not have."""
        close = difflib.get_close_matches(tag, sorted(KNOWN), n=1, cutoff=0.75)
        meant = f"did you mean <{close[0]}>? If not, " if close and len(tag) > 3 else ""
        self.report(
            f"there is no HTML element <{tag}>: {meant}to show it as text, write &lt;{tag}&gt;"
        )

    def check_attribute(self, tag: str, name: str, value: str) -> None:
        """Check that an attribute has an effect."""
        if name == "style":
            self.report(f'<{tag} style="...">: styles within a page have no effect: leave it out')
        elif name.startswith("on"):
            self.report(f"<{tag} {name}>: scripts do not run: leave it out")
        elif tag in INSTEAD:
            return  # it is not there at all
        elif name in ("src", "srcset", "poster") and re.match(r"(https?:)?//", value):
            self.report(
                f"<{tag}>: nothing is loaded from other sites: save {value} beside the page"
            )
        elif name == "src" and value.startswith("data:") and self.markdown:
            self.report(f"<{tag}>: save the picture as a file, and write ![description](name.png)")
        elif name in ("href", "action") and re.match(r"\s*(javascript|data):", value):
            self.report(f"<{tag}>: {value[:30]} is not an address")
        elif name == "href" and self.markdown and tag == "a":
            self.check_address(value)
        elif name == "id":
            if value in self.ids:
                self.report(f'id "{value}" is already used on line {self.ids[value]}')
            self.ids.setdefault(value, self.line)

    def check_address(self, value: str) -> None:
        """Check the address of a link of a page."""
        for message in check_url(value, "link"):
            self.report(f"<a>: {message}")
            return
        # `blog.check.site` checks other ones.
        if re.search(r"^(?!https?:).*\.(?:md|ipynb)(?:#|$)", value):
            self.report(f"<a>: links to the file of a page are in Markdown: [text]({value})")

    def handle_endtag(self, tag: str) -> None:
        """Check that an end belongs to a beginning."""
        if tag in VOID or tag in self.unknown:
            return
        if tag == "details" and not self.named:
            self.report(
                "<details> without <summary>: write <summary>What is in it</summary> below it"
            )
            self.named = True
        if tag not in [name for name, _ in self.open]:
            self.report(f"</{tag}> without <{tag}> before it: leave it out")
            return
        while (last := self.open.pop())[0] != tag:
            if last[0] not in OPTIONAL:
                self.report(
                    f"<{last[0]}> on line {last[1]} is not closed before </{tag}>: write "
                    f"</{last[0]}>"
                )

    def handle_data(self, data: str) -> None:
        """Check that no Markdown stands where it is not read."""
        code = {"code", "pre"} & {name for name, _ in self.open}
        if self.markdown and not code and (found := MARKDOWN.search(data)):
            self.first += data[: found.start()].count("\n")
            self.report(
                f"Markdown is not read right below HTML: leave an empty line before ...{found[0]}"
            )
            self.first -= data[: found.start()].count("\n")

    def finish(self) -> None:
        """Note what is still open."""
        for name, line in self.open:
            if name not in OPTIONAL:
                self.found.append(
                    (line, f"<{name}> is never closed, and takes in what follows: write </{name}>")
                )


def check_page_html(tokens: Sequence[Token]) -> Problems:
    """Check the HTML of a page, whose elements may hold Markdown."""
    elements = Elements(markdown=True)
    for token in tokens:
        if token.type == "html_block":
            if not token.content.lstrip().startswith("<!--"):
                elements.read(token.content, line_of(token))
        elif token.type == "heading_open":
            _check_heading(elements, line_of(token))
        elif token.type == "inline":
            for line, piece in inline([token]):
                if piece.type == "html_inline":
                    elements.read(piece.content, line)
    elements.finish()
    yield from elements.found


def _check_heading(elements: Elements, line: int) -> None:
    """Note a heading within an element, which it would end."""
    for name, start in elements.open:
        if name not in OPTIONAL:
            elements.found.append(
                (
                    line,
                    f"heading within <{name}> of line {start}, where it would not stay: write "
                    f"</{name}> before it, or use bold text",
                )
            )
            break


def check_output_html(html: str) -> Iterator[str]:
    """Check the HTML that a cell shows; elements of cnnlib, which bring a script, are left out."""
    if "<cnn-" in html:
        return
    elements = Elements()
    elements.read(html, 1)
    elements.finish()
    for _, message in elements.found:
        # Authors do not see the lines of an output.
        yield re.sub(r" (?:of|on) line \d+", "", message)
