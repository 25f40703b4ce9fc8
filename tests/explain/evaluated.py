"""The values of equations, computed from what was written: TeX, MathML or plain text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import sympy

# What MathML Core has, of what equations need: browsers ignore other elements.
ELEMENTS = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msub", "msup", "msubsup", "msqrt", "mroot",
    "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mspace", "mstyle", "br", "r",
}  # fmt: skip


def value(text, names=()):
    """Evaluate plain text, or what `from_tex` and `from_mathml` return, exactly."""
    text = text.replace("−", "-").replace("·", "*").replace("×", "*").replace("^", "**")
    text = text.replace("∞", "oo").replace("NaN", "nan")
    symbols = {name: sympy.Symbol(name) for name in names}
    # Decimals become fractions, so that nothing is rounded.
    text = re.sub(r"\d+(?:\.\d+)?e-?\d+|\d+\.\d+", lambda m: f"Rational('{m[0]}')", text)
    text = re.sub(r"([\d)]|oo|nan)\s*(?=i\b)", r"\1*", text)
    return sympy.sympify(text, locals={"i": sympy.I, **symbols}, rational=True)


def from_tex(tex):
    r"""Rewrite TeX as plain text: ``\frac{1}{2} \cdot 3`` as ``((1)/(2)) * 3``."""
    tex = tex.replace(r"\left", "").replace(r"\right", "")
    while match := re.search(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", tex):
        tex = tex.replace(match[0], f"(({match[1]})/({match[2]}))")
    tex = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", tex)
    tex = re.sub(r"([A-Za-z]+)_\{([\w,]+)\}", r"\1_\2", tex)
    for command, text in {r"\cdot": "*", r"\times": "*", r"\infty": "oo"}.items():
        tex = tex.replace(command, text)
    return re.sub(r"\\mathrm\{(\w+)\}", r"\1", tex)


def parse(mathml):
    """Parse MathML, which must be well-formed XML without entities, as one element."""
    root = ElementTree.fromstring(f"<r>{mathml.replace('<br>', '<br/>')}</r>")
    for element in root.iter():
        assert element.tag in ELEMENTS, element.tag
    return root


def from_mathml(mathml):
    """Rewrite MathML as plain text, reading elements as a browser lays them out."""
    return _read(parse(mathml))


def _read(element):
    children = [_read(child) for child in element]
    if element.tag == "mfrac":
        return f"(({children[0]})/({children[1]}))"
    if element.tag == "msup":
        return f"{children[0]}**({children[1]})"
    if element.tag == "msub":
        return f"{children[0]}_{children[1]}"
    if element.tag == "mtable":
        rows = [" & ".join(_read(cell) for cell in row) for row in element]
        return r" \\ ".join(rows)
    text = (element.text or "").strip()
    return {"\u2062": "*"}.get(text, text) + "".join(children)
