r"""Equations of steps: TeX for notebooks and the clipboard, MathML for pages.

Every equation is written from a step, with its terms in window order; nothing is computed
or simplified. (A computer algebra system would reorder the terms.) An equation is a sequence
of pieces. Lines may break only between pieces, since MathML itself does not wrap.

Examples
--------
>>> import numpy as np
>>> from cnnlib.explain.trace import trace_conv2d
>>> trace = trace_conv2d(np.array([[3, 1], [4, 2]]), np.array([[1, 0], [0, -1]]))
>>> print(products(trace[0, 0]).tex)
Y_{1,1} = 3 \cdot 1 + 1 \cdot 0 + 4 \cdot 0 + 2 \cdot (-1) = 1
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Any

import numpy as np

from cnnlib.explain.text import number_text
from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array

_SYMBOL = re.compile(r"([A-Za-z]+)(?:_\{?([^{}]+)\}?)?$")


@dataclass(frozen=True)
class Piece:
    """A part of an equation without line breaks, as TeX and as MathML."""

    tex: str
    mathml: str

    def __add__(self, other: Piece) -> Piece:
        return Piece(f"{self.tex} {other.tex}", self.mathml + other.mathml)


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

    def _repr_latex_(self) -> str:
        return f"$$ {self.tex} $$"

    def _repr_html_(self) -> str:
        # The group tells users of screen readers which <math> elements belong together.
        return f'<div class="equation" role="group" aria-label="Equation">{self.mathml}</div>'


def products(step: Step, *, name: str = "Y") -> Equation:
    r"""Write a convolution step as a sum of products, in window order.

    With letters, ``Y_{1,1} = a \cdot k_{11} + …``; with numbers, the sum follows.

    Parameters
    ----------
    step : Step
        A step with weights.
    name : str
        The letter of the output.

    Returns
    -------
    Equation
        The name of the output entry, with indices counted from 1; the products; the value.
    """
    pieces = [_entry_name(step, name), *_sum(step)]
    if _is_number(step.value):
        pieces.append(_operator("=") + _piece(step.value, "output", bracket=False))
    return Equation(tuple(pieces))


def substitution(letters: Step, numbers: Step, *, name: str = "Y") -> Equation:
    """Write one step with letters, then with numbers, then its value.

    Raises
    ------
    ValueError
        If the two steps belong to different windows.
    """
    if (letters.rows, letters.cols) != (numbers.rows, numbers.cols):
        raise ValueError(
            f"numbers: its window has rows {numbers.rows} and columns {numbers.cols}, but that of "
            f"letters has rows {letters.rows} and columns {letters.cols}; give two traces of the "
            "same geometry"
        )
    value = _operator("=") + _piece(numbers.value, "output", bracket=False)
    return Equation((_entry_name(letters, name), *_sum(letters), *_sum(numbers), value))


def pooling(letters: Step, numbers: Step, *, average: bool = False, name: str = "Y") -> Equation:
    r"""Write one pooling step with letters, then with numbers, then its value.

    Parameters
    ----------
    letters, numbers : Step
        The same window in two traces.
    average : bool
        Whether to write a mean rather than a maximum.
    name : str
        The letter of the output.
    """
    write = mean if average else maximum
    (with_letters, _), (with_numbers, value) = write(letters).pieces, write(numbers).pieces
    equals = _operator("=")
    return Equation(
        (_entry_name(letters, name), equals + with_letters, equals + with_numbers, value)
    )


def maximum(step: Step) -> Equation:
    r"""Write a max pooling step: ``\max \begin{bmatrix} … \end{bmatrix} = 4``."""
    window = Piece(r"\max", '<mo lspace="0" rspace="0.17em">max</mo>') + _matrix(
        step.entries, "input"
    )
    return Equation((window, _operator("=") + _piece(step.value, "output", bracket=False)))


def mean(step: Step) -> Equation:
    r"""Write an average pooling step: ``\frac{3 + 1 + 4 + 2}{4} = 2.5``."""
    entries = [entry for line in step.entries for entry in line]
    total = _piece(entries[0], "input")
    for entry in entries[1:]:
        total += _operator("+") + _piece(entry, "input")
    count = _piece(len(entries))
    fraction = Piece(
        rf"\frac{{{total.tex}}}{{{count.tex}}}",
        f"<mfrac><mrow>{total.mathml}</mrow>{count.mathml}</mfrac>",
    )
    return Equation((fraction, _operator("=") + _piece(step.value, "output", bracket=False)))


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
    body = _matrix(array.tolist(), role)
    if name:
        body = _symbol(name, role) + _operator("=") + body
    return Equation((body,))


def output_size(trace: Trace, axis: int = 0) -> Equation:
    r"""Write the output-size formula of one axis with the numbers of a trace.

    ``\left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1``, where ``n`` is the
    size of the input, ``p`` the padding on each side, ``d`` the dilation, ``k`` the size of the
    kernel and ``s`` the stride (Dumoulin and Visin, "A guide to convolution arithmetic"). For
    a transposed convolution, ``(n - 1)s - 2p + d(k - 1) + 1``.
    """
    n, out = trace.input.shape[axis], trace.output.shape[axis]
    geometry = trace.geometry
    k, s, d = geometry.kernel[axis], geometry.stride[axis], geometry.dilation[axis]
    p, after = geometry.padding[axis]
    if p != after:
        raise ValueError(
            f"trace: the formula needs equal padding on both sides, got {p} and {after}"
        )
    numerator = (
        f"<mn>{n}</mn><mo>+</mo><mn>2</mn><mo>·</mo><mn>{p}</mn><mo>−</mo><mn>{d}</mn><mo>·</mo>"
        f'<mo stretchy="false">(</mo><mn>{k}</mn><mo>−</mo><mn>1</mn><mo stretchy="false">)</mo>'
        "<mo>−</mo><mn>1</mn>"
    )
    if trace.operation == "conv_transpose2d":
        terms = Piece(
            rf"({n} - 1) \cdot {s} - 2 \cdot {p} + {d} \cdot ({k} - 1)",
            f'<mo stretchy="false">(</mo><mn>{n}</mn><mo>−</mo><mn>1</mn>'
            f'<mo stretchy="false">)</mo><mo>·</mo><mn>{s}</mn><mo>−</mo><mn>2</mn><mo>·</mo>'
            f"<mn>{p}</mn><mo>+</mo><mn>{d}</mn>"
            f'<mo>·</mo><mo stretchy="false">(</mo><mn>{k}</mn><mo>−</mo><mn>1</mn>'
            '<mo stretchy="false">)</mo>',
        )
        return Equation((terms, _operator("+") + _piece(1), _operator("=") + _piece(out, "output")))
    floor = Piece(
        rf"\left\lfloor \frac{{{n} + 2 \cdot {p} - {d} \cdot ({k} - 1) - 1}}{{{s}}} \right\rfloor",
        f"<mo>⌊</mo><mfrac><mrow>{numerator}</mrow><mn>{s}</mn></mfrac><mo>⌋</mo>",
    )
    return Equation((floor, _operator("+") + _piece(1), _operator("=") + _piece(out, "output")))


def _sum(step: Step) -> Iterable[Piece]:
    """Yield the products with their signs: ``= x·k``, ``+ x·k``, …."""
    for number, (entry, weight) in enumerate(step.pairs):
        sign = _operator("+" if number else "=")
        yield (
            sign + _piece(entry, "input") + Piece(r"\cdot", "<mo>·</mo>") + _piece(weight, "kernel")
        )


def _entry_name(step: Step, name: str) -> Piece:
    row, col = (number + 1 for number in step.index)
    return _symbol(f"{name}_{{{row},{col}}}", "output")


def _operator(sign: str) -> Piece:
    # A sign at the start of a piece would be laid out as a prefix; "infix" keeps its spacing.
    return Piece(sign, f'<mo form="infix">{sign}</mo>')


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, complex, Fraction, np.number, np.bool_))


def _piece(value: Any, role: str = "", *, bracket: bool = True) -> Piece:
    """Typeset one entry: a letter, or a number, in parentheses if it is negative."""
    if not _is_number(value):
        return _symbol(str(value), role)
    text = number_text(value)
    mathml = f"<mn{_class_attribute(role)}>{text.lstrip('-')}</mn>"
    if text.endswith("inf"):  # the padding value of max pooling
        text, mathml = text.replace("inf", r"\infty"), f"<mi{_class_attribute(role)}>∞</mi>"
    if isinstance(value, Fraction) and value.denominator != 1:
        top, bottom = abs(value.numerator), value.denominator
        text = rf"{'-' * (value < 0)}\frac{{{top}}}{{{bottom}}}"
        mathml = f"<mfrac{_class_attribute(role)}><mn>{top}</mn><mn>{bottom}</mn></mfrac>"
    if not text.startswith("-"):
        return Piece(text, mathml)
    mathml = f'<mrow{_class_attribute(role)}><mo form="prefix">−</mo>{mathml}</mrow>'
    # Stretchy parentheses would be set with too much space.
    parenthesized = f'<mrow><mo stretchy="false">(</mo>{mathml}<mo stretchy="false">)</mo></mrow>'
    return Piece(f"({text})", parenthesized) if bracket else Piece(text, mathml)


def _symbol(text: str, role: str = "") -> Piece:
    match = _SYMBOL.match(text)
    if match is None:  # not a single symbol but, say, an algebraic expression: shown as text
        return Piece(text, f"<mtext{_class_attribute(role)}>{escape(text)}</mtext>")
    letter, index = match.groups()
    if index is None:
        return Piece(letter, f"<mi{_class_attribute(role)}>{letter}</mi>")
    below = "<mo>,</mo>".join(f"<mn>{escape(part)}</mn>" for part in index.split(","))
    return Piece(
        f"{letter}_{{{index}}}",
        f"<msub{_class_attribute(role)}><mi>{letter}</mi><mrow>{below}</mrow></msub>",
    )


def _matrix(lines: Iterable[Iterable[Any]], role: str) -> Piece:
    table = [[_piece(entry, role, bracket=False) for entry in line] for line in lines]
    tex = r" \\ ".join(" & ".join(piece.tex for piece in line) for line in table)
    rows = "".join(
        "<mtr>" + "".join(f"<mtd>{piece.mathml}</mtd>" for piece in line) + "</mtr>"
        for line in table
    )
    return Piece(
        rf"\begin{{bmatrix}} {tex} \end{{bmatrix}}",
        f'<mrow><mo stretchy="true">[</mo><mtable>{rows}</mtable><mo stretchy="true">]</mo></mrow>',
    )


def _class_attribute(role: str) -> str:
    return f' class="{escape(role)}"' if role else ""
