"""Traces of gradients: their steps, equations, words and pictures agree with each other."""

import json
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnnlib
from cnnlib import gradients
from cnnlib.explain import animate, describe_trace, explorer, show_step, svg, worksheet
from cnnlib.explain import equations as eq
from cnnlib.explain.descriptions import describe_step
from cnnlib.explain.scene import animation_scene, step_scene
from cnnlib.explain.text import entry_text, sum_terms
from cnnlib.explain.trace import trace
from tests.explain import holds
from tests.explain.drawn import BACKENDS, Moments
from tests.explain.evaluated import from_mathml, from_tex, value
from tests.explain.traces import gradient_traces

FEWER = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
SOME = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])

X = np.array([[3, 1, 0], [4, 2, 5], [1, 1, 2]])
K = np.array([[1, 0], [0, -1]])
GRAD = np.array([[1, -2], [0, 3]])
X_LETTERS = np.array(sympy.symbols("a:i")).reshape(3, 3)
K_LETTERS = np.array(sympy.symbols("k_11 k_12 k_21 k_22")).reshape(2, 2)
DELTAS = np.array(sympy.symbols("delta_11 delta_12 delta_21 delta_22")).reshape(2, 2)


# Steps --------------------------------------------------------------------------------------------


@SOME
@given(gradient_traces())
def test_the_terms_of_each_step_add_up_to_the_gradient(traced):
    found = getattr(gradients, traced.operation)(**traced.arguments)
    assert np.array_equal(traced.output, found)
    assert [step.index for step in traced] == list(np.ndindex(found.shape))
    for step in traced:
        total = sum(entry * weight for entry, weight in step.pairs)
        assert float(total) == pytest.approx(found[step.index])
        places = [(c, r, q) for c in step.channels for r in step.rows for q in step.cols]
        assert [(t.channel, t.row, t.col) for t in step.terms] == places


def padded(traced):
    """Return the input (C, H, W) of a gradient's operation with its padding, and the corner."""
    (top, bottom), (left, right) = traced.geometry.padding
    x = traced.arguments["input"]
    x = x.reshape(-1, *x.shape[-2:])
    return np.pad(x, ((0, 0), (top, bottom), (left, right))), (top, left)


def loop_backwards(grad, x, k, padding, stride, dilation, groups):
    """Return both gradients of a convolution (C, H, W) by plain loops over its forward products."""
    (top, bottom), (left, right) = padding
    x = np.pad(x, ((0, 0), (top, bottom), (left, right)))
    by_x, by_k = np.zeros(x.shape), np.zeros(k.shape)
    for (out, r, c), delta in np.ndenumerate(grad):
        for number, u, v in np.ndindex(k.shape[1:]):
            channel = out * groups // len(k) * k.shape[1] + number
            at = channel, r * stride[0] + u * dilation[0], c * stride[1] + v * dilation[1]
            by_x[at] += k[out, number, u, v] * delta
            by_k[out, number, u, v] += x[at] * delta
    return by_x[:, top : x.shape[1] - bottom, left : x.shape[2] - right], by_k


@SOME
@given(gradient_traces(("conv2d_weight", "conv2d_input")))
def test_steps_in_floats_are_what_plain_loops_add_up(traced):
    names = ("grad_output", "input", "weight")
    floats = {name: traced.arguments[name] / 7 for name in names}
    again = traced.again(**floats)
    planes = [array.reshape(-1, *array.shape[-2:]) for array in floats.values()]
    weight = floats["weight"].reshape(len(planes[0]), -1, *floats["weight"].shape[-2:])
    geometry, by_kernel = again.geometry, traced.operation == "conv2d_weight"
    steps = geometry.stride, geometry.dilation
    stride, dilation = reversed(steps) if by_kernel else steps
    groups = len(planes[1]) // weight.shape[1]
    looped = loop_backwards(*planes[:2], weight, geometry.padding, stride, dilation, groups)
    looped = looped[by_kernel].reshape(again.output.shape)
    for step in again:
        total = sum(entry * factor for entry, factor in step.pairs)
        assert total == pytest.approx(looped[step.index])
        assert step.value == pytest.approx(looped[step.index])


@SOME
@given(gradient_traces(("conv2d_weight",)))
def test_a_kernel_entry_meets_one_input_in_each_window(traced):
    """Each forward window (r, c) reads at (u, v) what the step of (u, v) holds at (r, c)."""
    x, (top, left) = padded(traced)
    grad = traced.arguments["grad_output"]
    (down, across), (tall, wide) = traced.geometry.dilation, traced.geometry.stride
    for step in traced:
        *lead, u, v = step.index
        deltas = grad if grad.ndim == 2 else grad[lead[0]]
        assert len(step.terms) == deltas.size
        for term, ((r, c), delta) in zip(step.terms, np.ndenumerate(deltas), strict=True):
            row, col = r * down + u * tall, c * across + v * wide  # of the padded input
            assert (term.row, term.col) == (row - top, col - left)
            assert term.entry == x[step.channels[0], row, col]
            assert (term.weight, term.kernel) == (delta, (r, c))


@SOME
@given(gradient_traces(("conv2d_input", "max_pool2d_input", "avg_pool2d_input")))
def test_an_input_entry_gets_something_from_each_window_that_covers_it(traced):
    geometry, (top, left) = traced.geometry, (side[0] for side in traced.geometry.padding)
    for step in traced:
        row, col = step.place[0] + top, step.place[1] + left
        covering = {
            (r, c)
            for r, c in np.ndindex(geometry.output)
            if row in geometry.rows(r) and col in geometry.columns(c)
        }
        assert {(term.row, term.col) for term in step.terms} == covering


@SOME
@given(gradient_traces(("max_pool2d_input",)))
def test_a_window_gives_everything_to_the_first_of_its_largest_entries(traced):
    received = {}
    for step in traced:
        for term in step.terms:
            if term.weight:
                received.setdefault((term.channel, term.row, term.col), []).append(step.place)
    assert all(len(places) == 1 for places in received.values())
    x, (top, left) = traced.arguments["input"], (s[0] for s in traced.geometry.padding)
    x = x.reshape(-1, *x.shape[-2:])
    for (channel, r, c), (place,) in received.items():
        entries = {
            (row - top, col - left): x[channel, row - top, col - left]
            for row in traced.geometry.rows(r)
            for col in traced.geometry.columns(c)
            if 0 <= row - top < x.shape[1] and 0 <= col - left < x.shape[2]
        }
        assert max(entries, key=entries.get) == place


@SOME
@given(gradient_traces(("conv_transpose2d_weight", "linear_weight", "linear_input")))
def test_the_loss_changes_with_an_entry_as_its_step_says(traced):
    """The loss is linear in each array, so a difference is the slope, however large the nudge."""
    name, _, argument = traced.operation.rpartition("_")
    arguments = dict(traced.arguments)
    grad, nudged = arguments.pop("grad_output"), arguments[argument]
    for step in traced:
        nudge = np.zeros(nudged.shape, int)
        nudge[step.index] = 2
        higher, lower = (
            (getattr(cnnlib, name)(**(arguments | {argument: array})) * grad).sum()
            for array in (nudged + nudge, nudged - nudge)
        )
        assert sum(entry * factor for entry, factor in step.pairs) == (higher - lower) / 4


def test_overlapping_windows_add_up_where_they_share_their_maximum():
    x = [[1, 2, 1], [2, 9, 2], [1, 2, 1]]
    traced = trace(gradients.max_pool2d_input, GRAD, x, 2, stride=1)
    assert traced[1, 1].pairs == ((1, 1), (-2, 1), (0, 1), (3, 1))
    assert (traced[1, 1].value, traced[0, 0].pairs) == (2, ((1, 0),))
    assert str(eq.products(traced[1, 1])) == "∂L/∂x_{2,2} = 1·1 + (−2)·1 + 0·1 + 3·1 = 2"


def test_the_entries_of_a_mean_get_equal_shares():
    traced = trace(gradients.avg_pool2d_input, [[6]], np.zeros((3, 3)), 3)
    assert traced[0, 0].pairs == ((6, Fraction(1, 9)),)
    assert str(eq.products(traced[0, 0])).startswith("∂L/∂x_{1,1} = 6·(1/9) = 0.66")
    one_third = trace(
        gradients.avg_pool2d_input, [[6]], np.zeros((1, 1)), 2, padding=1, divisor_override=3
    )
    assert one_third[0, 0].pairs == ((6, Fraction(1, 3)),)


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_adaptive_windows_give_back_what_the_same_windows_of_a_stride_do(kind):
    by_size = trace(getattr(gradients, f"adaptive_{kind}_pool2d_input"), GRAD, X, 2)
    by_stride = trace(getattr(gradients, f"{kind}_pool2d_input"), GRAD, X, 2, stride=1)
    assert [step.pairs for step in by_size] == [step.pairs for step in by_stride]
    assert [(step.rows, step.cols) for step in by_size] == [
        (step.rows, step.cols) for step in by_stride
    ]


def test_adaptive_windows_of_different_sizes_give_different_shares():
    traced = trace(gradients.adaptive_avg_pool2d_input, [[6, 12, 8]], np.zeros((1, 4)), (1, 3))
    assert str(eq.products(traced[0, 1])) == "∂L/∂x_{1,2} = 6·(1/2) + 12·(1/2) = 9"
    assert describe_step(traced[0, 3]) == "window row 1, column 3; gradient of x1,4: 4"


def test_the_sums_of_a_linear_layer_run_over_examples_and_over_outputs():
    x, weight = [[3, 1, 0], [4, 2, 5]], [[1, 0, 2], [0, -1, 4]]
    by_weight = trace(gradients.linear_weight, GRAD, x, weight)
    assert str(eq.products(by_weight[1, 0])) == "∂L/∂w_{2,1} = 3·(−2) + 4·3 = 6"
    assert describe_step(by_weight[1, 0]) == "window rows 1 to 2, column 1; gradient of w2,1: 6"
    by_input = trace(gradients.linear_input, GRAD, x, weight)
    assert str(eq.products(by_input[0, 1])) == "∂L/∂x_{1,2} = 1·0 + (−2)·(−1) = 2"
    assert "Weights, 2 by 3: 1, 0, 2; 0, −1, 4." in describe_trace(by_input)


def test_relu_lets_through_what_belongs_to_positive_inputs():
    traced = trace(gradients.activation_input, cnnlib.relu, [[5, 7]], [[-1, 2]])
    assert [step.pairs for step in traced] == [((5, 0),), ((7, 1),)]
    assert str(eq.products(traced[0, 1], name="y")) == "∂L/∂y_{1,2} = 7·1 = 7"
    smooth = trace(gradients.activation_input, cnnlib.sigmoid, [[8.0]], [[0.0]])
    assert smooth[0, 0].pairs == ((8.0, 0.25),)


def test_a_gradient_can_be_taken_from_the_table_of_gradients():
    from cnnlib.gradients import GRADIENTS

    by_table = trace(GRADIENTS[cnnlib.relu]["input"], [[5, 7]], [[-1, 2]])
    assert by_table.output.tolist() == [[0, 7]]
    assert trace(GRADIENTS[cnnlib.conv2d]["weight"], GRAD, X, K)[0, 0].value == 7


def test_fractions_stay_exact():
    half = Fraction(1, 2)
    traced = trace(gradients.conv2d_weight, GRAD * half, X * half, K)
    assert traced[0, 0].value == Fraction(7, 4)
    assert sum(entry * weight for entry, weight in traced[0, 0].pairs) == Fraction(7, 4)
    shares = trace(gradients.avg_pool2d_input, GRAD * half, X, 2, stride=1)
    assert shares[1, 1].value == Fraction(1, 4)


def test_filters_and_channels_have_a_step_for_each_entry():
    rng = np.random.default_rng(0)
    x, k = rng.integers(0, 9, (4, 3, 3)), rng.integers(0, 9, (2, 2, 2, 2))
    grad = rng.integers(-5, 5, (2, 2, 2))
    traced = trace(gradients.conv2d_weight, grad, x, k, groups=2)
    step = traced[1, 0, 1, 1]
    assert step.channels == (2,)  # the first one of the second group
    assert step.entries == tuple(map(tuple, x[2, 1:, 1:].tolist()))
    assert step.weights == tuple(map(tuple, grad[1].tolist()))
    assert str(eq.products(step)).startswith("∂L/∂k_{2,1,2,2} = ")
    assert describe_step(step).endswith(
        f"channel 3; gradient of k2,1,2,2: {step.value}".replace("-", "−")
    )
    titles = {s.text for s in step_scene(traced, step.index).shapes if s.kind == "title"}
    assert titles == {
        "input X, channel 3",
        "gradient of Y, channel 2",
        "gradient of K, filter 2, channel 1",
    }


def test_a_kernel_of_a_transposed_convolution_leads_from_a_channel_to_another():
    rng = np.random.default_rng(0)
    x, k = rng.integers(0, 9, (4, 3, 3)), rng.integers(0, 9, (4, 2, 2, 2))
    grad = rng.integers(-5, 5, (4, 4, 4))
    traced = trace(gradients.conv_transpose2d_weight, grad, x, k, groups=2)
    step = traced[2, 0, 1, 1]
    assert step.channels == (2,)  # the first one of the second group
    assert step.entries == tuple(map(tuple, grad[2, 1:, 1:].tolist()))
    assert step.weights == tuple(map(tuple, x[2].tolist()))
    scene = step_scene(traced, step.index)
    assert {s.text for s in scene.shapes if s.kind == "title"} == {
        "gradient of Y, channel 3",
        "input X, channel 3",
        "gradient of K, from channel 3 to 3",
    }
    assert not [shape for shape in scene.shapes if shape.kind == "place"]


def test_the_input_of_a_transposed_convolution_slides_over_the_gradient_of_its_output():
    grad = np.arange(49).reshape(7, 7)
    options = {"stride": 2, "output_padding": 1}
    traced = trace(gradients.conv_transpose2d_weight, grad, X, K, **options)
    geometry = traced.geometry
    assert (geometry.input, geometry.kernel, geometry.output) == ((7, 7), (3, 3), (2, 2))
    assert (geometry.stride, geometry.dilation) == ((1, 1), (2, 2))
    assert traced[1, 1].weights == tuple(map(tuple, X.tolist()))
    assert traced.unread == ((6,), (6,))


# Letters ------------------------------------------------------------------------------------------


def test_the_equation_of_a_kernel_entry_in_letters_and_numbers():
    letters = trace(gradients.conv2d_weight, DELTAS, X_LETTERS, K_LETTERS)
    numbers = trace(gradients.conv2d_weight, GRAD, X, K)
    assert [step.of for step in numbers] == ["k_{11}", "k_{12}", "k_{21}", "k_{22}"]
    found = eq.substitution(letters[0, 0], numbers[0, 0])
    assert str(found) == (
        "∂L/∂k_{11} = a·δ_{11} + b·δ_{12} + d·δ_{21} + e·δ_{22} = 3·1 + 1·(−2) + 4·0 + 2·3 = 7"
    )
    assert found.tex.startswith(
        r"\frac{\partial L}{\partial k_{11}} = a \cdot \delta_{11} + b \cdot \delta_{12}"
    )


def test_the_letters_of_the_input_name_its_gradient():
    letters = trace(gradients.conv2d_input, DELTAS, X_LETTERS, K_LETTERS)
    assert str(eq.products(letters[1, 1])) == (
        "∂L/∂e = δ_{11}·k_{22} + δ_{12}·k_{21} + δ_{21}·k_{12} + δ_{22}·k_{11}"
    )
    assert str(eq.products(letters[0, 0], name="w")) == "∂L/∂w_{1,1} = δ_{11}·k_{11}"


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"padding": 1, "dilation": 2}])
def test_the_steps_add_up_to_the_derivative_that_sympy_takes(options):
    size = cnnlib.conv2d(X, K, **options).shape
    grad = np.array(sympy.symbols(f"d:{size[0] * size[1]}")).reshape(size)
    loss = sympy.expand((cnnlib.conv2d(X_LETTERS, K_LETTERS, **options) * grad).sum())
    for name, letters in (("conv2d_weight", K_LETTERS), ("conv2d_input", X_LETTERS)):
        traced = trace(getattr(gradients, name), grad, X_LETTERS, K_LETTERS, **options)
        for step in traced:
            total = sum(entry * weight for entry, weight in step.pairs)
            assert sympy.expand(total - sympy.diff(loss, letters[step.index])) == 0
            assert step.of == str(letters[step.index])


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"dilation": 2}])
def test_the_gradient_of_a_transposed_convolution_is_that_of_sympy(options):
    size = cnnlib.conv_transpose2d(X, K, **options).shape
    grad = np.array(sympy.symbols(f"d:{size[0] * size[1]}")).reshape(size)
    loss = sympy.expand((cnnlib.conv_transpose2d(X_LETTERS, K_LETTERS, **options) * grad).sum())
    traced = trace(gradients.conv_transpose2d_input, grad, X_LETTERS, K_LETTERS, **options)
    for step in traced:
        total = sum(entry * weight for entry, weight in step.pairs)
        assert sympy.expand(total - sympy.diff(loss, X_LETTERS[step.index])) == 0
        assert step.of == str(X_LETTERS[step.index])
    assert not traced.reverses


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"dilation": 2}])
def test_the_kernel_of_a_transposed_convolution_has_the_gradient_of_sympy(options):
    size = cnnlib.conv_transpose2d(X, K, **options).shape
    grad = np.array(sympy.symbols(f"d:{size[0] * size[1]}")).reshape(size)
    loss = sympy.expand((cnnlib.conv_transpose2d(X_LETTERS, K_LETTERS, **options) * grad).sum())
    traced = trace(gradients.conv_transpose2d_weight, grad, X_LETTERS, K_LETTERS, **options)
    for step in traced:
        total = sum(entry * weight for entry, weight in step.pairs)
        assert sympy.expand(total - sympy.diff(loss, K_LETTERS[step.index])) == 0
        assert step.of == str(K_LETTERS[step.index])


def test_means_and_slopes_take_letters():
    traced = trace(gradients.avg_pool2d_input, DELTAS, X, 2, stride=1)
    assert str(eq.products(traced[0, 1])) == "∂L/∂x_{1,2} = δ_{11}·(1/4) + δ_{12}·(1/4)"
    open_gate = trace(gradients.activation_input, cnnlib.relu, DELTAS, K)
    assert str(eq.products(open_gate[0, 0])) == "∂L/∂x_{1,1} = δ_{11}·1"


# Equations, words and pictures --------------------------------------------------------------------


@SOME
@given(gradient_traces())
def test_both_sides_of_an_equation_are_equal_in_every_form(traced):
    for step in traced:
        equation = eq.products(step)
        plain = str(equation)
        assert plain.partition(" = ")[0] == f"∂L/∂{entry_text(step.of)}"
        if step.terms:
            assert plain.partition(" = ")[2] == " ".join(sum_terms(step))
        for form in (from_tex(equation.tex), from_mathml(equation.mathml), plain):
            *_, terms, result = re.split(r" ?= ?", form)
            assert float(value(result)) == pytest.approx(step.value, rel=1e-5)
            if step.terms:
                assert float(value(terms)) == pytest.approx(float(step.value))


def test_an_equation_has_the_colours_of_what_it_speaks_of():
    by_kernel = eq.products(trace(gradients.conv2d_weight, GRAD, X, K)[0, 0]).mathml
    assert re.findall(r'<m\w+ class="(\w+)"', by_kernel)[:3] == ["kernel", "input", "output"]
    by_input = eq.products(trace(gradients.conv2d_input, GRAD, X, K)[0, 0]).mathml
    assert re.findall(r'<m\w+ class="(\w+)"', by_input)[:3] == ["input", "output", "kernel"]


@SOME
@given(gradient_traces())
def test_words_name_each_window_and_end_as_the_sum_does(traced):
    for step in traced:
        holds.words_name_the_window(step)
        assert describe_step(step).endswith(f" {sum_terms(step)[-1].removeprefix('= ')}")


@SOME
@given(gradient_traces())
def test_all_entries_are_said_in_order(traced):
    lists = re.findall(r": ([^:.]*(?:\.\d+[^:.]*)*)\.", describe_trace(traced))
    said = [number for part in lists for number in re.split("[;,] ", part)]
    beside = [] if traced.beside is None else traced.beside.flat
    wanted = [*traced.input.flat, *beside, *traced.output.flat]
    assert said == [entry_text(value) for value in wanted]


def test_the_words_of_a_gradient_say_what_its_matrices_are():
    assert describe_trace(trace(gradients.conv2d_weight, GRAD, X, K)) == (
        "Input, 3 by 3: 3, 1, 0; 4, 2, 5; 1, 1, 2. Gradient of Y, 2 by 2: 1, −2; 0, 3. "
        "Gradient of K, 2 by 2: 7, 16; 3, −2."
    )
    pooled = trace(gradients.max_pool2d_input, [[5]], X, 2)
    assert describe_trace(pooled) == (
        "Gradient of Y, 1 by 1: 5. Input, 3 by 3: 3, 1, 0; 4, 2, 5; 1, 1, 2. Window, 2 by 2. "
        "Gradient of X, 3 by 3: 0, 0, 0; 5, 0, 0; 0, 0, 0."
    )
    assert describe_step(pooled[2, 2]) == "no window reads this entry; gradient of x3,3: 0"


@pytest.mark.parametrize("backend", BACKENDS)
@FEWER
@given(gradient_traces(), st.data())
def test_a_step_is_drawn_where_it_lies(backend, traced, data):
    step = data.draw(st.sampled_from(traced.steps))
    scene = step_scene(traced, step.index)
    width, height, boxes = BACKENDS[backend](scene)
    holds.everything_lies_inside(width, height, boxes)
    holds.step_is_shown(traced, scene, boxes, step)


@FEWER
@given(traced=gradient_traces())
def test_an_animation_shows_at_each_moment_the_step_of_that_moment(traced):
    scene = animation_scene(traced)
    moments = Moments(svg.animation_file(scene, title="t", description="d"))
    lead = traced.steps[0].index[:-2]
    steps = [step for step in traced if step.index[:-2] == lead]
    assert moments.total == len(steps)
    for number, step in enumerate(steps):
        boxes = moments.moving(number)
        holds.everything_lies_inside(moments.width, moments.height, boxes)
        holds.texts_have_room(boxes)
        holds.step_is_marked(scene, boxes, step)
        holds.weights_lie_on_their_entries(scene, boxes, step)
        holds.sum_is_written(boxes, step)
        holds.output_is_shown(traced, scene, boxes, step, upto=number)


def colours(scene):
    """Return the colours of the cells, frames and titles of a scene, by their kinds."""
    return {(s.kind, s.text if s.kind == "title" else ""): s.role for s in scene.shapes
            if s.kind in ("title", "window", "result")}  # fmt: skip


def test_each_matrix_has_its_colour_wherever_it_stands():
    assert colours(step_scene(trace(gradients.conv2d_weight, GRAD, X, K))) == {
        ("title", "input X"): "input",
        ("title", "gradient of Y"): "output",
        ("title", "gradient of K"): "kernel",
        ("window", ""): "output",
        ("result", ""): "kernel",
    }
    assert colours(step_scene(trace(gradients.conv2d_input, GRAD, X, K))) == {
        ("title", "gradient of Y"): "output",
        ("title", "kernel K"): "kernel",
        ("title", "gradient of X"): "input",
        ("window", ""): "kernel",
        ("result", ""): "input",
    }


def test_the_entry_of_the_input_that_a_gradient_belongs_to_is_framed():
    pooled = trace(gradients.max_pool2d_input, GRAD, X, 2, stride=1)
    gate = trace(gradients.activation_input, cnnlib.relu, [[[1]], [[2]]], [[[3]], [[4]]])
    for traced, index in ((pooled, (1, 2)), (gate, (1, 0, 0))):
        scene = step_scene(traced, index)
        (frame,) = (shape for shape in scene.shapes if shape.kind == "place")
        panel = scene.panel("kernel", index[0] if len(index) == 3 else 0)
        assert holds.same_box(frame, *holds.at(panel, *index[-2:]))
        assert frame.role == "input"
    by_kernel = step_scene(trace(gradients.conv2d_weight, GRAD, X, K))
    assert not [shape for shape in by_kernel.shapes if shape.kind == "place"]


def test_letters_show_as_letters_and_gradients_as_names():
    scene = step_scene(trace(gradients.conv2d_weight, DELTAS, X_LETTERS, K_LETTERS))
    texts = [shape.text for shape in scene.shapes if shape.kind == "entry"]
    assert texts == [*"abcdefghi", *(f"δ_{{{n}}}" for n in (11, 12, 21, 22)),
                     *(f"∂k_{{{n}}}" for n in (11, 12, 21, 22))]  # fmt: skip


# Limits and errors --------------------------------------------------------------------------------


def test_the_matrix_of_an_input_gradient_is_the_transposed_one():
    back = trace(gradients.conv2d_input, GRAD, X, K)
    assert np.array_equal(back.matrix, trace(cnnlib.conv2d, X, K).matrix.T)


def test_again_traces_the_same_call_on_other_values():
    traced = trace(gradients.conv2d_weight, GRAD, X, K, padding=0)
    assert traced.again(grad_output=2 * GRAD)[0, 0].value == 14
    assert traced.again(input=2 * X)[0, 0].value == 14
    open_gate = trace(gradients.activation_input, cnnlib.relu, [[5]], [[-1]])
    assert open_gate.again(input=[[1]])[0, 0].value == 5
    pooled = trace(gradients.max_pool2d_input, [[5]], X, 2)
    with pytest.raises(
        TypeError, match=r"strides is not an argument of max_pool2d_input; its .*kernel_size"
    ):
        pooled.again(strides=1)


def test_it_shows_itself_briefly_and_serialises():
    traced = trace(gradients.conv2d_weight, GRAD, X, K)
    assert repr(traced) == "<Trace of conv2d_weight: X 3×3, δ 2×2, ∂L/∂K 2×2, 4 steps>"
    gate = trace(gradients.activation_input, cnnlib.relu, [[5]], [[-1]])
    data = json.loads(json.dumps(gate.to_dict()))
    assert (data["function"], data["arguments"]["function"]) == (
        "gradients.activation_input",
        "relu",
    )
    assert show_step(traced, caption="c")._repr_mimebundle_()[1]["trace"] == traced.to_dict()
    mixed = trace(gradients.conv2d_weight, DELTAS, X, K)
    assert show_step(mixed, caption="c")._repr_mimebundle_()[1] == {}


def test_a_post_can_have_a_gradient_beside_its_title(tmp_path):
    import nbformat

    from blog.ext.thumbnails import traced_operations

    drawn = [
        show_step(trace(gradients.max_pool2d_input, [[5]], X, 2), caption="c"),
        animate(trace(gradients.activation_input, cnnlib.relu, GRAD, K), caption="c"),
    ]
    outputs = [
        nbformat.v4.new_output("display_data", {}, metadata=one._repr_mimebundle_()[1])
        for one in drawn
    ]
    cells = [nbformat.v4.new_code_cell(outputs=outputs)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "post.ipynb")
    found = list(traced_operations(tmp_path / "post.ipynb"))
    assert [str(one) for one in found] == [str(one.trace) for one in drawn]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: trace(gradients.linear_bias, [[1]]), TypeError,
         "or of cnnlib.gradients' conv2d_weight, conv2d_input, max_pool2d_input"),
        (lambda: trace(gradients.linear_weight, [1], [1], [[1]]), ValueError,
         r"input must have shape \(examples, features\) to be traced, got shape \(1,\)"),
        (lambda: trace(gradients.linear_input, [[[1]]], [[[1]]], [[1]]), ValueError,
         r"input must have shape \(examples, features\) to be traced, got shape \(1, 1, 1\)"),
        (lambda: trace(gradients.conv2d_weight, GRAD, X[None, None], K), ValueError,
         r"input must be one image .*got shape \(1, 1, 3, 3\)"),
        (lambda: trace(gradients.activation_input, cnnlib.relu, [1], [1]), ValueError,
         r"input must be one image .*got shape \(1,\)"),
        (lambda: trace(gradients.conv2d_weight, GRAD, X), TypeError, "missing a required argument"),
        (lambda: trace(gradients.conv2d_input, X, X, K), ValueError, r"output's shape, \(2, 2\)"),
        (lambda: trace(gradients.activation_input, cnnlib.softmax, GRAD, K), ValueError,
         "softmax every output depends on every input.*relu"),
        (lambda: worksheet(trace(gradients.conv2d_weight, GRAD, X, K)), ValueError,
         "the worksheet does not show conv2d_weight; animate and show_step would fit"),
        (lambda: explorer(trace(gradients.avg_pool2d_input, [[5]], X, 2)), ValueError,
         "the explorer does not show avg_pool2d_input; animate and show_step would fit"),
        (lambda: eq.output_size(trace(gradients.conv2d_input, GRAD, X, K)), ValueError,
         "the output size of conv2d_input is given"),
    ],
)  # fmt: skip
def test_bad_calls_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()
