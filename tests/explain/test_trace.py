"""The record of windows: what every picture and equation is made of."""

import json
import math

import numpy as np
import pytest
import sympy
from hypothesis import given

import cnnlib
from cnnlib import avg_pool2d, conv2d, conv_transpose2d, convolve2d, max_pool2d, reference
from cnnlib.explain.trace import trace
from tests.explain.holds import padded_entry, plain
from tests.explain.traces import traces

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])


@given(traces())
def test_the_terms_of_each_step_give_its_value(traced):
    for step in traced:
        entries = [term.entry for term in step.terms]
        if step.kind == "sum":
            value = sum(entry * weight for entry, weight in step.pairs) + (step.bias or 0)
        elif step.kind == "max":
            value = max(entries, default=-math.inf)
        else:
            value = sum(entries) / len(entries) if entries else math.nan
        assert value == pytest.approx(step.value, nan_ok=True)


@given(traces())
def test_each_term_is_an_entry_of_the_input_or_of_its_padding(traced):
    for step in traced:
        for term in step.terms:
            values = plain(traced.input, term.channel)
            inside = 0 <= term.row < values.shape[0] and 0 <= term.col < values.shape[1]
            assert term.padding == (not inside)
            place = term.row, term.col
            assert term.entry == (values[place] if inside else padded_entry(traced, values, *place))


@given(traces())
def test_rows_and_columns_span_the_terms(traced):
    for step in traced:
        places = [(c, r, q) for c in step.channels for r in step.rows for q in step.cols]
        assert [(t.channel, t.row, t.col) for t in step.terms] == places


@given(traces(("conv2d", "convolve2d", "conv_transpose2d")))
def test_weights_come_from_the_places_in_the_kernel_that_terms_name(traced):
    weight = traced.weight if traced.weight.ndim == 4 else traced.weight[None, None]
    for step in traced:
        out = step.index[0] if len(step.index) == 3 else 0
        for term in step.terms:
            if traced.operation == "conv_transpose2d":
                kernel = weight[term.channel, out]
            else:
                kernel = weight[out, term.channel]
            assert term.weight == kernel[term.kernel]


@given(traces())
def test_the_output_is_the_function_s_own(traced):
    again = getattr(cnnlib, traced.operation)(**traced.arguments)
    assert np.array_equal(traced.output, again, equal_nan=True)
    assert [step.index for step in traced] == list(np.ndindex(again.shape))


@given(traces(("conv2d",), channels=False))
def test_the_output_is_that_of_plain_loops(traced):
    options = {name: traced.arguments[name] for name in ("stride", "dilation")}
    if traced.arguments.get("padding_mode", "zeros") == "zeros":
        loops = reference.conv2d(
            traced.input, traced.weight, padding=traced.geometry.padding, **options
        )
        assert np.array_equal(traced.output, loops)


def test_a_step_says_where_its_window_lies_in_the_input_padding_included():
    traced = trace(conv2d, X, K, padding=1, stride=(2, 1))
    step = traced[1, 0]
    assert (step.rows, step.cols) == ((1, 2), (-1, 0))
    assert step.entries == ((0, 5), (0, 2))
    assert traced[0, 1].rows == (-1, 0)


def test_the_products_of_an_rgb_filter_and_its_bias_are_terms_of_a_step():
    image = np.arange(48).reshape(3, 4, 4)
    filters = np.arange(54).reshape(2, 3, 3, 3)
    step = trace(conv2d, image, filters, [10, 20])[1, 0, 1]
    assert (len(step.terms), step.bias, step.channels) == (27, 20, (0, 1, 2))
    assert step.weights == tuple(tuple(map(tuple, plane)) for plane in filters[1].tolist())
    assert step.entries[2] == tuple(map(tuple, image[2, :3, 1:].tolist()))


def test_groups_read_their_own_channels():
    image, weight = np.arange(64).reshape(4, 4, 4), np.arange(16).reshape(2, 2, 2, 2)
    traced = trace(conv2d, image, weight, groups=2)
    assert [traced[out, 0, 0].channels for out in (0, 1)] == [(0, 1), (2, 3)]


def test_pooling_has_entries_and_no_weights():
    step = trace(max_pool2d, [[3, 1], [4, 2]], 2)[0, 0]
    assert (step.entries, step.weights, step.value) == (((3, 1), (4, 2)), None, 4)
    assert trace(avg_pool2d, [[3, 1], [4, 2]], 2)[0, 0].value == 2.5
    with pytest.raises(ValueError, match="pooling step has entries but no weights"):
        _ = step.pairs


def test_an_output_that_no_stamp_reaches_is_an_empty_sum():
    step = trace(conv_transpose2d, [[1, 2], [3, 4]], [[5]], stride=2)[0, 1]
    assert (step.terms, step.value, step.entries) == ((), 0, ())


def test_partial_windows_and_padding_that_is_not_counted():
    traced = trace(avg_pool2d, np.arange(25.0).reshape(5, 5), 2, ceil_mode=True)
    assert (traced[2, 2].rows, traced[2, 2].cols, traced[2, 2].value) == ((4,), (4,), 24.0)
    padded = trace(avg_pool2d, [[4.0, 8.0]], (1, 2), padding=(0, 1), count_include_pad=False)
    assert [len(step.terms) for step in padded] == [1, 1]


def test_rows_and_columns_under_no_window_are_named_wherever_they_lie():
    traced = trace(conv2d, np.zeros((6, 6), int), K, stride=3)
    assert traced.unread == ((2, 5), (2, 5))


def test_letters_are_traced_like_numbers():
    a, b = sympy.symbols("a b")
    traced = trace(conv2d, [[a, b]], [[2, 3]], padding=((0, 0), (1, 0)))
    assert traced[0, 0].pairs == ((0, 2), (a, 3))
    assert traced.again(input=[[1, 10]])[0, 1].value == 32


def test_again_runs_the_same_call_on_other_values():
    traced = trace(convolve2d, X, K, padding=1, stride=2)
    other = traced.again(weight=K[::-1, ::-1])
    assert np.array_equal(other.output, conv2d(X, K, padding=1, stride=2))
    assert traced.again().arguments.keys() == traced.arguments.keys()
    assert traced.again(stride=1).output.shape == (5, 5)
    with pytest.raises(TypeError, match="wieght is not an argument of max_pool2d; its arguments"):
        trace(max_pool2d, X, 2).again(wieght=1)


def test_a_trace_is_a_record_that_stays_as_it_was():
    x = X.copy()
    traced = trace(conv2d, x, K)
    x[0, 0] = 100
    assert traced[0, 0].value == 20
    with pytest.raises(ValueError, match="read-only"):
        traced.input[0, 0] = 1


def test_it_shows_itself_briefly_and_serialises():
    traced = trace(max_pool2d, X, 2)
    assert repr(traced) == "<Trace of max_pool2d: input 4×4, output 2×2, 4 steps>"
    data = json.loads(json.dumps(traced.to_dict()))
    assert data["function"] == "max_pool2d"
    assert data["arguments"] == {"input": X.tolist(), "kernel_size": 2}
    assert data["output"] == [[9, 8], [6, 8]]
    assert data["windows"][3] == [[2, 3], [2, 3]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: trace(np.sum, X),
            TypeError,
            "function must be one of cnnlib's conv2d, convolve2d",
        ),
        (lambda: trace(conv2d, X[0], K), ValueError, "input must be one image of shape"),
        (lambda: trace(conv2d, X[None, None], K), ValueError, r"got shape \(1, 1, 4, 4\)"),
        (lambda: trace(conv2d, X, K, padding=-1), ValueError, "padding must be at least 0, got -1"),
        (lambda: trace(max_pool2d, X, 2, return_indices=True), ValueError, "return_indices"),
        (lambda: trace(conv2d, X, K)[3, 0], IndexError, r"output of shape \(3, 3\), got \(3, 0\)"),
        (lambda: trace(conv2d, X, K)[0], IndexError, "index must have 2 numbers"),
        (lambda: trace(conv2d, X, K)[-1, 0], IndexError, "index must lie in an output"),
    ],
)
def test_bad_calls_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()
