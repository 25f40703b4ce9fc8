"""The explorer's arithmetic against cnnlib, its tag, and what it refuses."""

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

from cnnlib.explain.explorer import TRACES, equation, explorer, state, trace_state
from cnnlib.explain.question import Question, ask_entry, ask_pooling, ask_size
from cnnlib.explain.trace import trace_conv2d, trace_max_pool2d
from tests.explain import explorer_vectors
from tests.explain.node import node
from tests.tools import missing

ROOT = Path(__file__).parents[2]
WEB = ROOT / "cnnlib" / "explain" / "web"
X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])


@pytest.fixture(scope="module")
def compared(site, tmp_path_factory):
    """Write 2,000 settings with what cnnlib makes of each; let the script compare, as served."""
    settings = explorer_vectors.settings(2000, seed=1)
    vectors = [explorer_vectors.vector(setting) for setting in settings]
    path = tmp_path_factory.mktemp("vectors") / "vectors.json"
    # JSON has no infinity, but a number too large for a float is read as one.
    path.write_text(json.dumps(vectors).replace("-Infinity", "-1e999"))
    return vectors, node("vectors.mjs", site / "_static" / "explorer.js", path)


@pytest.mark.node
def test_the_script_agrees_with_cnnlib_on_two_thousand_settings(compared):
    vectors, said = compared
    assert said["compared"] == 2000
    assert said["wrong"] == 0
    seen = {vector["state"]["op"] for vector in vectors if "why" not in vector}
    assert seen == set(TRACES)
    assert 1400 < sum("why" not in vector for vector in vectors) < 2000


@pytest.mark.node
def test_a_snippet_for_cnnlib_gives_exactly_the_state(compared):
    vectors, said = compared
    for vector, code in list(zip(vectors, said["code"], strict=True))[:400]:
        if "why" in vector:
            continue
        names = {}
        exec(code["cnnlib"], names)
        wanted = trace_state(explorer_vectors.symbolic(vector["state"])).output
        assert names["Y"].shape == wanted.shape
        assert (names["Y"] == wanted).all(), code["cnnlib"]


@pytest.mark.node
def test_a_snippet_for_pytorch_gives_exactly_the_state(compared):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    vectors, said = compared
    for vector, code in list(zip(vectors, said["code"], strict=True))[:400]:
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


@pytest.mark.node
def test_nothing_hostile_comes_through():
    said = node("hostile.mjs", WEB / "explorer.js", 5, 10000)
    assert said["bad"] == []
    assert said["taken"] > 100


@pytest.mark.node
def test_its_types_hold():
    npm = shutil.which("npm")
    if npm is None:
        missing("no npm found: the scripts' types were not checked")
    folder = ROOT / ".cache" / "js"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "tests" / "explain" / "js" / name, folder)
    if not (folder / "node_modules" / "typescript").exists():
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True
        )
        if done.returncode:
            missing(f"TypeScript could not be installed: {done.stderr.decode()[-300:]}")
    compiler = folder / "node_modules" / "typescript" / "bin" / "tsc"
    command = ["node", str(compiler), "-p", str(ROOT / "tests" / "explain" / "js")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_script_and_styles_weigh_at_most_fifteen_kilobytes_as_they_are_served(site):
    files = [site / "_static" / name for name in ("explorer.js", "explorer.css")]
    sizes = [len(gzip.compress(path.read_bytes(), 9)) for path in files]
    assert sum(sizes) <= 15 * 1024


# The tag ------------------------------------------------------------------------------------------


def tag(shown):
    return BeautifulSoup(shown.html, "html5lib").find("cnn-explorer")


def test_without_javascript_there_is_the_picture_and_the_equation():
    found = tag(explorer(trace_conv2d(X, K), at=(1, 2)))
    label = found.svg["aria-label"]
    assert "Input, 4 by 4: 7, 9, 1, 4; 5, 3, 4, 8" in label
    assert "Shown: window rows 2 to 3, columns 3 to 4; sum 12." in label
    assert [text.text for text in found.svg.find_all("text")][:6] == ["input X", *"7914", "5"]
    assert found.select_one(".equation").get_text(" ", strip=True).endswith("= 12")
    assert len(found.select(".equation:not(template *)")) == 1


def test_the_full_form_writes_every_equation():
    found = tag(explorer(trace_conv2d(X, K), form="full"))
    assert len(found.select(".equation:not(template *)")) == 9


def test_state_is_escaped_json_and_leads_back_to_the_trace():
    shown = explorer(trace_conv2d(X, K, stride=(2, 1), padding=(0, 3), dilation=2), name="here")
    assert "{&quot;op&quot;" in shown.html
    found = tag(shown)
    assert found["data-name"] == "here"
    given = json.loads(found["data-state"])
    assert given["s"] == [2, 1]
    assert given["p"] == [0, 3]
    assert (trace_state(given).output == shown.trace.output).all()


def test_a_notebook_gets_the_script_and_a_page_the_tag_alone():
    shown = explorer(trace_conv2d(X, K))
    assert "<script" not in shown.html
    whole = shown._repr_html_()
    assert whole.startswith(shown.html)
    assert (WEB / "explorer.js").read_text("utf-8") in whole
    styles = (WEB / "explorer.css").read_text("utf-8")
    assert styles.removeprefix("cnn-explorer") in whole
    # A notebook's own rules for tables weigh less than an id.
    assert ":is(cnn-explorer, #" in whole
    assert "</script" not in (WEB / "explorer.js").read_text("utf-8")


def test_letters_are_shown_and_have_no_value():
    letters = np.array(sympy.symbols("a:p")).reshape(4, 4)
    shown = explorer(trace_conv2d(letters, K))
    assert state(shown.trace)["x"][0] == ["a", "b", "c", "d"]
    assert (
        equation(shown.trace, (0, 0)).tex.endswith(r"d \cdot 1 + e \cdot 0 + f \cdot (-1)") is False
    )
    assert equation(shown.trace, (0, 0)).tex.endswith(r"b \cdot 1 + e \cdot 0 + f \cdot (-1)")
    assert "Y₁₂" in tag(shown).svg.text


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: explorer(trace_conv2d(np.ones((13, 2)), K)), "at most 12×12, got 13×2"),
        (lambda: explorer(trace_conv2d(np.ones((9, 9)), np.ones((8, 1)))), "at most 7×7, got 8×1"),
        (lambda: explorer(trace_conv2d(np.ones((9, 9)), K, stride=5)), "up to 4, got (5, 5)"),
        (lambda: explorer(trace_conv2d(X, K, padding=((0, 1), (0, 0)))), "both sides alike"),
        (lambda: explorer(trace_conv2d(X / 7, K)), "at most six digits"),
        (lambda: explorer(trace_conv2d(X * 1e6, K)), "at most six digits"),
        (lambda: explorer(trace_conv2d(X, K), form="large"), 'expected "compact" or "full"'),
        (lambda: explorer(trace_conv2d(X, K), name='x" onload="'), "small letters"),
        (lambda: explorer(trace_max_pool2d(X, 2), at=(2, 0)), "2 rows, 2 columns"),
    ],
)
def test_what_it_cannot_show_is_refused_with_the_numbers(make, said):
    with pytest.raises((ValueError, IndexError), match=re.escape(said)):
        make()


# Questions ----------------------------------------------------------------------------------------


def test_a_question_knows_the_answer_and_the_usual_mistakes():
    numbers = trace_conv2d(X, K)
    question = ask_entry(numbers, (0, 2))
    assert question.answer == -2
    assert question.wrong == {19: "the kernel was flipped", 3: "rows and columns were swapped"}
    assert ask_pooling(trace_max_pool2d(X, 2), (0, 0), average=True).answer == 6
    size = ask_size(trace_conv2d(np.ones((5, 8)), K, stride=2), 0)
    assert size.answer == 2
    assert list(size.wrong) == [2.5, 4, 1]


def test_a_right_answer_is_never_called_wrong():
    same = trace_conv2d(np.ones((3, 3)), np.ones((2, 2)))
    assert ask_entry(same, (0, 1)).wrong == {}
    assert "<ul>" not in ask_entry(same, (0, 1)).html


def test_a_question_asks():
    with pytest.raises(ValueError, match="ends with a question mark"):
        Question("Say it.", 1, {})


def test_without_javascript_a_question_has_its_answer_in_a_fold():
    found = BeautifulSoup(ask_entry(trace_conv2d(X, K), (0, 2)).html, "html5lib")
    assert found.select_one("details.answer > p").text.startswith("−2.")
    assert "19: the kernel was flipped" in found.select_one("details.answer li").text
