"""The explorer: its script agrees with cnnlib, its HTML is complete, and limits are checked."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import sympy
from bs4 import BeautifulSoup

from cnnlib import conv2d, max_pool2d
from cnnlib.explain.explorer import equation, explorer, state
from cnnlib.explain.question import Question, ask_entry, ask_pooling, ask_size
from cnnlib.explain.trace import trace
from tests.explain import explorer_vectors
from tests.explain.node import node, skip_or_fail

ROOT = Path(__file__).parents[2]
WEB = ROOT / "cnnlib" / "explain" / "web"
X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])


@pytest.fixture(scope="module")
def compared(site, tmp_path_factory):
    """Compare the script as served with cnnlib on 2,000 settings."""
    settings = explorer_vectors.settings(2000, seed=1)
    vectors = [explorer_vectors.vector(setting) for setting in settings]
    path = tmp_path_factory.mktemp("vectors") / "vectors.json"
    # JSON has no infinity, but a number too large for a float is parsed as infinity.
    path.write_text(json.dumps(vectors).replace("-Infinity", "-1e999"))
    return vectors, node("vectors.mjs", site / "_static" / "explorer.js", path)


def test_the_script_agrees_with_cnnlib_on_random_settings(compared):
    vectors, result = compared
    assert result["compared"] == 2000
    assert result["wrong"] == 0
    seen = {vector["state"]["op"] for vector in vectors if "why" not in vector}
    assert seen == set(explorer_vectors.OPERATIONS)
    assert 1400 < sum("why" not in vector for vector in vectors) < 2000


def test_the_code_for_cnnlib_reproduces_the_output(compared):
    vectors, result = compared
    for vector, code in list(zip(vectors, result["code"], strict=True))[:400]:
        if "why" in vector:
            continue
        names = {}
        exec(code["cnnlib"], names)
        wanted = explorer_vectors.trace_of(vector["state"]).output
        assert names["Y"].shape == wanted.shape
        assert (names["Y"] == wanted).all(), code["cnnlib"]


def test_the_code_for_pytorch_reproduces_the_output(compared):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    vectors, result = compared
    for vector, code in list(zip(vectors, result["code"], strict=True))[:400]:
        if "why" in vector:
            continue
        if code["torch"].startswith("#"):
            assert "symbols" in code["cnnlib"]
            continue
        names = {}
        exec(code["torch"], names)
        np.testing.assert_allclose(
            names["Y"].numpy(), np.array(vector["output"], float), rtol=1e-12
        )


def test_random_input_is_rejected_or_handled_safely():
    result = node("hostile.mjs", WEB / "explorer.js", 5, 10000)
    assert result["bad"] == []
    assert result["accepted"] > 100


def test_typescript_finds_no_errors_in_the_scripts():
    npm = shutil.which("npm")
    if npm is None:
        skip_or_fail("npm not found: cannot check the types of the scripts")
    folder = ROOT / ".cache" / "js"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "tests" / "explain" / "js" / name, folder)
    if not (folder / "node_modules" / "typescript").exists():
        result = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True
        )
        if result.returncode:
            skip_or_fail(f"TypeScript could not be installed: {result.stderr.decode()[-300:]}")
    compiler = folder / "node_modules" / "typescript" / "bin" / "tsc"
    command = ["node", str(compiler), "-p", str(ROOT / "tests" / "explain" / "js")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_script_and_styles_as_served_compress_to_at_most_15_kb(site):
    files = [site / "_static" / name for name in ("explorer.js", "explorer.css")]
    sizes = [len(gzip.compress(path.read_bytes(), 9)) for path in files]
    assert sum(sizes) <= 15 * 1024


# The HTML element ---------------------------------------------------------------------------------


def tag(shown):
    return BeautifulSoup(shown.html, "html5lib").find("cnn-explorer")


def test_readers_without_javascript_get_a_picture_and_an_equation():
    found = tag(explorer(trace(conv2d, X, K), at=(1, 2)))
    label = found.svg["aria-label"]
    assert "Input, 4 by 4: 7, 9, 1, 4; 5, 3, 4, 8" in label
    assert "Shown: window rows 2 to 3, columns 3 to 4; sum 12." in label
    assert [text.text for text in found.svg.find_all("text")][:6] == ["input X", *"7914", "5"]
    assert found.select_one(".equation").get_text(" ", strip=True).endswith("= 12")
    assert len(found.select(".equation:not(template *)")) == 1


def test_the_full_form_contains_every_equation():
    found = tag(explorer(trace(conv2d, X, K), form="full"))
    assert len(found.select(".equation:not(template *)")) == 9


def test_the_state_is_escaped_json_that_reproduces_the_trace():
    shown = explorer(trace(conv2d, X, K, stride=(2, 1), padding=(0, 3), dilation=2), name="here")
    assert "{&quot;op&quot;" in shown.html
    found = tag(shown)
    assert found["data-name"] == "here"
    given = json.loads(found["data-state"])
    assert given["s"] == [2, 1]
    assert given["p"] == [0, 3]
    assert (explorer_vectors.trace_of(given).output == shown.trace.output).all()


def test_only_notebooks_get_the_script_and_the_styles():
    shown = explorer(trace(conv2d, X, K))
    assert "<script" not in shown.html
    assert "<style" not in shown.html
    embedded = BeautifulSoup(shown._repr_html_(), "html5lib")
    assert embedded.script.string == (WEB / "explorer.js").read_text("utf-8")
    assert len(embedded("script")) == len(embedded("style")) == 1


def test_an_output_entry_of_letters_has_no_value():
    letters = np.array(sympy.symbols("a:p")).reshape(4, 4)
    shown = explorer(trace(conv2d, letters, K))
    assert state(shown.trace)["x"][0] == ["a", "b", "c", "d"]
    assert equation(shown.trace, (0, 0)).tex.endswith(r"b \cdot 1 + e \cdot 0 + f \cdot (-1)")
    assert "Y₁₂" in tag(shown).svg.text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: explorer(trace(conv2d, np.ones((13, 2)), K)), "at most 12×12, got 13×2"),
        (lambda: explorer(trace(conv2d, np.ones((9, 9)), np.ones((8, 1)))), "at most 7×7, got 8×1"),
        (lambda: explorer(trace(conv2d, np.ones((9, 9)), K, stride=5)), "up to 4, got (5, 5)"),
        (
            lambda: explorer(trace(conv2d, X, K, padding=((0, 1), (0, 0)))),
            "equal padding on both sides",
        ),
        (lambda: explorer(trace(conv2d, X / 7, K)), "at most six digits"),
        (lambda: explorer(trace(conv2d, X * 1e6, K)), "at most six digits"),
        (lambda: explorer(trace(conv2d, X, K), form="large"), 'expected "compact" or "full"'),
        (lambda: explorer(trace(conv2d, X, K), name='x" onload="'), "lower-case letters"),
        (lambda: explorer(trace(max_pool2d, X, 2), at=(2, 0)), "2 rows, 2 columns"),
    ],
)
def test_errors_state_the_limit_that_was_exceeded(make, message):
    with pytest.raises((ValueError, IndexError), match=re.escape(message)):
        make()


# Questions ----------------------------------------------------------------------------------------


def test_answers_and_common_mistakes_are_computed():
    numbers = trace(conv2d, X, K)
    question = ask_entry(numbers, (0, 2))
    assert question.answer == -2
    assert question.wrong == {19: "the kernel was flipped", 3: "rows and columns were swapped"}
    assert ask_pooling(trace(max_pool2d, X, 2), (0, 0), average=True).answer == 6
    size = ask_size(trace(conv2d, np.ones((5, 8)), K, stride=2), 0)
    assert size.answer == 2
    assert list(size.wrong) == [2.5, 4, 1]


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
