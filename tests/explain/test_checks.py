"""Checks compare results and report the first difference."""

import numpy as np
import pytest

from cnnlib.explain.checks import CheckError, Checks


def test_successful_comparisons_are_listed_by_implementation():
    checks = Checks()
    checks("Y", [[1, 2]], loops=[[1, 2]], SciPy=np.array([[1.0, 2.0]]))
    checks("Z", [[1]], plain_loops=[[1]], SciPy=[[1]])
    assert checks._repr_markdown_().splitlines() == [
        "- loops (2 entries): Y",
        "- SciPy (3 entries): Y, Z",
        "- plain loops (1 entry): Z",
    ]


def test_a_different_value_is_reported_with_its_index_and_both_values():
    with pytest.raises(CheckError, match=r"Y: shown 3 at \(0, 1\), but the loops gives 2"):
        Checks()("Y", [[1, 3]], the_loops=[[1, 2]])


def test_a_different_shape_is_reported():
    with pytest.raises(CheckError, match=r"Y: shown with shape \(1, 2\), but loops gives \(2, 1\)"):
        Checks()("Y", [[1, 2]], loops=[[1], [2]])


def test_nan_equals_only_nan():
    Checks()("Y", [np.nan], loops=[np.nan])
    with pytest.raises(CheckError, match="shown nan"):
        Checks()("Y", [np.nan], loops=[0.0])


def test_a_check_needs_a_result_to_compare_with():
    with pytest.raises(TypeError, match="name at least one result to compare it with"):
        Checks()("Y", [1])
