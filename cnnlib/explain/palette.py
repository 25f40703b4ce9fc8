"""The colours of pictures and pages, light and dark.

A blog with colours of its own names them in the environment variable ``CNNLIB_PALETTE``, as JSON:
``{"kernel": ["#7d5700", "#f5bf48"]}``.
"""

from __future__ import annotations

import json
import os
import re

# For light and for dark pages.
PALETTE: dict[str, tuple[str, str]] = {
    "paper": ("#fcfbf8", "#15181d"),
    "surface": ("#f3f1eb", "#1d2128"),
    "ink": ("#1f2328", "#e6e3dc"),
    "muted": ("#5d636b", "#9aa1ab"),
    "line": ("#dfdcd4", "#31363f"),
    "input": ("#1c46a0", "#6f9ff8"),
    "kernel": ("#9c4100", "#f2925a"),
    "output": ("#047868", "#5fd8bd"),
    "minus": ("#8c2f6b", "#e58cc0"),
}
# Of pages and controls only: links, and what is wrong.
CONTROLS: dict[str, tuple[str, str]] = {
    "accent": ("#3a43ad", "#a9b4ff"),
    "positive": ("#b03a2e", "#f08a7a"),
}
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def read_colours(text: str) -> dict[str, tuple[str, str]]:
    """Read colours for light and for dark pages from JSON.

    Parameters
    ----------
    text : str
        An object with two colours for each name, such as ``{"kernel": ["#7d5700", "#f5bf48"]}``.

    Raises
    ------
    ValueError
        If a name is not one of the palette, or something is not two colours of the form #rrggbb.

    Examples
    --------
    >>> read_colours('{"kernel": ["#7D5700", "#f5bf48"]}')
    {'kernel': ('#7d5700', '#f5bf48')}
    """
    known = PALETTE | CONTROLS
    try:
        given = json.loads(text or "{}").items()
    except (ValueError, AttributeError):
        raise ValueError(
            f"colours: {text} is not a JSON object with a pair for each name"
        ) from None
    colours = {}
    for name, pair in given:
        if name not in known:
            raise ValueError(f'colours: "{name}" is not one of {", ".join(known)}')
        valid = isinstance(pair, list) and len(pair) == 2
        if not valid or not all(_COLOUR.fullmatch(str(colour).lower()) for colour in pair):
            raise ValueError(
                f"colours: {name} is {pair!r}; write two colours as #rrggbb, for light and for "
                "dark pages"
            )
        light, dark = (str(colour).lower() for colour in pair)
        colours[name] = light, dark
    return colours


for _name, _pair in read_colours(os.environ.get("CNNLIB_PALETTE", "")).items():
    (PALETTE if _name in PALETTE else CONTROLS)[_name] = _pair


def middle_tone(role: str) -> tuple[int, int, int]:
    """Mix the two colours of a role, the darker one a little more, for images.

    An image is the same on light and on dark pages, and has to stand out on both.

    Returns
    -------
    (int, int, int)
        Red, green and blue, from 0 to 255.

    Examples
    --------
    >>> middle_tone("output")
    (36, 154, 134)
    """
    light, dark = (bytes.fromhex(colour[1:]) for colour in PALETTE[role])
    red, green, blue = (round(0.65 * a + 0.35 * b) for a, b in zip(light, dark, strict=True))
    return red, green, blue


# The colours of the largest and of the most negative value of a map; zero is clear.
POSITIVE, NEGATIVE = middle_tone("output"), middle_tone("minus")
