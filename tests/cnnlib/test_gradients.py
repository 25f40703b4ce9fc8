"""Gradients, compared with finite differences, with the laws they obey, and with PyTorch."""

import importlib.util
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import cnnlib
from cnnlib import gradients, reference
from tests.cnnlib.strategies import assert_close, convolutions, geometries, random_array

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")

DOUBLE = [np.float64]
ACTIVATIONS = [
    "relu",
    "leaky_relu",
    "elu",
    "sigmoid",
    "tanh",
    "silu",
    "softplus",
    "gelu",
    "softmax",
    "log_softmax",
]


def central_differences(function, x, grad, step=1e-6):
    """Estimate the gradient of sum(grad · function(x)) by moving each entry up and down."""
    result = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        result[place] = (grad * (function(up) - function(down))).sum() / (2 * step)
    return result


def random_grad(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@given(convolutions(DOUBLE))
def test_convolution_agrees_with_finite_differences(case):
    x, w, options = case["x"], case["weight"], case["options"]
    grad = random_grad(cnnlib.conv2d(x, w, **options).shape)
    by_input = central_differences(lambda a: cnnlib.conv2d(a, w, **options), np.array(x), grad)
    by_weight = central_differences(lambda a: cnnlib.conv2d(x, a, **options), w, grad)
    assert_close(gradients.conv2d_input(grad, x, w, **options), by_input, scale=1e3)
    assert_close(gradients.conv2d_weight(grad, x, w, **options), by_weight, scale=1e3)


@given(convolutions(DOUBLE))
def test_convolution_and_its_gradients_are_adjoint(case):
    """⟨conv(x, k), g⟩ = ⟨x, gradient of x⟩ = ⟨k, gradient of k⟩: it is linear in both."""
    x, w, options = case["x"], case["weight"], case["options"]
    y = cnnlib.conv2d(x, w, **options)
    grad = random_grad(y.shape)
    total = (y * grad).sum()
    assert_close((x * gradients.conv2d_input(grad, x, w, **options)).sum(), total, scale=100)
    assert_close((w * gradients.conv2d_weight(grad, x, w, **options)).sum(), total, scale=100)


@st.composite
def transposed(draw):
    """Draw the arguments of a transposed convolution."""
    case = draw(geometries(max_padding=1))
    options = case["options"]
    limit = [max(s, d) for s, d in zip(options["stride"], options["dilation"], strict=True)]
    options["output_padding"] = tuple(draw(st.integers(0, most - 1)) for most in limit)
    options["groups"] = groups = draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.normal(size=(draw(st.integers(1, 2)), 2 * groups, *case["size"]))
    w = rng.normal(size=(2 * groups, draw(st.integers(1, 2)), *case["kernel"]))
    try:
        y = cnnlib.conv_transpose2d(x, w, **options)
    except cnnlib.ShapeError:
        options["padding"] = 0
        y = cnnlib.conv_transpose2d(x, w, **options)
    return x, w, rng.normal(size=y.shape), y, options


@given(transposed())
def test_transposed_convolution_and_its_gradients_are_adjoint(case):
    x, w, grad, y, options = case
    by_input = gradients.conv_transpose2d_input(grad, x, w, **options)
    by_weight = gradients.conv_transpose2d_weight(grad, x, w, **options)
    assert (by_input.shape, by_weight.shape) == (x.shape, w.shape)
    assert_close((x * by_input).sum(), (y * grad).sum(), scale=100)
    assert_close((w * by_weight).sum(), (y * grad).sum(), scale=100)
    other = np.flip(x).copy()
    again = cnnlib.conv_transpose2d(other, w, **options)
    assert_close((other * by_input).sum(), (again * grad).sum(), scale=100)


@st.composite
def pools(draw):
    case = draw(geometries(max_padding=0))
    kernel, options = case["kernel"], case["options"]
    padding = tuple((draw(st.integers(0, k // 2)), draw(st.integers(0, k // 2))) for k in kernel)
    options |= {"padding": padding, "ceil_mode": draw(st.booleans())}
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.permutation(2 * np.prod(case["size"])).reshape(1, 2, *case["size"]).astype(float)
    return x, kernel, options


@given(pools())
def test_max_pooling_agrees_with_finite_differences(case):
    x, kernel, options = case
    grad = random_grad(cnnlib.max_pool2d(x, kernel, **options).shape)
    expected = central_differences(lambda a: cnnlib.max_pool2d(a, kernel, **options), x, grad)
    assert_close(gradients.max_pool2d_input(grad, x, kernel, **options), expected, scale=1e5)


@given(pools(), st.booleans())
def test_average_pooling_is_adjoint_to_its_gradient(case, include_pad):
    x, kernel, options = case
    options = options | {"count_include_pad": include_pad}
    del options["dilation"]
    y = cnnlib.avg_pool2d(x, kernel, **options)
    grad = random_grad(y.shape)
    back = gradients.avg_pool2d_input(grad, x, kernel, **options)
    assert_close((y * grad).sum(), (x * back).sum(), scale=1e3)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
def test_adaptive_pooling_agrees_with_finite_differences(height, width, rows, columns):
    x = np.random.default_rng(1).permutation(2 * height * width).reshape(2, height, width) * 1.0
    size, grad = (rows, columns), random_grad((2, rows, columns))
    largest = central_differences(lambda a: cnnlib.adaptive_max_pool2d(a, size), x, grad)
    mean = central_differences(lambda a: cnnlib.adaptive_avg_pool2d(a, size), x, grad)
    assert_close(gradients.adaptive_max_pool2d_input(grad, x, size), largest, scale=1e4)
    assert_close(gradients.adaptive_avg_pool2d_input(grad, x, size), mean, scale=1e4)


def test_overlapping_windows_that_share_their_maximum_add_up():
    x = [[1, 2, 1], [2, 9, 2], [1, 2, 1]]
    back = gradients.max_pool2d_input([[1, 2], [3, 4]], x, 2, stride=1)
    assert back.tolist() == [[0, 0, 0], [0, 10, 0], [0, 0, 0]]


def test_equal_maxima_pass_everything_to_the_first():
    assert gradients.max_pool2d_input([[5]], [[7, 7], [7, 7]], 2).tolist() == [[5, 0], [0, 0]]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_agree_with_finite_differences(name):
    x = np.linspace(-6, 6, 60).reshape(5, 12)  # none is 0, where relu has a corner
    grad = random_grad(x.shape)
    expected = central_differences(getattr(cnnlib, name), x, grad)
    found = gradients.activation_input(getattr(cnnlib, name), grad, x)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_activations_stay_finite_for_huge_inputs(name, dtype):
    x = np.array([-6e4, -800, -90, 90, 800, 6e4], dtype)
    found = gradients.activation_input(getattr(cnnlib, name), np.ones_like(x), x)
    assert found.dtype == dtype
    assert np.isfinite(found).all()


def test_gelu_by_its_tanh_form_agrees_with_finite_differences():
    x = np.linspace(-6, 6, 60)
    expected = central_differences(lambda a: cnnlib.gelu(a, "tanh"), x, np.ones(60))
    assert_close(
        gradients.activation_input(cnnlib.gelu, np.ones(60), x, approximate="tanh"),
        expected,
        scale=1e3,
    )


def test_linear_agrees_with_finite_differences():
    rng = np.random.default_rng(0)
    x, w, b, grad = (rng.normal(size=s) for s in ((2, 3, 4), (5, 4), (5,), (2, 3, 5)))
    for found, expected in (
        (gradients.linear_input(grad, x, w), lambda a: cnnlib.linear(a, w, b)),
        (gradients.linear_weight(grad, x, w), lambda a: cnnlib.linear(x, a, b)),
        (gradients.linear_bias(grad), lambda a: cnnlib.linear(x, w, a)),
    ):
        moved = {(2, 3, 4): x, (5, 4): w, (5,): b}[found.shape]
        assert_close(found, central_differences(expected, moved, grad), scale=1e3)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 4, 3)])
def test_losses_agree_with_finite_differences(shape):
    rng = np.random.default_rng(0)
    x, wanted = rng.normal(size=shape), rng.normal(size=shape)
    axis = min(1, len(shape) - 1)
    classes = rng.integers(0, 4, shape[:axis] + shape[axis + 1 :])
    for loss, target in ((cnnlib.cross_entropy, classes), (cnnlib.mse_loss, wanted)):
        back = getattr(gradients, f"{loss.__name__}_input")(x, target)
        call = partial(loss, target=target)
        expected = central_differences(call, x, 1.0)
        np.testing.assert_allclose(back, expected, rtol=1e-6, atol=1e-8)


def test_exact_fractions_stay_exact():
    half = Fraction(1, 2)
    x, k = np.array([[half, 1], [2, 3]], object), np.array([[half, 3]], object)
    grad = np.array([[Fraction(1, 3)], [Fraction(2, 5)]], object)
    assert gradients.conv2d_input(grad, x, k).tolist() == [
        [Fraction(1, 6), 1],
        [Fraction(1, 5), Fraction(6, 5)],
    ]
    assert gradients.conv2d_weight(grad, x, k).tolist() == [[Fraction(29, 30), Fraction(23, 15)]]
    assert gradients.avg_pool2d_input([[Fraction(1, 3)]], x, 2)[0, 0] == Fraction(1, 12)


def test_letters_give_the_derivative_that_sympy_takes():
    x = np.array(sympy.symbols("x:9")).reshape(3, 3)
    k, grad = (np.array(sympy.symbols(f"{name}:4")).reshape(2, 2) for name in "kd")
    loss = sympy.expand((reference.conv2d(x, k) * grad).sum())
    by_input = gradients.conv2d_input(grad, x, k)
    by_weight = gradients.conv2d_weight(grad, x, k)
    for found, letters in ((by_input, x), (by_weight, k)):
        assert all(
            sympy.expand(one - sympy.diff(loss, letter)) == 0
            for one, letter in zip(found.flat, letters.flat, strict=True)
        )


def test_integers_stay_exact():
    x, grad = np.array([[2**40, 1], [1, 1]]), np.array([[3]])
    assert gradients.conv2d_weight(grad, x, np.zeros((2, 2))).tolist() == [[3 * 2**40, 3], [3, 3]]


def test_unsigned_integers_do_not_wrap_around():
    x, wanted = np.array([1, 9], np.uint8), np.array([4, 8], np.uint8)
    assert cnnlib.mse_loss(x, wanted) == 5
    assert gradients.mse_loss_input(x, wanted).tolist() == [-3, 1]


IMAGE = np.arange(16.0).reshape(1, 1, 4, 4)
GRADIENT_SUMS = {
    "conv2d_bias": gradients.conv2d_bias,
    "linear_bias": gradients.linear_bias,
    "max_pool2d_input": lambda grad: gradients.max_pool2d_input(grad, IMAGE, 2),
    "adaptive_max_pool2d_input": lambda grad: gradients.adaptive_max_pool2d_input(grad, IMAGE, 2),
}
GRADIENT_SHARES = {
    "avg_pool2d_input": lambda grad: gradients.avg_pool2d_input(grad, IMAGE, 2),
    "adaptive_avg_pool2d_input": lambda grad: gradients.adaptive_avg_pool2d_input(grad, IMAGE, 2),
}


@pytest.mark.parametrize("code", "?bBhHiIlLefdFDgO")
@pytest.mark.parametrize("name", GRADIENT_SUMS | GRADIENT_SHARES)
def test_gradients_have_the_documented_dtype(name, code):
    found = (GRADIENT_SUMS | GRADIENT_SHARES)[name](np.ones((1, 1, 2, 2), code))
    of_integers = np.int64 if name in GRADIENT_SUMS else np.float64
    assert found.dtype == (of_integers if np.dtype(code).kind in "biu" else code)


def test_integers_at_one_maximum_do_not_wrap_around():
    grad, x = np.full((3, 3), 100, np.int8), np.pad([[1]], 2)
    assert gradients.max_pool2d_input(grad, x, 3, 1)[2, 2] == 900


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_long_sums_keep_their_digits(dtype):
    """Half precision cannot count beyond 2048 in steps of 1; float32 loses digits row by row."""
    ones = np.ones((3000, 1), dtype)
    assert gradients.linear_bias(ones) == 3000
    assert gradients.conv2d_bias(ones[:, :, None, None]) == 3000
    assert gradients.adaptive_max_pool2d_input(ones, [[1]], (3000, 1)) == 3000
    assert gradients.adaptive_avg_pool2d_input(ones, [[1]], (3000, 1)) == 3000
    assert gradients.batch_norm_gradients(ones, ones, [0], [1], eps=0)[1:] == (3000, 3000)
    tenths = np.full((400_000, 4), 0.1, np.float32)
    np.testing.assert_allclose(gradients.linear_bias(tenths), 400_000 * 0.1, rtol=1e-7)


@pytest.mark.parametrize("given", ["running_mean", "running_var"])
def test_one_running_statistic_is_not_enough(given):
    other = {"running_mean": "running_var", "running_var": "running_mean"}[given]
    with pytest.raises(TypeError, match=f"{other} must hold numbers .*, got NoneType"):
        gradients.batch_norm_gradients([[1.0], [0.0]], [[1.0], [3.0]], **{given: [1.0]})


def test_half_precision_does_not_overflow_on_the_way():
    grad, x = np.array([[0.0], [1.0]], np.float16), np.array([[60000.0], [1.0]], np.float16)
    assert gradients.batch_norm_gradients(grad, x, [0], [1e-4])[1] == np.float16(1 / 1.1e-4**0.5)
    far = np.full(4, 200, np.float16)
    assert cnnlib.mse_loss(far, -far) == np.inf  # 160,000 is no half precision number
    assert cnnlib.mse_loss(np.append(far, np.zeros(12)).astype("f2"), np.zeros(16, "f2")) == 10000
    assert gradients.mse_loss_input(np.full(9, 4e4, "f2"), np.zeros(9, "f2"))[0] == np.float16(8889)


def test_an_empty_batch_gives_gradients_of_zero():
    x, w = np.zeros((0, 2, 4, 4), np.float32), np.ones((3, 2, 2, 2), np.float32)
    grad = cnnlib.conv2d(x, w)
    for found in (
        gradients.conv2d_weight(grad, x, w),
        gradients.conv_transpose2d_weight(x, grad, w),
    ):
        assert found.shape == w.shape
        assert found.dtype == np.float32
        assert not found.any()
    pooled = cnnlib.max_pool2d(x, 2)
    assert gradients.max_pool2d_input(pooled, x, 2).shape == x.shape
    assert gradients.adaptive_max_pool2d_input(pooled, x, 2).shape == x.shape
    assert np.isnan(cnnlib.mse_loss(x, x))
    assert np.isnan(cnnlib.cross_entropy(x, np.zeros((0, 4, 4), int)))


def test_inputs_are_not_changed():
    x = random_array(np.random.default_rng(0), (1, 1, 4, 4), np.dtype(float))
    w, grad = np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3))
    for array in (x, w, grad):
        array.flags.writeable = False
    gradients.conv2d_input(grad, x, w)
    gradients.conv2d_weight(grad, x, w)
    gradients.max_pool2d_input(np.ones((1, 1, 2, 2)), x, 2)
    gradients.activation_input(cnnlib.relu, x, x)


ONES = np.ones((4, 4))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradients.conv2d_input(ONES, ONES, ONES), r"shape, \(1, 1\), got \(4, 4\)"),
        (lambda: gradients.conv2d_input(ONES, [1, 2], ONES), r"input must have shape .*got \(2,\)"),
        (lambda: gradients.conv2d_weight(ONES, ONES, np.ones((5, 5))), "kernel 5×5 is larger"),
        (lambda: gradients.conv2d_weight(ONES, ONES, ONES, strides=1), "argument 'strides'"),
        (lambda: gradients.conv_transpose2d_input(ONES, ONES, ONES), r"shape, \(7, 7\), got"),
        (lambda: gradients.conv_transpose2d_weight(ONES, ONES, [1]), "weight must have shape"),
        (lambda: gradients.max_pool2d_input(ONES, ONES, 2), r"shape, \(2, 2\)"),
        (lambda: gradients.avg_pool2d_input(ONES, ONES, 2), r"shape, \(2, 2\)"),
        (lambda: gradients.adaptive_avg_pool2d_input(ONES, ONES, 2), r"shape, \(2, 2\)"),
        (lambda: gradients.activation_input(cnnlib.relu, [1], [1, 2]), r"\(2,\), got \(1,\)"),
        (lambda: gradients.activation_input(np.sin, [1], [1]), "one of relu, .*, log_softmax, got"),
        (lambda: gradients.linear_input([1, 2], [1, 2], [[1, 2]]), r"shape, \(1,\), got \(2,\)"),
        (lambda: gradients.linear_weight([1, 2], [1], [[1]]), "grad_output must have the output's"),
        (
            lambda: gradients.linear_input([1], [1, 2], [[1]]),
            r"input must have shape \(\.\.\., 1\)",
        ),
        (
            lambda: gradients.linear_weight([1], [1], 2),
            r"weight must have shape \(outputs, inputs\)",
        ),
        (lambda: gradients.flatten_input([1, 2, 3], ONES), r"shape, \(16,\), got \(3,\)"),
        (lambda: gradients.flatten_input(ONES[0], [ONES], start_dim=1), r"shape, \(1, 16\)"),
        (lambda: gradients.conv2d_bias([1, 2]), r"grad_output must have shape .*got \(2,\)"),
        (
            lambda: gradients.activation_input(cnnlib.relu, [1], [1], dim=0),
            "of relu takes no .* dim",
        ),
        (
            lambda: gradients.activation_input(cnnlib.elu, [1], [1], inplace=True),
            "argument inplace",
        ),
        (lambda: cnnlib.cross_entropy([[1.0, 2.0]], [2]), "classes from 0 to 1, got 2 to 2"),
        (lambda: cnnlib.cross_entropy([[1.0, 2.0]], [0.0]), "classes as integers, got float64"),
        (lambda: cnnlib.cross_entropy([[1.0, 2.0]], [0, 1]), r"must have shape \(1,\)"),
        (lambda: cnnlib.mse_loss([1, 2], [1]), r"shape of the input, \(2,\), got \(1,\)"),
    ],
)
def test_errors_say_what_would_fit(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def torch_gradients(function, *arrays, grad):
    """Return PyTorch's gradients with respect to each array."""
    import torch

    leaves = [torch.tensor(np.array(a), requires_grad=True) for a in arrays]
    function(*leaves).backward(torch.tensor(grad))
    return [leaf.grad.numpy() for leaf in leaves]


@needs_torch
@given(convolutions())
def test_convolution_agrees_with_pytorch(case):
    import torch.nn.functional as F

    x, w, options = case["x"], case["weight"], dict(case["options"])
    grad = random_grad(cnnlib.conv2d(x, w, **options).shape).astype(x.dtype)
    (top, bottom), (left, right) = options["padding"]
    rest = {name: options[name] for name in ("stride", "dilation", "groups")}
    by_input, by_weight = torch_gradients(
        lambda a, b: F.conv2d(F.pad(a, (left, right, top, bottom)), b, **rest), x, w, grad=grad
    )
    found = gradients.conv2d_input(grad, x, w, **options)
    assert found.dtype == by_input.dtype
    assert_close(found, by_input, scale=5)
    assert_close(gradients.conv2d_weight(grad, x, w, **options), by_weight, scale=5)


@needs_torch
@given(transposed())
def test_transposed_convolution_agrees_with_pytorch(case):
    import torch.nn.functional as F

    x, w, _, _, options = case
    options = options | {"padding": 0}
    grad = random_grad(cnnlib.conv_transpose2d(x, w, **options).shape)
    by_input, by_weight = torch_gradients(
        lambda a, b: F.conv_transpose2d(a, b, **options), x, w, grad=grad
    )
    assert_close(gradients.conv_transpose2d_input(grad, x, w, **options), by_input)
    assert_close(gradients.conv_transpose2d_weight(grad, x, w, **options), by_weight)


@needs_torch
@given(pools())
def test_pooling_agrees_with_pytorch(case):
    import torch.nn.functional as F

    x, kernel, options = case
    x = np.floor(x / 3)  # with equal maxima
    options = options | {"padding": tuple(min(p) for p in options["padding"])}
    grad = random_grad(cnnlib.max_pool2d(x, kernel, **options).shape)
    (expected,) = torch_gradients(lambda a: F.max_pool2d(a, kernel, **options), x, grad=grad)
    assert_close(gradients.max_pool2d_input(grad, x, kernel, **options), expected)
    del options["dilation"]
    grad = random_grad(cnnlib.avg_pool2d(x, kernel, **options).shape)
    (expected,) = torch_gradients(lambda a: F.avg_pool2d(a, kernel, **options), x, grad=grad)
    assert_close(gradients.avg_pool2d_input(grad, x, kernel, **options), expected)


@needs_torch
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_agree_with_pytorch(name):
    import torch.nn.functional as F

    x = np.array([[-90.0, -8, -1, -0.1, 0, 0.1, 1, 8, 90]])
    options = {"dim": -1} if "softmax" in name else {}
    grad = random_grad(x.shape)
    (expected,) = torch_gradients(lambda a: getattr(F, name)(a, **options), x, grad=grad)
    np.testing.assert_allclose(
        gradients.activation_input(getattr(cnnlib, name), grad, x), expected, rtol=1e-8, atol=1e-12
    )


@needs_torch
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_agrees_with_pytorch(training):
    import torch
    import torch.nn.functional as F

    rng = np.random.default_rng(0)
    x, grad, w, b = (rng.normal(size=s) for s in ((4, 3, 2, 2), (4, 3, 2, 2), 3, 3))
    statistics = rng.normal(size=3), rng.random(3) + 0.5
    tensors = [torch.tensor(s) for s in statistics]
    expected = torch_gradients(
        lambda a, c, d: F.batch_norm(a, *tensors, c, d, training=training), x, w, b, grad=grad
    )
    given_statistics = (None, None) if training else statistics
    found = gradients.batch_norm_gradients(grad, x, *given_statistics, w)
    for one, other in zip(found, expected, strict=True):
        assert_close(one, other)


@needs_torch
def test_losses_agree_with_pytorch():
    import torch
    import torch.nn.functional as F

    rng = np.random.default_rng(0)
    x, wanted, classes = rng.normal(size=(5, 4)), rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    for name, target in (("cross_entropy", classes), ("mse_loss", wanted)):
        expected = getattr(F, name)(torch.tensor(x), torch.tensor(target))
        assert_close(getattr(cnnlib, name)(x, target), expected.numpy())
