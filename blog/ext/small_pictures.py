"""The first picture of a post, small enough for lists, where no operation stands for the post."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from docutils import nodes
from PIL import Image, ImageOps
from sphinx.application import Sphinx

SIDE = 272  # pixels; twice the width in lists, for sharp screens
WHITE = (255, 255, 255)


def small_picture(app: Sphinx, docname: str) -> str:
    """Return the address of the first picture of a page, from the site's root, or nothing.

    Photographs are cropped to a square; drawings, which have no pixels, are as on the page.
    """
    for image in app.env.get_doctree(docname).findall(nodes.image):
        path = Path(app.srcdir, image["uri"].lstrip("/"))
        if not path.is_file():
            continue
        if path.suffix == ".svg":
            return f"_images/{app.env.images[image['uri']][1]}"
        content = crop_to_square(path.read_bytes())
        name = f"_images/small-{hashlib.sha256(content).hexdigest()[:10]}.webp"
        copy = Path(app.outdir, name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
        return name
    return ""


def crop_to_square(photograph: bytes) -> bytes:
    """Return the middle of a photograph as WebP; what is clear in it becomes white."""
    with Image.open(io.BytesIO(photograph)) as image:
        clear = image.convert("RGBA")
        whole = Image.new("RGB", clear.size, WHITE)
        whole.paste(clear, mask=clear)
    written = io.BytesIO()
    ImageOps.fit(whole, (SIDE, SIDE)).save(written, "WEBP", quality=80)
    return written.getvalue()
