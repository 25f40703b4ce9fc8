"""Modules of PyTorch become chains that give the same results."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from cnnlib import Chain
from tests.cnnlib.strategies import assert_close

HAS_TORCH = importlib.util.find_spec("torch") is not None


class Sigmoid:
    """What a module is to cnnlib: a class of this name from ``torch.nn``, with these attributes."""

    __module__ = "torch.nn.modules.activation"
    training = False

    def forward(self, x):
        raise NotImplementedError


class Hardswish(Sigmoid):
    __module__ = "torch.nn.modules.activation"


class Dropout(Sigmoid):
    __module__ = "torch.nn.modules.dropout"

    def __init__(self):
        self.training = True


OwnSigmoid = type("Sigmoid", (Sigmoid,), {"__module__": "mine"})


def test_modules_are_recognised_by_name():
    chain = Chain.from_torch(Sigmoid())
    assert repr(chain) == "Chain(\n    Layer(sigmoid),\n)"
    assert chain([0.0]).tolist() == [0.5]


def test_modules_without_a_counterpart_are_refused():
    known = r"cannot be translated. Known are, .*, Sequential, AdaptiveAvgPool2d, .*, Tanh"
    for module, kind in [
        (Hardswish(), r"torch\.nn\.modules\.activation\.Hardswish"),
        (OwnSigmoid(), r"mine\.Sigmoid"),
        ([1], r"builtins\.list"),
    ]:
        with pytest.raises(TypeError, match=rf"^module is of class {kind}, which {known}$"):
            Chain.from_torch(module)


def test_modules_in_training_mode_are_refused():
    with pytest.raises(ValueError, match=r"module \(Dropout\) is in training mode; call module.ev"):
        Chain.from_torch(Dropout())


def test_pytorch_is_not_imported():
    code = "import sys, cnnlib.from_torch; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")


def lenet(nn):
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
        nn.LogSoftmax(1),
    )  # fmt: skip


def small_vgg(nn):
    def block(inputs, outputs):
        conv = nn.Conv2d(inputs, outputs, 3, padding="same", bias=False)
        return nn.Sequential(
            conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2)
        )

    features = nn.Sequential(block(1, 8), block(8, 16))
    classifier = nn.Sequential(
        nn.Linear(16 * 9, 20), nn.ReLU(True), nn.Dropout(0.5), nn.Linear(20, 10), nn.Softmax(dim=1)
    )
    return nn.Sequential(features, nn.AdaptiveAvgPool2d((3, 3)), nn.Flatten(), classifier)


def others(nn):
    return nn.Sequential(
        nn.Identity(), nn.Dropout2d(),
        nn.Conv2d(1, 4, (3, 2), (1, 2), (2, 1), 1, padding_mode="reflect"), nn.LeakyReLU(0.2),
        nn.Conv2d(4, 4, 3, dilation=2, groups=2), nn.ELU(0.5), nn.SiLU(),
        nn.ConvTranspose2d(4, 2, 3, 2, 1, 1, groups=2), nn.GELU("tanh"), nn.GELU(),
        nn.MaxPool2d(3, 2, 1, ceil_mode=True), nn.Softplus(2.0, 1.0),
        nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AdaptiveMaxPool2d((4, None)),
        nn.Sigmoid(), nn.Flatten(1, 2), nn.Linear(6, 3),
    )  # fmt: skip


@needs_torch
@pytest.mark.parametrize("build", [lenet, small_vgg, others])
def test_chains_give_the_results_of_pytorch(build):
    import torch

    torch.manual_seed(0)
    module = build(torch.nn)
    images = torch.rand(2, 1, 28, 28)
    for _ in range(3):
        module(images)  # so that the running statistics are not the initial ones
    module.eval()
    chain = Chain.from_torch(module)
    expected = module(images).detach().numpy()
    y = chain(images)
    assert (type(y), y.shape, y.dtype) == (np.ndarray, expected.shape, expected.dtype)
    assert_close(y, expected)
    assert len(chain) == len(module)
    parameters = sum(p.numel() for p in module.parameters())
    if build is lenet:
        assert chain.table((1, 1, 28, 28)).splitlines()[-1].split()[1] == str(parameters)


@needs_torch
def test_weights_are_copied():
    import torch

    module = torch.nn.Linear(2, 2)
    chain = Chain.from_torch(module)
    before = chain(np.ones(2))
    with torch.no_grad():
        module.weight += 1
    np.testing.assert_array_equal(chain(np.ones(2)), before)


def hooked(nn):
    module = nn.Conv2d(3, 3, 1)
    module.register_forward_hook(lambda module, inputs, output: output + 1)
    return module


def hooked_before(nn):
    module = nn.ReLU()
    module.register_forward_pre_hook(lambda module, inputs: (inputs[0] + 1,))
    return module


def hooked_sequence(nn):
    module = nn.Sequential(nn.ReLU())
    module.register_forward_hook(lambda module, inputs, output: output + 1)
    return module


def own_forward(nn):
    module = nn.ReLU()
    module.forward = lambda x: x + 1
    return module


def subclass(nn):
    class Conv2d(nn.Conv2d):
        def forward(self, x):
            return super().forward(x) + 1

    return Conv2d(3, 3, 1)


def subclassed_sequence(nn):
    class Sequential(nn.Sequential):
        def forward(self, x):
            return super().forward(x) + x

    return Sequential(nn.ReLU())


HOOKS = r" has hooks, which cannot be read; remove them \(.*remove_weight_norm\)$"
PARAMETRIZATIONS = r"has parametrizations, which compute its weights; .*remove_parametrizations$"
UNREADABLE = {
    hooked: r"\(Conv2d\)" + HOOKS,
    hooked_before: r"\(ReLU\)" + HOOKS,
    hooked_sequence: r"\(Sequential\)" + HOOKS,
    own_forward: r"\(ReLU\) has a forward method of its own, which cannot be read$",
    subclass: r"is of class .*Conv2d, which cannot be translated",
    subclassed_sequence: r"is of class .*Sequential, which cannot be translated",
    lambda nn: nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 3, 1)): PARAMETRIZATIONS,
    lambda nn: nn.utils.weight_norm(nn.Conv2d(3, 3, 1)): HOOKS,
    lambda nn: nn.utils.spectral_norm(nn.Linear(4, 4)): HOOKS,
}


@needs_torch
@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
@pytest.mark.parametrize("build", UNREADABLE)
def test_modules_that_compute_something_else_are_refused(build):
    from torch import nn

    module = build(nn)
    for outer, path in [(module, "module"), (nn.Sequential(nn.Tanh(), module), r"module\[1\]")]:
        with pytest.raises((TypeError, ValueError), match=f"^{path} .*{UNREADABLE[build]}"):
            Chain.from_torch(outer)


@needs_torch
@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_what_the_messages_advise_works():
    from torch import nn
    from torch.nn.utils import parametrizations, parametrize

    new = parametrizations.weight_norm(nn.Linear(3, 2))
    old = nn.utils.weight_norm(nn.Linear(3, 2))
    x = np.ones((1, 3), np.float32)
    for module in (new, old):
        assert module(as_tensor(x)).shape == (1, 2)
    parametrize.remove_parametrizations(new, "weight")
    nn.utils.remove_weight_norm(old)
    for module in (new, old):
        assert_close(Chain.from_torch(module)(x), module(as_tensor(x)).detach().numpy())


def as_tensor(x):
    import torch

    return torch.from_numpy(x)


@needs_torch
def test_messages_name_the_module():
    from torch import nn

    for module, message in [
        (nn.Sequential(nn.Sequential(nn.Conv1d(1, 1, 1))), r"module\[0\]\[0\] is of .*\.Conv1d"),
        (nn.Sequential(nn.BatchNorm2d(3)), r"module\[0\] \(BatchNorm2d\) is in training mode"),
        (nn.MaxPool2d(2, return_indices=True), r"module \(MaxPool2d\) returns indices"),
        (nn.Linear(2, 2).bfloat16(), "weight of module must not hold bfloat16"),
        (nn.BatchNorm1d(3, track_running_stats=False).eval(), "track_running_stats=True$"),
        (nn.BatchNorm2d(3, track_running_stats=False).eval(), "keeps no running statistics, so"),
        (nn.InstanceNorm2d(3), "is of class .*InstanceNorm2d"),
        (nn.Sequential(nn.Softmax()), r"module\[0\] \(Softmax\) has no dim; create it with dim=1"),
        (nn.LogSoftmax(), r"module \(LogSoftmax\) has no dim"),
    ]:  # fmt: skip
        with pytest.raises((TypeError, ValueError), match=message):
            Chain.from_torch(module)
