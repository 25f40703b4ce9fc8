"""Read a page's Markdown as Sphinx does, and find what hides or loses a part of the page.

Markdown has no errors: what it does not recognize stays as text, and what is never closed lasts to
the end of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from blog.check.front_matter import Problems
from blog.check.left_as_text import ESCAPED, find_left, find_left_between

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
    "contents": "the headings of a page stand beside it by themselves",
    "include": "the text of another file would not be checked: write it here, or link to its page",
    "raw": "write HTML without a directive; nothing else is shown",
    **dict.fromkeys(
        ("eval", "glue"), "values of a page's code are shown by a cell, as its last line"
    ),
    **dict.fromkeys(
        ("post", "postlist", "update"), "what a post says about itself is in its front matter"
    ),
    **dict.fromkeys(
        ("autoclass", "autofunction", "automodule"), "write it within ```{eval-rst}, as in api/"
    ),
}
# A percent sign in a formula, after something that it may belong to.
PERCENT = re.compile(r"(?<=[\w})])\s*%")
# A table of reStructuredText, the second line of a table, and an item of a list.
GRID = re.compile(r"\+[-=]{2,}\+")
RULE = re.compile(r"(?=[^|]*\|)(?=[^-]*-)[\s|:-]+")
ITEM = re.compile(r"(?:\d{1,3}|[a-z])[.)]\s")
# The beginning of an equation on a line right below text.
BELOW_TEXT = re.compile(r"\A(?:(?!\$\$)[^\n]*\S\n)+?[ \t]*(?=\$\$[^$]*(?:\$\$[ \t]*(?:\n|\Z)|\Z))")
OPTIONS = re.compile(r"(?:^:[\w-]+:.*\n?|^---\n(?:.*\n)*?---\n?)*", re.MULTILINE)


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
        if token.type == "html_block" and token.content.count("<!--") > token.content.count("-->"):
            yield (
                line_of(token),
                "the comment is never closed, and hides what follows: end it with -->",
            )
        elif token.type == "heading_open":
            yield from check_underline(token, lines)
        elif token.type == "paragraph_open":
            yield from check_paragraph(token, lines)
        elif token.type == "tr_open":
            yield from check_row(token, tokens, lines)
        elif token.type == "myst_line_comment":
            yield from check_comment(token, lines)
        elif token.type == "math_block":
            yield from check_equation(token)
    yield from check_fences(tokens, lines)
    yield from check_left(tokens)
    for line, piece in inline(tokens):
        if piece.type == "math_inline" and PERCENT.search(piece.content):
            yield line, f"in a formula, `%` begins a comment: write \\%: ...{piece.content}"
    yield from check_tools(tokens)
    yield from check_tex_brackets(tokens)
    yield from check_links(tokens)
    yield from check_footnotes(tokens, text)


def check_left(tokens: Sequence[Token]) -> Problems:
    """Find what stays as text, although it is meant as something else."""
    for n, token in enumerate(tokens):
        equation = BELOW_TEXT.search(token.content) if token.type == "inline" else None
        if equation:
            yield (
                line_of(token) + token.content[: equation.end()].count("\n"),
                "an equation stands between empty lines: leave one before it, and one after it",
            )
        # What ends an equation that has begun below text, too, is no fault of its own.
        ending = n > 1 and token.content == "$$" and tokens[n - 2].type == "amsmath"
        runs = [
            (is_text, list(group))
            for is_text, group in groupby(inline([token]), lambda pair: "text" in pair[1].type)
        ]
        words = ["".join(_plain(one) for _, one in group) if text else "" for text, group in runs]
        for number, (is_text, group) in enumerate(runs):
            line, piece = group[0]
            before = words[number - 1] if number else ""
            after = "".join(words[number + 1 : number + 2])
            begins = not number or runs[number - 1][1][-1][1].type in ("softbreak", "hardbreak")
            if is_text:
                found = find_left(words[number], begins=begins)
            else:
                found = find_left_between(before, piece, after)
            if found and not ((equation or ending) and found.startswith("`$$`")):
                yield line, found


def check_fences(tokens: Sequence[Token], lines: Sequence[str]) -> Problems:
    """Check that blocks of code and directives are closed, up to the first that is not.

    What follows it is read wrongly.
    """
    for token in tokens:
        if token.type in ("fence", "colon_fence"):
            if found := list(check_fence(token, lines)):
                yield from found
                return
            name = token.info.strip().split(" ")[0]
            if token.type == "colon_fence" and name in PROSE:
                yield (
                    line_of(token),
                    f"the name of a directive has braces: {token.markup}{{{name}}}",
                )
            elif token.type == "colon_fence" and not directive(token)[0]:
                yield (
                    line_of(token),
                    f"a block of colons begins with a directive, such as {token.markup}{{note}}: "
                    f"...{token.info.strip()}",
                )


def check_fence(token: Token, lines: Sequence[str]) -> Problems:
    """Check that a block of code or a directive is closed, and does not hold the next one."""
    first, end = token.map or (0, 0)
    name, _ = directive(token)
    what, mark = (f"{{{name}}}" if name else "the code"), token.markup[0]
    for number, text in enumerate(lines[first + 1 : end - 1], first + 2):
        if not re.match(rf"\s*{re.escape(token.markup)}{mark}*[^\s{mark}]", text):
            continue
        if mark == "`" or text.strip().startswith(f"{token.markup}{{"):
            around = f"{token.markup}{mark}"
            both = f"; if it is to hold what begins there, write {around}{what} ... {around}"
            yield (
                first + 1,
                f"{what} is not closed before line {number}: end it with {token.markup}"
                + (both if name else ""),
            )
            return
    closing = lines[end - 1].strip(" >\t")
    if len(closing) < len(token.markup) or set(closing) != set(token.markup):
        yield first + 1, f"{what} is never closed: end it with a line {token.markup}"


def check_comment(token: Token, lines: Sequence[str]) -> Problems:
    """Check that no line of a paragraph became a comment because it begins with a percent sign."""
    first, last = token.map or (0, 0)
    around = [lines[number].strip() for number in (first - 1, last) if 0 <= number < len(lines)]
    if any(text and not text.startswith(("%", "#", "```", ":::", "(")) for text in around):
        yield (
            first + 1,
            "a line that begins with % is a comment, which readers do not see: write \\%, or leave "
            "empty lines around the comment",
        )


def check_equation(token: Token) -> Problems:
    """Check that nothing in an equation is left out."""
    first = line_of(token)
    for number, text in enumerate(token.content.split("\n"), first):
        if PERCENT.search(text):
            yield number, f"in a formula, `%` begins a comment: write \\%: ...{text.strip()}"
    inside = token.content.strip()
    if "\n\n" in inside:
        yield (
            first,
            "an empty line within an equation has no effect: write two equations, or a line break "
            "\\\\ within \\begin{aligned} ... \\end{aligned}",
        )


def check_tools(tokens: Sequence[Token]) -> Problems:
    """Say what to write in place of directives and roles that this blog does not have."""
    used = [(line_of(token), directive(token)[0], "```{{{}}}") for token in tokens]
    used += [
        (line, str(piece.meta["name"]), "{{{}}}`...`")
        for line, piece in inline(tokens)
        if piece.type == "myst_role"
    ]
    for line, name, form in used:
        if instead := INSTEAD.get(name if name == "eval-rst" else re.split(r"[:-]", name)[0]):
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


def check_paragraph(token: Token, lines: Sequence[str]) -> Problems:
    """Check that no table, list or session was taken for a paragraph."""
    first, last = token.map or (0, 0)
    rows = [line.strip(" >") for line in lines[first:last]]
    if rows and lines[first].lstrip().startswith(">>> "):
        yield first + 1, "a session of Python stands between lines ```pycon and ```"
    if rows and GRID.match(rows[0]):
        yield first + 1, "not recognized as a table: write rows | a | b |, the second | --- | --- |"
    elif len(rows) > 1 and (all(row.startswith("|") for row in rows) or RULE.fullmatch(rows[1])):
        yield (
            line_of(token),
            "not recognized as a table: below the first row comes a line such as | --- | --- |, "
            "with as many columns",
        )
    for number, (row, following) in enumerate(pairwise(rows), first + 1):
        if ITEM.match(row) and ITEM.match(following):
            yield (
                number,
                "not recognized as a list: begin it with `1. ` or `- `, below an empty line",
            )
            break


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
    if token.map == table.map or token.map[0] == (table.map or [0])[0]:
        if not header.strip(" >|\t"):
            yield line_of(token), "the columns of the table have no names: write them into this row"
    elif cells > columns:
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
        if (
            piece.markup  # a bare address
            and before.endswith(("](", "] ("))
            and pieces[n + 1][1].type == "text"
        ):
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
        elif opened_empty(token, tokens):
            yield line, f"the note [^{name}] is empty: write its text behind the colon"
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
    for (line, piece), (_, words) in pairwise(inline(tokens)):
        if piece.type == "link_open" and re.match(r"\^.*\s", words.content):
            yield line, f"the name of a note has no spaces: [{words.content}]"
            piece.type = "text"  # so that it is not checked as a link, too


def opened_empty(token: Token, tokens: Sequence[Token]) -> bool:
    """Return whether a note that opens is closed at once."""
    following = next(n for n, other in enumerate(tokens) if other is token) + 1
    return tokens[following].type == "footnote_reference_close"
