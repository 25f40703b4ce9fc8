"""Pictures inside a page, as WebP: smaller than PNG and JPEG, and shown by every browser."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np

from cnnlib.shapes import Array

# Pictures with more pixels on a side may be compressed, since single ones can hardly be seen.
SMALL = 32
QUALITY = 50  # out of 100; at 60, a face looks the same and takes a tenth more


def webp_uri(pixels: Array, *, lossless: bool) -> str:
    """Return an image as the address of a WebP: exact, or as small as a photograph may be.

    Parameters
    ----------
    pixels : array of uint8, shape (height, width) or (height, width, 3 or 4)
    lossless : bool
    """
    from PIL import Image

    buffer = io.BytesIO()
    options: dict[str, Any] = {"quality": QUALITY}
    if lossless:
        options = {"lossless": True, "exact": True, "quality": 100}
    image = Image.fromarray(np.asarray(pixels))
    image = image if lossless and image.mode == "RGBA" else image.convert("RGB")
    image.save(buffer, "WEBP", method=6, **options)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
