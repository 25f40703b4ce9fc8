"""Huge strides, dilations and paddings: right where the result is small, else a clear error."""

import numpy as np
import pytest

import cnnlib

X, K = np.arange(16.0).reshape(4, 4), np.array([[1.0, 2.0], [3.0, 4.0]])
HUGE = [2**31, 2**40, 2**62, 2**63 - 1, 2**63, 2**100]


@pytest.mark.parametrize("huge", HUGE)
def test_a_stride_beyond_the_input_leaves_one_window(huge):
    first = cnnlib.conv2d(X, K)[:1, :1]
    for algorithm in (None, "short", "rows", "im2col"):
        y = cnnlib.conv2d(X, K, stride=huge, algorithm=algorithm)
        np.testing.assert_array_equal(y, first)
    np.testing.assert_array_equal(cnnlib.conv2d(X, K, stride=(1, huge)), cnnlib.conv2d(X, K)[:, :1])
    assert cnnlib.max_pool2d(X, 2, huge).tolist() == [[5]]
    assert cnnlib.avg_pool2d(X, 2, huge).tolist() == [[2.5]]
    assert cnnlib.output_size(4, 2, stride=huge) == (1, 1)


@pytest.mark.parametrize("huge", HUGE)
def test_dilation_does_not_matter_for_one_entry(huge):
    for options in ({}, {"padding": 1}, {"stride": huge}):
        y = cnnlib.conv2d(X, [[2.0]], dilation=huge, **options)
        np.testing.assert_array_equal(y, cnnlib.conv2d(X, [[2.0]], **options))
    np.testing.assert_array_equal(cnnlib.max_pool2d(X, 1, dilation=huge), X)
    np.testing.assert_array_equal(cnnlib.conv_transpose2d(X, [[2.0]], dilation=huge), 2 * X)


@pytest.mark.parametrize("huge", HUGE)
def test_windows_may_extend_beyond_the_input_in_ceil_mode(huge):
    assert cnnlib.max_pool2d(X, huge, ceil_mode=True).tolist() == [[15]]
    assert cnnlib.avg_pool2d(X, huge, ceil_mode=True).tolist() == [[7.5]]
    y = cnnlib.max_pool2d(X, 2, dilation=huge, stride=huge, ceil_mode=True)
    assert y.tolist() == [[0]]
    y = cnnlib.avg_pool2d(np.ones((4, 4)), (2, huge), huge, 1, True)
    assert y.tolist() == [[4 / 12]]  # one of two rows, four of six columns


@pytest.mark.parametrize("huge", HUGE)
def test_one_input_gives_one_kernel_however_far_apart_they_are(huge):
    np.testing.assert_array_equal(cnnlib.conv_transpose2d([[2.0]], K, stride=huge), 2 * K)


@pytest.mark.parametrize("huge", HUGE)
def test_results_that_no_memory_holds_are_refused(huge):
    for call, message in [
        (lambda: cnnlib.conv2d(X, K, padding=huge), "the padded input would be too large"),
        (lambda: cnnlib.conv2d(X, K, padding=huge, padding_mode="replicate"), "too large"),
        (lambda: cnnlib.conv2d(X, K, dilation=huge), f"with dilation {huge}×{huge} spans"),
        (lambda: cnnlib.conv_transpose2d(X, K, stride=huge), "the output would be too large"),
        (lambda: cnnlib.conv_transpose2d(X, K, dilation=huge), "the output would be too large"),
        (lambda: cnnlib.conv_transpose2d(X, K, stride=huge, padding="same"), "too large"),
        (lambda: cnnlib.conv_transpose2d(X, K, padding=huge), "leaves nothing of the output"),
        (lambda: cnnlib.max_pool2d(X, 2, padding=huge), "too (large|wide)"),
        (lambda: cnnlib.avg_pool2d(X, huge), f"kernel {huge}×{huge} is larger"),
        (lambda: cnnlib.avg_pool2d(X, huge, padding=huge - 1), "padded input would be too large"),
        (lambda: cnnlib.adaptive_avg_pool2d(X, huge), "the output would be too large"),
    ]:
        with pytest.raises(cnnlib.ShapeError, match=message):
            call()
