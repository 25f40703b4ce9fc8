"""The stages of an explorer: code, links and equations say what cnnlib computes."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from cnnlib import conv2d
from cnnlib.explain.embed import explorer_script, extra_script
from cnnlib.explain.explorer import explorer
from cnnlib.explain.trace import trace
from tests.explain import explorer_vectors
from tests.explain.node import node
from tests.explain.test_chain import apply_stage

WEB = Path(__file__).parents[2] / "cnnlib" / "explain" / "web"
X = [[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]]
STATE = {"op": "conv2d", "x": X, "k": [[1, -1], [2, -2]], "s": [1, 1], "p": [0, 0], "d": [1, 1]}
STATE["at"] = [0, 0]


def shown(tmp_path, requests):
    path = tmp_path / "requests.json"
    path.write_text(json.dumps(requests))
    return node("stages.mjs", WEB / "stages.js", path)


@pytest.mark.node
def test_code_with_stages_computes_their_result(tmp_path):
    rng = random.Random(11)
    states = []
    for setting in explorer_vectors.settings(160, seed=11):
        vector = explorer_vectors.vector(setting)
        rows, cols = vector.get("shape", (0, 0))
        numeric = "why" not in vector and all(None not in row for row in vector["output"])
        if numeric and min(rows, cols) >= 4:
            after = [["bias", rng.choice((-2, 0.5))], ["relu"], [rng.choice(("max", "avg")), 3, 2]]
            chosen = [stage for stage in after if rng.random() < 0.7]
            states.append(vector["state"] | {"after": chosen})
    assert len(states) > 30
    for state, answer in zip(states, shown(tmp_path, [{"state": s} for s in states]), strict=True):
        values = np.array(explorer_vectors.trace_of(state).output, float)
        for stage in state["after"]:
            values = apply_stage(values, stage)
        names = {}
        exec(answer["code"]["cnnlib"], names)
        last = {"bias": "B", "relu": "R", "max": "P", "avg": "P"}
        found = names[last[state["after"][-1][0]] if state["after"] else "Y"]
        np.testing.assert_allclose(found.astype(float), values, rtol=1e-12)
        assert answer["again"] == state["after"]


@pytest.mark.node
def test_equations_and_sentences_of_stages(tmp_path):
    after = [["bias", -3], ["relu"], ["max", 2, 1]]
    requests = [
        {"state": STATE | {"after": after}, "i": i, "at": at}
        for i, at in ((0, [0, 1]), (1, [0, 1]), (1, [1, 2]), (2, [0, 1]))
    ]
    requests.append({"state": STATE | {"after": [["relu"]]}, "i": 0, "at": [0, 2]})
    requests.append({"state": STATE | {"after": [["avg", 2, 1]]}, "i": 0, "at": [0, 0]})
    tex = [answer["tex"] for answer in shown(tmp_path, requests)]
    assert tex[0] == "B_{1,2} = Y_{1,2} + b = (-5) + (-3) = -8"
    assert tex[1] == r"R_{1,2} = \max ( 0 , Y_{1,2} + b ) = \max ( 0 , (-5) + (-3) ) = 0"
    assert tex[2].endswith(r"\max ( 0 , 17 + (-3) ) = 14")
    assert tex[3] == r"P_{1,2} = \max \begin{bmatrix} 0 & 12 \\ 5 & 14 \end{bmatrix} = 14"
    assert tex[4] == r"R_{1,3} = \max ( 0 , Y_{1,3} ) = \max ( 0 , 15 ) = 15"
    assert tex[5].startswith(r"P_{1,1} = \frac{(-16) + (-5)")
    says = [answer["says"] for answer in shown(tmp_path, requests)]
    assert says[0] == "The bias makes \u22125 \u22128."
    assert says[1] == "ReLU makes \u22128 0."
    assert says[2] == "ReLU keeps 14, as it is not negative."
    assert says[3] == "This 14 is the largest of four entries of R: it stands in row 2, column 3."
    assert says[5] == "This \u22125.25 is the mean of four entries of Y."


def test_only_the_full_form_has_stages():
    traced = trace(conv2d, X, [[1, -1], [2, -2]])
    for form in ("compact", "full"):
        shown = explorer(traced, form=form)._repr_html_()
        assert ("<cnn-stages>" in shown) == (form == "full")
        assert explorer_script() + extra_script() in shown
    assert extra_script() not in explorer(traced, offers=["drag"])._repr_html_()


@pytest.mark.node
def test_the_script_of_the_stages_fits_into_the_scope_of_the_explorer(tmp_path):
    """In a notebook both are one module, which may declare a name only once."""
    path = tmp_path / "both.mjs"
    path.write_text(explorer_script() + extra_script() + "\nconsole.log(OPS.length)")
    assert node(path) == 5
