"""Traces record the windows, entries and values of every step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import conv2d, reference
from cnnlib.explain.trace import trace_avg_pool2d, trace_conv2d, trace_max_pool2d

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])

geometries = st.tuples(
    *(st.integers(1, 7) for _ in range(2)),
    *(st.integers(1, 3) for _ in range(2)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.integers(1, 2), st.integers(1, 2)),
)


@given(geometries, st.randoms(use_true_random=False))
def test_the_products_of_each_step_sum_to_the_output_entry(geometry, random):
    height, width, kernel_height, kernel_width, stride, padding, dilation = geometry
    extents = [
        d * (k - 1) + 1 for k, d in zip((kernel_height, kernel_width), dilation, strict=True)
    ]
    sizes = [n + 2 * p for n, p in zip((height, width), padding, strict=True)]
    if any(extent > size for extent, size in zip(extents, sizes, strict=True)):
        return
    x = np.array([[random.randint(-9, 9) for _ in range(width)] for _ in range(height)])
    k = np.array(
        [[random.randint(-9, 9) for _ in range(kernel_width)] for _ in range(kernel_height)]
    )
    trace = trace_conv2d(x, k, stride=stride, padding=padding, dilation=dilation)
    loops = reference.conv2d(x, k, stride=stride, padding=padding, dilation=dilation)
    assert np.array_equal(trace.output, loops)
    for step in trace:
        assert (
            sum(entry * weight for entry, weight in step.pairs) == loops[step.index] == step.value
        )


def test_window_positions_include_the_padding():
    trace = trace_conv2d(X, K, padding=1, stride=(2, 1))
    step = trace[1, 0]
    assert (step.rows, step.cols) == ((1, 2), (-1, 0))
    assert step.entries == ((0, 5), (0, 2))
    assert trace[0, 1].rows == (-1, 0)


def test_pooling_steps_have_entries_but_no_weights():
    step = trace_max_pool2d([[3, 1], [4, 2]], 2)[0, 0]
    assert (step.entries, step.weights, step.value) == (((3, 1), (4, 2)), None, 4)
    assert trace_avg_pool2d([[3, 1], [4, 2]], 2)[0, 0].value == 2.5
    with pytest.raises(ValueError, match="pooling step has entries but no weights"):
        _ = step.pairs


def test_max_pooling_pads_with_minus_infinity():
    trace = trace_max_pool2d([[-3, -1], [-4, -2]], 2, stride=2, padding=1)
    assert trace[0, 0].entries == ((-np.inf, -np.inf), (-np.inf, -3))
    assert [step.value for step in trace] == [-3, -1, -4, -2]


def test_a_trace_does_not_change_with_the_caller_s_array():
    x = X.copy()
    trace = trace_conv2d(x, K)
    x[0, 0] = 100
    assert trace[0, 0].pairs[0] == (7, 2)
    assert trace.input[0, 0] == 7
    with pytest.raises(ValueError, match="read-only"):
        trace.input[0, 0] = 1


def test_steps_are_in_row_order_and_indexed_by_output_entry():
    trace = trace_conv2d(X, K)
    assert [step.index for step in trace] == list(np.ndindex(3, 3))
    assert trace[2, 1].index == (2, 1)
    assert [[trace[i, j].value for j in range(3)] for i in range(3)] == conv2d(X, K).tolist()


def test_invalid_arrays_and_indices_raise_errors():
    with pytest.raises(
        ValueError, match=r"input: a trace shows one matrix .* got shape \(1, 4, 4\)"
    ):
        trace_conv2d(X[np.newaxis], K)
    with pytest.raises(ValueError, match=r"weight: a trace shows one matrix .* got shape \(2,\)"):
        trace_conv2d(X, [1, 2])
    with pytest.raises(IndexError, match=r"got \(3, 0\), but the output has 3 rows, 3 columns"):
        trace_conv2d(X, K)[3, 0]
