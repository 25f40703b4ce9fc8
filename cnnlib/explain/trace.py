"""A record of a windowed operation: one step for each output entry.

`trace` runs a function of `cnnlib` once, through the same public function that users call, and
records for each output entry which input entries lie under the window, which weights they are
multiplied by, and what comes out. Equations, pictures, animations, explorers and descriptions are
all made from these steps; nothing computes them again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cnnlib import conv, pool
from cnnlib.shapes import (
    Array,
    Geometry,
    PadWidth,
    Pair,
    adaptive_windows,
    format_size,
    transposed_geometry,
    window_geometry,
)
from cnnlib.windows import pad

NO_PADDING: PadWidth = ((0, 0), (0, 0))
Nested = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One input entry under a window, with the weight that it is multiplied by.

    Attributes
    ----------
    channel, row, col : int
        Where the entry lies in the input, counted from 0. A row or column below 0, or beyond the
        last one, lies in the padding.
    entry : number or object
        The entry; in the padding, what the padding holds there.
    weight : number or object, optional
        The weight; None for pooling.
    kernel : (int, int), optional
        Row and column of that weight in the kernel; None for pooling.
    padding : bool
        Whether the entry lies in the padding.
    """

    channel: int
    row: int
    col: int
    entry: Any
    weight: Any = None
    kernel: Pair | None = None
    padding: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one output entry is made of.

    Attributes
    ----------
    index : tuple of int
        Row and column of the output entry, after its channel if there are channels; from 0.
    channels, rows, cols : tuple of int
        Channels, rows and columns of the input that are read. The entries read are all
        combinations of them. (For a transposed convolution, those whose stamps reach this output
        entry, possibly none.)
    terms : tuple of Term
        The entries read, by channel, then row, then column.
    value : number or object
        The output entry, as the operation returned it.
    bias : number or object, optional
        What is added to the sum of products.
    kind : {"sum", "max", "mean"}
        What the operation makes of the terms: the sum of products of a convolution, the largest
        entry, or the mean.
    size : (int, int)
        Rows and columns of the input: what lies outside them is padding.
    """

    index: tuple[int, ...]
    channels: tuple[int, ...]
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    terms: tuple[Term, ...]
    value: Any
    bias: Any = None
    kind: str = "sum"
    size: Pair = (0, 0)

    @property
    def place(self) -> Pair:
        """Row and column of the output entry in its channel."""
        return self.index[-2], self.index[-1]

    @property
    def pairs(self) -> tuple[tuple[Any, Any], ...]:
        """Each entry with the weight it is multiplied by, in window order."""
        if self.kind != "sum":
            raise ValueError("pairs: a pooling step has entries but no weights")
        return tuple((term.entry, term.weight) for term in self.terms)

    @property
    def entries(self) -> Nested:
        """The entries, row by row; of several channels, one such table for each."""
        return self._nested([term.entry for term in self.terms])

    @property
    def weights(self) -> Nested | None:
        """The weights, arranged like the entries; None for pooling."""
        if self.kind != "sum":
            return None
        return self._nested([term.weight for term in self.terms])

    def _nested(self, values: list[Any]) -> Nested:
        width, height = len(self.cols), len(self.rows)
        lines = [tuple(values[n : n + width]) for n in range(0, len(values), max(width, 1))]
        if len(self.channels) == 1:
            return tuple(lines)
        return tuple(tuple(lines[n : n + height]) for n in range(0, len(lines), max(height, 1)))


@dataclass(frozen=True, repr=False)
class Trace:
    """An operation, its input, its output, and every step.

    Attributes
    ----------
    function : callable
        The function that ran, such as `cnnlib.conv2d`.
    arguments : mapping of str to object
        All arguments of the call, by name.
    input, output : ndarray, shape (height, width) or (channels, height, width)
        What went in and what came out.
    weight, bias : ndarray or None
        Those of a convolution.
    geometry : Geometry or None
        Sizes, stride, padding and dilation, rows first. For a transposed convolution that of the
        convolution it transposes, as `transposed_geometry` gives it; None for adaptive pooling.
    steps : tuple of Step
        One for each output entry, by channel, row and column.
    """

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    input: Array
    output: Array
    weight: Array | None
    bias: Array | None
    geometry: Geometry | None
    steps: tuple[Step, ...] = field(compare=False)
    _planes: _Planes = field(compare=False)

    @property
    def operation(self) -> str:
        """The name of the function."""
        return str(self.function.__name__)

    @property
    def padding(self) -> PadWidth:
        """Rows and columns of padding around the input."""
        if self.geometry is None or self.function is conv.conv_transpose2d:
            return NO_PADDING
        return self.geometry.padding

    @property
    def trimmed(self) -> PadWidth:
        """Rows and columns that a transposed convolution computes around the output and drops."""
        if self.geometry is None or self.function is not conv.conv_transpose2d:
            return NO_PADDING
        return self.geometry.padding

    @property
    def size(self) -> Pair:
        """Rows and columns of the input."""
        return self._planes.size

    @property
    def unread(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The rows, and the columns, of the input that no window reads."""
        rows = {row for step in self.steps for row in step.rows}
        cols = {col for step in self.steps for col in step.cols}
        height, width = self.size
        return (
            tuple(row for row in range(height) if row not in rows),
            tuple(col for col in range(width) if col not in cols),
        )

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: tuple[int, ...]) -> Step:
        """Return the step of the output entry at ``index``, counted from 0."""
        shape = self.output.shape
        if not isinstance(index, tuple) or len(index) != len(shape):
            raise IndexError(
                f"index must have {len(shape)} numbers for output {shape}, got {index}"
            )
        if not all(0 <= number < size for number, size in zip(index, shape, strict=True)):
            raise IndexError(f"index must lie in an output of shape {shape}, got {index}")
        return self.steps[int(np.ravel_multi_index(index, shape))]

    def entry(self, channel: int, row: int, col: int) -> Any:
        """Return an entry of the input or its padding; rows and columns count from the input's."""
        return self._planes.term(channel, row, col).entry

    def again(self, **changes: Any) -> Trace:
        """Trace the same call with some arguments changed.

        Parameters
        ----------
        **changes
            Arguments of the function by name, such as ``input``, ``weight`` or ``stride``.

        Examples
        --------
        >>> from cnnlib import conv2d
        >>> traced = trace(conv2d, [[3, 1], [4, 2]], [[1, 0]], padding=1)
        >>> traced.again(weight=[[2, 0]])[1, 1].value
        6
        """
        signature = inspect.signature(self.function)
        takes_more = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
        for name in changes:
            if name not in signature.parameters and not takes_more:
                raise TypeError(
                    f"{name} is not an argument of {self.operation}; its arguments are "
                    f"{', '.join(signature.parameters)}"
                )
        return trace(self.function, **{**self.arguments, **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return the call and its result as lists and numbers, ready for JSON.

        Examples
        --------
        >>> from cnnlib import max_pool2d
        >>> trace(max_pool2d, [[3, 1], [4, 2]], 2).to_dict()["output"]
        [[4]]
        """
        arguments = {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in self.arguments.items()
        }
        return {
            "function": self.operation,
            "arguments": arguments,
            "output": self.output.tolist(),
            "windows": [[list(step.rows), list(step.cols)] for step in self.steps],
        }

    def __repr__(self) -> str:
        kernel = "" if self.weight is None else f", weight {format_size(self.weight.shape)}"
        return (
            f"<Trace of {self.operation}: input {format_size(self.input.shape)}{kernel}, "
            f"output {format_size(self.output.shape)}, {len(self)} steps>"
        )


def trace(function: Callable[..., Any], input: Any, *parameters: Any, **options: Any) -> Trace:
    """Run a windowed operation of `cnnlib` and record every step.

    Parameters
    ----------
    function : callable
        `conv2d`, `convolve2d`, `conv_transpose2d`, `max_pool2d`, `avg_pool2d`,
        `adaptive_max_pool2d` or `adaptive_avg_pool2d`.
    input : array_like, shape (height, width) or (channels, height, width)
        Numbers, or objects such as SymPy's symbols.
    *parameters, **options
        The further arguments of the function.

    Returns
    -------
    Trace
        With one step for each output entry.

    Raises
    ------
    TypeError, ValueError
        If the function is none of these, or the input has other axes; and whatever the function
        raises for its arguments.

    Examples
    --------
    >>> from cnnlib import conv2d, max_pool2d
    >>> traced = trace(conv2d, [[3, 1, 0], [4, 2, 5]], [[1, 0], [0, -1]])
    >>> traced
    <Trace of conv2d: input 2×3, weight 2×2, output 1×2, 2 steps>
    >>> traced[0, 1].pairs, traced[0, 1].value
    (((1, 1), (0, 0), (2, 0), (5, -1)), -4)
    >>> trace(max_pool2d, [[3, 1], [4, 2]], 2)[0, 0].entries
    ((3, 1), (4, 2))
    """
    record = RECORDERS.get(function)
    if record is None:
        names = ", ".join(known.__name__ for known in RECORDERS)
        raise TypeError(f"function must be one of cnnlib's {names}; got {function!r}")
    arguments = _bind(function, input, *parameters, **options)
    array = arguments["input"]
    if array.ndim not in (2, 3):
        raise ValueError(
            "input must be one image of shape (height, width) or (channels, height, width) to be "
            f"traced, got shape {array.shape}"
        )
    output = np.asarray(function(**arguments))
    geometry, planes, steps = record(arguments, output)
    weight, bias = arguments.get("weight"), arguments.get("bias")
    for result in (array, output, weight, bias):
        if result is not None:
            result.flags.writeable = False
    return Trace(function, arguments, array, output, weight, bias, geometry, tuple(steps), planes)


def _bind(function: Callable[..., Any], *parameters: Any, **options: Any) -> dict[str, Any]:
    """Return the arguments of a call by name; arrays are copied, since a trace is a record."""
    bound = inspect.signature(function).bind(*parameters, **options)
    arguments: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        arguments |= value if name == "options" else {name: value}
    for name in ("input", "weight", "bias"):
        if arguments.get(name) is not None:
            arguments[name] = np.array(arguments[name])
    if arguments.pop("return_indices", False):
        raise ValueError("return_indices: a trace records values only; leave it out")
    return arguments


Recorded = tuple[Geometry | None, "_Planes", list[Step]]


def _record_conv(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `conv2d`: a window of each channel in the group, and the kernel as it is."""
    return _record_windows(arguments, output, flipped=False)


def _record_convolve(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `convolve2d`: as `conv2d`, with the kernel flipped."""
    return _record_windows(arguments, output, flipped=True)


def _record_windows(arguments: Mapping[str, Any], output: Array, *, flipped: bool) -> Recorded:
    input, weight = arguments["input"], arguments["weight"]
    kernel = weight.shape[-2:]
    geometry = window_geometry(
        input.shape[-2:], kernel, **_options(arguments, "padding", "dilation")
    )
    planes = _Planes(input, geometry.padding, arguments.get("padding_mode", "zeros"))
    weights = weight.reshape(-1, *weight.shape[-3:]) if weight.ndim > 2 else weight[None, None]
    kernels = [(kernel[0] - 1 - u, kernel[1] - 1 - v) if flipped else (u, v)
               for u, v in np.ndindex(kernel)]  # fmt: skip
    steps = []
    for index in np.ndindex(output.shape):
        out, row, col = _channel(index)
        group = out * arguments.get("groups", 1) // len(weights)
        channels = tuple(range(group * weights.shape[1], (group + 1) * weights.shape[1]))
        rows, cols = planes.window(geometry.rows(row), geometry.columns(col))
        places = [(r, c) for r in rows for c in cols]
        terms = tuple(
            planes.term(channel, *place, _item(weights, out, number, *tap), tap)
            for number, channel in enumerate(channels)
            for place, tap in zip(places, kernels, strict=True)
        )
        value, bias = _item(output, *index), _bias(arguments, out)
        size = planes.size
        steps.append(Step(index, channels, rows, cols, terms, value, bias, "sum", size))
    return geometry, planes, steps


def _record_transposed(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `conv_transpose2d`: the input entries whose stamps reach each output entry."""
    input, weight = arguments["input"], arguments["weight"]
    options = _options(arguments, "padding", "output_padding", "dilation")
    geometry = transposed_geometry(input.shape[-2:], weight.shape[-2:], **options)
    planes = _Planes(input, NO_PADDING)
    weights = weight if weight.ndim > 2 else weight[None, None]
    groups = arguments.get("groups", 1)
    per_group = len(weights) // groups
    # For each output row (and column): the input rows that reach it, and the kernel rows they use.
    reach_rows, reach_cols = (_stamps(geometry, axis) for axis in (0, 1))
    steps = []
    for index in np.ndindex(output.shape):
        out, row, col = _channel(index)
        group, kernel = divmod(out, weights.shape[1])
        channels = tuple(range(group * per_group, (group + 1) * per_group))
        terms = tuple(
            planes.term(channel, r, c, _item(weights, channel, kernel, u, v), (u, v))
            for channel in channels
            for r, u in reach_rows[row]
            for c, v in reach_cols[col]
        )
        rows, cols = (tuple(n for n, _ in pairs) for pairs in (reach_rows[row], reach_cols[col]))
        value, bias = _item(output, *index), _bias(arguments, out)
        size = planes.size
        steps.append(Step(index, channels, rows, cols, terms, value, bias, "sum", size))
    return geometry, planes, steps


def _record_max_pool(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `max_pool2d`: padding holds minus infinity, which is never the largest."""
    return _record_pool(arguments, output, fill=-np.inf)


def _record_avg_pool(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `avg_pool2d`: the mean leaves padding out where that is not counted."""
    counted = arguments.get("count_include_pad", True)
    geometry, planes, steps = _record_pool(arguments, output, fill=0, with_padding=counted)
    return geometry, planes, [replace(step, kind="mean") for step in steps]


def _record_pool(
    arguments: Mapping[str, Any], output: Array, *, fill: float, with_padding: bool = True
) -> Recorded:
    input, kernel_size = arguments["input"], arguments["kernel_size"]
    options = _options(arguments, "padding", "dilation", "ceil_mode")
    options["stride"] = arguments.get("stride") or kernel_size
    geometry = window_geometry(input.shape[-2:], kernel_size, **options)
    planes = _Planes(input, geometry.padding, fill=fill)
    steps = []
    for index in np.ndindex(output.shape):
        _, row, col = _channel(index)
        rows, cols = planes.window(geometry.rows(row), geometry.columns(col))
        if not with_padding:
            rows, cols = planes.inside(rows, 0), planes.inside(cols, 1)
        steps.append(_pool_step(planes, index, rows, cols, output))
    return geometry, planes, steps


def _record_adaptive_max(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `adaptive_max_pool2d`: windows of nearly equal size that cover the input."""
    planes = _Planes(arguments["input"], NO_PADDING)
    rows, cols = (
        adaptive_windows(size, outputs)
        for size, outputs in zip(arguments["input"].shape[-2:], output.shape[-2:], strict=True)
    )
    steps = [
        _pool_step(planes, index, tuple(rows[index[-2]]), tuple(cols[index[-1]]), output)
        for index in np.ndindex(output.shape)
    ]
    return None, planes, steps


def _record_adaptive_avg(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `adaptive_avg_pool2d`: the same windows, and their means."""
    geometry, planes, steps = _record_adaptive_max(arguments, output)
    return geometry, planes, [replace(step, kind="mean") for step in steps]


RECORDERS: dict[Callable[..., Any], Callable[[Mapping[str, Any], Array], Recorded]] = {
    conv.conv2d: _record_conv,
    conv.convolve2d: _record_convolve,
    conv.conv_transpose2d: _record_transposed,
    pool.max_pool2d: _record_max_pool,
    pool.avg_pool2d: _record_avg_pool,
    pool.adaptive_max_pool2d: _record_adaptive_max,
    pool.adaptive_avg_pool2d: _record_adaptive_avg,
}


class _Planes:
    """The channels of an input, with padding around each."""

    def __init__(
        self, input: Array, padding: PadWidth, mode: str = "zeros", fill: float = 0
    ) -> None:
        self.input = input.reshape((-1, *input.shape[-2:]))  # (H, W) or (C, H, W) -> (C, H, W)
        self.size: Pair = (input.shape[-2], input.shape[-1])
        self.padding, self.fill = padding, fill
        # Which entry each place of the padded input shows, numbered rows first; -1 for the fill.
        numbers = np.arange(self.input[0].size).reshape(self.input.shape[1:])
        self.sources = pad(numbers, padding, mode, value=-1)

    def window(self, rows: range, cols: range) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Count rows and columns from the input's first ones; drop what lies beyond the padding.

        Only the partial windows of `ceil_mode` reach that far.
        """
        (top, _), (left, _) = self.padding
        height, width = self.sources.shape
        return (
            tuple(row - top for row in rows if row < height),
            tuple(col - left for col in cols if col < width),
        )

    def inside(self, places: tuple[int, ...], axis: int) -> tuple[int, ...]:
        """Keep the rows (axis 0) or columns (axis 1) of the input, without its padding."""
        return tuple(place for place in places if 0 <= place < self.size[axis])

    def term(
        self, channel: int, row: int, col: int, weight: Any = None, kernel: Pair | None = None
    ) -> Term:
        """Look up the entry at a row and a column of a channel."""
        (top, _), (left, _) = self.padding
        source = int(self.sources[row + top, col + left])
        height, width = self.size
        outside = not (0 <= row < height and 0 <= col < width)
        entry = self.fill if source < 0 else _item(self.input, channel, *divmod(source, width))
        return Term(channel, row, col, entry, weight, kernel, outside)


def _pool_step(
    planes: _Planes,
    index: tuple[int, ...],
    rows: tuple[int, ...],
    cols: tuple[int, ...],
    output: Array,
) -> Step:
    """Record a window of one channel; the output channel is the input's."""
    channel = _channel(index)[0]
    terms = tuple(planes.term(channel, row, col) for row in rows for col in cols)
    value = _item(output, *index)
    return Step(index, (channel,), rows, cols, terms, value, None, "max", planes.size)


def _stamps(geometry: Geometry, axis: int) -> list[list[tuple[int, int]]]:
    """List, for each output along an axis, the inputs that reach it, each with its kernel entry."""
    size, before = geometry.input[axis], geometry.padding[axis][0]
    reached: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for source in range(geometry.output[axis]):
        for tap, place in enumerate(geometry.taps(axis, source)):
            if 0 <= place - before < size:
                reached[place - before].append((source, tap))
    return reached


def _channel(index: tuple[int, ...]) -> tuple[int, int, int]:
    """Read an index (row, column) as one in channel 0."""
    return (0, *index) if len(index) == 2 else index  # type: ignore[return-value]


def _options(arguments: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Pick stride and the options named from the arguments that were given."""
    return {name: arguments[name] for name in ("stride", *names) if name in arguments}


def _bias(arguments: Mapping[str, Any], channel: int) -> Any:
    bias = arguments.get("bias")
    return None if bias is None else _item(bias.reshape(-1), channel)


def _item(array: Array, *index: int) -> Any:
    """Take an entry as Python's own number, or as the object that it is.

    Half precision has so few digits that six of them would not be its own: 0.1, not 0.0999756.
    """
    value = array[index]
    if array.dtype == np.float16:
        return float(str(value))
    return value if array.dtype == object else value.item()
