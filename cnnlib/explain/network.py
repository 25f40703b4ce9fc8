"""Networks whose numbers can be followed from the scores back to the pixels, as an HTML element.

The element holds the image and the weights. ``web/network.js`` computes the same as the chain of
layers; tests compare all entries. Without JavaScript it says what the largest score was made of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib import Chain, Layer, conv2d, flatten, linear, max_pool2d, relu
from cnnlib.explain.embed import with_script
from cnnlib.explain.text import entry_text
from cnnlib.shapes import Array

_TITLES: dict[str, str] = {"input": "pixel", "conv": "sum", "max": "maximum", "linear": "score"}


@dataclass(frozen=True)
class Network:
    """A chain of layers on one image, as an element in which each number leads to its origin.

    Attributes
    ----------
    image : ndarray of int, shape (height, width)
        What the network looks at.
    layers : sequence of dict
        The input, convolutions, maxima after ReLU, and the scores, as the script reads them.
    maps : sequence of ndarray, shape (channels, height, width)
        What each of them gives.
    at : int
        The class that is shown first, counted from 0.
    """

    image: Array = field(repr=False)
    layers: Sequence[dict[str, Any]] = field(repr=False)
    maps: Sequence[Array] = field(repr=False)
    at: int

    @property
    def html(self) -> str:
        """The element without script and styles."""
        state = {"image": self.image.tolist(), "layers": list(self.layers), "at": self.at}
        data = escape(json.dumps(state, separators=(",", ":")))
        lines = "".join(f"<li>{escape(line)}</li>" for line in self._scores())
        return f'<cnn-network data-state="{data}"><ul>{lines}</ul></cnn-network>'

    def _repr_html_(self) -> str:
        return with_script(self.html, "network")

    def _scores(self) -> Iterator[str]:
        """Say what each score is made of, for readers without JavaScript."""
        maps = self.maps[-2]
        last, names = self.layers[-1], self.layers[-2]["names"]
        scores = self.maps[-1].ravel()
        for name, score, weights in zip(last["names"], scores, last["weights"], strict=True):
            parts = (maps * np.array(weights)).sum(axis=(1, 2))
            said = ", ".join(
                f"{entry_text(part.item())} from {kind}"
                for part, kind in zip(parts, names, strict=True)
            )
            yield f"{name}: {entry_text(score.item())}, of which {said}"


def network(
    chain: Chain,
    image: npt.ArrayLike,
    names: Sequence[Sequence[str]],
    *,
    titles: Sequence[str] = (),
    at: int = 0,
) -> Network:
    """Show a small network on an image: each number leads to those that it was made of.

    Parameters
    ----------
    chain : Chain
        Convolutions without padding, each followed by ReLU and max pooling; then flatten and
        linear. All weights are whole numbers, and there are no biases.
    image : array_like of int, shape (height, width)
        What the network looks at.
    names : sequence of sequence of str
        For each convolution the names of its maps, and at the end those of the classes.
    titles : sequence of str, optional
        What an entry of the image, of each convolution, each pooling and the scores is called, in
        this order.
    at : int
        The class that is shown first, counted from 0.

    Raises
    ------
    ValueError
        If the chain has other layers, or names or titles do not fit it.

    Examples
    --------
    >>> from cnnlib import Layer
    >>> net = Chain(
    ...     Layer(conv2d, [[[[1, -1]]]]), relu, Layer(max_pool2d, 2),
    ...     Layer(flatten, 1), Layer(linear, [[3]]),
    ... )
    >>> names = [["edge"], ["a class"]]
    >>> shown = network(net, [[0, 4, 0], [5, 1, 0]], names)
    >>> shown.maps[-1]
    array([[[12]]])
    """
    image = np.asarray(image)
    if image.ndim != 2 or image.dtype.kind not in "iu":
        raise ValueError(
            f"image: expected whole numbers of shape (height, width), got {image.dtype} of shape "
            f"{image.shape}"
        )
    flat = _plain_layers(chain)
    stages = (len(flat) - 2) // 3
    if len(names) != stages + 1:
        raise ValueError(f"names: expected {stages + 1} lists of names, got {len(names)}")
    layers: list[dict[str, Any]] = [{"kind": "input", "names": ["pixels"]}]
    maps = [image[np.newaxis]]  # (1, height, width)
    for number in range(0, 3 * stages, 3):
        given = list(names[number // 3])
        weights = _whole(flat[number].options["weight"], "conv2d", len(given))
        size = int(flat[number + 2].options["kernel_size"])
        layers.append({"kind": "conv", "weights": weights.tolist(), "names": given})
        layers.append({"kind": "max", "size": size, "names": given})
        maps += [chain[:end](image[np.newaxis, np.newaxis])[0] for end in (number + 1, number + 3)]
    given = list(names[-1])
    weights = _whole(flat[-1].options["weight"], "linear", len(given))
    grids = weights.reshape(len(given), *maps[-1].shape)  # (classes, channels, height, width)
    layers.append({"kind": "linear", "weights": grids.tolist(), "names": given})
    maps.append(chain(image[np.newaxis, np.newaxis])[0][:, np.newaxis, np.newaxis])
    titles = titles or [_TITLES[layer["kind"]] for layer in layers]
    if len(titles) != len(layers):
        raise ValueError(f"titles: expected {len(layers)}, got {len(titles)}")
    for layer, title in zip(layers, titles, strict=True):
        layer["title"] = title
    if not 0 <= at < len(given):
        raise ValueError(f"at: expected one of {len(given)} classes, counted from 0, got {at}")
    return Network(image, layers, maps, at)


def _plain_layers(chain: Chain) -> list[Layer]:
    """Check that a chain has the layers that a network can show, and return them."""
    plain = {conv2d: ["weight"], relu: [], max_pool2d: ["kernel_size"], flatten: ["start_dim"]}
    plain |= {linear: ["weight"]}
    said = ", ".join(repr(layer) for layer in chain)
    flat = [layer for layer in chain if isinstance(layer, Layer)]
    functions = [layer.function for layer in flat]
    known = [conv2d, relu, max_pool2d] * ((len(functions) - 2) // 3) + [flatten, linear]
    if len(flat) < len(chain.layers) or functions != known:
        raise ValueError(
            "chain: expected conv2d, relu and max_pool2d, repeated, then flatten and linear; "
            f"got {said}"
        )
    if any(list(layer.options) != plain[layer.function] for layer in flat):
        raise ValueError(
            f"chain: expected neither bias nor padding, and no stride of its own; got {said}"
        )
    return flat


def _whole(weights: Any, what: str, count: int) -> Array:
    """Check that weights are whole numbers, with one filter for each name."""
    array = np.asarray(weights)
    if array.dtype.kind not in "iu":
        raise ValueError(f"chain: {what} needs whole numbers as weights, got {array.dtype}")
    if len(array) != count:
        raise ValueError(f"names: {what} has {len(array)} outputs, got {count} names")
    return array
