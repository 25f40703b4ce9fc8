"""What shows a computation: traces, equations, pictures, explorers and their words.

One import has everything that a page needs::

    from cnnlib.explain import trace, animate, explorer, products

Nothing here imports Matplotlib before it draws, except `COLOURS` and `style` for your own figures.
"""

from typing import Any

from cnnlib.explain.checks import CheckError, Checks
from cnnlib.explain.classifier import classifier
from cnnlib.explain.descriptions import describe_array, describe_step, describe_trace, sizes_text
from cnnlib.explain.equations import (
    matrix,
    maximum,
    mean,
    output_size,
    pooling,
    products,
    substitution,
)
from cnnlib.explain.explorer import explorer, explorer_link
from cnnlib.explain.network import network
from cnnlib.explain.palette import PALETTE
from cnnlib.explain.photograph import photograph
from cnnlib.explain.picture import (
    WindowList,
    animate,
    animate_matrices,
    picture,
    show_contours,
    show_curve,
    show_dots,
    show_equations,
    show_images,
    show_lines,
    show_matrices,
    show_patches,
    show_product,
    show_stages,
    show_step,
    show_stops,
    show_windows,
)
from cnnlib.explain.question import (
    Question,
    ask_choice,
    ask_entry,
    ask_pooling,
    ask_size,
    ask_unread,
)
from cnnlib.explain.trace import trace
from cnnlib.explain.worksheet import worksheet

__all__ = [
    "COLOURS",
    "PALETTE",
    "CheckError",
    "Checks",
    "Question",
    "WindowList",
    "animate",
    "animate_matrices",
    "ask_choice",
    "ask_entry",
    "ask_pooling",
    "ask_size",
    "ask_unread",
    "classifier",
    "describe_array",
    "describe_step",
    "describe_trace",
    "explorer",
    "explorer_link",
    "matrix",
    "maximum",
    "mean",
    "network",
    "output_size",
    "photograph",
    "picture",
    "pooling",
    "products",
    "show_contours",
    "show_curve",
    "show_dots",
    "show_equations",
    "show_images",
    "show_lines",
    "show_matrices",
    "show_patches",
    "show_product",
    "show_stages",
    "show_step",
    "show_stops",
    "show_windows",
    "sizes_text",
    "style",
    "substitution",
    "trace",
    "worksheet",
]


def __getattr__(name: str) -> Any:
    if name in ("COLOURS", "style"):
        from cnnlib.explain import plots

        return getattr(plots, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
