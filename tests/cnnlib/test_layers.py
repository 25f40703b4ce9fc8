import numpy as np
import pytest

import cnnlib
from cnnlib import Chain, Layer, conv2d, conv_transpose2d, flatten, linear, max_pool2d, relu


def test_linear_is_a_matrix_product():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(5, 4)), rng.normal(size=5)
    expected = np.einsum("nij,oj->nio", x, w) + b
    np.testing.assert_allclose(linear(x, w, b), expected)


def test_linear_on_small_integers_does_not_overflow():
    assert linear(np.full(3, 200, np.uint8), np.full((1, 3), 200, np.uint8)).tolist() == [120000]


def test_flatten_joins_the_given_axes():
    x = np.arange(24).reshape(2, 3, 4)
    assert flatten(x).shape == (24,)
    assert flatten(x, 1).tolist() == x.reshape(2, 12).tolist()
    assert flatten(x, 0, 1).tolist() == x.reshape(6, 4).tolist()
    assert flatten(5).tolist() == [5]
    assert flatten(np.zeros((0, 3, 4)), 1).shape == (0, 12)


def test_batch_norm_normalises_each_channel():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, size=(50, 4, 5, 6))
    mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
    y = cnnlib.batch_norm(x, mean, var, eps=0)
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.std((0, 2, 3)), 1)
    scaled = cnnlib.batch_norm(x, mean, var, [2.0] * 4, [1.0] * 4, eps=0)
    np.testing.assert_allclose(scaled, 2 * y + 1)
    assert cnnlib.batch_norm(x.astype(np.float32), mean, var).dtype == np.float32
    assert cnnlib.batch_norm([[5.0]], [1.0], [3.0], eps=1.0).tolist() == [[2]]  # (5 - 1) / √(3 + 1)


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


def test_the_table_counts_parameters_and_multiply_adds():
    up = Chain(Layer(conv_transpose2d, np.ones((2, 3, 2, 2)), np.ones(3), stride=2, name="up"))
    row = up.table(np.ones((1, 2, 4, 4))).splitlines()[2].split()
    assert row[:4] == ["up", "3×8×8", "27", "384"]
