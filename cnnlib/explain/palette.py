"""The colours of pictures and pages, light and dark."""

from __future__ import annotations

# The values of _static/palette.css, for light and for dark pages.
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
