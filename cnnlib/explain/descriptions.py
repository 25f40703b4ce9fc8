"""Steps, traces, arrays and sizes in words, with rows and columns counted from 1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import Step, Trace
from cnnlib.shapes import Array, PadWidth, Pair, format_size

EQUALS = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"


def describe_step(step: Step) -> str:
    """Say where a window lies, counting from 1, and what comes out.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> kernel = [[1, 0], [0, 1]]
    >>> traced = trace(conv2d, [[3, 1], [4, 2]], kernel, padding=1)
    >>> describe_step(traced[0, 1])
    'window row 1 with 1 row of padding above, columns 1 to 2; sum 1'
    """
    result = {"sum": "sum", "max": "maximum", "mean": "mean"}[step.kind]
    if step.of is not None:
        result = f"gradient of {_spoken(step.of)}:"
    if step.bias is not None:
        result = f"{result} with the bias {_spoken(step.bias)}:"
    value = f"{result} {_spoken(step.value)}"
    several = len(step.index) > 2
    if several and step.kind == "sum" and step.of is None:
        value = f"output channel {step.index[0] + 1}, {value}"
    if not step.terms and step.of is not None:
        return f"no window reads this entry; {value}"
    if not step.terms:
        missing = "reaches this output" if step.kind == "sum" else "is under the window"
        return f"no entry of the input {missing}; {value}"
    rows = describe_places("row", step.rows, step.size[0])
    cols = describe_places("column", step.cols, step.size[1])
    channels = f", {span('channel', step.channels)}" if several else ""
    return f"window {rows}, {cols}{channels}; {value}"


def describe_places(name: str, places: tuple[int, ...], size: int) -> str:
    """Say which rows or columns a window covers, counting from 1, and how many are padding.

    Examples
    --------
    >>> describe_places("column", (0, 2, 4), 4)
    'columns 1 and 3 with 1 column of padding to the right'
    """
    before = sum(place < 0 for place in places)
    after = sum(place >= size for place in places)
    inside = tuple(place for place in places if 0 <= place < size)
    padding = " and ".join(
        f"{count} {name}{'s' * (count > 1)} of padding {side}"
        for count, side in zip((before, after), _SIDES[name], strict=True)
        if count
    )
    return " with ".join(part for part in (span(name, inside) if inside else "", padding) if part)


_SIDES = {"row": ("above", "below"), "column": ("to the left", "to the right")}


def describe_trace(trace: Trace) -> str:
    """Say all entries of input, kernel and output, row by row, and settings other than the usual.

    Examples
    --------
    >>> from cnnlib import max_pool2d
    >>> from cnnlib.explain.trace import trace
    >>> describe_trace(trace(max_pool2d, [[3, 1, 2]], (1, 2), stride=1))
    'Input, 1 by 3: 3, 1, 2. Window, 1 by 2, stride 1. Output, 1 by 2:
    3, 2.'
    """
    names = trace.matrices
    parts = [f"{names.input.words}, {describe_array(trace.input)}."]
    settings = ", ".join(_settings(trace))
    if trace.beside is not None and trace.weight is None:
        parts.append(f"{names.kernel.words}, {describe_array(trace.beside)}.")
    if trace.weight is not None:
        parts.append(f"{names.kernel.words}, {_describe_kernel(trace)}.")
        if trace.bias is not None:
            parts.append(f"Bias: {_describe_rows(np.atleast_2d(trace.bias))}.")
        parts += [f"{settings[0].upper()}{settings[1:]}."] if settings else []
    elif trace.geometry is not None:
        size = _by(trace.geometry.kernel)
        parts.append(f"Window, {size}, {settings}." if settings else f"Window, {size}.")
    return " ".join([*parts, f"{names.output.words}, {describe_array(trace.output)}."])


def sizes_text(trace: Trace, axis: int = 0) -> str:
    """Write the sizes along one axis: input n, kernel k, stride s, padding p, dilation d, output o.

    Padding is that of each side, or of both sides if they differ. Of a transposed convolution it is
    cut off the output, and a, where it is not 0, is the output padding.

    Raises
    ------
    ValueError
        For adaptive pooling, whose windows have no fixed size.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> sizes_text(trace(conv2d, [[3, 1], [4, 2]], [[1]])).replace("\N{NO-BREAK SPACE}", " ")
    'n = 2, k = 1, s = 1, p = 0, d = 1 give o = 2'
    """
    geometry = trace.geometry
    if geometry is None:
        raise ValueError(f"trace: the windows of {trace.operation} have no fixed size")
    if trace.is_gradient:
        raise ValueError(f"trace: the output size of {trace.operation} is given")
    before, after = geometry.padding[axis]
    sizes = {
        "n": trace.size[axis],
        "k": geometry.kernel[axis],
        "s": geometry.stride[axis],
        "p": before if before == after else f"{before} and {after}",
        "d": geometry.dilation[axis],
    }
    extra = np.broadcast_to(trace.arguments.get("output_padding", 0), 2)[axis]
    sizes |= {"a": extra} if extra else {}
    output = trace.output.shape[-2:][axis]
    *given, last = [f"{name}{EQUALS}{size}" for name, size in (*sizes.items(), ("o", output))]
    return f"{', '.join(given)} give {last}"


def _settings(trace: Trace) -> Iterator[str]:
    """Name the arguments of a call that differ from their defaults."""
    geometry, arguments = trace.geometry, trace.arguments
    if geometry is None:
        return
    if trace.operation == "convolve2d":
        yield "kernel rotated by 180°"
    if geometry.stride != ((1, 1) if trace.weight is not None else geometry.kernel):
        yield f"stride {_pair(geometry.stride)}"
    if geometry.dilation != (1, 1):
        yield f"dilation {_pair(geometry.dilation)}"
    if trace.padding != ((0, 0), (0, 0)):
        yield f"padding {_describe_padding(trace.padding)}{_contents(trace)}"
    if trace.trimmed != ((0, 0), (0, 0)):
        yield f"padding {_describe_padding(trace.trimmed)}, cut off the output"
    if (extra := arguments.get("output_padding", 0)) not in (0, (0, 0)):
        yield f"output padding {_pair(extra)}"
    if (groups := arguments.get("groups", 1)) != 1:
        yield f"{groups} groups of channels"
    if arguments.get("ceil_mode"):
        yield "partial windows included"


def _contents(trace: Trace) -> str:
    """Say what the padding holds, or that it does not count."""
    if not trace.arguments.get("count_include_pad", True):
        return ", which does not count"
    return {
        "reflect": " with mirrored entries",
        "replicate": " with copies of the edge",
        "circular": " with entries of the opposite side",
    }.get(trace.arguments.get("padding_mode", "zeros"), "")


def _describe_padding(padding: PadWidth) -> str:
    if all(before == after for before, after in padding):
        return _pair((padding[0][0], padding[1][0]))
    return "of " + " and ".join(
        f"{count} {name}{'s' * (count > 1)} {side}"
        for name, counts in zip(("row", "column"), padding, strict=True)
        for count, side in zip(counts, _SIDES[name], strict=True)
        if count
    )


def _describe_kernel(trace: Trace) -> str:
    """Say the weights; of several kernels, which channels each connects."""
    weight = trace.weight
    assert weight is not None
    if weight.ndim == 2 or trace.matrices.kernel.role != "kernel":
        return describe_array(weight)
    groups = trace.arguments.get("groups", 1)
    transposed = trace.operation == "conv_transpose2d"
    weights = weight.reshape(-1, *weight.shape[-3:])
    count, per_kernel = weights.shape[:2]
    parts = []
    for first, second in np.ndindex(count, per_kernel):
        other = first * groups // count * per_kernel + second
        channels = (first, other) if transposed else (other, first)
        parts.append(
            f"from input channel {channels[0] + 1} to output channel {channels[1] + 1}: "
            f"{_describe_rows(weights[first, second])}"
        )
    return f"{_by(weight.shape)}. {'. '.join(_capitalised(part) for part in parts)}"


def describe_array(array: Array) -> str:
    """Say the shape and the entries of an array, channel by channel.

    Examples
    --------
    >>> describe_array(np.array([[3, 1], [4, 2]]))
    '2 by 2: 3, 1; 4, 2'
    >>> describe_array(np.array([[[3, 1]], [[4, 2]]]))
    '2 by 1 by 2. Channel 1: 3, 1. Channel 2: 4, 2'
    """
    array = np.asarray(array)
    if array.ndim < 3:
        return f"{_by(array.shape)}: {_describe_rows(np.atleast_2d(array))}"
    planes = (
        f"Channel {', '.join(str(n + 1) for n in index)}: {_describe_rows(array[index])}"
        for index in np.ndindex(array.shape[:-2])
    )
    return f"{_by(array.shape)}. {'. '.join(planes)}"


def _describe_rows(matrix: Array) -> str:
    return "; ".join(", ".join(map(_spoken, line)) for line in matrix)


def _spoken(value: Any) -> str:
    """Write an entry for those who listen: without the braces of an index."""
    return re.sub(r"_\{([^}]*)\}", r"\1", entry_text(value))


def span(name: str, numbers: tuple[int, ...]) -> str:
    """Say which rows or columns, counting from 1: ``rows 1 to 2``, ``rows 1, 3 and 5``."""
    counted = [number + 1 for number in numbers]
    if not counted:
        return f"no {name}s"
    if len(counted) == 1:
        return f"{name} {counted[0]}"
    if counted == list(range(counted[0], counted[-1] + 1)):
        return f"{name}s {counted[0]} to {counted[-1]}"
    return f"{name}s {', '.join(map(str, counted[:-1]))} and {counted[-1]}"


def _by(shape: Sequence[int]) -> str:
    return format_size(shape).replace("×", " by ") if shape else "1"


def _pair(sizes: int | Pair) -> str:
    """Say a size that is the same for rows and columns once."""
    if isinstance(sizes, int):
        return str(sizes)
    return str(sizes[0]) if sizes[0] == sizes[1] else _by(sizes)


def _capitalised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
