# ruff: noqa: E501 (one row per call)
"""Invalid calls raise an error that names the argument, the value and what was expected."""

import re
from fractions import Fraction

import numpy as np
import pytest

import cnnlib
from cnnlib import (
    adaptive_avg_pool2d,
    adaptive_max_pool2d,
    avg_pool2d,
    batch_norm,
    choose_algorithm,
    conv2d,
    conv_transpose2d,
    convolve2d,
    flatten,
    linear,
    max_pool2d,
    output_size,
    softmax,
)

M, K = np.ones((4, 4)), np.ones((2, 2))
X, W = np.ones((2, 4, 6, 6)), np.ones((8, 4, 3, 3))
TEXT, RAGGED = np.array([["a", "b"]]), [[1, 2], [3]]
NEGATIVE = "must be at least 0, got -1"


def bad(error, message, function, *arguments, **options):
    return pytest.param(
        error, message, function, arguments, options, id=f"{function.__name__}: {message}"
    )


# Invalid geometries, for every function that takes these arguments.
GEOMETRY = [
    (ValueError, "stride must be at least 1, got 0", {"stride": 0}),
    (ValueError, "stride must be at least 1, got -2", {"stride": (1, -2)}),
    (TypeError, "stride must be an integer or a pair of integers, got 1.5", {"stride": 1.5}),
    (TypeError, "stride must be an integer or a pair of integers, got True", {"stride": True}),
    (TypeError, "stride must be an integer or a pair of integers, got '2'", {"stride": "2"}),
    (TypeError, "stride must be an integer or a pair of integers, got 2.0", {"stride": (1, 2.0)}),
    (ValueError, "stride must be an integer or a pair of integers, got 3 values: (1, 1, 1)", {"stride": (1, 1, 1)}),
    (ValueError, "padding must be at least 0, got -1", {"padding": -1}),
    (ValueError, "padding must be at least 0, got -1", {"padding": ((0, 0), (-1, 0))}),
    (TypeError, "padding must be an integer or a pair of integers, got 0.5", {"padding": 0.5}),
    (TypeError, "padding must be an integer or a pair of integers, got None", {"padding": None}),
    (ValueError, 'padding must be a number or one of "valid", "same" or "same_lower", got "full"',
     {"padding": "full"}),
    (ValueError, "padding must be an integer or a pair of integers, got 0 values", {"padding": ()}),
    (ValueError, "padding must be an integer, a pair (rows, columns), or ((top, bottom), (left, right)), got "
     "(1, 1, 1)", {"padding": (1, 1, 1)}),
    (ValueError, "padding must be an integer, a pair (rows, columns), or ((top, bottom), (left, right)), got "
     "(1, 1, 1, 1)", {"padding": (1, 1, 1, 1)}),
    (ValueError, "padding must be an integer, a pair (rows, columns), or ((top, bottom), (left, right))",
     {"padding": ((1, 1), 1)}),
    (ValueError, "padding must be an integer, a pair (rows, columns), or ((top, bottom), (left, right))",
     {"padding": ((1, 1), (1, 1), (1, 1))}),
]  # fmt: skip
DILATION = [
    (ValueError, "dilation must be at least 1, got 0", {"dilation": 0}),
    (TypeError, "dilation must be an integer or a pair of integers, got 1.0", {"dilation": 1.0}),
    (ValueError, "dilation must be an integer or a pair of integers, got 3 values", {"dilation": (1, 2, 3)}),
]  # fmt: skip
WINDOWED = [
    (conv2d, (M, K), GEOMETRY + DILATION),
    (convolve2d, (M, K), GEOMETRY + DILATION),
    (conv_transpose2d, (M, K), GEOMETRY + DILATION),
    (max_pool2d, (M, 2), GEOMETRY + DILATION),
    (avg_pool2d, (M, 2), GEOMETRY),
    (output_size, (4, 2), GEOMETRY + DILATION),
    (choose_algorithm, ((4, 4), (2, 2)), GEOMETRY + DILATION),
]
CALLS = [
    bad(error, message, function, *arguments, **options)
    for function, arguments, rows in WINDOWED
    for error, message, options in rows
]

# Values that are not arrays, or not numeric.
for function, good, names in [
    (conv2d, (M, K, [1.0]), ("input", "weight", "bias")),
    (conv_transpose2d, (M, K, [1.0]), ("input", "weight", "bias")),
    (linear, (np.ones(3), np.ones((2, 3)), np.ones(2)), ("input", "weight", "bias")),
    (max_pool2d, (M, 2), ("input",)),
    (avg_pool2d, (M, 2), ("input",)),
    (softmax, (M,), ("input",)),
    (cnnlib.relu, (M,), ("input",)),
    (flatten, (M,), ("input",)),
]:
    for position, name in enumerate(names):
        for array, error, message in [
            (TEXT, TypeError, f"{name} must hold numbers or number-like objects, got <U1"),
            (RAGGED, ValueError, f"{name} must be an array, got rows of different lengths"),
            ({1: 2}, TypeError, f"{name} must hold numbers or number-like objects, got dict"),
            (
                [1, None],
                TypeError,
                f"{name} must hold numbers or number-like objects, got NoneType",
            ),
            (
                [Fraction(1), "2"],
                TypeError,
                f"{name} must hold numbers or number-like objects, got str",
            ),
        ]:
            CALLS.append(
                bad(error, message, function, *good[:position], array, *good[position + 1 :])
            )

for name in ("sigmoid", "tanh", "silu", "softplus", "gelu", "elu", "leaky_relu", "log_softmax"):
    message = "input must hold real numbers, got complex128"
    CALLS.append(bad(TypeError, message, getattr(cnnlib, name), np.ones(2, complex)))
    CALLS.append(
        bad(TypeError, message[:-10] + "object", getattr(cnnlib, name), np.ones(2, object))
    )

S = cnnlib.ShapeError
LARGER = "is larger than the padded input 4×4; padding of 1 or more would fit"
CALLS += [
    bad(S, f"kernel 5×5 {LARGER}", conv2d, M, np.ones((5, 5))),
    bad(S, f"kernel 3×3 with dilation 2×2 spans 5×5, which {LARGER}", conv2d, M, np.ones((3, 3)),
        dilation=2),
    bad(S, "kernel 9×2 is larger than the padded input 6×6; padding of 3 or more", conv2d, M,
        np.ones((9, 2)), padding=1),
    bad(S, f"kernel 5×5 {LARGER}", max_pool2d, M, 5),
    bad(S, f"kernel 6×4 {LARGER}", avg_pool2d, M, (6, 4)),
    bad(S, "kernel 3×3 is larger than the padded input 2×2", output_size, 2, 3),
    bad(S, "kernel 2×2 is larger than the padded input 0×4", conv2d, np.ones((0, 4)), K),
    bad(S, "input must have shape (H, W), (C, H, W) or (N, C, H, W), got (4,)", conv2d, M[0], K),
    bad(S, "input must have shape (H, W), (C, H, W) or (N, C, H, W), got ()", conv2d, 1, K),
    bad(S, "input must have shape (H, W), (C, H, W) or (N, C, H, W), got (1, 1, 1, 4, 4)", conv2d,
        M[None, None, None], K),
    bad(S, "input must have shape (H, W), (C, H, W) or (N, C, H, W), got (4,)", max_pool2d, M[0], 2),
    bad(S, "weight must have shape (kh, kw) for an input with 2 axes, got (8, 4, 3, 3)", conv2d, M, W),
    bad(S, "weight must have shape (O, C/groups, kh, kw) for an input with 4 axes, got (2, 2)", conv2d,
        X, K),
    bad(S, "weight must have shape (O, C/groups, kh, kw) for an input with 3 axes, got (4, 3, 3)",
        conv2d, X[0], W[0]),
    bad(S, "weight must have shape (C, O/groups, kh, kw) for an input with 3 axes, got (2, 2)",
        conv_transpose2d, X[0], K),
    bad(S, "weight must not be empty, got shape (0, 2)", conv2d, M, np.ones((0, 2))),
    bad(S, "weight must not be empty, got shape (0, 4, 3, 3)", conv2d, X, W[:0]),
    bad(S, "input has 4 channels, but weight (8, 3, 3, 3) with groups=1 takes 3; a weight with "
        "shape[1] of 4 would fit", conv2d, X, W[:, :3]),
    bad(S, "with groups=2 takes 8; a weight with shape[1] of 2 would fit", conv2d, X, W, groups=2),
    bad(S, "groups=3 does not divide both 4 input and 8 output channels", conv2d, X, W, groups=3),
    bad(S, "groups=4 does not divide both 4 input and 7 output channels", conv2d, X, W[:7, :1],
        groups=4),
    bad(S, "input has 32 channels, but weight (8, 3, 3, 3) with groups=1 takes 3; if its channels are last, "
        "np.moveaxis(input, -1, -3) would fit", conv2d, np.ones((32, 48, 3)), W[:, :3]),
    bad(S, "if its channels are last, np.moveaxis(input, -1, -3) would fit", conv2d, np.ones((2, 32, 48, 4)),
        W[:, :2], groups=2),
    bad(S, "input has 5 channels, but weight (8, 1, 3, 3) with groups=1 takes 1; if it is a batch of images "
        "without channels, input[:, None] would fit", conv2d, np.ones((5, 28, 28)), W[:, :1]),
    bad(S, "takes 3; if it is (kh, kw, C, O), weight.transpose(3, 2, 0, 1) would fit", conv2d, X,
        np.ones((3, 3, 4, 8))),
    bad(S, "kernel 5×5 is larger than the padded input 48×3; if the channels of the input are last, "
        "np.moveaxis(input, -1, -3) would fit", max_pool2d, np.ones((32, 48, 3)), 5),
    bad(S, "got (2, 2); a kernel (kh, kw) takes one matrix, such as input[..., 0]", conv2d, np.ones((32, 48, 3)), K),
    bad(S, "got (2, 2); a kernel (kh, kw) takes one matrix, such as input[0]", conv2d, np.ones((3, 32, 48)), K),
    bad(S, "for an input with 2 axes, got (8, 1, 3, 3); input[None] would fit", conv2d, M, W[:, :1]),
    bad(ValueError, "groups must be at least 1, got 0", conv2d, X, W, groups=0),
    bad(TypeError, "groups must be an integer, got 1.0", conv2d, X, W, groups=1.0),
    bad(TypeError, "groups must be an integer, got (1, 1)", conv2d, X, W, groups=(1, 1)),
    bad(S, "bias must have shape (8,), one for each output channel, got (7,)", conv2d, X, W, np.ones(7)),
    bad(S, "bias must have shape (8,), one for each output channel, got (8, 1)", conv2d, X, W,
        np.ones((8, 1))),
    bad(S, "bias must have shape (8,), one for each output channel, got ()", conv2d, X, W, 1.0),
    bad(S, "bias must have shape (1,), one for each output channel, got (2,)", conv2d, M, K, np.ones(2)),
    bad(ValueError, "padding_mode must be one of zeros, reflect, replicate, circular, got 'edge'",
        conv2d, M, K, padding_mode="edge"),
    bad(S, "padding ((4, 4), (0, 0)) is too wide for padding_mode='reflect' on an input of 4×4: at most "
        "3×3 fits", conv2d, M, K, padding=(4, 0), padding_mode="reflect"),
    bad(S, "padding ((0, 0), (5, 5)) is too wide for padding_mode='circular' on an input of 4×4: at "
        "most 4×4 fits", conv2d, M, K, padding=(0, 5), padding_mode="circular"),
    bad(S, "input 0×4 has no edge to replicate", conv2d, M[:0], K, padding=2,
        padding_mode="replicate"),
    bad(ValueError, "algorithm must be one of matmul, short, rows, im2col, got 'fft'", conv2d, M, K,
        algorithm="fft"),
    bad(ValueError, 'algorithm "matmul" needs a 1×1 kernel', conv2d, M, K, algorithm="matmul"),
    bad(ValueError, 'algorithm "rows" needs one kernel for each channel', conv2d, X, W,
        algorithm="rows"),
    bad(ValueError, 'algorithm "rows" needs one kernel for each channel, and no dilation', conv2d,
        M, K, dilation=2, algorithm="rows"),
    bad(ValueError, 'algorithm "matmul" needs a 1×1 kernel, stride 1 and no padding', conv2d, M,
        [[1]], stride=2, algorithm="matmul"),
    bad(ValueError, 'algorithm "short" needs one image', conv2d, X, W, algorithm="short"),
    bad(ValueError, "sums of 4 products of these integers may reach 1.5e+20, beyond int64", conv2d,
        np.full((2, 2), 2**62), np.full((2, 2), 8)),
    bad(S, "weight (8, 4, 3, 3) does not fit an input of 4 channels in groups=1: its first axis",
        conv_transpose2d, X, W),
    bad(S, "does not fit an input of 4 channels in groups=3", conv_transpose2d, X, W[:4], groups=3),
    bad(S, "bias must have shape (4,), one for each output channel, got (3,)", conv_transpose2d, X,
        W[:4], np.ones(3)),
    bad(ValueError, "output_padding must be smaller than stride or dilation, got 1×0 with stride 1×1",
        conv_transpose2d, M, K, output_padding=(1, 0)),
    bad(ValueError, "output_padding must be at least 0, got -1", conv_transpose2d, M, K,
        output_padding=-1),
    bad(S, "padding ((3, 3), (3, 3)) leaves nothing of the output 5×5", conv_transpose2d, M, K,
        padding=3),
    bad(S, "input must not be empty, got 0×4", conv_transpose2d, M[:0], K),
    bad(ValueError, "kernel_size must be at least 1, got 0", max_pool2d, M, 0),
    bad(TypeError, "kernel_size must be an integer or a pair of integers, got 2.0", avg_pool2d, M, 2.0),
    bad(TypeError, "kernel_size must be an integer or a pair of integers, got None", max_pool2d, M, None),
    bad(ValueError, "kernel_size must be an integer or a pair of integers, got 3 values", max_pool2d, M, (2, 2, 2)),
    bad(S, "padding ((2, 2), (2, 2)) is too wide for the window 2×2: at most 1×1 fits", max_pool2d,
        M, 2, padding=2),
    bad(S, "padding ((0, 3), (0, 0)) is too wide for the window 3×3: at most 2×2 fits", avg_pool2d, M, 3,
        padding=((0, 3), (0, 0))),
    bad(S, "padding ((1, 1), (1, 1)) with dilation 2×2 leaves some windows without input, and int64 "
        "has no minus infinity for them; convert the input to floats", max_pool2d, [[7]], 2, padding=1, dilation=2),
    bad(TypeError, "input must hold real numbers: complex numbers have no maximum", max_pool2d, M + 1j, 2),
    bad(TypeError, "complex numbers have no maximum", adaptive_max_pool2d, M + 1j, 2),
    bad(TypeError, "input must hold real numbers: complex numbers have no order", cnnlib.relu, M + 1j),
    bad(ValueError, "output_size must be at least 1, got 0", adaptive_avg_pool2d, M, 0),
    bad(TypeError, "output_size must be an integer or a pair of integers, got None", adaptive_avg_pool2d, M, None),
    bad(ValueError, "output_size must be an integer or a pair of integers, got 3 values", adaptive_max_pool2d, M,
        (1, 2, 3)),
    bad(S, "input must not be empty, got 0×4", adaptive_avg_pool2d, M[:0], 1),
    bad(S, "input must have shape (H, W), (C, H, W) or (N, C, H, W), got (4,)", adaptive_avg_pool2d,
        M[0], 1),
    bad(ValueError, "input_size must be at least 0, got -1", output_size, -1, 2),
    bad(S, "input_shape must have 2 to 4 axes, got (4,)", choose_algorithm, (4,), (2, 2)),
    bad(S, "weight_shape must have 2 to 4 axes, got ()", choose_algorithm, (4, 4), ()),
    bad(S, "weight must have shape (outputs, inputs), got (3,); weight[None] would fit", linear, np.ones(3), np.ones(3)),
    bad(S, "input must have shape (..., 4) to match weight (4, 4), got (2, 3)", linear, np.ones((2, 3)), M),
    bad(S, "input must have shape (..., 3) to match weight (4, 3), got (2, 4); weight.T would fit", linear,
        np.ones((2, 4)), np.ones((4, 3))),
    bad(S, "bias must have shape (4,), one for each output, got (1,)", linear, M, M, np.ones(1)),
    bad(S, "start_dim 2 is out of range for an input with 2 axes", flatten, M, 2),
    bad(S, "end_dim -3 is out of range for an input with 2 axes", flatten, M, 0, -3),
    bad(S, "start_dim 1 comes after end_dim 0", flatten, M, 1, 0),
    bad(TypeError, "start_dim must be an integer, got None", flatten, M, None),
    bad(TypeError, "end_dim must be an integer, got 1.0", flatten, M, 0, 1.0),
    bad(TypeError, "dim must be an integer, got None", softmax, M, None),
    bad(TypeError, "dim must be an integer, got (0, 1)", softmax, M, (0, 1)),
    bad(TypeError, "dim must be an integer, got True", cnnlib.log_softmax, M, True),
    bad(ValueError, "divisor_override must not be 0", avg_pool2d, M, 2, divisor_override=0),
    bad(TypeError, "divisor_override must be an integer, got 2.0", avg_pool2d, M, 2, divisor_override=2.0),
    bad(TypeError, "dtype must be one of floats, got int64", softmax, M, dtype=np.int64),
    bad(TypeError, "dtype must be one of floats, got complex128", cnnlib.log_softmax, M, dtype=complex),
    bad(S, "dim 2 is out of range for an input with 2 axes", softmax, M, 2),
    bad(S, "dim -3 is out of range for an input with 2 axes", cnnlib.log_softmax, M, -3),
    bad(ValueError, "approximate must be \"none\" or \"tanh\", got 'erf'", cnnlib.gelu, M, "erf"),
    bad(TypeError, "negative_slope must be a real number, got None", cnnlib.leaky_relu, M, None),
    bad(TypeError, "negative_slope must be a real number, got True", cnnlib.leaky_relu, M, True),
    bad(TypeError, "negative_slope must be a real number, got '0.1'", cnnlib.leaky_relu, M, "0.1"),
    bad(TypeError, "alpha must be a real number, got (1, 1)", cnnlib.elu, M, (1, 1)),
    bad(TypeError, "alpha must be a real number, got 1j", cnnlib.elu, M, 1j),
    bad(TypeError, "beta must be a real number, got [2.0]", cnnlib.softplus, M, [2.0]),
    bad(TypeError, "threshold must be a real number, got None", cnnlib.softplus, M, 1, None),
    bad(TypeError, "eps must be a real number, got array([0.1, 0.2])", batch_norm, M, np.ones(4), np.ones(4),
        eps=np.array([0.1, 0.2])),
    bad(TypeError, "stride must be an integer or a pair of integers, got [2, 3]", conv2d, M, K, stride=[1, [2, 3]]),
    bad(ValueError, "padding_mode must be one of zeros, reflect, replicate, circular, got ['zeros']", conv2d, M, K,
        padding_mode=["zeros"]),
    bad(ValueError, "algorithm must be one of matmul, short, rows, im2col, got ''", conv2d, M, K, algorithm=""),
    bad(ValueError, "algorithm must be one of matmul, short, rows, im2col, got ['short']", conv2d, M, K,
        algorithm=["short"]),
    bad(S, "input must have shape (N, C, ...), got (4,)", batch_norm, M[0], M[0], M[0]),
    bad(S, "running_mean must have shape (4,), one for each channel, got (3,)", batch_norm, M,
        np.ones(3), np.ones(4)),
    bad(S, "bias must have shape (4,), one for each channel, got (1,)", batch_norm, M, np.ones(4),
        np.ones(4), np.ones(4), np.ones(1)),
    bad(S, "running_mean must have shape (8,), one for each channel, got (3,); if input is one image (C, H, W), "
        "input[None] would fit", batch_norm, np.ones((3, 8, 8)), np.ones(3), np.ones(3)),
]  # fmt: skip


@pytest.mark.parametrize(("error", "message", "function", "arguments", "options"), CALLS)
def test_invalid_calls_raise_informative_errors(error, message, function, arguments, options):
    with pytest.raises(error, match=re.escape(message)) as caught:
        function(*arguments, **options)
    assert type(caught.value) in (ValueError, TypeError, S)


def test_the_padding_suggested_by_the_message_fits():
    for size, kernel, dilation in [(4, 5, 1), (4, 9, 1), (3, 3, 3), (1, 2, 5)]:
        with pytest.raises(S, match="would fit") as caught:
            output_size(size, kernel, dilation=dilation)
        fits = int(re.search(r"padding of (\d+)", str(caught.value)).group(1))
        assert output_size(size, kernel, dilation=dilation, padding=fits) >= (1, 1)
        with pytest.raises(S):
            output_size(size, kernel, dilation=dilation, padding=fits - 1)
