"""How a convolution is carried out, and which way when.

All of them end in matrix products, since that is where NumPy has a fast library underneath (BLAS,
with threads of its own; none are started here). Each takes an input (N, C, H, W) and a weight
(O, C/groups, kh, kw) of one type, and writes to an output (N, O, oh, ow).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from cnnlib.dtypes import DType
from cnnlib.shapes import Array, Geometry, IntOrPair, Padding, ShapeError, geometry, whole
from cnnlib.windows import padded_rows, rows_inside, tap_slices, window_places, windows

# Scratch memory, reused from tile to tile. The columns of im2col are read by BLAS block by block
# and may be larger than the caches; the copies of `band` are read at once and should stay in the
# second level.
COLUMN_BYTES = 5 << 19
COLUMNS = 2048
BAND_BYTES = 1 << 20
TINY = 64  # entries of an input
BLOCK = 4  # rows of output: as many as BLAS keeps in registers
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
    if weight[1] == 1 and weight[0] == groups and where.dilation == (1, 1):
        return Choice("band", "one kernel for each channel: too few products for im2col's copies")
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
    padded = x[0, 0]
    if where.padding != ((0, 0), (0, 0)):
        scratch = np.zeros(where.padded, x.dtype)
        padded = padded_rows(padded, where, range(where.output[0]), scratch)
    # (oh, ow, kh, kw) -> (oh·ow, kh·kw)
    rows = windows(padded, where).reshape(out.size, weight.size)
    np.matmul(rows, weight.reshape(-1), out=out.reshape(-1))


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
    column = x.itemsize * taps * groups
    most = max(1, min(COLUMNS, COLUMN_BYTES // column))
    tile = max(1, min(oh, most // ow))
    # Where one image has few columns, several are done together.
    together = min(images, max(1, most // (oh * ow))) if oh * ow <= 128 else 1
    scratch = strip_scratch(x, where, together, tile)
    buffer = np.empty((channels, *where.kernel, together, tile, ow), x.dtype)
    for n in range(0, images, together):
        several = x[n : n + together]
        for rows in pieces(oh, tile):
            strip = padded_rows(several, where, rows, scratch[: len(several)])
            columns = buffer[..., : len(several), : len(rows), :]
            # (N, C, rows, ow, kh, kw) -> (C, kh, kw, N, rows, ow)
            columns[...] = windows(strip, where).transpose(1, 4, 5, 0, 2, 3)
            # -> (G, K, N·rows·ow)
            matrix = columns.reshape(groups, taps, -1)
            target = out[n : n + together, :, rows.start : rows.stop]  # (N, O, rows, ow)
            if together == 1:
                np.matmul(kernels, matrix, out=target.reshape(groups, -1, len(rows) * ow))
            else:
                # (G, O/G, N·rows·ow) -> (O, N, rows, ow)
                product = (kernels @ matrix).reshape(-1, len(several), len(rows), ow)
                target[...] = product.swapaxes(0, 1)


def pieces(count: int, size: int) -> Iterator[range]:
    """Cut range(count) into ranges of at most `size`."""
    return (range(first, min(first + size, count)) for first in range(0, count, size))


def strip_scratch(x: Array, where: Geometry, images: int, rows: int) -> Array:
    """Make room for the padded input under some output rows; none if there is no padding."""
    if where.padding == ((0, 0), (0, 0)):
        return np.empty((images, 0), x.dtype)
    height = (rows - 1) * where.stride[0] + where.extent[0]
    return np.zeros((images, x.shape[1], height, where.padded[1]), x.dtype)


def band(x: Array, weight: Array, where: Geometry, groups: int, out: Array) -> None:
    """Convolve each channel with a kernel of its own: a band matrix for a block of output rows.

    With one channel, K is only kh·kw: the columns of `im2col` cost more than the product. Here B
    rows of output share their input: kw copies of its rows, the v-th shifted by v columns, serve
    all of them. With R = (B - 1)·s + kh such rows, ``Y[b, c] = Σ M[b, (r, v)] · copies[(r, v),
    c]``, where ``M[b, (r, v)] = K[r - b·s, v]``, or zero outside the kernel: a matrix of B rows
    with the kernel along a band. Each input entry is copied kw times instead of kh·kw; the products
    with zeros cost less.

    The zeros must not meet an infinity: if a result is not finite, `im2col` does the work again.

    Source: the Toeplitz form of a convolution, for rows; Gray, "Toeplitz and circulant matrices"
    (2006).
    """
    channels, (oh, ow), (kh, kw), stride = x.shape[1], where.output, where.kernel, where.stride[0]
    if groups != len(weight) or weight.shape[1] != 1 or where.dilation != (1, 1):
        raise ValueError('algorithm "band" needs one kernel for each channel, and no dilation')
    block = oh if oh <= 14 else BLOCK
    width = ow + (GAP if ow * x.itemsize % 512 == 0 else 0)
    block_bytes = x.itemsize * kw * width * block * stride
    blocks = max(1, min(oh // block, BAND_BYTES // block_bytes))
    together = max(1, min(channels, BAND_BYTES // (block_bytes * blocks)))
    rows = (blocks * block - 1) * stride + kh
    buffer = np.zeros((together, rows, kw, width), x.dtype)[..., :ow]
    for first in range(0, channels, together):
        part = slice(first, min(first + together, channels))
        matrix = band_matrix(weight[part, 0], block, stride)[:, None]  # (C', 1, B, R·kw)
        for image, result in zip(x[:, part], out[:, part], strict=True):
            for outputs in block_pieces(oh, block, blocks):
                copies = shifted(image, where, outputs, buffer[: len(image)])
                target = result[:, outputs.start : outputs.stop]  # (C', rows, ow)
                product = target.reshape(len(image), -1, block, ow)
                np.matmul(matrix, overlapping(copies, block, where), out=product)
                # A sum of squares is the quickest look at all of them.
                if not np.isfinite(np.vdot(target, target)):
                    return im2col(x, weight, where, groups, out)
    return None


def block_pieces(count: int, block: int, blocks: int) -> Iterator[range]:
    """Cut range(count) into pieces of whole blocks; the last block may do some rows again."""
    whole_blocks = count // block * block
    yield from pieces(whole_blocks, block * blocks)
    if whole_blocks < count:
        yield range(count - block, count)


def band_matrix(kernels: Array, block: int, stride: int) -> Array:
    """Lay kernels (C, kh, kw) along bands: (C, block, R·kw), R = (block - 1)·stride + kh."""
    count, kh, kw = kernels.shape
    matrix = np.zeros((count, block, (block - 1) * stride + kh, kw), kernels.dtype)
    for row in range(block):
        matrix[:, row, row * stride : row * stride + kh] = kernels
    return matrix.reshape(count, block, -1)


def shifted(image: Array, where: Geometry, outputs: range, buffer: Array) -> Array:
    """Copy the rows under some outputs once for each kernel column: (C, rows, kw, ow).

    The buffer comes with zeros, and the columns that lie in the padding are never written to.
    """
    first, count, low, high = rows_inside(where, outputs)
    copies = buffer[:, :count]
    copies[:, : low - first] = 0
    for v, to, source in tap_slices(where, 1, range(where.output[1])):
        copies[:, low - first : high - first, v, to] = image[:, low:high, source]
    copies[:, high - first :] = 0
    return copies


def overlapping(copies: Array, block: int, where: Geometry) -> Array:
    """View copies (C, rows, kw, ow) as overlapping blocks (C, blocks, R·kw, ow)."""
    channels, rows, kw, ow = copies.shape
    plane, row, column, entry = copies.strides
    step, height = block * where.stride[0], (block - 1) * where.stride[0] + where.kernel[0]
    return as_strided(
        copies,
        (channels, (rows - height) // step + 1, height * kw, ow),
        (plane, step * row, column, entry),
        writeable=False,
    )


ALGORITHMS: dict[str, Callable[[Array, Array, Geometry, int, Array], None]] = {
    "matmul": matmul,
    "short": short,
    "band": band,
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
    tile = max(1, COLUMNS // width)
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
