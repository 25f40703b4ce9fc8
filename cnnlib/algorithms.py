"""How a convolution is carried out, and which way when.

All of them end in matrix products, since that is where NumPy has a fast library underneath (BLAS,
with threads of its own; none are started here). Each takes an input (N, C, H, W) and a weight
(O, C/groups, kh, kw) of one type, and writes to an output (N, O, oh, ow).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from cnnlib.dtypes import DType
from cnnlib.shapes import Array, Geometry, IntOrPair, Padding, ShapeError, geometry, whole
from cnnlib.windows import pad, padded_rows, tap_slices, window_places, windows

# Scratch memory, reused from tile to tile. The columns of im2col are read by BLAS block by block
# and may be larger than the caches; the copies of `rows` are read at once.
COLUMN_BYTES = 5 << 19
COLUMNS = 8192
COPY_BYTES = 2 << 20
ROW_BYTES = 1 << 16
SHORT_ROW = 32  # entries of an output row
FEW = 16  # outputs of a group
TINY = 64  # entries of an input
# Rows a power of two apart compete for the same cache lines: a gap of one line parts them.
GAP = 16


class Choice(NamedTuple):
    """An algorithm's name, and why it was chosen."""

    name: str
    reason: str


def choose(
    x: tuple[int, ...], weight: tuple[int, ...], where: Geometry, groups: int, dtype: DType
) -> Choice:
    """Choose for an input (N, C, H, W) and a weight (O, C/groups, kh, kw)."""
    dense = where.padding == ((0, 0), (0, 0)) and where.stride == (1, 1)
    if where.kernel == (1, 1) and dense:
        return Choice("matmul", "a 1×1 kernel is one matrix product over the channels")
    if dtype.char not in "fdFD":
        return Choice("im2col", "no products but the convolution's own, for any type of number")
    if x[0] == x[1] == weight[0] == 1 and where.output[0] * where.output[1] <= 1024:
        return Choice("short", "so small that the calls cost more than the arithmetic")
    plain = where.dilation == (1, 1) and where.output[1] > SHORT_ROW
    if weight[1] == 1 and weight[0] == groups and plain:
        return Choice("rows", "one kernel for each channel: too few products for im2col's copies")
    if weight[1] == 1:
        return Choice("im2col", "rows so short, or dilated, that a product for each would not pay")
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
    """Say how `conv2d` would carry out a convolution, and why.

    Parameters
    ----------
    input_shape, weight_shape : tuple of int
        As for `conv2d`.
    stride, padding, dilation, groups
        As for `conv2d`.
    dtype : data type
        In which the sums are computed.

    Returns
    -------
    Choice
        The name, which ``conv2d(..., algorithm=name)`` takes, and the reason.

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
    where = geometry((x[2], x[3]), weight[2:], stride=stride, padding=padding, dilation=dilation)
    return choose(x, weight, where, whole(groups, "groups", 1), np.dtype(dtype))


def convolve(x: Array, weight: Array, where: Geometry, groups: int, algorithm: str | None) -> Array:
    """Carry out a convolution by the algorithm named, or by that chosen."""
    name = algorithm or choose(x.shape, weight.shape, where, groups, x.dtype).name
    if name not in ALGORITHMS:
        raise ValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, got {algorithm!r}")
    out = np.empty((len(x), len(weight), *where.output), x.dtype)
    if out.size:
        ALGORITHMS[name](x, weight, where, groups, out)
    return out


def matmul(x: Array, weight: Array, where: Geometry, groups: int, out: Array) -> None:
    """Convolve with 1×1 kernels: one matrix product over the channels, and no copy.

    With kh = kw = 1 the sum over the window falls away, ``Y[o, p] = Σ K[o, i] · X[i, p]`` for each
    pixel p: the product of K (O, C) with X (C, H·W). Groups are a batch of such products.

    Source: Lin, Chen and Yan, "Network in Network" (2014).
    """
    if where.extent != (1, 1) or where.stride != (1, 1) or where.padding != ((0, 0), (0, 0)):
        raise ValueError('algorithm "matmul" needs a 1×1 kernel, stride 1 and no padding')
    images, channels, height, width = x.shape
    pixels = height * width
    kernels = weight.reshape(groups, -1, channels // groups)  # (O, C/G, 1, 1) -> (G, O/G, C/G)
    columns = x.reshape(images, groups, -1, pixels)  # (N, C, H, W) -> (N, G, C/G, H·W)
    np.matmul(kernels, columns, out=out.reshape(images, groups, -1, pixels))


def short(x: Array, weight: Array, where: Geometry, groups: int, out: Array) -> None:
    """Convolve one small matrix: each window becomes a row, and one product does the rest.

    ``Y[p] = Σ W[p, t] · K[t]``, for windows W (oh·ow, kh·kw) and the kernel as a column of kh·kw
    entries. This is `im2col` without tiles, for inputs where a call of NumPy costs more than the
    arithmetic.
    """
    if x.shape[:2] != (1, 1) or len(weight) != 1:
        raise ValueError('algorithm "short" needs one image, one channel and one kernel')
    # (oh, ow, kh, kw) -> (oh·ow, kh·kw)
    rows = windows(pad(x[0, 0], where.padding), where).reshape(out.size, weight.size)
    rows.dot(weight.reshape(-1), out=out.reshape(-1))


def tiny(x: Any, kernel: Any) -> Array | None:
    """Convolve a tiny matrix with the default geometry, or return None if these are not so plain.

    On 4×4 numbers the checks of any other type, shape and geometry take five times as long as the
    rest. As in `short`, windows become rows; they are looked up instead of viewed.
    """
    if not (type(x) is type(kernel) is np.ndarray and x.ndim == kernel.ndim == 2):
        return None
    if x.dtype is not kernel.dtype or x.dtype.char not in "fd" or not 0 < kernel.size <= TINY:
        return None
    if x.size > TINY:
        return None
    # (oh, ow, kh·kw) · (kh·kw,) -> (oh, ow)
    result: Array = x.take(window_places(x.shape, kernel.shape)).dot(kernel.ravel())
    return result


def im2col(x: Array, weight: Array, where: Geometry, groups: int, out: Array) -> None:
    """Convolve by one matrix product for each tile of output rows.

    The sum over channel i and kernel entry (u, v) is one sum over K = C/G·kh·kw products. Write the
    window of each output position p as a column of K numbers: ``Y[o, p] = Σ W[o, k] · columns[k,
    p]``. The columns hold each input entry up to kh·kw times, so they are never made for a whole
    image: a tile of rows (or of small images) at a time is copied into the same scratch memory.

    Sources: Chellapilla, Puri and Simard, "High performance convolutional neural networks for
    document processing" (2006); by tile: Cho and Brandt, "MEC: memory-efficient convolution"
    (2017).
    """
    images, channels = x.shape[:2]
    oh, ow = where.output
    taps = weight[0].size
    kernels = weight.reshape(groups, -1, taps)  # (O, C/G, kh, kw) -> (G, O/G, K)
    few = len(weight) <= FEW * groups
    small = oh * ow <= 128 or (few and ow <= SHORT_ROW)
    # What is not written straight into the output takes room beside the columns.
    column = x.itemsize * (taps * groups + len(weight) * (few or small))
    most = max(1, min(COLUMNS, COLUMN_BYTES // column))
    # Small images are done together, with their axis last: long copies instead of many short ones.
    together = min(images, max(1, most // (oh * ow))) if small else 1
    seams = few and together == 1 and seams_pay(where) and not x.dtype.hasobject
    wide = where.padded[1] if seams else ow
    tile = max(1, min(oh, most // wide))
    scratch = strip_scratch((together, channels), x.dtype, where, tile)
    buffer = np.empty(channels * math.prod(where.kernel) * tile * wide * together, x.dtype)
    for n, rows in product(range(0, images, together), pieces(oh, tile)):
        several = x[n : n + together]
        strip = padded_rows(several, where, rows, scratch[: len(several)])
        if together > 1:  # in memory (C, rows, W, N)
            strip = np.ascontiguousarray(strip.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
        shape = (channels, *where.kernel, len(rows), wide, len(several))
        columns = buffer[: math.prod(shape)].reshape(shape)
        if seams:
            source = stretches(strip[0], where)
            columns.reshape(*shape[:3], -1)[..., : source.shape[-1]] = source
        else:  # (N, C, rows, ow, kh, kw) -> (C, kh, kw, rows, ow, N)
            columns[...] = windows(strip, where).transpose(1, 4, 5, 2, 3, 0)
        matrix = columns.reshape(groups, taps, -1)  # (G, K, rows·wide·N)
        target = out[n : n + together, :, rows.start : rows.stop]  # (N, O, rows, ow)
        if together == 1 and not seams:
            np.matmul(kernels, matrix, out=target.reshape(groups, -1, len(rows) * ow))
        else:  # (G, O/G, rows·wide·N) -> (O, rows, wide, N) -> (N, O, rows, ow)
            result = (kernels @ matrix).reshape(-1, *shape[3:])
            target[...] = result[:, :, :ow].transpose(3, 0, 1, 2)


def seams_pay(where: Geometry) -> bool:
    """Say whether `stretches` take less time to copy than the products in their seams cost."""
    return where.stride == (1, 1) and 2 * where.padded[1] <= 3 * where.output[1]


def stretches(strip: Array, where: Geometry) -> Array:
    """View a strip (C, rows, padded W), for each kernel entry, as one stretch of pixels.

    With stride 1, what entry (u, v) multiplies in one row of outputs and in the next lies as far
    apart as the rows do. Read on across the seams between them, and many short copies are one long
    copy; what comes of the pixels in the seams is thrown away.
    """
    channels, _, row = strip.shape
    flat = strip.reshape(channels, -1)
    (plane, entry), (down, right) = flat.strides, where.dilation
    pixels = flat.shape[1] - (where.extent[0] - 1) * row - (where.extent[1] - 1)
    shape, strides = (channels, *where.kernel, pixels), (row * down * entry, right * entry, entry)
    return as_strided(flat, shape, (plane, *strides), writeable=False)


def pieces(count: int, size: int) -> Iterator[range]:
    """Cut range(count) into ranges of at most `size`."""
    return (range(first, min(first + size, count)) for first in range(0, count, size))


def strip_scratch(axes: tuple[int, ...], dtype: DType, where: Geometry, rows: int) -> Array:
    """Make room for the padded input under some output rows; none if there is no padding.

    Its side columns are zeros, and stay so: `padded_rows` fills only what lies between.
    """
    if where.padding == ((0, 0), (0, 0)):
        return np.empty((*axes, 0), dtype)
    left, height = where.padding[1][0], (rows - 1) * where.stride[0] + where.extent[0]
    scratch = np.empty((*axes, height, where.padded[1]), dtype)
    scratch[..., :left] = scratch[..., left + where.input[1] :] = 0
    return scratch


def rows(x: Array, weight: Array, where: Geometry, groups: int, out: Array) -> None:
    """Convolve each channel with a kernel of its own: one product for each output row.

    With one channel, the columns of `im2col` cost more than the product: they hold each entry up to
    kh·kw times. Here the input's rows are copied only kw times, the v-th time shifted by v columns:
    ``copies[r, v, c] = X[r, c·s + v]``. What output row r needs is then one stretch of memory, kh
    rows of kw copies: ``Y[r, c] = Σ K[(u, v)] · copies[(r·s + u, v), c]``, a vector times a matrix
    (kh·kw, ow). The matrices of neighbouring output rows overlap; they are views. So each entry is
    copied kw times, and no product is in vain.

    Source: for a matrix times a matrix, Cho and Brandt, "MEC: memory-efficient convolution" (2017).
    """
    channels, (oh, ow), (kh, kw), stride = x.shape[1], where.output, where.kernel, where.stride[0]
    if groups != len(weight) or weight.shape[1] != 1 or where.dilation != (1, 1):
        raise ValueError('algorithm "rows" needs one kernel for each channel, and no dilation')
    # Tiles of equal width, of as many output rows, or of as many channels, as the copies have room.
    width = -(-ow // -(-ow * kw * x.itemsize // ROW_BYTES))
    gap = GAP if width * x.itemsize % 512 == 0 else 0
    row_bytes = kw * (width + gap) * x.itemsize
    tile = min(oh, max(1, (COPY_BYTES // row_bytes - kh) // stride + 1))
    height = (tile - 1) * stride + kh
    together = max(1, min(channels, COPY_BYTES // (row_bytes * height)))
    scratch = strip_scratch((together,), x.dtype, where, tile)
    # (C', rows, kw, width + gap), and the same as a matrix (kh·kw, width) for each output row
    buffer = np.empty((together, height, kw, width + gap), x.dtype)
    plane, down, *across = buffer.strides
    shape, strides = (together, tile, kh * kw, width), (plane, stride * down, *across)
    matrices: Array = np.ndarray(shape, x.dtype, buffer, 0, strides)
    row = replace(where, kernel=(1, kw), stride=(1, where.stride[1]))
    kernels = weight.reshape(channels, 1, 1, kh * kw)
    for n, first in product(range(len(x)), range(0, channels, together)):
        part = slice(first, min(first + together, channels))
        for outputs in pieces(oh, tile):
            strip = padded_rows(x[n, part], where, outputs, scratch[: part.stop - first])
            # (C', rows, ow, 1, kw) -> (C', rows, kw, ow)
            shifted = windows(strip, row)[..., 0, :].swapaxes(2, 3)
            for columns in pieces(ow, width):
                view = np.s_[: len(strip), : strip.shape[1], :, : len(columns)]
                buffer[view] = shifted[..., columns.start : columns.stop]
                # (C', rows, 1, width): a row is a matrix of one row
                target = out[n, part, outputs.start : outputs.stop, None]
                target = target[..., columns.start : columns.stop]
                matrix = matrices[: len(strip), : len(outputs), :, : len(columns)]
                np.matmul(kernels[part], matrix, out=target)


ALGORITHMS: dict[str, Callable[[Array, Array, Geometry, int, Array], None]] = {
    "matmul": matmul,
    "short": short,
    "rows": rows,
    "im2col": im2col,
}


def scatter(x: Array, weight: Array, where: Geometry, groups: int, out: Array) -> None:
    """Transpose a convolution: add each input's share to the outputs that it reaches.

    For one kernel entry (u, v) this is a matrix product over the channels, and a strided slice of
    the output to add it to: the slices of `tap_slices`, read backwards. Here `where` is that of the
    convolution from `out` to `x`, the weight is (C, O/groups, kh, kw), and `out` holds zeros.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), part
    4.
    """
    images, channels, height, width = x.shape
    outputs = weight.shape[1]
    # (C, O/G, kh, kw) -> (kh, kw, G, O/G, C/G)
    kernels = weight.reshape(groups, channels // groups, outputs, *where.kernel)
    kernels = np.ascontiguousarray(kernels.transpose(3, 4, 0, 2, 1))
    tile = max(1, min(COLUMNS, COLUMN_BYTES // (x.itemsize * groups * outputs)) // width)
    for n in range(images):
        for rows in pieces(height, tile):
            # (C, rows, W) -> (G, C/G, rows·W)
            piece = x[n, :, rows.start : rows.stop]
            matrix = piece.reshape(groups, channels // groups, len(rows) * width)
            for u, from_rows, to_rows in tap_slices(where, 0, rows):
                for v, from_columns, to_columns in tap_slices(where, 1, range(width)):
                    # (G, O/G, C/G) @ (G, C/G, rows·W) -> (O, rows, W)
                    share = (kernels[u, v] @ matrix).reshape(-1, len(rows), width)
                    out[n, :, to_rows, to_columns] += share[:, from_rows, from_columns]
