"""Worksheets have correct answers, and the script writes the same HTML as cnnlib."""

import json
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from cnnlib import conv2d, max_pool2d, reference
from cnnlib.explain.trace import trace
from cnnlib.explain.worksheet import TASKS, sheet, worksheet
from cnnlib.shapes import ShapeError
from tests.explain import explorer_vectors
from tests.explain.node import node

ROOT = Path(__file__).parents[2]
TRACE = trace(conv2d, np.arange(25).reshape(5, 5), np.ones((3, 3), int))


def tables(page, name):
    matching = [t for t in page.find_all("table") if t.caption.string == name]
    return [[[cell.text for cell in row("td")] for row in table("tr")] for table in matching]


def numbers(table):
    return np.array([[int(text.replace("−", "-")) for text in row] for row in table])


def test_exercises_have_blank_outputs_and_correct_answers():
    page = BeautifulSoup(worksheet(TRACE, seed=3).html, "html5lib")
    ys = tables(page, "Y")
    assert len(ys) == 6
    assert all(text == "" for table in ys[:3] for row in table for text in row)
    for x, k, y in zip(tables(page, "X"), tables(page, "K"), ys[3:], strict=True):
        x, k = numbers(x)[None, None], numbers(k)[None, None]
        assert np.array_equal(numbers(y), reference.conv2d(x, k)[0, 0])
    assert [h.text for h in page("h2")] == ["Worksheet 3", "Answers to worksheet 3"]


def test_each_seed_gives_a_different_reproducible_sheet():
    sheets = [worksheet(TRACE, seed=seed).html for seed in range(1, 200)]
    assert len(set(sheets)) == len(sheets)
    assert worksheet(TRACE, seed=9).html == sheets[8]


def test_pooling_exercises_state_the_window_and_have_no_kernel():
    page = BeautifulSoup(worksheet(trace(max_pool2d, np.eye(4, dtype=int), 2)).html, "html5lib")
    assert TASKS["max_pool2d"] in page.text
    assert "Window 2×2, stride 2×2" in page.text
    assert tables(page, "K") == []


@pytest.mark.parametrize("seed", [0, 10000])
def test_a_seed_out_of_range_is_rejected(seed):
    with pytest.raises(ValueError, match=f"seed: expected 1 to 9999, got {seed}"):
        worksheet(TRACE, seed=seed)


@pytest.mark.node
def test_the_script_writes_the_same_sheets_as_cnnlib(tmp_path):
    requests, expected = [], []
    for number, state in enumerate(explorer_vectors.settings(400, seed=4)):
        del state["pick"]
        try:
            expected.append(sheet(explorer_vectors.trace_of(state), 25 * number + 1))
        except ShapeError:
            continue
        requests.append((state, 25 * number + 1))
    path = tmp_path / "requests.json"
    path.write_text(json.dumps({"tasks": TASKS, "all": requests}))
    script = ROOT / "cnnlib" / "explain" / "web" / "worksheet.js"
    written = node("sheets.mjs", script, path)
    assert len(requests) > 200
    assert written == expected
