"""Write figures as SVG, with their words, their letters and colours for light and dark."""

from __future__ import annotations

import base64
import io
import re
import sys
from html import escape

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from cnnlib.explain.plots.images import MAP, PHOTOGRAPH
from cnnlib.explain.plots.style import COLOURS, FAMILY, style
from cnnlib.explain.svg import colour_rules, embed_font
from cnnlib.explain.webp import SMALL, webp_uri

# Maps of signed values shine more on a dark page, where their clear parts are dark.
SHINE = "brightness(1.35)"


def figure_file(fig: Figure, *, title: str, description: str) -> str:
    """Write a figure as an SVG with its words, its letters, and colours for light and dark.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Drawn in the colours of `COLOURS`.
    title, description : str
        The caption and the text alternative.
    """
    buffer = io.StringIO()
    # Date=None leaves the time out: equal arrays give equal files.
    metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with style():
        for text in fig.findobj(Text):
            if text.get_fontfamily() == ["sans-serif"]:  # as in a figure begun without `style`
                text.set_fontfamily(FAMILY)
        fig.savefig(buffer, format="svg", metadata=metadata)
    if "matplotlib.pyplot" in sys.modules:  # which would keep the figure open
        sys.modules["matplotlib.pyplot"].close(fig)
    svg = buffer.getvalue()
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    svg = _IMAGE.sub(_smaller, svg)
    svg = _NEEDLESS.sub("", svg)
    start = svg.index(">", svg.index("<svg")) + 1
    shine = f"image[id^={MAP}]{{filter:{SHINE}}}" if f'id="{MAP}-' in svg else ""
    shine = shine and f"@media (prefers-color-scheme:dark){{{shine}}}"
    head = (
        f"\n<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        f"<style>{colour_rules(svg)}image{{image-rendering:pixelated}}{shine}</style>"
    )
    return embed_font(svg[:start] + head + svg[start:])


# The prolog, turns by no angle, and spaces at line starts.
_NEEDLESS = re.compile(
    r'<\?xml.*?\?>|<!DOCTYPE[^>]*>| transform="rotate\(-?0 [^"]*"|^\s+', re.M | re.S
)
_IMAGE = re.compile(r'(<image\b[^>]*?)data:image/png;base64,([^"]+)("[^>]*>)')


def _smaller(match: re.Match[str]) -> str:
    """Write an embedded PNG as WebP: a photograph compressed, anything else exactly as it is."""
    from PIL import Image

    before, png, after = match.groups()
    image = Image.open(io.BytesIO(base64.b64decode(png)))
    photograph = f'id="{PHOTOGRAPH}-' in before + after
    address = webp_uri(np.asarray(image), lossless=not photograph or max(image.size) <= SMALL)
    return f"{before}{address}{after}"
