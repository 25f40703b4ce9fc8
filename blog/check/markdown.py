"""Read a page's Markdown as Sphinx does, and find what hides or loses a part of the page.

Markdown has no errors: what it does not recognize stays as text, and what is never closed lasts to
the end of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from blog.check.front_matter import Problems

# Directives that hold Markdown.
PROSE = {
    *("admonition", "attention", "caution", "danger", "error", "figure", "hint", "important"),
    *("margin", "note", "seealso", "tip", "warning"),
}
DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
CITE = (
    "sources are notes here: write [^name] in the sentence, and a paragraph [^name]: A. Author "
    "(2020). *Title*. at the end of the page"
)
PARTS = (
    "parts of a page follow each other here: write sections, or <details> for what may be folded"
)
# Directives and roles of other tools, by the first word of their names, and what to write instead.
INSTEAD = {
    **dict.fromkeys(
        ("bibliography", "cite", "citet", "citep", "footbibliography", "footcite"), CITE
    ),
    **dict.fromkeys(("card", "dropdown", "grid", "tab"), PARTS),
    **dict.fromkeys(
        ("iframe", "video", "vimeo", "youtube"),
        "pages of other sites and videos are not shown: write a link, with a picture if need be",
    ),
    **dict.fromkeys(
        ("altair", "bokeh", "mermaid", "graphviz", "plot", "plotly"),
        "draw it in a code cell, and show it with picture(fig, alt=..., caption=...)",
    ),
    "numref": "figures have no numbers: link to the heading above the figure",
}
ESCAPED = "\ufffc"
OPTIONS = re.compile(r"(?:^:[\w-]+:.*\n?|^---\n(?:.*\n)*?---\n?)*", re.MULTILINE)
# What Markdown leaves as text, although it is meant as something else.
AS_TEXT = (
    (r"\$\$", "`$$` is never closed: end the equation with `$$`, without an empty line in it"),
    (
        r"\$\s[^$]+\s\$|\d\$[^$\s]+\$|\$[^$\s]+\$\d",
        "not set as mathematics: no space may follow the first `$` or precede the last one, and no "
        "digit may stand directly before or after",
    ),
    (
        r"\$(?=[A-Za-z\\({])",
        "`$` begins a formula that does not end in this paragraph: close it with `$`, or write \\$ "
        "for a dollar sign",
    ),
    (r"\]\[[^\[\]]+\]", "the name of a link is not defined: write [text](address)"),
    (
        r"\*\*",
        "`**` stays as it is: no space may follow it at the beginning of bold text, or precede it "
        "at the end; for two asterisks, write \\*\\*",
    ),
    (
        r"^#{1,6}(?=[A-Za-z])",
        "a heading needs a space after `#`; to begin with this sign, write \\#",
    ),
    (r"\{[a-z:-]+\} $", "a role stands directly before its text: write {name}`text`"),
    (r"^\{\w+=", 'these attributes are not recognized: write values in quotes, {width="50%"}'),
    (r"<!--", "the comment is never closed: end it with -->, before the next empty line"),
    (r"</?(?:details|summary|div|span|sup|sub|b|i|em|strong)\b[^>]*$", "the HTML tag has no `>`"),
)


def make_parser(settings: Mapping[str, Any]) -> MarkdownIt:
    r"""Return a parser with the Markdown settings of conf.py; characters after ``\`` stay apart."""
    config = MdParserConfig(
        enable_extensions=set(settings.get("myst_enable_extensions", ())),
        dmath_allow_space=settings.get("myst_dmath_allow_space", True),
        dmath_allow_digits=settings.get("myst_dmath_allow_digits", True),
    )
    return create_md_parser(config, RendererHTML).disable("text_join")


def directive(token: Token) -> tuple[str, str]:
    """Return the name and the argument of a directive; both are empty for other code."""
    found = DIRECTIVE.match(token.info) if token.type in ("fence", "colon_fence") else None
    return (found[1], found[2]) if found else ("", "")


def parse(parser: MarkdownIt, text: str, first: int = 0) -> list[Token]:
    """Return the tokens of a page, those within notes and the like right after them.

    Parameters
    ----------
    parser : MarkdownIt
    text : str
    first : int
        The number of lines before the text, by which lines are counted on.
    """
    tokens = []
    for token in parser.parse(text):
        inner = []
        if directive(token)[0] in PROSE and token.map:
            options = OPTIONS.match(token.content)
            head = options.end() if options else 0
            lines = token.map[0] + 1 + token.content[:head].count("\n")
            inner = parse(parser, token.content[head:], first + lines)
        if token.map:
            token.map = [line + first for line in token.map]
        tokens += [token, *inner]
    return tokens


def line_of(token: Token) -> int:
    """Return the number of a token's first line, from 1."""
    return (token.map or [0])[0] + 1


def inline(tokens: Iterable[Token]) -> Iterator[tuple[int, Token]]:
    """Yield the pieces of all paragraphs and headings, each with the number of its line."""
    for token in tokens:
        line = line_of(token)
        for child in token.children or ():
            yield line, child
            line += child.type in ("softbreak", "hardbreak") or child.content.count("\n")


def texts(tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """Yield what is plain text, in the longest pieces within one line, with its line.

    An escaped character, which means nothing but itself, is replaced by `ESCAPED`.
    """
    for token in tokens:
        for is_text, group in groupby(inline([token]), lambda pair: "text" in pair[1].type):
            pieces = list(group)
            if is_text:
                yield pieces[0][0], "".join(_plain(piece) for _, piece in pieces)


def _plain(piece: Token) -> str:
    escaped = piece.type == "text_special" and not piece.content.startswith("\\")
    return ESCAPED if escaped else piece.content


def check_markdown(tokens: Sequence[Token], text: str) -> Problems:
    """Check one page.

    Parameters
    ----------
    tokens : list of Token
        What `parse` returns.
    text : str
        The page.
    """
    lines = text.split("\n")
    for token in tokens:
        if token.type in ("fence", "colon_fence"):
            yield from check_fence(token, lines)
        elif token.type == "html_block" and token.content.count("<!--") > token.content.count(
            "-->"
        ):
            yield (
                line_of(token),
                "the comment is never closed, and hides what follows: end it with -->",
            )
        elif token.type == "heading_open":
            yield from check_underline(token, lines)
        elif token.type == "paragraph_open":
            yield from check_bars(token, lines)
        elif token.type == "tr_open":
            yield from check_row(token, tokens, lines)
    for line, words in texts(tokens):
        for pattern, message in AS_TEXT:
            if found := re.search(pattern, words):
                shown = words[found.start() :][:40].replace(ESCAPED, "\\")
                yield line, f"{message}: ...{shown}"
                break
    yield from check_tools(tokens)
    yield from check_tex_brackets(tokens)
    yield from check_links(tokens)
    yield from check_footnotes(tokens, text)


def check_fence(token: Token, lines: Sequence[str]) -> Problems:
    """Check that a block of code or a directive is closed, and does not hold the next one."""
    first, end = token.map or (0, 0)
    name, _ = directive(token)
    what = f"{{{name}}}" if name else "the code"
    for number, text in enumerate(lines[first + 1 : end - 1], first + 2):
        if re.match(rf"\s*{re.escape(token.markup)}+\S", text) and token.markup[0] == "`":
            yield (
                first + 1,
                f"{what} is not closed before line {number}: end it with {token.markup}",
            )
            return
    closing = lines[end - 1].strip(" >\t")
    if len(closing) < len(token.markup) or set(closing) != set(token.markup):
        yield first + 1, f"{what} is never closed: end it with a line {token.markup}"


def check_tools(tokens: Sequence[Token]) -> Problems:
    """Say what to write in place of directives and roles that this blog does not have."""
    used = [(line_of(token), directive(token)[0], "```{{{}}}") for token in tokens]
    used += [
        (line, str(piece.meta["name"]), "{{{}}}`...`")
        for line, piece in inline(tokens)
        if piece.type == "myst_role"
    ]
    for line, name, form in used:
        if instead := INSTEAD.get(re.split(r"[:-]", name)[0]):
            yield line, f"{form.format(name)} is not available: {instead}"


def check_underline(token: Token, lines: Sequence[str]) -> Problems:
    """Check that no paragraph became a heading because a line of dashes follows it."""
    if token.markup in ("-", "=") and token.map:
        first, last = token.map
        words = lines[last - 2].strip()
        if last - first > 2 or words.endswith((".", ":", ";", ",", "?", "!")):
            yield (
                last,
                f"a line of `{token.markup}` right below text makes it a heading: leave an empty "
                "line between them",
            )


def check_bars(token: Token, lines: Sequence[str]) -> Problems:
    """Check that no table was taken for a paragraph."""
    first, last = token.map or (0, 0)
    rows = [line.strip(" >") for line in lines[first:last]]
    if len(rows) > 1 and all(row.startswith("|") for row in rows):
        yield (
            line_of(token),
            "not recognized as a table: below the first row comes a line such as | --- | --- |, "
            "with as many columns",
        )


def check_row(token: Token, tokens: Sequence[Token], lines: Sequence[str]) -> Problems:
    """Check that a row has no more cells than its table has columns: others would be left out."""
    if not token.map or token.level < 2:
        return
    place = next(n for n, other in enumerate(tokens) if other is token)
    table = next(t for t in reversed(tokens[:place]) if t.type == "table_open")
    header = lines[table.map[0]] if table.map else ""
    columns, cells = (
        len(escapedSplit(row.strip(" >").strip("|"))) for row in (header, lines[token.map[0]])
    )
    if cells > columns:
        yield (
            line_of(token),
            f"the row has {cells} cells, but its table {columns} columns; within a cell, write \\| "
            "for a bar",
        )


def check_tex_brackets(tokens: Sequence[Token]) -> Problems:
    r"""Check that no formula stands between ``\(`` and ``\)``, or ``\[`` and ``\]``."""
    for token in tokens:
        pieces = token.children or []
        marks = [piece.markup for piece in pieces if piece.type == "text_special"]
        ends = {piece.markup for piece in (pieces[0], pieces[-1])} if pieces else set()
        if r"\(" in marks and r"\)" in marks[marks.index(r"\(") :]:
            yield line_of(token), r"\( and \) do not set mathematics here: write $...$"
        elif ends == {r"\[", r"\]"}:
            yield line_of(token), r"\[ and \] do not set mathematics here: write $$...$$"
        elif r"\b" in marks and "egin{" in token.content:
            yield line_of(token), r"\begin is never closed: end the equation with \end"


def check_links(tokens: Sequence[Token]) -> Problems:
    """Check that links to other sites have a text, and that no bare address was one."""
    pieces = list(inline(tokens))
    for n, (line, piece) in enumerate(pieces):
        address = str(piece.attrs.get("href", ""))
        if piece.type != "link_open" or "://" not in address:
            continue
        if pieces[n + 1][1].type == "link_close":
            yield line, f"link without text: write [text]({address})"
        before = pieces[n - 1][1].content if n else ""
        if before.endswith(("](", "] (")) and pieces[n + 1][1].type == "text":
            after = pieces[n + 3][1].content if n + 3 < len(pieces) else ""
            shown = before[before.rindex("]") :] + pieces[n + 1][1].content
            shown += after.partition(")")[0] + ")" if not shown.endswith(")") else ""
            yield line, f"Markdown does not recognize this as a link: [...{shown}"
            piece.type = "text"  # so that its address is not checked, too


def check_footnotes(tokens: Sequence[Token], text: str) -> Problems:
    """Check that each footnote is defined once, and cited, perhaps by what a cell shows."""
    cited = {
        str(piece.meta["label"]): line
        for line, piece in reversed(list(inline(tokens)))
        if piece.type == "footnote_ref"
    }
    opened = [token for token in tokens if token.type == "footnote_reference_open"]
    defined: set[str] = set()
    for token in opened:
        name, line = str(token.meta["label"]), line_of(token)
        if name in defined:
            yield line, f"second note [^{name}]: give it another name"
        elif name not in cited and not re.search(rf"\[\^{re.escape(name)}\](?!:)", text):
            yield (
                line,
                f"the note [^{name}] is cited nowhere, and would be left out: write [^{name}] in a "
                "sentence",
            )
        defined.add(name)
    for name, line in cited.items():
        if name not in defined:
            yield line, f"[^{name}] has no note: add a paragraph [^{name}]: with its text"
