"""Questions to answer before reading on. The answer and common wrong answers are computed.

Without JavaScript, the answer can be unfolded. With it, readers can type an answer first, and
common mistakes are explained. ``web/question.js`` judges answers by the same rule as
`Question.reply`; tests compare the two.
"""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from cnnlib import (
    adaptive_avg_pool2d,
    adaptive_max_pool2d,
    avg_pool2d,
    conv2d,
    convolve2d,
    max_pool2d,
)
from cnnlib.explain.descriptions import describe_places, span
from cnnlib.explain.embed import with_script
from cnnlib.explain.text import entry_text
from cnnlib.explain.trace import Trace, trace
from cnnlib.explain.typesetting import typeset_name

# A number with its decimals and power of ten, and possibly the denominator of a fraction.
_TYPED = re.compile(
    r"\s*([+-]?(?:\d+\.?(\d*)|\.(\d+))(?:e([+-]?\d+))?)(?:\s*/\s*(\d+\.?\d*))?\s*",
    re.ASCII | re.IGNORECASE,
)
_Pooling = Callable[..., Any]
_MEAN_OF: dict[_Pooling, _Pooling] = {
    max_pool2d: avg_pool2d,
    adaptive_max_pool2d: adaptive_avg_pool2d,
}
_MAXIMUM_OF = {mean: maximum for maximum, mean in _MEAN_OF.items()}


@dataclass(frozen=True)
class Question:
    """A question to answer before reading on.

    Attributes
    ----------
    text : str
        The question.
    answer : float
        The computed answer.
    wrong : mapping of float to str
        Common wrong answers, each with the mistake that leads to it. Those that are printed like
        the answer are removed.
    because : str
        An explanation of the answer.
    decimals : int, optional
        How many decimals are asked for, and printed. Give the exact answer with it, so that more
        exact ones are right as well.
    """

    text: str
    answer: float
    wrong: Mapping[float, str]
    because: str = ""
    decimals: int | None = None

    def __post_init__(self) -> None:
        _check_text(self.text)
        for name, number in (("answer", self.answer), *(("wrong", one) for one in self.wrong)):
            if not _is_finite(number):
                raise ValueError(f"{name}: expected a finite number, got {number!r}")
        shown = self.print(self.answer)
        wrong = {number: why for number, why in self.wrong.items() if self.print(number) != shown}
        object.__setattr__(self, "wrong", wrong)

    def print(self, number: float) -> str:
        """Write the answer, or a wrong one, as it is shown."""
        return entry_text(number if self.decimals is None else round(float(number), self.decimals))

    @property
    def html(self) -> str:
        """The element without its script."""
        numbers = {self.answer: "", **self.wrong}
        known = [[float(number), self.print(number), why] for number, why in numbers.items()]
        data = escape(json.dumps(known))
        mistakes = "".join(
            f"<li>{self.print(number)}: {escape(why)}</li>" for number, why in self.wrong.items()
        )
        return (
            f'<cnn-question data-answers="{data}"><p>{_with_indices(self.text)}</p>'
            f'<details class="answer"><summary>The answer</summary>'
            f"<p><b>{self.print(self.answer)}</b>{'. ' * bool(self.because)}"
            f"{_with_indices(self.because)}</p>{f'<ul>{mistakes}</ul>' if mistakes else ''}"
            "</details></cnn-question>"
        )

    def _repr_html_(self) -> str:
        return with_script(self.html, "question")

    def reply(self, typed: str) -> str:
        """Judge a typed answer.

        It is right if it agrees with the answer to its last digit, or is rounded to the answer as
        it is printed. A number without decimals must be exact: 3 is not right for 2.6. The answer
        with the other sign is told so, unless that is one of the known mistakes.

        Examples
        --------
        >>> wrong = {10: "that is the sum"}
        >>> question = Question("What is the mean of 2, 3, 5?", 10 / 3, wrong)
        >>> question.reply("3.33"), question.reply("10/3")
        ('Yes, that is right.', 'Yes, that is right.')
        >>> question.reply("3"), question.reply("10")
        ('Not quite. Try again, or open the answer.',
         'Not quite: that is the sum.')
        >>> question.reply("-3.33")
        'Not quite: the size is right, the sign is not.'
        """
        read = _read_answer(typed)
        if read is None:
            return "That is not a number."
        given, unit = read
        known = [
            number
            for number in (self.answer, *self.wrong)
            if _agrees(number, self.print(number), given, unit)
        ]
        if not known:
            turned = _agrees(self.answer, self.print(self.answer), -given, unit)
            return _OTHER_SIGN if turned else "Not quite. Try again, or open the answer."
        nearest = min(known, key=lambda number: abs(number - given))
        if nearest == self.answer:
            return _RIGHT
        return f"Not quite: {self.wrong[nearest]}."


_RIGHT = "Yes, that is right."
_OTHER_SIGN = "Not quite: the size is right, the sign is not."


@dataclass(frozen=True)
class Choice:
    """A question whose answer is one of a few choices.

    Attributes
    ----------
    text : str
        The question.
    choices : mapping of str to str
        What readers can choose, each with the mistake that leads to it; that of the answer is not
        shown.
    answer : str
        The choice that is right.
    because : str
        An explanation of the answer.
    """

    text: str
    choices: Mapping[str, str]
    answer: str
    because: str = ""

    def __post_init__(self) -> None:
        _check_text(self.text)
        if self.answer not in self.choices:
            raise ValueError(
                f"answer: expected one of the choices {', '.join(self.choices)}, "
                f"got {self.answer!r}"
            )

    @property
    def html(self) -> str:
        """The element without its script."""
        replies = [[choice, self.reply(choice)] for choice in self.choices]
        because = f"{'. ' * bool(self.because)}{_with_indices(self.because)}"
        return (
            f'<cnn-question data-choices="{escape(json.dumps(replies))}">'
            f"<p>{_with_indices(self.text)}</p>"
            f'<details class="answer"><summary>The answer</summary>'
            f"<p><b>{escape(self.answer)}</b>{because}</p></details></cnn-question>"
        )

    def _repr_html_(self) -> str:
        return with_script(self.html, "question")

    def reply(self, chosen: str) -> str:
        """Judge a choice."""
        return _RIGHT if chosen == self.answer else f"Not quite: {self.choices[chosen]}."


def ask_choice(text: str, choices: Mapping[str, str], *, answer: str, because: str = "") -> Choice:
    """Ask a question whose answer is one of a few choices.

    Parameters
    ----------
    text : str
        The question.
    choices : mapping of str to str
        What readers can choose, each with the mistake that leads to it.
    answer : str
        The choice that is right; best computed.
    because : str
        An explanation of the answer.

    Raises
    ------
    ValueError
        If the text is no question, or the answer is not one of the choices.

    Examples
    --------
    >>> means = {"the maximum": 4, "the mean": 2.5}
    >>> question = ask_choice(
    ...     "Which is larger?",
    ...     {"the maximum": "", "the mean": "it is never above the maximum"},
    ...     answer=max(means, key=means.get),
    ... )
    >>> question.answer, question.reply("the mean")
    ('the maximum', 'Not quite: it is never above the maximum.')
    """
    return Choice(text, choices, answer, because)


def _with_indices(text: str) -> str:
    """Write a text as HTML, with ``k_{11}`` set as it is in equations."""
    return re.sub(
        r"[A-Za-z]_\{[^}]*\}",
        lambda found: f"<math>{typeset_name(found[0]).mathml}</math>",
        escape(text),
    )


def _check_text(text: str) -> None:
    if not text.strip().endswith("?"):
        raise ValueError(f"text: a question must end with a question mark, got {text!r}")


def _is_finite(number: Any) -> bool:
    try:
        return math.isfinite(number)
    except TypeError:  # a symbol or a text
        return False


def _read_answer(typed: str) -> tuple[float, float] | None:
    """Read a number or a fraction, and the unit of its last decimal: 0 if it has none."""
    found = _TYPED.fullmatch(typed.replace("\N{MINUS SIGN}", "-").replace(",", ".", 1))
    if not found:
        return None
    number, decimals, more_decimals, power, bottom = found.groups()
    if bottom is not None:
        return (float(number) / float(bottom), 0.0) if float(bottom) else None
    digits = len(decimals or more_decimals or "")
    unit = float(f"1e{int(power or 0) - digits}") if digits else 0.0
    return float(number), unit


def _agrees(number: float, printed: str, given: float, unit: float) -> bool:
    """Say whether a typed value is a number, to the digits that were typed or are printed."""
    shown, step = _read_answer(printed) or (math.nan, 0.0)
    number = float(number)
    distance = abs(number - given)
    return (
        given in (number, shown)
        or distance <= unit * _HALF
        # What is printed was rounded: whatever is rounded to it is as good.
        or (shown != number and abs(shown - given) <= step * _HALF)
        # Rounding errors, and wrong answers that are rounded to six decimals.
        or (not number.is_integer() and distance <= 1e-6 * abs(number))
    )


_HALF = 0.5000001  # of the last decimal, and a little for rounding errors


def ask_entry(traced: Trace, at: tuple[int, int]) -> Question:
    """Ask for one output entry of a convolution.

    The wrong answers are those of a flipped kernel and of swapped indices.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> image = [[3, 1, 2], [4, 2, 0], [1, 1, 5]]
    >>> traced = trace(conv2d, image, [[1, 0], [0, -1]])
    >>> question = ask_entry(traced, (0, 1))
    >>> question.answer, question.wrong
    (1, {-1: 'the kernel was flipped',
         3: 'rows and columns were swapped'})
    """
    if traced.weight is None:
        raise ValueError(f"trace: expected a convolution, got {traced.operation}; use ask_pooling")
    _check_one_channel(traced)
    row, col = at
    wrong: dict[float, str] = {}
    if traced.operation in ("conv2d", "convolve2d"):
        other = convolve2d if traced.function is conv2d else conv2d
        mistake = "the kernel was flipped" if other is convolve2d else "the flip was left out"
        wrong[trace(other, **traced.arguments)[at].value] = mistake
    if row != col and col < traced.output.shape[0] and row < traced.output.shape[1]:
        wrong[traced[col, row].value] = "rows and columns were swapped"
    symbol = traced.matrices.output.symbol
    text = f"What is the entry of {symbol} in row {row + 1}, column {col + 1}?"
    return Question(text, traced[at].value, wrong, "Multiply entry by entry, then add.")


def ask_pooling(traced: Trace, at: tuple[int, int], average: bool) -> Question:
    """Ask for the mean or the maximum of one pooling window.

    Examples
    --------
    >>> from cnnlib import max_pool2d
    >>> traced = trace(max_pool2d, [[3, 1], [4, 2]], 2)
    >>> question = ask_pooling(traced, (0, 0), average=True)
    >>> question.answer, question.wrong
    (2.5, {4: 'that is the maximum',
           10: 'that is the sum, not yet divided by 4'})
    """
    if traced.weight is not None:
        raise ValueError(f"trace: expected pooling, got {traced.operation}; use ask_entry")
    _check_one_channel(traced)
    averaged, largest = _pooled(traced, _MEAN_OF), _pooled(traced, _MAXIMUM_OF)
    mean, maximum = averaged[at].value, largest[at].value
    entries = [term.entry for term in averaged[at].terms]
    total, smallest = sum(entries), min(entries)
    mistakes = {
        maximum: "that is the maximum",
        total: f"that is the sum, not yet divided by {len(entries)}",
        mean: "that is the mean",
        smallest: "that is the smallest entry",
    }
    answer, chosen = (mean, [maximum, total]) if average else (maximum, [mean, smallest])
    step = traced[at]
    rows, cols = (
        describe_places(name, places, size)
        for name, places, size in zip(
            ("row", "column"), (step.rows, step.cols), step.size, strict=True
        )
    )
    kind = "mean" if average else "maximum"
    text = f"What would the window of {rows} and {cols} give, if it gave its {kind}?"
    because = f"The sum is {entry_text(total)}, of {len(entries)} entries." if average else ""
    return Question(text, answer, {number: mistakes[number] for number in chosen}, because)


def _pooled(traced: Trace, others: Mapping[_Pooling, _Pooling]) -> Trace:
    """Trace the same windows with the other kind of pooling, unless the trace is of that kind."""
    function = others.get(traced.function)
    if function is None:
        return traced
    geometry = traced.geometry
    takes = inspect.signature(function).parameters
    if "dilation" not in takes and geometry is not None and geometry.dilation != (1, 1):
        raise ValueError(
            f"dilation: {function.__name__} has none, got {geometry.dilation}; "
            "a trace without dilation would fit"
        )
    arguments = {name: value for name, value in traced.arguments.items() if name in takes}
    if function is max_pool2d and traced.input.dtype.kind in "iub":
        # Integers cannot represent the padding of maxima, minus infinity.
        padded = geometry is not None and np.any(geometry.padding)
        arguments["input"] = traced.input.astype(float) if padded else traced.input
    return trace(function, **arguments)


def _check_one_channel(traced: Trace) -> None:
    if traced.output.ndim != 2:
        raise ValueError(
            f"trace: expected an output of one channel, got shape {traced.output.shape}; "
            "trace one channel, such as input[0]"
        )


def ask_size(traced: Trace, axis: int = 0) -> Question:
    """Ask for the number of rows (axis 0) or columns (axis 1) of an output.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> traced = trace(conv2d, [[0] * 9] * 6, [[1, 0], [0, -1]], stride=3)
    >>> question = ask_size(traced)
    >>> question.answer, list(question.wrong)
    (2, [2.333333, 3, 1])
    """
    if traced.operation == "conv_transpose2d":
        return _ask_transposed_size(traced, axis)
    geometry = None if traced.is_gradient else traced.geometry
    if geometry is None:
        raise ValueError(
            f"trace: expected a window that slides by a stride, got {traced.operation}"
        )
    answer, stride = geometry.output[axis], geometry.stride[axis]
    room = geometry.padded[axis] - geometry.extent[axis]  # how far the window can move
    exact = round(room / stride + 1, 6)
    up = traced.arguments.get("ceil_mode", False)
    wrong: dict[float, str] = {
        exact: "not rounded up: a partial window counts"
        if up
        else "not rounded down: a partial window does not count",
        geometry.output[1 - axis]: "rows and columns were swapped",
        room // stride: "the first window was not counted",
    }
    wrong.pop(answer, None)
    if exact != answer:
        wrong = {exact: wrong[exact], **wrong}
    text = f"How many {('rows', 'columns')[axis]} does the output have?"
    return Question(text, answer, wrong, "Count where the window can stop.")


def _ask_transposed_size(traced: Trace, axis: int) -> Question:
    """Ask for the size of the output of a transposed convolution."""
    geometry = traced.geometry
    assert geometry is not None
    size, extent, stride = traced.size[axis], geometry.extent[axis], geometry.stride[axis]
    cut = sum(geometry.padding[axis])
    answer = traced.output.shape[-2:][axis]
    wrong: dict[float, str] = {
        size * stride: "the last stamp reaches as far as the kernel, not as far as the stride",
        (size - 1) * stride + extent: "the padding was not cut off",
        (size - 1) * stride + extent + cut: "the padding was added: here it is cut off",
    }
    wrong.pop(answer, None)
    text = f"How many {('rows', 'columns')[axis]} does the output have?"
    because = "The stamps begin one stride apart; the last one is as long as the kernel."
    return Question(text, answer, wrong, because)


def ask_unread(traced: Trace, axis: int = 1) -> Question:
    """Ask how many rows (axis 0) or columns (axis 1) of the input no window reads.

    Examples
    --------
    >>> from cnnlib import conv2d
    >>> traced = trace(conv2d, [[0] * 9], [[1, 0]], stride=3)
    >>> question = ask_unread(traced)
    >>> question.answer, list(question.wrong)
    (3, [1, 2])
    """
    name, unread = ("row", "column")[axis], traced.unread[axis]
    last = max((step.rows, step.cols)[axis][-1] for step in traced)
    behind = sum(place > last for place in unread)
    wrong: dict[float, str] = {
        behind: "those between two windows count as well",
        len(unread) - behind: "those after the last window count as well",
    }
    wrong.pop(len(unread), None)
    which = span(name, unread) if unread else f"each {name} is read"
    text = f"How many {name}s of the input does no window read?"
    return Question(text, len(unread), wrong, f"{which[:1].upper()}{which[1:]}.")
