"""Classifiers to draw for: all maps of all layers follow the drawing, as a custom HTML element.

The element holds the layers, the examples and the weights, which the blog moves into a file of
their own. ``web/forward.js`` computes the same as the chain of layers, to the last bit where sums
are exact; tests compare all values. Without JavaScript a picture shows the first example's way.
"""

from __future__ import annotations

import base64
import inspect
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.activations import relu, softmax
from cnnlib.chain import Chain, Layer
from cnnlib.conv import conv2d
from cnnlib.exact import ACTIVATION_BITS, on_grid
from cnnlib.explain.classifier_picture import classifier_svg
from cnnlib.explain.embed import NAME, with_script
from cnnlib.layers import flatten, linear
from cnnlib.pool import avg_pool2d, max_pool2d
from cnnlib.shapes import Array, format_size, pooling_stride, window_geometry

DIGITS = "0123456789"
# What each layer is called on the page; those without a name are not shown.
TITLES: dict[Callable[..., Any], str] = {
    conv2d: "convolution",
    relu: "ReLU",
    max_pool2d: "max pooling",
    avg_pool2d: "average pooling",
    linear: "linear",
    flatten: "",
    softmax: "",
    on_grid: "",
}
# The only values that the script knows.
_FIXED = {
    "padding_mode": "zeros",
    "ceil_mode": False,
    "divisor_override": None,
    "return_indices": False,
}
_PERCENTILE = 99.5  # of the absolute values, which gets the full colour
_MOST_BITS = 24  # after the binary point, of weights that are kept as whole numbers
_MOST_LEVEL, _LARGEST_SIDE = 255, 64


@dataclass(frozen=True)
class Classifier:
    """A chain of layers to draw for, which displays itself as an HTML element.

    Attributes
    ----------
    chain : Chain
        From an image to a score for each class.
    examples : mapping of str to ndarray, shape (height, width)
        Images to begin with, by what they are called.
    classes : sequence of str
        The names of the classes.
    layers : sequence of dict
        The layers as the script reads them, without their weights.
    stages : sequence of (str, ndarray)
        The layers that are shown, the image first: their titles, and what they give for the
        examples, of shape (examples, ...).
    centre : bool
        Whether drawings are centred at first, as the digits of MNIST were: the longer side fills 20
        of 28 pixels, and the centre of mass is in the middle. Readers can change it.
    form : {"compact", "full"}
        For the text of a post, or as wide as the page.
    name : str
        The name used in links to this classifier.
    misread : collection of str
        The examples that are read wrongly, which get a frame.
    """

    chain: Chain
    examples: Mapping[str, Array] = field(repr=False)
    classes: Sequence[str]
    layers: Sequence[dict[str, Any]] = field(repr=False)
    stages: Sequence[tuple[str, Array]] = field(repr=False)
    centre: bool = True
    form: str = "compact"
    name: str = ""
    misread: Collection[str] = ()

    @property
    def weights(self) -> tuple[dict[str, Any], bytes]:
        """How the parameters are written, and all of them as bytes, layer by layer.

        Whole numbers of 2⁻ᵇ in 16 bits each where they fit, else floats.
        """
        arrays = [array.ravel() for layer in self.chain.flat() for array in layer.arrays]
        values = np.concatenate([np.zeros(0), *arrays])
        for bits in range(_MOST_BITS + 1):
            whole = values * 2.0**bits
            if np.abs(whole).max(initial=0) >= 2**15:
                break
            if not (whole % 1).any():
                return {"type": "int16", "bits": bits}, whole.astype("<i2").tobytes()
        if (values.astype(np.float32) == values).all():
            return {"type": "float32", "bits": 0}, values.astype("<f4").tobytes()
        return {"type": "float64", "bits": 0}, values.astype("<f8").tobytes()

    @property
    def html(self) -> str:
        """The element without script and styles."""
        form, content = self.weights
        levels = _levels(self.examples)
        ink = max(float(image.max()) for image in self.examples.values())
        digits = 1 if ink * levels < 16 else 2
        state = {
            "layers": list(self.layers),
            "format": form,
            "size": next(iter(self.examples.values())).shape,
            "levels": levels,
            "ink": ink,
            "classes": list(self.classes),
            "centre": self.centre,
            "examples": [[n, _pixels(x, levels, digits)] for n, x in self.examples.items()],
            "misread": [n for n, name in enumerate(self.examples) if name in self.misread],
            "titles": [title for title, _ in self.stages],
            "limits": list(self._limits()),
        }
        encoded = base64.b64encode(content).decode()
        data = {"form": self.form, "state": json.dumps(state, separators=(",", ":"))}
        data |= {"name": self.name} if self.name else {}
        data["weights"] = f"data:application/octet-stream;base64,{encoded}"
        attributes = "".join(f' data-{key}="{escape(text)}"' for key, text in data.items())
        drawn = classifier_svg(self.stages, self.classes, next(iter(self.examples)))
        controls = (files("cnnlib.explain") / "classifier.html").read_text("utf-8")
        template = f"<template>{controls}</template>"
        return f"<cnn-classifier{attributes}>{drawn}{template}</cnn-classifier>"

    def _repr_html_(self) -> str:
        return with_script(self.html, "classifier")

    def _limits(self) -> Iterator[float]:
        """Yield the value of full colour for each stage.

        Pooling has the scale of the layer before it, so that one can compare them. A few values may
        be beyond it.
        """
        limit = 1.0
        for title, values in self.stages:
            if "pooling" not in title:
                limit = float(np.percentile(np.abs(values), _PERCENTILE)) or 1.0
            yield float(f"{limit:.4g}")


def classifier(
    chain: Chain,
    examples: Mapping[str, npt.ArrayLike],
    *,
    classes: Sequence[str] = DIGITS,
    centre: bool = True,
    form: str = "compact",
    name: str = "",
    misread: Collection[str] = (),
) -> Classifier:
    """Let readers draw an image for a chain of layers, and look into all that it computes.

    All maps of all layers follow the drawing. Each value shows what it was computed from, and which
    part of the drawing it depends on; each score shows what each map added to it.

    Parameters
    ----------
    chain : Chain
        Layers of `conv2d`, `relu`, `max_pool2d`, `avg_pool2d`, `flatten`, `linear` and, at the end,
        `softmax`, in any order that gives one score for each class. `cnnlib.exact.on_grid` may
        follow any of them.
    examples : mapping of str to array_like, shape (height, width)
        Images to begin with, by what they are called ("a handwritten 7"); the first one is shown
        initially. Their values are 0 where there is no ink, and multiples of one number: 1/16 of
        them for the digits of ``cnnlib.explain.digits``.
    classes : sequence of str
        The names of the classes; by default the ten digits.
    centre, form, name, misread
        See `Classifier`.

    Raises
    ------
    ValueError
        If a layer cannot be shown, or examples or classes do not fit; the message names them.

    Examples
    --------
    >>> net = Chain(
    ...     Layer(conv2d, [[[[-1, 1], [-1, 1]]], [[[-1, -1], [1, 1]]]]),
    ...     relu,
    ...     Layer(max_pool2d, 2),
    ...     Layer(flatten, 1),
    ...     Layer(linear, [[1, -1], [-1, 1]]),
    ... )
    >>> bar = [[0, 1, 0], [0, 1, 0], [0, 1, 0]]
    >>> shown = classifier(net, {"a bar": bar}, classes=["upright", "level"])
    >>> [title for title, _ in shown.stages]
    ['input', 'convolution', 'ReLU', 'max pooling', 'scores']
    >>> shown.stages[-1][1]
    array([[ 2., -2.]])
    >>> from cnnlib import tanh
    >>> classifier(Chain(tanh), {"a bar": bar})
    Traceback (most recent call last):
        ...
    ValueError: chain: layer 0, tanh, cannot be shown; conv2d, relu, max_pool2d, avg_pool2d, linear,
    flatten, softmax and on_grid can
    """
    images = _checked_examples(examples)
    values = np.stack([*images.values()])[:, np.newaxis]  # (N, 1, H, W)
    layers: list[dict[str, Any]] = []
    stages: list[tuple[str, Array]] = [("input", values)]
    for number, layer in enumerate(chain.flat()):
        exported = _exported(f"chain: layer {number}, {layer.name},", layer, values.shape)
        values = layer(values)
        if layer.function is on_grid and layers:  # it belongs to the layer before
            layers[-1] |= {"bits": ACTIVATION_BITS}
            stages[-1] = (stages[-1][0], values)
            continue
        layers.append(exported)
        if TITLES[layer.function]:
            stages.append((TITLES[layer.function], values))
    wanted = (len(images), len(classes))
    scores = stages[-1][1]
    if values.shape != wanted or scores.shape[:2] != wanted or scores[0].size != len(classes):
        raise ValueError(
            f"classes: expected one for each of the chain's results, of shape "
            f"{format_size(values.shape[1:])}, got {len(classes)}"
        )
    if "softmax" in [layer["name"] for layer in layers[:-1]]:
        raise ValueError("chain: softmax can be shown only as the last layer")
    if name and not NAME.fullmatch(name):
        raise ValueError(f"name: expected lower-case letters, digits and hyphens, got {name!r}")
    if form not in ("compact", "full"):
        raise ValueError(f'form: expected "compact" or "full", got {form!r}')
    for wrong in misread:
        if wrong not in images:
            raise ValueError(f"misread: {wrong!r} is none of the examples {', '.join(images)}")
    stages = _numbered(stages)
    return Classifier(
        chain, images, list(classes), layers, stages, centre, form, name, list(misread)
    )


def _checked_examples(examples: Mapping[str, npt.ArrayLike]) -> dict[str, Array]:
    """Return the examples as arrays of floats, of one size."""
    images = {name: np.asarray(image, float) for name, image in examples.items()}
    if not images:
        raise ValueError("examples: expected at least one image, by its name, got none")
    first = next(iter(images.values())).shape
    for name, image in images.items():
        what = f"examples[{name!r}]"
        if image.ndim != 2 or not image.size > 0 or max(image.shape) > _LARGEST_SIDE:
            most = format_size((_LARGEST_SIDE, _LARGEST_SIDE))
            raise ValueError(f"{what}: expected (height, width) up to {most}, got {image.shape}")
        if image.shape != first:
            raise ValueError(f"{what}: expected {first}, as the first example, got {image.shape}")
        if not (image >= 0).all() or not image.any():
            raise ValueError(f"{what}: expected values from 0, for no ink, and some ink")
    _levels(images)
    return images


def _levels(images: Mapping[str, Array]) -> int:
    """Return the smallest number of which all values are whole parts, such as 16 for 3/16."""
    values = np.unique(np.stack([*images.values()]))
    for levels in range(1, _MOST_LEVEL + 1):
        whole = np.rint(values * levels)
        if (whole / levels == values).all() and whole.max() <= _MOST_LEVEL:
            return levels
    raise ValueError(
        f"examples: expected whole numbers up to {_MOST_LEVEL}, or these divided by one number "
        f"up to {_MOST_LEVEL}, such as multiples of 1/16"
    )


def _pixels(image: Array, levels: int, digits: int) -> str:
    """Write the pixels as hexadecimal numbers of so many digits."""
    whole = np.rint(image * levels).astype(int)
    return "".join(f"{value:0{digits}x}" for value in whole.ravel().tolist())


def _numbered(stages: Sequence[tuple[str, Array]]) -> list[tuple[str, Array]]:
    """Give layers of the same title numbers, and call the last one scores."""
    total, seen = Counter(title for title, _ in stages[:-1]), Counter[str]()
    named = []
    for title, values in stages[:-1]:
        seen[title] += 1
        named.append((f"{title} {seen[title]}" if total[title] > 1 else title, values))
    return [*named, ("scores", stages[-1][1])]


def _exported(where: str, layer: Layer, shape: Sequence[int]) -> dict[str, Any]:
    """Return a layer as the script reads it, for input of a shape."""
    if layer.function not in TITLES:
        *known, last = (function.__name__ for function in TITLES)
        raise ValueError(f"{where} cannot be shown; {', '.join(known)} and {last} can")
    parameters = inspect.signature(layer.function).parameters
    options = {key: one.default for key, one in parameters.items()} | layer.options
    for key, value in _FIXED.items():
        if options.get(key, value) != value:
            raise ValueError(f"{where} has {key}={options[key]!r}; it can be shown with {value!r}")
    exported: dict[str, Any] = {"name": layer.function.__name__}
    if layer.function is flatten and layer(np.zeros((2, *shape[1:]))).ndim != 2:
        raise ValueError(f"{where} can be shown with start_dim=1, got {layer!r}")
    if layer.function is softmax and (options["dim"] not in (1, -1) or len(shape) != 2):
        raise ValueError(f"{where} can be shown with dim=1 and after scores, got {layer!r}")
    if layer.function is on_grid:
        exported["bits"] = ACTIVATION_BITS
    if "weight" in options:
        exported |= {"shape": options["weight"].shape, "biased": options["bias"] is not None}
    if layer.function in (conv2d, max_pool2d, avg_pool2d):
        exported |= _windows(where, options, shape)
    return exported


def _windows(where: str, options: Mapping[str, Any], shape: Sequence[int]) -> dict[str, Any]:
    """Return where the windows of a layer lie."""
    if len(shape) != 4:
        raise ValueError(f"{where} needs maps (N, C, H, W), got {tuple(shape)}")
    convolves = "weight" in options
    kernel = options["weight"].shape[2:] if convolves else options["kernel_size"]
    geometry = window_geometry(
        (shape[2], shape[3]),
        kernel,
        stride=options["stride"] if convolves else pooling_stride(options["stride"], kernel),
        padding=options["padding"],
        dilation=options.get("dilation", 1),
    )
    found: dict[str, Any] = {} if convolves else {"kernel": geometry.kernel}
    found |= {"stride": geometry.stride, "padding": geometry.padding}
    if "dilation" in options:
        found["dilation"] = geometry.dilation
    if "groups" in options:
        found["groups"] = options["groups"]
    if "count_include_pad" in options:
        found["inside"] = not options["count_include_pad"]
    return found
