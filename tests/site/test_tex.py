"""TeX to MathML: where a long equation may break, and what is refused rather than misprinted."""

import re

import pytest

from blog.ext import tex


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"Y_{1,1} = a \cdot k_{11} + b", [r"Y_{1,1}", r"= a \cdot k_{11}", "+ b"]),
        ("-a + b", ["-a", "+ b"]),
        (r"a \cdot -b", [r"a \cdot -b"]),
        ("x^{-1} - x_+", ["x^{-1}", "- x_+"]),
        (r"\left( a + b \right) + c", [r"\left( a + b \right)", "+ c"]),
        (r"\left. a + b \right| = c", [r"\left. a + b \right|", "= c"]),
        (r"\{a - b\} \le [0, 1 + c)", [r"\{a - b\}", r"\le [0, 1 + c)"]),
        (
            r"\max \begin{bmatrix} 3 & -1 \end{bmatrix} = 3",
            [r"\max \begin{bmatrix} 3 & -1 \end{bmatrix}", "= 3"],
        ),
        (r"a, \quad b", ["a,", "b"]),
        ("x", ["x"]),
    ],
)
def test_an_equation_may_break_only_between_terms(source, expected):
    assert tex.split_terms(source) == expected


def test_no_piece_is_lost():
    source = r"f(x) = \frac{a + b}{c} - \sum_{i=1}^{n} x_i + (d - e)"
    squeeze = lambda text: re.sub(r"\s", "", text)  # noqa: E731
    assert squeeze("".join(tex.split_terms(source))) == squeeze(source)


def test_an_operator_at_the_head_of_a_piece_keeps_its_space():
    first, second = tex.display("a + b").split(" <math")
    assert first == '<math displaystyle="true"><mi>a</mi></math>'
    assert second.startswith(' displaystyle="true"><mo form="infix">+</mo>')


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (r"\foo{a}", "foo"),
        (r"\substack{a}", "substack"),
        (r"\boxed{a}", "boxed"),
        (r"\label{a} a", r"\\label is not supported; write the label after the equation"),
        (r"a \tag{1}", "tag"),
        (r"\frac{a}", "argument"),
    ],
)
def test_unsupported_tex_is_rejected(source, reason):
    with pytest.raises(tex.UnsupportedTex, match=reason):
        tex.display(source)


def test_the_output_is_plain_for_html_checkers():
    html = tex.display(r"\operatorname{f} \begin{cases} a & b \\ c & d \end{cases}")
    assert "scriptlevel" not in html
    assert " style=" not in html.replace("displaystyle=", "")
    assert "&Apply" not in html


@pytest.mark.parametrize(
    "source",
    [
        r"\begin{align} a &= b \\ c &= d \end{align}",
        r"\begin{align*} a &= b \nonumber \\ c &= d \end{align*}",
        r"\begin{alignat}{2} a &= b \\[4pt] c &= d \end{alignat}",
        r"\begin{split} a &= b \\ c &= d \end{split}",
        r"a &= b \\ c &= d",
    ],
)
def test_aligned_rows_have_no_numbers_and_no_styles_of_their_own(source):
    html = tex.display(source)
    assert html.count("<mtr>") == 2
    assert "(1)" not in html
    assert " style=" not in html


def test_a_single_equation_needs_no_table():
    assert tex.display(r"\begin{equation} e = f \end{equation}") == tex.display("e = f")


@pytest.mark.parametrize(
    ("source", "same"),
    [
        (r"\mbox{if } a", r"\text{if } a"),
        (r"\mathbbm{1}", r"\mathbb{1}"),
        (r"\mathds{1}", r"\mathbb{1}"),
    ],
)
def test_names_of_other_packages_are_known(source, same):
    assert tex.inline(source) == tex.inline(same)


@pytest.mark.parametrize(
    ("source", "instead"),
    [
        (r"\eqref{a}", "write {eq}`label` outside of formulas"),
        (r"\color{red} a", "formulas have the colour of the text: leave it out"),
        (r"\textcolor{red}{a}", "formulas have the colour of the text: leave it out"),
        (r"\begin{eqnarray} a &=& b \end{eqnarray}", "write align, with one & in each row"),
        ("\\begin{align} a \\\n b \\end{align}", "a row ends with two backslashes, " + r"\\"),
        (r"\norm{a}", r"write it out: what \newcommand defines is known in its own formula only"),
    ],
)
def test_what_cannot_be_set_is_said_with_a_way_out(source, instead):
    with pytest.raises(tex.UnsupportedTex) as error:
        tex.display(source)
    assert str(error.value).endswith(f"; {instead}")
