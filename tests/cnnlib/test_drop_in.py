"""Calls written for PyTorch run with cnnlib, on arrays and on tensors, and give the same results.

Each call is text, as people write it after ``import torch`` and ``import torch.nn.functional as
F``. It is evaluated with PyTorch on tensors, and with both names standing for cnnlib.
"""

import importlib.util
import inspect

import numpy as np
import pytest

import cnnlib
from tests.cnnlib.strategies import assert_close

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")

SHAPES = {
    "x": (2, 4, 9, 10),
    "image": (4, 9, 10),
    "w": (6, 4, 3, 3),
    "b": (6,),
    "grouped": (6, 2, 3, 3),
    "depthwise": (4, 1, 3, 3),
    "pointwise": (6, 4, 1, 1),
    "up": (4, 3, 2, 2),
    "bias": (3,),
    "mean": (4,),
    "var": (4,),
    "gamma": (4,),
    "beta": (4,),
    "rows": (5, 7),
    "W": (3, 7),
}

TEXT = """
F.conv2d(x, w)
F.conv2d(x, w, b)
F.conv2d(x, w, b, 2)
F.conv2d(x, w, None, 2)
F.conv2d(x, w, None, 1, 1)
F.conv2d(x, w, b, 2, 1)
F.conv2d(x, w, b, (2, 1), (1, 2))
F.conv2d(x, w, b, 1, 2, 2)
F.conv2d(x, w, bias=b, padding=1)
F.conv2d(x, w, b, 1, "same")
F.conv2d(x, w, padding="same", dilation=2)
F.conv2d(x, w, b, padding="valid")
F.conv2d(x, grouped, b, 1, 1, 1, 2)
F.conv2d(x, depthwise, None, 1, 1, groups=4)
F.conv2d(x, depthwise, stride=2, padding=1, groups=x.shape[1])
F.conv2d(x, pointwise, b)
F.conv2d(image, w, b, stride=2)
F.conv2d(input=x, weight=w, bias=b, stride=[2, 2])
F.conv2d(x, w, b, (2,), [1], (2,))
F.conv_transpose2d(x, up, None, (2,), (1,), [1], 1, (1,))
F.max_pool2d(x, (3,), [2], (1,), (2,))
F.max_pool2d(x, 3, [])
F.avg_pool2d(x, (2,), (), (1,))
F.avg_pool2d(x, 2, divisor_override=-3)
F.conv_transpose2d(x, up)
F.conv_transpose2d(x, up, bias, 2)
F.conv_transpose2d(x, up, None, 2, 1)
F.conv_transpose2d(x, up, bias, 3, 1, 1)
F.conv_transpose2d(x, up, None, 2, 0, 1, 2)
F.conv_transpose2d(x, up, bias, 2, 1, 1, 1, 2)
F.conv_transpose2d(image, up, stride=2, output_padding=1)
F.max_pool2d(x, 2)
F.max_pool2d(x, 2, 2)
F.max_pool2d(x, 3, 2, 1)
F.max_pool2d(x, (3, 2), (2, 1), (1, 0))
F.max_pool2d(x, 2, 1, 0, 2)
F.max_pool2d(x, 3, 2, 1, 1, True)
F.max_pool2d(x, kernel_size=2, stride=2, ceil_mode=True)
F.max_pool2d(x, 2, return_indices=True)
F.max_pool2d(F.relu(F.conv2d(image, w, b)), 2)
F.avg_pool2d(x, 2)
F.avg_pool2d(x, 3, 1, 1)
F.avg_pool2d(x, 3, 2, 1, True, False)
F.avg_pool2d(x, 3, 2, 1, False, True, 4)
F.avg_pool2d(x, x.shape[2:])
F.avg_pool2d(x, 2, divisor_override=1)
F.adaptive_avg_pool2d(x, 1)
F.adaptive_avg_pool2d(x, (1, 1))
F.adaptive_avg_pool2d(x, (4, 3))
F.adaptive_avg_pool2d(x, (None, 4))
F.adaptive_max_pool2d(x, (2, 3))
F.adaptive_max_pool2d(x, (4, 3), True)
F.adaptive_max_pool2d(image, 1, return_indices=True)
F.relu(x)
F.relu(x * 1, inplace=True)
torch.relu(x)
F.leaky_relu(x, 0.2)
F.leaky_relu(x * 1, 0.1, True)
F.elu(x, 0.5)
F.elu(x * 1, inplace=True)
F.silu(x)
F.silu(x * 1, inplace=True)
F.gelu(x)
F.gelu(x, approximate="tanh")
F.softplus(x)
F.softplus(x, 2)
F.softplus(x, 0.5, 1)
F.softplus(x, -2, 1)
F.softplus(x, 0)
torch.sigmoid(x)
torch.tanh(x)
F.softmax(rows, dim=1)
F.softmax(rows, 0)
F.softmax(x, 1)
torch.softmax(rows, -1)
F.softmax(rows[0], dim=0)
F.log_softmax(rows, dim=-1)
F.log_softmax(x, 1)
torch.flatten(x)
torch.flatten(x, 1)
torch.flatten(x, start_dim=1, end_dim=2)
torch.flatten(x, -2)
F.linear(rows, W)
F.linear(rows, W, bias)
F.linear(rows[0], W, bias)
F.linear(F.relu(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)), w[:, :, 0, 0], b)
F.batch_norm(x, mean, var)
F.batch_norm(x, mean, var, gamma, beta)
F.batch_norm(x, mean, var, gamma, beta, False, 0.1, 1e-3)
F.batch_norm(x, mean, var, weight=gamma, bias=beta, training=False, eps=1e-4)
"""
CALLS = [line for line in TEXT.splitlines() if line]


def values(dtype):
    rng = np.random.default_rng(7)
    arrays = {name: rng.normal(size=shape).astype(dtype) for name, shape in SHAPES.items()}
    return arrays | {"var": np.abs(arrays["var"])}


def run(call, module, functional, arrays):
    result = eval(call, {"torch": module, "F": functional}, arrays)
    return result if isinstance(result, tuple) else (result,)


def test_there_are_many_calls_and_no_two_are_the_same():
    assert len(CALLS) == len(set(CALLS)) > 40
    assert all(f"{name}(" in "".join(CALLS) for name in PYTORCH)


@needs_torch
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("call", CALLS)
def test_calls_give_the_results_of_pytorch(call, dtype):
    import torch

    arrays = values(dtype)
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    theirs = run(call, torch, torch.nn.functional, tensors)
    ours = run(call, cnnlib, cnnlib, arrays)
    assert len(ours) == len(theirs)
    for y, expected in zip(ours, theirs, strict=True):
        assert type(y) is np.ndarray
        assert (y.shape, y.dtype) == (tuple(expected.shape), expected.numpy().dtype)
        assert_close(y, expected.numpy())


@needs_torch
@pytest.mark.parametrize("call", [c for c in CALLS if " * 1" not in c])
def test_tensors_and_parameters_give_arrays(call):
    import torch

    arrays = values(np.float32)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    tensors |= {name: torch.nn.Parameter(t) for name, t in tensors.items() if t.ndim in (1, 4)}
    for y, expected in zip(
        run(call, cnnlib, cnnlib, tensors), run(call, cnnlib, cnnlib, arrays), strict=True
    ):
        assert type(y) is np.ndarray
        np.testing.assert_array_equal(y, expected)


@needs_torch
def test_tensors_that_numpy_cannot_read_are_refused_with_what_to_do():
    import torch

    x, w = torch.ones(4, 4), np.ones((2, 2), np.float32)
    with pytest.raises(TypeError, match=r"input must not hold bfloat16; input.float\(\) would fit"):
        cnnlib.conv2d(x.bfloat16(), w)
    with pytest.raises(TypeError, match=r"weight cannot be converted to an array.*to_dense"):
        cnnlib.conv2d(w, x.to_sparse())
    with pytest.raises(TypeError, match="inplace=True needs an input array of float32, got"):
        cnnlib.relu(x, inplace=True)


@needs_torch
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_converts_to_the_dtype_that_is_given(name):
    import torch

    x = np.array([[1, 2, 4]])
    y = getattr(cnnlib, name)(x, dim=1, dtype=np.float32)
    expected = getattr(torch, name)(torch.from_numpy(x), dim=1, dtype=torch.float32).numpy()
    assert y.dtype == expected.dtype
    assert_close(y, expected)


EMPTY = """
F.conv2d(x, w, b)
F.conv_transpose2d(x, up)
F.max_pool2d(x, 2)
F.max_pool2d(x, 2, return_indices=True)
F.avg_pool2d(x, 2)
F.adaptive_avg_pool2d(x, (2, 3))
F.adaptive_max_pool2d(x, (2, 3))
F.adaptive_max_pool2d(x, (2, 3), True)
F.relu(x)
F.gelu(x)
F.softmax(x, 1)
F.softmax(x, 0)
F.log_softmax(x, 1)
torch.flatten(x, 1)
F.linear(x, rows)
F.batch_norm(x, mean, var)
"""


@needs_torch
@pytest.mark.parametrize("call", EMPTY.split("\n")[1:-1])
def test_batches_of_no_images_give_batches_of_no_results(call):
    import torch

    arrays = values(np.float32)
    arrays["x"], arrays["rows"] = arrays["x"][:0], np.ones((3, 10), np.float32)
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    theirs = run(call, torch, torch.nn.functional, tensors)
    ours = run(call, cnnlib, cnnlib, arrays)
    assert [(y.shape, y.dtype) for y in ours] == [(y.shape, y.numpy().dtype) for y in theirs]


# The parameters of PyTorch's functions, in their order. Some defaults of ours take more kinds of
# values, and what we add comes after them, by keyword only.
PYTORCH = {
    "adaptive_avg_pool2d": "input output_size",
    "adaptive_max_pool2d": "input output_size return_indices",
    "avg_pool2d": "input kernel_size stride padding ceil_mode count_include_pad divisor_override",
    "batch_norm": "input running_mean running_var weight bias training momentum eps",
    "conv2d": "input weight bias stride padding dilation groups",
    "conv_transpose2d": "input weight bias stride padding output_padding groups dilation",
    "elu": "input alpha inplace",
    "flatten": "input start_dim end_dim",
    "gelu": "input approximate",
    "leaky_relu": "input negative_slope inplace",
    "linear": "input weight bias",
    "log_softmax": "input dim",
    "max_pool2d": "input kernel_size stride padding dilation ceil_mode return_indices",
    "relu": "input inplace",
    "sigmoid": "input",
    "silu": "input inplace",
    "softmax": "input dim",
    "softplus": "input beta threshold",
    "tanh": "input",
}


@pytest.mark.parametrize("name", PYTORCH)
def test_parameters_have_the_names_and_order_of_pytorch(name):
    parameters = inspect.signature(getattr(cnnlib, name)).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == PYTORCH[name].split()
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters if p.name not in positional)


def test_in_place_functions_write_to_their_input():
    for function in (cnnlib.relu, cnnlib.leaky_relu, cnnlib.elu, cnnlib.silu):
        x = np.array([-1.0, 2.0])
        expected = function(x)
        assert function(x, inplace=True) is x
        np.testing.assert_array_equal(x, expected)
    x = np.array([-1, 2])
    assert cnnlib.relu(x, True).tolist() == x.tolist() == [0, 2]


@pytest.mark.parametrize("given", [[-1.0, 2.0], np.array([-1, 2])])
def test_in_place_needs_an_array_that_can_hold_the_result(given):
    with pytest.raises(TypeError, match="inplace=True needs an input array of float64, got"):
        cnnlib.elu(given, inplace=True)


def test_softmax_refuses_an_axis_that_is_none():
    for function in (cnnlib.softmax, cnnlib.log_softmax):
        with pytest.raises(TypeError, match="dim must be an integer, got None"):
            function(np.ones((2, 3)), None)


def test_a_single_number_has_one_axis():
    assert cnnlib.softmax(5.0, 0) == 1
    assert cnnlib.log_softmax(5.0, -1) == 0
    with pytest.raises(cnnlib.ShapeError, match="dim 1 is out of range for an input with 1 axes"):
        cnnlib.softmax(5.0, 1)


def test_batch_norm_refuses_training():
    with pytest.raises(ValueError, match=r"training must be False: .* pass them as running_mean"):
        cnnlib.batch_norm(np.ones((2, 3)), np.ones(3), np.ones(3), training=True)
