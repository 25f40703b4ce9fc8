"""The directive `operations`: functions of cnnlib, each with a picture, its sentence and formula.

The sentence and the formula are the first of the function's docstring.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import cnnlib
from blog.ext import miniature
from cnnlib.explain.matrices_scene import matrices_scene
from cnnlib.explain.scene import step_scene
from cnnlib.explain.trace import trace

FORMULA = re.compile(r"\.\. math:: (.+(?:\n {10,}.+)*)")
STROKE = [[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]]
DOT = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
SCORES = (-1.0, 0.0, 1.0, 2.0)
# What a picture shows: the arguments of one call, and the output entry whose window is marked.
STEPS: dict[str, tuple[tuple[Any, ...], dict[str, Any], tuple[int, int]]] = {
    "conv2d": ((STROKE, [[1, -1], [2, -2]]), {}, (0, 1)),
    "convolve2d": ((DOT, [[1, 2], [3, 4]]), {}, (0, 0)),
    "conv_transpose2d": (([[1, 2], [3, 4]], [[1, 1, 1]] * 3), {"stride": 2}, (2, 2)),
    "output_size": ((np.zeros((5, 5)), np.ones((3, 3))), {"stride": 2, "padding": 1}, (0, 0)),
    "max_pool2d": ((STROKE, 2), {}, (0, 1)),
    "avg_pool2d": ((STROKE, 2), {}, (0, 1)),
    "adaptive_max_pool2d": ((STROKE, 3), {}, (1, 1)),
    "adaptive_avg_pool2d": ((STROKE, 3), {}, (1, 1)),
}
# `output_size` computes the shape of what conv2d returns.
TRACED = {"output_size": cnnlib.conv2d}
MATRICES: dict[str, tuple[Any, ...]] = {
    "linear": ([[1, 2, 3]], [[1, 0, 2], [-1, 1, 0]]),
    "flatten": ([[1, 2, 3], [4, 5, 6]],),
    "batch_norm": ([[0.0, 2.0], [6.0, 8.0]], [4.0, 4.0], [10.0, 10.0]),
    "mse_loss": ([[4, 1], [0, 3]], [[4, 3], [0, 2]]),
    "cross_entropy": ([[3.0, 0.0, 1.0]], [0]),
}


def draw(name: str) -> str:
    """Draw what a function does to a few numbers."""
    function = getattr(cnnlib, name)
    if name in STEPS:
        arguments, options, at = STEPS[name]
        traced = trace(TRACED.get(name, function), *arguments, **options)
        scene = step_scene(traced, at)
        return miniature.corner_to_corner(scene, [scene.panel("input"), scene.panel("output")])
    if name in MATRICES:
        given = MATRICES[name]
        shown = {"input": given[0], "output": np.atleast_2d(function(*given))}
        scene = matrices_scene(shown)
        return miniature.corner_to_corner(scene, scene.panels)
    if name in ("softmax", "log_softmax"):
        return miniature.bars(SCORES, function(SCORES).tolist())
    return miniature.curve(function)


def sentence_and_formula(name: str) -> tuple[str, str]:
    """Return the first line and the first formula of a function's docstring.

    >>> sentence_and_formula("softmax")[0]
    'Convert scores to probabilities.'
    """
    text = inspect.getdoc(getattr(cnnlib, name)) or ""
    found = FORMULA.search(text)
    return text.partition("\n")[0], " ".join(found[1].split()) if found else ""


class Operations(SphinxDirective):
    """A list of functions, one name on each line."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        names = " ".join(self.content).split()
        for name in names:
            if name not in cnnlib.__all__:
                raise self.error(f"operations: cnnlib has no {name!r}")
        found = nodes.bullet_list(classes=["operations"])
        found += [self.item(name) for name in names]
        return [found]

    def item(self, name: str) -> nodes.list_item:
        """Return one function's entry."""
        link = pending_xref(
            "",
            nodes.literal("", name),
            refdomain="py",
            reftype="func",
            reftarget=f"cnnlib.{name}",
            refdoc=self.env.docname,
            refwarn=True,
        )
        sentence, formula = sentence_and_formula(name)
        item = nodes.list_item("", nodes.raw("", draw(name), format="html"))
        item += [nodes.paragraph("", "", link), nodes.paragraph("", sentence)]
        if formula:
            item += nodes.math_block(formula, formula, number=None, label=None, nowrap=False)
        self.set_source_info(item)
        return item


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("operations", Operations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
