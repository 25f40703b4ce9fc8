"""The operation that has the same sums as the gradient of a convolution, for explorers."""

from __future__ import annotations

from cnnlib import conv, gradients
from cnnlib.explain.trace import Trace, trace


def same_sums(traced: Trace) -> Trace:
    """Return the operation whose sums are those of a gradient; another trace is itself.

    The gradient of a kernel is a convolution of the input with the output's gradient as its kernel,
    in which stride and dilation have changed places. That of an input is a transposed convolution
    of the output's gradient.

    Parameters
    ----------
    traced : Trace
        A trace of any operation, or of a gradient.

    Raises
    ------
    ValueError
        If the convolution left rows or columns of its input unread: its gradients then have
        another shape than the operation.

    Examples
    --------
    >>> x, k, grad = [[3, 1, 0], [4, 2, 5], [1, 1, 2]], [[1, 0], [0, 1]], [[1, -2], [0, 3]]
    >>> print(same_sums(trace(gradients.conv2d_weight, grad, x, k)))
    <Trace of conv2d: input 3×3, weight 2×2, output 2×2, 4 steps>
    """
    geometry, arguments = traced.geometry, traced.arguments
    if geometry is None or traced.function not in (gradients.conv2d_weight, gradients.conv2d_input):
        return traced
    grad, of_kernel = arguments["grad_output"], traced.function is gradients.conv2d_weight
    function = conv.conv2d if of_kernel else conv.conv_transpose2d
    operands = (arguments["input"], grad) if of_kernel else (grad, arguments["weight"])
    padding = tuple(before for before, _ in geometry.padding)
    same = trace(
        function, *operands, stride=geometry.stride, padding=padding, dilation=geometry.dilation
    )
    if same.output.shape != traced.output.shape:
        raise ValueError(
            f"stride: the windows leave a part of the input unread, so {function.__name__} "
            f"would give shape {same.output.shape} in place of {traced.output.shape}; cut them off"
        )
    return same
