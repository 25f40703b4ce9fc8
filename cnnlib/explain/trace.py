"""Traces: a record of every window position, the source of all equations and pictures.

A trace runs the operation once, through the public function that users call, and records
for each output entry the rows and columns under the window, the entries read there, and
the result. Equations, pictures and descriptions are made from this record and compute
nothing again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlib.conv import conv2d, conv_transpose2d, convolve2d
from cnnlib.pool import avg_pool2d, max_pool2d
from cnnlib.shapes import Array, Geometry, transposed_geometry, window_geometry
from cnnlib.windows import pad, windows


@dataclass(frozen=True)
class Step:
    """How one output entry was computed.

    Attributes
    ----------
    index : (int, int)
        Row and column of the output entry, counted from 0.
    rows, cols : tuple of int
        Rows and columns of the input under the window, counted from 0. Negative numbers
        and numbers beyond the last row or column lie in the padding. For a transposed
        convolution: the rows and columns that contribute to this entry, possibly none.
    entries : tuple of tuple
        The input entries under the window, row by row, including the padding value.
    weights : tuple of tuple, or None
        The weight of each entry, row by row; ``None`` for pooling.
    value : number or object
        The output entry, as the operation returned it.
    """

    index: tuple[int, int]
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    entries: tuple[tuple[Any, ...], ...]
    weights: tuple[tuple[Any, ...], ...] | None
    value: Any

    @property
    def pairs(self) -> tuple[tuple[Any, Any], ...]:
        """Pairs of an entry and its weight, in window order."""
        if self.weights is None:
            raise ValueError("pairs: a pooling step has entries but no weights")
        lines = zip(self.entries, self.weights, strict=True)
        return tuple(pair for line in lines for pair in zip(*line, strict=True))


@dataclass(frozen=True)
class Trace:
    """An operation with its input, its output and every step in between.

    Attributes
    ----------
    operation : str
        The name of the public function, such as ``"conv2d"``.
    input, output : ndarray, shape (height, width)
        The matrices that the operation read and returned.
    weight : ndarray or None
        The kernel of a convolution.
    geometry : Geometry
        Sizes, stride, padding and dilation. For a transposed convolution: those of the
        convolution that it transposes, see `cnnlib.shapes.transposed_geometry`.
    steps : tuple of Step
        One for each output entry, row by row.
    """

    operation: str
    input: Array
    weight: Array | None
    output: Array
    geometry: Geometry
    steps: tuple[Step, ...]

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: tuple[int, int]) -> Step:
        """Return the step of the output entry at ``index``, row and column counted from 0."""
        rows, cols = map(int, self.output.shape)
        row, col = index
        if not (0 <= row < rows and 0 <= col < cols):
            raise IndexError(f"index: got {index}, but the output has {rows} rows, {cols} columns")
        return self.steps[row * cols + col]


def trace_conv2d(
    input: Any, weight: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Trace:
    """Record every step of ``conv2d`` on two matrices.

    Parameters
    ----------
    input : array_like, shape (height, width)
        Numbers or letters.
    weight : array_like, shape (kernel height, kernel width)
        The kernel.
    stride, padding, dilation
        As for `conv2d`.

    Returns
    -------
    Trace
        With one step for each output entry.

    Raises
    ------
    ValueError
        If an argument is not a matrix, or ``conv2d`` raises it.

    Examples
    --------
    >>> trace = trace_conv2d([[3, 1, 0], [4, 2, 5]], [[1, 0], [0, -1]])
    >>> trace[0, 1].pairs
    ((1, 1), (0, 0), (2, 0), (5, -1))
    >>> trace[0, 1].value
    -4
    """
    return _trace_weighted(conv2d, input, weight, stride, padding, dilation)


def trace_convolve2d(
    input: Any, weight: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Trace:
    """Record every step of ``convolve2d``, which flips the kernel.

    The parameters are those of `trace_conv2d`.

    Examples
    --------
    >>> trace_convolve2d([[3, 1], [4, 2]], [[1, 0], [0, -1]])[0, 0].pairs
    ((3, -1), (1, 0), (4, 0), (2, 1))
    """
    return _trace_weighted(convolve2d, input, weight, stride, padding, dilation)


def trace_conv_transpose2d(
    input: Any, weight: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Trace:
    """Record every step of ``conv_transpose2d``.

    The parameters are those of `trace_conv2d`. The step of an output entry holds the input
    entries that contribute to it, each with the weight that it is multiplied by.

    Examples
    --------
    >>> trace = trace_conv_transpose2d([[3, 1]], [[1, 10, 100]])
    >>> trace[0, 1].pairs, trace[0, 1].value
    (((3, 10), (1, 1)), 31)
    """
    input, weight = _as_matrix(input, "input"), _as_matrix(weight, "weight")
    output = conv_transpose2d(input, weight, stride=stride, padding=padding, dilation=dilation)
    geometry = transposed_geometry(
        input.shape, weight.shape, stride=stride, padding=padding, dilation=dilation
    )
    # For each output row: the input rows that contribute to it and the kernel rows they use.
    (rows, row_weights), (cols, col_weights) = (_transposed_taps(geometry, axis) for axis in (0, 1))
    steps = tuple(
        Step(
            index=(row, col),
            rows=tuple(rows[row]),
            cols=tuple(cols[col]),
            entries=_submatrix(input, rows[row], cols[col]),
            weights=_submatrix(weight, row_weights[row], col_weights[col]),
            value=_scalar(output, row, col),
        )
        for row, col in np.ndindex(output.shape)
    )
    return Trace("conv_transpose2d", input, weight, output, geometry, steps)


def trace_max_pool2d(
    input: Any, kernel_size: Any, *, stride: Any = None, padding: Any = 0, dilation: Any = 1
) -> Trace:
    """Record every step of ``max_pool2d`` on a matrix; the parameters are the same.

    Examples
    --------
    >>> trace_max_pool2d([[3, 1], [4, 2]], 2)[0, 0].value
    4
    """
    input = _as_matrix(input, "input")
    stride = kernel_size if stride is None else stride
    output = max_pool2d(input, kernel_size, stride=stride, padding=padding, dilation=dilation)
    geometry = window_geometry(
        input.shape, kernel_size, stride=stride, padding=padding, dilation=dilation
    )
    # Padding with minus infinity never gives the maximum.
    steps = _steps(input, output, geometry, None, fill=-np.inf)
    return Trace("max_pool2d", input, None, output, geometry, steps)


def trace_avg_pool2d(
    input: Any, kernel_size: Any, *, stride: Any = None, padding: Any = 0
) -> Trace:
    """Record every step of ``avg_pool2d`` on a matrix; the parameters are the same.

    Examples
    --------
    >>> float(trace_avg_pool2d([[3, 1], [4, 2]], 2)[0, 0].value)
    2.5
    """
    input = _as_matrix(input, "input")
    stride = kernel_size if stride is None else stride
    output = avg_pool2d(input, kernel_size, stride=stride, padding=padding)
    geometry = window_geometry(input.shape, kernel_size, stride=stride, padding=padding)
    steps = _steps(input, output, geometry, None)
    return Trace("avg_pool2d", input, None, output, geometry, steps)


def _trace_weighted(
    function: Any, input: Any, weight: Any, stride: Any, padding: Any, dilation: Any
) -> Trace:
    input, weight = _as_matrix(input, "input"), _as_matrix(weight, "weight")
    output = function(input, weight, stride=stride, padding=padding, dilation=dilation)
    geometry = window_geometry(
        input.shape, weight.shape, stride=stride, padding=padding, dilation=dilation
    )
    applied = weight[::-1, ::-1] if function is convolve2d else weight
    steps = _steps(input, output, geometry, tuple(map(tuple, applied.tolist())))
    return Trace(function.__name__, input, weight, output, geometry, steps)


def _transposed_taps(geometry: Geometry, axis: int) -> tuple[list[list[int]], list[list[int]]]:
    """List, for each output along an axis, the contributing inputs and their kernel entries."""
    size, before = geometry.input[axis], geometry.padding[axis][0]
    inputs: list[list[int]] = [[] for _ in range(size)]
    weights: list[list[int]] = [[] for _ in range(size)]
    for source in range(geometry.output[axis]):
        for tap, position in enumerate(geometry.taps(axis, source)):
            if 0 <= position - before < size:
                inputs[position - before].append(source)
                weights[position - before].append(tap)
    return inputs, weights


def _submatrix(array: Array, rows: list[int], cols: list[int]) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(array[row, cols].tolist()) for row in rows)


def _scalar(array: Array, row: int, col: int) -> Any:
    return array[row, col] if array.dtype == object else array[row, col].item()


def _as_matrix(values: Any, name: str) -> Array:
    array = np.array(values)  # a copy, so that later changes do not affect the trace
    if array.ndim != 2:
        raise ValueError(
            f"{name}: a trace shows one matrix (height, width), got shape {array.shape}"
        )
    array.flags.writeable = False
    return array


def _steps(
    input: Array,
    output: Array,
    geometry: Geometry,
    weights: tuple[tuple[Any, ...], ...] | None,
    fill: float = 0,
) -> tuple[Step, ...]:
    (top, _), (left, _) = geometry.padding
    padded = input
    if geometry.padded != geometry.input:
        promoted = input if fill == 0 else input.astype(np.result_type(input, np.float64))
        padded = pad(promoted, geometry.padding, value=fill)
    view = windows(padded, geometry)  # (output rows, output columns, kernel rows, kernel columns)
    return tuple(
        Step(
            index=(row, col),
            rows=tuple(number - top for number in geometry.rows(row)),
            cols=tuple(number - left for number in geometry.columns(col)),
            entries=tuple(map(tuple, view[row, col].tolist())),
            weights=weights,
            value=_scalar(output, row, col),
        )
        for row, col in np.ndindex(output.shape)
    )
