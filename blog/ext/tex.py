"""Convert TeX to MathML; display equations are split into terms, between which lines may break."""

from __future__ import annotations

import re

from math_core import LatexError, LatexToMathML

__all__ = ["UnsupportedTex", "display", "inline", "split_terms"]

_CONVERTER = LatexToMathML(fancy_error=False)
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_OPEN = {"{", "(", "[", r"\{", r"\left", r"\begin", r"\lfloor", r"\lceil"}
_CLOSE = {"}", ")", "]", r"\}", r"\right", r"\end", r"\rfloor", r"\rceil"}
_RELATIONS = set(_TOKEN.findall(r"=<>\le\leq\ge\geq\ne\neq\approx\equiv\sim\to\mapsto\implies"))
_SIGNS = {"+", "-", r"\pm", r"\mp"}
_SPACES = {r"\quad", r"\qquad"}
# After one of these, a sign is unary.
_BEFORE_UNARY = _RELATIONS | _SIGNS | _SPACES | {"", ",", ";", "_", "^", r"\cdot", r"\times"}
# math-core accepts these but renders them incorrectly.
_UNSUPPORTED = re.compile(
    r"\\\\\s*\[[^\]]*\]|"
    r"\\(?:boxed|b?x?cancel|color|colorbox|eqref|label|tag|textcolor)\b|\{eqnarray\*?\}"
)
_NO_COLOUR = "; formulas have the colour of the text: leave it out"
_INSTEAD = {
    r"\label": "; write the label after the equation: $$ ... $$ (label)",
    r"\eqref": "; write {eq}`label` outside of formulas",
    **dict.fromkeys((r"\color", r"\colorbox", r"\textcolor"), _NO_COLOUR),
    **dict.fromkeys(("{eqnarray}", "{eqnarray*}"), "; write align, with one & in each row"),
}
_ROW = r"; a row ends with two backslashes, \\"
_UNKNOWN = "; write it out: what \\newcommand defines is known in its own formula only"
# Sphinx numbers an equation as a whole, and no space between rows is set.
_REPLACED = (
    (r"\\(begin|end)\{equation\*?\}", ""),
    (r"\\(begin|end)\{(align|gather|multline)\}", r"\\\1{\2*}"),
    (r"\\(begin|end)\{split\}", r"\\\1{aligned}"),
    (r"\\begin\{alignat\*?\}\s*\{\d+\}", r"\\begin{align*}"),
    (r"\\end\{alignat\*?\}", r"\\end{align*}"),
    (r"\\[hm]box\b", r"\\text"),
    (r"\\math(?:bbm|ds)\b", r"\\mathbb"),
    (r"\\(?:nonumber|notag)\b", ""),
    (r"\\\\\s*\[-?[\d.]+\s*(?:pt|em|ex|mm|cm|in)\]", r"\\\\"),
)


class UnsupportedTex(ValueError):
    """TeX that cannot be converted correctly to MathML."""


def split_terms(tex: str) -> list[str]:
    r"""Split TeX before each relation and each binary sign outside brackets.

    >>> split_terms(r"Y_{1,1} = a \cdot (b + c) - d^{-1}")
    ['Y_{1,1}', '= a \\cdot (b + c)', '- d^{-1}']
    """
    terms, depth, last = [""], 0, ""
    for token in _TOKEN.findall(tex.strip()):
        if last in (r"\left", r"\right"):  # \left and \right already count as the bracket
            terms[-1], last = terms[-1] + token, "bracket"
            continue
        depth += (token in _OPEN) - (token in _CLOSE)
        splits = token in _RELATIONS or (token in _SIGNS and last not in _BEFORE_UNARY)
        if depth == 0 and last and (splits or token in _SPACES):
            terms.append("")
        if depth or token not in _SPACES:
            terms[-1] += token
        last = last if token.isspace() else token
    return [term.strip() for term in terms if term.strip()]


def _convert(tex: str, *, block: bool) -> str:
    if match := _UNSUPPORTED.search(tex):
        raise UnsupportedTex(f"{match[0]} is not supported{_INSTEAD.get(match[0], '')}")
    try:
        html: str = _CONVERTER.convert_with_local_state(tex, displaystyle=block)
    except LatexError as error:
        message = re.sub(r"\s+", " ", str(error)).strip()
        if 'command "\\ "' in message:  # a backslash at the end of a line
            message = message.rstrip(".") + _ROW
        elif "Unknown command" in message:
            message = message.rstrip(".") + _UNKNOWN
        raise UnsupportedTex(message) from None
    html = re.sub(r' (?:scriptlevel="0"|style="width: \d+%")', "", html)
    html = re.sub(r' style="text-align: (left|right);[^"]*"', r' class="\1"', html)
    return html.replace("&ApplyFunction;", "\u2061").replace("&InvisibleTimes;", "\u2062")


def _normalize(tex: str) -> str:
    for pattern, replacement in _REPLACED:
        tex = re.sub(pattern, replacement, tex)
    return tex


def inline(tex: str) -> str:
    """Return an inline equation as one `<math>` element."""
    return _convert(_normalize(tex), block=False)


def display(tex: str) -> str:
    r"""Return a display equation as `<math>` elements, between which lines may break.

    Rows, between which ``\\`` stands, are aligned at ``&``.
    """
    tex = _normalize(tex)
    if r"\begin" not in tex and r"\\" in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    math = '<math displaystyle="true">'
    first, *others = split_terms(tex) or [""]
    parts = [_convert(first, block=True), *(_convert("{}" + tex, block=True) for tex in others)]
    html = " ".join(parts).replace('<math display="block">', math)
    # An operator at the start of a term keeps the spacing of a binary operator.
    html = html.replace(f"{math}<mrow></mrow><mo>", f'{math}<mo form="infix">')
    return html.replace(f"{math}<mrow></mrow>", math)
