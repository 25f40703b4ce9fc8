"""The table of conventions in the post on output sizes holds for the libraries that it names."""

import importlib.util
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import ndimage, signal

from cnnlib import conv2d, convolve2d, max_pool2d
from tests.cnnlib import with_onnx

POST = Path(__file__).parents[3] / "posts/2026/where-does-the-output-size-come-from.md"
CELL = next(
    cell
    for cell in re.findall(
        r"^```\{code-cell\} python\n(.*?)^```$", POST.read_text("utf-8"), re.M | re.S
    )
    if "CONVENTIONS = [" in cell
)
NAMES = {}
exec(re.search(r"^TORCH = .*?^\]$", CELL, re.M | re.S)[0], NAMES)
CONVENTIONS = {(library, call): formulas for library, call, _, *formulas in NAMES["CONVENTIONS"]}
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"
)


def value(formula, sizes):
    """Compute a formula as the table writes it."""
    code = formula.partition(", with")[0].replace("−", "-")
    code = re.sub(r"(\d)(?=[a-z(])", r"\1*", code)
    for bracket, function in {"⌊": "floor(", "⌈": "ceil(", "⌋": ")", "⌉": ")"}.items():
        code = code.replace(bracket, function)
    return eval(code, {"floor": math.floor, "ceil": math.ceil, "min": min}, sizes)


@st.composite
def sizes(draw):
    """Sizes of one axis, by the letters of the table."""
    n, k = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    s, d = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    e = d * (k - 1) + 1
    p, q = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return with_total({"n": n, "k": k, "s": s, "d": d, "e": e, "p": p, "q": q})


def with_total(sizes):
    """Add t, the padding that leads to ceil(n / s) outputs."""
    n, s, e = (sizes[letter] for letter in "nse")
    return sizes | {"t": max((math.ceil(n / s) - 1) * s + e - n, 0)}


def without_dilation(sizes):
    """Return the same sizes without gaps in the kernel."""
    return with_total(sizes | {"d": 1, "e": sizes["k"]})


def arrays(n, k, **_):
    """An input and a kernel whose sums tell where each window lies."""
    return np.arange(1.0, n + 1)[np.newaxis] ** 2, np.arange(1.0, k + 1)[np.newaxis] ** 3


def check(key, sizes, found):
    """Compare a result with the formulas of a line."""
    before, after, outputs = (value(formula, sizes) for formula in CONVENTIONS[key])
    x, kernel = arrays(**sizes)
    expected = conv2d(
        np.pad(x, ((0, 0), (before, after))),
        kernel,
        stride=(1, sizes["s"]),
        dilation=(1, sizes["d"]),
    )
    assert np.shape(found) == (1, outputs), key
    np.testing.assert_allclose(found, expected, err_msg=str(key))


def plain(sizes):
    """Return the same sizes without stride and dilation."""
    return without_dilation(sizes | {"s": 1})


def run_onnx(x, kernel, sizes, **attributes):
    """Convolve with ONNX Runtime."""
    geometry = {"strides": [1, sizes["s"]], "dilations": [1, sizes["d"]]}
    x, kernel = np.float32(x)[None, None], np.float32(kernel)[None, None]
    return with_onnx.convolve(x, kernel, **geometry, **attributes)[0, 0]


@given(sizes())
def test_onnx_pads_each_side_and_rounds_down(sizes):
    assume(sizes["n"] + sizes["p"] + sizes["q"] >= sizes["e"])
    pads = [0, sizes["p"], 0, sizes["q"]]
    check(("ONNX", "Conv(pads=[p, q])"), sizes, run_onnx(*arrays(**sizes), sizes, pads=pads))


@pytest.mark.parametrize(
    ("key", "mode"),
    [
        (("ONNX", 'Conv(auto_pad="SAME_UPPER")'), "SAME_UPPER"),
        (("ONNX", 'Conv(auto_pad="SAME_LOWER")'), "SAME_LOWER"),
        (("TensorFlow", 'padding="SAME"'), "SAME_UPPER"),
        (("TensorFlow", 'padding="VALID"'), "VALID"),
    ],
)
@given(sizes())
def test_same_and_valid_are_those_of_onnx(key, mode, sizes):
    if mode == "VALID":
        assume(sizes["n"] >= sizes["e"])
    else:
        sizes = without_dilation(sizes)  # which ONNX Runtime refuses here
        assume((math.ceil(sizes["n"] / sizes["s"]) - 1) * sizes["s"] + sizes["e"] >= sizes["n"])
    check(key, sizes, run_onnx(*arrays(**sizes), sizes, auto_pad=mode))


def test_onnx_runtime_cuts_entries_off_where_same_would_add_less_than_none():
    x, kernel = np.arange(1.0, 5.0)[np.newaxis], np.ones((1, 1))
    found = run_onnx(x, kernel, {"s": 4, "d": 1}, auto_pad="SAME_UPPER")
    np.testing.assert_array_equal(found, [[2]])
    np.testing.assert_array_equal(conv2d(x, kernel, stride=4, padding="same"), [[1]])


@pytest.mark.parametrize("mode", ["valid", "same", "full"])
@given(sizes())
def test_scipy_s_modes(mode, sizes):
    sizes = plain(sizes)
    assume(sizes["n"] >= sizes["k"])
    found = signal.correlate2d(*arrays(**sizes), mode)
    check(("SciPy", f'correlate2d(mode="{mode}")'), sizes, found)


@given(sizes())
def test_scipy_s_images_have_the_odd_entry_at_the_start(sizes):
    sizes = plain(sizes)
    found = ndimage.correlate(*arrays(**sizes), mode="constant")
    check(("SciPy", "ndimage.correlate"), sizes, found)


@pytest.mark.parametrize("kernel", [(2, 2), (3, 3), (2, 3), (4, 1)])
def test_scipy_s_same_depends_on_the_flip(kernel):
    rng = np.random.default_rng(0)
    x, weight = rng.integers(0, 9, (6, 7)), rng.integers(1, 9, kernel)
    for function, padding, expected in [
        (conv2d, "same", signal.correlate2d(x, weight, "same")),
        (conv2d, "same_lower", ndimage.correlate(x, weight, mode="constant")),
        (convolve2d, "same_lower", signal.convolve2d(x, weight, "same")),
        (convolve2d, "same", ndimage.convolve(x, weight, mode="constant")),
    ]:
        np.testing.assert_array_equal(function(x, weight, padding=padding), expected)


@needs_torch
@given(sizes())
def test_pytorch_pads_both_sides_and_rounds_down(sizes):
    assume(sizes["n"] + 2 * sizes["p"] >= sizes["e"])
    options = {"stride": (1, sizes["s"]), "dilation": (1, sizes["d"])}
    found = run_torch("conv2d", *arrays(**sizes), padding=(0, sizes["p"]), **options)
    check(("PyTorch", "Conv2d(padding=p)"), sizes, found)


@needs_torch
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@given(sizes())
def test_pytorch_s_same_has_the_odd_entry_at_the_end(sizes):
    sizes |= {"s": 1}
    found = run_torch("conv2d", *arrays(**sizes), padding="same", dilation=(1, sizes["d"]))
    check(("PyTorch", 'Conv2d(padding="same")'), sizes, found)


@needs_torch
def test_pytorch_s_same_refuses_a_stride():
    with pytest.raises(RuntimeError, match="padding='same' is not supported for strided"):
        run_torch("conv2d", np.ones((4, 4)), np.ones((2, 2)), padding="same", stride=2)


@needs_torch
@pytest.mark.parametrize(
    ("call", "up"), [("MaxPool2d(padding=p)", False), ("MaxPool2d(ceil_mode=True)", True)]
)
@given(sizes())
def test_pytorch_s_pooling(call, up, sizes):
    assume(2 * sizes["p"] <= sizes["k"] and sizes["n"] + 2 * sizes["p"] >= sizes["e"])
    x, _ = arrays(**sizes)
    options = {
        "kernel_size": (1, sizes["k"]),
        "stride": (1, sizes["s"]),
        "padding": (0, sizes["p"]),
        "dilation": (1, sizes["d"]),
        "ceil_mode": up,
    }
    found = run_torch("max_pool2d", x, **options)
    before, after, outputs = (value(f, sizes) for f in CONVENTIONS["PyTorch", call])
    assert (before, after) == (sizes["p"], sizes["p"])
    assert found.shape == (1, outputs)
    np.testing.assert_array_equal(found, max_pool2d(x, **options))


def run_torch(name, *arrays, **options):
    """Call a function of PyTorch on one image of one channel."""
    import torch

    tensors = [torch.from_numpy(array)[None, None] for array in arrays]
    return getattr(torch.nn.functional, name)(*tensors, **options)[0, 0].numpy()
