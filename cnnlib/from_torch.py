"""Modules of PyTorch as layers. They are recognised by name, so PyTorch is not imported."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import cnnlib
from cnnlib.chain import Chain, Layer
from cnnlib.dtypes import as_numeric
from cnnlib.shapes import Array


def identity(input: Array) -> Array:
    """Return the input, as dropout does in evaluation mode."""
    return input


# Modules have the names of their functions (ConvTranspose2d and conv_transpose2d), but for a few.
MODULES = (
    "AdaptiveAvgPool2d AdaptiveMaxPool2d AvgPool2d BatchNorm1d BatchNorm2d Conv2d ConvTranspose2d "
    "Dropout Dropout2d ELU Flatten GELU Identity LeakyReLU Linear LogSoftmax MaxPool2d ReLU "
    "Sigmoid SiLU Softmax Softplus Tanh"
)
FUNCTIONS = {name.replace("_", ""): getattr(cnnlib, name) for name in cnnlib.__all__}
FUNCTIONS |= dict.fromkeys(("batchnorm1d", "batchnorm2d"), cnnlib.batch_norm)
FUNCTIONS |= dict.fromkeys(("dropout", "dropout2d", "identity"), identity)
COUNTERPARTS = {name: FUNCTIONS[name.lower()] for name in MODULES.split()}
# Attributes that do not matter in evaluation mode, or are False, although the functions have such
# an argument.
IGNORED = ("inplace", "training", "momentum", "return_indices")


def translate(module: Any, path: str = "module") -> Layer | Chain:
    """Return a module as a layer, or a sequence of modules as a chain.

    A layer's arguments are those attributes of the module that its function takes.
    """
    kind, home = type(module).__name__, type(module).__module__
    for problem, found in problems(module, kind).items():
        if found:
            raise ValueError(f"{path} ({kind}) {problem}")
    if not home.startswith("torch.nn.modules.") or kind not in (*COUNTERPARTS, "Sequential"):
        raise TypeError(
            f"{path} is of class {home}.{kind}, which cannot be translated. Known are, from "
            f"torch.nn and without subclasses, Sequential, {', '.join(COUNTERPARTS)}"
        )
    if kind == "Sequential":
        return Chain(*(translate(child, f"{path}[{i}]") for i, child in enumerate(module)))
    function = COUNTERPARTS[kind]
    names = [name for name in inspect.signature(function).parameters if name not in IGNORED]
    options = {name: getattr(module, name) for name in names if hasattr(module, name)}
    for name, value in options.items():
        if hasattr(value, "detach"):
            options[name] = np.array(as_numeric(value, f"{name} of {path}"))
    return Layer(function, name=kind.lower() if function is identity else None, **options)


def problems(module: Any, kind: str) -> dict[str, Any]:
    """List what would make a module's results differ from those of its function, and if it does."""
    own, norm, drop = getattr(module, "__dict__", {}), "BatchNorm" in kind, "Dropout" in kind
    hooks = [own.get(name) for name in ("_forward_pre_hooks", "_forward_hooks")]
    return {
        "has parametrizations, which compute its weights; make them permanent with "
        "torch.nn.utils.parametrize.remove_parametrizations": hasattr(module, "parametrizations"),
        "has hooks, which cannot be read; remove them (those of weight_norm with "
        "torch.nn.utils.remove_weight_norm)": any(hooks),
        "has a forward method of its own, which cannot be read": "forward" in own,
        "keeps no running statistics, so that its results depend on the batch; train it with "
        "track_running_stats=True": norm and getattr(module, "running_mean", 0) is None,
        "is in training mode; call module.eval()": own.get("training") and (norm or drop),
        "returns indices, which a chain cannot pass on": own.get("return_indices"),
        "has no dim; create it with dim=1 or dim=-1": own.get("dim", 0) is None,
    }
