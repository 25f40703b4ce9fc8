"""A record of a windowed operation: one step for each output entry.

`trace` runs a function of `cnnlib` once, through the same public function that users call, and
records for each output entry which input entries lie under the window, which weights they are
multiplied by, and what comes out. Equations, pictures, animations, explorers and descriptions are
all made from these steps; nothing computes them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from cnnlib import conv
from cnnlib.explain.gradient_recorders import GRADIENTS, signature
from cnnlib.explain.recorders import NO_PADDING, RECORDERS, Planes
from cnnlib.explain.steps import FORWARD, Matrices, Step, Term
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
        What the steps read, and what came out. In the gradient of a convolution's kernel, the steps
        read the input, in other gradients they read ∂L/∂Y.
    weight, bias : ndarray or None
        Those of a convolution. In the gradient of a kernel, ∂L/∂Y stands in the kernel's place; in
        that of a transposed convolution, the input.
    geometry : Geometry or None
        Sizes, stride, padding and dilation, rows first. For a transposed convolution, and for the
        gradient of an input, that of the convolution or pooling between the two; None for
        adaptive pooling and activations.
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
    def is_gradient(self) -> bool:
        """Whether the function is a gradient."""
        return self.function in GRADIENTS

    @property
    def matrices(self) -> Matrices:
        """What input, kernel and output are called."""
        return GRADIENTS[self.function].matrices if self.is_gradient else FORWARD

    @property
    def beside(self) -> Array | None:
        """What is shown beside the input: the weight, or the input that a pooling had."""
        if not self.is_gradient:
            return self.weight
        return self.arguments.get(GRADIENTS[self.function].kernel)

    @property
    def reverses(self) -> bool:
        """Whether the steps go from the output of a convolution or pooling to its input."""
        backwards = self.is_gradient and GRADIENTS[self.function].reverses
        return backwards or self.function is conv.conv_transpose2d

    @property
    def padding(self) -> PadWidth:
        """Rows and columns of padding around the input."""
        return NO_PADDING if self.geometry is None or self.reverses else self.geometry.padding

    @property
    def trimmed(self) -> PadWidth:
        """Rows and columns around the output that are computed and dropped, on the way back."""
        return self.geometry.padding if self.geometry is not None and self.reverses else NO_PADDING

    @property
    def has_objects(self) -> bool:
        """Whether an argument holds letters, fractions or other objects."""
        arrays = (self.arguments.get(name) for name in ARRAYS)
        return any(array is not None and array.dtype == object for array in arrays)

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
        known = signature(self.function).parameters
        takes_more = any(p.kind is p.VAR_KEYWORD for p in known.values())
        for name in changes:
            if name not in known and not takes_more:
                raise TypeError(
                    f"{name} is not an argument of {self.operation}; its arguments are "
                    f"{', '.join(known)}"
                )
        return trace(self.function, **{**self.arguments, **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return the call and its result as names, lists and numbers, ready for JSON.

        Examples
        --------
        >>> from cnnlib import max_pool2d
        >>> trace(max_pool2d, [[3, 1], [4, 2]], 2).to_dict()["output"]
        [[4]]
        """
        arguments = {name: _as_json(value) for name, value in self.arguments.items()}
        return {
            "function": f"{'gradients.' * self.is_gradient}{self.operation}",
            "arguments": arguments,
            "output": self.output.tolist(),
            "windows": [[list(step.rows), list(step.cols)] for step in self.steps],
        }

    def __repr__(self) -> str:
        named = [("input", self.input), ("weight", self.weight), ("output", self.output)]
        if self.is_gradient:
            input, kernel, output, _ = self.matrices
            named = [
                (input.symbol, self.input),
                (kernel.symbol, self.beside),
                (output.symbol, self.output),
            ]
        sizes = ", ".join(
            f"{name} {format_size(array.shape)}" for name, array in named if array is not None
        )
        return f"<Trace of {self.operation}: {sizes}, {len(self)} steps>"


def output_metadata(shown: Trace | None) -> dict[str, Any]:
    """Return what goes along with the output of a cell that shows a trace of numbers."""
    if shown is None or shown.has_objects:
        return {}
    return {"trace": shown.to_dict()}


def trace(function: Callable[..., Any], /, *parameters: Any, **options: Any) -> Trace:
    """Run a windowed operation of `cnnlib`, or its gradient, and record every step.

    Parameters
    ----------
    function : callable
        `conv2d`, `convolve2d`, `conv_transpose2d`, `max_pool2d`, `avg_pool2d`,
        `adaptive_max_pool2d` or `adaptive_avg_pool2d`; or, of `cnnlib.gradients`, `conv2d_weight`,
        `conv2d_input`, `conv_transpose2d_weight`, `conv_transpose2d_input`, the gradient of one of
        these poolings, `activation_input`, `linear_weight` or `linear_input`.
    *parameters, **options
        The arguments of the function. The input, and for a gradient `grad_output`, has the shape
        (height, width) or (channels, height, width), and for `linear` (examples, features); entries
        are numbers, or objects such as SymPy's symbols.

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
    >>> from cnnlib import conv2d, gradients, max_pool2d
    >>> traced = trace(conv2d, [[3, 1, 0], [4, 2, 5]], [[1, 0], [0, -1]])
    >>> traced
    <Trace of conv2d: input 2×3, weight 2×2, output 1×2, 2 steps>
    >>> traced[0, 1].pairs, traced[0, 1].value
    (((1, 1), (0, 0), (2, 0), (5, -1)), -4)
    >>> trace(max_pool2d, [[3, 1], [4, 2]], 2)[0, 0].entries
    ((3, 1), (4, 2))

    The gradient of a kernel entry is a sum over the windows, of an input times ∂L/∂Y:

    >>> back = trace(gradients.conv2d_weight, [[1, -2]], traced.input, traced.weight)
    >>> back[0, 0].of, back[0, 0].pairs, back[0, 0].value
    ('k_{11}', ((3, 1), (1, -2)), 1)
    """
    if isinstance(function, partial):  # as the table `cnnlib.gradients.GRADIENTS` has them
        return trace(function.func, *function.args, *parameters, **function.keywords, **options)
    record = GRADIENTS[function].record if function in GRADIENTS else RECORDERS.get(function)
    if record is None:
        names = ", ".join(known.__name__ for known in RECORDERS)
        of_gradients = ", ".join(known.__name__ for known in GRADIENTS)
        raise TypeError(
            f"function must be one of cnnlib's {names}, or of cnnlib.gradients' {of_gradients}; "
            f"got {function!r}"
        )
    arguments = _bind(function, *parameters, **options)
    shown = GRADIENTS[function].input if function in GRADIENTS else "input"
    by_row = function in GRADIENTS and GRADIENTS[function].by_row
    for name in dict.fromkeys(("input", shown)):
        _check_axes(name, arguments[name], by_row=by_row)
    array, output = arguments[shown], np.asarray(function(**arguments))
    geometry, planes, steps = record(arguments, output)
    weight, bias = arguments.get("weight"), arguments.get("bias")
    if function in GRADIENTS and GRADIENTS[function].of == "weight":
        weight = arguments[GRADIENTS[function].kernel]
    for result in (output, *(arguments.get(name) for name in ARRAYS)):
        if result is not None:
            result.flags.writeable = False
    return Trace(function, arguments, array, output, weight, bias, geometry, tuple(steps), planes)


def _check_axes(name: str, array: Array, *, by_row: bool) -> None:
    """Check that an array can be shown: one image, or rows of features."""
    if by_row and array.ndim != 2:
        raise ValueError(
            f"{name} must have shape (examples, features) to be traced, got shape {array.shape}"
        )
    if array.ndim not in (2, 3):
        raise ValueError(
            f"{name} must be one image of shape (height, width) or (channels, height, width) "
            f"to be traced, got shape {array.shape}"
        )


ARRAYS = ("grad_output", "input", "weight", "bias")


def _bind(function: Callable[..., Any], /, *parameters: Any, **options: Any) -> dict[str, Any]:
    """Return the arguments of a call by name; arrays are copied, since a trace is a record."""
    bound = signature(function).bind(*parameters, **options)
    arguments: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        arguments |= value if name == "options" else {name: value}
    for name in ARRAYS:
        if arguments.get(name) is not None:
            arguments[name] = np.array(arguments[name])
    if arguments.pop("return_indices", False):
        raise ValueError("return_indices: a trace records values only; leave it out")
    return arguments


def _as_json(value: Any) -> Any:
    """Write an argument for JSON: an array as lists, a function by its name."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.__name__ if callable(value) else value
