"""TeX to MathML in pure functions; a display equation comes in pieces that may stand on lines."""

from __future__ import annotations

import re

from math_core import LatexError, LatexToMathML

__all__ = ["UnsupportedTex", "display", "inline", "pieces"]

_CONVERTER = LatexToMathML(fancy_error=False)
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_OPEN = {"{", "(", "[", r"\{", r"\left", r"\begin", r"\lfloor", r"\lceil"}
_CLOSE = {"}", ")", "]", r"\}", r"\right", r"\end", r"\rfloor", r"\rceil"}
_RELATIONS = set(_TOKEN.findall(r"=<>\le\leq\ge\geq\ne\neq\approx\equiv\sim\to\mapsto\implies"))
_SIGNS = {"+", "-", r"\pm", r"\mp"}
_SPACES = {r"\quad", r"\qquad"}
# After these a sign belongs to the number that follows it: it does not join two terms.
_BEFORE_A_NUMBER = _RELATIONS | _SIGNS | _SPACES | {"", ",", ";", "_", "^", r"\cdot", r"\times"}
# math-core lets these pass and prints something else.
_MISPRINTED = re.compile(r"\\\\\s*\[[^\]]*\]|\\(?:boxed|b?x?cancel|label|tag)\b")


class UnsupportedTex(ValueError):
    """TeX that cannot be printed faithfully as MathML."""


def pieces(tex: str) -> list[str]:
    r"""Split TeX before each relation and each joining sign that no bracket holds.

    >>> pieces(r"Y_{1,1} = a \cdot (b + c) - d^{-1}")
    ['Y_{1,1}', '= a \\cdot (b + c)', '- d^{-1}']
    """
    found, depth, last = [""], 0, ""
    for token in _TOKEN.findall(tex.strip()):
        if last in (r"\left", r"\right"):  # the bracket that is made to grow was counted there
            found[-1], last = found[-1] + token, "bracket"
            continue
        depth += (token in _OPEN) - (token in _CLOSE)
        joins = token in _RELATIONS or (token in _SIGNS and last not in _BEFORE_A_NUMBER)
        if depth == 0 and last and (joins or token in _SPACES):
            found.append("")
        if depth or token not in _SPACES:
            found[-1] += token
        last = last if token.isspace() else token
    return [piece.strip() for piece in found if piece.strip()]


def _convert(tex: str, *, block: bool) -> str:
    if wrong := _MISPRINTED.search(tex):
        raise UnsupportedTex(f"{wrong[0]} has no faithful MathML")
    try:
        html: str = _CONVERTER.convert_with_local_state(tex, displaystyle=block)
    except LatexError as error:
        raise UnsupportedTex(re.sub(r"\s+", " ", str(error)).strip()) from None
    html = re.sub(r' (?:scriptlevel="0"|style="width: \d+%")', "", html)
    html = re.sub(r' style="text-align: (left|right);[^"]*"', r' class="\1"', html)
    return html.replace("&ApplyFunction;", "\u2061").replace("&InvisibleTimes;", "\u2062")


def inline(tex: str) -> str:
    """Return one `<math>` for a line of text."""
    return _convert(tex, block=False)


def display(tex: str) -> str:
    """Return the `<math>` elements of a display equation, between which a line may break."""
    math = '<math displaystyle="true">'
    first, *others = pieces(tex) or [""]
    parts = [_convert(first, block=True), *(_convert("{}" + tex, block=True) for tex in others)]
    html = " ".join(parts).replace('<math display="block">', math)
    # Where a piece begins with an operator, that keeps the space it has between two terms.
    html = html.replace(f"{math}<mrow></mrow><mo>", f'{math}<mo form="infix">')
    return html.replace(f"{math}<mrow></mrow>", math)
