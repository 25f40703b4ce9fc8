"""Words and numbers as plain text: entries, sums, sizes, and descriptions of steps and traces."""

from __future__ import annotations

import math
import numbers
import re
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array, PadWidth, Pair, format_size

MINUS = "\N{MINUS SIGN}"
EQUALS = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"
Number = int | float | complex | Fraction

_GREEK_TABLE = """
    alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν
    xi ξ omicron ο pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω
    Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
"""
_GREEK: dict[str, str] = dict(re.findall(r"(\w+) (\w)\b", _GREEK_TABLE))
_GREEK_NAMES = {letter: name for name, letter in _GREEK.items()}
_LETTERS = r"[^\W\d_]+"
_SYMBOL = re.compile(rf"({_LETTERS})(?:_?\{{?([^\W_]+(?:[,_][^\W_]+)*)\}}?)?")


def is_number(value: Any) -> bool:
    """Say whether a value is a number rather than a symbol or an expression."""
    return isinstance(value, (numbers.Number, np.bool_))


def as_number(value: Any) -> Number:
    """Convert a number of any library to Python's own type for it.

    A float of less than double precision becomes the shortest decimal that identifies it.

    Examples
    --------
    >>> as_number(np.float32(0.1)), as_number(np.True_), as_number(Fraction(4, 2))
    (0.1, 1, 2)
    """
    if isinstance(value, (numbers.Integral, np.bool_)):
        return int(value)
    if isinstance(value, numbers.Rational):
        fraction = Fraction(int(value.numerator), int(value.denominator))
        return fraction.numerator if fraction.denominator == 1 else fraction
    if isinstance(value, np.floating):
        return float(str(value))
    if isinstance(value, numbers.Real) or not isinstance(value, numbers.Complex):
        return float(value)  # also a Decimal, and SymPy's infinity
    return complex(as_number(value.real), as_number(value.imag))


def decimal_parts(value: float) -> tuple[str, int]:
    """Round a finite number to six digits, and split it into a factor and a power of ten.

    The power is 0 unless the number is huge or tiny.

    Examples
    --------
    >>> decimal_parts(1500000.0), decimal_parts(-0.1)
    (('1.5', 6), ('-0.1', 0))
    """
    factor, _, power = f"{value + 0.0:.6g}".partition("e")  # adding zero leaves no -0
    return factor, int(power or 0)


def parse_symbol(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Split the name of a symbol into letters and indices; None if it is none.

    Names of Greek letters become these letters.

    Examples
    --------
    >>> parse_symbol("x_{1,2}"), parse_symbol("k_11"), parse_symbol("alpha")
    (('x', ('1', '2')), ('k', ('11',)), ('α', ()))
    """
    match = _SYMBOL.fullmatch(name)
    if match is None or name.count("{") != name.count("}"):
        return None
    letters, index = match.groups()
    indices = tuple(map(_greek, re.split("[,_]", index))) if index else ()
    return _greek(letters), indices


def greek_name(letter: str) -> str | None:
    """Return the name of a Greek letter as TeX knows it, or None for anything else."""
    return _GREEK_NAMES.get(letter)


def _greek(name: str) -> str:
    return _GREEK.get("lambda" if name == "lamda" else name, name)


def is_expression(value: Any) -> bool:
    """Say whether a value is an expression of SymPy other than a symbol or a number."""
    sympy = sys.modules.get("sympy")
    return (
        sympy is not None
        and isinstance(value, sympy.Basic)
        and not (value.is_Symbol or is_number(value))
    )


def is_composite(value: Any) -> bool:
    """Say whether a value needs brackets as a factor: it has a minus sign or is a sum."""
    if is_number(value):
        number = as_number(value)
        if isinstance(number, complex):
            if number.imag and (number.real or math.isnan(number.real)):
                return True
            number = number.imag or number.real
        return number < 0
    if is_expression(value):
        from sympy.printing.precedence import PRECEDENCE, precedence

        return bool(precedence(value) <= PRECEDENCE["Add"])
    return parse_symbol(str(value)) is None and bool(re.search(rf"[-+{MINUS}]", str(value)))


def entry_text(value: Any) -> str:
    """Write an entry as plain text: with a true minus sign, and an index in braces.

    Floats are rounded to six digits.

    Examples
    --------
    >>> entry_text(-0.5), entry_text(1500000.0), entry_text(1 - 2j), entry_text("k_11")
    ('−0.5', '1.5e6', '1 − 2i', 'k_{11}')
    """
    if is_number(value):
        return number_text(value)
    if is_expression(value):
        return _expression_text(value)
    name = str(value)
    symbol = parse_symbol(name)
    if symbol is None:
        return name
    letters, indices = symbol
    return f"{letters}_{{{','.join(indices)}}}" if indices else letters


def number_text(value: Any) -> str:
    """Write a number as plain text; floats are rounded to six digits."""
    value = as_number(value)
    if isinstance(value, complex):
        return _complex_text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"
        factor, power = decimal_parts(value)
        text = f"{factor}e{power}" if power else factor
    else:
        text = str(value)
    return text.replace("-", MINUS)


def decimal_text(value: float, places: int) -> str:
    """Write a number with so many decimals, as in a column of numbers that are compared.

    Examples
    --------
    >>> decimal_text(-15.21, 3), decimal_text(-0.0002, 3)
    ('−15.210', '0.000')
    """
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", MINUS)


def _complex_text(value: complex) -> str:
    real, imag = value.real, value.imag
    size = "" if abs(imag) == 1 else number_text(abs(imag))
    imaginary = f"{size} i" if math.isnan(imag) else f"{size}i"
    if imag == 0:
        return number_text(real)
    if real == 0:
        return f"{MINUS}{imaginary}" if imag < 0 else imaginary
    return f"{number_text(real)} {MINUS if imag < 0 else '+'} {imaginary}"


def _expression_text(value: Any) -> str:
    from sympy.printing.str import StrPrinter

    class Printer(StrPrinter):  # type: ignore[misc]
        def _print_Symbol(self, symbol: Any) -> str:
            return entry_text(symbol.name)

        def _print_Float(self, number: Any) -> str:
            return number_text(number)

        def _print_ImaginaryUnit(self, _: Any) -> str:
            return "i"

    text = str(Printer().doprint(value))
    return text.replace("**", "^").replace("*", "·").replace("-", MINUS)


def factor_text(value: Any) -> str:
    """Write an entry as plain text, in brackets where a product needs them."""
    text = entry_text(value)
    return f"({text})" if is_composite(value) or "/" in text else text


def summand_text(value: Any) -> str:
    """Write an entry as plain text, in brackets where a sum needs them."""
    text = entry_text(value)
    return f"({text})" if is_composite(value) else text


def share_text(share: float, *, spoken: bool = False) -> str:
    """Write a share of 1 in percent, as 100% only if nothing is left for others.

    Examples
    --------
    >>> share_text(0.9987), share_text(0.99996), share_text(1)
    ('99.9%', '>99.9%', '100.0%')
    >>> share_text(0.99996, spoken=True)
    'more than 99.9%'
    """
    if 0.9995 <= share < 1:
        return "more than 99.9%" if spoken else ">99.9%"
    return f"{share:.1%}"


def sum_terms(step: Step) -> list[str]:
    """Write a step as plain text, term by term.

    Examples
    --------
    >>> from cnnlib import avg_pool2d, conv2d
    >>> from cnnlib.explain.trace import trace
    >>> " ".join(sum_terms(trace(conv2d, [[3, 1]], [[1, -2]]).steps[0]))
    '3·1 + 1·(−2) = 1'
    >>> " ".join(sum_terms(trace(avg_pool2d, [[3, 1]], (1, 2)).steps[0]))
    '(3 + 1) / 2 = 2'
    """
    result = f"= {entry_text(step.value)}" if is_number(step.value) else ""
    if step.kind == "max":
        terms = _joined([entry_text(term.entry) for term in step.terms], "max(", ",", ")")
    elif step.kind == "mean":
        entries = [summand_text(term.entry) for term in step.terms] or ["0"]
        terms = [*_joined(entries, "(", " +", ")"), f"/ {len(step.terms)}"]
    else:
        terms = [f"{factor_text(entry)}·{factor_text(weight)}" for entry, weight in step.pairs]
        terms += [summand_text(step.bias)] if step.bias is not None else []
        terms = [*terms[:1], *(f"+ {term}" for term in terms[1:])] or ["0"]
    return [*terms, result] if result else terms


def _joined(words: list[str], start: str, separator: str, end: str) -> list[str]:
    """Put a separator after each word but the last, and brackets around them."""
    if not words:
        return [start + end]
    parts = [f"{word}{separator}" for word in words[:-1]] + [f"{words[-1]}{end}"]
    return [start + parts[0], *parts[1:]]


def describe_step(step: Step) -> str:
    """Say where a window lies, counting from 1, and what comes out.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> kernel = [[1, 0], [0, 1]]
    >>> traced = trace(conv2d, [[3, 1], [4, 2]], kernel, padding=1)
    >>> describe_step(traced[0, 1])
    'window row 1 with 1 row of padding above, columns 1 to 2; sum 1'
    """
    result = {"sum": "sum", "max": "maximum", "mean": "mean"}[step.kind]
    if step.of is not None:
        result = f"gradient of {_spoken(step.of)}:"
    if step.bias is not None:
        result = f"{result} with the bias {_spoken(step.bias)}:"
    value = f"{result} {_spoken(step.value)}"
    several = len(step.index) > 2
    if several and step.kind == "sum" and step.of is None:
        value = f"output channel {step.index[0] + 1}, {value}"
    if not step.terms and step.of is not None:
        return f"no window reads this entry; {value}"
    if not step.terms:
        missing = "reaches this output" if step.kind == "sum" else "is under the window"
        return f"no entry of the input {missing}; {value}"
    rows = describe_places("row", step.rows, step.size[0])
    cols = describe_places("column", step.cols, step.size[1])
    channels = f", {span('channel', step.channels)}" if several else ""
    return f"window {rows}, {cols}{channels}; {value}"


def describe_places(name: str, places: tuple[int, ...], size: int) -> str:
    """Say which rows or columns a window covers, counting from 1, and how many are padding.

    Examples
    --------
    >>> describe_places("column", (0, 2, 4), 4)
    'columns 1 and 3 with 1 column of padding to the right'
    """
    before = sum(place < 0 for place in places)
    after = sum(place >= size for place in places)
    inside = tuple(place for place in places if 0 <= place < size)
    padding = " and ".join(
        f"{count} {name}{'s' * (count > 1)} of padding {side}"
        for count, side in zip((before, after), _SIDES[name], strict=True)
        if count
    )
    return " with ".join(part for part in (span(name, inside) if inside else "", padding) if part)


_SIDES = {"row": ("above", "below"), "column": ("to the left", "to the right")}


def describe_trace(trace: Trace) -> str:
    """Say all entries of input, kernel and output, row by row, and settings other than the usual.

    Examples
    --------
    >>> from cnnlib import max_pool2d
    >>> from cnnlib.explain.trace import trace
    >>> describe_trace(trace(max_pool2d, [[3, 1, 2]], (1, 2), stride=1))
    'Input, 1 by 3: 3, 1, 2. Window, 1 by 2, stride 1. Output, 1 by 2:
    3, 2.'
    """
    names = trace.matrices
    parts = [f"{names.input.words}, {describe_array(trace.input)}."]
    settings = ", ".join(_settings(trace))
    if trace.beside is not None and trace.weight is None:
        parts.append(f"{names.kernel.words}, {describe_array(trace.beside)}.")
    if trace.weight is not None:
        parts.append(f"{names.kernel.words}, {_describe_kernel(trace)}.")
        if trace.bias is not None:
            parts.append(f"Bias: {_describe_rows(np.atleast_2d(trace.bias))}.")
        parts += [f"{settings[0].upper()}{settings[1:]}."] if settings else []
    elif trace.geometry is not None:
        size = _by(trace.geometry.kernel)
        parts.append(f"Window, {size}, {settings}." if settings else f"Window, {size}.")
    return " ".join([*parts, f"{names.output.words}, {describe_array(trace.output)}."])


def sizes_text(trace: Trace, axis: int = 0) -> str:
    """Write the sizes along one axis: input n, kernel k, stride s, padding p, dilation d, output o.

    Padding is that of each side, or of both sides if they differ. Of a transposed convolution it is
    cut off the output, and a, where it is not 0, is the output padding.

    Raises
    ------
    ValueError
        For adaptive pooling, whose windows have no fixed size.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> sizes_text(trace(conv2d, [[3, 1], [4, 2]], [[1]])).replace("\N{NO-BREAK SPACE}", " ")
    'n = 2, k = 1, s = 1, p = 0, d = 1 give o = 2'
    """
    geometry = trace.geometry
    if geometry is None:
        raise ValueError(f"trace: the windows of {trace.operation} have no fixed size")
    if trace.is_gradient:
        raise ValueError(f"trace: the output size of {trace.operation} is given")
    before, after = geometry.padding[axis]
    sizes = {
        "n": trace.size[axis],
        "k": geometry.kernel[axis],
        "s": geometry.stride[axis],
        "p": before if before == after else f"{before} and {after}",
        "d": geometry.dilation[axis],
    }
    extra = np.broadcast_to(trace.arguments.get("output_padding", 0), 2)[axis]
    sizes |= {"a": extra} if extra else {}
    output = trace.output.shape[-2:][axis]
    *given, last = [f"{name}{EQUALS}{size}" for name, size in (*sizes.items(), ("o", output))]
    return f"{', '.join(given)} give {last}"


def _settings(trace: Trace) -> Iterator[str]:
    """Name the arguments of a call that differ from their defaults."""
    geometry, arguments = trace.geometry, trace.arguments
    if geometry is None:
        return
    if trace.operation == "convolve2d":
        yield "kernel rotated by 180°"
    if geometry.stride != ((1, 1) if trace.weight is not None else geometry.kernel):
        yield f"stride {_pair(geometry.stride)}"
    if geometry.dilation != (1, 1):
        yield f"dilation {_pair(geometry.dilation)}"
    if trace.padding != ((0, 0), (0, 0)):
        yield f"padding {_describe_padding(trace.padding)}{_contents(trace)}"
    if trace.trimmed != ((0, 0), (0, 0)):
        yield f"padding {_describe_padding(trace.trimmed)}, cut off the output"
    if (extra := arguments.get("output_padding", 0)) not in (0, (0, 0)):
        yield f"output padding {_pair(extra)}"
    if (groups := arguments.get("groups", 1)) != 1:
        yield f"{groups} groups of channels"
    if arguments.get("ceil_mode"):
        yield "partial windows included"


def _contents(trace: Trace) -> str:
    """Say what the padding holds, or that it does not count."""
    if not trace.arguments.get("count_include_pad", True):
        return ", which does not count"
    return {
        "reflect": " with mirrored entries",
        "replicate": " with copies of the edge",
        "circular": " with entries of the opposite side",
    }.get(trace.arguments.get("padding_mode", "zeros"), "")


def _describe_padding(padding: PadWidth) -> str:
    if all(before == after for before, after in padding):
        return _pair((padding[0][0], padding[1][0]))
    return "of " + " and ".join(
        f"{count} {name}{'s' * (count > 1)} {side}"
        for name, counts in zip(("row", "column"), padding, strict=True)
        for count, side in zip(counts, _SIDES[name], strict=True)
        if count
    )


def _describe_kernel(trace: Trace) -> str:
    """Say the weights; of several kernels, which channels each connects."""
    weight = trace.weight
    assert weight is not None
    if weight.ndim == 2 or trace.matrices.kernel.role != "kernel":
        return describe_array(weight)
    groups = trace.arguments.get("groups", 1)
    transposed = trace.operation == "conv_transpose2d"
    weights = weight.reshape(-1, *weight.shape[-3:])
    count, per_kernel = weights.shape[:2]
    parts = []
    for first, second in np.ndindex(count, per_kernel):
        other = first * groups // count * per_kernel + second
        channels = (first, other) if transposed else (other, first)
        parts.append(
            f"from input channel {channels[0] + 1} to output channel {channels[1] + 1}: "
            f"{_describe_rows(weights[first, second])}"
        )
    return f"{_by(weight.shape)}. {'. '.join(_capitalised(part) for part in parts)}"


def describe_array(array: Array) -> str:
    """Say the shape and the entries of an array, channel by channel.

    Examples
    --------
    >>> describe_array(np.array([[3, 1], [4, 2]]))
    '2 by 2: 3, 1; 4, 2'
    >>> describe_array(np.array([[[3, 1]], [[4, 2]]]))
    '2 by 1 by 2. Channel 1: 3, 1. Channel 2: 4, 2'
    """
    array = np.asarray(array)
    if array.ndim < 3:
        return f"{_by(array.shape)}: {_describe_rows(np.atleast_2d(array))}"
    planes = (
        f"Channel {', '.join(str(n + 1) for n in index)}: {_describe_rows(array[index])}"
        for index in np.ndindex(array.shape[:-2])
    )
    return f"{_by(array.shape)}. {'. '.join(planes)}"


def _describe_rows(matrix: Array) -> str:
    return "; ".join(", ".join(map(_spoken, line)) for line in matrix)


def _spoken(value: Any) -> str:
    """Write an entry for those who listen: without the braces of an index."""
    return re.sub(r"_\{([^}]*)\}", r"\1", entry_text(value))


def span(name: str, numbers: tuple[int, ...]) -> str:
    """Say which rows or columns, counting from 1: ``rows 1 to 2``, ``rows 1, 3 and 5``."""
    counted = [number + 1 for number in numbers]
    if not counted:
        return f"no {name}s"
    if len(counted) == 1:
        return f"{name} {counted[0]}"
    if counted == list(range(counted[0], counted[-1] + 1)):
        return f"{name}s {counted[0]} to {counted[-1]}"
    return f"{name}s {', '.join(map(str, counted[:-1]))} and {counted[-1]}"


def _by(shape: Sequence[int]) -> str:
    return format_size(shape).replace("×", " by ") if shape else "1"


def _pair(sizes: int | Pair) -> str:
    """Say a size that is the same for rows and columns once."""
    if isinstance(sizes, int):
        return str(sizes)
    return str(sizes[0]) if sizes[0] == sizes[1] else _by(sizes)


def _capitalised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
