"""Shape arithmetic: argument normalisation, padding and output sizes.

All shape arithmetic lives here. The public functions turn their arguments into a `Geometry`, in
which each size is a pair (rows, columns) and the padding is ((top, bottom), (left, right)).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, SupportsIndex

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]
PadWidth = tuple[Pair, Pair]
IntOrPair = SupportsIndex | Sequence[SupportsIndex]
Padding = IntOrPair | Sequence[Sequence[SupportsIndex]] | str

# No array has an axis this long. Longer strides and dilations therefore mean the same as this one,
# with which byte offsets still fit 64 bits.
LONGEST = 2**31
MOST_ENTRIES = 2**48  # of a plane; more than any memory holds

INT_OR_PAIR = "an integer or a pair of integers"  # for error messages


class ShapeError(ValueError):
    """Raised when the shapes of arrays, or sizes, are incompatible."""


def format_size(size: Sequence[int]) -> str:
    """Format a size for people to read: ``(5, 3)`` becomes ``5×3``."""
    return "×".join(str(n) for n in size)


def as_int(value: Any, name: str, minimum: float, expected: str = "an integer") -> int:
    """Convert `value` to an int and check that it is at least `minimum`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be {expected}, got {value!r}")
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}")
    return number


def as_real(value: Any, name: str) -> float:
    """Convert `value` to a float; neither None nor a string is one, which NumPy would convert."""
    if not hasattr(value, "__float__") or isinstance(value, (bool, np.bool_)) or np.ndim(value):
        raise TypeError(f"{name} must be a real number, got {value!r}")
    return float(value)


def as_axis(value: Any, name: str, dimensions: int) -> int:
    """Convert the number of an axis, which can count from the end, to one that is not negative."""
    dimensions = max(dimensions, 1)  # as in PyTorch, a single number has one axis
    axis = as_int(value, name, -math.inf)
    if not -dimensions <= axis < dimensions:
        raise ShapeError(f"{name} {axis} is out of range for an input with {dimensions} axes")
    return axis % dimensions


def pair(value: Any, name: str, minimum: int = 1) -> Pair:
    """Convert an integer or a pair of integers to a pair (rows, columns).

    As in PyTorch, a sequence of one integer means the same as the integer.

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
    if not isinstance(value, (tuple, list)) and (isinstance(value, str) or np.ndim(value) == 0):
        number = as_int(value, name, minimum, INT_OR_PAIR)
        return number, number
    if len(value) not in (1, 2):
        raise ValueError(f"{name} must be {INT_OR_PAIR}, got {len(value)} values: {value!r}")
    first, second = value[0], value[-1]
    return as_int(first, name, minimum, INT_OR_PAIR), as_int(second, name, minimum, INT_OR_PAIR)


def pooling_stride(stride: Any, kernel_size: Any) -> Any:
    """Return the stride of a pooling: by default, or if it is empty as in PyTorch, its window's."""
    empty = isinstance(stride, (tuple, list)) and not stride
    return kernel_size if stride is None or empty else stride


def check_grad(grad: Array, shape: tuple[int, ...]) -> None:
    """Check that a gradient has the shape of the output that it belongs to."""
    if grad.shape != shape:
        raise ShapeError(f"grad_output must have the output's shape, {shape}, got {grad.shape}")


@dataclass(frozen=True, slots=True)
class Geometry:
    """Sizes and window positions of a convolution or pooling.

    Coordinates refer to the padded input and start at 0: row ``r`` of the padded input is row
    ``r - padding[0][0]`` of the input, or padding if that is outside the input.
    """

    input: Pair
    kernel: Pair
    stride: Pair
    padding: PadWidth
    dilation: Pair
    output: Pair

    @property
    def padded(self) -> Pair:
        """Size of the padded input."""
        (top, bottom), (left, right) = self.padding
        return self.input[0] + top + bottom, self.input[1] + left + right

    @property
    def extent(self) -> Pair:
        """Size of a dilated window: ``dilation * (kernel - 1) + 1``."""
        return span(self.kernel[0], self.dilation[0]), span(self.kernel[1], self.dilation[1])

    def taps(self, axis: int, index: int) -> range:
        """Coordinates in the padded input that output `index` depends on, along one axis.

        With ``ceil_mode`` the last window of a pooling may extend beyond the padded input.
        """
        start, step = index * self.stride[axis], self.dilation[axis]
        return range(start, start + step * self.kernel[axis], step)

    def rows(self, index: int) -> range:
        """Rows of the padded input that output row `index` depends on."""
        return self.taps(0, index)

    def columns(self, index: int) -> range:
        """Columns of the padded input that output column `index` depends on."""
        return self.taps(1, index)


def span(kernel: int, dilation: int) -> int:
    """Return the size of a dilated kernel along one axis, gaps included."""
    return dilation * (kernel - 1) + 1


def as_padding(padding: Any) -> PadWidth | str:
    """Normalise padding to ((top, bottom), (left, right)), "same" or "same_lower"."""
    if type(padding) is int and padding >= 0:
        return (padding, padding), (padding, padding)
    if isinstance(padding, str):
        if padding not in ("valid", "same", "same_lower"):
            modes = '"valid", "same" or "same_lower"'
            raise ValueError(f'padding must be a number or one of {modes}, got "{padding}"')
        return ((0, 0), (0, 0)) if padding == "valid" else padding
    try:
        dimensions = np.ndim(padding)
    except ValueError:  # ragged, such as ((1, 1), 1)
        dimensions = -1
    if dimensions == 2 and len(padding) == 2:
        return pair(padding[0], "padding", 0), pair(padding[1], "padding", 0)
    if dimensions not in (0, 1) or (dimensions == 1 and len(padding) > 2):
        form = "an integer, a pair (rows, columns), or ((top, bottom), (left, right))"
        raise ValueError(f"padding must be {form}, got {padding!r}")
    rows, columns = pair(padding, "padding", 0)
    return (rows, rows), (columns, columns)


def same_padding(size: int, extent: int, stride: int, lower: bool) -> Pair:
    """Return the padding (before, after) that gives ``ceil(size / stride)`` outputs.

    If the total is odd, the larger half goes after the input, or before it if `lower`.
    """
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + extent - size, 0)
    return (total - total // 2, total // 2) if lower else (total // 2, total - total // 2)


def resolve_padding(padding: PadWidth | str, size: Pair, extent: Pair, stride: Pair) -> PadWidth:
    """Replace "same" and "same_lower" by numbers of rows and columns."""
    if not isinstance(padding, str):
        return padding
    lower = padding == "same_lower"
    rows, columns = zip(size, extent, stride, strict=True)
    return same_padding(*rows, lower), same_padding(*columns, lower)


def window_geometry(
    input_size: Pair,
    kernel_size: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Geometry:
    """Check the arguments of a sliding-window operation and return its geometry.

    Examples
    --------
    >>> geometry = window_geometry((4, 4), 2, stride=2, padding=((0, 1), (0, 1)))
    >>> geometry.output, geometry.padded
    ((2, 2), (5, 5))
    >>> list(geometry.rows(1)), list(geometry.columns(0))
    ([2, 3], [0, 1])
    >>> window_geometry((4, 4), 5)
    Traceback (most recent call last):
    cnnlib.shapes.ShapeError: kernel 5×5 is larger than the padded input 4×4; padding of 1 or more
    would fit
    """
    kernel, stride = pair(kernel_size, "kernel_size"), pair(stride, "stride")
    padding, dilation = as_padding(padding), pair(dilation, "dilation")
    return _geometry(input_size, kernel, stride, padding, dilation, bool(ceil_mode))


@lru_cache(maxsize=256)
def _geometry(
    size: Pair, kernel: Pair, stride: Pair, padding: PadWidth | str, dilation: Pair, ceil_mode: bool
) -> Geometry:
    extent = span(kernel[0], dilation[0]), span(kernel[1], dilation[1])
    padding = resolve_padding(padding, size, extent, stride)
    output = (
        _output_length(size[0], extent[0], stride[0], padding[0], ceil_mode),
        _output_length(size[1], extent[1], stride[1], padding[1], ceil_mode),
    )
    result = Geometry(size, kernel, stride, padding, dilation, output)
    check_entries("the padded input", result.padded)
    if min(output) < 1:
        which = f"kernel {format_size(kernel)}"
        if extent != kernel:
            which += f" with dilation {format_size(dilation)} spans {format_size(extent)}, which"
        # Half of the missing rows or columns on each side, rounded up.
        fits = max(-((n - e) // 2) for n, e in zip(size, extent, strict=True))
        hint = f"padding of {fits} or more would fit"
        if size[1] in (3, 4) and size[0] >= 16:
            hint = "if the channels of the input are last, np.moveaxis(input, -1, -3) would fit"
        raise ShapeError(
            f"{which} is larger than the padded input {format_size(result.padded)}; {hint}"
        )
    stride = min(stride[0], LONGEST), min(stride[1], LONGEST)
    dilation = min(dilation[0], LONGEST), min(dilation[1], LONGEST)
    return replace(result, stride=stride, dilation=dilation)


def check_entries(name: str, size: Pair) -> None:
    """Check that a plane is not larger than any memory."""
    if size[0] * size[1] > MOST_ENTRIES:
        raise ShapeError(f"{name} would be too large, with {format_size(size)} entries")


def _output_length(size: int, extent: int, stride: int, padding: Pair, ceil_mode: bool) -> int:
    room = size + padding[0] + padding[1] - extent
    outputs = (room + (stride - 1 if ceil_mode else 0)) // stride + 1
    # As in PyTorch, a window added by ceil_mode must start before the padding at the end.
    if ceil_mode and (outputs - 1) * stride >= size + padding[0]:
        outputs -= 1
    return max(outputs, 0)


def transposed_geometry(
    output_size: Pair,
    kernel_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
) -> Geometry:
    """Return the geometry of the convolution that a transposed convolution transposes.

    Its *output* is the input of the transposed convolution.

    Examples
    --------
    >>> transposed_geometry((3, 3), 2, stride=2).input
    (6, 6)
    """
    if min(output_size) < 1:
        raise ShapeError(f"input must not be empty, got {format_size(output_size)}")
    kernel, stride = pair(kernel_size, "kernel_size"), pair(stride, "stride")
    dilation, extra = pair(dilation, "dilation"), pair(output_padding, "output_padding", 0)
    for axis in (0, 1):
        if extra[axis] >= max(stride[axis], dilation[axis]):
            raise ValueError(
                f"output_padding must be smaller than stride or dilation, got {format_size(extra)} "
                f"with stride {format_size(stride)} and dilation {format_size(dilation)}"
            )
    extent = span(kernel[0], dilation[0]), span(kernel[1], dilation[1])
    full = [(output_size[axis] - 1) * stride[axis] + extent[axis] for axis in (0, 1)]
    trimmed = as_padding(padding)
    if isinstance(trimmed, str):
        # As many rows as the stride for each input row, even where the kernel reaches fewer.
        size = output_size[0] * stride[0], output_size[1] * stride[1]
        trimmed = resolve_padding(trimmed, size, extent, stride)
    else:
        size = full[0] - sum(trimmed[0]), full[1] - sum(trimmed[1])
    size = size[0] + extra[0], size[1] + extra[1]
    check_entries("the output", (max(full[0], size[0]), max(full[1], size[1])))
    if min(size) < 1:
        raise ShapeError(f"padding {trimmed} leaves nothing of the output {format_size(full)}")
    return Geometry(size, kernel, stride, trimmed, dilation, output_size)


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
    r"""Return the output size of a convolution or pooling.

    .. math:: \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1

    This is the number of rows or columns for *n* inputs, *k* kernel entries, stride *s*, padding
    *p* on either side and dilation *d*.

    Parameters
    ----------
    input_size, kernel_size, stride, dilation : int or pair of int
        Rows and columns; an integer is used for both.
    padding : int, pair, ((top, bottom), (left, right)), "valid", "same" or "same_lower"
        As for `conv2d`.
    ceil_mode : bool
        Round up instead of down, as the pooling functions can.

    Returns
    -------
    tuple of int
        Rows and columns of the output.

    Raises
    ------
    ShapeError
        If the kernel does not fit the padded input.
    ValueError
        If an argument is out of range.
    TypeError
        If a size is not an integer.

    Examples
    --------
    >>> output_size(4, 2)
    (3, 3)
    >>> output_size(224, 7, stride=2, padding=3)
    (112, 112)
    """
    size = pair(input_size, "input_size", 0)
    return window_geometry(
        size, kernel_size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    ).output
