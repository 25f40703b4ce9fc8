"""Check what stands between double braces: a name that conf.py defines, or what is left as text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import unquote

from markdown_it.token import Token

from blog.check.front_matter import Problems
from blog.check.left_as_text import SHOWN
from blog.check.markdown import inline, line_of

IN_HTML = re.compile(r"<!--.*?-->|<(script|style|code|pre)\b.*?</\1>|\{([{%].*?)[%}]\}", re.DOTALL)
IN_ADDRESS = re.compile(r"\{(\{.*?)\}\}")


def check_templates(tokens: Iterable[Token], known: Collection[str]) -> Problems:
    """Check all templates of a page.

    Parameters
    ----------
    tokens : iterable of Token
        What `parse` returns.
    known : collection of str
        The names in `myst_substitutions`.
    """
    for line, words in find_templates(list(tokens)):
        if words.removeprefix("{").strip() not in known:
            yield line, explain_template(words)


def find_templates(tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """Yield the line of each template, and its words after the first brace."""
    blocks = [(line_of(token), token) for token in tokens if token.type.endswith("_block")]
    for line, token in [*blocks, *inline(tokens)]:
        if token.type.startswith("substitution"):
            yield line, f"{{{token.content.strip()}"
        elif token.type.startswith("html"):
            for found in IN_HTML.finditer(token.content):
                if found[2]:
                    yield line + token.content[: found.start()].count("\n"), found[2].strip()
        for name in ("href", "src"):
            if address := IN_ADDRESS.search(unquote(str(token.attrs.get(name, "")))):
                yield line, address[1]


def explain_template(words: str) -> str:
    """Return what to write in place of a template, by its words after the first brace.

    >>> explain_template("{page.title")[:58]
    'nothing is defined that could stand for {{ page.title }}: '
    """
    name = words.removeprefix("{").strip()
    if re.search(r"\b(?:absolute_url|baseurl|relative_url|site\.url)\b", name):
        return f"addresses begin with / or with the folder of the page: leave out {{{{ {name} }}}}"
    if name.startswith(("<", "%")) or not words.startswith("{"):
        return (
            "templates are not filled in here: write out what should stand on the page, or, to "
            f"show them, write them between backticks: ...{{{words[:SHOWN]}"
        )
    return (
        f"nothing is defined that could stand for {{{{ {name[:SHOWN]} }}}}: to show it, write it "
        "between backticks"
    )
