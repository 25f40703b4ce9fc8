"""Gradients: what each operation passes back to the arrays it was given.

If a loss L depends on the output Y of an operation, and `grad_output` holds ∂L/∂Y for each entry of
Y, these functions return ∂L/∂X for the input X, ∂L/∂K for a weight, or ∂L/∂b for a bias. A function
is named after the operation and the argument, and takes `grad_output` and then what the operation
took: ``conv2d_weight(grad_output, x, k, stride=2)`` is the gradient of ``conv2d(x, k, stride=2)``
with respect to k.

Convolution and pooling come first, then activations, layers and losses. The table `GRADIENTS` at
the end names the gradients of each function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib import conv, dtypes, pool, shapes
from cnnlib.activations import softmax
from cnnlib.algorithms import scatter
from cnnlib.conv import conv2d, conv_transpose2d
from cnnlib.dtypes import as_floats, as_numeric, compute_dtype, mean_dtype
from cnnlib.layers import batch_norm, check_linear, flatten, linear
from cnnlib.losses import as_scores, differences
from cnnlib.pool import adaptive_avg_pool2d, adaptive_max_pool2d, avg_pool2d, max_pool2d
from cnnlib.shapes import Array, Geometry, IntOrPair, Padding, adaptive_windows, check_grad
from cnnlib.slopes import ACTIVATIONS, activation_input
from cnnlib.windows import pad


def conv2d_geometry(
    grad: Array, x: Array, k: Array, groups: int = 1, padding_mode: str = "zeros", **options: Any
) -> tuple[Geometry, int]:
    """Check that the shapes of a convolution belong together; return its geometry and groups."""
    if padding_mode != "zeros":
        raise ValueError(f'padding_mode must be "zeros", got {padding_mode!r}')
    options = {name: options[name] for name in options if name not in ("bias", "algorithm")}
    images, kernels = conv.as_images(x), conv.as_kernels(k, x)
    groups = shapes.as_int(groups, "groups", 1)
    conv.check_channels(images, kernels, groups, x.ndim)
    geometry = shapes.window_geometry(images.shape[2:], kernels.shape[2:], **options)
    check_grad(grad, (len(images), len(kernels), *geometry.output)[4 - x.ndim :])
    return geometry, groups


def conv_transpose2d_geometry(
    grad: Array, x: Array, k: Array, groups: int = 1, bias: object = None, **options: Any
) -> tuple[Geometry, int]:
    """Do the same for a transposed convolution, whose output is the input of the geometry."""
    images, kernels = conv.as_images(x), conv.as_kernels(k, x, "(C, O/groups, kh, kw)")
    groups = shapes.as_int(groups, "groups", 1)
    conv.check_transposed_channels(images, kernels, groups)
    geometry = shapes.transposed_geometry(images.shape[2:], kernels.shape[2:], **options)
    check_grad(grad, (len(images), kernels.shape[1] * groups, *geometry.input)[4 - x.ndim :])
    return geometry, groups


def conv2d_input(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, weight: npt.ArrayLike, **options: Any
) -> Array:
    r"""Return the gradient of `cnnlib.conv2d` with respect to its input.

    .. math::

        \frac{\partial L}{\partial X_{i,\,rs+ud-p,\,cs+vd-p}} \;{+}{=}\;
        \frac{\partial L}{\partial Y_{o,r,c}} \, K_{o,i,u,v}

    An input entry takes part in each window that covers it, each time multiplied by another kernel
    entry. All in all this is the transposed convolution of ∂L/∂Y with the same weight. Rows and
    columns that no window reached get 0.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, weight, **options
        The arguments of `cnnlib.conv2d`; of the input, only the shape matters. Of the options,
        `stride`, `padding`, `dilation` and `groups` are known.

    Returns
    -------
    array of the input's shape
        ∂L/∂X; dtypes as for `cnnlib.conv2d`.

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Notes
    -----
    In PyTorch this is ``torch.nn.grad.conv2d_input``. Source: Dumoulin and Visin, "A guide to
    convolution arithmetic for deep learning" (2016), part 4.

    Examples
    --------
    >>> conv2d_input(np.ones((2, 2), int), np.zeros((3, 3), int), [[1, 2], [3, 4]])
    array([[ 1,  3,  2],
           [ 4, 10,  6],
           [ 3,  7,  4]])
    """
    grad, k = as_numeric(grad_output, "grad_output"), as_numeric(weight, "weight")
    geometry, groups = conv2d_geometry(grad, as_numeric(input, "input"), k, **options)
    sizes = zip(geometry.padded, geometry.output, geometry.stride, geometry.extent, strict=True)
    unread = tuple(size - (outputs - 1) * step - extent for size, outputs, step, extent in sizes)
    stride, padding, dilation = geometry.stride, geometry.padding, geometry.dilation
    return conv_transpose2d(grad, k, None, stride, padding, unread, groups, dilation)


def conv2d_weight(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, weight: npt.ArrayLike, **options: Any
) -> Array:
    r"""Return the gradient of `cnnlib.conv2d` with respect to its weight.

    .. math::

        \frac{\partial L}{\partial K_{o,i,u,v}} = \sum_{n,r,c} X_{n,\,i,\,rs+ud-p,\,cs+vd-p}
        \, \frac{\partial L}{\partial Y_{n,o,r,c}}

    Each kernel entry is used once in every window (r, c) of every image n. Read with u and v as the
    position of a window, this is a convolution of the input with ∂L/∂Y as the kernel: stride and
    dilation change places, and the images, over which the sum runs, are the channels.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, weight, **options
        The arguments of `cnnlib.conv2d`; of the weight, only the shape matters. Of the options,
        `stride`, `padding`, `dilation` and `groups` are known.

    Returns
    -------
    array of the weight's shape
        ∂L/∂K; dtypes as for `cnnlib.conv2d`.

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Notes
    -----
    In PyTorch this is ``torch.nn.grad.conv2d_weight``.

    Examples
    --------
    >>> x = [[3, 1, 0], [4, 2, 5], [1, 1, 2]]
    >>> conv2d_weight([[1, -2], [0, 3]], x, np.zeros((2, 2)))
    array([[ 7, 16],
           [ 3, -2]])
    """
    grad, x = as_numeric(grad_output, "grad_output"), as_numeric(input, "input")
    geometry, groups = conv2d_geometry(grad, x, as_numeric(weight, "weight"), **options)
    if not len(conv.as_images(x)):  # a sum over no images
        return np.zeros(np.shape(weight), dtypes.sum_dtypes(grad, x, None, 1)[1])
    size, (kh, kw) = geometry.input, geometry.kernel
    x = conv.as_images(x).reshape(-1, groups, conv.as_images(x).shape[1] // groups, *size)
    x = x.transpose(2, 1, 0, 3, 4).reshape(x.shape[2], -1, *size)  # (C/G, G·N, H, W)
    deltas = conv.as_images(grad).swapaxes(0, 1)  # (O, N, oh, ow)
    back = conv2d(x, deltas, None, geometry.dilation, geometry.padding, geometry.stride, groups)
    # Rows and columns that no window reached may give more entries than the kernel has.
    return back[..., :kh, :kw].swapaxes(0, 1).reshape(np.shape(weight))


def conv2d_bias(grad_output: npt.ArrayLike, *arguments: Any, **options: Any) -> Array:
    """Return the gradient of `cnnlib.conv2d`, plain or transposed, with respect to its bias.

    The bias is added to every entry of its output channel, so ``∂L/∂b[o] = Σ ∂L/∂Y[n, o, r, c]``.

    Parameters
    ----------
    grad_output : array, shape (oh, ow), (O, oh, ow) or (N, O, oh, ow)
        ∂L/∂Y.
    *arguments, **options
        The arguments of `cnnlib.conv2d`, which do not matter.

    Returns
    -------
    array, shape (O,)
        ∂L/∂b, of the gradient's dtype; int64 for integers.

    Examples
    --------
    >>> conv2d_bias([[1, -2], [0, 3]])
    array([2])
    """
    grad = as_numeric(grad_output, "grad_output")
    return dtypes.total(conv.as_images(grad, "grad_output"), (0, 2, 3))


def conv_transpose2d_input(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, weight: npt.ArrayLike, **options: Any
) -> Array:
    r"""Return the gradient of `cnnlib.conv_transpose2d` with respect to its input.

    .. math::

        \frac{\partial L}{\partial X_{i,r,c}} = \sum_{o,u,v}
        \frac{\partial L}{\partial Y_{o,\,rs+ud-p,\,cs+vd-p}} \, K_{i,o,u,v}

    An input entry was multiplied by the kernel and added to one window of the output; that window
    of ∂L/∂Y, times the kernel, comes back. This is the convolution that was transposed.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, weight, **options
        The arguments of `cnnlib.conv_transpose2d`; of the input, only the shape matters.

    Returns
    -------
    array of the input's shape
        ∂L/∂X; dtypes as for `cnnlib.conv2d`.

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> conv_transpose2d_input([[1, 0, 0], [0, 1, 0]], [[0, 0]], [[1, 2], [3, 4]])
    array([[5, 3]])
    """
    grad, k = as_numeric(grad_output, "grad_output"), as_numeric(weight, "weight")
    geometry, groups = conv_transpose2d_geometry(grad, as_numeric(input, "input"), k, **options)
    back = conv2d(grad, k, None, geometry.stride, geometry.padding, geometry.dilation, groups)
    # The rows and columns of `output_padding` may have room for more windows than there were.
    return back[..., : geometry.output[0], : geometry.output[1]]


def conv_transpose2d_weight(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, weight: npt.ArrayLike, **options: Any
) -> Array:
    """Return the gradient of `cnnlib.conv_transpose2d` with respect to its weight.

    ``Y[o, r·s + u·d - p, c·s + v·d - p] += X[i, r, c] · K[i, o, u, v]`` is the sum of
    `cnnlib.conv2d` with X and Y exchanged. So this is `conv2d_weight` with ∂L/∂Y as its input and X
    as its gradient.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, weight, **options
        The arguments of `cnnlib.conv_transpose2d`; of the weight, only the shape matters.

    Returns
    -------
    array of the weight's shape
        ∂L/∂K; dtypes as for `cnnlib.conv2d`.

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> conv_transpose2d_weight([[1, 0, 0], [0, 1, 0]], [[1, 2]], np.zeros((2, 2)))
    array([[1, 0],
           [2, 1]])
    """
    grad, x = as_numeric(grad_output, "grad_output"), as_numeric(input, "input")
    k = as_numeric(weight, "weight")
    geometry, groups = conv_transpose2d_geometry(grad, x, k, **options)
    stride, padding, dilation = geometry.stride, geometry.padding, geometry.dilation
    swapped: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    rows, columns = shapes.window_geometry(geometry.input, geometry.kernel, **swapped).output
    # Where `output_padding` has room for more windows than there were, these get zeros.
    x = pad(x, ((0, rows - geometry.output[0]), (0, columns - geometry.output[1])))
    return conv2d_weight(x, grad, k, **swapped, groups=groups)


def max_pool2d_input(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, *arguments: Any, **options: Any
) -> Array:
    """Return the gradient of `cnnlib.max_pool2d` with respect to its input.

    Moving any entry but the largest of a window by a little changes nothing, so ∂L/∂Y goes to the
    place of the maximum (to the first of several equal ones), and all other entries get 0. Where
    windows overlap and share their maximum, it gets the sum.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, *arguments, **options
        The arguments of `cnnlib.max_pool2d`.

    Returns
    -------
    array of the input's shape and the gradient's dtype; int64 for integers

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> max_pool2d_input([[5]], [[3, 1], [4, 2]], 2)
    array([[0, 0],
           [5, 0]])
    """
    indices = max_pool2d(input, *arguments, **options, return_indices=True)[1]
    return to_maxima(as_numeric(grad_output, "grad_output"), input, indices)


def adaptive_max_pool2d_input(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, output_size: pool.AdaptiveSize
) -> Array:
    """Return the gradient of `cnnlib.adaptive_max_pool2d` with respect to its input.

    As in `max_pool2d_input`, ∂L/∂Y goes to the first place of the maximum in each window.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, output_size
        The arguments of `cnnlib.adaptive_max_pool2d`.

    Returns
    -------
    array of the input's shape and the gradient's dtype; int64 for integers

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> adaptive_max_pool2d_input([[7]], [[3, 1, 0], [4, 2, 5]], 1)
    array([[0, 0, 0],
           [0, 0, 7]])
    """
    indices = adaptive_max_pool2d(input, output_size, return_indices=True)[1]
    return to_maxima(as_numeric(grad_output, "grad_output"), input, indices)


def to_maxima(grad: Array, input: npt.ArrayLike, indices: Array) -> Array:
    """Add each gradient to the entry that its maximum was taken from."""
    check_grad(grad, indices.shape)
    x, _ = pool.as_planes(input)
    dtype = dtypes.total_dtype(grad.dtype)
    # A window without input has the index -1; a last column takes its gradient and is dropped.
    out = np.zeros((len(x), math.prod(x.shape[1:]) + 1), compute_dtype(dtype))
    places = pool.as_planes(indices)[0] + out.shape[1] * np.arange(len(x))[:, None, None]
    # `add.at` adds for each place, where `+=` would keep only the last of equal ones.
    np.add.at(out.reshape(-1), places.reshape(-1), grad.astype(out.dtype).reshape(-1))
    return out[:, :-1].reshape(np.shape(input)).astype(dtype, copy=False)


def avg_pool2d_input(
    grad_output: npt.ArrayLike,
    input: npt.ArrayLike,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """Return the gradient of `cnnlib.avg_pool2d` with respect to its input.

    Each entry of a window has the share 1/n in the mean of n entries, so it gets ∂L/∂Y / n, added
    up over the windows that cover it. This is the transposed convolution of ∂L/∂Y / n with a kernel
    of ones.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        The arguments of `cnnlib.avg_pool2d`; of the input, only the shape matters.

    Returns
    -------
    array of the input's shape
        Of the gradient's dtype; float64 for integers.

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> avg_pool2d_input([[6]], np.zeros((2, 2)), 2)
    array([[1.5, 1.5],
           [1.5, 1.5]])
    """
    x, lead = pool.as_planes(input)
    geometry = pool.pool_geometry(x, kernel_size, stride, padding, 1, ceil_mode)
    counts = pool.mean_divisors(geometry, count_include_pad, divisor_override)
    grad = as_numeric(grad_output, "grad_output")
    share = divide(grad, lead, counts)
    out = np.zeros((len(x), 1, *geometry.input), share.dtype)
    scatter(share[:, None], np.ones((1, 1, *geometry.kernel), share.dtype), geometry, 1, out)
    return out.reshape(np.shape(input)).astype(mean_dtype(grad.dtype), copy=False)


def adaptive_avg_pool2d_input(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, output_size: pool.AdaptiveSize
) -> Array:
    """Return the gradient of `cnnlib.adaptive_avg_pool2d` with respect to its input.

    As in `avg_pool2d_input`, each of the n entries of a window gets ∂L/∂Y / n.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, output_size
        The arguments of `cnnlib.adaptive_avg_pool2d`; of the input, only the shape matters.

    Returns
    -------
    array of the input's shape
        Of the gradient's dtype; float64 for integers.

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> adaptive_avg_pool2d_input([[6]], np.zeros((2, 3)), 1)
    array([[1., 1., 1.],
           [1., 1., 1.]])
    """
    x, lead = pool.as_planes(input)
    rows, columns = map(adaptive_windows, x.shape[1:], pool.adaptive_size(x, output_size))
    counts = np.outer([len(window) for window in rows], [len(window) for window in columns])
    grad = as_numeric(grad_output, "grad_output")
    share = divide(grad, lead, counts)
    out = np.zeros(x.shape, share.dtype)
    for r, c in np.ndindex(counts.shape):
        covered = np.s_[:, rows[r].start : rows[r].stop, columns[c].start : columns[c].stop]
        out[covered] += share[:, r, c, None, None]
    return out.reshape(np.shape(input)).astype(mean_dtype(grad.dtype), copy=False)


def divide(grad: Array, lead: tuple[int, ...], counts: Array) -> Array:
    """Check a gradient, and divide it by the entries of each window: planes (P, oh, ow)."""
    check_grad(grad, (*lead, *counts.shape))
    wide = grad.astype(compute_dtype(mean_dtype(grad.dtype)), copy=False)
    # Objects stay exact, and float32 stays float32.
    return np.asarray(pool.as_planes(wide)[0] / counts.astype(wide.real.dtype))


def linear_arrays(*arrays: npt.ArrayLike) -> list[Array]:
    """Convert the gradient of a linear layer, its input and its weight, and check their shapes."""
    grad, x, w = map(as_numeric, arrays, ("grad_output", "input", "weight"))
    check_linear(x, w)
    check_grad(grad, (*x.shape[:-1], len(w)))
    return [grad, x, w]


def linear_input(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, weight: npt.ArrayLike, bias: Any = None
) -> Array:
    """Return the gradient of `cnnlib.linear` with respect to its input: ``∂L/∂Y W``.

    An input is multiplied by one weight for each output, so ``∂L/∂x_i = Σ_o ∂L/∂y_o W_oi``.

    Parameters
    ----------
    grad_output : array, shape (..., outputs)
        ∂L/∂Y.
    input, weight, bias
        The arguments of `cnnlib.linear`; of the input, only the shape matters.

    Returns
    -------
    array, shape (..., inputs); dtypes as for `cnnlib.linear`

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> linear_input([1, 10], [0, 0], [[3, 4], [5, 6]])
    array([53, 64])
    """
    grad, _, w = linear_arrays(grad_output, input, weight)
    return linear(grad, w.T)


def linear_weight(
    grad_output: npt.ArrayLike, input: npt.ArrayLike, weight: npt.ArrayLike, bias: Any = None
) -> Array:
    """Return the gradient of `cnnlib.linear` with respect to its weight: ``(∂L/∂Y)ᵀ X``.

    A weight is multiplied by one input of each example n, so ``∂L/∂W_oi = Σ_n ∂L/∂y_no x_ni``.

    Parameters
    ----------
    grad_output : array, shape (..., outputs)
        ∂L/∂Y.
    input, weight, bias
        The arguments of `cnnlib.linear`; of the weight, only the shape matters.

    Returns
    -------
    array, shape (outputs, inputs); dtypes as for `cnnlib.linear`

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> linear_weight([1, 10], [1, 2], np.zeros((2, 2)))
    array([[ 1,  2],
           [10, 20]])
    """
    grad, x, _ = linear_arrays(grad_output, input, weight)
    # (..., outputs) -> (outputs, n), and (..., inputs) -> (inputs, n)
    return linear(*(a.reshape(-1, a.shape[-1]).T for a in (grad, x)))


def linear_bias(grad_output: npt.ArrayLike, *arguments: Any, **options: Any) -> Array:
    """Return the gradient of `cnnlib.linear` with respect to its bias: the sum of ∂L/∂Y.

    Parameters
    ----------
    grad_output : array, shape (..., outputs)
        ∂L/∂Y.
    *arguments, **options
        The arguments of `cnnlib.linear`, which do not matter.

    Returns
    -------
    array, shape (outputs,)

    Examples
    --------
    >>> linear_bias([[1, 2], [10, 20]])
    array([11, 22])
    """
    grad = as_numeric(grad_output, "grad_output")
    return dtypes.total(grad, tuple(range(grad.ndim - 1)))


def flatten_input(grad_output: npt.ArrayLike, input: npt.ArrayLike, **options: Any) -> Array:
    """Return the gradient of `cnnlib.flatten`: ∂L/∂Y in the shape of the input.

    Parameters
    ----------
    grad_output : array of the output's shape
        ∂L/∂Y.
    input, **options
        The arguments of `cnnlib.flatten`; of the input, only the shape matters.

    Returns
    -------
    array of the input's shape

    Raises
    ------
    ShapeError
        If the shapes do not belong together.

    Examples
    --------
    >>> flatten_input([1, 2, 3, 4], [[0, 0], [0, 0]])
    array([[1, 2],
           [3, 4]])
    """
    grad = as_numeric(grad_output, "grad_output")
    check_grad(grad, flatten(input, **options).shape)
    return grad.reshape(np.shape(input))


@np.errstate(all="ignore")
def batch_norm_gradients(
    grad_output: npt.ArrayLike,
    input: npt.ArrayLike,
    running_mean: npt.ArrayLike | None = None,
    running_var: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    bias: npt.ArrayLike | None = None,
    eps: float = 1e-5,
) -> tuple[Array, ...]:
    r"""Return the gradients of `cnnlib.batch_norm` with respect to input, weight and bias.

    With :math:`\hat{x} = (x - m) / \sqrt{v + e}` and :math:`g = \partial L / \partial y`,

    .. math::

        \frac{\partial L}{\partial w} = \sum g \, \hat{x} \qquad
        \frac{\partial L}{\partial b} = \sum g \qquad
        \frac{\partial L}{\partial x} = \frac{w}{\sqrt{v + e}} \, g

    for each channel. In training, mean and variance are those of the batch, so they depend on x
    too. What would only move them is lost, and is taken away from g:

    .. math::

        \frac{\partial L}{\partial x} = \frac{w}{\sqrt{v + e}}
        \left( g - \overline{g} - \hat{x} \, \overline{g \hat{x}} \right)

    Parameters
    ----------
    grad_output : array of the input's shape
        ∂L/∂Y.
    input, running_mean, running_var, weight, bias, eps
        The arguments of `cnnlib.batch_norm`. Without running statistics, those of the batch are
        used, as in training.

    Returns
    -------
    tuple of three arrays: of the input's shape, (C,) and (C,)

    Raises
    ------
    ShapeError
        If the shapes do not belong together.
    TypeError
        If only one of the running statistics is given.

    Notes
    -----
    Source: Ioffe and Szegedy, "Batch normalization" (2015), part 3.

    Examples
    --------
    >>> grads = batch_norm_gradients([[1.0], [0.0]], [[1.0], [3.0]], [1.0], [4.0], [2.0], eps=0)
    >>> [g.tolist() for g in grads]
    [[[1.0], [0.0]], [0.0], [1.0]]
    """
    grad, x = as_floats(grad_output, "grad_output"), as_floats(input, "input")
    check_grad(grad, x.shape)
    result = np.result_type(grad, x)
    grad, x = (array.astype(compute_dtype(result), copy=False) for array in (grad, x))
    axes, delta = (0, *range(2, x.ndim)), grad
    statistics: tuple[Any, Any] = running_mean, running_var
    if running_mean is None and running_var is None:
        statistics = x.mean(axes), x.var(axes)
        normal = batch_norm(x, *statistics, eps=eps)
        lost = normal * (grad * normal).mean(axes, keepdims=True)
        delta = grad - grad.mean(axes, keepdims=True) - lost
    normal = batch_norm(x, *statistics, eps=eps)
    to_input = batch_norm(delta, np.zeros(x.shape[1]), statistics[1], weight, eps=eps)
    found = to_input, dtypes.total(grad * normal, axes), dtypes.total(grad, axes)
    return tuple(array.astype(result, copy=False) for array in found)


def mse_loss_input(input: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    """Return the gradient of `cnnlib.mse_loss`: ``2 (x - t) / n``.

    Only the square of its own difference depends on an entry: ``∂/∂x (x - t)² = 2 (x - t)``, and
    the mean divides by the number of entries n.

    Parameters
    ----------
    input, target : array of numbers or objects, of the same shape

    Returns
    -------
    array of the input's shape; dtypes as for `cnnlib.mse_loss`

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> mse_loss_input([1, 2], [1, 4])
    array([ 0., -2.])
    """
    found, dtype = differences(input, target)
    return np.asarray(2 * found / found.size, dtype)


def cross_entropy_input(input: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    """Return the gradient of `cnnlib.cross_entropy`: ``(softmax(x) - one hot) / N``.

    The loss of one example is ``log Σ exp(x_j) - x_t``. The derivative of its first term is
    softmax, that of the second -1 for the right class t: each score is pulled down by its
    probability, and that of the right class up by 1.

    Parameters
    ----------
    input : array of real numbers, shape (C,), (N, C) or (N, C, ...)
    target : array of int, shape (), (N,) or (N, ...)

    Returns
    -------
    array of the input's shape and dtype; float64 for integers

    Raises
    ------
    ShapeError, ValueError
        As for `cnnlib.cross_entropy`.

    Examples
    --------
    >>> cross_entropy_input([[0.0, 0.0]], [1])
    array([[ 0.5, -0.5]])
    """
    scores, classes, axis = as_scores(input, target)
    grad = softmax(scores, axis)
    np.put_along_axis(grad, classes, np.take_along_axis(grad, classes, axis) - 1, axis)
    return grad / max(classes.size, 1)


GRADIENTS: dict[Callable[..., Any], dict[str, Callable[..., Array]]] = {
    conv2d: {"input": conv2d_input, "weight": conv2d_weight, "bias": conv2d_bias},
    conv_transpose2d: {
        "input": conv_transpose2d_input,
        "weight": conv_transpose2d_weight,
        "bias": conv2d_bias,
    },
    linear: {"input": linear_input, "weight": linear_weight, "bias": linear_bias},
    max_pool2d: {"input": max_pool2d_input},
    avg_pool2d: {"input": avg_pool2d_input},
    adaptive_max_pool2d: {"input": adaptive_max_pool2d_input},
    adaptive_avg_pool2d: {"input": adaptive_avg_pool2d_input},
    flatten: {"input": flatten_input},
    **{function: {"input": partial(activation_input, function)} for function in ACTIVATIONS},
}
