"""Hypothesis strategies for traces of every operation in every geometry."""

from __future__ import annotations

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import cnnlib
from cnnlib import ShapeError, gradients
from cnnlib.explain.recorders import RECORDERS
from cnnlib.explain.trace import trace

OPERATIONS = [function.__name__ for function in RECORDERS]
GRADIENTS = (
    "conv2d_weight",
    "conv2d_input",
    "conv_transpose2d_input",
    "conv_transpose2d_weight",
    "max_pool2d_input",
    "avg_pool2d_input",
    "adaptive_max_pool2d_input",
    "adaptive_avg_pool2d_input",
    "activation_input",
    "linear_weight",
    "linear_input",
)
MODES = ("zeros", "reflect", "replicate", "circular")


def distinct(draw, *shape):
    """Draw an array of different integers: a picture that swaps two of them is found out."""
    count = int(np.prod(shape))
    seed = draw(st.integers(0, 2**16))
    values = np.random.default_rng(seed).permutation(np.arange(-count, 2 * count))[:count]
    return values.reshape(shape)


def pairs(low, high):
    return st.tuples(st.integers(low, high), st.integers(low, high))


@st.composite
def traces(draw, operations=tuple(OPERATIONS), channels=True):
    """Draw a trace: one matrix, or several channels with filters and a bias."""
    operation = draw(st.sampled_from(operations))
    function = getattr(cnnlib, operation)
    several = channels and draw(st.booleans())
    size = draw(pairs(1, 6))
    image = (draw(st.integers(1, 3)), *size) if several else size
    x = distinct(draw, *image)
    if operation.startswith("adaptive"):
        return trace(function, x, draw(pairs(1, 4)))
    kernel = draw(pairs(1, 3))
    options = {"stride": draw(pairs(1, 3)), "padding": draw(paddings())}
    if operation == "avg_pool2d":
        options["count_include_pad"] = draw(st.booleans())
    else:
        options["dilation"] = draw(pairs(1, 2))
    if operation.endswith("pool2d"):
        options["ceil_mode"] = draw(st.booleans())
        x = x.astype(float) if operation == "max_pool2d" else x
        return attempt(function, x, kernel, **options)
    if operation == "conv_transpose2d":
        options["output_padding"] = draw(pairs(0, 1))
    elif draw(st.booleans()):
        options["padding_mode"] = draw(st.sampled_from(MODES))
    if not several:
        return attempt(function, x, distinct(draw, *kernel), **options)
    outputs = draw(st.integers(1, 2))
    shape = (
        (image[0], outputs, *kernel)
        if operation == "conv_transpose2d"
        else (outputs, image[0], *kernel)
    )
    bias = distinct(draw, outputs) if draw(st.booleans()) else None
    return attempt(function, x, distinct(draw, *shape), bias, **options)


def paddings():
    return st.one_of(
        st.integers(0, 2),
        pairs(0, 2),
        st.tuples(pairs(0, 2), pairs(0, 2)),
        st.sampled_from(["valid", "same", "same_lower"]),
    )


def attempt(function, *arguments, **options):
    """Trace a call; try another example if its sizes do not fit together."""
    try:
        traced = trace(function, *arguments, **options)
    except ShapeError:
        assume(False)
    except ValueError as error:  # an output_padding that the stride does not allow
        assume("output_padding" not in str(error))
        raise
    assume(len(traced) <= 60)
    return traced


@st.composite
def gradient_traces(draw, names=GRADIENTS, channels=True):
    """Draw the trace of a gradient, with a convolution or a pooling that it belongs to."""
    name = draw(st.sampled_from(names))
    if name == "activation_input":
        size = draw(pairs(1, 4))
        shape = (draw(st.integers(1, 2)), *size) if channels and draw(st.booleans()) else size
        grad, x = distinct(draw, *shape), distinct(draw, *shape)
        return trace(gradients.activation_input, cnnlib.relu, grad, x)
    if name.startswith("linear"):
        examples, inputs, outputs = (draw(st.integers(1, 4)) for _ in range(3))
        grad, x = distinct(draw, examples, outputs), distinct(draw, examples, inputs)
        return trace(getattr(gradients, name), grad, x, distinct(draw, outputs, inputs))
    forward = draw(traces((name.rpartition("_")[0],), channels))
    arguments = {key: value for key, value in forward.arguments.items() if key != "bias"}
    assume(arguments.pop("padding_mode", "zeros") == "zeros")
    grad = distinct(draw, *forward.output.shape)
    traced = attempt(getattr(gradients, name), grad, **arguments)
    assume(len(traced) <= 60)
    return traced
