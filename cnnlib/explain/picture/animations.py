"""Animations: the steps of a trace, or matrices that change; they need only NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cnnlib.explain.descriptions import describe_array, describe_step, describe_trace
from cnnlib.explain.matrices_scene import moments_scene
from cnnlib.explain.picture.display import Picture
from cnnlib.explain.scene import animation_scene
from cnnlib.explain.svg import animation_file
from cnnlib.explain.trace import Trace


def animate(
    trace: Trace,
    *,
    caption: str,
    seconds: float = 3.0,
    compact: bool = False,
    explore: str = "",
    **titles: str,
) -> Picture:
    """Show the steps one after another.

    Parameters
    ----------
    trace : Trace
        Of any operation.
    caption : str
        What to notice.
    seconds : float
        How long a step is shown.
    compact : bool
        Whether to leave the kernel out, whose weights lie on the input, and put the output below.
    explore : str
        What `explorer_link` gives: the page adds a link that opens the explorer there, and shows
        the step in the middle and all outputs until the animation is played.
    **titles : str
        Other titles for the matrices ``input``, ``kernel`` and ``output``.
    """
    first, last = trace.steps[0], trace.steps[-1]
    alt = (
        f"Animation in {len(trace)} steps. {describe_trace(trace)} "
        f"First step: {describe_step(first)}. Last step: {describe_step(last)}."
    )
    drawn = animation_scene(trace, compact=compact, **titles)
    height, width = trace.output.shape[-2:]
    rest = height // 2 * width + width // 2 if explore else None
    svg = animation_file(
        drawn, title=caption, description=alt, seconds=seconds, explore=explore, rest=rest
    )
    return Picture(svg, alt, caption, trace)


def animate_matrices(
    caption: str,
    moments: Sequence[tuple[str, Mapping[str, Any]]],
    roles: Sequence[str],
    *,
    labels: Sequence[object] = (),
    seconds: float = 2.0,
) -> Picture:
    """Show matrices that change, such as weights while they are learnt, one moment after another.

    Parameters
    ----------
    caption : str
        What to notice.
    moments : sequence of (str, mapping of str to array_like, shape (height, width))
        What to say at each moment, and its matrices by name: the same names and shapes throughout.
    roles : sequence of {"input", "kernel", "output"}
        The colour of each matrix.
    labels : sequence, optional
        What the button of each moment says; 1, 2, 3 and so on by default.
    seconds : float
        How long a moment is shown.

    Raises
    ------
    ValueError
        If there is no moment, if one has other matrices than the first, or if there are not as
        many labels as moments.

    Examples
    --------
    >>> moments = [("before", {"K": [[0, 1]]}), ("after", {"K": [[1, 1]]})]
    >>> animate_matrices("A weight grows.", moments, ["kernel"]).alt
    'Animation in 2 moments. First, before: K, 1 by 2: 0, 1. Last, after: K, 1 by 2: 1, 1.'
    """
    if not moments:
        raise ValueError("moments: expected at least one moment, got none")
    drawn = moments_scene(moments, roles, labels)

    def say(moment: tuple[str, Mapping[str, Any]]) -> str:
        words, arrays = moment
        named = (f"{name}, {describe_array(np.asarray(a))}" for name, a in arrays.items())
        return f"{words}: {'; '.join(named)}."

    first, last = say(moments[0]), say(moments[-1])
    alt = f"Animation in {len(moments)} moments. First, {first} Last, {last}"
    svg = animation_file(drawn, title=caption, description=alt, seconds=seconds)
    return Picture(svg, alt, caption)
