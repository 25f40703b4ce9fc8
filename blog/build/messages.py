"""Say in plain words what Sphinx's own messages mean, and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path, PurePosixPath

from blog.check.front_matter import slug, suggest
from blog.check.links import advice
from blog.check.markdown import INSTEAD
from blog.check.source import read_source

# What authors write most; others are known, too.
DIRECTIVES = ("code-cell", "figure", "image", "margin", "math", "note", "tip", "warning")
ROLES = ("doc", "math", "ref", "term")
LANGUAGES: tuple[str, ...] = ("python", "pycon", "text", "sh", "console", "json", "yaml", "toml")
LANGUAGES += ("markdown", "html", "css", "javascript", "latex", "c", "cpp", "r", "julia", "sql")
# What other programs call some languages.
SAME_LANGUAGE = {
    **dict.fromkeys(("csv", "log", "none", "nohighlight", "plain", "plaintext", "raw"), "text"),
    **dict.fromkeys(("tree", "txt"), "text"),
    **dict.fromkeys(("dotenv", "env"), "sh"),
    "cmd": "bat",
    "jsonc": "json5",
    "mdx": "markdown",
    "patch": "diff",
    "terminal": "console",
}
LINK = "link to pages by their file, such as /posts/2026/name.md, and to other sites by https://"
LABEL = "write (label)= on the line above it"
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


class Place:
    """Where a message is about, to look up what its author may have meant.

    Parameters
    ----------
    source : Path
        The folder of the blog.
    name : str
        The file of the page; "" if it is not known.
    """

    def __init__(self, source: Path | None = None, name: str = "") -> None:
        self.source, self.name = source, name

    def text(self, name: str) -> str:
        """Return the text of a page; "" if it cannot be read."""
        try:
            return read_source(self.source / name).text if self.source and name else ""
        except (OSError, ValueError):
            return ""

    def headings(self, name: str, wanted: str) -> str:
        """Suggest the heading of a page that was probably meant."""
        names = [slug(words) for words in HEADING.findall(self.text(name))]
        close = difflib.get_close_matches(slug(wanted), names, n=1, cutoff=0.6)
        return f"did you mean #{close[0]}?" if close else ""

    def pages(self, wanted: str) -> str:
        """Suggest the page that was probably meant, as a link to it is written."""
        found = sorted(self.source.glob("**/*.md")) if self.source else []
        names = [path.relative_to(self.source or "").as_posix() for path in found]
        names = [name for name in names if not name.startswith(("_", "."))]
        same = [name for name in names if PurePosixPath(name).stem == PurePosixPath(wanted).stem]
        if same:
            return f"write /{same[0]} for the page"
        suggested = advice(f"{wanted.removesuffix('.html')}.md", names, "", "did you mean /{}?")
        return suggested if names else ""


def _directive(found: re.Match[str], place: Place) -> str:
    name = found[1].strip("'\"")
    if name.lower() in ("python", "python3", "ipython", "py", "jupyter"):
        return f"there is no directive {{{name}}}: write {{code-cell}} python"
    return f"there is no directive {{{name}}}; {suggest(name, DIRECTIVES)}"


def _role(found: re.Match[str], place: Place) -> str:
    return f"there is no role {{{found[1]}}}; {suggest(found[1], ROLES)}"


def _target(found: re.Match[str], place: Place) -> str:
    name = found[1]
    if not name:
        return "the link leads nowhere: write an address into it, or its text alone"
    if f"(#{name})" in place.text(place.name):
        meant = place.headings(place.name, name) or (
            "write the words in small letters with hyphens, or "
            f"({name})= on the line above the place that is meant"
        )
        return f'this page has no heading or label "{name}"; {meant}'
    listed = "; to the list of posts, write {ref}`posts <blog-posts>`"
    meant = place.pages(name) or LINK
    more = listed if re.match(r"/?posts(/\d*|/tag.*|/category.*)?/?$", name) else ""
    return (
        f"there is nothing that the link to {name} could lead to: {LINK if more else meant}{more}"
    )


def _ambiguous(found: re.Match[str], place: Place) -> str:
    return f"the link to {found[1]} can mean several things: {place.pages(found[1]) or LINK}"


def _heading(found: re.Match[str], place: Place) -> str:
    name = f"{found[1]}.md"
    meant = place.headings(name, found[2]) or f"to link to another place, {LABEL}"
    return f'{name} has no heading or label "{found[2]}"; {meant}'


def _document(found: re.Match[str], place: Place) -> str:
    return f"there is no page {found[1]}; {place.pages(found[1]) or LINK}"


def _language(found: re.Match[str], place: Place) -> str:
    name = found[1]
    if instead := INSTEAD.get(name):
        return f"a block of {name} is not shown as one: {instead}; for its text, write ```text"
    if name in (*DIRECTIVES, "important", "caution", "seealso", "admonition"):
        return f'there is no language "{name}"; for a directive, write ```{{{name}}}'
    if same := SAME_LANGUAGE.get(name.lower()):
        return f'there is no language "{name}": write ```{same}'
    return f'there is no language "{name}"; {suggest(name, LANGUAGES)}'


def _substitution(found: re.Match[str], place: Place) -> str:
    return (
        f"nothing is defined that could stand for {{{{ {found[1]} }}}}: to show it, write it "
        "between backticks"
    )


def _as(words: str) -> Callable[[re.Match[str], Place], str]:
    """Return a rule whose message has the groups of the match at {1}, {2}."""
    return lambda found, place: words.format(*[found[0], *found.groups()])


RULES: tuple[tuple[str, Callable[[re.Match[str], Place], str]], ...] = (
    (r"Unknown directive type:? ['\"]([^'\"]*)['\"].*", _directive),
    (r"Unknown interpreted text role ['\"]([^'\"]*)['\"].*", _role),
    (r"Unknown role(?: name)?:? ['\"]([^'\"]*)['\"].*", _role),
    (r"'myst' cross-reference target not found: '([^']*)'.*", _target),
    (r"local id not found in doc '([^']*)': '([^']*)'", _heading),
    (r"more than one target found for 'myst' cross-reference '?([^':]+)'?.*", _ambiguous),
    (r"Pygments lexer name '([^']*)' is not known", _language),
    (r"Substitution error:\s?UndefinedError: '([^']*)' is undefined", _substitution),
    (
        r"Substitution error:.*",
        _as(
            "what stands between {{{{ and }}}} is not understood here: write out what it stands for"
        ),
    ),
    (
        r"Lexing literal_block .* as \"(\w+)\" resulted in an error at token: (.*?)\. Retrying.*",
        _as("this code is not {1} at {2}: correct it, or write ```text"),
    ),
    (
        r"Found an unexpected `code-cell` or `raw-cell` directive.*",
        _as(
            "a code cell stands by itself: outside of lists, notes and quotes, between lines "
            "```{{code-cell}} python and ```, on a page with `file_format: mystnb`"
        ),
    ),
    (
        r"Directive '([^']*)': 1 argument\(s\) required, 0 supplied",
        _as("something is missing behind the name of {{{1}}}: a file for a picture, or a title"),
    ),
    (
        r"Content block expected for the \"([^\"]*)\" directive; none found\.",
        _as("{{{1}}} is empty: write something into it, or remove it"),
    ),
    (
        r"Document or section may not (begin|end) with a transition\.",
        _as("a line --- stands where a section {1}s: remove it"),
    ),
    (
        r"Duplicate explicit target name: \"([^\"]*)\"\.?",
        _as('the label "{1}" is already used on this page: give it another name'),
    ),
    (
        r"duplicate label of equation ([^,]*), other instance in (\S+)",
        _as('the label "{1}" is already that of an equation in {2}: give it another name'),
    ),
    (
        r"duplicate label ([^,]*), other instance in (\S+)",
        _as('the label "{1}" is already used in {2}: give it another name'),
    ),
    (
        r"equation not found: (\S+)",
        _as('no equation has the label "{1}": write it behind the equation, $$ ... $$ ({1})'),
    ),
    (r"undefined label: '?([^'\n]*)'?$", _as("undefined label: '{1}'; " + LABEL)),
    (
        r"Failed to create a cross reference. A title or caption not found: '([^']*)'.*",
        _as('the label "{1}" does not belong to a heading: write {{ref}}`text <{1}>`'),
    ),
    (
        r"skipping unknown output mime type: (\S+)",
        _as("what the cell shows, {1}, is not shown on a page: print it, or show it as a table"),
    ),
    (
        r"Invalid 'width' attribute value: '([^']*)'",
        _as('width: "{1}" is neither in pixels (300px) nor in percent ("50%")'),
    ),
    (
        r"Unknown source document '([^']*)'",
        _as("{1} is not a page of the blog: remove the link"),
    ),
    (r"unknown document: '([^']*)'", _document),
    (
        r"py:\w+ reference target not found: (\S+)",
        _as("the reference of the library has no {1}: write `{1}` for a name without a link"),
    ),
    (r"download file not readable: (\S+)", _as("there is no file {1}; save it there")),
    (
        r"Include file '([^']*)' not found or reading it failed",
        _as("there is no file {1}; save it there"),
    ),
    (
        r"(cannot convert TeX to MathML: \\tag is not supported).*",
        _as("{1}; write a label behind the equation: $$ ... $$ (label)"),
    ),
    (
        r"image file not readable: (\S+)",
        _as("there is no picture {1}; save the picture there"),
    ),
)


# The place of a message: a file of pages, and a line or a cell.
PLACE = re.compile(
    r"^[^\s:]+\.(?:md|ipynb)(?::\d+|: cell \d+(?: \(code cell \d+\))?(?:, line \d+)?)?: "
)


# What the colouring of code says of a cell that has raised an error for it.
UNREAD = "this code is not ipython3"
# What Sphinx and docutils say a second time, in words of their own.
AGAIN = (r"Duplicate ID: \"(?:equation-)?([^\"]*)\"", r"^unknown directive name: (\S+)")


def drop_repeated(messages: Sequence[str]) -> list[str]:
    """Leave out messages without a place that another one says with its place.

    Lists and the feed show parts of posts a second time, and do not know where these come from.

    >>> drop_repeated(["two are alike", "a.md:3: two are alike", "b.md:1: two are alike", "other"])
    ['a.md:3: two are alike', 'b.md:1: two are alike', 'other']
    """
    placed = {PLACE.sub("", message) for message in messages if PLACE.match(message)}
    broken = {message.split(":")[0] for message in messages if "SyntaxError: " in message}
    messages = [one for one in messages if not (one.split(":")[0] in broken and UNREAD in one)]
    left = [message for message in messages if message not in placed and not again(message, placed)]
    return list(dict.fromkeys(left))


def again(message: str, placed: Collection[str]) -> bool:
    """Return whether a message only says in other words what one with a place has said."""
    return any(
        (found := re.search(pattern, message)) and any(found[1] in other for other in placed)
        for pattern in AGAIN
    )


def explain(message: str, source: Path | None = None) -> str:
    """Return a message in plain words; one that is not known stays as it is.

    Parameters
    ----------
    message : str
        One line.
    source : Path, optional
        The folder of the blog, to look up what its author may have meant.

    >>> explain("a.md:3: Unknown directive type: 'code-cel'")
    'a.md:3: there is no directive {code-cel}; did you mean "code-cell"?'
    """
    name = re.match(r"[^\s:]+\.(?:md|ipynb)", message)
    for pattern, write in RULES:
        if found := re.search(pattern, message):
            return message[: found.start()] + write(found, Place(source, name[0] if name else ""))
    return message
