"""Write the Markdown of Jekyll, Hugo, Quarto, MkDocs and Obsidian as that of this blog.

What has no counterpart here stays as it is: the build names it with its line.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from blog.build.converted import split_code
from blog.build.messages import SAME_LANGUAGE
from blog.check.markdown import INSTEAD

CODE = r"(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)"
# The notes of other programs, by the directives that stand for them.
NOTES = {
    **dict.fromkeys(
        ("note", "info", "abstract", "summary", "question", "example", "quote"), "note"
    ),
    **dict.fromkeys(("tip", "hint", "success"), "tip"),
    **dict.fromkeys(("warning", "attention", "warn"), "warning"),
    **{name: name for name in ("important", "caution", "danger")},
    **dict.fromkeys(("failure", "bug", "error"), "danger"),
    "column-margin": "margin",
}
KIND = "|".join(NOTES)
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
HIGHLIGHT = re.compile(
    r"^\{(?:%-?|\{[<%]) *highlight +[\"']?([\w+#-]+)[^\n]*?\}\n(.*?)\n?"
    r"^\{(?:%-? *endhighlight|\{[<%] */ *highlight)[^\n]*\}",
    re.MULTILINE | re.DOTALL,
)
RAW = re.compile(r"\{%-? *(?:end)?raw *-?%\}")
INFO = re.compile(r"^( {0,3}(?:`{3,}|~{3,})) ?(\{?)\.?([\w+#-]+)[^\n]*$", re.MULTILINE)
CELL_LANGUAGES = ("python", "r", "julia", "bash", "sql", "ojs")
# What stands for nothing on a page of this blog.
NEEDLESS = re.compile(
    r"^[*+-] ?TOC *\n\{:toc\} *\n|^1\. ?TOC *\n\{:toc\} *\n|^\[(?:TOC|\[_?toc_?\])\] *$|"
    r"\{\{[<%] *toc\b[^\n]*?[>%]\}\}|<!-- *(?:more|truncate|TEASER_END|PELICAN_\w+|"
    r"markdownlint-[^\n]*?) *-->|^import [^\n]* from ['\"][^\n]*$|"
    r"<table class=\"tfo-notebook-buttons\".*?</table>|"
    r"\[!\[[^\]]*\]\([^)]*(?:badge|shields\.io)[^)]*\)\]\([^)]*\)|"
    r"<a\b[^>]*>\s*<img\b[^>]*(?:badge|shields\.io)[^>]*>\s*</a>",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


def convert_text(text: str) -> str:
    """Return a text as Markdown of this blog."""
    text = RAW.sub("", HIGHLIGHT.sub(r"```\1\n\2\n```", text))
    return "".join(
        INFO.sub(_convert_fence, part, count=1) if code else _convert_prose(part)
        for code, part in split_code(text)
    )


def _convert_fence(found: re.Match[str]) -> str:
    """Write the first line of a block of code: its language alone, or the name of a directive."""
    marks, brace, name = found.groups()
    if not brace:
        return f"{marks}{_language(name)}"
    if "{." in found[0] or name.lower() in CELL_LANGUAGES:
        cell = "{." not in found[0] and name.lower() == "python"
        return f"{marks}{{code-cell}} python" if cell else f"{marks}{name}"
    return found[0]


def _language(name: str) -> str:
    """Return the name of a language as it is here; what is not known is shown without colours."""
    if name in INSTEAD:  # the build says what to do
        return name
    try:
        get_lexer_by_name(name)
    except ClassNotFound:
        return SAME_LANGUAGE.get(name.lower(), "text")
    return name


def _convert_prose(text: str) -> str:
    for change in (
        _convert_headings,
        _convert_formulas,
        _set_equations_apart,
        _convert_notes,
        _convert_pictures,
        _convert_addresses,
        _leave_out,
    ):
        text = change(text)
    return re.sub(r"\n{3,}", "\n\n", text)


def _outside_code(pattern: str, write: Callable[[re.Match[str]], str], text: str) -> str:
    """Replace a pattern where it is not code within a line."""
    return re.sub(
        rf"{CODE}|{pattern}",
        lambda found: found[0] if found["ticks"] else write(found),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


def _convert_headings(text: str) -> str:
    r"""Write headings with signs before them, without attributes, and names for links as labels.

    >>> _convert_headings("One\n===\n\n## Two {#two .wide}")
    '# One\n\n## Two'
    """
    text = re.sub(
        r"(?:(?<=\A)|(?<=\n\n))(\w[^\n|]*[^\n|.:,;])\n(=|-)\2{2,} *$",
        lambda found: f"{'#' if found[2] == '=' else '##'} {found[1].strip()}",
        text,
        flags=re.MULTILINE,
    )
    name = r"^<a (?:id|name)=[\"']([\w-]+)[\"'] */?>(?:</a>)? *$"
    text = re.sub(name, r"(\1)=", text, flags=re.MULTILINE)
    braces = r"^(#{1,6} .*?) *\{(?:[.#:-]|[\w-]+=)[^{}\n]*\} *$"
    return re.sub(braces, r"\1", text, flags=re.MULTILINE)


def _set_equations_apart(text: str) -> str:
    r"""Leave an empty line before and after each equation, and write its label as here.

    >>> _set_equations_apart("It is\n$$\na\n$$ {#eq-a}\nso.")
    'It is\n\n$$\na\n$$ (eq-a)\n\nso.'
    """
    lines: list[str] = []
    inside = ended = False
    for line in text.split("\n"):
        words = line.strip()
        starts, ends = not inside and words.startswith("$$"), words.count("$$") % 2 == 1
        if (starts or ended) and words and lines and lines[-1].strip():
            lines.append("")
        ended = False
        if starts or inside:
            inside = inside != ends
            ended = not inside
            line = re.sub(r"\$\$ *\{#([\w-]+)[^{}]*\} *$", r"$$ (\1)", line)
        lines.append(line)
    return "\n".join(lines)


def _convert_formulas(text: str) -> str:
    r"""Write formulas between dollar signs.

    >>> _convert_formulas(r"So \\(n\_1\\), \(k\), $$ a $$ and $ b_1 $.")
    'So $n_1$, $k$, $a$ and $b_1$.'
    """
    text = _outside_code(
        r"\$\$(?P<x>[^$]*)\\label\{(?P<label>[\w:-]+)\}(?P<y>[^$]*)\$\$|"
        r"^\\begin\{equation\}(?P<a>[^$]*?)\\label\{(?P<name>[\w:-]+)\}(?P<b>[^$]*?)"
        r"\\end\{equation\}",
        _label,
        text,
    )
    text = _outside_code(r"\\eqref\{(?P<x>[\w:-]+)\}", lambda found: f"{{eq}}`{found['x']}`", text)

    def double(found: re.Match[str]) -> str:
        inside = re.sub(r"\\([\\_*{}|])", r"\1", found["double"].strip())
        return f"${inside}$" if found["mark"] == "(" else f"\n$$\n{inside}\n$$\n"

    text = _outside_code(r"\\\\(?P<mark>[(\[])(?P<double>.+?)\\\\[)\]]", double, text)
    text = _outside_code(r"\\\((?P<x>[^\n]+?)\\\)", lambda found: f"${found['x'].strip()}$", text)
    text = _outside_code(
        r"(?<!\\)\\\[(?P<x>[^\]]+?)\\\]", lambda found: f"\n$$\n{found['x'].strip()}\n$$\n", text
    )
    # Where other words stand on its line, a formula is a part of it.
    text = _outside_code(
        r"(?P<before>[^\s$>][ \t]*)\$\$(?P<x>[^$\n]+)\$\$|\$\$(?P<y>[^$\n]+)\$\$"
        r"(?=[ \t]*[^\s$])(?![ \t]*(?:\([\w:-]+\)|\{#[^\n]*)[ \t]*$)",
        lambda found: f"{found['before'] or ''}${(found['x'] or found['y']).strip()}$",
        text,
    )
    text = _outside_code(
        r"(?<![\w@])@(?P<x>eq-[\w-]+)", lambda found: f"{{eq}}`{found['x']}`", text
    )
    spaced = r"(?<![\w$\\])\$[ \t]+(?P<x>[^$\n]*[\\=_^{][^$\n]*?)[ \t]*\$(?![\w$])"
    return _outside_code(spaced, lambda found: f"${found['x']}$", text)


def _label(found: re.Match[str]) -> str:
    """Write an equation with its label behind it."""
    inside = f"{found['x'] or found['a'] or ''}{found['y'] or found['b'] or ''}"
    inside = re.sub(r"\\(?:begin|end)\{equation\}", "", inside)
    inside = "\n".join(line for line in inside.split("\n") if line.strip())
    return f"$$\n{inside}\n$$ ({found['label'] or found['name']})"


def _note(kind: str, title: str, body: str, colons: str = ":::") -> str:
    """Return a note of this blog."""
    title = "" if title.strip().lower() == kind.lower() else title.strip()
    first = f"**{title}**\n\n" if title else ""
    return f"{colons}{{{NOTES.get(kind.lower(), 'note')}}}\n{first}{body.strip()}\n{colons}\n\n"


def _convert_notes(text: str) -> str:
    r"""Write notes as directives.

    >>> _convert_notes("> [!TIP] Short\n> Text.\n")
    ':::{tip}\n**Short**\n\nText.\n:::\n\n'
    """
    quote = r"(?P<quote>(?:^>[^\n]*(?:\n|\Z))*)"

    def unquoted(found: re.Match[str]) -> str:
        return re.sub(r"^> ?", "", found["quote"], flags=re.MULTILINE)

    text = re.sub(
        rf"^> ?\[!(?P<kind>\w+)\][+-]?(?P<title>[^\n]*)\n{quote}",
        lambda found: _note(found["kind"], found["title"], unquoted(found)),
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(
        r"(?P<quote>(?:^>[^\n]*\n)+)\{: *\.prompt-(?P<kind>\w+) *\}",
        lambda found: _note(found["kind"], "", unquoted(found)),
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(
        r"^(?:!!!|\?\?\?\+?) ?(?P<kind>\w+)[^\n\"]*(?:\"(?P<title>[^\"\n]*)\")?[^\n]*\n"
        r"(?P<body>(?:(?: {4}|\t)[^\n]*(?:\n|\Z)|[ \t]*\n)*)",
        lambda found: _note(
            found["kind"], found["title"] or "", textwrap.dedent(found["body"].expandtabs(4))
        ),
        text,
        flags=re.MULTILINE,
    )
    shortcode = r"\{(?:%|\{[<%]) *(?:admonition|alert|callout|hint|note|notice)"
    text = re.sub(
        r"^\{% *include +(?P<kind>\w+)\.html +(?:text|content)=(['\"])(?P<body>.*?)\2 *%\}$",
        lambda found: _note(found["kind"], "", found["body"]).rstrip(),
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(  # fastpages
        r"^> (?P<kind>Important|Note|Tip|Warning): *(?P<body>[^\n]+)$",
        lambda found: _note(found["kind"], "", found["body"]).rstrip(),
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(
        rf"^{shortcode}[^\n]*?\b(?P<kind>{KIND})\b[^\n]*\n(?P<body>.*?)"
        r"\{(?:\{[<%] */|% *end)[^\n]*",
        lambda found: _note(found["kind"], "", found["body"]).rstrip(),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    return re.sub(
        rf"^(?P<colons>:{{3,}}) *\{{?\.?(?:callout-)?(?P<kind>{KIND})\b(?![}}]\n?$(?<=\{{\w))"
        r"(?P<rest>[^\n]*)\n(?:\s*#{1,6} +(?P<heading>[^\n]+)\n)?",
        _open_note,
        text,
        flags=re.MULTILINE,
    )


def _open_note(found: re.Match[str]) -> str:
    """Write the first line of a note between lines of colons, and its title."""
    if re.match(r":+\{\w+\}", found[0]):
        return found[0]  # as this blog writes it
    rest = found["rest"].strip()
    attributes = {one[1]: one[2] or one[3] or "" for one in ATTRIBUTE.finditer(rest)}
    plain = "" if rest.endswith("}") else rest.strip("[]")
    title = found["heading"] or attributes.get("title") or plain
    first = f"**{title}**\n\n" if title else ""
    return f"{found['colons']}{{{NOTES[found['kind']]}}}\n{first}"


def _convert_pictures(text: str) -> str:
    """Write pictures as Markdown.

    >>> _convert_pictures('{{< figure src="a.png" alt="A cat" width="9" >}}')
    '![A cat](a.png)'
    """

    def write(found: re.Match[str]) -> str:
        given = {one[1]: one[2] or one[3] or "" for one in ATTRIBUTE.finditer(found["rest"])}
        source = next((given[key] for key in ("src", "image_path", "path") if key in given), "")
        words = next((given[key] for key in ("alt", "caption", "title") if given.get(key)), "")
        return f"![{words}]({source})" if source else found[0]

    return _outside_code(
        r"\{(?:\{[<%]|%) *(?:include +)?(?:figure|image|img)\b(?P<rest>.*?)[>%]\}\}?", write, text
    )


def _convert_addresses(text: str) -> str:
    """Leave out what Jekyll fills in before an address; write links to headings as here.

    >>> _convert_addresses('![A]({{ site.baseurl }}/a.png), ![B]({{ "/b.png" | relative_url }})')
    '![A](/a.png), ![B](/b.png)'
    """
    text = re.sub(r"\{\{ *site\.(?:baseurl|url) *\}\}", "", text)
    text = _outside_code(  # Jupyter keeps capital letters and other signs
        r"\]\(#(?P<x>[\w.,:-]*[A-Z][\w.,:-]*)\)",
        lambda found: f"](#{re.sub(r'[^a-z0-9_-]', '', found['x'].lower())})",
        text,
    )
    return re.sub(r"""\{\{ *["']([^"'{}]*)["'] *\| *(?:relative|absolute)_url *\}\}""", r"\1", text)


def _leave_out(text: str) -> str:
    """Leave out tables of contents, badges, and attributes that have no effect."""
    text = NEEDLESS.sub("", text)
    text = re.sub(r"^> (?:youtube|twitter): *(\S+)$", r"[\1](\1)", text, flags=re.MULTILINE)
    text = _outside_code(r"^\{:[^{}\n]*\}[ \t]*\n?|\{:[^{}\n]*\}", lambda found: "", text)
    return _outside_code(
        r"""(?P<tag><\w[^<>]*?)\s+style=(?:"[^"]*"|'[^']*')""", lambda found: found["tag"], text
    )
