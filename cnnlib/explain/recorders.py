"""How the steps of each operation are recorded: which entries lie under which window.

A recorder gets the arguments of a call and its output, and returns the geometry, the padded input
and one step for each output entry. Where windows lie is asked of `cnnlib.shapes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from cnnlib import conv, pool
from cnnlib.explain.steps import Step, Term
from cnnlib.shapes import (
    Array,
    Geometry,
    PadWidth,
    Pair,
    adaptive_windows,
    transposed_geometry,
    window_geometry,
)
from cnnlib.windows import pad

NO_PADDING: PadWidth = ((0, 0), (0, 0))
Recorded = tuple[Geometry | None, "Planes", list[Step]]


def record_conv(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `conv2d`: a window of each channel in the group, and the kernel as it is."""
    return _record_windows(arguments, output, flipped=False)


def _record_convolve(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `convolve2d`: as `conv2d`, with the kernel flipped."""
    return _record_windows(arguments, output, flipped=True)


def _record_windows(arguments: Mapping[str, Any], output: Array, *, flipped: bool) -> Recorded:
    input, weight = arguments["input"], arguments["weight"]
    kernel = weight.shape[-2:]
    geometry = window_geometry(
        input.shape[-2:], kernel, **pick_options(arguments, "padding", "dilation")
    )
    planes = Planes(input, geometry.padding, arguments.get("padding_mode", "zeros"))
    weights = weight.reshape(-1, *weight.shape[-3:]) if weight.ndim > 2 else weight[None, None]
    kernels = [(kernel[0] - 1 - u, kernel[1] - 1 - v) if flipped else (u, v)
               for u, v in np.ndindex(kernel)]  # fmt: skip
    steps = []
    for index in np.ndindex(output.shape):
        out, row, col = with_channel(index)
        group = out * arguments.get("groups", 1) // len(weights)
        channels = tuple(range(group * weights.shape[1], (group + 1) * weights.shape[1]))
        rows, cols = planes.window(geometry.rows(row), geometry.columns(col))
        places = [(r, c) for r in rows for c in cols]
        terms = tuple(
            planes.term(channel, *place, item_at(weights, out, number, *tap), tap)
            for number, channel in enumerate(channels)
            for place, tap in zip(places, kernels, strict=True)
        )
        value, bias = item_at(output, *index), _bias(arguments, out)
        size = planes.size
        steps.append(Step(index, channels, rows, cols, terms, value, bias, "sum", size))
    return geometry, planes, steps


def _record_transposed(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `conv_transpose2d`: the input entries whose stamps reach each output entry."""
    input, weight = arguments["input"], arguments["weight"]
    options = pick_options(arguments, "padding", "output_padding", "dilation")
    geometry = transposed_geometry(input.shape[-2:], weight.shape[-2:], **options)
    return record_stamps(geometry, input, arguments, output)


def record_stamps(
    geometry: Geometry, input: Array, arguments: Mapping[str, Any], output: Array
) -> Recorded:
    """Record what reaches each output entry if each input entry stamps the kernel onto the output.

    The geometry is that of the convolution which is transposed.
    """
    planes, weight = Planes(input, NO_PADDING), arguments["weight"]
    weights = weight.reshape(-1, *weight.shape[-3:]) if weight.ndim > 2 else weight[None, None]
    groups = arguments.get("groups", 1)
    per_group = len(weights) // groups
    # For each output row (and column): the input rows that reach it, and the kernel rows they use.
    reach_rows, reach_cols = (stamps(geometry, axis) for axis in (0, 1))
    steps = []
    for index in np.ndindex(output.shape):
        out, row, col = with_channel(index)
        group, kernel = divmod(out, weights.shape[1])
        channels = tuple(range(group * per_group, (group + 1) * per_group))
        terms = tuple(
            planes.term(channel, r, c, item_at(weights, channel, kernel, u, v), (u, v))
            for channel in channels
            for r, u in reach_rows[row]
            for c, v in reach_cols[col]
        )
        rows, cols = (tuple(n for n, _ in pairs) for pairs in (reach_rows[row], reach_cols[col]))
        value, bias = item_at(output, *index), _bias(arguments, out)
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
    options = pick_options(arguments, "padding", "dilation", "ceil_mode")
    options["stride"] = arguments.get("stride") or kernel_size
    geometry = window_geometry(input.shape[-2:], kernel_size, **options)
    planes = Planes(input, geometry.padding, fill=fill)
    steps = []
    for index in np.ndindex(output.shape):
        _, row, col = with_channel(index)
        rows, cols = planes.window(geometry.rows(row), geometry.columns(col))
        if not with_padding:
            rows, cols = planes.inside(rows, 0), planes.inside(cols, 1)
        steps.append(_pool_step(planes, index, rows, cols, output))
    return geometry, planes, steps


def _record_adaptive_max(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `adaptive_max_pool2d`: windows of nearly equal size that cover the input."""
    planes = Planes(arguments["input"], NO_PADDING)
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
    conv.conv2d: record_conv,
    conv.convolve2d: _record_convolve,
    conv.conv_transpose2d: _record_transposed,
    pool.max_pool2d: _record_max_pool,
    pool.avg_pool2d: _record_avg_pool,
    pool.adaptive_max_pool2d: _record_adaptive_max,
    pool.adaptive_avg_pool2d: _record_adaptive_avg,
}


class Planes:
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
        entry = self.fill if source < 0 else item_at(self.input, channel, *divmod(source, width))
        return Term(channel, row, col, entry, weight, kernel, outside)


def _pool_step(
    planes: Planes,
    index: tuple[int, ...],
    rows: tuple[int, ...],
    cols: tuple[int, ...],
    output: Array,
) -> Step:
    """Record a window of one channel; the output channel is the input's."""
    channel = with_channel(index)[0]
    terms = tuple(planes.term(channel, row, col) for row in rows for col in cols)
    value = item_at(output, *index)
    return Step(index, (channel,), rows, cols, terms, value, None, "max", planes.size)


def stamps(geometry: Geometry, axis: int) -> list[list[tuple[int, int]]]:
    """List, for each output along an axis, the inputs that reach it, each with its kernel entry."""
    size, before = geometry.input[axis], geometry.padding[axis][0]
    reached: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for source in range(geometry.output[axis]):
        for tap, place in enumerate(geometry.taps(axis, source)):
            if 0 <= place - before < size:
                reached[place - before].append((source, tap))
    return reached


def with_channel(index: tuple[int, ...]) -> tuple[int, int, int]:
    """Read an index (row, column) as one in channel 0."""
    return (0, *index) if len(index) == 2 else index  # type: ignore[return-value]


def pick_options(arguments: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Pick stride and the options named from the arguments that were given."""
    return {name: arguments[name] for name in ("stride", *names) if name in arguments}


def _bias(arguments: Mapping[str, Any], channel: int) -> Any:
    bias = arguments.get("bias")
    return None if bias is None else item_at(bias.reshape(-1), channel)


def item_at(array: Array, *index: int) -> Any:
    """Take an entry as Python's own number, or as the object that it is.

    Half precision has so few digits that six of them would not be its own: 0.1, not 0.0999756.
    """
    value = array[index]
    if array.dtype == np.float16:
        return float(str(value))
    return value if array.dtype == object else value.item()
