"""Photographs: an image, a kernel and the filtered image, as a custom HTML element.

The element holds its state as JSON in ``data-state``, the images, and for readers without
JavaScript a picture of the initial state. ``web/photograph.js`` makes it interactive. The script
computes the same as `cnnlib.conv2d` and what follows it; tests compare their results.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.activations import relu
from cnnlib.conv import conv2d
from cnnlib.explain.descriptions import describe_array
from cnnlib.explain.embed import NAME, with_script
from cnnlib.explain.explorer import KERNELS
from cnnlib.explain.photograph_picture import photograph_svg, to_grey
from cnnlib.explain.text import entry_text
from cnnlib.explain.webp import webp_uri
from cnnlib.pool import avg_pool2d, max_pool2d
from cnnlib.shapes import Array, Geometry, Pair, format_size, window_geometry

OFFERS: tuple[str, ...] = ("images", "own", "colour", "kernels", "edit", "size")
OFFERS += ("stride", "padding", "dilation", "bias", "relu", "pool")
_DEFAULT_OFFERS = ("kernels", "edit", "stride")
_LARGEST_IMAGE, _LARGEST_KERNEL = 256, 7
# The largest value of each control, as in web/model.js.
_MOST = {"stride": 4, "padding": 3, "dilation": 3}
_LEAST = {"stride": 1, "padding": 0, "dilation": 1}
_POOLS = ("max", "avg")


@dataclass(frozen=True)
class Photograph:
    """A photograph with its filtered image, which displays itself as an HTML element.

    Attributes
    ----------
    images : mapping of str to ndarray of uint8, shape (height, width) or (height, width, 3)
        The images that readers can choose from, by name.
    image : str
        The one that is shown initially.
    kernel : ndarray, shape (1, kernel_height, kernel_width) or (3, kernel_height, kernel_width)
        One slice for the grey image, or three for red, green and blue.
    stride, padding, dilation : int
        For rows and columns alike.
    bias : float
        Is added to each sum.
    relu : bool
        Whether negative results become 0.
    pool : tuple of (str, int) or None
        ``("max", 2)`` or ``("avg", 2)`` for pooling with a window of that size, which is also the
        stride.
    at : (int, int)
        The output entry of the convolution that the lens shows initially, counted from 0.
    places : mapping of str to (int, int)
        The entries that it shows first when readers choose other images.
    form : {"compact", "full"}
        With few controls, for posts, or with all of them.
    name : str
        The name used in links to this photograph.
    offers : sequence of str
        What readers can change, if the form is compact.
    """

    images: Mapping[str, Array] = field(repr=False)
    image: str
    kernel: Array
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    bias: float = 0.0
    relu: bool = False
    pool: tuple[str, int] | None = None
    at: tuple[int, int] = (0, 0)
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    form: str = "compact"
    name: str = ""
    offers: Sequence[str] = _DEFAULT_OFFERS

    @property
    def input(self) -> Array:
        """What is filtered: shape (1, height, width) in grey, (3, height, width) in colour."""
        image = self.images[self.image].astype(int)
        if len(self.kernel) == 3:
            return image.transpose(2, 0, 1)  # (H, W, 3) -> (3, H, W)
        return to_grey(image)[np.newaxis]

    @property
    def output(self) -> Array:
        """The filtered image after all stages, shape (height, width)."""
        result = conv2d(
            self.input,
            self.kernel[np.newaxis],
            np.array([self.bias]) if self.bias else None,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )[0]
        result = relu(result) if self.relu else result
        if self.pool is None:
            return result
        name, size = self.pool
        return max_pool2d(result, size) if name == "max" else avg_pool2d(result, size)

    @property
    def is_grey(self) -> bool:
        """Whether the output is an image again: no weight and no bias can make it negative."""
        return bool((self.kernel >= 0).all()) and self.bias >= 0

    @property
    def html(self) -> str:
        """The element without script and styles."""
        data = {"form": self.form, "state": json.dumps(self._state())}
        data |= {"name": self.name} if self.name else {}
        data |= {"offers": " ".join(OFFERS if self.form == "full" else self.offers)}
        attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
        page = Template((files("cnnlib.explain") / "photograph.html").read_text("utf-8"))
        controls = page.substitute(
            images="".join(map(self._image_button, self.images)),
            kernels="".join(_kernel_buttons(any(map(_is_colour, self.images.values())))),
        )
        template = f"<template>{controls}</template>"
        return f"<cnn-photograph{attributes}>{self._svg()}{template}</cnn-photograph>"

    def _image_button(self, name: str) -> str:
        """Return a button that chooses an image, with the image itself, which the script reads."""
        image = self.images[name]
        height, width = image.shape[:2]
        channels = 3 if _is_colour(image) else 1
        return (
            f'<button type="button" data-act="image" value="{name}" aria-pressed="false"'
            f'{self._place(name)}><img src="{webp_uri(image, lossless=True)}" alt="" '
            f'width="{width}" height="{height}" data-channels="{channels}">{_title(name)}</button>'
        )

    def _place(self, name: str) -> str:
        """Return where the lens goes in an image, in parts of the output, as an attribute."""
        if name not in self.places:
            return ""
        rows, cols = self._geometry(name).output
        row, col = self.places[name]
        return f' data-place="{(row + 0.5) / rows:.4g},{(col + 0.5) / cols:.4g}"'

    def _geometry(self, name: str) -> Geometry:
        """Return where the windows on an image lie."""
        return _geometry(self.images[name], self.kernel, self.stride, self.padding, self.dilation)

    def _repr_html_(self) -> str:
        return with_script(self.html, "photograph")

    def _state(self) -> dict[str, Any]:
        """Return the initial state as JSON-compatible values."""
        after: list[list[Any]] = [["bias", _number(self.bias)]] if self.bias else []
        after += [["relu"]] if self.relu else []
        after += [[*self.pool, self.pool[1]]] if self.pool else []
        return {
            "image": self.image,
            "k": [[[_number(weight) for weight in row] for row in part] for part in self.kernel],
            "s": self.stride,
            "p": self.padding,
            "d": self.dilation,
            "after": after,
            "at": list(self.at),
        }

    def _svg(self) -> str:
        """Draw input, kernel and output."""
        image = self.images[self.image]
        shown = image if len(self.kernel) == 3 else to_grey(image.astype(int)).astype(np.uint8)
        return photograph_svg(shown, self.kernel, self.output, self._alt(), grey=self.is_grey)

    def _alt(self) -> str:
        """Say what the picture shows."""
        output = self.output
        slices = self.kernel if len(self.kernel) == 3 else self.kernel[0]
        text = ", ".join(f"{name} {value}" for name, value in self._settings())
        colours = "green is positive, purple negative, clear at zero"
        colours = "black at zero, white at the largest" if self.is_grey else colours
        return (
            f"Input: {_title(self.image)}, {format_size(self.input.shape[1:])} pixels. "
            f"Kernel: {describe_array(slices)}. "
            f"{text[:1].upper()}{text[1:]}{'. ' * bool(text)}"
            f"Output: {format_size(output.shape)}, from {entry_text(_six(output.min()))} to "
            f"{entry_text(_six(output.max()))}; {colours}."
        )

    def _settings(self) -> Iterator[tuple[str, Any]]:
        """Yield the settings that are not the default, with their names."""
        for name, least in _LEAST.items():
            if getattr(self, name) != least:
                yield name, getattr(self, name)
        if self.bias:
            yield "bias", entry_text(self.bias)
        if self.relu:
            yield "then", "ReLU"
        if self.pool:
            kind = "max" if self.pool[0] == "max" else "average"
            yield f"{kind} pooling", format_size((self.pool[1], self.pool[1]))


def photograph(
    images: Mapping[str, npt.ArrayLike],
    kernel: npt.ArrayLike,
    *,
    image: str = "",
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    bias: float = 0.0,
    relu: bool = False,
    pool: tuple[str, int] | None = None,
    at: tuple[int, int] | Mapping[str, tuple[int, int]] | None = None,
    form: str = "compact",
    name: str = "",
    offers: Sequence[str] | None = None,
) -> Photograph:
    """Create a photograph whose filtered image follows every change of the kernel.

    A lens shows the pixels under the window, their products with the weights, and the sum.

    Parameters
    ----------
    images : mapping of str to array_like of int, shape (height, width) or (height, width, 3)
        Images to choose from, by name, with values from 0 to 255, in grey or in colour, of at most
        256 by 256 pixels. Links name them.
    kernel : array_like, shape (kernel_height, kernel_width) or (3, kernel_height, kernel_width)
        A kernel of at most 7 by 7 weights for the image in grey, or three slices for red, green
        and blue.
    image : str
        Which image is shown initially; by default the first.
    at : (int, int) or mapping of str to (int, int), optional
        The output entry of the convolution that the lens shows initially, by default the middle; or
        for each image, by name, the one that it shows when the image is chosen.
    stride, padding, dilation, bias, relu, pool, form, name
        See `Photograph`.
    offers : sequence of str
        What readers of a post can do: choose ``"images"``, use a picture of their ``"own"``, switch
        between ``"colour"`` and grey, choose well-known ``"kernels"``, ``"edit"`` the kernel and
        change its ``"size"``, change ``"stride"``, ``"padding"``, ``"dilation"``, ``"bias"``,
        ``"relu"`` and ``"pool"``. By default kernels, edit and stride; a full form offers all.

    Raises
    ------
    ValueError
        If the photograph cannot show an image or a setting; the message names the argument and what
        would be valid.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.arange(0, 256, 17).reshape(4, 4)
    >>> shown = photograph({"ramp": ramp}, [[-1, 1]], relu=True)
    >>> shown.output
    array([[17, 17, 17],
           [17, 17, 17],
           [17, 17, 17],
           [17, 17, 17]])
    >>> photograph({"ramp": ramp * 2}, [[-1, 1]])
    Traceback (most recent call last):
        ...
    ValueError: images['ramp']: expected values from 0 to 255,
        got up to 510
    """
    if not images:
        raise ValueError("images: expected at least one, got none")
    checked = {title: _checked_image(title, shown) for title, shown in images.items()}
    image = image or next(iter(checked))
    if image not in checked:
        raise ValueError(f"image: expected one of {', '.join(checked)}, got {image!r}")
    weights = _checked_kernel(kernel, _is_colour(checked[image]))
    if form not in ("compact", "full"):
        raise ValueError(f'form: expected "compact" or "full", got {form!r}')
    if name and not NAME.fullmatch(name):
        raise ValueError(f"name: expected lower-case letters, digits and hyphens, got {name!r}")
    chosen = _checked_offers(offers, form)
    _check_steps(stride=stride, padding=padding, dilation=dilation)
    if not abs(bias) < 1e6 or float(f"{bias:.6g}") != bias:
        raise ValueError(f"bias: expected a number of at most six digits, got {bias!r}")
    geometry = _geometry(checked[image], weights, stride, padding, dilation)
    _check_pool(pool, geometry)
    places = dict(at) if isinstance(at, Mapping) else {} if at is None else {image: at}
    sizes = {
        title: _geometry(shown, weights, stride, padding, dilation).output
        for title, shown in checked.items()
        if title in places
    }
    _check_places(places, checked, sizes)
    row, col = places.get(image, (geometry.output[0] // 2, geometry.output[1] // 2))
    if "images" not in chosen and form == "compact":
        checked = {image: checked[image]}
    return Photograph(
        checked,
        image,
        weights,
        stride=int(stride),
        padding=int(padding),
        dilation=int(dilation),
        bias=float(bias),
        relu=bool(relu),
        pool=pool,
        at=(int(row), int(col)),
        places=places if isinstance(at, Mapping) else {},
        form=form,
        name=name,
        offers=chosen,
    )


def _is_int(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_colour(image: Array) -> bool:
    return image.ndim == 3


def _checked_image(name: str, image: npt.ArrayLike) -> Array:
    """Check one of the images, and return it as bytes."""
    what = f"images[{name!r}]"
    if not NAME.fullmatch(name) or name == "own":
        raise ValueError(
            f"images: expected names of lower-case letters, digits and hyphens, "
            f'other than "own", got {name!r}'
        )
    array = np.asarray(image)
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,)) or not array.size:
        raise ValueError(
            f"{what}: expected shape (height, width) or (height, width, 3), got {array.shape}"
        )
    if max(array.shape[:2]) > _LARGEST_IMAGE:
        most = format_size((_LARGEST_IMAGE, _LARGEST_IMAGE))
        raise ValueError(f"{what}: expected at most {most}, got {format_size(array.shape[:2])}")
    if array.dtype.kind not in "iu":
        raise ValueError(f"{what}: expected integers from 0 to 255, got {array.dtype}")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high > 255:
        got = f"down to {low}" if low < 0 else f"up to {high}"
        raise ValueError(f"{what}: expected values from 0 to 255, got {got}")
    return array.astype(np.uint8)


def _checked_kernel(kernel: npt.ArrayLike, colour: bool) -> Array:
    """Check the kernel, and return it with one slice for each channel."""
    array = np.asarray(kernel)
    array = array[np.newaxis] if array.ndim == 2 else array
    slices = (1, 3) if colour else (1,)
    if array.ndim != 3 or len(array) not in slices or not array.size:
        fits = "(height, width)" + " or (3, height, width)" * colour
        raise ValueError(f"kernel: expected shape {fits}, got {np.shape(kernel)}")
    if max(array.shape[1:]) > _LARGEST_KERNEL:
        most = format_size((_LARGEST_KERNEL, _LARGEST_KERNEL))
        raise ValueError(f"kernel: expected at most {most}, got {format_size(array.shape[1:])}")
    if array.dtype.kind not in "iuf" or any(
        not abs(weight) < 1e6 or float(f"{weight:.6g}") != weight for weight in array.flat
    ):
        raise ValueError("kernel: expected numbers of at most six digits; round them first")
    return array


def _geometry(image: Array, kernel: Array, stride: int, padding: int, dilation: int) -> Geometry:
    """Return where the windows on an image lie."""
    size = image.shape[0], image.shape[1]
    return window_geometry(
        size, kernel.shape[1:], stride=stride, padding=padding, dilation=dilation
    )


def _checked_offers(offers: Sequence[str] | None, form: str) -> tuple[str, ...]:
    """Check what readers can change, and return it."""
    if offers is not None and form == "full":
        raise ValueError('offers: a "full" photograph offers everything; "compact" would fit')
    chosen = tuple(_DEFAULT_OFFERS if offers is None else offers)
    if isinstance(offers, str) or not set(chosen) <= set(OFFERS):
        raise ValueError(f"offers: expected some of {', '.join(OFFERS)}, got {offers!r}")
    return chosen


def _check_steps(**steps: int) -> None:
    """Check stride, padding and dilation."""
    for name, value in steps.items():
        if not _is_int(value) or not _LEAST[name] <= value <= _MOST[name]:
            limits = f"from {_LEAST[name]} to {_MOST[name]}"
            raise ValueError(f"{name}: expected a whole number {limits}, got {value!r}")


def _check_places(
    places: Mapping[str, tuple[int, int]], images: Collection[str], sizes: Mapping[str, Pair]
) -> None:
    """Check that the entries to begin with belong to images, and lie in their outputs."""
    if not set(places) <= set(images):
        raise ValueError(f"at: expected names among {', '.join(images)}, got {', '.join(places)}")
    for title, place in places.items():
        output = sizes[title]
        if len(place) != 2 or not all(0 <= n < most for n, most in zip(place, output, strict=True)):
            raise ValueError(f"at: expected an index of an output of {output}, got {place}")


def _check_pool(pool: tuple[str, int] | None, geometry: Geometry) -> None:
    """Check the pooling that follows."""
    if pool is None:
        return
    most = min(4, *geometry.output)
    valid = isinstance(pool, tuple) and len(pool) == 2 and pool[0] in _POOLS and _is_int(pool[1])
    if not valid or not 2 <= pool[1] <= most:
        raise ValueError(f'pool: expected ("max", n) or ("avg", n), n from 2 to {most}, got {pool}')


def _number(value: Any) -> int | float:
    """Return a number as JSON writes it best."""
    number = float(str(value)) if isinstance(value, np.floating) else float(value)
    return int(number) if number.is_integer() else number


def _six(value: Any) -> int | float:
    """Round to six digits."""
    return _number(float(f"{float(value):.6g}"))


def _title(name: str) -> str:
    """Return the name of an image as readers see it."""
    return name.replace("-", " ").capitalize()


def _kernel_buttons(colour: bool) -> Iterator[str]:
    """Yield a button for each well-known kernel, and for one that needs colour."""
    kernels: dict[str, Any] = {name: [weights] for name, weights in KERNELS.items()}
    if colour:
        zero, one = np.zeros((3, 3), int).tolist(), KERNELS["Identity"]
        minus = (-np.array(one)).tolist()
        kernels["Red minus blue"] = [one, zero, minus]
    for name, slices in kernels.items():
        only = ' data-channels="3"' if len(slices) == 3 else ""
        yield (
            f'<button type="button" data-act="kernel" value="{escape(json.dumps(slices))}"{only}>'
            f"{name}</button> "
        )
