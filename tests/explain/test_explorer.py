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

from cnnlib import adaptive_max_pool2d, avg_pool2d, conv2d, conv_transpose2d, max_pool2d
from cnnlib.explain.embed import explorer_modules, explorer_script, extra_script
from cnnlib.explain.explorer import equation, explorer, state
from cnnlib.explain.palette import PALETTE
from cnnlib.explain.scene import step_scene
from cnnlib.explain.svg import scene_svg
from cnnlib.explain.trace import trace
from tests.explain import explorer_vectors, holds
from tests.explain.drawn import in_cells, read_scene_svg
from tests.explain.node import node
from tests.tools import skip_or_fail

ROOT = Path(__file__).parents[2]
WEB = ROOT / "cnnlib" / "explain" / "web"
X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
XMLNS = ' xmlns="http://www.w3.org/2000/svg"'


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


@pytest.mark.node
def test_random_input_is_rejected_or_handled_safely():
    result = node("hostile.mjs", WEB / "explorer.js", 5, 10000)
    assert result["bad"] == []
    assert result["accepted"] > 100


ARRAY = np.array([[1.5, -2.0], [3e-7, 4.0]])
REFUSED = "An entry is a number between -1000000 and 1000000, or a letter."
PASTED = [
    ("1 2\n3 4", [[1, 2], [3, 4]]),
    ("1,2;3,4", [[1, 2], [3, 4]]),
    ("1, 2; 3, 4;", [[1, 2], [3, 4]]),
    ("1\t2\r\n3\t4\r\n", [[1, 2], [3, 4]]),
    ("1,5\t2,5\n-3,5\t4", [[1.5, 2.5], [-3.5, 4]]),
    ("1,5\t2,5", [[1.5, 2.5]]),
    ("1,5 2,5\n3 4", [[1.5, 2.5], [3, 4]]),
    ("1,5;2,5\n3;\u22124,25\n", [[1.5, 2.5], [3, -4.25]]),
    ("1,234,5\t2", REFUSED),
    ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
    ("X = np.array([[1, 2],\n              [3, 4]])", [[1, 2], [3, 4]]),
    ("array([[1., 2.],\n       [3., 4.]], dtype=float32)", [[1, 2], [3, 4]]),
    (repr(ARRAY), ARRAY.tolist()),
    (str(ARRAY), ARRAY.tolist()),
    (repr(ARRAY.astype("f4")), [[1.5, -2], [3e-7, 4]]),
    (repr([list(line) for line in ARRAY]), ARRAY.tolist()),
    (repr(np.array(sympy.symbols("a:d")).reshape(2, 2)), [["a", "b"], ["c", "d"]]),
    (repr(sympy.Matrix([["a", 1]])), [["a", 1]]),
    (json.dumps(ARRAY.tolist()), ARRAY.tolist()),
    ("tensor([[1., 2.],\n        [3., 4.]])", [[1, 2], [3, 4]]),
    ("tensor([[1.0000e+00, 2.5000e-07]], dtype=torch.float64)", [[1, 2.5e-7]]),
    ("tensor([[1, 2]], device='cuda:0', requires_grad=True)", [[1, 2]]),
    ("tensor([[1.5000]], device='cuda:0', grad_fn=<MulBackward0>)", [[1.5]]),
    ("Parameter containing:\ntensor([[1., 2.]], requires_grad=True)", [[1, 2]]),
    ("0.0000001 \u22121e\u221207", [[1e-7, -1e-7]]),
    ("1/3 1/4", [[0.333333, 0.25]]),
    ("1/0", REFUSED),
    ("[[nan, 1]]", REFUSED),
    ("[[1, inf]]", REFUSED),
]


@pytest.mark.node
def test_matrices_are_read_as_python_and_spreadsheets_write_them(tmp_path):
    path = tmp_path / "texts.json"
    path.write_text(json.dumps([text for text, _ in PASTED]))
    read = node("matrices.mjs", WEB / "explorer.js", path)
    for (text, wanted), found in zip(PASTED, read, strict=True):
        assert found == wanted, text


@pytest.mark.node
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


LARGEST_SCRIPT_AND_STYLES = 22 * 1024


def test_script_and_styles_as_served_are_small_when_compressed(site):
    files = [site / "_static" / name for name in ("explorer.js", "explorer.css")]
    sizes = [len(gzip.compress(path.read_bytes(), 9)) for path in files]
    assert sum(sizes) <= LARGEST_SCRIPT_AND_STYLES
    # Only pages with a full explorer load it.
    assert len(gzip.compress((site / "_static" / "stages.js").read_bytes(), 9)) <= 4 * 1024


def test_the_modules_are_joined_in_the_order_in_which_they_import_each_other():
    before = {"explorer.js"}
    for name in explorer_modules():
        text = (WEB / name).read_text("utf-8")
        assert len(text.splitlines()) <= 350, name
        assert set(re.findall(r'^import .* from "\./(.+)";$', text, flags=re.MULTILINE)) <= before
        assert text.count("\nimport ") == len(re.findall(r"^import .*;$", text, flags=re.MULTILINE))
        before.add(name)


def test_pages_get_the_modules_as_one_script(site):
    served = {path.name for path in site.glob("_static/*.js")}
    assert not served & set(explorer_modules())
    script = (site / "_static" / "explorer.js").read_text("utf-8")
    assert not re.search(r"^import |\bimport\(", script, flags=re.MULTILINE)


def test_what_is_copied_as_svg_shows_what_the_scene_shows(site, tmp_path):
    """The same cells, entries, shades, window and result, whatever the settings."""
    vectors = [explorer_vectors.vector(s) for s in explorer_vectors.settings(120, seed=3)]
    states = [vector["state"] for vector in vectors if "why" not in vector]
    states.append({**states[0], "op": "conv2d", "x": [["a", 1], ["b_1", 2]], "k": [["k", -1]]})
    states[-1] |= {"s": [1, 1], "p": [0, 0], "d": [1, 1], "at": [1, 0]}
    path = tmp_path / "states.json"
    path.write_text(json.dumps(states))
    drawings = node("drawings.mjs", site / "_static" / "explorer.js", path)
    assert len(drawings) > 75
    for given, drawing in zip(states, drawings, strict=True):
        scene = step_scene(explorer_vectors.trace_of(given), tuple(given["at"]))
        _, _, wanted = read_scene_svg(scene_svg(scene, attributes=XMLNS))
        width, height, boxes = read_scene_svg(drawing)
        assert in_cells(boxes) == in_cells(wanted), given
        holds.everything_lies_inside(width, height, boxes)
        if len(boxes) < 200:  # each text is compared with each other one
            holds.texts_have_room(boxes)


# The HTML element ---------------------------------------------------------------------------------


def tag(shown):
    return BeautifulSoup(shown.html, "html5lib").find("cnn-explorer")


def test_readers_without_javascript_get_a_picture_and_an_equation():
    found = tag(explorer(trace(conv2d, X, K), at=(1, 2)))
    label = found.svg["aria-label"]
    assert "Input, 4 by 4: 7, 9, 1, 4; 5, 3, 4, 8" in label
    assert "Shown: window rows 2 to 3, columns 3 to 4; sum 12." in label
    texts = [text.text for text in found.svg.find_all("text")]
    assert texts[:8] == ["input X", "kernel K", "output Y", *"7914", "5"]
    assert found.select_one(".equation").get_text(" ", strip=True).endswith("= 12")
    assert len(found.select(".equation:not(template *)")) == 1


def test_the_picture_has_colours_where_a_page_defines_none():
    svg = str(tag(explorer(trace(conv2d, X, K, padding=1))).svg)
    assert set(re.findall(r"var\(--(\w+),(#\w+)\)", svg)) == {
        (name, PALETTE[name][0]) for name in re.findall(r"var\(--(\w+)", svg)
    }
    assert "var(--paper,#fcfbf8)" in svg.split("/>")[0]


def test_an_output_that_no_input_reaches_is_an_empty_sum():
    shown = explorer(trace(conv_transpose2d, [[1, 2], [3, 4]], [[5]], stride=2), at=(0, 1))
    found = tag(shown)
    assert "no entry of the input reaches this output; sum 0" in found.svg["aria-label"]
    assert found.select_one(".equation").get_text(" ", strip=True).endswith("= 0")


def test_numbers_are_those_that_their_own_type_distinguishes():
    values = [[0.1, 0.25], [3, -1e-7]]
    for dtype in ("float16", "float32", "float64"):
        given = np.array(values, dtype)
        wanted = [[float(str(entry)) for entry in line] for line in given]
        assert state(trace(conv2d, given, K))["x"] == wanted
    assert wanted == values
    assert "float" not in explorer(trace(conv2d, np.float32(values), np.float32(K))).html


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


@pytest.mark.parametrize(
    ("offers", "script"), [((), explorer_script()), (None, explorer_script() + extra_script())]
)
def test_only_notebooks_get_the_script_and_the_styles(offers, script):
    shown = explorer(trace(conv2d, X, K), offers=offers)
    assert "<script" not in shown.html
    assert "<style" not in shown.html
    embedded = BeautifulSoup(shown._repr_html_(), "html5lib")
    assert embedded.script.string == script
    assert not re.search(r"^import |\bimport\(\"", embedded.script.string, flags=re.MULTILINE)
    assert len(embedded("script")) == len(embedded("style")) == 1


def test_an_output_entry_of_letters_has_no_value():
    letters = np.array(sympy.symbols("a:p")).reshape(4, 4)
    shown = explorer(trace(conv2d, letters, K))
    assert state(shown.trace)["x"][0] == ["a", "b", "c", "d"]
    assert equation(shown.trace, (0, 0)).tex.endswith(r"b \cdot 1 + e \cdot 0 + f \cdot (-1)")
    assert "Y1,2" in tag(shown).svg.text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: explorer(trace(conv2d, np.ones((13, 2)), K)), "at most 12×12, got 13×2"),
        (lambda: explorer(trace(conv2d, np.ones((9, 9)), np.ones((8, 1)))), "at most 7×7, got 8×1"),
        (lambda: explorer(trace(conv2d, np.ones((9, 9)), K, stride=5)), "up to 4, got (5, 5)"),
        (
            lambda: explorer(trace(conv2d, X, K, padding=((0, 1), (0, 0)))),
            "padding: the explorer needs equal padding on both sides, got ((0, 1), (0, 0)); "
            "(1, 0) would fit",
        ),
        (
            lambda: explorer(trace(adaptive_max_pool2d, X, 2)),
            "function: the explorer shows windows of one size, got adaptive_max_pool2d; "
            "max_pool2d would fit",
        ),
        (
            lambda: explorer(trace(conv2d, X[None], K[None, None])),
            "input: the explorer shows one channel, got shape (1, 4, 4); input[0] would fit",
        ),
        (lambda: explorer(trace(conv2d, X, K, 3)), "bias: the explorer supports only bias=None"),
        (
            lambda: explorer(trace(conv2d, X, K, padding=1, padding_mode="reflect")),
            "supports only padding_mode='zeros', got 'reflect'",
        ),
        (
            lambda: explorer(trace(conv_transpose2d, X, K, stride=2, output_padding=(1, 0))),
            "supports only output_padding=0, got (1, 0)",
        ),
        (
            lambda: explorer(trace(max_pool2d, X, 3, ceil_mode=True)),
            "supports only ceil_mode=False, got True",
        ),
        (
            lambda: explorer(trace(avg_pool2d, X, 2, padding=1, count_include_pad=False)),
            "supports only count_include_pad=True, got False",
        ),
        (lambda: explorer(trace(conv2d, X / 7, K)), "at most six digits"),
        (lambda: explorer(trace(conv2d, X * 1e6, K)), "at most six digits"),
        (
            lambda: explorer(trace(conv2d, X, K), form="large"),
            'expected "compact", "full" or "small"',
        ),
        (lambda: explorer(trace(conv2d, X, K), name='x" onload="'), "lower-case letters"),
        (
            lambda: explorer(trace(max_pool2d, X, 2), at=(2, 0)),
            "output of shape (2, 2), got (2, 0)",
        ),
    ],
)
def test_errors_state_the_limit_that_was_exceeded(make, message):
    with pytest.raises((ValueError, IndexError), match=re.escape(message)):
        make()


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((20, 20)), "inputs['big']: the explorer shows at most 12×12, got 20×20"),
        ([[1, 2], [3]], "a matrix with rows of equal length, got shape (2,)"),
        ([np.ones((2, 2)), np.ones((2, 3))], "a matrix with rows of equal length"),
        ([], "a matrix with rows of equal length, got shape (0,)"),
        ([["<b>", 1]], "shows numbers and letters, got '<b>'"),
        ([[None, 1]], "shows numbers and letters, got None"),
        ([[1j, 1]], "shows numbers and letters, got 1j"),
        ([[np.nan, 1]], "numbers of at most six digits, got nan"),
        ([[1, -np.inf]], "numbers of at most six digits, got -inf"),
        ([[1 / 3]], "numbers of at most six digits, got 0.3333"),
        ([[10**400]], "shows numbers and letters, got 1000"),
    ],
)
def test_inputs_to_choose_from_are_checked_when_the_explorer_is_made(matrix, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        explorer(trace(conv2d, X, K), inputs={"big": matrix})


def test_kernels_of_a_name_answer_with_the_same_sign_whatever_their_size():
    """Bright on the left, or above, is positive: as for the kernel of the introduction."""
    bright_left = np.repeat([[9, 9, 9, 0, 0, 0]], 6, axis=0)
    for size in ((2, 2), (3, 3)):
        shown = tag(explorer(trace(conv2d, X, np.ones(size, int)), offers=("drag", "kernels")))
        kernels = {b.text: json.loads(b["value"]) for b in shown.template.select(".shelf button")}
        for name, image in (("Vertical", bright_left), ("Horizontal", bright_left.T)):
            kernel = kernels[f"{name} edges"]
            assert np.shape(kernel) == size
            assert conv2d(image, kernel).min() == 0
            assert conv2d(image, kernel).max() > 0


def test_a_trace_goes_along_with_its_explorer():
    traced = trace(conv2d, [[3, 1], [4, 2]], [[1, 0]])
    data, metadata = explorer(traced)._repr_mimebundle_()
    assert data == {"text/html": explorer(traced)._repr_html_()}
    assert metadata == {"trace": traced.to_dict()}


def test_what_an_explorer_offers_is_an_attribute():
    assert "data-offers" not in tag(explorer(trace(conv2d, X, K))).attrs
    shown = tag(explorer(trace(conv2d, X, K), offers=("drag", "kernels")))
    assert shown["data-offers"] == "drag kernels"
    assert not shown.template.select(".more, .toggle, textarea, .op")
    buttons = {one.text: json.loads(one["value"]) for one in shown.select("[data-act=kernel]")}
    assert list(buttons) == ["Vertical edges", "Horizontal edges", "Blur"]
    assert buttons["Vertical edges"] == [[1, -1], [1, -1]]  # of the size of the kernel
    larger = tag(explorer(trace(conv2d, X, np.ones((3, 3))), offers=("drag", "kernels")))
    assert json.loads(larger.select_one("[data-act=kernel]")["value"])[1] == [2, 0, -2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"offers": ["drag", "fly"]}, "some of drag, edit, kernels, stride, got ['drag', 'fly']"),
        ({"offers": "drag"}, "some of drag, edit, kernels, stride, got 'drag'"),
        ({"offers": ["drag"], "form": "full"}, 'offers: a "full" explorer offers everything'),
    ],
)
def test_an_unknown_offer_is_refused(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        explorer(trace(conv2d, X, K), **options)


def test_an_input_with_edges_brings_a_kernel_that_finds_them():
    options = {
        option.text: json.loads(option["value"])
        for option in tag(explorer(trace(conv2d, X, K))).select(".preset[data-key=x] option")
        if option["value"].startswith("{")
    }
    assert list(options) == ["An edge", "A digit"]
    for chosen in options.values():
        output = conv2d(np.array(chosen["x"]), np.array(chosen["k"]))
        assert len(np.unique(output)) > 1


def test_inputs_to_choose_from_are_written_as_they_are():
    inputs = {"Mixed": [["a", 1], [np.float32(0.1), True]], "Floats": np.float32([[0.1]])}
    shown = tag(explorer(trace(conv2d, X, K), inputs=inputs))
    options = {option.text: option["value"] for option in shown.find_all("option")}
    assert json.loads(options["Mixed"]) == [["a", 1], [0.1, 1]]
    assert json.loads(options["Floats"]) == [[0.1]]


def test_how_the_output_begins_is_an_attribute():
    plain = tag(explorer(trace(conv2d, X, K)))
    assert not {"data-empty", "data-ask", "data-equation"} & set(plain.attrs)
    assert not plain.select(".guess, [data-act=fill]")
    shown = tag(explorer(trace(conv2d, X, K), start_empty=True, ask=[(0, 1)], letters=False))
    assert shown["data-empty"] == ""
    assert json.loads(shown["data-ask"]) == [[0, 1]]
    assert shown["data-equation"] == "numbers"
    assert len(shown.select(".guess, [data-act=fill]")) == 2
    text = shown.select_one(".equation").get_text(" ", strip=True)
    assert text.split(" = ")[1].startswith("7 · 2")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        ([(0, 3)], "ask: expected places in the output of shape (3, 3), got (0, 3)"),
        ([3], "ask: expected places in the output of shape (3, 3), got 3"),
    ],
)
def test_only_an_entry_of_the_output_can_be_asked_for(ask, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        explorer(trace(conv2d, X, K), ask=ask)


def test_an_entry_of_letters_cannot_be_asked_for():
    letters = np.array(sympy.symbols("a:p")).reshape(4, 4)
    with pytest.raises(ValueError, match=re.escape("ask: the entry (0, 0) has no number to guess")):
        explorer(trace(conv2d, letters, K), ask=[(0, 0)])
