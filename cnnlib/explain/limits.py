"""What explorers and worksheets can show, and clear errors for everything else."""

from __future__ import annotations

import numpy as np

from cnnlib.explain.trace import Trace
from cnnlib.shapes import Geometry, format_size

LARGEST_INPUT, LARGEST_KERNEL = 12, 7
# Arguments for which explorers and worksheets have no control, with their defaults.
DEFAULTS = {
    "bias": None,
    "groups": 1,
    "padding_mode": "zeros",
    "output_padding": 0,
    "ceil_mode": False,
    "count_include_pad": True,
}


def check_limits(traced: Trace, what: str) -> Geometry:
    """Check that a trace is small enough, of one channel, and without unusual options.

    Parameters
    ----------
    traced : Trace
        What is to be shown.
    what : str
        What is to show it, for the error message.

    Returns
    -------
    Geometry
        Sizes, stride, padding and dilation of the trace.

    Raises
    ------
    ValueError
        If it cannot be shown. The message names the argument, and what would fit.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[3, 1], [4, 2]], [[1, 0]])
    >>> check_limits(traced, "the explorer").output
    (2, 1)
    >>> traced = trace(conv2d, [[[3, 1]]], [[[[1, 0]]]])
    >>> check_limits(traced, "the explorer")
    Traceback (most recent call last):
        ...
    ValueError: input: the explorer shows one channel,
        got shape (1, 1, 2); input[0] would fit
    """
    geometry = traced.geometry
    if traced.is_gradient:
        raise ValueError(
            f"function: {what} does not show {traced.operation}; animate and show_step would fit"
        )
    if geometry is None:
        other = traced.operation.removeprefix("adaptive_")
        raise ValueError(
            f"function: {what} shows windows of one size, got {traced.operation}; {other} would fit"
        )
    if traced.input.ndim != 2:
        raise ValueError(
            f"input: {what} shows one channel, got shape {traced.input.shape}; input[0] would fit"
        )
    for name, default in DEFAULTS.items():
        value = traced.arguments.get(name, default)
        if not np.array_equal(np.broadcast_to(default, np.shape(value)), value):  # type: ignore[arg-type]
            raise ValueError(f"{name}: {what} supports only {name}={default!r}, got {value!r}")
    for name, size, most in (
        ("input", traced.input.shape, LARGEST_INPUT),
        ("kernel", geometry.kernel, LARGEST_KERNEL),
    ):
        if max(size) > most:
            raise ValueError(
                f"{name}: {what} shows at most {format_size((most, most))}, got {format_size(size)}"
            )
    if any(before != after for before, after in geometry.padding):
        fits = tuple(max(sides) for sides in geometry.padding)
        raise ValueError(
            f"padding: {what} needs equal padding on both sides, got {geometry.padding}; "
            f"{fits} would fit"
        )
    return geometry
