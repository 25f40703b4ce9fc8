"""Stages after the operation: the script computes the same as cnnlib and refuses bad stages."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from cnnlib import avg_pool2d, max_pool2d, relu
from tests.explain.node import node

CHAIN = Path(__file__).parents[2] / "cnnlib" / "explain" / "web" / "chain.js"
REFUSED = "The stages after the operation are a bias below 1000000, ReLU, and pooling"


def chains(tmp_path, requests):
    """Return what chain.js answers to each request."""
    path = tmp_path / "requests.json"
    path.write_text(json.dumps(requests))
    return node("chains.mjs", CHAIN, path)


def apply_stage(values, stage):
    """Apply one stage as cnnlib does."""
    name, *numbers = stage
    if name == "bias":
        return values + numbers[0]
    if name == "relu":
        return relu(values)
    window, stride = numbers
    return (max_pool2d if name == "max" else avg_pool2d)(values, window, stride=stride)


def first_maxima(values, window, stride):
    """For each window, find where the maximum stands first, as an index of the flat array."""
    windows = np.lib.stride_tricks.sliding_window_view(values, (window, window))[::stride, ::stride]
    rows, cols = windows.shape[:2]
    within = windows.reshape(rows, cols, -1).argmax(axis=2)
    top, left = np.indices((rows, cols)) * stride
    return ((top + within // window) * values.shape[1] + left + within % window).ravel()


def random_request(rng, size=None):
    """Return a map and stages of all kinds, in their order; windows may not fit."""
    rows, cols = size or (rng.randint(4, 12), rng.randint(4, 12))
    scale = rng.choice((1, 4))
    values = [[rng.randint(-9, 9) / scale for _ in range(cols)] for _ in range(rows)]
    pooling = [rng.choice(("max", "avg")), rng.randint(2, 4), rng.randint(1, 4)]
    every = [["bias", rng.randint(-20, 20) / scale], ["relu"], pooling]
    return {"map": values, "stages": [stage for stage in every if rng.random() < 0.7]}


@pytest.mark.node
def test_stages_compute_the_same_as_cnnlib(tmp_path):
    rng = random.Random(3)
    requests = [random_request(rng) for _ in range(400)] + [random_request(rng, (500, 480))]
    requests[-1]["stages"] = [["bias", 0.25], ["relu"], ["max", 3, 2]]
    for request, answer in zip(requests, chains(tmp_path, requests), strict=True):
        values = np.array(request["map"])
        assert len(answer["maps"]) == len(request["stages"])
        for stage, found in zip(request["stages"], answer["maps"], strict=True):
            before, values = values, apply_stage(values, stage)
            assert found["size"] == list(values.shape), request
            np.testing.assert_allclose(found["values"], values.ravel(), rtol=1e-12, atol=1e-12)
            if stage[0] == "max":
                assert found["winners"] == first_maxima(before, *stage[1:]).tolist()
            else:
                assert "winners" not in found


@pytest.mark.node
def test_a_window_larger_than_the_map_leaves_no_entry(tmp_path):
    [answer] = chains(tmp_path, [{"map": [[1, 2, 3]], "stages": [["max", 2, 1]]}])
    assert answer["maps"] == [{"size": [0, 2], "values": [], "winners": []}]


@pytest.mark.node
def test_each_entry_leads_back_to_its_window(tmp_path):
    requests = [
        {"stages": [["bias", 1]], "at": [2, 3]},
        {"stages": [["bias", 1], ["relu"]], "at": [2, 3]},
        {"stages": [["relu"], ["avg", 3, 2]], "at": [1, 0]},
    ]
    windows = [answer["window"] for answer in chains(tmp_path, requests)]
    assert windows[0] == windows[1] == {"rows": [2], "cols": [3]}
    assert windows[2] == {"rows": [2, 3, 4], "cols": [0, 1, 2]}


@pytest.mark.node
@pytest.mark.parametrize(
    "link", ["relu", "bias,-3", "bias,0.25;relu", "bias,-1e-7;relu;max,2,2", "avg,4,1"]
)
def test_stages_survive_a_link(tmp_path, link):
    [answer] = chains(tmp_path, [{"link": link}])
    assert answer["link"] == link


@pytest.mark.node
def test_a_bias_has_at_most_six_digits(tmp_path):
    [answer] = chains(tmp_path, [{"link": "bias,0.12345678"}])
    assert answer["stages"] == [["bias", 0.123457]]


@pytest.mark.node
def test_bad_stages_are_refused_with_a_sentence(tmp_path):
    links = ["bias", "bias,", "bias,a", "bias,1e6", "bias,1,2", "bias,Infinity", "relu,1", "max"]
    links += ["max,2", "max,1,1", "max,5,1", "max,2,0", "max,2,5", "max,2.5,1", "avg,2,1,1", ""]
    links += ["relu;relu", "relu;bias,1", "max,2,1;avg,2,1", "max,2,1;relu", "__proto__", ";"]
    states = [7, "relu", [7], [[]], [None], [["bias", "3"]], [["bias", None]], {"0": ["relu"]}]
    requests = [{"link": link} for link in links] + [{"stages": stages} for stages in states]
    for request, answer in zip(requests, chains(tmp_path, requests), strict=True):
        assert answer.get("error", "").startswith(REFUSED), request
        assert answer["readable"]
