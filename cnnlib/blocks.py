"""Split an operation into blocks that can be computed one after another, or elsewhere.

Along each axis the input is split into parts. A part owns some of the outputs; to compute them, its
block needs the inputs of the part, and a few *borrowed* from the parts before and after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from cnnlib.shapes import Array, Geometry, Pair


class Part(NamedTuple):
    """One part of an axis: its inputs, the block's padding, and the outputs to keep."""

    inputs: int
    padding: Pair
    keep: slice


class Split(NamedTuple):
    """The parts of an axis, and how many inputs each borrows from its neighbours."""

    borrowed: Pair
    parts: list[Part]


def cut(chunks: tuple[int, ...], step: int, least: int, last: int) -> Iterable[Pair]:
    """Yield the (start, stop) of parts that begin near the chunks, at multiples of `step`.

    None begins after `last`, and none has fewer than `least` inputs, so that each needs to borrow
    from its direct neighbours only.

    Examples
    --------
    >>> list(cut((5, 1, 4), step=2, least=2, last=10))
    [(0, 4), (4, 6), (6, 10)]
    """
    starts, size = [0], sum(chunks)
    for end in accumulate(chunks[:-1]):
        start = end // step * step
        if start - starts[-1] >= least and size - start >= least and start <= last:
            starts.append(start)
    return pairwise([*starts, size])


def split_windows(geometry: Geometry, axis: int, chunks: tuple[int, ...]) -> Split:
    """Split an axis for sliding windows; a part owns one output for each stride.

    Examples
    --------
    >>> from cnnlib.shapes import window_geometry
    >>> for part in split_windows(window_geometry((6, 6), 3, padding=1), 0, (4, 2)).parts:
    ...     print(part)
    Part(inputs=4, padding=(1, 0), keep=slice(0, 4, None))
    Part(inputs=2, padding=(0, 1), keep=slice(0, 2, None))
    """
    stride, (before, after) = geometry.stride[axis], geometry.padding[axis]
    size, outputs = geometry.input[axis], geometry.output[axis]
    borrowed = before, max(geometry.extent[axis] - stride - before, 0)
    parts = []
    for start, stop in cut(chunks, stride, max(1, *borrowed), (outputs - 1) * stride):
        padding = before * (start == 0), after * (stop == size)
        end = outputs if stop == size else stop // stride
        parts.append(Part(stop - start, padding, slice(0, end - start // stride)))
    return Split(borrowed, parts)


def split_transposed(geometry: Geometry, axis: int, chunks: tuple[int, ...]) -> Split:
    """Split an axis for a transposed convolution; a part owns `stride` outputs for each input.

    Blocks are computed without padding, and what padding removes is not kept.

    Examples
    --------
    >>> from cnnlib.shapes import transposed_geometry
    >>> for part in split_transposed(transposed_geometry((4, 4), 3, stride=2), 0, (2, 2)).parts:
    ...     print(part)
    Part(inputs=2, padding=(0, 0), keep=slice(0, 4, None))
    Part(inputs=2, padding=(0, 0), keep=slice(2, 7, None))
    """
    stride, before = geometry.stride[axis], geometry.padding[axis][0]
    size, outputs = geometry.output[axis], geometry.input[axis]
    borrowed = (geometry.extent[axis] - 1) // stride, 0
    # The first part has at least one output that padding does not remove.
    least = max(1, borrowed[0], before // stride + 1)
    parts = []
    for start, stop in cut(chunks, 1, least, (before + outputs - 1) // stride):
        first = start * stride - before if start else 0
        end = outputs if stop == size else stop * stride - before
        origin = max(start - borrowed[0], 0) * stride - before
        parts.append(Part(stop - start, (0, 0), slice(first - origin, end - origin)))
    return Split(borrowed, parts)


class Block(np.ndarray[Any, Any]):
    """A block whose parts are copies: views would keep the whole block in memory."""

    def __getitem__(self, key: Any) -> Any:
        """Copy a part of the block."""
        return np.array(super().__getitem__(key))


def compute_block(block: Array, function: Any, arguments: Any, splits: Any, block_id: Any) -> Array:
    """Compute the outputs that a block owns, from the inputs that it owns and borrowed.

    Examples
    --------
    >>> from cnnlib import max_pool2d
    >>> from cnnlib.shapes import window_geometry
    >>> split = split_windows(window_geometry((4, 4), 2, stride=2), 0, (2, 2))
    >>> compute_block(np.ones((2, 2)), max_pool2d, {"kernel_size": 2}, (split, split), (0, 1))
    array([[1.]])
    """
    rows, columns = (split.parts[i] for split, i in zip(splits, block_id[-2:], strict=True))
    out: Array = function(block, **arguments | {"padding": (rows.padding, columns.padding)})
    return out[..., rows.keep, columns.keep]
