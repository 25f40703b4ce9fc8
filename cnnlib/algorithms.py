"""How a convolution is carried out, and which way when."""

from __future__ import annotations

import numpy as np

from cnnlib.dtypes import DType
from cnnlib.shapes import Array, Geometry
from cnnlib.windows import windows

# A tile's columns should stay in the second-level cache of a core.
TILE_BYTES = 1 << 18


def im2col(
    padded: Array, weight: Array, geometry: Geometry, groups: int, out: Array, dtype: DType
) -> None:
    """Convolve by one matrix product for each tile of output rows.

    Parameters
    ----------
    padded : array, shape (N, C, rows, columns)
    weight : array, shape (O, C / groups, kh, kw)
    out : array, shape (N, O, oh, ow), written to
    """
    images, channels = padded.shape[:2]
    outputs, per_group, kh, kw = weight.shape
    oh, ow = geometry.output
    taps = per_group * kh * kw
    kernels = weight.reshape(groups, outputs // groups, taps)  # (G, O/G, K)
    # (N, C, oh, ow, kh, kw) -> (N, C, kh, kw, oh, ow)
    view = windows(padded, geometry).transpose(0, 1, 4, 5, 2, 3)
    tile = max(1, min(oh, TILE_BYTES // max(1, dtype.itemsize * channels * kh * kw * ow)))
    buffer = np.empty((channels, kh, kw, tile, ow), dtype)
    for n in range(images):
        for top in range(0, oh, tile):
            rows = min(tile, oh - top)
            columns = buffer[:, :, :, :rows]
            columns[...] = view[n, :, :, :, top : top + rows]
            # (C, kh, kw, rows, ow) -> (G, K, rows * ow)
            product = kernels @ columns.reshape(groups, taps, rows * ow)
            out[n, :, top : top + rows] = product.reshape(outputs, rows, ow)
