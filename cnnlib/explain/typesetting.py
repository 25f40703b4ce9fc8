"""Typeset what equations are made of: numbers, letters, expressions, signs, fractions, matrices.

Entries may be numbers of any kind, letters, or expressions of SymPy. Numbers are rounded to six
digits; the imaginary unit is *i*, as in mathematics.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape, unescape
from typing import Any
from xml.etree import ElementTree

from cnnlib.explain.text import (
    MINUS,
    as_number,
    decimal_parts,
    entry_text,
    greek_name,
    is_composite,
    is_expression,
    is_number,
    parse_symbol,
    summand_text,
)


@dataclass(frozen=True)
class Piece:
    """A part of an equation without line breaks, as TeX, as MathML and as plain text."""

    tex: str
    mathml: str
    text: str

    def __add__(self, other: Piece) -> Piece:
        return Piece(
            f"{self.tex} {other.tex}", self.mathml + other.mathml, f"{self.text} {other.text}"
        )


# Stretchy parentheses would be set with too much space.
_OPEN, _CLOSE = (f'<mo stretchy="false">{sign}</mo>' for sign in "()")
DOT = Piece(r"\cdot", "<mo>·</mo>", "·")


def operator(sign: str) -> Piece:
    """Typeset a sign between two pieces, such as ``=``, ``+`` or ``-``."""
    # A sign at the start of a piece would be laid out as a prefix; "infix" keeps its spacing.
    shown = sign.replace("-", MINUS)
    return Piece(sign, f'<mo form="infix">{shown}</mo>', shown)


def formula(text: str) -> Piece:
    """Typeset integers, signs and parentheses."""
    marks = {"(": _OPEN, ")": _CLOSE}
    mathml = "".join(
        f"<mn>{part}</mn>" if part.isdigit() else marks.get(part, f"<mo>{part}</mo>")
        for part in re.findall(r"\d+|\S", text)
    )
    tex = text.replace("·", DOT.tex).replace(MINUS, "-")
    return Piece(tex, mathml, text.replace(" · ", "·"))


def fraction(top: Piece, bottom: Piece, text: str) -> Piece:
    """Write a fraction; in plain text it is `text`."""
    return Piece(
        rf"\frac{{{top.tex}}}{{{bottom.tex}}}",
        f"<mfrac><mrow>{top.mathml}</mrow>{bottom.mathml}</mfrac>",
        text,
    )


def rounded(top: Piece, bottom: Piece, *, up: bool) -> Piece:
    """Write a fraction in brackets that round it down, or up."""
    kind, left, right = ("ceil", "⌈", "⌉") if up else ("floor", "⌊", "⌋")
    inner = fraction(top, bottom, f"({top.text}) / {bottom.text}")
    return Piece(
        rf"\left\l{kind} {inner.tex} \right\r{kind}",
        f"<mo>{left}</mo>{inner.mathml}<mo>{right}</mo>",
        f"{left}{inner.text}{right}",
    )


def typeset_entry(value: Any, role: str = "", *, bracket: bool = True) -> Piece:
    """Typeset one entry: a number, a letter or an expression, in parentheses where needed."""
    if is_number(value):
        piece = _number(as_number(value), role)
    elif is_expression(value):
        piece = _expression(value, role)
    else:
        piece = typeset_name(str(value), role)
    if not (bracket and is_composite(value)):
        return piece
    if "<mfrac" in piece.mathml:  # tall: brackets grow with it
        mathml = f"<mrow><mo>(</mo>{piece.mathml}<mo>)</mo></mrow>"
        return Piece(rf"\left({piece.tex}\right)", mathml, summand_text(value))
    mathml = f"<mrow>{_OPEN}{piece.mathml}{_CLOSE}</mrow>"
    return Piece(f"({piece.tex})", mathml, summand_text(value))


def _number(value: int | float | complex | Fraction, role: str) -> Piece:
    if isinstance(value, complex):
        return _complex(value, role)
    if not value < 0:
        return _magnitude(value, role)
    size = _magnitude(-value, role)
    mathml = f'<mrow{class_attribute(role)}><mo form="prefix">{MINUS}</mo>{size.mathml}</mrow>'
    return Piece(f"-{size.tex}", mathml, entry_text(value))


def _magnitude(value: int | float | Fraction, role: str) -> Piece:
    """Typeset a number that is not negative."""
    role, text = class_attribute(role), entry_text(value)
    if isinstance(value, Fraction):
        top, bottom = value.numerator, value.denominator
        mathml = f"<mfrac{role}><mn>{top}</mn><mn>{bottom}</mn></mfrac>"
        return Piece(rf"\frac{{{top}}}{{{bottom}}}", mathml, text)
    if isinstance(value, int):
        return Piece(text, f"<mn{role}>{text}</mn>", text)
    if math.isnan(value):
        return Piece(r"\mathrm{NaN}", f"<mi{role}>NaN</mi>", text)
    if math.isinf(value):  # the padding value of max pooling
        return Piece(r"\infty", f"<mi{role}>∞</mi>", text)
    factor, power = decimal_parts(value)
    if not power:
        return Piece(factor, f"<mn{role}>{factor}</mn>", text)
    exponent = str(power).replace("-", MINUS)
    mathml = (
        f'<mrow{role}><mn>{factor}</mn><mo lspace="0" rspace="0">×</mo>'
        f"<msup><mn>10</mn><mn>{exponent}</mn></msup></mrow>"
    )
    return Piece(rf"{factor} \times 10^{{{power}}}", mathml, text)


def _complex(value: complex, role: str) -> Piece:
    real, imag = value.real, value.imag
    if imag == 0:
        return _number(real, role)
    unit = "<mi>i</mi>"
    tex, mathml = "i", unit
    if abs(imag) != 1:
        size = _magnitude(abs(imag), "")
        tex = f"{size.tex} i" if size.tex.startswith("\\") else f"{size.tex}i"
        mathml = size.mathml + unit
    if real != 0:
        first, sign = _number(real, ""), operator("-" if imag < 0 else "+")
        tex, mathml = f"{first.tex} {sign.tex} {tex}", first.mathml + sign.mathml + mathml
    elif imag < 0:
        tex, mathml = f"-{tex}", f'<mo form="prefix">{MINUS}</mo>{mathml}'
    return Piece(tex, f"<mrow{class_attribute(role)}>{mathml}</mrow>", entry_text(value))


def typeset_name(name: str, role: str = "") -> Piece:
    """Typeset a letter with its index, if it has one, or another name as text."""
    role, text = class_attribute(role), entry_text(name)
    symbol = parse_symbol(name)
    if symbol is None:  # not a single symbol but, say, a function's name and argument
        return Piece(rf"\text{{{_escape_tex(name)}}}", f"<mtext{role}>{escape(name)}</mtext>", text)
    letters, indices = symbol
    if not indices:
        return Piece(_identifier(letters), f"<mi{role}>{letters}</mi>", text)
    below = "<mo>,</mo>".join(
        f"<mn>{part}</mn>" if part.isdigit() else f"<mi>{part}</mi>" for part in indices
    )
    tex = ",".join(part if part.isdigit() else _identifier(part) for part in indices)
    mathml = f"<msub{role}><mi>{letters}</mi><mrow>{below}</mrow></msub>"
    return Piece(f"{_identifier(letters)}_{{{tex}}}", mathml, text)


def _identifier(name: str) -> str:
    """Write a name as TeX: a Greek letter by its command, several letters upright."""
    greek = greek_name(name)
    if greek:
        return f"\\{greek}"
    if not name.isascii():
        return rf"\text{{{name}}}"
    return name if len(name) == 1 else rf"\mathrm{{{name}}}"


_TEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "_{}$&#%"},
}


def _escape_tex(text: str) -> str:
    return "".join(_TEX_SPECIAL.get(letter, letter) for letter in text)


def _expression(value: Any, role: str) -> Piece:
    """Typeset an expression as SymPy does, but with symbols and floats as they are elsewhere."""
    from sympy.printing.latex import LatexPrinter

    class Printer(LatexPrinter):  # type: ignore[misc]
        def _print_Symbol(self, symbol: Any, style: str = "plain") -> str:
            return typeset_name(symbol.name).tex

        def _print_Float(self, number: Any) -> str:
            return _number(as_number(number), "").tex

    mathml = f"<mrow{class_attribute(role)}>{_sympy_mathml(value)}</mrow>"
    return Piece(str(Printer().doprint(value)), mathml, entry_text(value))


def _sympy_mathml(value: Any) -> str:
    """Return SymPy's MathML without the entities that HTML lacks, and with true minus signs."""
    from xml.dom.minidom import parseString

    from sympy.printing.mathml import MathMLPresentationPrinter

    class Printer(MathMLPresentationPrinter):  # type: ignore[misc]
        def _print_Symbol(self, symbol: Any, style: str = "plain") -> Any:
            return parseString(typeset_name(symbol.name).mathml).documentElement

        def _print_Float(self, number: Any) -> Any:
            return parseString(_number(as_number(number), "").mathml).documentElement

    mathml = str(Printer().doprint(value))
    for name, text in {"&ImaginaryI;": "i", "&ExponentialE;": "e"}.items():
        mathml = mathml.replace(name, text)
    # SymPy writes operators without escaping them.
    mathml = re.sub(r"<mo>([<>])</mo>", lambda match: f"<mo>{escape(match[1])}</mo>", mathml)
    mathml = re.sub(r"&(?!lt;|gt;|amp;)#?\w+;", lambda match: unescape(match[0]), mathml)
    mathml = mathml.replace("<mo>-</mo>", f"<mo>{MINUS}</mo>")
    try:
        ElementTree.fromstring(f"<mrow>{mathml}</mrow>")
    except ElementTree.ParseError:
        return f"<mtext>{escape(entry_text(value))}</mtext>"
    return mathml


def typeset_matrix(lines: Iterable[Sequence[Any]], role: str, text: str) -> Piece:
    """Typeset a matrix in square brackets; in plain text it is `text`."""
    table = [[typeset_entry(entry, role, bracket=False) for entry in line] for line in lines]
    tex = r" \\ ".join(" & ".join(piece.tex for piece in line) for line in table)
    rows = "".join(
        "<mtr>" + "".join(f"<mtd>{piece.mathml}</mtd>" for piece in line) + "</mtr>"
        for line in table
    )
    return Piece(
        rf"\begin{{bmatrix}} {tex} \end{{bmatrix}}",
        f'<mrow><mo stretchy="true">[</mo><mtable>{rows}</mtable><mo stretchy="true">]</mo></mrow>',
        text,
    )


def class_attribute(role: str) -> str:
    """Write the attribute that gives an element of MathML the colour of a role, if it has one."""
    return f' class="{escape(role)}"' if role else ""
