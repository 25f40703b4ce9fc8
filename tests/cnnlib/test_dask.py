"""cnnlib.dask gives the same values as cnnlib, whatever the geometry and the chunks."""

import dask
import dask.array as da
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cnnlib
import cnnlib.dask as lazy
from cnnlib.blocks import Block
from tests.cnnlib.strategies import assert_close, convolutions, geometries, random_array

TYPES = [np.float16, np.float32, np.float64, np.int16, np.uint8, np.complex64]


@pytest.fixture(autouse=True)
def one_thread():
    """The arrays are tiny: threads would cost more than they save."""
    with dask.config.set(scheduler="synchronous"):
        yield


@st.composite
def chunks(draw, shape):
    """Draw where to cut each axis, and sometimes cut the rows or the columns into single ones."""
    result = []
    single = draw(st.sampled_from([None, None, len(shape) - 2, len(shape) - 1]))
    for axis, size in enumerate(shape):
        few = st.sets(st.integers(1, max(size - 1, 1)), max_size=2)
        cuts = range(1, size) if axis == single else sorted(draw(few) - {size})
        result.append(tuple(np.diff([0, *cuts, size]).tolist()))
    return tuple(result)


def assert_same(lazily, expected):
    """Compare with cnnlib's result, and the blocks that Dask announced with those computed."""
    assert isinstance(lazily, da.Array)
    (blocks,) = dask.compute(lazily.to_delayed().tolist())
    y = np.block(blocks)
    assert (y.shape, y.dtype) == (expected.shape, expected.dtype) == (lazily.shape, lazily.dtype)
    for at in np.ndindex(*lazily.numblocks):
        block = blocks
        for i in at:
            block = block[i]
        assert block.shape == tuple(n[i] for n, i in zip(lazily.chunks, at, strict=True))
    if y.dtype.kind in "iub":
        np.testing.assert_array_equal(y, expected)
    else:
        assert_close(y, expected)


@given(st.data(), convolutions(TYPES))
def test_convolution(data, case):
    x = da.from_array(case["x"], chunks=data.draw(chunks(case["x"].shape)))
    for name in ("conv2d", "convolve2d"):
        arguments = case["weight"], case["bias"]
        expected = getattr(cnnlib, name)(case["x"], *arguments, **case["options"])
        assert_same(getattr(lazy, name)(x, *arguments, **case["options"]), expected)


@given(st.data(), convolutions(TYPES), st.sampled_from(["reflect", "replicate", "circular"]))
def test_convolution_of_an_image_that_continues(data, case, mode):
    options = case["options"] | {"padding_mode": mode}
    try:
        expected = cnnlib.conv2d(case["x"], case["weight"], case["bias"], **options)
    except cnnlib.ShapeError as error:
        message = str(error)
    else:
        message = None
    x = da.from_array(case["x"], chunks=data.draw(chunks(case["x"].shape)))
    if message:
        with pytest.raises(cnnlib.ShapeError) as raised:
            lazy.conv2d(x, case["weight"], case["bias"], **options)
        assert str(raised.value) == message
    else:
        assert_same(lazy.conv2d(x, case["weight"], case["bias"], **options), expected)


@given(st.data(), geometries(), st.sampled_from(TYPES))
def test_transposed_convolution(data, case, dtype):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    groups, per_group, outputs = (data.draw(st.integers(1, 2)) for _ in range(3))
    x = random_array(rng, (2, groups * per_group, *case["size"]), np.dtype(dtype))
    weight = random_array(rng, (groups * per_group, outputs, *case["kernel"]), np.dtype(dtype))
    bias = random_array(rng, (groups * outputs,), np.dtype(dtype))
    most = [
        max(n) for n in zip(case["options"]["stride"], case["options"]["dilation"], strict=True)
    ]
    extra = tuple(data.draw(st.integers(0, n - 1)) for n in most)
    options = case["options"] | {"output_padding": extra, "groups": groups}
    if extra == (0, 0) and data.draw(st.booleans()):
        options["padding"] = data.draw(st.sampled_from(["same", "same_lower"]))
    try:
        expected = cnnlib.conv_transpose2d(x, weight, bias, **options)
    except cnnlib.ShapeError:
        assume(False)
    image = da.from_array(x, chunks=data.draw(chunks(x.shape)))
    assert_same(lazy.conv_transpose2d(image, weight, bias, **options), expected)


@given(st.data(), geometries(max_padding=1), st.sampled_from(TYPES[:-1]), st.booleans())
def test_pooling(data, case, dtype, ceil_mode):
    kernel, options = case["kernel"], case["options"] | {"ceil_mode": ceil_mode}
    lead = data.draw(st.sampled_from([(), (2,), (2, 3)]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    x = random_array(rng, (*lead, *case["size"]), np.dtype(dtype))
    image = da.from_array(x, chunks=data.draw(chunks(x.shape)))
    try:
        expected = cnnlib.max_pool2d(x, kernel, **options)
    except cnnlib.ShapeError:
        assume(False)
    assert_same(lazy.max_pool2d(image, kernel, **options), expected)
    options.pop("dilation")
    options["count_include_pad"] = data.draw(st.booleans())
    try:
        expected = cnnlib.avg_pool2d(x, kernel, **options)
    except cnnlib.ShapeError:
        assume(False)
    assert_same(lazy.avg_pool2d(image, kernel, **options), expected)


SIZES = st.one_of(
    st.integers(1, 4),
    st.tuples(st.integers(1, 4)),
    st.tuples(*[st.one_of(st.none(), st.integers(1, 4))] * 2),
)


@given(st.data(), st.sampled_from(TYPES[:-1]), SIZES)
def test_adaptive_pooling(data, dtype, size):
    lead = data.draw(st.sampled_from([(), (2,), (2, 3)]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    x = random_array(rng, (*lead, *data.draw(st.tuples(*[st.integers(1, 6)] * 2))), np.dtype(dtype))
    image = da.from_array(x, chunks=data.draw(chunks(x.shape)))
    for name in ("adaptive_max_pool2d", "adaptive_avg_pool2d"):
        assert_same(getattr(lazy, name)(image, size), getattr(cnnlib, name)(x, size))


# How a function is called whose output entries depend on a single entry, or on one axis.
CALLS = {
    "batch_norm": {"running_mean": [1.0, 2, 3], "running_var": [1.0, 2, 0.5], "eps": 0.1},
    "elu": {"alpha": 0.5},
    "gelu": {},
    "leaky_relu": {"negative_slope": 0.1},
    "linear": {"weight": np.ones((5, 4)), "bias": np.arange(5)},
    "log_softmax": {"dtype": np.float64},
    "relu": {},
    "sigmoid": {},
    "silu": {},
    "softmax": {"dim": 1},
    "softplus": {},
    "tanh": {},
}


@pytest.mark.parametrize("name", sorted(CALLS))
@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_functions_of_single_entries_or_one_axis(name, dtype):
    x = random_array(np.random.default_rng(1), (2, 3, 5, 4), np.dtype(dtype))
    expected = getattr(cnnlib, name)(x, **CALLS[name])
    assert_same(getattr(lazy, name)(da.from_array(x, chunks=(1, 2, 2, 3)), **CALLS[name]), expected)


WEIGHT = np.ones((2, 3, 3, 2))
LOSSES = {"cross_entropy", "mse_loss"}
NOT_LAZY = {"Chain", "Layer", "ShapeError", "choose_algorithm", "flatten", "output_size"} | LOSSES
WINDOWED = {
    "adaptive_avg_pool2d": [2],
    "adaptive_max_pool2d": [2],
    "avg_pool2d": [2],
    "conv2d": [WEIGHT],
    "conv_transpose2d": [np.ones((3, 2, 3, 2))],
    "convolve2d": [WEIGHT],
    "max_pool2d": [2],
}


@pytest.mark.parametrize("name", sorted(set(cnnlib.__all__) - NOT_LAZY))
def test_nothing_is_computed_before_it_is_asked_for(name):
    def fail(block):
        raise ArithmeticError("computed")

    x = da.zeros((2, 3, 6, 4), chunks=(1, 2, 1, 3)).map_blocks(fail, meta=np.zeros((0,) * 4))
    y = getattr(lazy, name)(x, *WINDOWED.get(name, []), **CALLS.get(name, {}))
    with pytest.raises(ArithmeticError, match="computed"):
        y.compute()


def test_the_first_blocks_of_a_transposed_convolution_may_be_cropped():
    x = np.arange(64.0).reshape(8, 8)
    expected = cnnlib.conv_transpose2d(x, [[1.0]], padding=3)
    assert_same(lazy.conv_transpose2d(da.from_array(x, chunks=1), [[1.0]], padding=3), expected)


def test_chunks_smaller_than_the_window_are_merged_only_as_far_as_needed():
    rows = da.zeros((12, 12), chunks=(1, 12))
    assert lazy.conv2d(rows, np.ones((3, 3)), padding=1).chunks == ((1,) * 12, (12,))
    assert lazy.conv2d(rows, np.ones((5, 5)), padding=2).chunks == ((2,) * 6, (12,))
    assert lazy.max_pool2d(rows, 2).chunks == ((1,) * 6, (6,))
    assert lazy.conv2d(rows, np.ones((12, 12))).chunks == ((1,), (1,))


def test_chunks_that_suit_the_window_stay():
    image = da.zeros((40, 40), chunks=20)
    features = lazy.conv2d(image, np.ones((3, 3)), padding=1)
    assert features.chunks == ((20, 20), (20, 20))
    assert lazy.max_pool2d(features, 2).chunks == ((10, 10), (10, 10))
    assert lazy.conv_transpose2d(image, np.ones((2, 2)), stride=2).chunks == ((40, 40), (40, 40))


def test_what_is_borrowed_does_not_keep_a_block_in_memory():
    block = np.zeros((100, 100)).view(Block)
    edge = block[:2]
    assert type(edge) is np.ndarray
    assert edge.base is None


@pytest.mark.parametrize(
    ("error", "match", "call"),
    [
        (TypeError, "input must be a Dask array, got ndarray",
         lambda x: lazy.relu(np.ones((4, 4)))),
        (TypeError, "weight must be in memory, got a Dask array",
         lambda x: lazy.conv2d(x, x)),
        (ValueError, "input must have known sizes, got .nan, 4.: compute_chunk_sizes",
         lambda x: lazy.relu(x[x[:, 0] > 0])),
        (ValueError, "return_indices must be False for a Dask array",
         lambda x: lazy.max_pool2d(x, 2, return_indices=True)),
        (ValueError, "output_padding must be 0 if a Dask array is padded by name",
         lambda x: lazy.conv_transpose2d(x, [[1.0]], stride=2, padding="same", output_padding=1)),
        (cnnlib.ShapeError, "kernel 5×5 is larger than the padded input 4×4; padding of 1 or more",
         lambda x: lazy.conv2d(x, np.ones((5, 5)))),
        (cnnlib.ShapeError, "weight must have shape .kh, kw. for an input with 2 axes",
         lambda x: lazy.conv2d(x, np.ones(3))),
        (cnnlib.ShapeError, r"input must have shape .* got \(4,\)",
         lambda x: lazy.conv2d(x[0], np.ones((2, 2)))),
        (cnnlib.ShapeError, "bias must have shape .1,., one for each output channel, got .3,.",
         lambda x: lazy.conv2d(x, np.ones((2, 2)), np.ones(3))),
        (ValueError, "padding_mode must be one of zeros, reflect, replicate, circular, got 'wrap'",
         lambda x: lazy.conv2d(x, np.ones((2, 2)), padding_mode="wrap")),
        (ValueError, "stride must be at least 1, got 0", lambda x: lazy.max_pool2d(x, 2, stride=0)),
        (TypeError, "missing a required argument: 'kernel_size'", lambda x: lazy.max_pool2d(x)),
    ],
)  # fmt: skip
def test_errors_come_before_anything_is_computed(error, match, call):
    with pytest.raises(error, match=match):
        call(da.zeros((4, 4), chunks=2))
