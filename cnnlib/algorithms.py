"""Convolution algorithms, and how to choose between them.

All of them end in matrix products, for which NumPy calls a fast BLAS library (with its own threads;
none are started here). Each takes an input (N, C, H, W) and a weight (O, C/groups, kh, kw) of the
same dtype, and writes to an output (N, O, oh, ow).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from cnnlib.dtypes import DType
from cnnlib.shapes import Array, Geometry, IntOrPair, Padding, ShapeError, as_int, window_geometry
from cnnlib.windows import pad, padded_rows, tap_slices, windows

# Limits for scratch memory, which is reused from tile to tile. BLAS reads the columns of `im2col`
# in blocks, so they may exceed the caches; with several groups there are few outputs to each, and
# copies matter more. `rows` reads its shifted copies all at once.
IM2COL_BYTES = 5 << 19  # 2.5 MiB
IM2COL_COLUMNS = 8192
CACHE_BYTES = 1 << 20  # 1 MiB
SHIFTED_ROW_BYTES = 1 << 15  # 32 KiB, for all copies of one input row
SHORT_ROW = 24  # entries of an output row, too few for a matrix product of its own
SMALL_ROW = 32  # entries of an output row, too few to be copied image by image
FEW_OUTPUTS = 16  # output channels per group
# Rows a power of two apart compete for the same cache lines, so a gap is left between them.
CACHE_LINE_GAP = 16  # entries


class Choice(NamedTuple):
    """The name of an algorithm and the reason for choosing it."""

    name: str
    reason: str


def choose(
    x: tuple[int, ...], weight: tuple[int, ...], geometry: Geometry, groups: int, dtype: DType
) -> Choice:
    """Choose an algorithm for an input (N, C, H, W) and a weight (O, C/groups, kh, kw)."""
    dense = geometry.padding == ((0, 0), (0, 0)) and geometry.stride == (1, 1)
    if geometry.kernel == (1, 1) and dense:
        return Choice("matmul", "a 1×1 kernel is one matrix product over the channels")
    if dtype.char not in "fdFD":
        return Choice("im2col", "the general method, for dtypes without a BLAS product")
    if x[0] == x[1] == weight[0] == 1 and geometry.output[0] * geometry.output[1] <= 1024:
        return Choice("short", "so small that function calls cost more than the arithmetic")
    long_rows = geometry.dilation == (1, 1) and geometry.output[1] > SHORT_ROW
    if weight[1] == 1 and weight[0] == groups and long_rows:
        return Choice("rows", "one kernel for each channel: im2col's copies cost too much")
    if weight[1] == 1:
        return Choice("im2col", "rows too short, or dilated, for one matrix product each")
    return Choice("im2col", "many channels: the matrix product outweighs the copies")


def choose_algorithm(
    input_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    dtype: npt.DTypeLike = np.float32,
) -> Choice:
    """Return the algorithm that `conv2d` would choose, and why.

    Parameters
    ----------
    input_shape, weight_shape : tuple of int
        As for `conv2d`.
    stride, padding, dilation, groups
        As for `conv2d`.
    dtype : data type
        The dtype in which the sums are computed.

    Returns
    -------
    Choice
        The name, as accepted by ``conv2d(..., algorithm=name)``, and the reason.

    Raises
    ------
    ShapeError
        If the kernel does not fit the padded input, or a shape has the wrong number of axes.

    Notes
    -----
    In PyTorch this is ``torch._C._select_conv_backend``, which is not public.

    Examples
    --------
    >>> choose_algorithm((1, 64, 56, 56), (64, 64, 3, 3), padding=1).name
    'im2col'
    >>> choose_algorithm((64, 56, 56), (128, 64, 1, 1))
    Choice(name='matmul', reason='a 1×1 kernel is one matrix product over the channels')
    """
    for name, shape in (("input_shape", input_shape), ("weight_shape", weight_shape)):
        if len(shape) not in (2, 3, 4):
            raise ShapeError(f"{name} must have 2 to 4 axes, got {shape}")
    x = (1,) * (4 - len(input_shape)) + tuple(input_shape)
    weight = (1,) * (4 - len(weight_shape)) + tuple(weight_shape)
    geometry = window_geometry(
        (x[2], x[3]), weight[2:], stride=stride, padding=padding, dilation=dilation
    )
    return choose(x, weight, geometry, as_int(groups, "groups", 1), np.dtype(dtype))


def convolve(
    x: Array, weight: Array, geometry: Geometry, groups: int, algorithm: str | None
) -> Array:
    """Convolve with the given algorithm, or choose one if it is None."""
    if algorithm is None:
        algorithm = choose(x.shape, weight.shape, geometry, groups, x.dtype).name
    if algorithm not in [*ALGORITHMS]:
        raise ValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, got {algorithm!r}")
    out = np.empty((len(x), len(weight), *geometry.output), x.dtype)
    if out.size:
        ALGORITHMS[algorithm](x, weight, geometry, groups, out)
    return out


def matmul(x: Array, weight: Array, geometry: Geometry, groups: int, out: Array) -> None:
    """Convolve with 1×1 kernels: one matrix product over the channels, without a copy.

    With kh = kw = 1 only the sum over the channels is left, ``Y[o, p] = Σ K[o, i] · X[i, p]`` for
    each pixel p: the product of K (O, C) with X (C, H·W). Groups form a batch of such products.

    Source: Lin, Chen and Yan, "Network in Network" (2014).
    """
    dense = geometry.padding == ((0, 0), (0, 0)) and geometry.stride == (1, 1)
    if geometry.kernel != (1, 1) or not dense:
        raise ValueError('algorithm "matmul" needs a 1×1 kernel, stride 1 and no padding')
    images, channels, height, width = x.shape
    pixels = height * width
    kernels = weight.reshape(groups, -1, channels // groups)  # (O, C/G, 1, 1) -> (G, O/G, C/G)
    columns = x.reshape(images, groups, -1, pixels)  # (N, C, H, W) -> (N, G, C/G, H·W)
    np.matmul(kernels, columns, out=out.reshape(images, groups, -1, pixels))


def short(x: Array, weight: Array, geometry: Geometry, groups: int, out: Array) -> None:
    """Convolve one small matrix: one product of the windows with the kernel.

    ``Y[p] = Σ W[p, t] · K[t]``, where each row of W (oh·ow, kh·kw) is a window and the kernel is a
    vector of kh·kw entries. This is `im2col` without tiles, for inputs so small that calling NumPy
    costs more than the arithmetic.
    """
    if x.shape[:2] != (1, 1) or len(weight) != 1:
        raise ValueError('algorithm "short" needs one image, one channel and one kernel')
    # (oh, ow, kh, kw) -> (oh·ow, kh·kw)
    rows = windows(pad(x[0, 0], geometry.padding), geometry).reshape(out.size, weight.size)
    rows.dot(weight.reshape(-1), out=out.reshape(-1))


def im2col(x: Array, weight: Array, geometry: Geometry, groups: int, out: Array) -> None:
    """Convolve by one matrix product for each tile of output rows.

    Each output is a sum of K = C/G·kh·kw products, over channels and kernel entries. With the
    window of each output position p as a column of K entries, ``Y[o, p] = Σ W[o, k] · columns[k,
    p]``. The columns hold each input entry up to kh·kw times, so they are made for one tile of rows
    (or of small images) at a time, in the same scratch memory.

    Sources: Chellapilla, Puri and Simard, "High performance convolutional neural networks for
    document processing" (2006); by tile: Cho and Brandt, "MEC: memory-efficient convolution"
    (2017).
    """
    per_group = x.shape[1] // groups, len(weight) // groups
    width = geometry.padded[1] if should_wrap(geometry) else geometry.output[1]
    group_bytes = x.itemsize * geometry.output[0] * width * (weight[0].size + per_group[1])
    # Whole images of some groups make longer copies and products than a few rows of all groups.
    for block in chunks(groups, max(1, CACHE_BYTES // group_bytes)):
        inputs, outputs = (slice(block.start * n, block.stop * n) for n in per_group)
        multiply_columns(x[:, inputs], weight[outputs], geometry, len(block), out[:, outputs])


def multiply_columns(x: Array, weight: Array, geometry: Geometry, groups: int, out: Array) -> None:
    """Write the columns of some groups, tile by tile, and multiply them by the kernels."""
    images, channels = x.shape[:2]
    oh, ow = geometry.output
    taps = weight[0].size
    kernels = weight.reshape(groups, -1, taps)  # (O, C/G, kh, kw) -> (G, O/G, K)
    few_outputs = len(weight) <= FEW_OUTPUTS * groups
    small = oh * ow <= 128 or (few_outputs and ow <= SMALL_ROW)
    # Results that cannot be written directly to the output need scratch memory too.
    column_bytes = x.itemsize * (taps * groups + len(weight) * (few_outputs or small))
    limit = IM2COL_BYTES if groups == 1 and not small else CACHE_BYTES // 2
    max_columns = max(1, min(IM2COL_COLUMNS, limit // column_bytes))
    # Small images are batched, with the batch axis last, so that copies are few and long.
    batch_size = min(images, max(1, max_columns // (oh * ow))) if small else 1
    wrap = few_outputs and batch_size == 1 and should_wrap(geometry) and not x.dtype.hasobject
    width = geometry.padded[1] if wrap else ow
    tile = max(1, min(oh, max_columns // width))
    scratch = allocate_strip((batch_size, channels), x.dtype, geometry, tile)
    buffer = np.empty(channels * math.prod(geometry.kernel) * tile * width * batch_size, x.dtype)
    for n, rows in product(range(0, images, batch_size), chunks(oh, tile)):
        batch = x[n : n + batch_size]
        strip = padded_rows(batch, geometry, rows, scratch[: len(batch)])
        if batch_size > 1:  # (C, rows, W, N) in memory
            strip = np.ascontiguousarray(strip.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
        shape = (channels, *geometry.kernel, len(rows), width, len(batch))
        columns = buffer[: math.prod(shape)].reshape(shape)
        if batch_size == 1 and ow < geometry.kernel[1]:  # windows are longer than output rows
            columns = columns.reshape(*shape[3:], *shape[:3]).transpose(3, 4, 5, 0, 1, 2)
        if wrap:
            source = wrapped_windows(strip[0], geometry)
            columns.reshape(*shape[:3], -1)[..., : source.shape[-1]] = source
        else:  # (N, C, rows, ow, kh, kw) -> (C, kh, kw, rows, ow, N)
            columns[...] = windows(strip, geometry).transpose(1, 4, 5, 2, 3, 0)
        matrix = columns.reshape(groups, taps, -1)  # (G, K, rows·width·N)
        target = out[n : n + batch_size, :, rows.start : rows.stop]  # (N, O, rows, ow)
        if batch_size == 1 and not wrap:
            np.matmul(kernels, matrix, out=target.reshape(groups, -1, len(rows) * ow))
        else:  # (G, O/G, rows·width·N) -> (O, rows, width, N) -> (N, O, rows, ow)
            result = (kernels @ matrix).reshape(-1, *shape[3:])
            target[...] = result[:, :, :ow].transpose(3, 0, 1, 2)


def should_wrap(geometry: Geometry) -> bool:
    """Return whether `wrapped_windows` save more time in copying than they cost in products."""
    return geometry.stride == (1, 1) and 2 * geometry.padded[1] <= 3 * geometry.output[1]


def wrapped_windows(strip: Array, geometry: Geometry) -> Array:
    """View a strip (C, rows, padded W), for each kernel entry, as one contiguous run of pixels.

    With stride 1, the inputs of one kernel entry for successive output rows are one input row
    apart, so a run that wraps around from row to row turns many short copies into one long copy.
    The results for windows that wrap around the end of a row are discarded.
    """
    channels, _, width = strip.shape
    flat = strip.reshape(channels, -1)
    (plane, entry), (dh, dw) = flat.strides, geometry.dilation
    pixels = flat.shape[1] - (geometry.extent[0] - 1) * width - (geometry.extent[1] - 1)
    shape = (channels, *geometry.kernel, pixels)
    strides = (plane, width * dh * entry, dw * entry, entry)
    return as_strided(flat, shape, strides, writeable=False)


def chunks(count: int, size: int) -> Iterator[range]:
    """Split range(count) into ranges of at most `size`."""
    return (range(first, min(first + size, count)) for first in range(0, count, size))


def allocate_strip(axes: tuple[int, ...], dtype: DType, geometry: Geometry, rows: int) -> Array:
    """Allocate scratch memory for `padded_rows`; it is empty if there is no padding.

    The padding columns are set to zero here, once: `padded_rows` writes only between them.
    """
    if geometry.padding == ((0, 0), (0, 0)):
        return np.empty((*axes, 0), dtype)
    left, height = geometry.padding[1][0], (rows - 1) * geometry.stride[0] + geometry.extent[0]
    scratch = np.empty((*axes, height, geometry.padded[1]), dtype)
    scratch[..., :left] = scratch[..., left + geometry.input[1] :] = 0
    return scratch


def rows(x: Array, weight: Array, geometry: Geometry, groups: int, out: Array) -> None:
    """Convolve each channel with its own kernel (depthwise): one product for each output row.

    With one channel, the columns of `im2col` hold each entry up to kh·kw times, and copying them
    costs more than the product. Here each input row is copied only kw times, the v-th copy shifted
    by v columns: ``copies[r, v, c] = X[r, c·s + v]``. Output row r then depends on one contiguous
    block, kh rows of kw copies: ``Y[r, c] = Σ K[(u, v)] · copies[(r·s + u, v), c]``, a vector times
    a matrix (kh·kw, ow). The matrices of neighbouring output rows are overlapping views.

    Source: for a matrix times a matrix, Cho and Brandt, "MEC: memory-efficient convolution" (2017).
    """
    if groups != len(weight) or weight.shape[1] != 1 or geometry.dilation != (1, 1):
        raise ValueError('algorithm "rows" needs one kernel for each channel, and no dilation')
    if groups == 1:  # images with one channel are like channels with the same kernel
        x, out = x.swapaxes(0, 1), out.swapaxes(0, 1)
        weight = weight.repeat(x.shape[1], axis=0)
    channels, stride = x.shape[1], geometry.stride[0]
    (oh, ow), (kh, kw) = geometry.output, geometry.kernel
    # Tiles have equal widths, and as many output rows and channels as the copies have room for.
    width = -(-ow // -(-ow * kw * x.itemsize // SHIFTED_ROW_BYTES))
    gap = CACHE_LINE_GAP if width * x.itemsize % 512 == 0 else 0
    row_bytes = kw * (width + gap) * x.itemsize
    tile = min(oh, max(1, (CACHE_BYTES // row_bytes - kh) // stride + 1))
    height = (tile - 1) * stride + kh
    block_size = max(1, min(channels, CACHE_BYTES // (row_bytes * height)))
    scratch = allocate_strip((block_size,), x.dtype, geometry, tile)
    # (C', rows, kw, width + gap), and the same as a matrix (kh·kw, width) for each output row
    buffer = np.empty((block_size, height, kw, width + gap), x.dtype)
    plane, down, *across = buffer.strides
    shape, strides = (block_size, tile, kh * kw, width), (plane, stride * down, *across)
    matrices: Array = np.ndarray(shape, x.dtype, buffer, 0, strides)
    row_geometry = replace(geometry, kernel=(1, kw), stride=(1, geometry.stride[1]))
    kernels = weight.reshape(channels, 1, 1, kh * kw)
    for n, first in product(range(len(x)), range(0, channels, block_size)):
        block = slice(first, min(first + block_size, channels))
        for outputs in chunks(oh, tile):
            strip = padded_rows(x[n, block], geometry, outputs, scratch[: block.stop - first])
            # (C', rows, ow, 1, kw) -> (C', rows, kw, ow)
            shifted = windows(strip, row_geometry)[..., 0, :].swapaxes(2, 3)
            for columns in chunks(ow, width):
                view = np.s_[: len(strip), : strip.shape[1], :, : len(columns)]
                buffer[view] = shifted[..., columns.start : columns.stop]
                # (C', rows, 1, width): each output row as a matrix of one row
                target = out[n, block, outputs.start : outputs.stop, None]
                target = target[..., columns.start : columns.stop]
                matrix = matrices[: len(strip), : len(outputs), :, : len(columns)]
                np.matmul(kernels[block], matrix, out=target)


ALGORITHMS: dict[str, Callable[[Array, Array, Geometry, int, Array], None]] = {
    "matmul": matmul,
    "short": short,
    "rows": rows,
    "im2col": im2col,
}


def scatter(x: Array, weight: Array, geometry: Geometry, groups: int, out: Array) -> None:
    """Compute a transposed convolution: add each input's contributions to the outputs.

    One matrix product over the channels gives the products of each input with each kernel entry, of
    a tile of rows or of small images. Those of one kernel entry are then added to a strided slice
    of the output; `tap_slices` gives the slices, with inputs and outputs exchanged. Every s-th
    column of the outputs of several images, with s the stride, is summed up in memory of its own,
    where its entries are neighbours. Here `geometry` is that of the convolution from `out` to `x`,
    the weight is (C, O/groups, kh, kw), and `out` holds zeros.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), part
    4.
    """
    images, channels, height, width = x.shape
    outputs, across = weight.shape[1] * groups, min(geometry.stride[1], out.shape[3])
    # (C, O/G, kh, kw) -> (G, C/G, K) -> (G, K, C/G) with K = O/G·kh·kw, a view
    kernels = weight.reshape(groups, channels // groups, -1).swapaxes(1, 2)
    row_bytes = x.itemsize * outputs * geometry.kernel[0] * geometry.kernel[1] * width
    tile = max(1, min(height, IM2COL_BYTES // row_bytes))
    batch_size = max(1, IM2COL_BYTES // (row_bytes * height)) if tile == height else 1
    for batch, rows in product(chunks(images, batch_size), chunks(height, tile)):
        # With the batch axis last, sums run over long rows: (C, rows, W, n).
        strip = x[batch.start : batch.stop, :, rows.start : rows.stop].transpose(1, 2, 3, 0)
        # (G, K, C/G) @ (G, C/G, rows·W·n) -> (O, kh, kw, rows, W, n)
        products = kernels @ strip.reshape(groups, channels // groups, -1)
        products = products.reshape(outputs, *geometry.kernel, len(rows), width, len(batch))
        target = out[batch.start : batch.stop].transpose(1, 2, 3, 0)  # (O, H, W, n)
        targets = [target[:, :, first::across] for first in range(across)]
        sums = targets if batch_size == 1 else [np.zeros(t.shape, out.dtype) for t in targets]
        for u, from_rows, to_rows in tap_slices(geometry, 0, rows):
            for v, from_columns, to_columns in tap_slices(geometry, 1, range(width)):
                addends = products[:, u, v, from_rows, from_columns]
                start, first = divmod(to_columns.start, across)
                sums[first][:, to_rows, start : start + addends.shape[2]] += addends
        for view, total in zip(targets, sums, strict=True) if batch_size > 1 else ():
            view[...] = total
