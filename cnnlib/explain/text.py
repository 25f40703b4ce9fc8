"""Plain text: numbers, entries, sums, and descriptions of steps and traces."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array


def number_text(value: Any) -> str:
    """Format a number with at most six significant digits, an integer in full."""
    if isinstance(value, (int, np.integer, np.bool_, Fraction)):
        return str(value)
    return f"{value + 0.0:.6g}"  # adding zero turns -0.0 into 0.0


def entry_text(value: Any) -> str:
    """Format an entry with a true minus sign; a symbol with an index becomes mathtext."""
    text = value if isinstance(value, str) else str(value)
    try:
        return number_text(value).replace("-", "\N{MINUS SIGN}").replace("inf", "\N{INFINITY}")
    except (TypeError, ValueError):
        return f"${text}$" if "_" in text else text


def _bracketed(value: Any) -> str:
    text = entry_text(value)
    return f"({text})" if text.startswith("\N{MINUS SIGN}") else text


def sum_text(step: Step) -> str:
    """Write the products and the sum of a step on one line."""
    terms = " + ".join(f"{entry_text(entry)}·{_bracketed(weight)}" for entry, weight in step.pairs)
    return f"{terms} = {entry_text(step.value)}"


def describe_step(step: Step) -> str:
    """Describe the position of a window, counted from 1, and its result."""
    return (
        f"window {span('row', step.rows)}, {span('column', step.cols)}; "
        f"{'sum' if step.weights is not None else 'result'} {entry_text(step.value)}"
    )


def describe_trace(trace: Trace) -> str:
    """List all entries of input, kernel and output, row by row."""
    parts = [f"Input, {describe_array(trace.input)}."]
    if trace.weight is not None:
        parts.append(f"Kernel, {describe_array(trace.weight)}.")
    return " ".join([*parts, f"Output, {describe_array(trace.output)}."])


def describe_array(array: Array) -> str:
    """Describe the shape and the entries of a matrix: ``2 by 2: 3, 1; 4, 2``."""
    height, width = array.shape
    lines = "; ".join(", ".join(entry_text(value) for value in line) for line in array)
    return f"{height} by {width}: {lines}"


def span(name: str, numbers: tuple[int, ...]) -> str:
    """Describe a range of rows or columns, counted from 1: ``rows 1 to 2``."""
    first, last = numbers[0] + 1, numbers[-1] + 1
    return f"{name} {first}" if first == last else f"{name}s {first} to {last}"
