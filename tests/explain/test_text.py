"""Words for those who listen name the same windows and numbers as pictures and equations."""

import re

import numpy as np
import pytest
import sympy
from hypothesis import given

from cnnlib import (
    adaptive_max_pool2d,
    avg_pool2d,
    conv2d,
    conv_transpose2d,
    convolve2d,
    max_pool2d,
)
from cnnlib.explain.descriptions import (
    describe_array,
    describe_places,
    describe_step,
    describe_trace,
    span,
)
from cnnlib.explain.text import entry_text, sum_terms
from cnnlib.explain.trace import trace
from tests.explain.holds import words_name_the_window
from tests.explain.traces import traces

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])


@given(traces())
def test_words_name_each_window_with_its_channels_padding_and_value(traced):
    for step in traced:
        words_name_the_window(step)


@given(traces())
def test_words_and_sum_end_with_the_same_value(traced):
    for step in traced:
        value = sum_terms(step)[-1].removeprefix("= ")
        assert describe_step(step).endswith(f" {value}")


@given(traces())
def test_all_entries_are_said_in_order(traced):
    words = describe_trace(traced)
    # What is said of sizes, channels and settings has numbers too: entries follow a colon.
    lists = re.findall(r": ([^:.]*(?:\.\d+[^:.]*)*)\.", words)
    said = [number for part in lists for number in re.split("[;,] ", part)]
    weight = [] if traced.weight is None else traced.weight.flat
    bias = [] if traced.bias is None else traced.bias.flat
    wanted = [*traced.input.flat, *weight, *bias, *traced.output.flat]
    assert said == [entry_text(value) for value in wanted]


def test_channels_and_bias_are_said():
    step = trace(conv2d, np.ones((3, 2, 2), int), np.ones((2, 3, 1, 1), int), [5, 6])[1, 0, 1]
    assert describe_step(step) == (
        "window row 1, column 2, channels 1 to 3; output channel 2, sum with the bias 6: 9"
    )
    pooled = trace(max_pool2d, [[[1, 2]], [[3, 4]]], (1, 2))[1, 0, 0]
    assert describe_step(pooled) == "window row 1, columns 1 to 2, channel 2; maximum 4"


def test_outputs_that_nothing_reaches_say_so():
    step = trace(conv_transpose2d, [[1, 2]], [[5]], stride=2)[0, 1]
    assert describe_step(step) == "no entry of the input reaches this output; sum 0"


@pytest.mark.parametrize(
    ("traced", "words"),
    [
        (trace(conv2d, X, K), ""),
        (trace(conv2d, X, K, stride=2), "Stride 2."),
        (trace(conv2d, X, K, stride=(1, 2), dilation=2), "Stride 1 by 2, dilation 2."),
        (trace(conv2d, X, K, padding=1), "Padding 1."),
        (trace(conv2d, X, K, padding=(0, 1)), "Padding 0 by 1."),
        (
            trace(conv2d, X, K, padding=((1, 0), (0, 2)), padding_mode="reflect"),
            "Padding of 1 row above and 2 columns to the right with mirrored entries.",
        ),
        (
            trace(conv2d, X, K, padding=1, padding_mode="circular"),
            "Padding 1 with entries of the opposite side.",
        ),
        (
            trace(conv2d, X, K, padding=1, padding_mode="replicate"),
            "Padding 1 with copies of the edge.",
        ),
        (trace(convolve2d, X, K), "Kernel rotated by 180°."),
        (
            trace(conv_transpose2d, X, K, stride=2, padding=1, output_padding=1),
            "Stride 2, padding 1, cut off the output, output padding 1.",
        ),
        (
            trace(conv2d, np.ones((2, 2, 2)), np.ones((2, 1, 1, 1)), groups=2),
            "2 groups of channels.",
        ),
        (trace(max_pool2d, X, 2), "Window, 2 by 2."),
        (trace(max_pool2d, X, 2, stride=(2, 1)), "Window, 2 by 2, stride 2 by 1."),
        (
            trace(avg_pool2d, X, 2, padding=1, count_include_pad=False),
            "Window, 2 by 2, padding 1, which does not count.",
        ),
        (
            trace(avg_pool2d, X, 3, ceil_mode=True),
            "Window, 3 by 3, partial windows included.",
        ),
        (trace(adaptive_max_pool2d, X, 2), ""),
    ],
)
def test_settings_are_said_where_they_are_not_the_usual(traced, words):
    found = describe_trace(traced)
    before = describe_array(traced.weight if traced.weight is not None else traced.input)
    if traced.input.ndim == 2:
        assert f"{before}. {words}{' ' * bool(words)}Output, " in found
    else:
        assert f". {words} Output, " in found


def test_kernels_say_which_channels_they_connect():
    image, weight = np.arange(8).reshape(2, 2, 2), np.arange(4).reshape(2, 2, 1, 1)
    assert (
        "Kernel, 2 by 2 by 1 by 1. From input channel 1 to output channel 1: 0. "
        "From input channel 2 to output channel 1: 1. From input channel 1 to output channel 2: 2."
    ) in describe_trace(trace(conv2d, image, weight))
    assert (
        "From input channel 1 to output channel 1: 0. From input channel 1 to output channel 2: 1."
    ) in describe_trace(trace(conv_transpose2d, image, weight))
    grouped = describe_trace(trace(conv2d, image, weight[:, :1], groups=2))
    assert "From input channel 2 to output channel 2: 2." in grouped
    transposed = describe_trace(trace(conv_transpose2d, image, weight, groups=2))
    assert "From input channel 2 to output channel 4: 3." in transposed


def test_numbers_of_every_kind_are_said_as_they_are_written():
    array = np.array([[1 + 2j, 1e-7, sympy.Symbol("k_{11}"), True, np.float32(0.1)]], dtype=object)
    assert describe_array(array) == "1 by 5: 1 + 2i, 1e−7, k11, 1, 0.1"
    assert describe_array(np.float16([0.1, np.inf])) == "2: 0.1, ∞"
    assert describe_array(np.zeros((2, 1, 1))) == "2 by 1 by 1. Channel 1: 0. Channel 2: 0"


def test_a_step_and_its_trace_say_half_precision_alike():
    traced = trace(conv2d, np.float16([[0.1]]), np.float16([[3]]))
    assert sum_terms(traced[0, 0])[0] == "0.1·3"
    assert "Input, 1 by 1: 0.1." in describe_trace(traced)


def test_spans_and_places():
    assert span("row", ()) == "no rows"
    assert span("row", (1,)) == "row 2"
    assert span("row", (0, 1)) == "rows 1 to 2"
    assert span("row", (0, 2, 4)) == "rows 1, 3 and 5"
    assert describe_places("row", (-1, 0, 1), 1) == (
        "row 1 with 1 row of padding above and 1 row of padding below"
    )
    assert describe_places("column", (-2, -1), 3) == "2 columns of padding to the left"
