"""Checks compare results entry by entry and report the first difference."""

import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnlib import avg_pool2d, conv2d, reference
from cnnlib.explain.checks import CheckError, Checks

A, B = sympy.symbols("a b")


def test_successful_comparisons_are_listed_by_implementation():
    checks = Checks()
    checks("Y", [[1, 2]], loops=[[1, 2]], SciPy=np.array([[1.0, 2.0]]))
    checks("Z", [[1]], plain_loops=[[1]], SciPy=[[1]])
    checks("Z", [[7]], plain_loops=[[7]])  # a name is listed once
    assert checks._repr_markdown_().splitlines() == [
        "- the same with loops, 2 entries in all: Y",
        "- the same with SciPy, 3 entries in all: Y, Z",
        "- the same with plain loops, 2 entries in all: Z",
    ]
    one = Checks()
    one("Z", 1, loops=1)
    assert one._repr_markdown_() == "- the same with loops, 1 entry in all: Z"


def test_a_different_value_is_reported_with_its_index_and_both_values():
    with pytest.raises(CheckError, match=r"Y: shown 3 at \(0, 1\), but the loops gives 2$"):
        Checks()("Y", [[1, 3]], the_loops=[[1, 2]])
    message = r"Y: shown 2.5 at \(0,\), but loops gives 2.0; they may differ by 2e-09; 2 of 3"
    with pytest.raises(CheckError, match=message):
        Checks()("Y", [2.5, 1.0, 0.0], loops=[2.0, 1.0, 0.5])
    with pytest.raises(CheckError, match=r"Y: shown 2, but loops gives 3$"):
        Checks()("Y", 2, loops=3)


def test_a_different_shape_is_reported():
    with pytest.raises(CheckError, match=r"Y: shown with shape \(1, 2\), but loops gives \(2, 1\)"):
        Checks()("Y", [[1, 2]], loops=[[1], [2]])


def test_a_check_needs_a_result_to_compare_with():
    with pytest.raises(TypeError, match="name at least one result to compare it with"):
        Checks()("Y", [1])
    with pytest.raises(TypeError, match="masked entries cannot be compared"):
        Checks()("Y", np.ma.masked_equal([1, 2], 2), loops=[1, 2])


# What must be refused, by name: the result shown, and that of another implementation.
FAULTS = {
    "an integer beside a large one": ([10**6, 3], [10**6, 4]),
    "a large integer off by one": ([10**15], [10**15 + 1]),
    "an integer beyond 64 bits": ([10**30], [10**30 + 1]),
    "an unsigned integer": (np.uint64([2**64 - 1]), np.uint64([2**64 - 2])),
    "integers of two types": (np.uint64([2**63]), np.int64([-(2**63)])),
    "a large integer against a float": ([10**12], [1e12 + 1]),
    "an integer against a float": ([10**6, 3], [1e6, 3.4]),
    "a float beside a large one": ([1e6, 1e-3], [1e6, 1.1e-3]),
    "a small float": ([1.0, 1e-12], [1.0, 2e-12]),
    "a tiny float": ([1e-300], [2e-300]),
    "a float in the ninth digit": ([0.123456789], [0.123456788]),
    "a sign": ([1.0, -0.25], [1.0, 0.25]),
    "a zero": ([1.0, 0.0], [1.0, 1e-6]),
    "single precision in the fourth digit": (np.float32([1.0]), np.float32([1.0002])),
    "half precision": (np.float16([1.0]), np.float16([1.1])),
    "an imaginary part": ([1 + 2j], [1 + 2.001j]),
    "a conjugate": ([1 + 2j], [1 - 2j]),
    "a boolean": ([True, False], [True, True]),
    "a boolean against a number": ([True], [2]),
    "NaN for a number": ([np.nan], [0.0]),
    "a number for NaN": ([0.0], [np.nan]),
    "infinity for a number": ([np.inf], [1e308]),
    "the other infinity": ([np.inf, 1.0], [-np.inf, 1.0]),
    "NaN for infinity": ([np.nan], [np.inf]),
    "another expression": ([A * B + A], [A * B]),
    "another symbol": ([A], [B]),
    "another coefficient": ([2 * A], [3 * A]),
    "a number for an expression": ([A, 1], [A, 2]),
    "a fraction": ([Fraction(1, 3)], [Fraction(1, 2)]),
    "a float among objects": (np.array([0.5, None])[:1], np.array([0.25, None])[:1]),
    "NaN among objects": (np.array([np.nan, None])[:1], np.array([0.0, None])[:1]),
    "a huge integer against a float": ([10**400], [1.0]),
    "a text": (["a"], ["b"]),
    "a text for a number": (["1"], [1]),
    "rows for columns": ([[1, 2], [3, 4]], [[1, 3], [2, 4]]),
    "one entry more": ([1, 2], [1, 2, 3]),
    "one axis more": ([[1]], [1]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_value_is_refused(name):
    shown, other = FAULTS[name]
    with pytest.raises(CheckError, match=r"Y: shown .* but loops gives"):
        Checks()("Y", shown, loops=other)
    with pytest.raises(CheckError, match=r"Y: shown .* but loops gives"):
        Checks()("Y", other, loops=shown)


# What must pass: equal values of another kind, and rounding.
EQUAL = {
    "integers and floats": ([1, 2], [1.0, 2.0]),
    "booleans and integers": ([True, False], [1, 0]),
    "real and complex": ([1.5], [1.5 + 0j]),
    "precisions": (np.float32([0.1]), [0.1]),
    "NaN and infinities": ([np.nan, np.inf, -np.inf], [np.nan, np.inf, -np.inf]),
    "zeros of either sign": ([0.0], [-0.0]),
    "rounding": ([0.1 + 0.2], [0.3]),
    "rounding where large terms cancel": ([1.0, 1e-16], [1.0, 0.0]),
    "a float that has no digits left": ([2**53 + 1], [float(2**53)]),
    "expanded expressions": ([(A + B) ** 2], [A**2 + 2 * A * B + B**2]),
    "SymPy's numbers": ([sympy.Rational(1, 2), A], [Fraction(1, 2), A]),
    "NaN among objects": (np.array([np.nan, A]), np.array([np.nan, A])),
    "floats among objects": ([0.1 + 0.2, A], [0.3, A]),
    "texts": (["a", "b"], ["a", "b"]),
    "nothing": (np.zeros((0, 2)), np.ones((0, 2))),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_values_of_any_kind_pass(name):
    shown, other = EQUAL[name]
    Checks()("Y", shown, loops=other)
    Checks()("Y", other, loops=shown)


def test_a_page_may_widen_the_tolerance_in_the_open():
    checks = Checks()
    checks("the shares", [0.33, 100], tolerance=0.02, exact=[1 / 3, 101])
    assert (
        checks._repr_markdown_()
        == "- the same with exact, 2 entries in all: the shares (tolerance 0.02)"
    )
    with pytest.raises(CheckError, match=r"shown 0\.3 .* may differ by 0\.0067"):
        checks("the shares", [0.3], tolerance=0.02, exact=[1 / 3])
    with pytest.raises(ValueError, match="tolerance must be at least 0 and less than 1, got 2"):
        checks("the shares", [0.3], tolerance=2, exact=[1 / 3])


numbers = st.one_of(
    arrays(np.int64, (2, 3), elements=st.integers(-(2**62), 2**62)),
    arrays(np.float64, (2, 3), elements=st.floats(-1e300, 1e300)),
    arrays(np.float32, (2, 3), elements=st.floats(-(2.0**99), 2.0**99, width=32)),
    arrays(np.complex128, (2, 3), elements=st.complex_numbers(max_magnitude=1e150)),
    arrays(np.bool_, (2, 3)),
)


@given(numbers)
def test_a_result_equals_itself_and_its_list(values):
    Checks()("Y", values, copy=values.copy(), list=values.tolist(), objects=values.astype(object))


@given(numbers, st.integers(0, 5), st.floats(1e-4, 1e4))
def test_a_changed_entry_is_refused_wherever_it_is(values, place, change):
    other = values.copy()
    largest = np.abs(values.astype(complex)).max()
    if values.dtype == bool:
        other.flat[place] ^= True
    elif values.dtype.kind == "i":
        other.flat[place] += 1
    else:
        # A change that is large enough to be no rounding of the largest entry.
        other.flat[place] += max(change * abs(values.flat[place]), 1e-4 * largest, 1e-30)
    assume(np.isfinite(other).all())
    index = re.escape(str(tuple(int(n) for n in np.unravel_index(place, values.shape))))
    with pytest.raises(CheckError, match=f"at {index}, but loops gives"):
        Checks()("Y", values, loops=other)


@given(
    arrays(np.float64, (5, 6), elements=st.floats(-100, 100)),
    arrays(np.float64, (3, 3), elements=st.floats(-10, 10)),
)
def test_rounding_alone_is_never_refused(image, kernel):
    image, kernel = np.round(image, 3), np.round(kernel, 3)
    Checks()("sums", conv2d(image, kernel), loops=reference.conv2d(image, kernel))
    Checks()("means", avg_pool2d(image, 2), loops=reference.avg_pool2d(image, 2))
