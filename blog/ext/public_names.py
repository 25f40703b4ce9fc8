"""Print the names of the reference as they can be typed: `cnnlib.explain.trace`.

Most functions of `cnnlib.explain` are defined in a module of the same name, which they hide.
"""

from __future__ import annotations

import importlib
from typing import Any

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

PACKAGES = ("cnnlib", "cnnlib.explain")


def public_prefix(module: str, name: str) -> str:
    """Return what to type before a name of a module: its package, its module, or nothing.

    >>> public_prefix("cnnlib.explain.trace", "trace")
    'cnnlib.explain.'
    >>> public_prefix("cnnlib.explain.trace", "Step")  # cnnlib.explain.trace is a function
    ''
    >>> public_prefix("cnnlib.reference", "conv2d")
    'cnnlib.reference.'
    """
    home = importlib.import_module(module)
    for package in map(importlib.import_module, PACKAGES):
        if name in package.__all__ and getattr(package, name) is getattr(home, name):
            return f"{package.__name__}."
    parent, _, last = module.rpartition(".")
    hidden = parent and getattr(importlib.import_module(parent), last, home) is not home
    return "" if hidden else f"{module}."


class PublicNames(SphinxTransform):
    """Correct the signatures of one page; their anchors stay the same."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Process one page."""
        for signature in self.document.findall(addnodes.desc_signature):
            module, name = signature.get("module"), signature.get("fullname", "")
            for prefix in list(signature.findall(addnodes.desc_addname)):
                if module and prefix.astext() == f"{module}.":
                    if text := public_prefix(module, name):
                        signature.insert(signature.index(prefix), addnodes.desc_addname(text, text))
                    signature.remove(prefix)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(PublicNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
