"""The conformance tests of ONNX for convolution, pooling and activations on images."""

import importlib
from unittest import mock

import numpy as np
import onnx
import pytest

import cnnlib
from tests.cnnlib.strategies import assert_close


def padding(node, size, kernel):
    """Return pads or auto_pad as padding."""
    mode = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": 0}
    auto = node.get("auto_pad", b"NOTSET").decode()
    if auto in mode:
        return mode[auto]
    top, left, bottom, right = node.get("pads", [0] * 4)
    return ((top, bottom), (left, right))


def geometry(node, x, kernel, *names):
    """Translate the attributes that ONNX and PyTorch both have."""
    translated = {"strides": "stride", "dilations": "dilation", "group": "groups"}
    options = {translated[name]: node[name] for name in names if name in node}
    return options | {"padding": padding(node, x.shape[2:], kernel)}


def conv(node, x, w, b=None):
    return cnnlib.conv2d(x, w, b, **geometry(node, x, w.shape[2:], "strides", "dilations", "group"))


def max_pool(node, x):
    kernel = node["kernel_shape"]
    options = geometry(node, x, kernel, "strides", "dilations")
    options["stride"] = options.get("stride", 1)
    return cnnlib.max_pool2d(x, kernel, ceil_mode=bool(node.get("ceil_mode", 0)), **options)


def average_pool(node, x):
    kernel = node["kernel_shape"]
    options = geometry(node, x, kernel, "strides")
    options["stride"] = options.get("stride", 1)
    counted = bool(node.get("count_include_pad", 0))
    ceil = bool(node.get("ceil_mode", 0))
    return cnnlib.avg_pool2d(x, kernel, ceil_mode=ceil, count_include_pad=counted, **options)


OPERATORS = {
    "Conv": conv,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": lambda node, x: cnnlib.adaptive_avg_pool2d(x, 1),
    "GlobalMaxPool": lambda node, x: cnnlib.adaptive_max_pool2d(x, 1),
    "Relu": lambda node, x: cnnlib.relu(x),
    "LeakyRelu": lambda node, x: cnnlib.leaky_relu(x, node.get("alpha", 0.01)),
    "Elu": lambda node, x: cnnlib.elu(x, node.get("alpha", 1.0)),
    "Sigmoid": lambda node, x: cnnlib.sigmoid(x),
    "Tanh": lambda node, x: cnnlib.tanh(x),
    "Softplus": lambda node, x: cnnlib.softplus(x),
    "Gelu": lambda node, x: cnnlib.gelu(x, node.get("approximate", b"none").decode()),
    "Softmax": lambda node, x: cnnlib.softmax(x, node.get("axis", -1)),
    "LogSoftmax": lambda node, x: cnnlib.log_softmax(x, node.get("axis", -1)),
}
IMAGES = ("Conv", "MaxPool", "AveragePool")


def recorded(operator):
    """Return what an operator's cases expect: they call `expect` while they are imported."""
    found = []

    def record(node, inputs, outputs, name, **options):
        found.append((node, inputs, outputs, name))

    with mock.patch("onnx.backend.test.case.node.expect", record):
        importlib.import_module(f"onnx.backend.test.case.node.{operator.lower()}")
    return found


def cases():
    """Yield the cases of our operators; of windowed ones, those on images with one output.

    Average pooling with dilation is ONNX's own, and not among ours.
    """
    for operator, run in OPERATORS.items():
        for proto, inputs, outputs, name in recorded(operator):
            if proto.op_type != operator:
                continue
            node = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}
            images = operator not in IMAGES or inputs[0].ndim == 4
            ours = not (operator == "AveragePool" and "dilations" in node)
            if images and ours and len(outputs) == 1:
                yield pytest.param(run, node, inputs, outputs[0], id=name)


CASES = list(cases())


@pytest.mark.parametrize(("run", "node", "inputs", "expected"), CASES)
def test_results_are_those_of_onnx(run, node, inputs, expected):
    y = run(node, *inputs)
    assert (y.shape, y.dtype) == (expected.shape, expected.dtype)
    assert_close(y, expected, scale=3)


def test_there_is_padding_wider_than_half_of_the_window():
    names = [case.id for case in CASES]
    assert "test_maxpool_2d_pads" in names
    assert len(names) > 40
    assert np.shape(cnnlib.max_pool2d(np.ones((28, 28)), 3, 1, 2)) == (30, 30)
