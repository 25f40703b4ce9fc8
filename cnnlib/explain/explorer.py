"""Explorers: interactive traces whose numbers readers can change, as a custom HTML element.

The element holds its state as JSON in ``data-state`` and, for readers without JavaScript, a
picture and the equations of the trace. ``web/explorer.js`` makes it interactive. The script
computes the same as `trace` and `equations`; tests compare their results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.explain.descriptions import describe_step, describe_trace
from cnnlib.explain.embed import with_script
from cnnlib.explain.equations import Equation, pooling, products, substitution
from cnnlib.explain.gradient_sums import same_sums
from cnnlib.explain.limits import LARGEST_INPUT, LARGEST_KERNEL, check_limits
from cnnlib.explain.scene import step_scene
from cnnlib.explain.steps import Matrices
from cnnlib.explain.svg import scene_svg
from cnnlib.explain.trace import Step, Term, Trace, output_metadata
from cnnlib.shapes import format_size

# Well-known kernels to choose from.
KERNELS = {
    "Identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "Vertical edges": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    "Horizontal edges": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    "Blur": [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
    "Sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "Outline": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
}
OFFERS = ("drag", "edit", "kernels", "stride")
# As buttons, where kernels are offered: of the size of the explorer's kernel, if there are such.
_SHELF = {name: KERNELS[name] for name in ("Vertical edges", "Horizontal edges", "Blur")}
_SHELF_2X2 = {
    "Vertical edges": [[1, -1], [1, -1]],
    "Horizontal edges": [[1, 1], [-1, -1]],
    "Blur": [[0.25, 0.25], [0.25, 0.25]],
}
_SLIDER_LABELS = {"x": "Input", "k": "Kernel", "s": "Stride", "p": "Padding", "d": "Dilation"}
_FILL = '<button type="button" class="quiet" data-act="fill">Fill Y</button>'
_GUESS = (
    '<form class="guess"><label>What will stand here? '
    '<input name="typed" size="5" autocomplete="off" required></label> '
    '<span><button>Check</button> <button name="show" formnovalidate>Show me</button></span></form>'
)
_SCALES = {
    "input": '0 <span class="scale grey" aria-hidden="true"></span> larger',
    "signed": '− <span class="scale" aria-hidden="true"></span> +',
}
_DIGIT = "0011100 0100010 0000010 0001100 0000010 0100010 0011100"
_LETTER = re.compile(r"[A-Za-z](_\d{1,2})?")


@dataclass(frozen=True)
class Explorer:
    """An explorer that displays itself as an HTML element.

    Attributes
    ----------
    trace : Trace
        The operation that is shown initially, or the gradient of a convolution.
    at : (int, int)
        The output entry that is selected initially, counted from 0.
    form : {"compact", "full", "small"}
        With few controls, for posts, or with all of them. A small one shows input and output alone
        and moves its window by itself until it is touched.
    name : str
        The name used in links to this explorer; the blog numbers explorers without a name.
    inputs : mapping of str to array_like, shape (height, width), or to a tuple of two
        Further matrices that can be chosen as input. A tuple has an input and the kernel that is
        chosen along with it.
    offers : sequence of {"drag", "edit", "kernels", "stride"}
        What readers of a post can do, beside stepping through the windows: drag the window, edit
        input and kernel, choose one of three kernels, change the stride. By default a compact
        explorer offers all of these but the kernels, and further controls on demand.
    letters : bool
        Whether the equation is written with letters, too, before its numbers; that of a gradient
        never is.
    start_empty : bool
        Whether the output is empty at first, so that readers make it: an entry is shown once the
        window has been there.
    ask : sequence of (int, int)
        Output entries that ask for a guess before they are shown, counted from 0.
    """

    trace: Trace
    at: tuple[int, int] = (0, 0)
    form: str = "compact"
    name: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    offers: Sequence[str] | None = None
    letters: bool = True
    start_empty: bool = False
    ask: Sequence[tuple[int, int]] = ()

    @property
    def html(self) -> str:
        """The element without script and styles."""
        return self.element()

    def element(self, picture: str | None = None) -> str:
        """Return the element without script and styles.

        Parameters
        ----------
        picture : str, optional
            HTML for readers without JavaScript, in place of the picture and the equations.
        """
        data = {"form": self.form, "state": json.dumps(state(self.trace, self.at))}
        data |= {"name": self.name} if self.name else {}
        data |= {} if self.offers is None else {"offers": " ".join(self.offers)}
        data |= {} if self.letters else {"equation": "numbers"}
        data |= _gradient_data(self.trace)
        data |= {"empty": ""} if self.start_empty else {}
        data |= {"ask": json.dumps(self.ask)} if self.ask else {}
        attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
        template = f"<template>{self._controls_html()}</template>"
        shown = self._picture_html() if picture is None else picture
        return f"<cnn-explorer{attributes}>{shown}{template}</cnn-explorer>"

    def _picture_html(self) -> str:
        """Return what readers without JavaScript see."""
        label = f"{describe_trace(self.trace)} Shown: {describe_step(self.trace[self.at])}."
        svg = scene_svg(step_scene(self.trace, self.at), label=label, background=True)
        shown = [step.place for step in self.trace] if self.form == "full" else [self.at]
        equations = "".join(
            equation(self.trace, index, letters=self.letters)._repr_html_() for index in shown
        )
        return svg + equations

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return {"text/html": self._repr_html_()}, output_metadata(self.trace)

    def _repr_html_(self) -> str:
        copies = self.offers is None and self.form != "small"
        parts = ["explorer", *(["extra"] if copies else []), *(["guess"] if self.ask else [])]
        return with_script(self.html, *parts)

    def _controls_html(self) -> str:
        """Return the controls that the script shows instead of picture and equations."""
        page = Template(_template("explorer-small" if self.form == "small" else "explorer"))
        more = Template(_template("explorer-more")) if self.offers is None else Template("")
        return page.substitute(
            more=more.substitute(_choices_html(self.inputs)),
            stages=_template("stages") if self.form == "full" else "",
            shelf=_shelf_html(self.trace),
            fill=_FILL if self.start_empty or self.ask else "",
            guess=_GUESS if self.ask else "",
            **_names(self.trace.matrices),
        )


def explorer(
    traced: Trace,
    *,
    at: tuple[int, int] = (0, 0),
    form: str = "compact",
    name: str = "",
    inputs: Mapping[str, Any] | None = None,
    offers: Sequence[str] | None = None,
    letters: bool = True,
    start_empty: bool = False,
    ask: Sequence[tuple[int, int]] = (),
) -> Explorer:
    """Create an explorer of a trace.

    Parameters
    ----------
    traced : Trace
        A trace of any operation, with an input of at most 12 by 12 and a kernel of at most 7 by 7
        entries; or of the gradient of a convolution, whose explorer is compact and has no further
        controls.
    at, form, name, inputs, offers, letters, start_empty, ask
        See `Explorer`.

    Raises
    ------
    ValueError
        If the explorer cannot show the trace or one of the inputs; the message names the argument
        and the limit exceeded.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[3, 1], [4, 2]], [[1, 0], [0, -1]])
    >>> explorer(traced).html[:35]
    '<cnn-explorer data-form="compact" d'
    """
    if form not in ("compact", "full", "small"):
        raise ValueError(f'form: expected "compact", "full" or "small", got {form!r}')
    if name and not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise ValueError(f"name: expected lower-case letters, digits and hyphens, got {name!r}")
    if traced.is_gradient:
        if form != "compact":
            raise ValueError(f'form: a gradient has a "compact" explorer, got {form!r}')
        offers, letters = ("drag", "edit") if offers is None else offers, False
        if not {*offers} <= {"drag", "edit"}:
            raise ValueError(f"offers: of a gradient expected drag and edit, got {offers!r}")
    if offers is not None:
        if form == "full":
            raise ValueError('offers: a "full" explorer offers everything; "compact" would fit')
        unknown = [offer for offer in offers if offer not in OFFERS]
        if unknown or isinstance(offers, str):
            raise ValueError(f"offers: expected some of {', '.join(OFFERS)}, got {offers!r}")
    state(traced, at)
    traced[at]
    inputs = dict(inputs or {})
    for title, given in inputs.items():
        _preset(given, f"inputs[{title!r}]")
    ask = tuple(_guessable(traced, place) for place in ask)
    return Explorer(traced, at, form, name, inputs, offers, letters, start_empty, ask)


def _guessable(traced: Trace, place: tuple[int, int]) -> tuple[int, int]:
    """Return the place of an output entry that readers can guess, or raise an error."""
    try:
        row, col = place
        value = traced[row, col].value
    except (TypeError, ValueError, IndexError):
        raise ValueError(
            f"ask: expected places in the output of shape {traced.output.shape}, got {place!r}"
        ) from None
    if not isinstance(value, (int, float)):
        raise ValueError(f"ask: the entry {place!r} has no number to guess, got {value}")
    return int(row), int(col)


def state(traced: Trace, at: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """Return the initial state of an explorer as JSON-compatible values."""
    traced = same_sums(traced)
    geometry = check_limits(traced, "the explorer")
    padding = tuple(before for before, _ in geometry.padding)
    for what, numbers, most in (
        ("stride", geometry.stride, 4),
        ("padding", padding, 3),
        ("dilation", geometry.dilation, 3),
    ):
        if max(numbers) > most:
            raise ValueError(f"{what}: the explorer goes up to {most}, got {numbers}")
    kernel = np.ones(geometry.kernel, int) if traced.weight is None else traced.weight
    return {
        "op": traced.operation,
        "x": _entries(traced.input, "input"),
        "k": _entries(kernel, "kernel"),
        "s": list(geometry.stride),
        "p": list(padding),
        "d": list(geometry.dilation),
        "at": [int(number) for number in at],
    }


def _names(matrices: Matrices) -> dict[str, str]:
    """Return what the controls call the matrices."""
    names = {"x_scale": _SCALES["input" if matrices.input.role == "input" else "signed"]}
    for which, (title, symbol, _) in zip("xky", matrices, strict=False):
        # A small matrix has no room for a longer name above it; listeners are told all of it.
        short = title if symbol in title else symbol
        said = title[0].upper() + title[1:]
        names |= {which: short, which.upper(): said, f"{which}_letter": symbol}
    return names


def _gradient_data(traced: Trace) -> dict[str, str]:
    """Return what the script calls the matrices and an entry of a gradient."""
    if not traced.is_gradient:
        return {}
    matrices = traced.matrices
    of, comma = ("k", "") if matrices.output.role == "kernel" else ("x", "<mo>,</mo>")
    index = f"<mrow><mn>R</mn>{comma}<mn>C</mn></mrow>"
    name = f"<mi>∂</mi><msub><mi>{of}</mi>{index}</msub>"
    above = "<mi>∂</mi><mi>L</mi>"
    return {
        "letters": " ".join(matrix.symbol for matrix in matrices[:3]),
        "gradient": of,
        "entry": f'<mfrac class="output"><mrow>{above}</mrow><mrow>{name}</mrow></mfrac>',
    }


def explorer_link(traced: Trace, at: tuple[int, int] = (0, 0)) -> str:
    """Return the part of an address, after ``#name?``, that opens an explorer at a trace.

    Parameters
    ----------
    traced : Trace
        What the explorer is to show.
    at : (int, int)
        The output entry that is selected, counted from 0.

    Raises
    ------
    ValueError
        If explorers cannot show the trace; the message names the argument and the limit exceeded.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[3, 1], [4, 2]], [[1, 0]], padding=1)
    >>> explorer_link(traced)
    'op=conv2d&x=3,1;4,2&k=1,0&s=1,1&p=1,1&d=1,1&at=0,0'
    """

    def pair(numbers: Sequence[Any]) -> str:
        return ",".join(map(str, numbers))

    def value(part: Any) -> str:
        if isinstance(part, str):
            return part
        return ";".join(map(pair, part)) if isinstance(part[0], list) else pair(part)

    return "&".join(f"{key}={value(part)}" for key, part in state(traced, at).items())


def equation(traced: Trace, at: tuple[int, int], *, letters: bool = True) -> Equation:
    r"""Write the equation of one output entry with letters, with numbers, and its value.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> from cnnlib.explain.trace import trace
    >>> traced = trace(conv2d, [[3, 1], [4, 2]], [[1, 0]])
    >>> print(equation(traced, (1, 0)).tex)
    Y_{2,1} = c \cdot k_{11} + d \cdot k_{12} = 4 \cdot 1 + 2 \cdot 0 = 4
    >>> print(equation(traced, (1, 0), letters=False).tex)
    Y_{2,1} = 4 \cdot 1 + 2 \cdot 0 = 4
    """
    numbers = traced[at]
    if traced.is_gradient:
        return products(numbers)
    write = pooling if traced.weight is None else substitution
    name, *terms, value = write(_symbolic_step(numbers), numbers).pieces
    if not letters:
        terms = terms[len(terms) // 2 :]
    # Without numbers, the value would repeat the right-hand side.
    return Equation((name, *terms, *([value] if isinstance(numbers.value, (int, float)) else [])))


def _symbolic_step(step: Step) -> Step:
    """Return a step with symbols in place of the numbers of input and kernel."""
    rows, cols = step.size

    def symbolic(term: Term) -> Term:
        entry, weight = term.entry, term.weight
        if not term.padding:
            many = rows * cols > 26
            letter = chr(97 + term.row * cols + term.col)
            entry = f"x_{{{term.row + 1},{term.col + 1}}}" if many else letter
        if term.kernel is not None:
            weight = f"k_{{{term.kernel[0] + 1}{term.kernel[1] + 1}}}"
        return replace(term, entry=entry, weight=weight)

    return replace(step, terms=tuple(map(symbolic, step.terms)))


def _entries(matrix: npt.ArrayLike, name: str, most: int = LARGEST_INPUT) -> list[list[Any]]:
    """Convert a matrix to JSON values: numbers of at most six digits, or letters."""
    try:
        array = matrix if isinstance(matrix, np.ndarray) else np.array(matrix, dtype=object)
    except ValueError:  # some nested arrays of different shapes
        array = np.empty(0)
    if array.ndim != 2 or not array.size:
        raise ValueError(
            f"{name}: the explorer shows a matrix with rows of equal length, "
            f"got shape {array.shape}"
        )
    if max(array.shape) > most:
        raise ValueError(
            f"{name}: the explorer shows at most {format_size((most, most))}, "
            f"got {format_size(array.shape)}"
        )
    return [[_entry(entry, name) for entry in line] for line in array]


def _entry(entry: Any, name: str) -> int | float | str:
    """Convert an entry to a JSON value: a number of at most six digits, or a letter."""
    text = str(entry).replace("{", "").replace("}", "")
    if _LETTER.fullmatch(text):
        return text
    try:
        # The shortest decimal number that its own type tells apart: 0.1 in float32 is 0.1.
        number = float(text if isinstance(entry, np.floating) else entry)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name}: the explorer shows numbers and letters, got {entry!r}") from None
    if not abs(number) <= 999999 or float(f"{number:.6g}") != number:
        raise ValueError(
            f"{name}: the explorer shows numbers of at most six digits, got {entry}; "
            "round them first"
        )
    return int(number) if number.is_integer() else number


def _choices_html(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the controls of which there are several of a kind."""
    digit = np.array([list(map(int, line)) for line in _DIGIT.split()]) * 9
    edge = np.repeat([[9, 9, 9, 0, 0, 0]], 6, axis=0)
    presets = {
        **inputs,
        "An edge": (edge, KERNELS["Vertical edges"]),
        "A digit": (digit, KERNELS["Outline"]),
    }
    return {
        "inputs": "".join(
            _option_html(name, _preset(given, name)) for name, given in presets.items()
        ),
        "kernels": _options_html(KERNELS),
        "sliders": "".join(_sliders_html(key, label) for key, label in _SLIDER_LABELS.items()),
    }


def _shelf_html(traced: Trace) -> str:
    small = traced.weight is not None and traced.weight.shape == (2, 2)
    return " ".join(
        f'<button type="button" data-act="kernel" value="{json.dumps(kernel)}">{name}</button>'
        for name, kernel in (_SHELF_2X2 if small else _SHELF).items()
    )


def _template(name: str) -> str:
    return (files("cnnlib.explain") / f"{name}.html").read_text("utf-8")


def _options_html(matrices: Mapping[str, Any]) -> str:
    return "".join(_option_html(name, _entries(shown, name)) for name, shown in matrices.items())


def _preset(given: Any, name: str) -> Any:
    """Convert an input to choose from to JSON values, with its kernel if it brings one."""
    if isinstance(given, tuple) and len(given) == 2 and np.ndim(given[0]) == 2:
        return {"x": _entries(given[0], name), "k": _entries(given[1], name, LARGEST_KERNEL)}
    return _entries(given, name)


def _option_html(name: str, value: Any) -> str:
    return f'<option value="{escape(json.dumps(value))}">{escape(name)}</option>'


def _sliders_html(key: str, label: str) -> str:
    pair = "".join(
        f'<label><input type="range" data-key="{key}" data-axis="{axis}" '
        f'aria-label="{label}, {name}"><output></output></label>'
        for axis, name in enumerate(("rows", "columns"))
    )
    return f'<div class="row"><span>{label}</span>{pair}</div>'
