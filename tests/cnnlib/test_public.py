import ast
import importlib
import inspect
import io
import subprocess
import sys
import tokenize
import tomllib
from pathlib import Path

import numpy as np
import pytest

import cnnlib
from cnnlib import gradients

ROOT = Path(__file__).parents[2]

# The public API. If a name is added or removed on purpose, change it here too.
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
    "cross_entropy",
    "elu",
    "flatten",
    "gelu",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "output_size",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def test_public_names():
    assert sorted(cnnlib.__all__) == sorted(PUBLIC)
    actual = {
        name
        for name, value in vars(cnnlib).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert actual == set(PUBLIC)


def test_the_version_is_that_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert cnnlib.__version__ == project["version"]


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_importing_loads_only_numpy():
    code = "import sys; before = set(sys.modules); import cnnlib; print(*set(sys.modules) - before)"
    after_numpy = f"import numpy, numpy.typing; {code}"
    loaded = {name for name in run(after_numpy) if not name.startswith(("cnnlib", "numpy"))}
    assert loaded <= {"__future__", "copy", "dataclasses"}
    packages = {name.split(".")[0] for name in run(code)}
    assert packages - sys.stdlib_module_names == {"cnnlib", "numpy"}


def test_importing_loads_few_modules():
    """Modules are counted because import times depend on the machine."""
    code = "import sys, cnnlib; print(*(m for m in sys.modules if m.startswith('cnnlib')))"
    ours = "activations algorithms chain conv dtypes layers losses pool shapes windows"
    assert sorted(run(code)) == ["cnnlib", *(f"cnnlib.{name}" for name in ours.split())]


@pytest.mark.parametrize("path", ["reference.conv2d", "explain.trace"])
def test_modules_are_loaded_when_they_are_first_used(path):
    assert run(f"import cnnlib; print(cnnlib.{path}.__name__)") == [path.split(".")[-1]]


def test_missing_names_are_reported():
    with pytest.raises(AttributeError, match="module 'cnnlib' has no attribute 'conv3d'"):
        cnnlib.conv3d  # noqa: B018


def test_the_reference_imports_only_numpy():
    source = inspect.getsource(importlib.import_module("cnnlib.reference"))
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    modules = {line.split()[1].split(".")[0] for line in imports}
    assert modules == {"__future__", "math", "typing", "numpy"}


@pytest.mark.parametrize("name", [name for name in PUBLIC if name.islower()])
def test_every_function_has_a_complete_docstring(name):
    function = getattr(cnnlib, name)
    docstring = inspect.getdoc(function)
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"{section}\n---" in docstring, section
    assert "In PyTorch this is" in docstring or name == "output_size"
    for parameter in inspect.signature(function).parameters.values():
        assert parameter.name in docstring


GRADIENTS = [
    name
    for name, function in vars(gradients).items()
    if name.endswith(("_input", "_weight", "_bias", "_gradients")) and callable(function)
]


@pytest.mark.parametrize("name", GRADIENTS)
def test_every_gradient_has_a_complete_docstring(name):
    function = getattr(gradients, name)
    docstring = inspect.getdoc(function)
    for section in ("Parameters", "Returns", "Examples"):
        assert f"{section}\n---" in docstring, section
    for parameter in inspect.signature(function).parameters.values():
        assert parameter.name in docstring


ARGUMENTS = {
    "adaptive_avg_pool2d": [1],
    "adaptive_max_pool2d": [1],
    "avg_pool2d": [2],
    "batch_norm": [np.zeros(2), np.ones(2), np.ones(2), np.zeros(2)],
    "conv2d": [np.ones((2, 2, 2, 2)), np.ones(2)],
    "conv_transpose2d": [np.ones((2, 2, 2, 2)), np.ones(2)],
    "cross_entropy": [np.zeros((1, 4, 4), int)],
    "convolve2d": [np.ones((2, 2, 2, 2)), np.ones(2)],
    "linear": [np.ones((3, 4)), np.ones(3)],
    "max_pool2d": [2],
    "mse_loss": [np.ones((1, 2, 4, 4))],
}


@pytest.mark.parametrize("name", sorted({n for n in PUBLIC if n.islower()} - {
    "choose_algorithm", "output_size"}))  # fmt: skip
def test_functions_do_not_modify_their_arguments(name):
    arguments = [np.arange(-16.0, 16).reshape(1, 2, 4, 4), *ARGUMENTS.get(name, [])]
    before = [np.array(value) for value in arguments]
    y = getattr(cnnlib, name)(*arguments)
    for value, copy in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(value, copy)
        assert name == "flatten" or not np.shares_memory(y, np.asarray(value))


def test_calls_do_not_change_numpy_settings():
    before = np.geterr()
    cnnlib.conv2d(np.array([[np.inf, -np.inf]]), [[1.0, 1.0]])
    cnnlib.sigmoid([np.nan, np.inf])
    assert np.geterr() == before


def code_lines(path):
    """Count lines of code: no blank lines, comments, docstrings, or overloads for type checkers."""
    source, left_out = path.read_text("utf-8"), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and "overload" in map(
            ast.unparse, node.decorator_list
        ):
            left_out.update(range(node.decorator_list[0].lineno, node.end_lineno + 1))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.update(range(node.lineno, node.end_lineno + 1))
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in {*layout, tokenize.ENDMARKER}
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(lines - left_out)


LEARNING = ("exact", "gradients", "learn", "losses", "slopes")
AROUND = ("chain", "from_torch", "blocks", "dask")


def test_the_library_stays_small():
    """Each module is short enough to be read in five minutes, and so is what surrounds them."""
    counts = {path.stem: code_lines(path) for path in (ROOT / "cnnlib").glob("*.py")}
    around = [counts.pop(name) for name in AROUND]
    learning = [counts.pop(name) for name in LEARNING]
    assert sum(counts.values()) <= 1300  # the mathematics
    assert sum(counts.values()) + sum(learning) <= 1700  # with gradients and learning
    assert sum(around) <= 350
    assert max(*counts.values(), *around, *learning) <= 250
