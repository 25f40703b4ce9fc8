"""Random settings of the explorer with the results of cnnlib, to compare the script with."""

from __future__ import annotations

import random
import re
from typing import Any

import numpy as np
import sympy

import cnnlib
from cnnlib.explain.equations import output_size
from cnnlib.explain.explorer import equation, explorer_link
from cnnlib.explain.layout import shades
from cnnlib.explain.trace import Trace, trace
from cnnlib.shapes import ShapeError

OPERATIONS = ("conv2d", "convolve2d", "conv_transpose2d", "max_pool2d", "avg_pool2d")


def settings(count: int, seed: int) -> list[dict[str, Any]]:
    """Generate settings with all operations, sizes and kinds of entries, reproducible by seed."""
    rng = random.Random(seed)
    return [setting(rng, OPERATIONS[number % len(OPERATIONS)]) for number in range(count)]


def setting(rng: random.Random, op: str) -> dict[str, Any]:
    kinds = {
        "digits": lambda: rng.randint(0, 9),
        "whole": lambda: rng.randint(-99, 99),
        "large": lambda: rng.randint(-999999, 999999),
        "quarters": lambda: rng.randint(-4000, 4000) / 4,
        "large quarters": lambda: rng.randint(-39999, 39999) / 4,
        # Without signs: where sums of decimals cancel, rounding is all that is left.
        "tiny": lambda: rng.randint(0, 9) / 10**6,
    }
    kind = kinds[rng.choice(list(kinds))]
    pool = op.endswith("pool2d")
    size = rng.randint(1, 12), rng.randint(1, 12)
    window = rng.randint(1, 7), rng.randint(1, 7)
    # Half of the kernels are small, as most kernels that readers choose are.
    if rng.random() < 0.5:
        window = min(window[0], 3), min(window[1], 3)
    dilation = [1, 1] if op == "avg_pool2d" else [rng.choice((1, 1, 2, 3)) for _ in "rc"]
    padding = [rng.choice((0, 0, 1, 2, 3)) for _ in "rc"]
    if pool:
        spans = [d * (k - 1) + 1 for d, k in zip(dilation, window, strict=True)]
        padding = [min(p, span // 2) for p, span in zip(padding, spans, strict=True)]
    x = [[kind() for _ in range(size[1])] for _ in range(size[0])]
    if op != "max_pool2d" and rng.random() < 0.1:
        x[rng.randrange(size[0])][rng.randrange(size[1])] = rng.choice("aqz")
    return {
        "op": op,
        "x": x,
        "k": [[kind() for _ in range(window[1])] for _ in range(window[0])],
        "s": [rng.randint(1, 4) for _ in "rc"],
        "p": padding,
        "d": dilation,
        "at": [0, 0],
        "pick": rng.random(),
    }


def trace_of(state: dict[str, Any]) -> Trace:
    """Trace the operation that a state describes."""
    x, k = (np.array([list(map(symbolic, row)) for row in state[key]]) for key in "xk")
    options = {"stride": tuple(state["s"]), "padding": tuple(state["p"])}
    if state["op"] == "max_pool2d" and max(state["p"]):
        x = x.astype(float)  # integers cannot represent the padding value, minus infinity
    if state["op"] != "avg_pool2d":
        options["dilation"] = tuple(state["d"])
    window = k.shape if state["op"].endswith("pool2d") else k
    return trace(getattr(cnnlib, state["op"]), x, window, **options)


def symbolic(entry: Any) -> Any:
    return sympy.Symbol(entry) if isinstance(entry, str) else entry


def vector(state: dict[str, Any]) -> dict[str, Any]:
    """Return the results of cnnlib for one setting."""
    pick = state.pop("pick")
    try:
        traced = trace_of(state)
    except ShapeError as error:
        # The explorer has one padding for both sides, so it writes ((1, 1), (2, 2)) as 1×2.
        text = re.sub(r"\(\((\d), \1\), \((\d), \2\)\)", r"\1×\2", str(error))
        return {"state": state, "why": f"{text[0].upper()}{text[1:]}."}
    at = traced.steps[int(pick * len(traced))].place
    state["at"] = list(at)
    shown = equation(traced, at)
    sizes = [output_size(traced, axis) for axis in (0, 1)]
    return {
        "state": state,
        # The trace of a pooling has no kernel to put into a link.
        "link": None if traced.weight is None else explorer_link(traced, at),
        "shape": list(traced.output.shape),
        "output": [[number(value) for value in row] for row in traced.output],
        "mathml": [piece.mathml for piece in shown.pieces],
        "tex": shown.tex,
        "size": [size.mathml for size in sizes],
        "unread": [list(places) for places in traced.unread],
        "shades": [
            shades(matrix).tolist()
            for matrix in (traced.input, traced.weight, traced.output)
            if matrix is not None
        ],
    }


def number(value: Any) -> float | None:
    return None if isinstance(value, sympy.Basic) else float(value)
