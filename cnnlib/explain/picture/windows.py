"""Equations beside small pictures of the windows that they were made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cnnlib.explain.descriptions import describe_places
from cnnlib.explain.equations import Equation, products
from cnnlib.explain.scene import icon_scene
from cnnlib.explain.svg import icon_svg
from cnnlib.explain.trace import Step, Trace


@dataclass(frozen=True)
class WindowList:
    """Equations, each beside a small picture of the window it was made from."""

    trace: Trace
    items: tuple[tuple[Step, Equation], ...] = field(repr=False)

    def _repr_html_(self) -> str:
        lines = "".join(
            f"<li>{window_icon(self.trace, step)}{equation._repr_html_()}</li>"
            for step, equation in self.items
        )
        return f'<ol class="windows">{lines}</ol>'

    def _repr_latex_(self) -> str:
        lines = r" \\ ".join(equation.tex.replace("=", "&=", 1) for _, equation in self.items)
        return rf"$$ \begin{{aligned}} {lines} \end{{aligned}} $$"


def show_equations(
    trace: Trace,
    steps: Iterable[Step] | None = None,
    *,
    write: Callable[[Step], Equation] = products,
) -> WindowList:
    """Show the equations of steps, each beside a small picture of its window.

    Parameters
    ----------
    trace : Trace
        Of any operation.
    steps : iterable of Step, optional
        Which steps of it; all by default.
    write : callable
        What writes the equation of a step: `products`, `maximum` or `mean`.
    """
    chosen = trace.steps if steps is None else steps
    return WindowList(trace, tuple((step, write(step)) for step in chosen))


def window_icon(trace: Trace, step: Step) -> str:
    """Draw a window as a small picture to stand in a line."""
    rows = describe_places("row", step.rows, step.size[0])
    cols = describe_places("column", step.cols, step.size[1])
    label = f"window {rows}, {cols}" if step.terms else "no window"
    return icon_svg(icon_scene(trace, step), label=label, attributes=' class="window"')
