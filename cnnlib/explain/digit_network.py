"""The network that reads handwritten digits: its layers, its training, and its weights in a file.

Training is exact, so that it gives the same 5,994 weights on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cnnlib.activations import relu
from cnnlib.chain import Chain, Layer
from cnnlib.conv import conv2d
from cnnlib.exact import WEIGHT_BITS, on_grid
from cnnlib.explain.digits import Digits
from cnnlib.layers import flatten, linear
from cnnlib.learn import Random, Training, batches, rate_at
from cnnlib.pool import max_pool2d

EPOCHS, BATCH_SIZE, RATE, WARMUP = 20, 32, 0.03, 500


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


def train(digits: Digits, seed: int, epochs: int = EPOCHS) -> Iterator[tuple[Chain, float]]:
    """Train the network; yield it after each epoch, with the mean loss of the epoch's batches.

    Parameters
    ----------
    digits : Digits
        What to learn from.
    seed : int
        Of the first weights and of the order.
    epochs : int
        How often to go through all digits.
    """
    random = Random(seed)
    training = Training(digit_network(random), exactly=True)
    steps, step = epochs * (len(digits) // BATCH_SIZE), 0
    for _ in range(epochs):
        losses = []
        for x, labels in batches(digits.images, digits.labels, random, BATCH_SIZE):
            losses.append(training.step(x, labels, rate_at(step, steps, RATE, WARMUP)))
            step += 1
        yield training.chain, float(np.mean(losses))


def write_weights(chain: Chain, path: str | Path) -> None:
    """Write the parameters, layer by layer, as whole numbers of 2⁻¹⁴ in 16 bits each.

    Raises
    ------
    ValueError
        If a parameter is no multiple of 2⁻¹⁴ between -2 and 2.
    """
    values = np.concatenate([array.ravel() for layer in chain.flat() for array in layer.arrays])
    whole = values * 2**WEIGHT_BITS
    if (whole % 1).any() or np.abs(whole).max() >= 2**15:
        raise ValueError("chain: expected parameters between -2 and 2, all multiples of 2**-14")
    Path(path).write_bytes(whole.astype("<i2").tobytes())


def read_weights(chain: Chain, path: str | Path) -> Chain:
    """Set the parameters of a chain to those of a file, and return it.

    Raises
    ------
    ValueError
        If the file holds another number of parameters.
    """
    values = np.frombuffer(Path(path).read_bytes(), "<i2") / 2**WEIGHT_BITS
    arrays = [array for layer in chain.flat() for array in layer.arrays]
    count = sum(array.size for array in arrays)
    if len(values) != count:
        raise ValueError(f"path: the chain has {count} parameters, but the file {len(values)}")
    for array, part in zip(
        arrays, np.split(values, np.cumsum([a.size for a in arrays])[:-1]), strict=True
    ):
        array[...] = part.reshape(array.shape)
    return chain
