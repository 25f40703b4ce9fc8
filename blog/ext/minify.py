"""Make scripts and styles smaller, without comments and without spaces that separate nothing."""

from __future__ import annotations

import re

# The parts of a script that matter here. A slash begins a regular expression only after these
# signs, perhaps with a space between, or after `return`; after an operand it divides.
_TOKEN = re.compile(
    r"""(?P<comment>[ \t]*(?://[^\n]*|/\*.*?\*/))"""
    r"""|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<regex>(?:(?<=[(,=:\[!&|?{};>\n])|(?<=[(,=:\[!&|?{};>\n] )|(?<=return ))"""
    r"""/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/)"""
    r"""|(?P<space>\s+)|[\w$]+|.""",
    re.DOTALL,
)
_TEMPLATE_TEXT = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*(?:`|\$\{)", re.DOTALL)
_AFTER = "=?:,;{([<>&|!*% \n"  # no space or line end is needed after these signs,
_CLOSES = ")]}\"'`"  # no space after these,
_BEFORE = "=?:,;{([<>&|*%\"'`"  # no space before these,
_SIGNS = "+-/"  # no space beside these, unless the same sign follows,
_ENDS = ")}].:?&|"  # and no line end before these


def minify(text: str, *, script: bool) -> str:
    """Return a script or a style sheet that does the same and is smaller."""
    return _tighten_script(text) if script else _tighten_styles(text)


def _tighten_styles(text: str) -> str:
    text = re.sub(r"/\*.*?\*/|^\s+", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"\s*([{};,])\s*|(?<=[a-z]:) ", lambda found: found[1] or "", text)


def _tighten_script(text: str) -> str:
    """Remove comments and spaces that separate nothing, outside strings and templates."""
    kept: list[str] = []
    braces: list[int] = []  # for each template around the current place, how many braces are open
    place = 0
    while found := _TOKEN.match(text, place):
        token, place = found[0], found.end()
        if braces and token in "{}":
            braces[-1] += 1 if token == "{" else -1
        if token == "`" or (braces and braces[-1] == 0):
            if token == "}":
                braces.pop()
            # The text of a template, up to its end or to the next expression in it.
            rest = _TEMPLATE_TEXT.match(text, place)
            assert rest is not None
            if rest[0].endswith("${"):
                braces.append(1)
            token, place = token + rest[0], rest.end()
        elif found["space"]:
            token = _space(kept[-1][-1] if kept else ";", token, text[place : place + 1])
        if token and not found["comment"]:
            kept.append(token)
    return "".join(kept)


def _space(before: str, space: str, after: str) -> str:
    """Return what is needed between two signs: nothing, a space or a line end."""
    if before in _AFTER or after in _ENDS:
        return ""
    if "\n" in space:
        return "\n"
    sign = before != after and (before in _SIGNS or after in _SIGNS)
    return "" if before in _CLOSES or after in _BEFORE or sign else " "
