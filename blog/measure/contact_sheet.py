"""Draw every operation in every kind of geometry on one page, to be looked at.

    make contact-sheet

Writes `_build/contact-sheet/index.html`: for each call a step, an animation at three moments, all
windows at once, an icon, and the explorer as it is without JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

import cnnlib
from cnnlib import ShapeError, gradients
from cnnlib.explain.explorer import explorer
from cnnlib.explain.palette import PALETTE
from cnnlib.explain.picture import animate, show_step, show_windows, window_icon
from cnnlib.explain.recorders import RECORDERS
from cnnlib.explain.trace import Trace, trace

OUT = Path("_build") / "contact-sheet"
GEOMETRIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "stride": {"stride": (2, 3)},
    "padding": {"padding": 1},
    "one-sided padding": {"padding": ((1, 0), (0, 1))},
    "dilation": {"dilation": 2},
    "all together": {"stride": (2, 1), "padding": ((1, 0), (0, 1)), "dilation": 2},
}
# Further options and inputs that are shown once each.
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("conv2d", {"padding": 1, "padding_mode": "reflect"}),
    ("conv2d", {"padding": 1, "padding_mode": "replicate"}),
    ("conv2d", {"padding": 1, "padding_mode": "circular"}),
    ("conv_transpose2d", {"stride": 2, "padding": 1, "output_padding": 1}),
    ("max_pool2d", {"ceil_mode": True}),
    ("avg_pool2d", {"padding": 1, "count_include_pad": False}),
]
STYLE = """
body { font: 15px system-ui; margin: 2rem; background: var(--paper); color: var(--ink) }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } h3 { font-size: .9rem; font-weight: normal }
div { display: flex; flex-wrap: wrap; gap: 1rem; align-items: start }
img, svg { outline: 1px dotted var(--muted); flex: none }
"""


def operands(name: str) -> tuple[Any, ...]:
    """Return an input of different numbers, and what else the operation takes."""
    image = (np.arange(30).reshape(5, 6) * 7 % 31) - 9
    if name.startswith("adaptive"):
        return image, (2, 4)
    if name == "max_pool2d":
        return image.astype(float), 2
    if name == "avg_pool2d":
        return image, 2
    kernel = np.array([[2, 1], [0, -1]])
    return (image[:3, :3] if name == "conv_transpose2d" else image), kernel


def calls() -> Iterator[tuple[str, Trace]]:
    """Yield a title and a trace for each call that an operation allows."""
    for function in RECORDERS:
        name = function.__name__
        for title, options in GEOMETRIES.items():
            traced = attempt(function, *operands(name), **options)
            if traced is not None:
                yield f"{name}, {title}", traced
    for name, options in OTHERS:
        title = ", ".join(f"{key}={value}" for key, value in options.items())
        yield f"{name}, {title}", trace(getattr(cnnlib, name), *operands(name), **options)
    rng = np.random.default_rng(0)
    image, filters = rng.integers(0, 9, (3, 4, 4)), rng.integers(-2, 3, (2, 3, 3, 3))
    yield "conv2d, three channels", trace(cnnlib.conv2d, image, filters, [1, 2], padding=1)
    small, kernel = image[0], np.array([[2, 1], [0, -1]])
    grad = image[1, :3, :3] - 4
    yield "conv2d_weight", trace(gradients.conv2d_weight, grad, small, kernel)
    yield "conv2d_input", trace(gradients.conv2d_input, grad, small, kernel)
    yield "max_pool2d_input", trace(gradients.max_pool2d_input, grad, small, 2, stride=1)
    yield "avg_pool2d_input", trace(gradients.avg_pool2d_input, grad, small, 2, stride=1)
    yield "activation_input, relu", trace(gradients.GRADIENTS[cnnlib.relu]["input"], grad, -grad)
    long = np.array([[-104, 12345, 0.0625], [1e-7, 2e9, 3]])
    yield "conv2d, long numbers", trace(cnnlib.conv2d, long, [[0.0625, -12345]])


def attempt(function: Callable[..., Any], *arguments: Any, **options: Any) -> Trace | None:
    """Trace a call, or return None if the operation has no such option."""
    try:
        return trace(function, *arguments, **options)
    except (TypeError, ShapeError):
        return None


def pictures(number: int, traced: Trace) -> Iterator[str]:
    """Write the pictures of a trace into files and yield their elements."""
    at = traced.steps[min(1, len(traced) - 1)].index
    moving = animate(traced, caption="Animation")
    frames = moving.svg.count("<desc>") - 1  # one for the whole, and one for each step
    stills = {"step": show_step(traced, at, caption="Step"), "moving": moving}
    stills["windows"] = show_windows(traced, caption="All windows")
    for name, picture in stills.items():
        (OUT / f"{number}-{name}.svg").write_text(picture.svg, "utf-8")
    views = ["step.svg", "windows.svg"]
    views += [f"moving.svg#step{n}" for n in sorted({1, (frames + 1) // 2, frames})]
    yield from (f'<img src="{number}-{view}" alt="{escape(view)}">' for view in views)
    yield window_icon(traced, traced[at])
    try:
        yield explorer(traced).html
    except ValueError as error:
        yield f"<span>No explorer: {escape(str(error))}</span>"


def main() -> None:
    """Write the page."""
    OUT.mkdir(parents=True, exist_ok=True)
    colours = "".join(f"--{name}:light-dark({a},{b});" for name, (a, b) in PALETTE.items())
    parts = [f"<style>:root{{color-scheme:light dark;{colours}}}{STYLE}</style>"]
    for number, (title, traced) in enumerate(calls()):
        shown = "".join(pictures(number, traced))
        parts.append(f"<h2>{escape(title)}</h2><h3>{escape(repr(traced))}</h3><div>{shown}</div>")
    page = f'<!doctype html><meta charset="utf-8"><title>Contact sheet</title>{"".join(parts)}'
    (OUT / "index.html").write_text(page, "utf-8")
    print(f"Open {OUT / 'index.html'}")


if __name__ == "__main__":
    main()
