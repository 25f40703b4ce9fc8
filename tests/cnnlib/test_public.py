import importlib
import inspect
import subprocess
import sys

import numpy as np
import pytest

import cnnlib

# Every name that a reader may rely on. One that comes or goes is a decision: change it here too.
PUBLIC = [
    "Chain",
    "Layer",
    "ShapeError",
    "adaptive_avg_pool2d",
    "adaptive_max_pool2d",
    "avg_pool2d",
    "batch_norm",
    "choose_algorithm",
    "conv2d",
    "conv_transpose2d",
    "convolve2d",
    "elu",
    "flatten",
    "gelu",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool2d",
    "output_size",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def test_the_public_names_are_these_and_no_others():
    assert sorted(cnnlib.__all__) == sorted(PUBLIC)
    given = {
        name
        for name, value in vars(cnnlib).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert given == set(PUBLIC)


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_importing_brings_in_numpy_and_nothing_heavier():
    code = "import sys; before = set(sys.modules); import cnnlib; print(*set(sys.modules) - before)"
    after_numpy = f"import numpy, numpy.typing; {code}"
    brought = {name for name in run(after_numpy) if not name.startswith(("cnnlib", "numpy"))}
    assert brought <= {"__future__", "copy", "dataclasses"}
    tops = {name.split(".")[0] for name in run(code)}
    assert tops - sys.stdlib_module_names == {"cnnlib", "numpy"}


def test_importing_is_cheap_beside_numpy():
    """Counted in modules, since time depends on the machine: ours are these eight."""
    code = "import sys, cnnlib; print(*(m for m in sys.modules if m.startswith('cnnlib')))"
    ours = "activations algorithms conv dtypes layers pool shapes windows"
    assert sorted(run(code)) == ["cnnlib", *(f"cnnlib.{name}" for name in ours.split())]


def test_the_reference_imports_numpy_alone():
    source = inspect.getsource(importlib.import_module("cnnlib.reference"))
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    modules = {line.split()[1].split(".")[0] for line in imports}
    assert modules == {"__future__", "math", "typing", "numpy"}


@pytest.mark.parametrize("name", [name for name in PUBLIC if name.islower()])
def test_every_function_is_documented_in_full(name):
    function = getattr(cnnlib, name)
    document = inspect.getdoc(function)
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"{section}\n---" in document, section
    assert "In PyTorch this is" in document or name == "output_size"
    for parameter in inspect.signature(function).parameters.values():
        assert parameter.name in document


def test_geometry_is_given_by_keyword():
    for name in ("conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d"):
        parameters = inspect.signature(getattr(cnnlib, name)).parameters.values()
        kinds = {p.name: p.kind for p in parameters}
        assert kinds["stride"] == kinds["padding"] == inspect.Parameter.KEYWORD_ONLY


ARGUMENTS = {
    "adaptive_avg_pool2d": [1],
    "adaptive_max_pool2d": [1],
    "avg_pool2d": [2],
    "batch_norm": [np.zeros(2), np.ones(2), np.ones(2), np.zeros(2)],
    "conv2d": [np.ones((2, 2, 2, 2)), np.ones(2)],
    "conv_transpose2d": [np.ones((2, 2, 2, 2)), np.ones(2)],
    "convolve2d": [np.ones((2, 2, 2, 2)), np.ones(2)],
    "linear": [np.ones((3, 4)), np.ones(3)],
    "max_pool2d": [2],
}


@pytest.mark.parametrize("name", sorted({n for n in PUBLIC if n.islower()} - {
    "choose_algorithm", "output_size"}))  # fmt: skip
def test_no_function_changes_what_it_is_given(name):
    given = [np.arange(-16.0, 16).reshape(1, 2, 4, 4), *ARGUMENTS.get(name, [])]
    before = [np.array(value) for value in given]
    y = getattr(cnnlib, name)(*given)
    for value, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(value, copy)
        assert name == "flatten" or not np.shares_memory(y, np.asarray(value))


def test_calls_do_not_touch_the_settings_of_numpy():
    before = np.geterr()
    cnnlib.conv2d(np.array([[np.inf, -np.inf]]), [[1.0, 1.0]])
    cnnlib.sigmoid([np.nan, np.inf])
    assert np.geterr() == before
