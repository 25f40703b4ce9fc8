"""Check that the text and the lines of an author's figure can be seen on light and dark pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from cnnlib.explain.palette import PALETTE

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
# From the Web Content Accessibility Guidelines 2.2, 1.4.3 and 1.4.11.
TEXT, LINE = 4.5, 3.0
HEX = r"(#[0-9a-fA-F]{6})\b"


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21.

    >>> round(contrast("#000000", "#ffffff")), round(contrast("#808080", "#808080"))
    (21, 1)
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (byte / 255 for byte in bytes.fromhex(colour[1:]))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def check_contrast(svg: str) -> Iterator[str]:
    """Yield the colours of a Matplotlib figure that are too close to what lies behind them.

    Colours of `cnnlib.explain.plots.COLOURS`, which follow the page, have been replaced in it.
    """
    if 'id="figure_1"' not in svg:  # drawn by cnnlib
        return
    root = etree.fromstring(svg.encode())
    ground = _fill(root, "patch_1") or ""
    seen = set()
    for node in root.iter(f"{SVG}text", f"{SVG}path", f"{SVG}use"):
        style = node.get("style", "")
        is_text = node.tag == f"{SVG}text"
        found = re.search(rf"{'fill' if is_text else 'stroke'}: {HEX}", style)
        if is_text:
            colour = found[1] if found else "" if "fill:" in style else "#000000"
        else:
            colour = found[1] if found and "fill: none" in style and not _is_free(node) else ""
        if colour and colour not in seen:
            seen.add(colour)
            behind = ground or ("" if is_text else _fill(root, "patch_2") or "")
            yield from _compare(colour, behind, is_text=is_text)


def _fill(root: etree._Element, name: str) -> str | None:
    """Return the fixed colour of a figure's or of axes' ground, if it has one."""
    path = root.find(f".//{SVG}g[@id='{name}']/{SVG}path")
    style = path.get("style", "") if path is not None else "fill: none"
    found = re.search(rf"fill: {HEX}", style)
    return found[1] if found else None if "fill:" in style else "#000000"


def _is_free(node: etree._Element) -> bool:
    """Return whether a line is a tick or of the grid, or lies on an image, which has any colour."""
    groups = list(node.iterancestors(f"{SVG}g"))
    axes = [up for up in groups if up.get("id", "").startswith("axes_")]
    on_image = any(up.find(f".//{SVG}image") is not None for up in axes)
    return on_image or any("tick" in up.get("id", "") for up in groups)


def _compare(colour: str, ground: str, *, is_text: bool) -> Iterator[str]:
    """Yield a message if a colour is too close to a ground, or to light or dark pages."""
    needed, what = (TEXT, "text") if is_text else (LINE, "a line")
    grounds = (
        {"its ground": ground}
        if ground
        else dict(zip(("light pages", "dark pages"), PALETTE["paper"], strict=True))
    )
    for where, other in grounds.items():
        if (reached := contrast(colour, other)) < needed:
            yield (
                f"{what} in {colour} has a contrast of {reached:.1f} on {where}, where {needed:g} "
                "is needed: leave the colour out, or take one that follows the page, such as "
                'COLOURS["ink"] from cnnlib.explain.plots'
            )
            return
