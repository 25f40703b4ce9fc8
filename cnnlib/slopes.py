"""Slopes: the derivatives of the activation functions, and what these pass back."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib import activations as act
from cnnlib.dtypes import as_floats, as_numeric
from cnnlib.shapes import Array, check_grad


def gelu_slope(x: Array, approximate: str = "none") -> Array:
    """Return the derivative of GELU, or of its approximation by tanh, for float64."""
    if approximate == "tanh":  # x σ(2z) with 2z = √(8/π) (x + 0.044715 x³)
        scale = math.sqrt(8 / math.pi)
        below = act.sigmoid(scale * (x + 0.044715 * x**3))
        density = below * (1 - below) * scale * (1 + 3 * 0.044715 * x**2)
    else:
        below = act.normal_below(x)
        density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return np.asarray(below + x * density)


# The derivatives, in forms in which nothing overflows or cancels, as in `cnnlib.activations`.
SLOPES: dict[Callable[..., Array], Callable[..., Any]] = {
    act.leaky_relu: lambda x, negative_slope=0.01: np.where(x > 0, 1, negative_slope),
    act.elu: lambda x, alpha=1.0: np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0))),
    act.sigmoid: lambda x: act.sigmoid(x) * act.sigmoid(-x),
    act.tanh: lambda x: 4 * act.sigmoid(2 * x) * act.sigmoid(-2 * x),
    act.silu: lambda x: act.sigmoid(x) * (1 + x * act.sigmoid(-x)),
    act.softplus: lambda x, beta=1.0, threshold=math.inf: np.where(
        x * beta > threshold, 1, act.sigmoid(x * beta)
    ),
    act.gelu: gelu_slope,
}
ACTIVATIONS: tuple[Callable[..., Array], ...] = (act.relu, *SLOPES, act.softmax, act.log_softmax)


@np.errstate(all="ignore")
def activation_input(
    function: Callable[..., Array],
    grad_output: npt.ArrayLike,
    input: npt.ArrayLike,
    **options: Any,
) -> Array:
    r"""Return the gradient of an activation function with respect to its input.

    A function that works entry by entry multiplies ∂L/∂Y by its derivative at X:

    ============  ==========================================================
    function      derivative
    ============  ==========================================================
    `relu`        1 where x is positive, else 0, also at the corner 0
    `leaky_relu`  1 where x is positive, else the slope
    `elu`         1 where x is positive, else :math:`a e^x`
    `sigmoid`     :math:`\sigma(x) \, \sigma(-x)`
    `tanh`        :math:`1 - \tanh^2(x) = 4 \, \sigma(2x) \, \sigma(-2x)`
    `silu`        :math:`\sigma(x) \, (1 + x \, \sigma(-x))`
    `softplus`    :math:`\sigma(bx)`
    `gelu`        :math:`\Phi(x) + x \, \varphi(x)`
    ============  ==========================================================

    Here σ is `sigmoid`, Φ the cumulative distribution function of the normal distribution and φ its
    density. The entries of softmax depend on each other, since they add up to 1:

    .. math::

        \frac{\partial L}{\partial x_i} = y_i \left( \frac{\partial L}{\partial y_i}
        - \sum_j \frac{\partial L}{\partial y_j} y_j \right)

    and for its logarithm, with y still the probabilities,

    .. math::

        \frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial \log y_i}
        - y_i \sum_j \frac{\partial L}{\partial \log y_j}

    Parameters
    ----------
    function : callable
        An activation function of this library.
    grad_output : array of the input's shape
        ∂L/∂Y.
    input, **options
        The arguments of the function.

    Returns
    -------
    array of the input's shape; float64 for integers, but for `relu`

    Raises
    ------
    ShapeError
        If the shapes differ.
    ValueError
        If the function is no activation function of this library.
    TypeError
        If an array holds complex numbers, or objects that only `relu` takes, or if the function
        lacks an option. `inplace` would have overwritten the input.

    Examples
    --------
    >>> from cnnlib import relu, sigmoid, softmax
    >>> activation_input(relu, [5, 6, 7], [-2, 0, 3])
    array([0, 0, 7])
    >>> activation_input(sigmoid, [1.0, 1.0, 1.0], [-1000.0, 0.0, 1000.0])
    array([0.  , 0.25, 0.  ])
    >>> activation_input(softmax, [1.0, 0.0], [0.0, 0.0])
    array([ 0.25, -0.25])
    """
    if function not in ACTIVATIONS:
        names = ", ".join(known.__name__ for known in ACTIVATIONS)
        raise ValueError(f"function must be one of {names}, got {function!r}")
    for name in options.keys() - inspect.signature(SLOPES.get(function, function)).parameters:
        raise TypeError(f"the gradient of {function.__name__} takes no argument {name}")
    convert = as_numeric if function is act.relu else as_floats
    grad, x = convert(grad_output, "grad_output"), convert(input, "input")
    check_grad(grad, x.shape)
    if function is act.relu:
        if grad.dtype.kind == "f" and np.isfinite(grad.sum()):
            return np.asarray(grad * ~(x <= 0))  # without branches, so faster than `where`
        return np.where(x <= 0, np.zeros((), grad.dtype), grad)
    wide = x.astype(np.result_type(x, np.float64), copy=False)
    if function in SLOPES:
        result = grad * SLOPES[function](wide, **options)
    else:
        dim = options.get("dim", -1)
        y = act.softmax(wide, dim)
        if function is act.softmax:
            result = y * (grad - (grad * y).sum(dim, keepdims=True))
        else:
            result = grad - y * grad.sum(dim, keepdims=True)
    return np.asarray(result).astype(np.result_type(grad, x), copy=False)
