"""Questions compute their answers, and Python and the script judge answers by the same rule."""

import json
import random
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy
from bs4 import BeautifulSoup

from cnnlib import (
    adaptive_max_pool2d,
    avg_pool2d,
    conv2d,
    conv_transpose2d,
    max_pool2d,
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
from tests.explain.node import node

WEB = Path(__file__).parents[2] / "cnnlib" / "explain" / "web"
X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
RIGHT, WRONG = "Yes, that is right.", "Not quite. Try again, or open the answer."
NOT_A_NUMBER = "That is not a number."


def test_answers_and_common_mistakes_are_computed():
    numbers = trace(conv2d, X, K)
    question = ask_entry(numbers, (0, 2))
    assert question.answer == -2
    assert question.wrong == {19: "the kernel was flipped", 3: "rows and columns were swapped"}
    assert ask_pooling(trace(max_pool2d, X, 2), (0, 0), average=True).answer == 6
    size = ask_size(trace(conv2d, np.ones((5, 8)), K, stride=2), 0)
    assert size.answer == 2
    assert list(size.wrong) == [2.5, 4, 1]


@pytest.mark.parametrize(("shape", "at"), [((1, 3), (0, 2)), ((3, 1), (2, 0)), ((3, 3), (1, 1))])
def test_no_place_is_swapped_where_row_and_column_have_no_other(shape, at):
    wide = np.arange((shape[0] + 1) * (shape[1] + 1)).reshape(shape[0] + 1, shape[1] + 1)
    question = ask_entry(trace(conv2d, wide, K), at)
    assert "rows and columns were swapped" not in question.wrong.values()


def test_the_size_of_a_transposed_convolution_counts_stamps_and_cuts_the_padding_off():
    question = ask_size(
        trace(conv_transpose2d, X[:2, :3], np.ones((3, 3), int), stride=2, padding=1)
    )
    assert question.answer == 3
    assert list(question.wrong) == [4, 5, 7]
    across = trace(
        conv_transpose2d, X[:2, :3], np.ones((3, 3), int), stride=2, padding=((0, 0), (1, 0))
    )
    question = ask_size(across, axis=1)
    assert question.answer == across.output.shape[1] == 6
    assert question.wrong == {
        7: "the padding was not cut off",
        8: "the padding was added: here it is cut off",
    }


def test_unread_rows_and_columns_are_counted_between_and_after_the_windows():
    traced = trace(conv2d, np.ones((4, 9)), [[1, 1]], stride=(1, 3))
    assert ask_unread(traced, axis=0).answer == 0
    question = ask_unread(traced)
    assert question.text == "How many columns of the input does no window read?"
    assert question.answer == len(traced.unread[1]) == 3
    assert question.wrong == {
        1: "those between two windows count as well",
        2: "those after the last window count as well",
    }
    assert question.because == "Columns 3, 6 and 9."


def test_wrong_answers_equal_to_the_answer_are_removed():
    same = trace(conv2d, np.ones((3, 3)), np.ones((2, 2)))
    assert ask_entry(same, (0, 1)).wrong == {}
    assert "<ul>" not in ask_entry(same, (0, 1)).html


def test_a_question_must_end_with_a_question_mark():
    with pytest.raises(ValueError, match="must end with a question mark"):
        Question("Say it.", 1, {})


def test_readers_without_javascript_can_unfold_the_answer():
    found = BeautifulSoup(ask_entry(trace(conv2d, X, K), (0, 2)).html, "html5lib")
    assert found.select_one("details.answer > p").text.startswith("−2.")
    assert "19: the kernel was flipped" in found.select_one("details.answer li").text


def test_pooling_questions_trace_the_same_windows_with_the_other_function():
    strided = trace(max_pool2d, X, 2, stride=1)
    assert ask_pooling(strided, (1, 2), average=True).answer == 4
    adaptive = trace(adaptive_max_pool2d, X, (2, 1))
    assert ask_pooling(adaptive, (1, 0), average=True).answer == 4.5
    padded = trace(avg_pool2d, X, 2, padding=1)
    question = ask_pooling(padded, (0, 0), average=False)
    assert question.answer == 7
    assert question.text.startswith("What would the window of row 1 with 1 row of padding above")
    assert ask_pooling(trace(max_pool2d, X, 2), (0, 0), average=False).wrong == {
        6: "that is the mean",
        3: "that is the smallest entry",
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: ask_pooling(trace(max_pool2d, X, 2, dilation=2), (0, 0), average=True),
            "dilation: avg_pool2d has none, got (2, 2); a trace without dilation would fit",
        ),
        (lambda: ask_pooling(trace(conv2d, X, K), (0, 0), average=True), "use ask_entry"),
        (lambda: ask_entry(trace(max_pool2d, X, 2), (0, 0)), "use ask_pooling"),
        (
            lambda: ask_entry(trace(conv2d, X[None], K[None, None]), (0, 0)),
            "expected an output of one channel, got shape (1, 3, 3)",
        ),
        (
            lambda: ask_entry(trace(conv2d, [[sympy.Symbol("a")]], [[2]]), (0, 0)),
            "answer: expected a finite number, got 2*a",
        ),
        (lambda: Question("Why?", 1, {np.inf: "no"}), "wrong: expected a finite number, got inf"),
        (lambda: ask_size(trace(adaptive_max_pool2d, X, 2)), "got adaptive_max_pool2d"),
    ],
)
def test_questions_without_an_answer_are_refused(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_a_size_that_is_rounded_up_is_explained_so():
    size = ask_size(trace(max_pool2d, np.ones((5, 5)), 2, ceil_mode=True))
    assert size.answer == 3
    assert size.wrong[2.5] == "not rounded up: a partial window counts"


# Judging answers ----------------------------------------------------------------------------------

KNOWN = Question("How much?", 23 / 9, {7: "the maximum", 23: "the sum", 2.6: "rounded"})
INTEGER = Question("How many?", 2, {2.333333: "not rounded down", -4: "the sign is lost"})
TO_THREE = Question("How much?", -0.378608, {-0.304: "the first step again"}, decimals=3)
TURNED = "Not quite: the size is right, the sign is not."
JUDGED = [
    (KNOWN, "2.55556", RIGHT),
    (KNOWN, " 2,56 ", RIGHT),
    (KNOWN, "23/9", RIGHT),
    (KNOWN, "+2.555555555555", RIGHT),
    (KNOWN, "0.255556e1", RIGHT),
    (KNOWN, "2.6", "Not quite: rounded."),
    (KNOWN, "2.55", WRONG),
    (KNOWN, "3", WRONG),
    (KNOWN, "7.0", "Not quite: the maximum."),
    (KNOWN, "46/2", "Not quite: the sum."),
    (INTEGER, "2", RIGHT),
    (INTEGER, "2.0", RIGHT),
    (INTEGER, "2.3", "Not quite: not rounded down."),
    (INTEGER, "7/3", "Not quite: not rounded down."),
    (INTEGER, "\u22124", "Not quite: the sign is lost."),
    (INTEGER, "1", WRONG),
    (INTEGER, "", NOT_A_NUMBER),
    (INTEGER, "two", NOT_A_NUMBER),
    (INTEGER, "2/0", NOT_A_NUMBER),
    (INTEGER, "1.2.3", NOT_A_NUMBER),
    (INTEGER, "\u0662", NOT_A_NUMBER),
    (Question("How much?", Fraction(1, 3), {}), "1/3", RIGHT),
    (Question("How much?", Fraction(1, 3), {}), "0.33", RIGHT),
    (Question("How much?", 1234567.0, {}), "1.23457e+06", RIGHT),
    (Question("How many?", 1234567, {}), "1234568", WRONG),
    (Question("How much?", 0.1 + 0.2 + 2.7, {}), "3", RIGHT),
    (TO_THREE, "-0.379", RIGHT),
    (TO_THREE, "-0.3786", RIGHT),
    (TO_THREE, "-0.3789", RIGHT),  # it is rounded to what is printed
    (TO_THREE, "-0.3784", WRONG),
    (TO_THREE, "0.379", TURNED),
    (TO_THREE, "0.3786", TURNED),
    (TO_THREE, "0.304", WRONG),
    (KNOWN, "2.555561", RIGHT),
    (KNOWN, "2.555566", WRONG),
    (KNOWN, "-2.56", TURNED),
    (INTEGER, "-2", TURNED),
    (INTEGER, "4", WRONG),
    (Question("How much?", 2.5, {}), "2.54", WRONG),  # the printed answer is exact
    (Question("How much?", 2.54, {}, decimals=1), "2.54", RIGHT),
    (Question("How much?", 2.54, {}, decimals=1), "2.5", RIGHT),
    (Question("How much?", 2.54, {}, decimals=1), "2.56", WRONG),
]


@pytest.mark.parametrize(("question", "typed", "said"), JUDGED)
def test_an_answer_is_right_if_it_agrees_to_the_digits_typed_or_printed(question, typed, said):
    assert question.reply(typed) == said


def printed(question):
    return BeautifulSoup(question.html, "html5lib").select_one("details b").text


@pytest.mark.node
def test_the_printed_answer_is_right_whatever_the_values(tmp_path):
    """In Python and in the script, which say the same of every other answer too."""
    rng = random.Random(3)
    requests, expected = [], []
    for question, typed, _ in JUDGED:
        requests.append((typed, known(question)))
        expected.append(question.reply(typed))
    for number in range(300):
        scale = rng.choice([1, 10, 1e3, 1e6])
        kind = rng.choice([np.float64, np.float32, np.round])
        x = kind(np.array([[rng.uniform(-scale, scale) for _ in range(5)] for _ in range(4)]))
        window = rng.choice([2, 3, (1, 3)])
        question = ask_pooling(trace(max_pool2d, x, window), (0, 0), average=number % 2 == 0)
        assert question.reply(printed(question)) == RIGHT
        answers = [question.answer, *question.wrong, rng.uniform(-scale, scale)]
        for typed in [printed(question), *(f"{one:.{rng.randint(0, 7)}f}" for one in answers)]:
            requests.append((typed, known(question)))
            expected.append(question.reply(typed))
    path = tmp_path / "requests.json"
    path.write_text(json.dumps(requests))
    assert node("replies.mjs", WEB / "question.js", path) == expected
    assert len(set(expected)) > 4


def known(question):
    tag = BeautifulSoup(question.html, "html5lib").find("cnn-question")
    return json.loads(tag["data-answers"])


def test_as_many_decimals_as_are_asked_for_are_printed():
    question = Question("How much?", 2 / 3, {0.6671: "equal", 1 / 3: "half"}, decimals=3)
    assert printed(question) == "0.667"
    assert question.wrong == {1 / 3: "half"}  # the other one is printed like the answer
    assert "0.333: half" in question.html
    assert known(question)[0][:2] == [2 / 3, "0.667"]


def test_a_letter_with_an_index_is_written_as_one():
    numbers = Question("Where is k_{11} < 1?", 2, {}, "k_{11} = 2.")
    choice = ask_choice("Where is k_{11} < 1?", {"a": ""}, answer="a", because="k_{11} = 2.")
    for question in (numbers, choice):
        letter = "<math><msub><mi>k</mi><mrow><mn>11</mn></mrow></msub></math>"
        assert f"<p>Where is {letter} &lt; 1?</p>" in question.html
        assert f"{letter} = 2.</p>" in question.html


def test_a_choice_says_what_is_wrong_with_the_others():
    choices = {"A & B": "never shown", "C": "that one has no bias"}
    question = ask_choice("Which one?", choices, answer="A & B", because="1 < 2.")
    tag = BeautifulSoup(question.html, "html5lib").find("cnn-question")
    assert json.loads(tag["data-choices"]) == [
        ["A & B", RIGHT],
        ["C", "Not quite: that one has no bias."],
    ]
    assert tag.find("details").find("p").get_text() == "A & B. 1 < 2."
    assert "never shown" not in question.html


@pytest.mark.parametrize(
    ("text", "answer", "message"),
    [
        ("Choose.", "a", "text: a question must end with a question mark, got 'Choose.'"),
        ("Which?", "c", "answer: expected one of the choices a, b, got 'c'"),
    ],
)
def test_a_choice_needs_a_question_and_its_answer(text, answer, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        ask_choice(text, {"a": "", "b": ""}, answer=answer)
