"""Layers, chains of layers, and the table that summarises a chain."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from textwrap import indent
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from cnnlib.conv import conv2d, conv_transpose2d, convolve2d
from cnnlib.dtypes import as_numeric
from cnnlib.layers import flatten, linear
from cnnlib.pool import adaptive_avg_pool2d, adaptive_max_pool2d, avg_pool2d, max_pool2d
from cnnlib.shapes import Array, Pair, ShapeError, format_size, pair, pooling_stride, span

CONVOLUTIONS = (conv2d, convolve2d)
POOLS = (max_pool2d, avg_pool2d)
# After these, the receptive field differs between outputs.
NON_UNIFORM = (conv_transpose2d, adaptive_max_pool2d, adaptive_avg_pool2d)
ARRAYS = ("weight", "bias", "running_mean", "running_var")
Shape = tuple[int, ...]


class Layer:
    """A function together with its parameters.

    ``Layer(conv2d, weight, bias, padding=1)(x)`` calls ``conv2d(x, weight, bias, padding=1)``. The
    function can be any function of this library, or your own.

    Parameters
    ----------
    function : callable
    *parameters
        Positional arguments after the input. Lists given as weights become arrays, which
        `Chain.table` counts as parameters.
    name : str, optional
        The name in `Chain.table`; by default the name of the function.
    **options
        Keyword arguments of the function.

    Raises
    ------
    TypeError
        If the function cannot be called, or one of this library lacks an argument.
    ValueError
        If the function would return indices, too.

    Notes
    -----
    In PyTorch this is a ``torch.nn.Module``.

    Examples
    --------
    >>> from cnnlib import relu
    >>> Layer(relu)([-1, 1])
    array([0, 1])
    >>> Layer(conv2d, [[1, 2], [3, 4]], padding=1)
    Layer(conv2d, weight=2×2, padding=1)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *parameters: Any,
        name: str | None = None,
        **options: Any,
    ) -> None:
        if not callable(function):
            raise TypeError(f"a layer must be a function, got {describe(function)}")
        self.function, self.parameters, self.options = function, parameters, options
        self.name = name or str(getattr(function, "__name__", "layer"))
        self.known = str(getattr(function, "__module__", "")).startswith("cnnlib.")
        if self.known:  # all arguments by name, and arrays where arrays are expected
            try:
                bound = inspect.signature(function).bind(None, *parameters, **options)
            except TypeError as error:
                raise TypeError(f"a layer of {self.name} cannot be called: {error}") from None
            self.parameters, self.options = (), dict([*bound.arguments.items()][1:])
            if self.options.get("return_indices"):
                raise ValueError("return_indices must be False: a layer returns one array")
            for key in self.options.keys() & ARRAYS:
                if self.options[key] is not None:
                    self.options[key] = as_numeric(self.options[key], key)

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Apply the layer."""
        return np.asarray(self.function(x, *self.parameters, **self.options))

    def __repr__(self) -> str:
        defaults = inspect.signature(self.function).parameters if self.known else {}
        given = [format_argument(value) for value in self.parameters]
        for key, value in self.options.items():
            default = defaults[key].default if key in defaults else inspect.Parameter.empty
            if isinstance(value, np.ndarray) or value not in (default, (default, default)):
                given.append(f"{key}={format_argument(value)}")
        return f"Layer({', '.join([str(getattr(self.function, '__name__', '?')), *given])})"

    @property
    def arrays(self) -> list[Array]:
        """The parameters that are arrays, in order."""
        return [p for p in (*self.parameters, *self.options.values()) if isinstance(p, np.ndarray)]

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output for a batch, without computing its entries.

        Functions of this library check their arguments on an empty batch. Your own run on zeros.
        """
        if not self.known or self.function is flatten or len(shape) < 2:
            return self(np.zeros(shape, np.float32)).shape
        dtype = self.arrays[0].dtype if self.arrays else np.dtype(np.float32)
        return (shape[0], *self(np.empty((0, *shape[1:]), dtype)).shape[1:])

    def window(self, shape: Shape) -> tuple[Pair, Pair]:
        """Size of the dilated window and its stride, both (1, 1) for a layer without windows."""
        if self.function is linear and len(shape) == 4:  # each output depends on a whole row
            return (1, shape[3]), (1, 0)
        if self.function in CONVOLUTIONS:
            kernel, stride = self.options["weight"].shape[-2:], self.options.get("stride", 1)
        elif self.function in POOLS:
            kernel, stride = self.options["kernel_size"], self.options.get("stride")
        else:
            return (1, 1), (1, 1)
        kh, kw = pair(kernel, "kernel_size")
        dh, dw = pair(self.options.get("dilation", 1), "dilation")
        return (span(kh, dh), span(kw, dw)), pair(pooling_stride(stride, kernel), "stride")

    def multiply_adds(self, shape: Shape, output: Shape) -> int:
        """Count the multiply-adds for one image: one per weight and window position."""
        if self.function is linear:
            positions = output[1:-1]
        elif self.function in (*CONVOLUTIONS, conv_transpose2d):
            positions = (shape if self.function is conv_transpose2d else output)[2:]
        else:
            return 0
        return int(self.options["weight"].size * math.prod(positions))


def apply_layer(index: int, layer: Layer | Chain, x: npt.ArrayLike) -> Array:
    """Apply a layer of a chain; errors say which one it is."""
    try:
        return layer(x)
    except Exception as error:
        error.add_note(f"This happened in layer {index} of the chain: {layer!r}")
        raise


def describe(value: Any) -> str:
    """Describe what was given as a layer, and what was probably meant."""
    if hasattr(value, "shape"):  # a result, as in Layer(relu(x))
        return f"an array of shape {tuple(value.shape)}; give the function itself, not its result"
    many = isinstance(value, (list, tuple))
    return f"a {type(value).__name__}; Chain(*layers) would fit" if many else repr(value)


def format_argument(value: Any) -> str:
    """Format an argument for people to read: an array by its shape."""
    return format_size(value.shape) if isinstance(value, np.ndarray) and value.ndim else repr(value)


class Chain:
    """A sequence of layers, each applied to the output of the one before.

    Chains can be indexed, sliced, iterated over and nested, as lists can.

    Parameters
    ----------
    *layers : Layer, Chain or function of one array

    Raises
    ------
    TypeError
        If a layer cannot be called.

    Notes
    -----
    In PyTorch this is ``torch.nn.Sequential``.

    Examples
    --------
    >>> from cnnlib import flatten, linear, max_pool2d, relu
    >>> net = Chain(
    ...     Layer(conv2d, np.ones((6, 1, 5, 5)), np.zeros(6), padding=2),
    ...     relu,
    ...     Layer(max_pool2d, 2),
    ...     Layer(flatten, 1),
    ...     Layer(linear, np.ones((10, 1176)), np.zeros(10)),
    ... )
    >>> net(np.zeros((1, 1, 28, 28))).shape
    (1, 10)
    >>> net[:2]
    Chain(
        Layer(conv2d, weight=6×1×5×5, bias=6, padding=2),
        Layer(relu),
    )
    >>> print(net.table((1, 1, 28, 28)))
    layer       shape    parameters  multiply-adds  receptive field
    input       1×28×28           0              0              1×1
    conv2d      6×28×28         156         117600              5×5
    relu        6×28×28           0              0              5×5
    max_pool2d  6×14×14           0              0              6×6
    flatten     1176              0              0              all
    linear      10            11770          11760              all
    total                     11926         129360
    """

    def __init__(self, *layers: Layer | Chain | Callable[[Any], Any]) -> None:
        self.layers = [x if isinstance(x, (Layer, Chain)) else Layer(x) for x in layers]

    @classmethod
    def from_torch(cls, module: Any) -> Chain:
        """Translate a ``torch.nn.Sequential``, or one of its modules; the weights are copied.

        Parameters
        ----------
        module : torch.nn.Module
            In evaluation mode, if it has batch normalisation or dropout. Only PyTorch's own classes
            are translated, since a `forward` method cannot be read: list the parts of other modules
            in a ``torch.nn.Sequential``.

        Returns
        -------
        Chain
            With the module's indices: nested modules become nested chains.

        Raises
        ------
        TypeError
            If cnnlib has no counterpart of a module.
        ValueError
            If a module is in training mode, has hooks or parametrizations, or depends on the batch.
        """
        from cnnlib.from_torch import translate

        layers = translate(module)
        return layers if isinstance(layers, Chain) else cls(layers)

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Apply all layers in order."""
        for index, layer in enumerate(self.layers):
            x = apply_layer(index, layer, x)
        return np.asarray(x)

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer | Chain]:
        return iter(self.layers)

    @overload
    def __getitem__(self, index: int) -> Layer | Chain: ...

    @overload
    def __getitem__(self, index: slice) -> Chain: ...

    def __getitem__(self, index: int | slice) -> Layer | Chain:
        """Return a layer, or for a slice a chain of layers."""
        return Chain(*self.layers[index]) if isinstance(index, slice) else self.layers[index]

    def __repr__(self) -> str:
        return "\n".join(["Chain(", *(indent(f"{x!r},", " " * 4) for x in self.layers), ")"])

    def flat(self) -> Iterator[Layer]:
        """Yield all layers, those of nested chains too."""
        for layer in self.layers:
            yield from layer.flat() if isinstance(layer, Chain) else (layer,)

    def table(self, x: npt.ArrayLike) -> str:
        """Summarise the layers for a batch (N, ...), given as an array or by its shape.

        Multiply-adds are counted for one image. The receptive field is the part of the input that
        one output can depend on: each window adds its size minus one, times the product of all
        previous strides. Your own functions are assumed to work entry by entry, and run once, on
        zeros. After a transposed convolution or adaptive pooling the receptive field differs
        between outputs and is "?".
        """
        sizes = x if isinstance(x, (tuple, list)) else ()
        given = len(sizes) > 1 and all(isinstance(n, (int, np.integer)) for n in sizes)
        shape: Shape = tuple(map(int, sizes)) if given else as_numeric(x, "input").shape
        header = ("layer", "shape", "parameters", "multiply-adds", "receptive field")
        rows: list[tuple[str, ...]] = [header, ("input", format_size(shape[1:]), "0", "0", "1×1")]
        (field_h, field_w), (step_h, step_w) = (1, 1), (1, 1)
        parameters, multiply_adds, uniform = 0, 0, True
        for layer in self.flat():
            if layer.function in (*CONVOLUTIONS, *POOLS, *NON_UNIFORM) and len(shape) != 4:
                raise ShapeError(
                    f"input of {layer.name} must be a batch (N, C, H, W), got {shape}"
                    + ("; x[None] would fit" if len(shape) == 3 else "")
                )
            before, shape = shape, layer.output_shape(shape)
            uniform = uniform and layer.function not in NON_UNIFORM
            size, work = sum(a.size for a in layer.arrays), layer.multiply_adds(before, shape)
            parameters, multiply_adds = parameters + size, multiply_adds + work
            (kh, kw), (sh, sw) = layer.window(before)
            field_h, field_w = field_h + (kh - 1) * step_h, field_w + (kw - 1) * step_w
            step_h, step_w = step_h * sh, step_w * sw
            field = f"{field_h}×{field_w}" if uniform else "?"
            if len(shape) != 4 or (not uniform and shape[2:] == (1, 1)):
                field = "all"
            rows.append((layer.name, format_size(shape[1:]), str(size), str(work), field))
        rows.append(("total", "", str(parameters), str(multiply_adds), ""))
        return _format_table(rows)


def _format_table(rows: list[tuple[str, ...]]) -> str:
    """Align the first two columns to the left and the others to the right."""
    columns = []
    for index, column in enumerate(zip(*rows, strict=True)):
        width = max(map(len, column))
        columns.append([cell.ljust(width) if index < 2 else cell.rjust(width) for cell in column])
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True))
