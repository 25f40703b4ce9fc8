"""Questions to answer before reading on. The answer and common wrong answers are computed.

Without JavaScript, the answer can be unfolded. With it, readers can type an answer first, and
common mistakes are explained.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from cnnlib.explain.explorer import BUNDLE, trace_state
from cnnlib.explain.explorer import state as state_of
from cnnlib.explain.text import entry_text, span
from cnnlib.explain.trace import Trace, trace_conv2d, trace_convolve2d


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
        Common wrong answers, each with the mistake that leads to it. Those equal to the answer
        are removed.
    because : str
        An explanation of the answer.
    """

    text: str
    answer: float
    wrong: Mapping[float, str]
    because: str = ""

    def __post_init__(self) -> None:
        if not self.text.strip().endswith("?"):
            raise ValueError(f"text: a question must end with a question mark, got {self.text!r}")
        wrong = {number: why for number, why in self.wrong.items() if number != self.answer}
        object.__setattr__(self, "wrong", wrong)

    @property
    def html(self) -> str:
        """The element without its script."""
        wrong = [[float(number), why] for number, why in self.wrong.items()]
        data = escape(json.dumps({"answer": float(self.answer), "wrong": wrong}))
        mistakes = "".join(
            f"<li>{entry_text(number)}: {escape(why)}</li>" for number, why in self.wrong.items()
        )
        return (
            f'<cnn-question data-question="{data}"><p>{escape(self.text)}</p>'
            f'<details class="answer"><summary>The answer</summary>'
            f"<p><b>{entry_text(self.answer)}</b>{'. ' * bool(self.because)}"
            f"{escape(self.because)}</p>{f'<ul>{mistakes}</ul>' if mistakes else ''}"
            "</details></cnn-question>"
        )

    def _repr_html_(self) -> str:
        script = (files("cnnlib.explain") / "web" / "question.js").read_text("utf-8")
        return f'{self.html}{BUNDLE[0]}<script type="module">{script}</script>{BUNDLE[1]}'


def ask_entry(trace: Trace, at: tuple[int, int]) -> Question:
    """Ask for one output entry of a convolution.

    The wrong answers are those of a flipped kernel and of swapped indices.

    Examples
    --------
    >>> trace = trace_conv2d([[3, 1, 2], [4, 2, 0], [1, 1, 5]], [[1, 0], [0, -1]])
    >>> question = ask_entry(trace, (0, 1))
    >>> question.answer, question.wrong
    (1, {-1: 'the kernel was flipped', 3: 'rows and columns were swapped'})
    """
    if trace.weight is None:
        raise ValueError(f"trace: expected a convolution, got {trace.operation}; use ask_pooling")
    row, col = at
    wrong: dict[float, str] = {}
    if trace.operation in ("conv2d", "convolve2d"):
        trace_other = trace_convolve2d if trace.operation == "conv2d" else trace_conv2d
        geometry = trace.geometry
        other = trace_other(
            trace.input,
            trace.weight,
            stride=geometry.stride,
            padding=geometry.padding,
            dilation=geometry.dilation,
        )
        mistake = (
            "the kernel was flipped" if trace_other is trace_convolve2d else "the flip was left out"
        )
        wrong[other[at].value] = mistake
    if row != col and col < trace.output.shape[0] and row < trace.output.shape[1]:
        wrong[trace[col, row].value] = "rows and columns were swapped"
    text = f"What is the entry of Y in row {row + 1}, column {col + 1}?"
    return Question(text, trace[at].value, wrong, "Multiply entry by entry, then add.")


def ask_pooling(trace: Trace, at: tuple[int, int], average: bool) -> Question:
    """Ask for the mean or the maximum of one pooling window.

    Examples
    --------
    >>> from cnnlib.explain.trace import trace_max_pool2d
    >>> question = ask_pooling(trace_max_pool2d([[3, 1], [4, 2]], 2), (0, 0), average=True)
    >>> question.answer, question.wrong
    (2.5, {4: 'that is the maximum', 10: 'that is the sum, not yet divided by 4'})
    """
    if trace.weight is not None:
        raise ValueError(f"trace: expected pooling, got {trace.operation}; use ask_entry")
    name = "avg_pool2d" if average else "max_pool2d"
    answer = trace_state({**state_of(trace), "op": name})[at].value
    step = trace[at]
    entries = [entry for line in step.entries for entry in line]
    maximum, total = max(entries), sum(entries)
    mistakes = {
        maximum: "that is the maximum",
        total: f"that is the sum, not yet divided by {len(entries)}",
        total / len(entries): "that is the mean",
        min(entries): "that is the smallest entry",
    }
    chosen = [maximum, total] if average else [total / len(entries), min(entries)]
    window = f"the window of {span('row', step.rows)} and {span('column', step.cols)}"
    text = f"What would {window} give, if it gave its {'mean' if average else 'maximum'}?"
    because = f"The sum is {entry_text(total)}, of {len(entries)} entries." if average else ""
    return Question(text, answer, {number: mistakes[number] for number in chosen}, because)


def ask_size(trace: Trace, axis: int = 0) -> Question:
    """Ask for the number of rows (axis 0) or columns (axis 1) of the output of a sliding window.

    Examples
    --------
    >>> trace = trace_conv2d([[0] * 9] * 6, [[1, 0], [0, -1]], stride=3)
    >>> question = ask_size(trace)
    >>> question.answer, list(question.wrong)
    (2, [2.333333, 3, 1])
    """
    if trace.operation == "conv_transpose2d":
        raise ValueError("trace: expected a sliding window, got conv_transpose2d")
    geometry = trace.geometry
    answer, stride = geometry.output[axis], geometry.stride[axis]
    room = geometry.padded[axis] - geometry.extent[axis]  # how far the window can move
    exact = round(room / stride + 1, 6)
    wrong: dict[float, str] = {
        exact: "not rounded down: a partial window does not count",
        geometry.output[1 - axis]: "rows and columns were swapped",
        room // stride: "the first window was not counted",
    }
    wrong.pop(answer, None)
    if exact != answer:
        wrong = {exact: wrong[exact], **wrong}
    text = f"How many {('rows', 'columns')[axis]} does the output have?"
    return Question(text, answer, wrong, "Count where the window can stop.")
