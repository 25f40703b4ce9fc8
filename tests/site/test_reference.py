"""The pages of the library: its index with a picture and a formula for each, names, formulas."""

import contextlib
import html
import importlib
import inspect
import io
import re
from pathlib import Path

import pytest

import cnnlib
import cnnlib.explain
from blog.ext.example_imports import typed
from blog.ext.miniature import curve
from blog.ext.operations import draw, sentence_and_formula
from tests.tools import skip_if_gone

ROOT = Path(__file__).parents[2]
# These compute nothing that a picture could show.
OTHERS = {"choose_algorithm"}
FUNCTIONS = {n for n in cnnlib.__all__ if inspect.isfunction(getattr(cnnlib, n))} - OTHERS


@pytest.fixture(scope="module")
def entries(pages):
    found = pages["api/index.html"].select("ul.operations > li")
    return {entry.code.get_text(): entry for entry in found}


def test_the_index_lists_every_function_with_its_sentence_and_a_link_to_it(entries, pages):
    assert set(entries) == FUNCTIONS
    for name, entry in entries.items():
        page, _, target = entry.a["href"].partition("#")
        assert target == f"cnnlib.{name}"
        described = pages[f"api/{page}"].find(id=target).find_next("dd")
        assert entry.find_all("p")[1].get_text() == described.p.get_text()


def test_each_formula_of_the_index_is_mathematics_and_that_of_the_function(entries, pages):
    without = set()
    for name, entry in entries.items():
        page, _, target = entry.a["href"].partition("#")
        described = pages[f"api/{page}"].find(id=target).find_next("dd")
        if entry.math is None:
            without.add(name)
        else:
            assert str(entry.math) == str(described.find("math")), name
    assert without == {"flatten"}


def test_each_picture_of_the_index_is_computed_from_its_function(entries):
    drawn = {name: str(entry.svg) for name, entry in entries.items()}
    assert len(set(drawn.values())) == len(FUNCTIONS)
    # The handwritten stroke is read from left to right: its edges have opposite signs.
    assert all(f'fill="var(--{role})"' in draw("conv2d") for role in ("input", "output", "minus"))
    assert 'points="0,60 2.5,60' in curve(cnnlib.relu)
    assert curve(cnnlib.relu).count("120,0") == 1  # relu(3) = 3, at the top right corner


def test_no_formula_of_a_function_is_set_as_code():
    for name in FUNCTIONS:
        text = inspect.getdoc(getattr(cnnlib, name)).partition("Parameters\n---")[0]
        assert not re.search(r"``[^`]*(?:Σ|√|\[r, c\])", text), name
        sentence, formula = sentence_and_formula(name)
        assert "`" not in sentence
        assert formula or name == "flatten"


def test_names_in_docstrings_are_code_and_lead_to_what_they_name(pages):
    page = pages["api/pooling.html"]
    assert page.select('dd a[href="convolution.html#cnnlib.conv2d"] > code')
    assert not page.find("cite")
    assert "kernel_size" in {code.get_text() for code in page.select("dd p > code")}


def test_sources_are_offered_without_brackets(pages):
    links = pages["api/convolution.html"].select(".sig .viewcode-link")
    (word,) = {link.get_text() for link in links}
    assert word.isalpha()  # in the language of the blog
    assert word == "source" or pages["api/convolution.html"].html["lang"] != "en"


@pytest.fixture(scope="module")
def reference(pages):
    skip_if_gone("api/index.html")
    return {name: page for name, page in pages.items() if name.startswith("api/")}


def test_names_can_be_typed_as_they_are_printed(reference):
    printed = set()
    for page in reference.values():
        for name in page.select("dt.sig > .sig-name"):
            prefix = name.find_previous_sibling(class_="sig-prename")
            if prefix:
                importlib.import_module(prefix.get_text().rstrip("."))
                printed.add(prefix.get_text() + name.get_text())
    assert {"cnnlib.conv2d", "cnnlib.explain.trace", "cnnlib.reference.conv2d"} <= printed
    for name in printed:
        assert eval(name, {"cnnlib": cnnlib}) is not None, name


def test_anchors_keep_the_names_of_the_modules(pages):
    assert pages["api/steps.html"].find("dt", id="cnnlib.explain.trace.trace")


def test_examples_run_with_the_imports_that_are_copied_with_them(reference):
    count = 0
    for example in [e for page in reference.values() for e in page.select("div.doctest pre")]:
        after, before = example.find_parent(class_="doctest").find_next_sibling(), ""
        if after is not None and after.name == "template":
            before, count = html.unescape(after.decode_contents()), count + 1
        code = before + typed(example.get_text())
        raises = re.search(r"Error: (.+)", example.get_text())
        expected = contextlib.nullcontext()
        if raises:
            expected = pytest.raises(Exception, match=re.escape(raises[1]))
        with contextlib.redirect_stdout(io.StringIO()), expected:
            exec(code, {})
    assert count > 40


def test_the_plain_loops_and_the_table_of_types_are_linked_from_what_they_belong_to(pages):
    page = pages["api/convolution.html"]
    for target in ("checks.html#cnnlib.reference.conv2d", "#module-cnnlib.dtypes"):
        assert page.select(f'dd a[href="{target}"]'), target
    table = page.find(id="module-cnnlib.dtypes").find_next("table")
    assert "float16" in table.get_text()
    assert pages["api/checks.html"].find(id="cnnlib.reference.conv2d")


def test_sources_lead_to_the_modules_that_they_import(site, pages):
    skip_if_gone("api/index.html")
    seen, left = set(), ["_modules/cnnlib/conv.html"]
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        folder = (site / name).parent
        for link in re.findall(
            r'<span class="kn">from</span> <a href="([^"]+)"', (site / name).read_text("utf-8")
        ):
            left.append((folder / link).resolve().relative_to(site.resolve()).as_posix())
    assert {
        f"_modules/cnnlib/{name}.html" for name in ("dtypes", "shapes", "windows", "algorithms")
    } <= seen
    everything = {
        f"_modules/{path.relative_to(ROOT).with_suffix('').as_posix()}.html"
        for path in (ROOT / "cnnlib").rglob("[!_]*.py")
    }
    assert all((site / name).is_file() for name in everything)
