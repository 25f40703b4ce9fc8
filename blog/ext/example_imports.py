"""Give the examples in docstrings the imports that they need.

Docstrings leave them out, since the examples run in their own module. The button that copies an
example takes them from a `template` after it (`copy.js`).
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
from html import escape
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from blog.ext.public_names import public_prefix


def typed(example: str) -> str:
    r"""Return what one types: the lines after the prompts.

    >>> typed(">>> x = 1\n>>> x\n1")
    'x = 1\nx'
    """
    lines = (line[4:] for line in example.split("\n") if line[:4].rstrip() in (">>>", "..."))
    return "\n".join(lines)


def missing_names(code: str) -> set[str]:
    """Find the names that a piece of code uses and does not define.

    >>> missing_names("x = np.ones(3)")
    {'np'}
    """
    names = [node for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.Name, ast.alias))]
    made = {n.asname or n.name for n in names if isinstance(n, ast.alias)}
    made |= {n.id for n in names if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    used = {n.id for n in names if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return used - made - set(dir(builtins))


def import_line(name: str, module: str) -> str:
    """Return the import that brings a name of a module, from a package if one has it.

    >>> import_line("np", "cnnlib.conv"), import_line("conv2d", "cnnlib.conv")
    ('import numpy as np', 'from cnnlib import conv2d')
    >>> import_line("conv2d", "cnnlib.reference")
    'from cnnlib.reference import conv2d'
    """
    value = getattr(importlib.import_module(module), name)
    if inspect.ismodule(value):
        return f"import {value.__name__} as {name}"
    prefix = public_prefix(module, name) or f"{module}."
    return f"from {prefix.removesuffix('.')} import {name}"


def needed_before(code: str, earlier: str, module: str) -> str:
    """Return what to run before an example: imports, and earlier examples that it builds on.

    >>> print(needed_before("relu(x)", "x = np.ones(2)", "cnnlib.activations"))
    import numpy as np
    from cnnlib import relu
    x = np.ones(2)
    """
    known = vars(importlib.import_module(module))
    if any(name not in known for name in missing_names(code)):
        code = f"{earlier}\n{code}"
    else:
        earlier = ""
    lines = sorted({import_line(name, module) for name in missing_names(code)})
    lines.sort(key=lambda line: line.startswith("from"))
    return "\n".join([*lines, *([earlier] if earlier else [])])


def defining_module(signature: Any) -> str:
    """Return the module in which something described is defined: that of its class for a method."""
    name = signature["fullname"].partition(".")[0]
    home = importlib.import_module(signature["module"])
    return str(getattr(getattr(home, name), "__module__", home.__name__))


def signature_of(block: nodes.Node) -> Any:
    """Return the signature of the function or class whose docstring a node is in, if any."""
    parent = block.parent
    while parent and not isinstance(parent, addnodes.desc):
        parent = parent.parent
    return parent[0] if parent else None


class ExampleImports(SphinxTransform):
    """Add the imports to the examples of one page."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Process one page."""
        module = ""
        earlier: dict[str, str] = {}
        for node in list(self.document.findall()):
            if isinstance(node, addnodes.index):  # stands before a module's docstring
                targets = [target for _, _, target, *_ in node["entries"]]
                modules = [t.removeprefix("module-") for t in targets if t.startswith("module-")]
                module = modules[0] if modules else module
            elif isinstance(node, nodes.doctest_block) and (module or signature_of(node)):
                self.add(node, module, earlier)

    def add(self, block: nodes.doctest_block, module: str, earlier: dict[str, str]) -> None:
        """Add what to run before one example; remember it for later ones of the same docstring."""
        signature, docstring = signature_of(block), module
        if signature is not None:
            module, docstring = defining_module(signature), " ".join(signature["ids"])
        code = typed(block.astext())
        before = needed_before(code, earlier.get(docstring, ""), module)
        earlier[docstring] = f"{earlier.get(docstring, '')}\n{code}".strip("\n")
        if before:
            hidden = f'<template class="imports">{escape(before)}\n</template>'
            block.parent.insert(block.parent.index(block) + 1, nodes.raw("", hidden, format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(ExampleImports)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
