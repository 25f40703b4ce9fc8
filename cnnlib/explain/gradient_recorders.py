"""How the steps of gradients are recorded: what an entry met, and what came back from there.

If δ stands for ∂L/∂Y, each step is a sum of products, as that of a convolution is. A kernel entry
met one input in each window: its gradient is the sum of these inputs, each times the window's δ. An
input entry was read by some windows: its gradient is the sum of their δ, each times the weight that
the entry had there. A pooling or an activation has no weights of its own; there, the weight is how
far the output follows the entry: 1 for a maximum, 1/n in a mean of n, the slope of an activation.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from cnnlib import activations, gradients, pool, slopes
from cnnlib.explain.recorders import (
    NO_PADDING,
    Planes,
    Recorded,
    item_at,
    pick_options,
    record_conv,
    record_stamps,
    stamps,
    with_channel,
)
from cnnlib.explain.steps import Matrices, Matrix, Step
from cnnlib.shapes import (
    Array,
    Geometry,
    Pair,
    adaptive_windows,
    transposed_geometry,
    window_geometry,
)

X = Matrix("input X", "X", "input")
DELTA = Matrix("gradient of Y", "δ", "output")
OF_INPUT = Matrix("gradient of X", "∂L/∂X", "input")
BY_KERNEL = Matrices(X, DELTA, Matrix("gradient of K", "∂L/∂K", "kernel"), "output")
BY_STAMPS = Matrices(DELTA, X, Matrix("gradient of K", "∂L/∂K", "kernel"), "input")
THROUGH_KERNEL = Matrices(DELTA, output=OF_INPUT)
BY_INPUT = Matrices(DELTA, X, OF_INPUT)
BY_WEIGHT = Matrices(X, DELTA, Matrix("gradient of W", "∂L/∂W", "kernel"), "output")
THROUGH_WEIGHT = Matrices(DELTA, Matrix("weights W", "W", "kernel"), OF_INPUT)

# How strongly the output at a place of a channel follows an input at a place of that channel.
Share = Callable[[int, Pair, Pair], Any]


def _record_weight(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `conv2d_weight`: ∂L/∂Y slides over the input."""
    x, grad = arguments["input"], arguments["grad_output"]
    options = pick_options(arguments, "padding", "dilation")
    forward = window_geometry(x.shape[-2:], output.shape[-2:], **options)
    return _record_sliding(forward, x, grad, arguments.get("groups", 1), output)


def _record_transposed_weight(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `conv_transpose2d_weight`: the input slides over ∂L/∂Y."""
    x, grad = arguments["input"], arguments["grad_output"]
    options = pick_options(arguments, "padding", "output_padding", "dilation")
    forward = transposed_geometry(x.shape[-2:], output.shape[-2:], **options)
    return _record_sliding(forward, grad, x, arguments.get("groups", 1), output)


def _record_sliding(
    forward: Geometry, under: Array, over: Array, groups: int, output: Array
) -> Recorded:
    """Record the gradient of a kernel: of two arrays that it joined, the smaller slides.

    `forward` is the geometry of the windows that the kernel had in the larger array, one for each
    entry of the smaller. In that of the sliding, stride and dilation have changed places.
    """
    geometry = replace(
        forward,
        kernel=forward.output,
        output=forward.kernel,
        stride=forward.dilation,
        dilation=forward.stride,
    )
    planes, sliding = Planes(under, geometry.padding), over.reshape(-1, *over.shape[-2:])
    per_filter = output.shape[-3] if output.ndim > 2 else 1
    steps = []
    for index in np.ndindex(output.shape):
        first, second, u, v = (0,) * (4 - len(index)) + index
        channel = first * groups // len(sliding) * per_filter + second
        rows, cols = planes.window(geometry.rows(u), geometry.columns(v))
        terms = tuple(
            planes.term(channel, row, col, item_at(sliding, first, r, c), (r, c))
            for r, row in enumerate(rows)
            for c, col in enumerate(cols)
        )
        value = item_at(output, *index)
        steps.append(Step(index, (channel,), rows, cols, terms, value, size=planes.size))
    return geometry, planes, steps


def _record_input(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `conv2d_input`: ∂L/∂Y of the windows that read each input entry."""
    options = pick_options(arguments, "padding", "dilation")
    size = arguments["weight"].shape[-2:]
    geometry = window_geometry(output.shape[-2:], size, **options)
    return record_stamps(geometry, arguments["grad_output"], arguments, output)


def _record_transposed_input(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `conv_transpose2d_input`: the convolution that was transposed, of ∂L/∂Y."""
    options = pick_options(arguments, "weight", "padding", "dilation", "groups")
    return record_conv({"input": arguments["grad_output"], **options}, output)


def _record_max_pool(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `max_pool2d_input`: a window follows the first of its largest entries alone."""
    geometry = _pool_geometry(arguments)
    share = _share_of_maxima(pool.max_pool2d, arguments)
    return _record_windows(geometry, _reached(geometry), arguments, output, share)


def _record_adaptive_max(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `adaptive_max_pool2d_input`: as `max_pool2d_input`, with windows that differ."""
    reach = [_covering(windows) for windows in _adaptive_windows(arguments)]
    share = _share_of_maxima(pool.adaptive_max_pool2d, arguments)
    return _record_windows(None, reach, arguments, output, share)


def _share_of_maxima(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Share:
    """Return what says whether a window took its maximum from a place: 1 if so, otherwise 0."""
    options = {name: arguments[name] for name in arguments if name != "grad_output"}
    indices = function(**options, return_indices=True)[1]
    indices = indices.reshape(-1, *indices.shape[-2:])
    width = arguments["input"].shape[-1]

    def share(channel: int, place: Pair, window: Pair) -> int:
        return int(indices[(channel, *window)] == place[0] * width + place[1])

    return share


def _record_avg_pool(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `avg_pool2d_input`: each of the n entries of a window has the share 1/n."""
    geometry = _pool_geometry(arguments)
    include, override = (
        arguments.get(name, usual)
        for name, usual in (("count_include_pad", True), ("divisor_override", None))
    )
    counts = pool.mean_divisors(geometry, include, override)

    def share(channel: int, place: Pair, window: Pair) -> Fraction:
        return Fraction(1, int(counts[window]))

    return _record_windows(geometry, _reached(geometry), arguments, output, share)


def _record_adaptive_avg(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `adaptive_avg_pool2d_input`: as `avg_pool2d_input`, with windows that differ."""
    rows, cols = _adaptive_windows(arguments)
    reach = [_covering(rows), _covering(cols)]

    def share(channel: int, place: Pair, window: Pair) -> Fraction:
        return Fraction(1, len(rows[window[0]]) * len(cols[window[1]]))

    return _record_windows(None, reach, arguments, output, share)


def _adaptive_windows(arguments: Mapping[str, Any]) -> list[list[range]]:
    """Return the windows of an adaptive pooling along both axes."""
    sizes = zip(arguments["input"].shape[-2:], arguments["grad_output"].shape[-2:], strict=True)
    return [adaptive_windows(size, outputs) for size, outputs in sizes]


def _pool_geometry(arguments: Mapping[str, Any]) -> Geometry:
    usual = {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False}
    options = {name: arguments.get(name, value) for name, value in usual.items()}
    return pool.pool_geometry(arguments["input"], arguments["kernel_size"], **options)


def _reached(geometry: Geometry) -> list[list[tuple[int, ...]]]:
    """List, for each entry along both axes, the windows that cover it."""
    return [
        [tuple(window for window, _ in pairs) for pairs in stamps(geometry, axis)]
        for axis in (0, 1)
    ]


def _covering(windows: Sequence[range]) -> list[tuple[int, ...]]:
    """List, for each entry along an axis, which of these windows cover it."""
    return [
        tuple(number for number, window in enumerate(windows) if place in window)
        for place in range(windows[-1].stop)
    ]


def _record_windows(
    geometry: Geometry | None,
    reach: Sequence[Sequence[tuple[int, ...]]],
    arguments: Mapping[str, Any],
    output: Array,
    share: Share,
) -> Recorded:
    """Record for each input entry the windows that reach it, each with its share."""
    planes = Planes(arguments["grad_output"], NO_PADDING)
    steps = []
    for index in np.ndindex(output.shape):
        channel, *place = with_channel(index)
        rows, cols = (reach[axis][place[axis]] for axis in (0, 1))
        terms = tuple(
            planes.term(channel, r, c, share(channel, (place[0], place[1]), (r, c)))
            for r in rows
            for c in cols
        )
        value = item_at(output, *index)
        steps.append(Step(index, (channel,), rows, cols, terms, value, size=planes.size))
    return geometry, planes, steps


def _record_activation(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `activation_input`: each entry has its own δ, times the slope of the function."""
    function = arguments["function"]
    if function in (activations.softmax, activations.log_softmax):
        raise ValueError(
            f"function: in {function.__name__} every output depends on every input, so it has no "
            "slopes to be traced; relu and other functions that work entry by entry would fit"
        )
    ones = np.ones(output.shape, int)
    steepness = slopes.activation_input(**{**arguments, "grad_output": ones})
    planes = Planes(arguments["grad_output"], NO_PADDING)
    steps = []
    for index in np.ndindex(output.shape):
        channel, row, col = with_channel(index)
        term = planes.term(channel, row, col, item_at(steepness, *index))
        value = item_at(output, *index)
        steps.append(Step(index, (channel,), (row,), (col,), (term,), value, size=planes.size))
    return None, planes, steps


def _record_linear_weight(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `linear_weight`: an input of each example, times the δ of an output of it."""
    planes, grad = Planes(arguments["input"], NO_PADDING), arguments["grad_output"]
    examples = tuple(range(len(grad)))
    steps = []
    for to, place in np.ndindex(output.shape):
        terms = tuple(planes.term(0, n, place, item_at(grad, n, to), (n, to)) for n in examples)
        value = item_at(output, to, place)
        steps.append(Step((to, place), (0,), examples, (place,), terms, value, size=planes.size))
    return None, planes, steps


def _record_linear_input(arguments: Mapping[str, Any], output: Array) -> Recorded:
    """Record `linear_input`: the δ of each output of an example, times the weight to it."""
    planes, weight = Planes(arguments["grad_output"], NO_PADDING), arguments["weight"]
    outputs = tuple(range(len(weight)))
    steps = []
    for n, place in np.ndindex(output.shape):
        terms = tuple(
            planes.term(0, n, to, item_at(weight, to, place), (to, place)) for to in outputs
        )
        value = item_at(output, n, place)
        steps.append(Step((n, place), (0,), (n,), outputs, terms, value, size=planes.size))
    return None, planes, steps


@dataclass(frozen=True)
class Gradient:
    """How a gradient is traced.

    Attributes
    ----------
    steps : callable
        What records its steps.
    matrices : Matrices
        What its matrices are called.
    input, kernel : str
        The arguments that are shown as input and as kernel; no kernel if empty.
    of : str
        The argument that it is the gradient of.
    letter : str
        The letter of that argument's entries, where they have none of their own.
    reverses : bool
        Whether the steps go from the output of a convolution or pooling to its input.
    by_row : bool
        Whether input and ∂L/∂Y are rows of features, one for each example, rather than images.
    """

    steps: Callable[[Mapping[str, Any], Array], Recorded]
    matrices: Matrices
    input: str = "grad_output"
    kernel: str = ""
    of: str = "input"
    letter: str = "x"
    reverses: bool = True
    by_row: bool = False

    def record(self, arguments: Mapping[str, Any], output: Array) -> Recorded:
        """Record the steps, and name what each is the gradient of."""
        geometry, planes, steps = self.steps(arguments, output)
        return (
            geometry,
            planes,
            [
                replace(step, of=self.name(arguments[self.of], step.index), matrices=self.matrices)
                for step in steps
            ],
        )

    def name(self, array: Array, index: tuple[int, ...]) -> str:
        """Name an entry: by its own letter if it is one, otherwise by its place."""
        entry = array[index]
        if isinstance(entry, str) or getattr(entry, "is_Symbol", False):
            return str(entry)
        numbers = [str(number + 1) for number in index]
        short = self.letter == "k" and len("".join(numbers)) == 2
        return f"{self.letter}_{{{('' if short else ',').join(numbers)}}}"


GRADIENTS: dict[Callable[..., Any], Gradient] = {
    gradients.conv2d_weight: Gradient(
        _record_weight, BY_KERNEL, "input", "grad_output", "weight", "k", reverses=False
    ),
    gradients.conv2d_input: Gradient(_record_input, THROUGH_KERNEL, kernel="weight"),
    gradients.max_pool2d_input: Gradient(_record_max_pool, BY_INPUT, kernel="input"),
    gradients.avg_pool2d_input: Gradient(_record_avg_pool, BY_INPUT),
    gradients.adaptive_max_pool2d_input: Gradient(_record_adaptive_max, BY_INPUT, kernel="input"),
    gradients.adaptive_avg_pool2d_input: Gradient(_record_adaptive_avg, BY_INPUT),
    gradients.conv_transpose2d_input: Gradient(
        _record_transposed_input, THROUGH_KERNEL, kernel="weight", reverses=False
    ),
    gradients.conv_transpose2d_weight: Gradient(
        _record_transposed_weight,
        BY_STAMPS,
        kernel="input",
        of="weight",
        letter="k",
        reverses=False,
    ),
    gradients.linear_weight: Gradient(
        _record_linear_weight, BY_WEIGHT, "input", "grad_output", "weight", "w", False, by_row=True
    ),
    gradients.linear_input: Gradient(
        _record_linear_input, THROUGH_WEIGHT, kernel="weight", by_row=True
    ),
    slopes.activation_input: Gradient(_record_activation, BY_INPUT, kernel="input"),
}


def signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the parameters of a call; a gradient that passes arguments on takes those of pooling.

    Examples
    --------
    >>> list(signature(gradients.max_pool2d_input).parameters)[:3]
    ['grad_output', 'input', 'kernel_size']
    """
    own = inspect.signature(function)
    if function is not gradients.max_pool2d_input:
        return own
    passed_on = inspect.signature(pool.max_pool2d).parameters.values()
    return own.replace(parameters=[own.parameters["grad_output"], *passed_on])
