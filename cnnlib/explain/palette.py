"""The colours of pictures and pages in the light and dark themes."""

from __future__ import annotations

# Pairs of a light and a dark colour, the same as in _static/palette.css. Pictures are drawn in
# the light colours; `picture.picture` replaces each by a CSS variable that follows the theme.
PALETTE: dict[str, tuple[str, str]] = {
    "paper": ("#fcfbf8", "#15181d"),
    "surface": ("#f3f1eb", "#1d2128"),
    "ink": ("#1f2328", "#e6e3dc"),
    "muted": ("#5d636b", "#9aa1ab"),
    "line": ("#dfdcd4", "#31363f"),
    "input": ("#1c46a0", "#6f9ff8"),
    "kernel": ("#9c4100", "#f2925a"),
    "output": ("#047868", "#5fd8bd"),
}
