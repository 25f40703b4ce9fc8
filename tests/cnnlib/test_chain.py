import numpy as np
import pytest

import cnnlib
from cnnlib import (
    Chain,
    Layer,
    avg_pool2d,
    conv2d,
    conv_transpose2d,
    convolve2d,
    flatten,
    linear,
    max_pool2d,
    relu,
)

NET = Chain(
    Layer(conv2d, np.ones((6, 1, 5, 5)), np.zeros(6), 1, 2),
    relu,
    Chain(Layer(max_pool2d, 2), Layer(flatten, 1)),
    Layer(linear, np.ones((10, 1176)), name="scores"),
)


def test_chains_are_indexed_like_lists():
    assert len(NET) == 4
    assert NET[1].function is relu
    assert NET[-1].name == "scores"
    assert [type(layer) for layer in NET] == [Layer, Layer, Chain, Layer]
    assert isinstance(NET[:2], Chain)
    x = np.random.default_rng(0).normal(size=(2, 1, 28, 28))
    np.testing.assert_array_equal(NET[2:](NET[:2](x)), NET(x))
    with pytest.raises(IndexError):
        NET[4]


def test_chains_show_their_layers_and_the_arguments_that_are_not_defaults():
    assert repr(NET).splitlines() == [
        "Chain(",
        "    Layer(conv2d, weight=6×1×5×5, bias=6, padding=2),",
        "    Layer(relu),",
        "    Chain(",
        "        Layer(max_pool2d, kernel_size=2),",
        "        Layer(flatten, start_dim=1),",
        "    ),",
        "    Layer(linear, weight=10×1176),",
        ")",
    ]
    pool = Layer(avg_pool2d, 3, (1, 1), padding=(0, 0), ceil_mode=True)
    assert repr(pool) == "Layer(avg_pool2d, kernel_size=3, stride=(1, 1), ceil_mode=True)"
    assert repr(Layer(np.clip, 0, a_max=6)) == "Layer(clip, 0, a_max=6)"


def test_lists_are_taken_as_weights():
    layer = Layer(linear, [[1, 2], [3, 4], [5, 6]], bias=[1, 0, 0])
    assert layer([1, 1]).tolist() == [4, 7, 11]
    assert sum(array.size for array in layer.arrays) == 9
    norm = Layer(cnnlib.batch_norm, [0.0], [1.0], eps=0)
    assert norm([[2.0]]).tolist() == [[2]]
    assert [array.tolist() for array in norm.arrays] == [[0], [1]]


def test_arguments_are_checked_when_a_layer_is_made():
    with pytest.raises(TypeError, match=r"layer of conv2d cannot be called: missing .* 'weight'"):
        Layer(conv2d, padding=1)
    with pytest.raises(TypeError, match=r"layer of max_pool2d cannot be called: .* 'size'"):
        Layer(max_pool2d, 2, size=2)
    with pytest.raises(TypeError, match="a layer must be a function, got 2"):
        Layer(2)
    with pytest.raises(TypeError, match=r"must be a function, got a list; Chain\(\*layers\) would"):
        Chain([relu])


def test_a_result_given_as_a_layer_is_described_by_its_shape():
    for make in (Layer, Chain):
        with pytest.raises(TypeError) as caught:
            make(relu(np.zeros((400, 3))))
        message = "got an array of shape (400, 3); give the function itself, not its result"
        assert str(caught.value) == f"a layer must be a function, {message}"


def test_an_error_names_the_layer_in_which_it_happened():
    inner = Chain(relu, Layer(conv2d, np.ones((6, 3, 5, 5))))
    with pytest.raises(cnnlib.ShapeError, match="input has 1 channels") as caught:
        Chain(inner, relu)(np.zeros((1, 1, 8, 8)))
    first, second = caught.value.__notes__
    assert first == "This happened in layer 1 of the chain: Layer(conv2d, weight=6×3×5×5)"
    assert second.startswith("This happened in layer 0 of the chain: Chain(")


def test_a_chain_applies_its_layers_in_order():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(1, 2, 8, 8)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3)
    net = Chain(Layer(conv2d, w, b, padding=1), relu, Layer(max_pool2d, 2))
    np.testing.assert_array_equal(net(x), max_pool2d(relu(conv2d(x, w, b, padding=1)), 2))


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ([Layer(conv2d, np.ones((1, 1, 3, 3)))] * 2, "5×5"),
        ([Layer(conv2d, np.ones((1, 1, 3, 3)), stride=2)] * 3, "15×15"),
        ([Layer(conv2d, np.ones((1, 1, 3, 2)), dilation=(2, 3))], "5×4"),
        ([Layer(max_pool2d, 2), Layer(conv2d, np.ones((1, 1, 3, 3)))], "6×6"),
    ],
)
def test_the_receptive_field_matches_the_inputs_that_change_an_output(layers, field):
    net, x = Chain(*layers), np.random.default_rng(0).random((1, 1, 20, 20))
    assert net.table(x).splitlines()[-2].split()[-1] == field
    first = net(x)[0, 0, 0, 0]
    reach = [0, 0]
    for r, c in np.ndindex(20, 20):
        changed = x.copy()
        changed[0, 0, r, c] += 100
        if net(changed)[0, 0, 0, 0] != first:
            reach = [max(reach[0], r + 1), max(reach[1], c + 1)]
    assert "×".join(map(str, reach)) == field


def test_the_table_requires_a_batch():
    """A single image (C, H, W) must not be taken for a batch of matrices."""
    net = Chain(Layer(conv2d, np.ones((6, 1, 3, 3))), relu)
    with pytest.raises(cnnlib.ShapeError, match=r"batch \(N, C, H, W\).*x\[None\] would fit"):
        net.table(np.zeros((1, 28, 28)))
    row = net.table(np.zeros((1, 1, 28, 28))).splitlines()[2].split()
    assert row == ["conv2d", "6×26×26", "54", "36504", "3×3"]
    row = Chain(relu).table(np.zeros((5, 3))).splitlines()[2].split()
    assert row == ["relu", "3", "0", "0", "all"]


def test_the_table_takes_a_shape_as_pytorch_and_numpy_give_it():
    net = Chain(Layer(max_pool2d, 2))
    expected = net.table(np.zeros((1, 3, 8, 8)))
    assert net.table((1, 3, 8, 8)) == net.table([1, 3, 8, 8]) == expected
    assert net.table(tuple(np.array([1, 3, 8, 8]))) == expected


def test_a_layer_returns_one_array():
    with pytest.raises(ValueError, match="return_indices must be False: a layer returns one"):
        Layer(max_pool2d, 2, return_indices=True)
    assert Layer(max_pool2d, 2, return_indices=False)([[1, 2], [3, 4]]).tolist() == [[4]]


def test_the_table_recognises_layers_by_function_not_by_name():
    x = np.zeros((1, 1, 8, 8))
    pool = Layer(max_pool2d, kernel_size=2, name="p1")
    conv = Layer(conv2d, bias=np.ones(2), weight=np.ones((2, 1, 3, 3)), name="c1")
    rows = [line.split() for line in Chain(pool, conv).table(x).splitlines()]
    assert rows[2] == ["p1", "1×4×4", "0", "0", "2×2"]
    assert rows[3] == ["c1", "2×2×2", "20", "72", "6×6"]


def test_the_table_shows_unknown_receptive_fields_as_question_marks():
    up = Layer(conv_transpose2d, np.ones((1, 1, 2, 2)), stride=2)
    fields = {
        (up, relu): "?",
        (Layer(cnnlib.adaptive_avg_pool2d, 2),): "?",
        (Layer(cnnlib.adaptive_avg_pool2d, 1),): "all",
    }
    for layers, field in fields.items():
        assert Chain(*layers).table(np.zeros((1, 1, 4, 4))).splitlines()[-2].split()[-1] == field


@pytest.mark.parametrize("shape", [(1, 4), (1, 3, 4), (2, 3, 5, 4)])
def test_the_table_counts_each_product_of_linear(shape):
    """One row of weights is used for each position along the other axes."""
    x, w = np.ones(shape), np.ones((5, 4))
    row = Chain(Layer(linear, w)).table(x).splitlines()[2].split()
    assert row[1:4] == ["×".join(map(str, (*shape[1:-1], 5))), "20", str(w.size * x[0].size // 4)]


def test_linear_on_maps_sees_whole_rows():
    net = Chain(Layer(conv2d, np.ones((1, 1, 3, 3))), Layer(linear, np.ones((4, 6))), relu)
    assert [line.split()[-1] for line in net.table((1, 1, 8, 8)).splitlines()[2:5]] == [
        "3×3",
        "3×8",
        "3×8",
    ]


def test_the_table_treats_convolve2d_as_conv2d():
    shape, weight = (1, 1, 9, 9), np.ones((2, 1, 3, 3))
    ours, theirs = (
        Chain(Layer(function, weight, stride=2, name="c")).table(shape)
        for function in (convolve2d, conv2d)
    )
    assert ours == theirs
    assert ours.splitlines()[2].split() == ["c", "2×4×4", "18", "288", "3×3"]


def test_the_table_lists_the_layers_of_nested_chains():
    nested = Chain(Chain(relu, Layer(max_pool2d, 2)), Layer(flatten, 1))
    assert nested.table((1, 1, 4, 4)) == Chain(relu, Layer(max_pool2d, 2), Layer(flatten, 1)).table(
        (1, 1, 4, 4)
    )


def test_the_table_of_a_shape_is_that_of_an_array():
    x = np.zeros((3, 1, 28, 28))
    assert NET.table(x) == NET.table(x.shape) == NET.table(x.tolist())


def test_the_table_runs_your_own_functions_on_zeros():
    seen = []

    def halve(x):
        seen.append(x)
        return x[:, :, ::2]

    row = Chain(halve, relu).table((2, 1, 8, 4)).splitlines()[3].split()
    assert row[:2] == ["relu", "1×4×4"]
    assert len(seen) == 1
    assert seen[0].shape == (2, 1, 8, 4)
    assert not seen[0].any()


def test_the_table_needs_no_arithmetic(monkeypatch):
    """VGG-16 has 15 billion products for one image; none of them is computed."""
    from cnnlib import conv

    layers, channels = [], 3
    for outputs in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if outputs:
            weight = np.zeros((outputs, channels, 3, 3), np.float32)
            layers += [Layer(conv2d, weight, np.zeros(outputs, np.float32), padding=1), relu]
            channels = outputs
        else:
            layers.append(Layer(max_pool2d, 2))
    layers.append(Layer(flatten, 1))
    for inputs, outputs in ((25088, 4096), (4096, 4096), (4096, 1000)):
        weight = np.zeros((outputs, inputs), np.float32)
        layers.append(Layer(linear, weight, np.zeros(outputs, np.float32)))
    computed = []
    convolve = conv.convolve
    monkeypatch.setattr(
        conv, "convolve", lambda x, *rest: computed.append(x.size) or convolve(x, *rest)
    )
    table = Chain(*layers).table((1, 3, 224, 224))
    assert computed == [0] * 13
    assert table.splitlines()[-1].split() == ["total", "138357544", "15470264320"]


def test_the_table_counts_parameters_and_multiply_adds():
    up = Chain(Layer(conv_transpose2d, np.ones((2, 3, 2, 2)), np.ones(3), stride=2, name="up"))
    row = up.table(np.ones((1, 2, 4, 4))).splitlines()[2].split()
    assert row[:4] == ["up", "3×8×8", "27", "384"]
