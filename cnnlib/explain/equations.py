r"""Equations of steps: TeX for notebooks and the clipboard, MathML for pages, and plain text.

Every equation is written from a step, with its terms in window order; nothing is computed
or simplified. (A computer algebra system would reorder the terms.) An equation is a sequence
of pieces. Lines may break only between pieces, since MathML itself does not wrap.

Entries may be numbers of any kind, letters, or expressions of SymPy. Numbers are rounded to six
digits; the imaginary unit is *i*, as in mathematics.

Examples
--------
>>> import numpy as np
>>> from cnnlib import conv2d
>>> from cnnlib.explain.trace import trace
>>> traced = trace(conv2d, [[3, 1], [4, 2]], [[1, 0], [0, -1]])
>>> print(products(traced[0, 0]))
Y_{1,1} = 3·1 + 1·0 + 4·0 + 2·(−1) = 1
>>> print(products(traced[0, 0]).tex)
Y_{1,1} = 3 \cdot 1 + 1 \cdot 0 + 4 \cdot 0 + 2 \cdot (-1) = 1
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from html import escape, unescape
from typing import Any
from xml.etree import ElementTree

import numpy as np

from cnnlib.explain.text import (
    MINUS,
    as_number,
    decimal_parts,
    entry_text,
    factor_text,
    greek_name,
    is_composite,
    is_expression,
    is_number,
    parse_symbol,
    summand_text,
)
from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array


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


@dataclass(frozen=True)
class Equation:
    """A sequence of pieces with a rich display in notebooks and on pages.

    Attributes
    ----------
    pieces : tuple of Piece
        The parts, from left to right.
    """

    pieces: tuple[Piece, ...]

    @property
    def tex(self) -> str:
        """The equation as TeX, without dollar signs."""
        return " ".join(piece.tex for piece in self.pieces)

    @property
    def mathml(self) -> str:
        """One ``<math>`` element for each piece, so that lines can break between them.

        If there are several equals signs, each one after the first starts a new line.
        """
        starts = [n for n, piece in enumerate(self.pieces) if piece.tex.startswith("=")][1:]
        return " ".join(
            f"{'<br>' if number in starts and len(starts) > 1 else ''}<math>{piece.mathml}</math>"
            for number, piece in enumerate(self.pieces)
        )

    def __str__(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    def _repr_latex_(self) -> str:
        return f"$$ {self.tex} $$"

    def _repr_html_(self) -> str:
        # The group tells users of screen readers which <math> elements belong together.
        return f'<div class="equation" role="group" aria-label="Equation">{self.mathml}</div>'


def products(step: Step, *, name: str = "") -> Equation:
    r"""Write a step of a convolution, or of a gradient, as a sum of products, in window order.

    With letters, ``Y_{1,1} = a \cdot k_{11} + …``; with numbers, the sum follows. For a gradient it
    begins with ``\frac{\partial L}{\partial k_{11}}``.

    Parameters
    ----------
    step : Step
        A step with weights.
    name : str
        The letter of the output, `Y` by default, or of what the gradient belongs to.

    Returns
    -------
    Equation
        The name of the output entry, with indices counted from 1: channel, if there are channels,
        row and column; the products, and the bias if there is one; the value. Where the step has no
        terms, the value alone.

    Examples
    --------
    >>> from cnnlib import gradients
    >>> from cnnlib.explain.trace import trace
    >>> image, kernel = [[3, 1, 0]], [[1, 0]]
    >>> back = trace(gradients.conv2d_weight, [[1, -2]], image, kernel)
    >>> print(products(back[0, 1]))
    ∂L/∂k_{12} = 1·1 + 0·(−2) = 1
    """
    pieces = [_entry_name(step, name), *_sum(step)]
    if is_number(step.value) or len(pieces) == 1:
        pieces.append(_result(step))
    return Equation(tuple(pieces))


def substitution(letters: Step, numbers: Step, *, name: str = "") -> Equation:
    """Write one step with letters, then with numbers, then its value.

    Raises
    ------
    ValueError
        If the two steps belong to different windows.
    """
    _check_same_window(letters, numbers)
    return Equation((_entry_name(letters, name), *_sum(letters), *_sum(numbers), _result(numbers)))


def pooling(letters: Step, numbers: Step, *, name: str = "") -> Equation:
    r"""Write one pooling step with letters, then with numbers, then its value.

    Parameters
    ----------
    letters, numbers : Step
        The same window in two traces of max pooling, or of average pooling.
    name : str
        The letter of the output.

    Raises
    ------
    ValueError
        If the two steps belong to different windows.
    """
    _check_same_window(letters, numbers)
    write = _mean if numbers.kind == "mean" else _maximum
    equals = _operator("=")
    return Equation(
        (
            _entry_name(letters, name),
            equals + write(letters),
            equals + write(numbers),
            _result(numbers),
        )
    )


def maximum(step: Step) -> Equation:
    r"""Write a max pooling step: ``\max \begin{bmatrix} … \end{bmatrix} = 4``."""
    return Equation((_maximum(step), _result(step)))


def mean(step: Step) -> Equation:
    r"""Write an average pooling step: ``\frac{3 + 1 + 4 + 2}{4} = 2.5``.

    The divisor is the number of entries that count: padding that does not count and what partial
    windows lack are left out.
    """
    return Equation((_mean(step), _result(step)))


def matrix(array: Array, *, name: str = "", role: str = "") -> Equation:
    """Write a 2-D array as a matrix, ``X = [...]``.

    Parameters
    ----------
    array : array_like, shape (height, width)
        Numbers or letters.
    name : str
        The left-hand side; if empty, the matrix stands alone.
    role : {"", "input", "kernel", "output"}
        The role that decides the colour of the entries on a page.
    """
    array = np.asarray(array)
    if array.ndim != 2:
        raise ValueError(f"array: expected 2 axes (height, width), got shape {array.shape}")
    text = "; ".join(", ".join(map(entry_text, line)) for line in array)
    body = _matrix(array, role, f"[{text}]")
    if name:
        body = typeset_name(name, role) + _operator("=") + body
    return Equation((body,))


def output_size(trace: Trace, axis: int = 0) -> Equation:
    r"""Write the output-size formula of one axis with the numbers of a trace.

    ``\left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1``, where ``n`` is the
    size of the input, ``p`` the padding on each side, ``d`` the dilation, ``k`` the size of the
    kernel and ``s`` the stride (Dumoulin and Visin, "A guide to convolution arithmetic"). Padding
    that differs between the sides is written as a sum in place of ``2p``. With ``ceil_mode`` the
    fraction is rounded up, and 1 is subtracted if the last window would start in the padding.

    For a transposed convolution, ``(n - 1)s - 2p + d(k - 1) + 1``, and the output padding if there
    is some.

    Raises
    ------
    ValueError
        For adaptive pooling, whose output size is given.
    """
    geometry = trace.geometry
    if geometry is None or trace.is_gradient:
        raise ValueError(
            f"trace: the output size of {trace.operation} is given, not computed from a formula"
        )
    n, out = trace.size[axis], trace.output.shape[-2:][axis]
    k, s, d = geometry.kernel[axis], geometry.stride[axis], geometry.dilation[axis]
    before, after = geometry.padding[axis]
    same = before == after
    if trace.operation == "conv_transpose2d":
        padding = f"2 · {before}" if same else f"{before} − {after}"
        terms = _formula(f"({n} − 1) · {s} − {padding} + {d} · ({k} − 1)")
        size = (n - 1) * s - before - after + d * (k - 1) + 1
    else:
        padding = f"2 · {before}" if same else f"{before} + {after}"
        room = n + before + after - d * (k - 1) - 1
        up = bool(trace.arguments.get("ceil_mode"))
        top = _formula(f"{n} + {padding} − {d} · ({k} − 1) − 1")
        terms = _rounded(top, _formula(str(s)), up=up)
        size = (-(-room // s) if up else room // s) + 1
    pieces = [terms, _operator("+") + _piece(1)]
    if out != size:
        pieces.append(_operator("+" if out > size else "-") + _piece(abs(out - size)))
    return Equation((*pieces, _operator("=") + _piece(out, "output")))


def _check_same_window(letters: Step, numbers: Step) -> None:
    if (letters.index, letters.channels, letters.rows, letters.cols) != (
        numbers.index,
        numbers.channels,
        numbers.rows,
        numbers.cols,
    ):
        raise ValueError(
            f"numbers: its window has rows {numbers.rows} and columns {numbers.cols}, but that of "
            f"letters has rows {letters.rows} and columns {letters.cols}; give two traces of the "
            "same geometry"
        )


def _result(step: Step) -> Piece:
    return _operator("=") + _piece(step.value, step.matrices.output.role, bracket=False)


def _sum(step: Step) -> Iterable[Piece]:
    """Yield the products and the bias with their signs: ``= x·k``, ``+ x·k``, …, ``+ b``."""
    sign = _operator("=")
    roles = step.matrices.input.role, step.matrices.window
    for entry, weight in step.pairs:
        yield sign + _product(entry, weight, *roles)
        sign = _operator("+")
    if step.bias is not None and step.terms:
        yield sign + _piece(step.bias, "kernel")


def _product(entry: Any, weight: Any, role: str, weight_role: str) -> Piece:
    product = _piece(entry, role) + _DOT + _piece(weight, weight_role)
    return replace(product, text=f"{factor_text(entry)}·{factor_text(weight)}")


def _maximum(step: Step) -> Piece:
    if step.kind != "max":
        raise ValueError(f"step: expected one of max pooling, got a {step.kind}")
    text = f"max({', '.join(entry_text(term.entry) for term in step.terms)})"
    function = Piece(r"\max", '<mo lspace="0" rspace="0.17em">max</mo>', "max")
    return replace(function + _matrix(step.entries, "input", ""), text=text)


def _mean(step: Step) -> Piece:
    if step.kind != "mean":
        raise ValueError(f"step: expected one of average pooling, got a {step.kind}")
    entries = [term.entry for term in step.terms]
    total = _piece(entries[0], "input") if entries else _piece(0)
    for entry in entries[1:]:
        total += _operator("+") + _piece(entry, "input")
    text = " + ".join(map(summand_text, entries)) or "0"
    return _fraction(total, _piece(len(entries)), f"({text}) / {len(entries)}")


def _fraction(top: Piece, bottom: Piece, text: str) -> Piece:
    return Piece(
        rf"\frac{{{top.tex}}}{{{bottom.tex}}}",
        f"<mfrac><mrow>{top.mathml}</mrow>{bottom.mathml}</mfrac>",
        text,
    )


def _rounded(top: Piece, bottom: Piece, *, up: bool) -> Piece:
    """Write a fraction in brackets that round it down, or up."""
    kind, left, right = ("ceil", "⌈", "⌉") if up else ("floor", "⌊", "⌋")
    fraction = _fraction(top, bottom, f"({top.text}) / {bottom.text}")
    return Piece(
        rf"\left\l{kind} {fraction.tex} \right\r{kind}",
        f"<mo>{left}</mo>{fraction.mathml}<mo>{right}</mo>",
        f"{left}{fraction.text}{right}",
    )


def _entry_name(step: Step, name: str) -> Piece:
    """Name the output entry: ``Y_{1,1}``, or for a gradient ``∂L/∂k_{11}``."""
    indices = ",".join(str(number + 1) for number in step.index)
    role = step.matrices.output.role
    if step.of is None:
        return typeset_name(f"{name or step.matrices.output.symbol}_{{{indices}}}", role)
    of = typeset_name(f"{name}_{{{indices}}}" if name else step.of)
    return Piece(
        rf"\frac{{\partial L}}{{\partial {of.tex}}}",
        f"<mfrac{_class_attribute(role)}><mrow><mi>∂</mi><mi>L</mi></mrow>"
        f"<mrow><mi>∂</mi>{of.mathml}</mrow></mfrac>",
        f"∂L/∂{of.text}",
    )


_DOT = Piece(r"\cdot", "<mo>·</mo>", "·")


def _operator(sign: str) -> Piece:
    # A sign at the start of a piece would be laid out as a prefix; "infix" keeps its spacing.
    shown = sign.replace("-", MINUS)
    return Piece(sign, f'<mo form="infix">{shown}</mo>', shown)


def _formula(text: str) -> Piece:
    """Typeset integers, signs and parentheses."""
    marks = {"(": _OPEN, ")": _CLOSE}
    mathml = "".join(
        f"<mn>{part}</mn>" if part.isdigit() else marks.get(part, f"<mo>{part}</mo>")
        for part in re.findall(r"\d+|\S", text)
    )
    tex = text.replace("·", _DOT.tex).replace(MINUS, "-")
    return Piece(tex, mathml, text.replace(" · ", "·"))


# Stretchy parentheses would be set with too much space.
_OPEN, _CLOSE = (f'<mo stretchy="false">{sign}</mo>' for sign in "()")


def _piece(value: Any, role: str = "", *, bracket: bool = True) -> Piece:
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
    mathml = f'<mrow{_class_attribute(role)}><mo form="prefix">{MINUS}</mo>{size.mathml}</mrow>'
    return Piece(f"-{size.tex}", mathml, entry_text(value))


def _magnitude(value: int | float | Fraction, role: str) -> Piece:
    """Typeset a number that is not negative."""
    role, text = _class_attribute(role), entry_text(value)
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
        first, sign = _number(real, ""), _operator("-" if imag < 0 else "+")
        tex, mathml = f"{first.tex} {sign.tex} {tex}", first.mathml + sign.mathml + mathml
    elif imag < 0:
        tex, mathml = f"-{tex}", f'<mo form="prefix">{MINUS}</mo>{mathml}'
    return Piece(tex, f"<mrow{_class_attribute(role)}>{mathml}</mrow>", entry_text(value))


def typeset_name(name: str, role: str = "") -> Piece:
    """Typeset a letter with its index, if it has one, or another name as text."""
    role, text = _class_attribute(role), entry_text(name)
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

    mathml = f"<mrow{_class_attribute(role)}>{_sympy_mathml(value)}</mrow>"
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


def _matrix(lines: Iterable[Sequence[Any]], role: str, text: str) -> Piece:
    table = [[_piece(entry, role, bracket=False) for entry in line] for line in lines]
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


def _class_attribute(role: str) -> str:
    return f' class="{escape(role)}"' if role else ""
