"""The picture of a photograph, its kernel and the filtered image, and their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cnnlib.explain.marks import Label, Rect, Scene, Shape
from cnnlib.explain.matrices_scene import matrices_scene
from cnnlib.explain.palette import NEGATIVE, POSITIVE
from cnnlib.explain.svg import scene_svg
from cnnlib.explain.webp import SMALL, webp_uri
from cnnlib.shapes import Array

_LUMINANCE = (299, 587, 114)  # how bright red, green and blue look, in thousandths
_SIDE, _GAP, _HEAD = 180.0, 24.0, 26.0  # in pixels
_SHADES = 6  # of each sign in a larger map; ten would make its file a third larger


def photograph_svg(
    image: Array, kernel: Array, output: Array, label: str, *, grey: bool = False
) -> str:
    """Draw an image, a kernel and the filtered image side by side.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
        In grey, or in colour.
    kernel : ndarray, shape (slices, kernel_height, kernel_width)
        One slice or three.
    output : ndarray, shape (output_height, output_width)
        The filtered image.
    label : str
        What the picture shows, for those who do not see it.
    grey : bool
        Whether to draw the output as an image in grey rather than as a map.

    Returns
    -------
    str
        An SVG element for a page.
    """
    drawn = _kernel_scene(kernel)
    shapes: list[Shape] = []
    pictures = ""
    right = 1 + _SIDE + _GAP + drawn.width + _GAP
    for x, role, title, pixels in (
        (1.0, "input", "input X", image),
        (right, "output", "output Y", (grey_pixels if grey else map_pixels)(output)),
    ):
        width, height = _fit(pixels.shape)
        box = (x + (_SIDE - width) / 2, _HEAD + (_SIDE - height) / 2, width, height)
        shapes.append(Label("title", role, x + _SIDE / 2, _HEAD - 8, title, 16.0))
        shapes.append(Rect("cell", role, *box))
        pictures += _image_tag(pixels, box)
    top = max(0.0, (_HEAD + _SIDE - drawn.height) / 2)
    shapes += [_moved(shape, 1 + _SIDE + _GAP, top) for shape in drawn.shapes]
    scene = Scene(right + _SIDE + 1, max(_HEAD + _SIDE, drawn.height) + 1, tuple(shapes))
    return scene_svg(scene, label=label, background=True, below=pictures)


def to_grey(image: Array) -> Array:
    """Return the brightness of an image of integers, as integers; one in grey stays as it is.

    Examples
    --------
    >>> to_grey(np.array([[[255, 0, 0], [0, 255, 0], [255, 255, 255]]]))
    array([[ 76, 150, 255]])
    """
    return (image @ _LUMINANCE + 500) // 1000 if image.ndim == 3 else image


def map_pixels(values: Array) -> Array:
    """Colour a map: hue by sign, opacity by size, on any background. Zero is clear.

    Returns
    -------
    ndarray of uint8, shape (height, width, 4)
        Red, green, blue and opacity.
    """
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    opacity = np.abs(values)[..., np.newaxis] / most  # (H, W, 1)
    colours = np.where(values[..., np.newaxis] < 0, NEGATIVE, POSITIVE)  # (H, W, 3)
    return np.round(np.concatenate([colours, 255 * opacity], axis=-1)).astype(np.uint8)


def grey_pixels(values: Array) -> Array:
    """Return values that are not negative as grey: black at zero, white at the largest.

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    most = float(values.max(initial=0.0)) or 1.0
    return np.round(255 * values / most).astype(np.uint8)


def _image_tag(pixels: Array, box: tuple[float, float, float, float]) -> str:
    """Return an image for an SVG."""
    x, y, width, height = (f"{length:.2f}" for length in box)
    is_map, is_small = pixels.shape[2:] == (4,), max(pixels.shape) <= SMALL
    shown = few_shades(pixels) if is_map and not is_small else pixels
    address = webp_uri(shown, lossless=is_map or is_small)
    return (
        f'<image x="{x}" y="{y}" width="{width}" height="{height}" href="{address}" '
        'preserveAspectRatio="none" image-rendering="optimizeSpeed"/>'
    )


def few_shades(pixels: Array) -> Array:
    """Round the opacity of a map to a few values, so that it becomes a small file."""
    opacity = np.round(pixels[..., 3:] / 255 * _SHADES) / _SHADES  # (H, W, 1)
    colours = pixels[..., :3] * (opacity > 0)
    return np.round(np.concatenate([colours, 255 * opacity], axis=-1)).astype(np.uint8)


def _fit(shape: Sequence[int]) -> tuple[float, float]:
    """Return width and height of an image that fits into a square."""
    height, width = shape[:2]
    return _SIDE * width / max(height, width), _SIDE * height / max(height, width)


def _kernel_scene(kernel: Array) -> Scene:
    """Return the kernel as a scene, in colour one slice below the other."""
    if len(kernel) == 1:
        return matrices_scene({"kernel K": kernel[0]}, ["kernel"])
    names = ("red slice", "green slice", "blue slice")
    scenes = [matrices_scene({n: part}, ["kernel"]) for n, part in zip(names, kernel, strict=True)]
    shapes: list[Shape] = []
    y = 0.0
    for scene in scenes:
        shapes += [_moved(shape, 0.0, y) for shape in scene.shapes]
        y += scene.height
    return Scene(max(scene.width for scene in scenes), y, tuple(shapes))


def _moved(shape: Shape, x: float, y: float) -> Shape:
    """Return a shape at another place."""
    return replace(shape, x=shape.x + x, y=shape.y + y)
