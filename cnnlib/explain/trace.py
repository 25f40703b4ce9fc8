"""A record of a windowed operation: one step for each output entry.

`trace` runs a function of `cnnlib` once, through the same public function that users call, and
records for each output entry which input entries lie under the window, which weights they are
multiplied by, and what comes out. Equations, pictures, animations, explorers and descriptions are
all made from these steps; nothing computes them again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnlib import conv
from cnnlib.explain.recorders import NO_PADDING, RECORDERS, Planes
from cnnlib.explain.steps import Step, Term
from cnnlib.shapes import Array, Geometry, PadWidth, Pair, format_size

__all__ = ["Step", "Term", "Trace", "trace"]


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
    _planes: Planes = field(compare=False)

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

    @property
    def matrix(self) -> Array:
        """The matrix that turns the input, as a column of numbers, into the output.

        It has a row for each output entry and a column for each input entry, both by channel, row
        and column. A bias is not part of it.

        Examples
        --------
        >>> from cnnlib import conv2d
        >>> trace(conv2d, [[3, 1, 4]], [[1, -1]]).matrix
        array([[ 1, -1,  0],
               [ 0,  1, -1]])
        """
        weight, mode = self.weight, self.arguments.get("padding_mode", "zeros")
        if weight is None:
            raise ValueError(f"trace: expected a convolution, got {self.operation}")
        if mode != "zeros":
            raise ValueError(f'padding_mode: expected "zeros", got "{mode}"')
        matrix = np.zeros((self.output.size, self.input.size), weight.dtype)
        for number, step in enumerate(self.steps):
            for term in step.terms:
                if not term.padding:
                    place = np.ravel_multi_index((term.row, term.col), self.size)
                    matrix[number, term.channel * np.prod(self.size) + place] = term.weight
        return matrix

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
