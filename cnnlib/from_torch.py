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


# Modules have the names of their functions (ConvTranspose2d and conv_transpose2d), but for these.
COUNTERPARTS = {
    name.replace("_", ""): getattr(cnnlib, name) for name in cnnlib.__all__ if name.islower()
}
COUNTERPARTS |= dict.fromkeys(("batchnorm1d", "batchnorm2d"), cnnlib.batch_norm)
COUNTERPARTS |= dict.fromkeys(("dropout", "dropout2d", "identity"), identity)
# Attributes that do not matter in evaluation mode, although the functions have such an argument.
IGNORED = ("inplace", "training", "momentum")


def translate(module: Any, path: str = "module") -> Layer | Chain:
    """Return a module as a layer, or a sequence of modules as a chain.

    A layer's arguments are those attributes of the module that its function takes.
    """
    kind = type(module).__name__
    if kind == "Sequential":
        return Chain(*(translate(child, f"{path}[{i}]") for i, child in enumerate(module)))
    function = COUNTERPARTS.get(kind.lower())
    if function is None:
        hint = "its own forward cannot be read" if hasattr(module, "forward") else "it is no module"
        raise TypeError(
            f"{path} is a {kind}, which has no counterpart in cnnlib, and {hint}; an nn.Sequential "
            "of modules that have one would fit"
        )
    if module.training and function in (cnnlib.batch_norm, identity) and kind != "Identity":
        raise ValueError(f"{path}, a {kind}, is in training mode; call eval() of the module first")
    if getattr(module, "return_indices", False):
        raise ValueError(f"{path}, a {kind}, returns indices, which a chain cannot pass on")
    names = [name for name in inspect.signature(function).parameters if name not in IGNORED]
    options = {name: getattr(module, name) for name in names if hasattr(module, name)}
    for name, value in options.items():
        if hasattr(value, "detach"):
            options[name] = np.array(as_numeric(value, f"{name} of {path}"))
    return Layer(function, name=kind.lower() if function is identity else None, **options)
