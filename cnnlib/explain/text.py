"""Numbers, letters and expressions as plain text, alone and in sums."""

from __future__ import annotations

import math
import numbers
import re
import sys
from fractions import Fraction
from typing import Any

import numpy as np

from cnnlib.explain.trace import Step

MINUS = "\N{MINUS SIGN}"
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
