"""Explorers of gradients compute the same sums as the gradients, under their own names."""

import json
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cnnlib
from cnnlib import gradients
from cnnlib.explain import equations, trace
from cnnlib.explain.explorer import equation, explorer, explorer_link, state

X, K, GRAD = [[3, 1, 0], [4, 2, 5], [1, 1, 2]], [[1, 0], [0, 1]], [[1, -2], [0, 3]]
OF_KERNEL = trace(gradients.conv2d_weight, GRAD, X, K)
OF_INPUT = trace(gradients.conv2d_input, GRAD, X, K)
PAIRS = st.tuples(st.integers(1, 2), st.integers(1, 2))


@settings(max_examples=60)
@given(
    st.tuples(st.integers(3, 7), st.integers(3, 7)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    PAIRS,
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    PAIRS,
    st.integers(0, 10**6),
)
def test_the_state_has_the_sums_of_the_gradient(size, kernel, stride, padding, dilation, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.integers(-9, 10, size), rng.integers(-9, 10, kernel)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    room = [n + 2 * p - e for n, p, e in zip(size, padding, extent, strict=True)]
    assume(all(part >= 0 and part % s == 0 for part, s in zip(room, stride, strict=True)))
    assume(all(part // s < 7 for part, s in zip(room, stride, strict=True)))
    grad = rng.integers(-9, 10, cnnlib.conv2d(x, weight, **options).shape)
    for function in (gradients.conv2d_weight, gradients.conv2d_input):
        traced = trace(function, grad, x, weight, **options)
        shown = state(traced)
        operation = getattr(cnnlib, shown["op"])
        again = {name: shown[name[0]] for name in options}
        np.testing.assert_array_equal(operation(shown["x"], shown["k"], **again), traced.output)


def test_matrices_and_entries_have_the_names_of_the_gradient():
    html = explorer(OF_KERNEL).html
    titles = re.findall(r"<b>([^<]+)</b> <span></span>", html)
    assert titles == ["input X", "δ", "∂L/∂K"]
    assert 'data-letters="X δ ∂L/∂K"' in html
    assert 'data-offers="drag edit"' in html
    assert 'aria-label="Gradient of K"' in html
    assert 'data-act="more"' not in html
    html = explorer(OF_INPUT).html
    assert re.findall(r"<b>([^<]+)</b> <span></span>", html) == [
        "δ",
        "kernel K",
        "∂L/∂X",
    ]


def test_readers_without_javascript_get_the_equation_of_the_gradient():
    assert equation(OF_KERNEL, (0, 1)).tex == equations.products(OF_KERNEL[0, 1]).tex
    assert r"\frac{\partial L}{\partial k_{12}}" in equation(OF_KERNEL, (0, 1)).tex
    assert "gradient of Y" in explorer(OF_KERNEL).html


def test_a_link_to_the_playground_has_the_same_sums():
    assert explorer_link(OF_KERNEL).startswith("op=conv2d&x=3,1,0;4,2,5;1,1,2&k=1,-2;0,3&")
    assert json.loads(json.dumps(state(OF_INPUT)))["op"] == "conv_transpose2d"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: explorer(OF_KERNEL, form="full"), 'form: a gradient has a "compact" explorer'),
        (lambda: explorer(OF_KERNEL, offers=["stride"]), "offers: of a gradient expected drag and"),
        (
            lambda: explorer(trace(gradients.conv2d_weight, [[1]], X, K, stride=2)),
            r"stride: the windows leave a part of the input unread, so conv2d would give "
            r"shape \(3, 3\) in place of \(2, 2\)",
        ),
        (
            lambda: explorer(trace(gradients.avg_pool2d_input, [[5]], X, 2)),
            "function: the explorer does not show avg_pool2d_input; animate and show_step",
        ),
    ],
)
def test_errors_say_what_would_fit(make, message):
    with pytest.raises(ValueError, match=message):
        make()
