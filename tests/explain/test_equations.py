"""Equations keep the order of the window and agree with the computed values."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import (
    adaptive_avg_pool2d,
    adaptive_max_pool2d,
    avg_pool2d,
    conv2d,
    conv_transpose2d,
    max_pool2d,
)
from cnnlib.explain import equations as eq
from cnnlib.explain.text import as_number, entry_text, is_number, sum_terms
from cnnlib.explain.trace import trace
from cnnlib.explain.typesetting import DOT, typeset_entry
from tests.explain.evaluated import from_mathml, from_tex, parse, value
from tests.explain.traces import traces

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
X_LETTERS = np.array(sympy.symbols("a:p")).reshape(4, 4)
K_LETTERS = np.array(sympy.symbols("k_{11} k_{12} k_{21} k_{22}")).reshape(2, 2)
A, B = sympy.symbols("a b")

ORIGINAL = [
    r"Y_{1,1} = a \cdot k_{11} + b \cdot k_{12} + e \cdot k_{21} + f \cdot k_{22}",
    r"Y_{1,2} = b \cdot k_{11} + c \cdot k_{12} + f \cdot k_{21} + g \cdot k_{22}",
    r"Y_{1,3} = c \cdot k_{11} + d \cdot k_{12} + g \cdot k_{21} + h \cdot k_{22}",
    r"Y_{2,1} = e \cdot k_{11} + f \cdot k_{12} + i \cdot k_{21} + j \cdot k_{22}",
]


def forms(equation):
    """Return TeX, MathML and plain text as three texts of one notation."""
    return from_tex(equation.tex), from_mathml(equation.mathml), str(equation)


def the_equation(step):
    return {"sum": eq.products, "max": eq.maximum, "mean": eq.mean}[step.kind](step)


def tex_parses(tex):
    """Convert TeX as the blog does, which refuses what it does not know."""
    math_core = pytest.importorskip("math_core", reason="math-core is not installed")
    math_core.LatexToMathML(fancy_error=False).convert_with_local_state(tex, displaystyle=True)


# Steps --------------------------------------------------------------------------------------------


def test_the_first_four_equations_match_the_original_post():
    traced = trace(conv2d, X_LETTERS, K_LETTERS)
    assert [eq.products(step).tex for step in traced.steps[:4]] == ORIGINAL


def test_equations_with_letters_equal_the_output_of_conv2d():
    output = conv2d(X_LETTERS, K_LETTERS)
    names = [*"abcdefghijklmnop", "k_11", "k_12", "k_21", "k_22"]
    traced = trace(conv2d, X_LETTERS, K_LETTERS)
    assert len(traced) == 9
    for step in traced:
        row, col = step.index
        braces = {sympy.Symbol(f"k_{n}"): sympy.Symbol(f"k_{{{n}}}") for n in (11, 12, 21, 22)}
        name, _, terms = eq.products(step).tex.partition(" = ")
        assert name == f"Y_{{{row + 1},{col + 1}}}"
        found = value(from_tex(terms), names).subs(braces)
        assert sympy.expand(found - output[row, col]) == 0


@given(traces())
def test_both_sides_of_an_equation_are_equal_in_every_form(traced):
    for step in traced:
        for form in forms(the_equation(step)):
            *_, terms, result = re.split(r" ?= ?", form)
            assert math.isclose(value(result), step.value, rel_tol=1e-5) or (
                value(result) is sympy.nan and math.isnan(step.value)
            )
            if step.kind == "max":
                entries = re.findall(r"[-−]?(?:\d+\.?\d*|oo|∞)", terms)
                assert max(map(value, entries)) == value(result)
                assert len(entries) == len(step.terms)
            elif step.terms:
                assert value(terms) == pytest.approx(step.value, rel=1e-12)
    tex_parses(eq.Equation((the_equation(step).pieces[-1],)).tex)


@given(traces(("conv2d", "convolve2d", "conv_transpose2d")))
def test_each_term_stands_in_its_place_with_entry_and_weight(traced):
    for step in traced:
        equation = eq.products(step)
        index = ",".join(str(n + 1) for n in step.index)
        assert equation.pieces[0].tex == f"Y_{{{index}}}"
        terms = equation.pieces[1:-1]
        assert len(terms) == len(step.terms) + (step.bias is not None and bool(step.terms))
        for piece, (entry, weight) in zip(terms, step.pairs, strict=False):
            left, right = piece.tex.removeprefix("= ").removeprefix("+ ").split(r" \cdot ")
            assert (value(left), value(right)) == (entry, weight)
        if step.bias is not None and step.terms:
            assert value(terms[-1].tex.removeprefix("+ ")) == step.bias


@given(traces())
def test_the_plain_text_is_the_sum_that_pictures_show(traced):
    for step in traced:
        text = str(the_equation(step))
        if step.kind == "sum":
            text = text.partition(" = ")[2]
        if step.terms:
            assert text == " ".join(sum_terms(step))


def test_a_filter_of_three_channels_has_27_products_and_a_bias():
    traced = trace(conv2d, np.ones((3, 4, 4), int), np.full((2, 3, 3, 3), 2), [10, 20])
    equation = eq.products(traced[1, 0, 1])
    assert equation.tex.startswith(r"Y_{2,1,2} = 1 \cdot 2 + ")
    assert equation.tex.count(r"\cdot") == 27
    assert equation.tex.endswith(" + 20 = 74")


def test_an_output_that_no_stamp_reaches_is_an_empty_sum():
    traced = trace(conv_transpose2d, [[1, 2], [3, 4]], [[5]], stride=2)
    assert str(eq.products(traced[0, 1])) == "Y_{1,2} = 0"
    image, weight = np.array([[[A, A]]]), np.array([[[[B]]]])
    letters = trace(conv_transpose2d, image, weight, [sympy.Symbol("c")], stride=2)
    assert str(eq.products(letters[0, 0, 1])) == "Y_{1,1,2} = c"


def test_means_are_divided_by_the_entries_that_count():
    image = np.arange(25.0).reshape(5, 5)
    partial = trace(avg_pool2d, image, 2, ceil_mode=True)
    assert str(eq.mean(partial[0, 2])) == "(4 + 9) / 2 = 6.5"
    padded = trace(avg_pool2d, [[4.0, 8.0]], (1, 2), padding=(0, 1))
    assert str(eq.mean(padded[0, 0])) == "(0 + 4) / 2 = 2"
    not_counted = padded.again(count_include_pad=False)
    assert str(eq.mean(not_counted[0, 0])) == "(4) / 1 = 4"
    adaptive = trace(adaptive_avg_pool2d, image, 2)
    assert eq.mean(adaptive[0, 0]).tex.startswith(r"\frac{0 + 1 + 2 + 5 + 6 + 7 + 10 + 11 + 12}{9}")


def test_pooling_equations_show_the_window_and_its_value():
    assert eq.maximum(trace(max_pool2d, [[3, 1], [4, 2]], 2)[0, 0]).tex == (
        r"\max \begin{bmatrix} 3 & 1 \\ 4 & 2 \end{bmatrix} = 4"
    )
    step = trace(avg_pool2d, [[3, 1], [4, 2]], 2)[0, 0]
    assert eq.mean(step).tex == r"\frac{3 + 1 + 4 + 2}{4} = 2.5"
    assert (
        str(eq.pooling(step, step)) == "Y_{1,1} = (3 + 1 + 4 + 2) / 4 = (3 + 1 + 4 + 2) / 4 = 2.5"
    )
    with pytest.raises(ValueError, match="expected one of max pooling, got a mean"):
        eq.maximum(step)
    with pytest.raises(ValueError, match="expected one of average pooling, got a max"):
        eq.mean(trace(adaptive_max_pool2d, X, 2)[0, 0])


def test_substitution_keeps_the_order_of_the_terms():
    letters, numbers = trace(conv2d, X_LETTERS, K_LETTERS), trace(conv2d, X, K)
    assert eq.substitution(letters[0, 0], numbers[0, 0]).tex == (
        ORIGINAL[0] + r" = 7 \cdot 2 + 9 \cdot 1 + 5 \cdot 0 + 3 \cdot (-1) = 20"
    )
    with pytest.raises(
        ValueError, match=r"numbers: its window has rows \(0, 1\) and columns \(1, 2\)"
    ):
        eq.substitution(letters[0, 0], numbers[0, 1])


# Entries of every kind ----------------------------------------------------------------------------

ENTRIES = {
    "complex": (1 + 2j, "(1 + 2i)", "(1 + 2i)"),
    "imaginary": (-1j, "(-i)", "(−i)"),
    "imaginary without a sign": (2.5j, "2.5i", "2.5i"),
    "complex, but real": (3 + 0j, "3", "3"),
    "boolean": (True, "1", "1"),
    "NumPy's boolean": (np.False_, "0", "0"),
    "fraction": (Fraction(-1, 2), r"\left(-\frac{1}{2}\right)", "(−1/2)"),
    "whole fraction": (Fraction(4, 2), "2", "2"),
    "huge": (1.5e6, r"1.5 \times 10^{6}", "1.5e6"),
    "tiny": (-1e-7, r"(-1 \times 10^{-7})", "(−1e−7)"),
    "infinity": (-math.inf, r"(-\infty)", "(−∞)"),
    "not a number": (math.nan, r"\mathrm{NaN}", "NaN"),
    "negative zero": (-0.0, "0", "0"),
    "half precision": (np.float16(0.1), "0.1", "0.1"),
    "single precision": (np.float32(0.1), "0.1", "0.1"),
    "single precision, complex": (np.complex64(0.1 + 0.2j), "(0.1 + 0.2i)", "(0.1 + 0.2i)"),
    "64 bits": (np.uint64(2**64 - 1), "18446744073709551615", "18446744073709551615"),
    "a sum": (A + B, "(a + b)", "(a + b)"),
    "a negative symbol": (-A, "(- a)", "(−a)"),
    "a product": (2 * A, "2 a", "2·a"),
    "a power": (A**2, "a^{2}", "a^2"),
    "SymPy's fraction": (sympy.Rational(1, 2), r"\frac{1}{2}", "1/2"),
    "SymPy's integer": (sympy.Integer(-3), "(-3)", "(−3)"),
    "SymPy's float": (sympy.Float(1e-7) * A, r"1 \times 10^{-7} a", "1e−7·a"),
    "SymPy's i": (1 + sympy.I, "(1 + i)", "(1 + i)"),
    "a symbol with an index": (sympy.Symbol("k_11") + A, "(a + k_{11})", "(a + k_{11})"),
    "indices": ("x_{1,2}", "x_{1,2}", "x_{1,2}"),
    "an index without braces": ("k_11", "k_{11}", "k_{11}"),
    "a letter as index": ("x_i", "x_{i}", "x_{i}"),
    "a name": ("weight", r"\mathrm{weight}", "weight"),
    "a Greek name": ("alpha_1", r"\alpha_{1}", "α_{1}"),
    "a Greek letter": ("λ", r"\lambda", "λ"),
    "another text": ("ReLU(Y)", r"\text{ReLU(Y)}", "ReLU(Y)"),
    "signs of TeX": (r"50%_\$", r"\text{50\%\_\textbackslash{}\$}", r"50%_\$"),
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_is_written_in_tex_and_as_text(kind):
    entry, tex, text = ENTRIES[kind]
    piece = typeset_entry(entry, "input")
    assert (piece.tex, piece.text) == (tex, text)
    assert 'class="input"' in piece.mathml
    parse(piece.mathml)
    tex_parses(piece.tex)


def test_complex_numbers_stand_in_brackets():
    step = trace(conv2d, [[1 + 2j, 3]], [[3 + 1j, -2j]])[0, 0]
    assert eq.products(step).tex == r"Y_{1,1} = (1 + 2i) \cdot (3 + i) + 3 \cdot (-2i) = 1 + i"


def test_expressions_stand_in_brackets_where_a_product_needs_them():
    step = trace(conv2d, np.array([[A + B, -A]]), np.array([[sympy.Rational(1, 2), B]]))[0, 0]
    assert eq.products(step).tex == r"Y_{1,1} = (a + b) \cdot \frac{1}{2} + (- a) \cdot b"
    assert str(eq.products(step)) == "Y_{1,1} = (a + b)·(1/2) + (−a)·b"


expressions = st.recursive(
    st.sampled_from([A, B, sympy.Integer(2), sympy.Rational(-1, 3), sympy.Symbol("k_{11}")]),
    lambda inner: st.builds(
        lambda left, right, operation: operation(left, right),
        inner,
        inner,
        st.sampled_from([sympy.Add, sympy.Mul, lambda a, b: a - b]),
    ),
    max_leaves=6,
)
entries = st.one_of(
    st.integers(),
    st.booleans(),
    st.floats(),
    st.floats(width=32).map(np.float32),
    st.floats(width=16).map(np.float16),
    st.complex_numbers(),
    st.fractions(),
    expressions,
)


@given(entries)
def test_every_form_of_an_entry_has_its_value(entry):
    piece = typeset_entry(entry, "kernel", bracket=False)
    names = ["a", "b", "k_11"]
    found = [
        value(from_tex(piece.tex).replace("a b", "a*b"), names) if is_number(entry) else None,
        value(from_mathml(piece.mathml), names),
        value(re.sub(r"_\{(\w+)\}", r"_\1", piece.text), names),
    ]
    if not is_number(entry):
        wanted = entry.subs(sympy.Symbol("k_{11}"), sympy.Symbol("k_11"))
        assert all(sympy.expand(form - wanted) == 0 for form in found[1:])
    else:
        wanted = as_number(entry)
        if isinstance(wanted, (int, Fraction)):
            assert all(form == wanted for form in found)
        else:
            for form in found:
                assert same_to_six_digits(form, wanted)
    tex_parses(piece.tex)


def same_to_six_digits(form, wanted):
    """Say whether real and imaginary part agree; of NaN and infinities, that both are such."""
    wanted = complex(wanted)
    if not (math.isfinite(wanted.real) and math.isfinite(wanted.imag)):
        return not form.is_finite
    real, imag = form.as_real_imag()
    return close(real, wanted.real) and close(imag, wanted.imag)


def close(form, wanted):
    return abs(form - sympy.Rational(wanted)) <= sympy.Rational(abs(wanted)) / 199999


@given(st.lists(entries, min_size=2, max_size=2), st.lists(entries, min_size=2, max_size=2))
def test_products_of_any_entries_have_the_value_of_their_factors(left, right):
    """Brackets keep factors together: each form has the value of the rounded factors."""
    names = ["a", "b", "k_11"]
    for one, other in zip(left, right, strict=True):
        if not all(is_finite(entry) for entry in (one, other)):
            continue
        pieces = typeset_entry(one, "input"), typeset_entry(other, "kernel")
        product = value("".join(from_mathml(p.mathml) for p in (pieces[0], DOT, pieces[1])), names)
        factors = [value(from_mathml(piece.mathml), names) for piece in pieces]
        assert sympy.expand(product - factors[0] * factors[1]) == 0
        text = f"{eq.factor_text(one)}·{eq.factor_text(other)}"
        assert sympy.expand(value(re.sub(r"_\{(\w+)\}", r"_\1", text), names) - product) == 0


def is_finite(entry):
    if not is_number(entry):
        return True
    number = complex(as_number(entry)) if not isinstance(entry, (int, Fraction)) else 0
    return math.isfinite(number.real) and math.isfinite(number.imag)


# Matrices and sizes -------------------------------------------------------------------------------


def test_matrices_show_signs_and_fractions():
    assert eq.matrix(K, name="K").tex == r"K = \begin{bmatrix} 2 & 1 \\ 0 & -1 \end{bmatrix}"
    thirds = np.array([[Fraction(1, 3), Fraction(-2, 3)]])
    assert eq.matrix(thirds).tex == (r"\begin{bmatrix} \frac{1}{3} & -\frac{2}{3} \end{bmatrix}")
    assert str(eq.matrix(K, name="K")) == "K = [2, 1; 0, −1]"
    assert str(eq.matrix(np.float32([[0.1, 3e8]]))) == "[0.1, 3e8]"
    with pytest.raises(
        ValueError, match=r"array: expected 2 axes \(height, width\), got shape \(3,\)"
    ):
        eq.matrix([1, 2, 3])


ROUNDING = {"floor": sympy.floor, "ceil": sympy.ceiling}


@given(traces())
def test_the_output_size_formula_gives_the_size_of_the_output(traced):
    for axis in (0, 1):
        if traced.operation.startswith("adaptive"):
            with pytest.raises(ValueError, match=f"output size of {traced.operation} is given"):
                eq.output_size(traced, axis)
            continue
        tex = eq.output_size(traced, axis).tex
        terms, result = tex.split(" = ")
        match = re.match(r"\\left\\l(floor|ceil) (.*) \\right\\r\1(.*)$", terms)
        if match:
            found = ROUNDING[match[1]](value(from_tex(match[2]))) + value(f"0 {match[3]}")
        else:
            found = value(from_tex(terms))
        assert found == int(result) == traced.output.shape[-2:][axis]
        assert ("ceil" in tex) == bool(traced.arguments.get("ceil_mode"))
        text = str(eq.output_size(traced, axis)).replace("⌊", "floor(").replace("⌈", "ceiling(")
        left, right = re.sub("[⌋⌉]", ")", text).split(" = ")
        assert value(left) == value(right)
        parse(eq.output_size(traced, axis).mathml)


def test_padding_that_differs_between_the_sides_is_a_sum():
    traced = trace(conv2d, X, K, padding=((1, 0), (0, 0)))
    assert str(eq.output_size(traced)) == "⌊(4 + 1 + 0 − 1·(2 − 1) − 1) / 1⌋ + 1 = 4"
    assert str(eq.output_size(traced, 1)) == "⌊(4 + 2·0 − 1·(2 − 1) − 1) / 1⌋ + 1 = 3"


def test_ceil_mode_output_padding_and_same_padding_are_written():
    partial = trace(max_pool2d, np.ones((5, 5)), 2, padding=1, stride=3, ceil_mode=True)
    assert str(eq.output_size(partial)) == "⌈(5 + 2·1 − 1·(2 − 1) − 1) / 3⌉ + 1 − 1 = 2"
    transposed = trace(conv_transpose2d, X, K, stride=2, output_padding=1)
    assert str(eq.output_size(transposed)) == "(4 − 1)·2 − 2·0 + 1·(2 − 1) + 1 + 1 = 9"


# MathML -------------------------------------------------------------------------------------------


def mathml_text(equation):
    """Return the text content of the MathML in document order."""
    return "".join((element.text or "").strip() for element in parse(equation.mathml).iter())


def test_mathml_matches_tex_and_has_one_element_per_piece():
    letters, numbers = trace(conv2d, X_LETTERS, K_LETTERS), trace(conv2d, X, K)
    equation = eq.substitution(letters[0, 0], numbers[0, 0])
    plain = re.sub(r"\\cdot", "·", equation.tex).replace("-", "−")
    assert mathml_text(equation) == re.sub(r"[_{} ]", "", plain)
    assert equation.mathml.count("<math>") == len(equation.pieces) == 10


def test_entries_are_coloured_by_their_place_and_not_by_their_letter():
    mathml = eq.products(trace(conv2d, X_LETTERS, K_LETTERS)[1, 1]).mathml
    assert '<mi class="input">k</mi>' in mathml
    assert '<msub class="kernel"><mi>k</mi>' in mathml
    x, y = sympy.symbols("X Y")
    named = eq.products(trace(conv2d, [[x]], [[y]])[0, 0]).mathml
    assert '<mi class="input">X</mi>' in named
    assert '<mi class="kernel">Y</mi>' in named


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a&b", '"', "k_{<b>}"])
def test_markup_in_entries_is_escaped(text):
    for array in ([[text]], [[sympy.Symbol(text)]], [[sympy.Symbol(text) + A]]):
        shown = eq.matrix(np.array(array, dtype=object), name=text)
        root = parse(shown.mathml)
        assert text in "".join(root.itertext())


def test_an_equation_prints_itself_as_text():
    traced = trace(conv2d, [[3, 1]], [[1, -2]])
    assert f"{eq.products(traced[0, 0])}" == "Y_{1,1} = 3·1 + 1·(−2) = 1"
    assert entry_text("Y_{1,1}") in str(eq.products(traced[0, 0]))
