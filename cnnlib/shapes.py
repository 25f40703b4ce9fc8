"""Shape arithmetic: an int or a pair made a pair, padding, the size of an output.

This is its only home. Everything behind the public functions works with a `Geometry`, in which each
quantity is a pair (rows, columns) and the padding is two pairs ((top, bottom), (left, right)).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, SupportsIndex

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]
Sides = tuple[Pair, Pair]
IntOrPair = SupportsIndex | Sequence[SupportsIndex]
Padding = IntOrPair | Sequence[Sequence[SupportsIndex]] | str


class ShapeError(ValueError):
    """Arrays or sizes that do not fit together; the message holds the numbers."""


def times(size: Sequence[int]) -> str:
    """Write a size as people do: ``(5, 3)`` is ``5×3``."""
    return "×".join(str(n) for n in size)


def whole(value: Any, name: str, minimum: int) -> int:
    """Check that `value` is an integer of at least `minimum`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be made of integers, got {value!r}")
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}")
    return number


def pair(value: Any, name: str, minimum: int = 1) -> Pair:
    """Make an integer, or a pair of them, a pair (rows, columns).

    Examples
    --------
    >>> pair(2, "stride"), pair((2, 1), "stride")
    ((2, 2), (2, 1))
    >>> pair(0, "stride")
    Traceback (most recent call last):
    ValueError: stride must be at least 1, got 0
    """
    if type(value) is int and value >= minimum:
        return value, value
    if type(value) is not tuple and (isinstance(value, str) or np.ndim(value) == 0):
        number = whole(value, name, minimum)
        return number, number
    if len(value) != 2:
        raise ValueError(f"{name} must be an integer or a pair, got {len(value)} values: {value!r}")
    return whole(value[0], name, minimum), whole(value[1], name, minimum)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where the windows of an operation lie.

    Coordinates count from 0 in the padded input: row ``r`` of the padded input is row
    ``r - padding[0][0]`` of the input, and padding if that is not one of its rows.
    """

    input: Pair
    kernel: Pair
    stride: Pair
    padding: Sides
    dilation: Pair
    output: Pair

    @property
    def padded(self) -> Pair:
        """Rows and columns of the input with its padding."""
        (top, bottom), (left, right) = self.padding
        return self.input[0] + top + bottom, self.input[1] + left + right

    @property
    def extent(self) -> Pair:
        """Rows and columns that a window spans: ``dilation * (kernel - 1) + 1``."""
        return span(self.kernel[0], self.dilation[0]), span(self.kernel[1], self.dilation[1])

    def taps(self, axis: int, index: int) -> range:
        """Coordinates, along one axis of the padded input, that output `index` is made of.

        With ``ceil_mode`` the last window of a pooling may reach beyond the padded input.
        """
        start, step = index * self.stride[axis], self.dilation[axis]
        return range(start, start + step * self.kernel[axis], step)

    def rows(self, index: int) -> range:
        """Rows of the padded input in the windows of output row `index`."""
        return self.taps(0, index)

    def columns(self, index: int) -> range:
        """Columns of the padded input in the windows of output column `index`."""
        return self.taps(1, index)


def span(kernel: int, dilation: int) -> int:
    """Count the places from the first tap of a kernel to its last."""
    return dilation * (kernel - 1) + 1


def sides(padding: Any) -> Sides | str:
    """Make any form of padding ((top, bottom), (left, right)), or one of the three words."""
    if type(padding) is int and padding >= 0:
        return (padding, padding), (padding, padding)
    if isinstance(padding, str):
        if padding not in ("valid", "same", "same_lower"):
            words = '"valid", "same" or "same_lower"'
            raise ValueError(f'padding must be a number or one of {words}, got "{padding}"')
        return ((0, 0), (0, 0)) if padding == "valid" else padding
    try:
        dimensions = np.ndim(padding)
    except ValueError:  # ragged, as ((1, 1), 1)
        dimensions = -1
    if dimensions == 2 and len(padding) == 2:
        return pair(padding[0], "padding", 0), pair(padding[1], "padding", 0)
    if dimensions not in (0, 1):
        form = "an integer, a pair (rows, columns), or ((top, bottom), (left, right))"
        raise ValueError(f"padding must be {form}, got {padding!r}")
    rows, columns = pair(padding, "padding", 0)
    return (rows, rows), (columns, columns)


def same_sides(size: int, extent: int, stride: int, lower: bool) -> Pair:
    """Share out the padding that gives ``ceil(size / stride)`` outputs; an odd one goes last."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + extent - size, 0)
    return (total - total // 2, total // 2) if lower else (total // 2, total - total // 2)


def around(padding: Sides | str, size: Pair, extent: Pair, stride: Pair) -> Sides:
    """Turn "same" and "same_lower" into rows and columns, and leave numbers as they are."""
    if not isinstance(padding, str):
        return padding
    lower = padding == "same_lower"
    rows, columns = zip(size, extent, stride, strict=True)
    return same_sides(*rows, lower), same_sides(*columns, lower)


def geometry(
    input_size: Pair,
    kernel_size: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Geometry:
    """Check the sizes of a sliding window, and say where its windows lie.

    Examples
    --------
    >>> g = geometry((4, 4), 2, stride=2, padding=((0, 1), (0, 1)))
    >>> g.output, g.padded, list(g.rows(1)), list(g.columns(0))
    ((2, 2), (5, 5), [2, 3], [0, 1])
    >>> geometry((4, 4), 5)
    Traceback (most recent call last):
    cnnlib.shapes.ShapeError: kernel 5×5 is larger than the padded input 4×4; padding of 1 or more
    would fit
    """
    return _geometry(
        input_size,
        pair(kernel_size, "kernel_size"),
        pair(stride, "stride"),
        sides(padding),
        pair(dilation, "dilation"),
        bool(ceil_mode),
    )


@lru_cache(maxsize=256)
def _geometry(
    size: Pair, kernel: Pair, stride: Pair, padding: Sides | str, dilation: Pair, ceil_mode: bool
) -> Geometry:
    extent = span(kernel[0], dilation[0]), span(kernel[1], dilation[1])
    padding = around(padding, size, extent, stride)
    output = (
        _outputs(size[0], extent[0], stride[0], padding[0], ceil_mode),
        _outputs(size[1], extent[1], stride[1], padding[1], ceil_mode),
    )
    result = Geometry(size, kernel, stride, padding, dilation, output)
    if min(output) < 1:
        which = f"kernel {times(kernel)}"
        if extent != kernel:
            which += f" with dilation {times(dilation)} spans {times(extent)}, which"
        # Half of what is lacking goes to either side, rounded up.
        fits = max(-((n - e) // 2) for n, e in zip(size, extent, strict=True))
        raise ShapeError(
            f"{which} is larger than the padded input {times(result.padded)}; "
            f"padding of {fits} or more would fit"
        )
    return result


def _outputs(size: int, extent: int, stride: int, padding: Pair, ceil_mode: bool) -> int:
    room = size + padding[0] + padding[1] - extent
    outputs = (room + (stride - 1 if ceil_mode else 0)) // stride + 1
    # A window that only ceil_mode admits must begin before the end padding.
    if ceil_mode and (outputs - 1) * stride >= size + padding[0]:
        outputs -= 1
    return max(outputs, 0)


def transposed_geometry(
    output_size: Pair,
    kernel_size: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
) -> Geometry:
    """Describe the convolution that a transposed one transposes: its *output* is what comes in.

    Examples
    --------
    >>> transposed_geometry((3, 3), 2, stride=2).input
    (6, 6)
    """
    if min(output_size) < 1:
        raise ShapeError(f"input must have rows and columns, got {times(output_size)}")
    kernel, steps = pair(kernel_size, "kernel_size"), pair(stride, "stride")
    gaps, extra = pair(dilation, "dilation"), pair(output_padding, "output_padding", 0)
    for axis in (0, 1):
        if extra[axis] >= max(steps[axis], gaps[axis]):
            raise ValueError(
                f"output_padding must be smaller than stride or dilation, got {times(extra)} "
                f"with stride {times(steps)} and dilation {times(gaps)}"
            )
    extent = span(kernel[0], gaps[0]), span(kernel[1], gaps[1])
    full = [(output_size[axis] - 1) * steps[axis] + extent[axis] for axis in (0, 1)]
    trimmed = sides(padding)
    if isinstance(trimmed, str):
        # For each row that comes in, as many as the stride; an extent below it leaves some empty.
        size = output_size[0] * steps[0], output_size[1] * steps[1]
        trimmed = around(trimmed, size, extent, steps)
    else:
        size = full[0] - sum(trimmed[0]), full[1] - sum(trimmed[1])
    size = size[0] + extra[0], size[1] + extra[1]
    if min(size) < 1:
        raise ShapeError(f"padding {trimmed} leaves nothing of the output {times(full)}")
    return Geometry(size, kernel, steps, trimmed, gaps, output_size)


def adaptive_windows(size: int, outputs: int) -> list[range]:
    """List the windows of adaptive pooling along one axis: they cover it, nearly equal in size.

    Window i begins at ``floor(i n / m)`` and ends before ``ceil((i + 1) n / m)``.

    Examples
    --------
    >>> adaptive_windows(5, 2)
    [range(0, 3), range(2, 5)]
    """
    return [range(i * size // outputs, -(-(i + 1) * size // outputs)) for i in range(outputs)]


def output_size(
    input_size: IntOrPair,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    ceil_mode: bool = False,
) -> Pair:
    """Size of the output of a convolution or a pooling.

    Along each axis, with n inputs, k kernel entries, stride s, padding p on either side and
    dilation d: ``floor((n + 2 p - d (k - 1) - 1) / s) + 1``.

    Parameters
    ----------
    input_size, kernel_size, stride, dilation : int or pair of int
        Rows and columns; one integer serves both.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        As for `conv2d`.
    ceil_mode : bool
        Round up instead, as the pooling functions do when asked.

    Returns
    -------
    tuple of int
        Rows and columns of the output.

    Raises
    ------
    ShapeError
        If the kernel does not fit the padded input.

    Examples
    --------
    >>> output_size(4, 2)
    (3, 3)
    >>> output_size(224, 7, stride=2, padding=3)
    (112, 112)
    """
    size = pair(input_size, "input_size", 0)
    return geometry(
        size, kernel_size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    ).output
