"""The pages of the library: its index with a picture and a formula for each, names, formulas."""

import inspect
import re

import pytest

import cnnlib
from blog.ext.miniature import curve
from blog.ext.operations import draw, sentence_and_formula

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
    assert {link.get_text() for link in links} == {"source"}
