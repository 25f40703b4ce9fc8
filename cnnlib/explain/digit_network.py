"""The network that reads handwritten digits: its layers, its training, and its weights in a file.

Training is exact, so that it gives the same 5,994 weights on every machine.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from cnnlib.activations import relu
from cnnlib.chain import Chain, Layer
from cnnlib.conv import conv2d
from cnnlib.exact import WEIGHT_BITS, on_grid
from cnnlib.explain.digits import Digits
from cnnlib.layers import flatten, linear
from cnnlib.learn import Random, Training, accuracy, batches, rate_at
from cnnlib.pool import max_pool2d
from cnnlib.shapes import Array

EPOCHS, BATCH_SIZE, RATE = 20, 32, 0.03


def digit_network(random: Random) -> Chain:
    """Return the network with random weights: 8 and 16 maps, and a score for each of 10 digits.

    Examples
    --------
    >>> print(digit_network(Random(1)).table((1, 1, 28, 28)))
    layer       shape    parameters  multiply-adds  receptive field
    input       1×28×28           0              0              1×1
    conv2d      8×24×24         208         115200              5×5
    on_grid     8×24×24           0              0              5×5
    relu        8×24×24           0              0              5×5
    max_pool2d  8×12×12           0              0              6×6
    conv2d      16×8×8         3216         204800            14×14
    on_grid     16×8×8            0              0            14×14
    relu        16×8×8            0              0            14×14
    max_pool2d  16×4×4            0              0            16×16
    flatten     256               0              0              all
    linear      10             2570           2560              all
    on_grid     10                0              0              all
    total                      5994         322560
    """
    return Chain(
        Layer(conv2d, random.weights(8, 1, 5, 5), np.zeros(8)),
        on_grid,
        relu,
        Layer(max_pool2d, 2),
        Layer(conv2d, random.weights(16, 8, 5, 5), np.zeros(16)),
        on_grid,
        relu,
        Layer(max_pool2d, 2),
        Layer(flatten, 1),
        Layer(linear, random.weights(10, 256), np.zeros(10)),
        on_grid,
    )


def warmup(steps: int) -> int:
    """Return how many of the steps of a training are its warm-up: a tenth."""
    return steps // 10


def train_steps(
    digits: Digits,
    seed: int,
    epochs: int = EPOCHS,
    *,
    build: Callable[[Random], Chain] = digit_network,
    reach: int = 1,
) -> Iterator[tuple[Training, float]]:
    """Train a network; yield the training after each step, with the loss of the batch before it.

    Parameters
    ----------
    digits : Digits
        What to learn from.
    seed : int
        Of the first weights and of the order.
    epochs : int
        How often to go through all digits.
    build : callable
        What makes the network, with its first weights from the random numbers that it is given.
    reach : int
        By how many pixels each digit is shifted at most.
    """
    random = Random(seed)
    training = Training(build(random), exactly=True)
    steps, step = epochs * (len(digits) // BATCH_SIZE), 0
    for _ in range(epochs):
        for x, labels in batches(digits.images, digits.labels, random, BATCH_SIZE, reach):
            loss = training.step(x, labels, rate_at(step, steps, RATE, warmup(steps)))
            step += 1
            yield training, loss


def train(
    digits: Digits, seed: int, epochs: int = EPOCHS, **options: Any
) -> Iterator[tuple[Chain, float]]:
    """Train a network; yield it after each epoch, with the mean loss of the epoch's batches.

    Parameters
    ----------
    digits, seed, epochs, **options
        As for `train_steps`.
    """
    steps = train_steps(digits, seed, epochs, **options)
    while epoch := list(islice(steps, len(digits) // BATCH_SIZE)):
        yield epoch[-1][0].chain, float(np.mean([loss for _, loss in epoch]))


@dataclass(frozen=True)
class Trained:
    """A network after its training, and how it went.

    Attributes
    ----------
    chain : Chain
        The network.
    losses : list of float
        The mean loss of each epoch.
    accuracies : list of float
        After each epoch, the share of the digits held out that were read right.
    """

    chain: Chain
    losses: list[float]
    accuracies: list[float]


def train_and_test(digits: Digits, held_out: Digits, seed: int, epochs: int = EPOCHS) -> Trained:
    """Train the network, and test it after each epoch on digits that it does not learn from.

    If the environment variable ``CNNLIB_CACHE`` names a folder, the result is kept there, and read
    when the same training is asked for again. It is made anew when the digits, an argument or the
    code of this library's mathematics changes.

    Parameters
    ----------
    digits, seed, epochs
        As for `train_steps`.
    held_out : Digits
        What to test it on.
    """
    folder = os.environ.get("CNNLIB_CACHE")
    file = Path(folder or "", f"{_fingerprint(digits, held_out, seed, epochs)}.npz")
    if folder and file.exists():
        with np.load(file) as kept:
            chain = _set_parameters(digit_network(Random(seed)), kept["parameters"])
            return Trained(chain, kept["losses"].tolist(), kept["accuracies"].tolist())
    losses, accuracies = [], []
    for chain, loss in train(digits, seed, epochs):
        losses.append(loss)
        accuracies.append(accuracy(chain, held_out.images, held_out.labels))
    if folder:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(f".{os.getpid()}.npz")
        np.savez(new, parameters=_parameters(chain), losses=losses, accuracies=accuracies)
        new.replace(file)
    return Trained(chain, losses, accuracies)


def _fingerprint(digits: Digits, held_out: Digits, seed: int, epochs: int) -> str:
    """Return a hash of all that a training depends on."""
    here = Path(__file__)
    found = hashlib.sha256(repr((seed, epochs, np.__version__)).encode())
    for path in (*sorted(here.parents[1].glob("*.py")), here):
        found.update(path.read_bytes())
    for part in (digits, held_out):
        found.update(np.ascontiguousarray(part.images).tobytes() + part.labels.tobytes())
    return found.hexdigest()[:32]


def _parameters(chain: Chain) -> Array:
    """Return all parameters, layer by layer."""
    return np.concatenate([array.ravel() for layer in chain.flat() for array in layer.arrays])


def _set_parameters(chain: Chain, values: Array) -> Chain:
    """Set all parameters of a chain."""
    arrays = [array for layer in chain.flat() for array in layer.arrays]
    ends = np.cumsum([array.size for array in arrays])
    for array, part in zip(arrays, np.split(values, ends[:-1]), strict=True):
        array[...] = part.reshape(array.shape)
    return chain


def weight_bytes(chain: Chain) -> bytes:
    """Return the parameters, layer by layer, as whole numbers of 2⁻¹⁴ in 16 bits each.

    Raises
    ------
    ValueError
        If a parameter is no multiple of 2⁻¹⁴ between -2 and 2.
    """
    whole = _parameters(chain) * 2**WEIGHT_BITS
    wrong = (whole % 1 != 0) | (np.abs(whole) >= 2**15)
    if wrong.any():
        raise ValueError(
            "chain: expected parameters between -2 and 2, all multiples of 2**-14, got "
            f"{whole[wrong][0] / 2**WEIGHT_BITS}"
        )
    content: bytes = whole.astype("<i2").tobytes()
    return content


def write_weights(chain: Chain, path: str | Path) -> None:
    """Write the parameters as those of `weight_bytes` into a file."""
    Path(path).write_bytes(weight_bytes(chain))


def read_weights(chain: Chain, path: str | Path) -> Chain:
    """Set the parameters of a chain to those of a file, and return it.

    Raises
    ------
    ValueError
        If the file holds another number of parameters.
    """
    content, count = Path(path).read_bytes(), _parameters(chain).size
    if len(content) != 2 * count:
        raise ValueError(
            f"path: the chain has {count} parameters, which take {2 * count} bytes, but the file "
            f"has {len(content)}"
        )
    return _set_parameters(chain, np.frombuffer(content, "<i2") / 2**WEIGHT_BITS)
