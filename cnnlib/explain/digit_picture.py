"""The picture of the network that reads digits, with a few of its maps."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlib.activations import softmax
from cnnlib.chain import Chain
from cnnlib.explain.picture import Picture, show_stages
from cnnlib.shapes import Array

MAPS, CLASSES = 4, 3  # how many are shown


def show_digit_network(
    chain: Chain,
    image: Array,
    *,
    caption: str,
    alt: str,
    framed: tuple[slice, slice] | None = None,
) -> Picture:
    """Show what the network that reads digits makes of an image, with four maps of each stage.

    Of the first convolution these are the maps with the largest sums after pooling, of the second
    those that speak most for the class that wins. All are divided by the largest entry of their
    convolution.

    Parameters
    ----------
    chain : Chain
        The network of `cnnlib.explain.digit_network`.
    image : array, shape (28, 28)
        Greys from 0 to 15/16.
    caption, alt, framed
        As for `cnnlib.explain.show_stages`.
    """
    x = image[np.newaxis, np.newaxis]
    first, small, second, least, scores = (chain[:n](x)[0] for n in (2, 4, 6, 8, len(chain)))
    shares = softmax(scores)
    best = np.argsort(-shares, kind="stable")[:CLASSES]
    weights = chain[9].options["weight"][best[0]].reshape(least.shape)  # type: ignore[union-attr]
    stages: list[tuple[str, Any, list[str]]] = [("image", image[np.newaxis], [])]
    for maps, pooled, strength in ((first, small, small), (second, least, least * weights)):
        chosen = np.sort(np.argsort(-strength.sum(axis=(1, 2)), kind="stable")[:MAPS])
        names = [f"map {number + 1}" for number in chosen]
        largest = np.abs(maps[chosen]).max()
        stages.append(("convolution", maps[chosen] / largest, names))
        stages.append(("ReLU, pooling", pooled[chosen] / largest, names))
    named = [f"class {number}" for number in best] + ["all others"]
    stages.append(("class scores", np.append(shares[best], 1 - shares[best].sum()), named))
    totals = [1, len(first), len(small), len(second), len(least), len(scores)]
    return show_stages(caption, stages, alt=alt, framed=framed, of=totals)
