"""Equations keep the order of the window and agree with the computed values."""

import re
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import conv2d
from cnnlib.explain import equations as eq
from cnnlib.explain.trace import trace_avg_pool2d, trace_conv2d, trace_max_pool2d

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
X_LETTERS = np.array(sympy.symbols("a:p")).reshape(4, 4)
K_LETTERS = np.array(sympy.symbols("k_{11} k_{12} k_{21} k_{22}")).reshape(2, 2)


def value(tex):
    """Evaluate a sum of products in TeX with SymPy."""
    text = re.sub(r"\\cdot", "*", tex)
    text = re.sub(r"k_\{(\d+)\}", r"k_\1", text)
    names = {str(letter): letter for letter in X_LETTERS.ravel()}
    names |= {f"k_{n}": sympy.Symbol(f"k_{{{n}}}") for n in (11, 12, 21, 22)}
    return sympy.sympify(text, locals=names)


ORIGINAL = [
    r"Y_{1,1} = a \cdot k_{11} + b \cdot k_{12} + e \cdot k_{21} + f \cdot k_{22}",
    r"Y_{1,2} = b \cdot k_{11} + c \cdot k_{12} + f \cdot k_{21} + g \cdot k_{22}",
    r"Y_{1,3} = c \cdot k_{11} + d \cdot k_{12} + g \cdot k_{21} + h \cdot k_{22}",
    r"Y_{2,1} = e \cdot k_{11} + f \cdot k_{12} + i \cdot k_{21} + j \cdot k_{22}",
]


def test_the_first_four_equations_match_the_original_post():
    trace = trace_conv2d(X_LETTERS, K_LETTERS)
    assert [eq.products(step).tex for step in trace.steps[:4]] == ORIGINAL


def test_equations_with_letters_equal_the_output_of_conv2d():
    output = conv2d(X_LETTERS, K_LETTERS)
    trace = trace_conv2d(X_LETTERS, K_LETTERS)
    assert len(trace) == 9
    for step in trace:
        name, _, terms = eq.products(step).tex.partition(" = ")
        row, col = step.index
        assert name == f"Y_{{{row + 1},{col + 1}}}"
        assert sympy.expand(value(terms) - output[row, col]) == 0


@given(st.lists(st.integers(-99, 99), min_size=13, max_size=13))
def test_both_sides_of_an_equation_of_numbers_are_equal(numbers):
    trace = trace_conv2d(np.reshape(numbers[:9], (3, 3)), np.reshape(numbers[9:], (2, 2)))
    for step in trace:
        _, terms, result = eq.products(step).tex.split(" = ")
        assert value(terms) == value(result) == step.value


def test_substitution_keeps_the_order_of_the_terms():
    letters, numbers = trace_conv2d(X_LETTERS, K_LETTERS), trace_conv2d(X, K)
    assert eq.substitution(letters[0, 0], numbers[0, 0]).tex == (
        ORIGINAL[0] + r" = 7 \cdot 2 + 9 \cdot 1 + 5 \cdot 0 + 3 \cdot (-1) = 20"
    )
    with pytest.raises(
        ValueError, match=r"numbers: its window has rows \(0, 1\) and columns \(1, 2\)"
    ):
        eq.substitution(letters[0, 0], numbers[0, 1])


def test_pooling_equations_show_the_window_and_its_value():
    assert eq.maximum(trace_max_pool2d([[3, 1], [4, 2]], 2)[0, 0]).tex == (
        r"\max \begin{bmatrix} 3 & 1 \\ 4 & 2 \end{bmatrix} = 4"
    )
    mean = trace_avg_pool2d([[3, 1], [4, 2]], 2)[0, 0]
    assert eq.mean(mean).tex == r"\frac{3 + 1 + 4 + 2}{4} = 2.5"


def test_matrices_show_signs_and_fractions():
    assert eq.matrix(K, name="K").tex == r"K = \begin{bmatrix} 2 & 1 \\ 0 & -1 \end{bmatrix}"
    thirds = np.array([[Fraction(1, 3), Fraction(-2, 3)]])
    assert eq.matrix(thirds).tex == (r"\begin{bmatrix} \frac{1}{3} & -\frac{2}{3} \end{bmatrix}")
    with pytest.raises(
        ValueError, match=r"array: expected 2 axes \(height, width\), got shape \(3,\)"
    ):
        eq.matrix([1, 2, 3])


@pytest.mark.parametrize(
    ("size", "kernel", "options"),
    [(4, 2, {}), (5, 2, {"stride": 2}), (7, 3, {"stride": 2, "padding": 1, "dilation": 2})],
)
def test_the_output_size_formula_gives_the_size_of_the_output(size, kernel, options):
    trace = trace_conv2d(np.ones((size, size)), np.ones((kernel, kernel)), **options)
    tex = eq.output_size(trace).tex
    numerator, stride, result = re.match(
        r"\\left\\lfloor \\frac\{(.*)\}\{(\d+)\} \\right\\rfloor \+ 1 = (\d+)$", tex
    ).groups()
    assert value(numerator) // int(stride) + 1 == int(result) == trace.output.shape[0]


def test_the_output_size_formula_needs_equal_padding_on_both_sides():
    trace = trace_conv2d(X, K, padding=((1, 0), (0, 0)))
    with pytest.raises(ValueError, match="needs equal padding on both sides, got 1 and 0"):
        eq.output_size(trace)


def mathml_text(equation):
    """Return the text content of the MathML in document order."""
    text = ""
    for element in ElementTree.fromstring(f"<r>{equation.mathml}</r>".replace("<br>", "")).iter():
        text += (element.text or "").strip()
    return text


def test_mathml_matches_tex_and_has_one_element_per_piece():
    equation = eq.substitution(trace_conv2d(X_LETTERS, K_LETTERS)[0, 0], trace_conv2d(X, K)[0, 0])
    plain = re.sub(r"\\cdot", "·", equation.tex).replace("-", "−")
    assert mathml_text(equation) == re.sub(r"[_{} ]", "", plain)
    assert equation.mathml.count("<math>") == len(equation.pieces) == 10


def test_input_letter_k_and_kernel_entries_have_different_classes():
    mathml = eq.products(trace_conv2d(X_LETTERS, K_LETTERS)[1, 1]).mathml
    assert '<mi class="input">k</mi>' in mathml
    assert '<msub class="kernel"><mi>k</mi>' in mathml


def test_markup_in_entries_is_escaped():
    shown = eq.matrix(np.array([["<script>alert(1)</script>"]], dtype=object))._repr_html_()
    assert "<script" not in shown
