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

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cnnlib.explain.text import entry_text, factor_text, is_number, summand_text
from cnnlib.explain.trace import Step, Trace
from cnnlib.explain.typesetting import (
    DOT,
    Piece,
    class_attribute,
    formula,
    fraction,
    operator,
    rounded,
    typeset_entry,
    typeset_matrix,
    typeset_name,
)
from cnnlib.shapes import Array


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        return f"<Equation: {self}>"

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
    equals = operator("=")
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
    body = typeset_matrix(array, role, f"[{text}]")
    if name:
        body = typeset_name(name, role) + operator("=") + body
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
        terms = formula(f"({n} − 1) · {s} − {padding} + {d} · ({k} − 1)")
        size = (n - 1) * s - before - after + d * (k - 1) + 1
    else:
        padding = f"2 · {before}" if same else f"{before} + {after}"
        room = n + before + after - d * (k - 1) - 1
        up = bool(trace.arguments.get("ceil_mode"))
        top = formula(f"{n} + {padding} − {d} · ({k} − 1) − 1")
        terms = rounded(top, formula(str(s)), up=up)
        size = (-(-room // s) if up else room // s) + 1
    pieces = [terms, operator("+") + typeset_entry(1)]
    if out != size:
        pieces.append(operator("+" if out > size else "-") + typeset_entry(abs(out - size)))
    return Equation((*pieces, operator("=") + typeset_entry(out, "output")))


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
    return operator("=") + typeset_entry(step.value, step.matrices.output.role, bracket=False)


def _sum(step: Step) -> Iterable[Piece]:
    """Yield the products and the bias with their signs: ``= x·k``, ``+ x·k``, …, ``+ b``."""
    sign = operator("=")
    roles = step.matrices.input.role, step.matrices.window
    for entry, weight in step.pairs:
        yield sign + _product(entry, weight, *roles)
        sign = operator("+")
    if step.bias is not None and step.terms:
        yield sign + typeset_entry(step.bias, "kernel")


def _product(entry: Any, weight: Any, role: str, weight_role: str) -> Piece:
    product = typeset_entry(entry, role) + DOT + typeset_entry(weight, weight_role)
    return replace(product, text=f"{factor_text(entry)}·{factor_text(weight)}")


def _maximum(step: Step) -> Piece:
    if step.kind != "max":
        raise ValueError(f"step: expected one of max pooling, got a {step.kind}")
    text = f"max({', '.join(entry_text(term.entry) for term in step.terms)})"
    function = Piece(r"\max", '<mo lspace="0" rspace="0.17em">max</mo>', "max")
    return replace(function + typeset_matrix(step.entries, "input", ""), text=text)


def _mean(step: Step) -> Piece:
    if step.kind != "mean":
        raise ValueError(f"step: expected one of average pooling, got a {step.kind}")
    entries = [term.entry for term in step.terms]
    total = typeset_entry(entries[0], "input") if entries else typeset_entry(0)
    for entry in entries[1:]:
        total += operator("+") + typeset_entry(entry, "input")
    text = " + ".join(map(summand_text, entries)) or "0"
    return fraction(total, typeset_entry(len(entries)), f"({text}) / {len(entries)}")


def _entry_name(step: Step, name: str) -> Piece:
    """Name the output entry: ``Y_{1,1}``, or for a gradient ``∂L/∂k_{11}``."""
    indices = ",".join(str(number + 1) for number in step.index)
    role = step.matrices.output.role
    if step.of is None:
        return typeset_name(f"{name or step.matrices.output.symbol}_{{{indices}}}", role)
    of = typeset_name(f"{name}_{{{indices}}}" if name else step.of)
    return Piece(
        rf"\frac{{\partial L}}{{\partial {of.tex}}}",
        f"<mfrac{class_attribute(role)}><mrow><mi>∂</mi><mi>L</mi></mrow>"
        f"<mrow><mi>∂</mi>{of.mathml}</mrow></mfrac>",
        f"∂L/∂{of.text}",
    )
