"""Helpers for tests of explorers on a page."""

from pathlib import Path

_DIFFERENCES = Path(__file__).with_name("differences.js").read_text("utf-8")
_SET_VALUE = "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })); }"


def set_slider(slider, value):
    """Set a slider as if the reader had moved it."""
    slider.evaluate(_SET_VALUE, value)


def differences(page):
    """List where the explorer on the page differs from the results of its pure functions."""
    return page.evaluate(_DIFFERENCES)
