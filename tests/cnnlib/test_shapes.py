import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import output_size
from cnnlib.shapes import geometry
from cnnlib.windows import pad, tap_slices, windows
from tests.cnnlib.strategies import geometries


@given(geometries())
def test_the_output_size_counts_the_windows_that_fit(where):
    g = geometry(where["size"], where["kernel"], **where["options"])
    assert g.output == output_size(where["size"], where["kernel"], **where["options"])
    for axis, coordinates in ((0, g.rows), (1, g.columns)):
        last = coordinates(g.output[axis] - 1)
        assert coordinates(0)[0] == 0
        assert len(last) == g.kernel[axis]
        assert last[-1] < g.padded[axis] <= last[-1] + g.stride[axis]


@given(geometries())
def test_windows_hold_the_rows_and_columns_named(where):
    g = geometry(where["size"], where["kernel"], **where["options"])
    padded = pad(np.arange(np.prod(where["size"])).reshape(where["size"]), g.padding, value=-1)
    assert padded.shape == g.padded
    view = windows(padded, g)
    assert view.shape == g.output + g.kernel
    for r, c in np.ndindex(*g.output):
        expected = padded[np.ix_(list(g.rows(r)), list(g.columns(c)))]
        np.testing.assert_array_equal(view[r, c], expected)


@given(geometries(), st.integers(0, 3))
def test_taps_pair_each_output_with_its_inputs(where, first):
    g = geometry(where["size"], where["kernel"], **where["options"])
    outputs = range(min(first, g.output[0] - 1), g.output[0])
    pairs = {
        (outputs[o], i, tap)
        for tap, to, source in tap_slices(g, 0, outputs)
        for o, i in zip(
            range(*to.indices(len(outputs))), range(*source.indices(g.input[0])), strict=True
        )
    }
    top = g.padding[0][0]
    expected = {
        (o, r - top, tap)
        for o in outputs
        for tap, r in enumerate(g.rows(o))
        if 0 <= r - top < g.input[0]
    }
    assert pairs == expected


def test_a_view_cannot_be_written_through():
    assert not windows(np.zeros((4, 4)), geometry((4, 4), 2)).flags.writeable
