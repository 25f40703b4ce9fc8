"""The code for PyTorch in the post on training does what the post does."""

import re
from pathlib import Path

import numpy as np
import pytest

from blog.measure import digits_sheet
from cnnlib import Chain, learn
from cnnlib.explain import digit_network
from cnnlib.explain.digits import read_digits
from tests.explain.test_training import fewer

POST = Path(__file__).parents[3] / "posts/2026/can-we-train-one-while-this-page-builds.md"


def test_the_code_for_pytorch_gives_the_same_scores_and_the_same_step():
    torch = pytest.importorskip("torch")
    (code,) = re.findall(r"```python\n(import torch.*?)```", POST.read_text("utf-8"), re.DOTALL)
    page = {}
    exec(code, page)
    chain = digit_network.digit_network(learn.Random(1))
    digit_network.read_weights(chain, digits_sheet.SHEET.with_name("digits.weights"))
    plain = Chain(*(layer for layer in chain if layer.name != "on_grid"))  # PyTorch rounds nothing
    training_of_plain = learn.Training(plain)
    with torch.no_grad():
        parameters = training_of_plain.parameters
        for theirs, ours in zip(page["net"].parameters(), parameters, strict=True):
            theirs.copy_(torch.tensor(ours))
    digits, held_out = read_digits(digits_sheet.SHEET)
    x = held_out.images[::50][:, np.newaxis]
    np.testing.assert_allclose(page["net"](torch.tensor(x)).detach(), plain(x), rtol=1e-10)
    assert np.abs(plain(x) - chain(x)).max() < 0.02
    few = fewer(digits, 250, 32)
    x = few.images[:, np.newaxis]
    for rate in (0.03, 0.02):
        theirs = page["step"](torch.tensor(x), torch.tensor(few.labels), rate, page["optimiser"])
        assert training_of_plain.step(x, few.labels, rate) == pytest.approx(theirs, rel=1e-10)
    for theirs, ours in zip(page["net"].parameters(), parameters, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-9, atol=1e-12)
