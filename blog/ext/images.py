"""The pictures that authors put beside their posts: sized, scaled, without metadata, by content.

A photograph of a camera is wider than any screen, and says where it was taken. What readers get is
at most `WIDEST` pixels wide and holds nothing but the picture. Each picture has its size on the
page, so that nothing moves while it loads, and a name that changes with its content, since browsers
keep it for a year.
"""

from __future__ import annotations

import hashlib
import io
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from lxml import etree
from PIL import Image, ImageOps, UnidentifiedImageError
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
WIDEST = 1600  # pixels; twice the width of the text
QUALITY = 82
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "AVIF": ".avif"}
SVG = "{http://www.w3.org/2000/svg}"
EXECUTED = "jupyter_execute"
