"""The network that reads digits, trained again in the reader's browser, as an HTML element.

The element brings a thousand digits along, and what the build's weights were after some steps.
``web/training-worker.js`` takes the same steps; the element subtracts the weights.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import islice
from typing import Any

import numpy as np

from cnnlib.explain.digit_network import (
    BATCH_SIZE,
    EPOCHS,
    RATE,
    digit_network,
    train_steps,
    warmup,
)
from cnnlib.explain.digits import GREYS, SIDE, Digits
from cnnlib.explain.embed import with_script
from cnnlib.learn import Random, accuracy
from cnnlib.shapes import Array

RATES = (0.003, 0.01, RATE, 0.1, 0.3)
REACH = 1


@dataclass(frozen=True)
class TrainHere:
    """A training that readers run themselves, and what the build found after the first steps.

    Attributes
    ----------
    settings : dict
        What the script needs to know.
    digits : Digits
        Those to learn from, and then those held out.
    fine : ndarray
        All parameters of the build after `settings["compared"]` steps.
    losses : sequence of float
        The loss of each of these steps.
    right : int
        How many of the digits held out the build's network reads then.
    """

    settings: dict[str, Any] = field(repr=False)
    digits: Digits = field(repr=False)
    fine: Array = field(repr=False)
    losses: Sequence[float] = field(repr=False)
    right: int

    @property
    def html(self) -> str:
        """The element without script and styles."""
        state = escape(json.dumps(self.settings, separators=(",", ":")))
        files = {"digits": pack(self.digits.images), "weights": self.fine.astype("<f8").tobytes()}
        data = "".join(f' data-{name}="{_data_url(content)}"' for name, content in files.items())
        return f'<cnn-training data-state="{state}"{data}><p>{self._words()}</p></cnn-training>'

    def _repr_html_(self) -> str:
        return with_script(self.html, "training")

    def _words(self) -> str:
        """Say what the build found, for readers without JavaScript."""
        settings = self.settings
        return (
            f"While this page was built, {settings['compared']} steps on {settings['count']:,} "
            f"digits took the loss from {self.losses[0]:.2f} to {self.losses[-1]:.2f}. The network "
            f"then read {self.right} of {settings['heldOut']} digits that it never learns from."
        )


def train_here(
    digits: Digits, held_out: Digits, *, seed: int = 1, epochs: int = EPOCHS, compared: int = 100
) -> TrainHere:
    """Let readers train the network that reads digits, and compare their weights with the build's.

    Parameters
    ----------
    digits : Digits
        What to learn from.
    held_out : Digits
        What the accuracy is measured on.
    seed, epochs : int
        As for `cnnlib.explain.digit_network.train`.
    compared : int
        After how many steps the weights are compared. These are also made here.

    Raises
    ------
    ValueError
        If the training has fewer steps than `compared`.
    """
    steps = epochs * (len(digits) // BATCH_SIZE)
    if not 0 < compared <= steps:
        raise ValueError(f"compared: expected 1 to {steps} steps, got {compared}")
    trained = list(islice(train_steps(digits, seed, epochs), compared))
    training, losses = trained[-1][0], [loss for _, loss in trained]
    chain, parts = training.chain, []
    layers: list[dict[str, Any]] = []
    numbers = iter(("first convolution", "second convolution"))
    for layer in chain.flat():
        if layer.arrays:
            layers.append({"name": layer.name, "shape": layer.options["weight"].shape})
            name = next(numbers) if layer.name == "conv2d" else f"{layer.name} layer"
            parts.append((name, sum(array.size for array in layer.arrays)))
        elif layer.name != "on_grid":  # the script rounds after each layer with weights
            layers.append({"name": layer.name})
    random = Random(seed)
    kernels = digit_network(random)[0].options["weight"]  # type: ignore[union-attr]
    first = random.order(len(digits))[0]
    share = accuracy(chain, held_out.images, held_out.labels)
    settings = {
        "seed": seed, "epochs": epochs, "size": BATCH_SIZE, "warmup": warmup(steps), "rate": RATE,
        "rates": RATES, "reach": REACH, "side": SIDE, "greys": GREYS, "steps": steps,
        "compared": compared, "count": len(digits), "heldOut": len(held_out), "layers": layers,
        "parts": parts, "kernel": kernels.shape[-1],
        "start": np.round(kernels, 4).ravel().tolist(),  # what is drawn before a reader begins
        "labels": [*digits.labels.tolist(), *held_out.labels.tolist()],
        "first": {
            "index": first, "label": int(digits.labels[first]),
            "image": "".join(f"{grey:x}" for grey in whole(digits.images[first]).ravel()),
        },
    }  # fmt: skip
    both = Digits(np.concatenate([digits.images, held_out.images]), np.array(settings["labels"]))
    fine = np.concatenate([array.ravel() for array in training.fine])
    return TrainHere(settings, both, fine, losses, round(share * len(held_out)))


def whole(images: Array) -> Array:
    """Return greys as whole numbers from 0 to 15."""
    return np.asarray(np.rint(images * GREYS), np.uint8)


def pack(images: Array) -> bytes:
    """Write two greys into each byte.

    Examples
    --------
    >>> pack(np.array([[[1, 15, 0, 2]]]) / 16).hex()
    '1f02'
    """
    greys = whole(images).reshape(-1, 2)
    return (greys[:, 0] << 4 | greys[:, 1]).astype(np.uint8).tobytes()


def _data_url(content: bytes) -> str:
    """Return the URL that holds some bytes, compressed."""
    data = base64.b64encode(zlib.compress(content, 9)).decode()
    return f"data:application/octet-stream;base64,{data}"
