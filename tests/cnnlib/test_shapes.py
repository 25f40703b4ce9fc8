import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import output_size
from cnnlib.shapes import window_geometry
from cnnlib.windows import pad, tap_slices, windows
from tests.cnnlib.strategies import geometries


@given(geometries())
def test_output_size_counts_the_windows_that_fit(case):
    geometry = window_geometry(case["size"], case["kernel"], **case["options"])
    assert geometry.output == output_size(case["size"], case["kernel"], **case["options"])
    for axis, coordinates in ((0, geometry.rows), (1, geometry.columns)):
        last = coordinates(geometry.output[axis] - 1)
        assert coordinates(0)[0] == 0
        assert len(last) == geometry.kernel[axis]
        assert last[-1] < geometry.padded[axis] <= last[-1] + geometry.stride[axis]


@given(geometries())
def test_windows_contain_the_rows_and_columns_of_the_geometry(case):
    geometry = window_geometry(case["size"], case["kernel"], **case["options"])
    x = np.arange(np.prod(case["size"])).reshape(case["size"])
    padded = pad(x, geometry.padding, value=-1)
    assert padded.shape == geometry.padded
    view = windows(padded, geometry)
    assert view.shape == geometry.output + geometry.kernel
    for r, c in np.ndindex(*geometry.output):
        expected = padded[np.ix_(list(geometry.rows(r)), list(geometry.columns(c)))]
        np.testing.assert_array_equal(view[r, c], expected)


@given(geometries(), st.integers(0, 3))
def test_tap_slices_pair_each_output_with_its_inputs(case, first):
    geometry = window_geometry(case["size"], case["kernel"], **case["options"])
    outputs = range(min(first, geometry.output[0] - 1), geometry.output[0])
    pairs = {
        (outputs[o], i, tap)
        for tap, to, source in tap_slices(geometry, 0, outputs)
        for o, i in zip(
            range(*to.indices(len(outputs))), range(*source.indices(geometry.input[0])), strict=True
        )
    }
    top = geometry.padding[0][0]
    expected = {
        (o, r - top, tap)
        for o in outputs
        for tap, r in enumerate(geometry.rows(o))
        if 0 <= r - top < geometry.input[0]
    }
    assert pairs == expected


def test_windows_are_read_only():
    assert not windows(np.zeros((4, 4)), window_geometry((4, 4), 2)).flags.writeable
