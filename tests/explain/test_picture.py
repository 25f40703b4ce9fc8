"""Pictures contain their descriptions, follow the theme, and are reproducible."""

import numpy as np
import pytest
from cnnlib.explain.animate import animate
from matplotlib import rcParams

from cnnlib.explain.picture import picture
from cnnlib.explain.plots import (
    canvas,
    draw_dropped,
    draw_grid,
    draw_pooling,
    draw_step,
    signed_colours,
    style,
)
from cnnlib.explain.text import describe_step, describe_trace
from cnnlib.explain.trace import trace_conv2d, trace_max_pool2d

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
TRACE = trace_conv2d(X, K)


def drawn(**words):
    with style():
        fig, ax = canvas(4, 4)
        draw_grid(ax, X)
    return picture(fig, **({"alt": "sixteen numbers", "caption": "A matrix."} | words))


@pytest.mark.parametrize("name", ["alt", "caption"])
def test_a_picture_needs_a_caption_and_a_text_alternative(name):
    with pytest.raises(ValueError, match=f"{name}: a picture needs a non-empty text, got"):
        drawn(**{name: "  "})


def test_descriptions_are_part_of_the_svg_and_of_the_html():
    shown, _ = drawn(alt='less < "more"')._repr_mimebundle_()
    assert "less &lt;" in shown["image/svg+xml"]
    assert 'alt="less &lt; &quot;more&quot;"' in shown["text/html"]
    assert "<figcaption>A matrix.</figcaption>" in shown["text/html"]


def test_colours_are_variables_that_follow_the_theme():
    svg = drawn().svg
    assert "prefers-color-scheme:dark" in svg
    assert "var(--ink)" in svg
    body = svg.split("</style>", 1)[1]
    assert "#1f2328" not in body


def test_equal_arrays_give_equal_files():
    assert drawn().svg == drawn().svg
    caption = "The kernel slides."
    assert animate(TRACE, caption=caption).svg == animate(TRACE, caption=caption).svg


def test_drawing_does_not_change_global_settings():
    before = dict(rcParams)
    drawn()
    assert dict(rcParams) == before


def test_descriptions_of_steps_and_traces_count_from_one():
    assert describe_step(TRACE[0, 1]) == "window rows 1 to 2, columns 2 to 3; sum 15"
    assert describe_step(trace_max_pool2d(X, 2)[0, 0]) == (
        "window rows 1 to 2, columns 1 to 2; result 9"
    )
    assert describe_trace(TRACE).endswith("Output, 3 by 3: 20, 15, −2; 8, 10, 12; 3, 5, −4.")


def test_an_animation_is_small_and_has_an_element_for_every_frame():
    moving = animate(TRACE, caption="The kernel slides.")
    assert len(moving.svg.encode()) <= 150_000
    for number in range(9):
        assert f'id="only{number}-0"' in moving.svg
        assert f'id="from{number}-0"' in moving.svg
        assert f'id="step{number + 1}"' in moving.svg
    assert "prefers-reduced-motion" in moving.svg
    assert "9 steps" in moving.alt


def test_an_animation_needs_a_kernel():
    with pytest.raises(
        ValueError, match="trace: expected a convolution, got max_pool2d, which has no kernel"
    ):
        animate(trace_max_pool2d(X, 2), caption="no")


def test_dropped_rows_and_columns_are_returned():
    trace = trace_conv2d(np.ones((5, 6)), K, stride=(2, 3))
    _, ax = canvas(6, 5)
    assert draw_dropped(ax, trace) == ([4], [5])


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_draw_step_shows_input_kernel_and_output():
    _, ax = canvas(12, 6)
    draw_step(ax, TRACE, TRACE[0, 0])
    assert {"input X", "kernel K", "output Y", "7", "−1", "20"} <= set(texts(ax))


def test_draw_pooling_marks_every_maximum():
    _, ax = canvas(12, 6)
    draw_pooling(ax, trace_max_pool2d(X, 2))
    marked = {patch.get_xy() for patch in ax.patches if patch.get_alpha() == 0.16}
    assert len(marked) == 4 + 1  # one window contains its maximum twice
    assert set(texts(ax)) >= {"9", "8", "6"}


def test_signed_colours_differ_in_hue_and_zero_is_transparent():
    low, zero, high = signed_colours(np.array([[-1.0, 0.0, 1.0]]))[0]
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert zero[3] == 0
