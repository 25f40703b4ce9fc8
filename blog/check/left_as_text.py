"""Find what Markdown leaves as text, although it is meant as something else."""

from __future__ import annotations

import re

from markdown_it.token import Token

# Stands for an escaped character, which means nothing but itself.
ESCAPED = "\ufffc"
SHOWN = 40  # characters
# Roles that authors know from elsewhere, too.
ROLES = "abbr|any|cite|class|code|doc|download|eq|file|func|math|meth|mod|numref|ref|term"
PATTERNS = (
    (r"\$\$\s*\{#", "the label of an equation stands behind it in parentheses: $$ ... $$ (name)"),
    (
        r"\$\$",
        "`$$` is never closed: end the equation with `$$`, without an empty line in it; within a "
        "line, write $...$",
    ),
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
    (
        r"\\(?:cite|emph|eqref|footnote|href|label|ref|section|subsection|textbf|textit|texttt|url)\{",
        "commands of TeX have no effect outside of formulas: write Markdown",
    ),
    (
        r"\\(?:clearpage|hline|hspace|item|newpage|noindent|pagebreak|vspace)\b",
        "commands of TeX have no effect outside of formulas: leave it out",
    ),
    (
        r"\[@[\w:.-]+",
        "sources are notes: write [^name], and a paragraph [^name]: A. Author (2020). *Title*.",
    ),
    (r"\{#[\w-]+\}\s*$", "a name for links stands on the line above: (name)="),
    (
        r"\{:\s*(?:[.#][a-z]|[\w-]+=|toc\b)|\S\s+\{(?:-|\.[a-z][^{}]*|[\w-]+=\"[^{}]*)\}\s*$",
        "attributes in braces have no effect here: leave them out",
    ),
    (
        r"@(?:eq|fig|lst|sec|tbl)-\w|(?<![\w<])<<[a-z]\w*>>",
        "references are written {eq}`name` for an equation and [text](#heading) for a heading",
    ),
    (
        r"\\[(\[]",
        r"formulas are written $...$ in a line, and $$...$$ on lines of their own, without a "
        r"backslash before a bracket",
    ),
    (r"^\[(?:TOC|toc)\]$", "the headings of a page stand beside it by themselves: leave this out"),
    (r"(?<![\w=])==\w[^=]*\w==(?![\w=])", "marked text is written <mark>text</mark>"),
    (r"\w~\w{1,3}~", "not set below the line: write {sub}`2`, or a formula"),
    (r"\w\^\w{1,3}\^", "not set above the line: write {sup}`2`, or a formula"),
    (r"^\[\d+\]:\s", "a note has a sign before its number: [^1]: here, and [^1] in the sentence"),
    (r"!\([^()]*\)\[", "a picture is written ![what it shows](name.png)"),
    (r"!\[[^\[\]]*\](?![(\[])", "a picture is written ![what it shows](name.png)"),
    (r"\]https?://", "a link is written [text](address)"),
    (r"\([^()]*\)\[https?://", "a link is written [text](address), not (text)[address]"),
    (
        r"(?<![\w\]])\[[^\[\]]+\]\[[^\[\]]*\]",
        "the name of a link is not defined: write [text](address)",
    ),
    (
        r"\w\*\*[^\w\s*]|[^\w\s*]\*\*\w",
        "`**` is not recognized between a letter and another sign: leave a space between the "
        "letter and `**`, or put the sign outside of the bold text",
    ),
    (
        r"\*\*",
        "`**` stays as it is: no space may follow it at the beginning of bold text, or precede it "
        "at the end; for two asterisks, write \\*\\*",
    ),
    (
        r"(?:^|(?<=[\s(]))\*(?=[A-Za-z])",
        "`*` begins italic text that does not end in this paragraph: close it with `*`, or write "
        "\\* for an asterisk",
    ),
    (
        r"(?:^|(?<=[\s(]))_(?=[A-Za-z]+(?:\s|[.,;]|$))",
        "`_` begins italic text that does not end in this paragraph: close it with `_`, or write "
        "names of code between backticks",
    ),
    (r"~~|(?<!\w)~\w[^~]*\w~(?!\w)", "not struck through: write ~~text~~"),
    (r"\{[a-z:-]+\}`", "the role is never closed: write {name}`text`"),
    (r"`", "a backtick begins code that does not end in this paragraph: write `code`"),
    (
        r"^#{1,6}(?=[A-Za-z\u00a0\u3000])",
        "a heading needs a space after `#`; to begin with this sign, write \\#",
    ),
    (r"^(?:#{7,}|\uff03+)\s?(?=\S)", "not a heading: write one to six `#` and a space"),
    (
        r"^\s*\{\w+=",
        'these attributes are not recognized: write values in quotes, {width="50%"}, directly '
        "behind the picture",
    ),
    (r"^\s*\{[.#][\w-]+\}", "attributes of a paragraph have no effect: leave them out"),
    (r"<!--", "the comment is never closed: end it with -->, before the next empty line"),
    (r"</?(?:details|summary|div|span|sup|sub|b|i|em|strong)\b[^>]*$", "the HTML tag has no `>`"),
    (
        r"\^\[(?=\w)",
        "notes within a sentence are not recognized: write [^name] there, and a paragraph "
        "[^name]: with the text of the note",
    ),
    (
        r"!?\[\[(?=[A-Za-z])[^\[\],]*\]\]",
        "links in double brackets are not recognized: write [text](name.md), and for a picture "
        "![what it shows](name.png)",
    ),
    (
        r"^(?:\[![A-Za-z]+\]|!!! ?\w|\?\?\?\+? ?\w)",
        "notes are written as directives: :::{note}, the text below it, and a line ::: at the end",
    ),
    (
        r'^=== "',
        "parts of a page follow each other here: write sections, or <details> for what may be "
        "folded",
    ),
    (
        r"^(?:<<< ?@|-*8<-+ )",
        "the text of another file would not be checked: write it here, or link to its page",
    ),
    (
        r"^import .*\bfrom ['\"]|^export (?:const|default)\b",
        "components of other programs are not shown: leave this out",
    ),
    (
        r"^(?:badges|comments|hide|search_exclude|toc|use_math): ?(?:true|false)\s*$",
        "this is no front matter: write that between two lines `---` at the top of the page; leave "
        "out what this blog does not have",
    ),
    (
        r"^\.\. [\w-]+::",
        "directives of reStructuredText are not recognized: write :::{note}",
    ),
    (r"^\*\[\w+\]: ", "explanations of abbreviations are written {abbr}`CNN (explanation)`"),
    (r"\{%", "templates are not filled in here: write out what should stand on the page"),
    (
        rf"(?<![\w:`]):(?!(?:{ROLES}):)(?:\+1|-1|[a-z][a-z0-9_-]{{2,}}):(?![\w:`])",
        "names of emoji are not recognized: write the sign itself, such as \U0001f642",
    ),
    (r"^\[\]\s", "a task begins with [ ] or [x], with a space or an x within the brackets"),
    (
        r"^[\u2022\u2023\u25aa\u25e6]\s",
        "not recognized as a list: begin each item with a hyphen and a space",
    ),
    ("\ufffd", "a letter was lost when the text was converted (U+FFFD): write it again"),
    (
        "[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac[\u0153\u201c\u2122\u02dc]",
        "the text was saved in another encoding, which changed its letters: write them again",
    ),
)

# Names in Python that Markdown would set in bold.
DUNDER: tuple[str, ...] = ("all", "array", "call", "class", "dict", "doc", "file", "getitem")
DUNDER += ("init", "iter", "len", "main", "name", "new", "repr", "str")
# Patterns of what stands directly behind something else, such as a picture.
BEHIND = (r"^\s*\{\w+=", r"^\s*\{[.#][\w-]+\}")


def find_left(words: str, *, begins: bool = True) -> str:
    r"""Return the message about what is left as text in some words; "" if there is nothing.

    Parameters
    ----------
    words : str
        Text within one line.
    begins : bool
        Whether the line begins with it.

    >>> find_left("A word in **bold.")[:23]
    '`**` stays as it is: no'
    """
    for pattern, message in PATTERNS:
        if not begins and pattern.startswith("^") and pattern not in BEHIND:
            continue
        if found := re.search(pattern, words):
            return f"{message}: ...{words[found.start() :][:SHOWN].replace(ESCAPED, chr(92))}"
    return ""


def find_left_between(before: str, piece: Token, after: str) -> str:
    """Return the message about a piece of a paragraph that is not text, by the text around it."""
    if piece.type == "math_inline" and before.endswith("$") and after.startswith("$"):
        return f"in a line, formulas are written ${piece.content}$, with single dollar signs"
    if piece.type == "link_open" and re.search(r"(?:^|\s)! $", before):
        return "a picture is written ![what it shows](name.png), without a space"
    if piece.type == "link_open" and re.search(r"\[[^\[\]()]*\($", before):
        return f"a link is written [text](address): {before[-SHOWN:]}"
    if _is_uneven(before, piece, after):
        mark = piece.markup[0]
        return (
            f"as many `{mark}` must stand at the end of bold or italic text as at its beginning; "
            f"for the sign itself, write \\{mark}"
        )
    if piece.type == "strong_open" and piece.markup == "__" and after in DUNDER:
        return f"`__` makes this bold: write it between backticks, `__{after}__`"
    if piece.type == "code_inline":
        if piece.content.endswith(">") and after.startswith("_"):
            return f"a link is written [text](address): `{piece.content}`_"
        if role := re.search(rf"\{{({ROLES})\}} $", before):
            return f"a role stands directly before its text: write {{{role[1]}}}`{piece.content}`"
        if role := re.search(rf"(?:^|\s):({ROLES}):$", before):
            return f"a role is written {{{role[1]}}}`{piece.content}`"
    return ""


def _is_uneven(before: str, piece: Token, after: str) -> bool:
    """Return whether a sign of emphasis is left beside emphasized text."""
    if piece.type in ("em_open", "strong_open"):
        return before.endswith(piece.markup[0])
    return piece.type in ("em_close", "strong_close") and after.startswith(piece.markup[0])
