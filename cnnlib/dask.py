"""The functions of cnnlib on Dask arrays, for images larger than memory.

Each takes a Dask array and then the arguments of the function of the same name in `cnnlib`, and
returns a Dask array of the same values. Arguments are checked at once, but nothing is computed
until the result is computed or stored. Kernels and other parameters are arrays in memory.

>>> image = da.ones((6, 6), chunks=(1, 4))
>>> max_pool2d(relu(conv2d(image, [[1, 1], [0, -3]], padding=1)), 3, stride=2).compute()
array([[0., 0., 1.],
       [0., 0., 1.],
       [2., 2., 2.]])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from inspect import signature
from typing import Any

import dask.array as da
import numpy as np
from dask.array.overlap import overlap

import cnnlib
from cnnlib.blocks import Block, compute_block, split_transposed, split_windows
from cnnlib.conv import as_images, as_kernels
from cnnlib.dtypes import as_numeric, compute_dtype
from cnnlib.pool import pool_geometry
from cnnlib.shapes import Geometry, adaptive_windows, transposed_geometry, window_geometry
from cnnlib.windows import PADDING_MODES, check_padding_mode


def slide(x: da.Array, function: Any, arguments: Any, split: Any, geometry: Geometry) -> da.Array:
    """Apply a function of windows to overlapping blocks."""
    # One window shows whether the other arguments are valid, and the output's dtype and channels.
    window = np.zeros((1,) * (x.ndim - 3) + x.shape[-3:-2] + geometry.extent, x.dtype)
    sample = function(window, **arguments | {"padding": 0})
    lead, depths, sizes = [*x.chunks[:-2]], {}, []
    if "weight" in arguments and lead:  # sums over the channels
        x, lead[-1] = x.rechunk({x.ndim - 3: -1}), sample.shape[-3:-2]
    splits = [split(geometry, axis, x.chunks[axis - 2]) for axis in (0, 1)]
    for axis, (borrowed, parts) in enumerate(splits, x.ndim - 2):
        x = x.rechunk({axis: tuple(part.inputs for part in parts)})
        depths[axis] = borrowed if len(parts) > 1 else 0
        sizes.append(tuple(part.keep.stop - part.keep.start for part in parts))
    apply = partial(compute_block, function=function, arguments=arguments, splits=splits)
    x = overlap(x.map_blocks(np.ndarray.view, Block, meta=x), depths, "none", allow_rechunk=False)
    return x.map_blocks(apply, chunks=(*lead, *sizes), meta=sample[..., :0])


def kernel_size(x: da.Array, arguments: Any) -> Any:
    """Check the number of axes of input and weight, and return the kernel's size."""
    as_images(x)
    return as_kernels(as_numeric(arguments["weight"], "weight"), x).shape[2:]


def convolve(x: da.Array, function: Any, arguments: Any) -> da.Array:
    """Convolve blocks of the image."""
    size, mode = kernel_size(x, arguments), arguments["padding_mode"]
    options = {name: arguments[name] for name in ("stride", "padding", "dilation")}
    geometry = window_geometry(x.shape[-2:], size, **options)
    if mode != "zeros":
        check_padding_mode(geometry.input, geometry.padding, mode)
        pad_width = [(0, 0)] * (x.ndim - 2) + [*geometry.padding]
        x, arguments["padding_mode"] = da.pad(x, pad_width, PADDING_MODES[mode]), "zeros"
        geometry = window_geometry(x.shape[-2:], size, **options | {"padding": 0})
    return slide(x, function, arguments, split_windows, geometry)


def transpose(x: da.Array, function: Any, arguments: Any) -> da.Array:
    """Apply a transposed convolution to blocks of the image."""
    size, names = kernel_size(x, arguments), ("stride", "padding", "output_padding", "dilation")
    geometry = transposed_geometry(x.shape[-2:], size, **{n: arguments[n] for n in names})
    if isinstance(arguments["padding"], str) and np.any(arguments["output_padding"]):
        raise ValueError("output_padding must be 0 if a Dask array is padded by name")
    # Compute as many outputs as possible for each block; only those that it owns are kept.
    most = [max(n) - 1 for n in zip(geometry.stride, geometry.dilation, strict=True)]
    return slide(x, function, arguments | {"output_padding": most}, split_transposed, geometry)


def pool(x: da.Array, function: Any, arguments: Any) -> da.Array:
    """Pool blocks of the image."""
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    geometry = pool_geometry(as_images(x), *(arguments.get(name, 1) for name in names))
    return slide(x, function, arguments, split_windows, geometry)


def adapt(x: da.Array, function: Any, arguments: Any) -> da.Array:
    """Reduce each window of an adaptive pooling."""
    size, average = arguments["output_size"], function is cnnlib.adaptive_avg_pool2d
    dtype = function(np.zeros((1,) * x.ndim, x.dtype), size).dtype  # checks the size, too
    x = x.astype(compute_dtype(dtype))
    for axis, outputs in enumerate(np.resize(size, 2), x.ndim - 2):
        windows = adaptive_windows(x.shape[axis], outputs or x.shape[axis])
        moved = da.moveaxis(x, axis, 0)
        parts = [moved[window.start : window.stop] for window in windows]
        x = da.stack([part.mean(0) if average else part.max(0) for part in parts], axis)
    return x.astype(dtype).rechunk({x.ndim - 2: "auto", x.ndim - 1: "auto"})


def entrywise(x: da.Array, function: Any, arguments: Any) -> da.Array:
    """Apply a function that needs each entry alone, or one axis as a whole."""
    axis = {cnnlib.linear: x.ndim - 1, cnnlib.batch_norm: 1}.get(function)
    shape = [n if i == axis else 1 for i, n in enumerate(x.shape)]
    sample = function(np.zeros(shape, x.dtype), **arguments)
    axis = arguments.get("dim", axis)
    x = x if axis is None else x.rechunk({axis: -1})
    chunks = (*x.chunks[:-1], sample.shape[-1:]) if function is cnnlib.linear else x.chunks
    return x.map_blocks(partial(function, **arguments), chunks=chunks, meta=sample[..., :0])


def lazy(function: Any, implementation: Any) -> Callable[..., da.Array]:
    """Return a function of a Dask array that takes the same arguments as `function`."""

    def wrapper(*args: Any, **options: Any) -> da.Array:
        bound = signature(function).bind(*args, **options)
        bound.apply_defaults()
        x, arguments = bound.arguments.pop("input"), bound.arguments
        if not isinstance(x, da.Array):
            raise TypeError(f"input must be a Dask array, got {type(x).__name__}")
        if np.isnan(x.shape).any():
            raise ValueError(f"input must have known sizes, got {x.shape}: compute_chunk_sizes()")
        for name, value in arguments.items():
            if isinstance(value, da.Array):
                raise TypeError(f"{name} must be in memory, got a Dask array: compute() it first")
            if name in ("return_indices", "inplace") and value:
                raise ValueError(f"{name} must be False for a Dask array")
        return implementation(x, function, dict(arguments))

    wrapper.__doc__ = f"Apply `cnnlib.{function.__name__}` to a Dask array, lazily."
    return update_wrapper(wrapper, function, ("__name__", "__qualname__"), ())


conv2d, convolve2d = lazy(cnnlib.conv2d, convolve), lazy(cnnlib.convolve2d, convolve)
conv_transpose2d = lazy(cnnlib.conv_transpose2d, transpose)
max_pool2d, avg_pool2d = lazy(cnnlib.max_pool2d, pool), lazy(cnnlib.avg_pool2d, pool)
adaptive_max_pool2d = lazy(cnnlib.adaptive_max_pool2d, adapt)
adaptive_avg_pool2d = lazy(cnnlib.adaptive_avg_pool2d, adapt)
batch_norm, linear = lazy(cnnlib.batch_norm, entrywise), lazy(cnnlib.linear, entrywise)
relu, leaky_relu, elu = (lazy(f, entrywise) for f in (cnnlib.relu, cnnlib.leaky_relu, cnnlib.elu))
gelu, silu, tanh = (lazy(f, entrywise) for f in (cnnlib.gelu, cnnlib.silu, cnnlib.tanh))
sigmoid, softplus = lazy(cnnlib.sigmoid, entrywise), lazy(cnnlib.softplus, entrywise)
softmax, log_softmax = lazy(cnnlib.softmax, entrywise), lazy(cnnlib.log_softmax, entrywise)
