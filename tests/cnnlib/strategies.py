"""Hypothesis strategies for valid geometries and matching arrays, and helpers for comparison."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

settings.register_profile(
    "default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

PAIRS = {n: st.tuples(st.integers(1, n), st.integers(1, n)) for n in (2, 3, 4)}


@st.composite
def geometries(draw: Any, max_padding: int = 2) -> dict[str, Any]:
    """Draw kernel, stride, padding and dilation, and an input size that the kernel fits."""
    kernel, stride, dilation = draw(PAIRS[3]), draw(PAIRS[3]), draw(PAIRS[2])
    side = st.integers(0, max_padding)
    padding = draw(st.tuples(st.tuples(side, side), st.tuples(side, side)))
    size = tuple(
        max(1, d * (k - 1) + 1 - sum(p)) + draw(st.integers(0, 5))
        for k, d, p in zip(kernel, dilation, padding, strict=True)
    )
    return {
        "size": size,
        "kernel": kernel,
        "options": {"stride": stride, "padding": padding, "dilation": dilation},
    }


@st.composite
def convolutions(draw: Any, dtypes: Any = (np.float32, np.float64)) -> dict[str, Any]:
    """Draw an input (N, C, H, W), a weight, a bias or None, and the options of conv2d."""
    case = draw(geometries())
    groups = draw(st.integers(1, 3))
    per_group, outputs = draw(st.integers(1, 2)), draw(st.integers(1, 2)) * groups
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(1, 2)), per_group * groups, *case["size"]
    x = vary_layout(draw, random_array(rng, shape, dtype))
    weight = random_array(rng, (outputs, per_group, *case["kernel"]), dtype)
    bias = random_array(rng, (outputs,), dtype) if draw(st.booleans()) else None
    options = case["options"] | {"groups": groups}
    return {"x": x, "weight": weight, "bias": bias, "options": options}


def random_array(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """Return random values of any dtype."""
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.kind in "iu":
        return rng.integers(0 if dtype.kind == "u" else -9, 10, shape).astype(dtype)
    values = rng.normal(size=shape)
    return (values + 1j * rng.normal(size=shape) if dtype.kind == "c" else values).astype(dtype)


def vary_layout(draw: Any, x: Any) -> Any:
    """Return the same values in another memory layout, or read-only."""
    kind = draw(st.sampled_from(["plain", "strided", "reversed", "transposed", "read-only"]))
    if kind == "strided":
        wide = np.zeros((*x.shape[:-1], x.shape[-1] * 2), x.dtype)
        wide[..., ::2] = x
        return wide[..., ::2]
    if kind == "reversed":
        return x[..., ::-1, :].copy()[..., ::-1, :]
    if kind == "transposed":
        return x.swapaxes(-1, -2).copy().swapaxes(-1, -2)
    if kind == "read-only":
        x.flags.writeable = False
    return x


def assert_close(y: Any, expected: Any, scale: float = 1.0) -> None:
    """Compare within the rounding error of the dtype of y."""
    tolerance = scale * {2: 4e-3, 4: 2e-5, 8: 1e-11}.get(np.dtype(y.dtype).itemsize, 1e-11)
    if y.dtype == np.complex64:
        tolerance = scale * 2e-5
    np.testing.assert_allclose(
        np.asarray(y, complex if y.dtype.kind == "c" else float),
        np.asarray(expected, complex if y.dtype.kind == "c" else float),
        rtol=tolerance,
        atol=tolerance,
    )
