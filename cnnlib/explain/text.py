"""Words and numbers as plain text: entries, sums, sizes, and descriptions of steps and traces."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np

from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array


def is_number(value: Any) -> bool:
    """Say whether a value is a number rather than a symbol or an expression."""
    return isinstance(value, (int, float, complex, Fraction, np.number, np.bool_))


def number_text(value: Any) -> str:
    """Print a number as briefly as its six leading digits allow."""
    if isinstance(value, (int, np.integer, np.bool_, Fraction)):
        return str(value)
    return f"{value + 0.0:.6g}"  # adding zero leaves no minus before a zero


def entry_text(value: Any) -> str:
    """Write an entry as plain text: with a true minus sign, and an index in braces.

    Examples
    --------
    >>> entry_text(-0.5), entry_text("k_{11}")
    ('−0.5', 'k_{11}')
    """
    text = value if isinstance(value, str) else str(value)
    try:
        return number_text(value).replace("-", "\N{MINUS SIGN}").replace("inf", "\N{INFINITY}")
    except (TypeError, ValueError):
        return re.sub(r"_(\w+)$", r"_{\1}", text)


def _bracketed(value: Any) -> str:
    text = entry_text(value)
    return f"({text})" if text.startswith("\N{MINUS SIGN}") else text


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
        entries = [_bracketed(term.entry) for term in step.terms]
        terms = [*_joined(entries, "(", " +", ")"), f"/ {len(entries)}"]
    else:
        terms = [f"{_bracketed(entry)}·{_bracketed(weight)}" for entry, weight in step.pairs]
        terms += [_bracketed(step.bias)] if step.bias is not None else []
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
    >>> describe_step(trace(conv2d, [[3, 1], [4, 2]], [[1, 0], [0, 1]], padding=1)[0, 1])
    'window row 1 with 1 row of padding above, columns 1 to 2; sum 1'
    """
    result = {"sum": "sum", "max": "maximum", "mean": "mean"}[step.kind]
    value = f"{result} {_spoken(step.value)}"
    if not step.terms:
        return f"no entry of the input reaches this output; {value}"
    rows = describe_places("row", step.rows, step.size[0])
    cols = describe_places("column", step.cols, step.size[1])
    return f"window {rows}, {cols}; {value}"


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
    sides = ("above", "below") if name == "row" else ("to the left", "to the right")
    padding = " and ".join(
        f"{count} {name}{'s' * (count > 1)} of padding {side}"
        for count, side in zip((before, after), sides, strict=True)
        if count
    )
    return " with ".join(part for part in (span(name, inside) if inside else "", padding) if part)


def describe_trace(trace: Trace) -> str:
    """Say all entries of input, kernel and output, row by row."""
    parts = [f"Input, {describe_array(trace.input)}."]
    if trace.weight is not None:
        parts.append(f"Kernel, {describe_array(trace.weight)}.")
    return " ".join([*parts, f"Output, {describe_array(trace.output)}."])


def describe_array(array: Array) -> str:
    """Say the shape and the entries of a matrix: ``2 by 2: 3, 1; 4, 2``."""
    height, width = array.shape
    lines = "; ".join(", ".join(map(_spoken, line)) for line in array)
    return f"{height} by {width}: {lines}"


def _spoken(value: Any) -> str:
    """Write an entry for those who listen: without the braces of an index."""
    return re.sub(r"_\{([^}]*)\}", r"\1", entry_text(value))


def span(name: str, numbers: tuple[int, ...]) -> str:
    """Say which rows or columns, counting from 1: ``rows 1 to 2``, ``rows 1, 3 and 5``."""
    counted = [number + 1 for number in numbers]
    if len(counted) == 1:
        return f"{name} {counted[0]}"
    if counted == list(range(counted[0], counted[-1] + 1)):
        return f"{name}s {counted[0]} to {counted[-1]}"
    return f"{name}s {', '.join(map(str, counted[:-1]))} and {counted[-1]}"
