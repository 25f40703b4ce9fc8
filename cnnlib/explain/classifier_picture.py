"""The picture of a classifier: an image, the maps of each layer, and the shares of the classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnlib.activations import softmax
from cnnlib.explain.marks import Label, Rect, Scene, Shape
from cnnlib.explain.photograph_picture import few_shades, map_pixels
from cnnlib.explain.svg import scene_svg
from cnnlib.explain.text import share_text
from cnnlib.explain.webp import webp_uri
from cnnlib.shapes import Array, format_size

_WIDTH, _SIDE, _GAP, _LINE = 480.0, 132.0, 18.0, 22.0  # in pixels
_IN_ROW = 8  # maps beside each other
_LETTERS = 14.0


def classifier_svg(stages: Sequence[tuple[str, Array]], classes: Sequence[str], name: str) -> str:
    """Draw the way of the first example through a chain of layers.

    Parameters
    ----------
    stages : sequence of (str, ndarray)
        The image first, the scores last: the title of each, and what it gives, of shape
        (examples, ...).
    classes : sequence of str
        The names of the classes.
    name : str
        What the example is called.

    Returns
    -------
    str
        An SVG element for a page.
    """
    (_, images), *middle, (_, scores) = stages
    shares = softmax(scores[0].ravel())
    shapes: list[Shape] = []
    grey = np.repeat(images[0, 0][..., np.newaxis] * 255 / images.max(), 3, axis=-1)
    pictures = _image(grey.round().astype(np.uint8), 1, 1, _SIDE, _SIDE)
    shapes += _bars(shares, classes)
    y = _SIDE + _GAP
    for title, values in middle:
        maps = values[0] if values.ndim == 4 else values[0][np.newaxis, np.newaxis]
        shapes.append(
            Label(
                "title",
                "ink",
                1,
                y + 12,
                f"{title}, {format_size(values.shape[1:])}",
                _LETTERS,
                "start",
            )
        )
        pixels = few_shades(map_pixels(_mosaic(maps)))
        height = (_WIDTH - 2) * pixels.shape[0] / pixels.shape[1]
        pictures += _image(pixels, 1, y + _LINE, _WIDTH - 2, height)
        y += _LINE + height + _GAP
    scene = Scene(_WIDTH, y - _GAP + 1, tuple(shapes))
    best = int(shares.argmax())
    share = share_text(shares[best], spoken=True)
    said = (
        f"{name[:1].upper()}{name[1:]} on its way through a network: "
        + ", ".join(f"{title} {format_size(values.shape[1:])}" for title, values in middle)
        + f". It is read as {classes[best]}, with a share of {share}."
    )
    return scene_svg(scene, label=said, background=True, below=pictures)


def _bars(shares: Array, classes: Sequence[str]) -> list[Shape]:
    """Draw the shares beside the image."""
    left, right, step = _SIDE + 60, _WIDTH - 110, _SIDE / len(classes)
    shapes: list[Shape] = []
    for number, (name, share) in enumerate(zip(classes, shares, strict=True)):
        y = 1 + number * step
        baseline, size = y + 0.78 * step, min(_LETTERS, step)
        shapes.append(Label("title", "ink", left - 10, baseline, name, size, "end"))
        length = max(1.0, float(share) * (right - left))
        shapes.append(Rect("unread", "output", left, y + 0.15 * step, length, 0.7 * step, 1.0))
        shapes.append(Label("title", "muted", _WIDTH - 1, baseline, share_text(share), size, "end"))
    return shapes


def _mosaic(maps: Array) -> Array:
    """Lay maps (C, H, W) side by side, with gaps of zeros, in rows of eight."""
    count, height, width = maps.shape
    gap = max(1, width // 8)
    rows = -(-count // _IN_ROW)
    result = np.zeros((rows * (height + gap) - gap, _IN_ROW * (width + gap) - gap))
    for number, values in enumerate(maps):
        top, left = number // _IN_ROW * (height + gap), number % _IN_ROW * (width + gap)
        result[top : top + height, left : left + width] = values
    return result


def _image(pixels: Array, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<image x="{x:g}" y="{y:.2f}" width="{width:g}" height="{height:.2f}" '
        f'href="{webp_uri(pixels, lossless=True)}" preserveAspectRatio="none" '
        'image-rendering="optimizeSpeed"/>'
    )
