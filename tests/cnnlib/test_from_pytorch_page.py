"""The code on the page "Coming from PyTorch" runs as it stands, in its order."""

import importlib.util
import re
import subprocess
import sys

import numpy as np
import pytest

import cnnlib
from tests.cnnlib.strategies import assert_close
from tests.tools import read_page

PAGE = read_page("api/from-pytorch.md")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
ROWS = re.findall(r"^\| `(F\.(\w+)\(.*)` \| `(.*)` \|$", PAGE, re.M)
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"
)


def run(code, folder):
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_torch
def test_weights_go_from_pytorch_to_a_file_and_to_layers(tmp_path):
    translate, save, load = BLOCKS
    compare = """
import torch
image = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32)
expected = trained(torch.from_numpy(image)).detach().numpy()
np.testing.assert_allclose(net(image), expected, rtol=1e-4, atol=1e-5)
np.savez("expected.npz", image=image, expected=expected)
"""
    table = run(translate + save + compare, tmp_path)
    assert table.splitlines()[2].split()[:2] == ["conv2d", "6×28×28"]
    without_torch = "import sys; sys.modules['torch'] = None\n"
    compare = """
saved = np.load("expected.npz")
np.testing.assert_allclose(net(saved["image"]), saved["expected"], rtol=1e-4, atol=1e-5)
print(len(net), *file.files)
"""
    printed = run(without_torch + load + compare, tmp_path)
    assert printed.split() == ["5", "conv.weight", "conv.bias", "score.weight", "score.bias"]


@needs_torch
@pytest.mark.parametrize(("theirs", "name", "ours"), ROWS, ids=[name for _, name, _ in ROWS])
def test_what_is_missing_is_one_line_of_numpy(theirs, name, ours):
    import torch

    rng = np.random.default_rng(0)
    arrays = {
        "x": 4 * rng.normal(size=(2, 4, 6, 8)),
        "signal": rng.normal(size=(2, 3, 9)),
        "kernel": rng.normal(size=(5, 3, 2)),
        "rows": rng.normal(size=(10, 4)),
        "classes": rng.integers(0, 10, size=6),
    }
    tensors = {key: torch.from_numpy(array) for key, array in arrays.items()}
    expected = eval(theirs, {"F": torch.nn.functional, **tensors}).numpy()
    y = eval(ours, {"F": cnnlib, "np": np, **arrays})
    assert (y.shape, y.dtype) == (expected.shape, expected.dtype)
    assert_close(y, expected)
    assert not hasattr(cnnlib, name)


def test_the_table_of_what_is_missing_was_found():
    assert len(ROWS) >= 11
    assert len(ROWS) == PAGE.count("\n| `F.")
