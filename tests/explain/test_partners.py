"""What lights up together in an explorer is what the steps of a trace say."""

import json
from pathlib import Path

import pytest

from tests.explain import explorer_vectors
from tests.explain.node import node

SCRIPT = Path(__file__).parents[2] / "cnnlib" / "explain" / "web" / "explorer.js"


def partners(tmp_path, states):
    path = tmp_path / "states.json"
    path.write_text(json.dumps(states))
    return node("partners.mjs", SCRIPT, path)


def expected(traced, at, on, place):
    """Find the same partners by going through the steps of the trace."""
    terms = traced[at].terms

    def hit(term, number):
        if on == "x":
            return not term.padding and [term.row, term.col] == place
        if on == "k":
            return term.kernel is not None and list(term.kernel) == place
        return on == "term" and number == place[0]

    numbers = [number for number, term in enumerate(terms) if hit(term, number)]
    found = [terms[number] for number in numbers]
    weights = [list(term.kernel) for term in found if term.kernel is not None]
    return {
        "x": [place] if on == "x" else [[term.row, term.col] for term in found],
        "k": [place] if on == "k" else weights,
        "terms": numbers,
    }


def outputs_of(traced, place):
    """The output entries that use an entry of the input."""
    return [
        list(step.place)
        for step in traced
        if any(not term.padding and [term.row, term.col] == place for term in step.terms)
    ]


@pytest.mark.node
def test_partners_are_those_of_the_steps(tmp_path):
    vectors = [explorer_vectors.vector(s) for s in explorer_vectors.settings(120, seed=7)]
    states = [vector["state"] for vector in vectors if "why" not in vector]
    assert len(states) > 75
    for state, answers in zip(states, partners(tmp_path, states), strict=True):
        traced = explorer_vectors.trace_of(state)
        at = tuple(state["at"])
        pool = state["op"].endswith("pool2d")
        for answer in answers:
            if answer["at"] == [len(state["x"]), 0] and answer["on"] == "x":
                assert answer["text"] == ""
                continue
            wanted = expected(traced, at, answer["on"], answer["at"])
            if pool and answer["on"] == "k":
                continue  # not on the page
            names = ("x", "terms") if pool else ("x", "k", "terms")
            assert {name: answer[name] for name in names} == {n: wanted[n] for n in names}, state
            if answer["on"] == "x":
                assert answer["y"] == outputs_of(traced, answer["at"])


ONES = {"op": "conv2d", "k": [[2, 1], [0, -1]], "s": [1, 1], "p": [0, 0], "d": [1, 1], "at": [0, 0]}
X = [[7, 9, 1], [5, 3, 4], [2, 5, 0]]


def sentences(tmp_path, **changes):
    """Return what is said about each thing, by what and where it is."""
    [answers] = partners(tmp_path, [ONES | {"x": X} | changes])
    return {(answer["on"], *answer["at"]): answer["text"] for answer in answers}


@pytest.mark.node
def test_partners_are_named_in_plain_sentences(tmp_path):
    said = sentences(tmp_path)
    assert said["x", 1, 1].startswith("This 3 is used in all four outputs; here it is multiplied")
    assert said["x", 0, 1].startswith("This 9 is used in two of the four outputs; here")
    assert said["x", 0, 2] == "This 1 is used in one of the four outputs."
    assert (
        said["k", 0, 1]
        == "This 1 is used in all four outputs; here it multiplies the 9 in row 1, column 2."
    )
    assert said["term", 2, 0] == "The 5 in row 2, column 1 times the weight in row 2, column 1."
    assert said["y", 0, 0] == "This 20 is the sum of four products."


@pytest.mark.node
def test_sentences_fit_other_operations_and_sizes(tmp_path):
    said = sentences(tmp_path, op="max_pool2d", s=[2, 2])
    assert said["x", 0, 0] == "This 7 is used in one output."
    assert said["x", 2, 2] == "This 0 is used in no outputs."
    assert said["term", 1, 0] == "This 9 stands in row 1, column 2."
    assert said["y", 0, 0] == "This 9 is the largest of four entries."
    assert sentences(tmp_path, op="avg_pool2d")["y", 0, 0] == "This 6 is the mean of four entries."
    said = sentences(tmp_path, p=[2, 2], x=[["a"]])
    assert said["k", 0, 0] == (
        "This 2 is used in all 16 outputs; here it multiplies the 0 in the padding."
    )
    assert said["x", 0, 0] == "This a is used in four of the 16 outputs."
    said = sentences(tmp_path, op="conv_transpose2d", k=[[3]], s=[2, 2], at=[0, 1])
    assert said["k", 0, 0] == "This 3 is used in nine of the 25 outputs."
    assert said["y", 0, 1] == "This 0 is the sum of no products."


@pytest.mark.node
def test_nothing_is_said_about_an_entry_that_is_gone(tmp_path):
    assert sentences(tmp_path)["x", 3, 0] == ""
