"""Train a small network for a few steps and print its weights' hash: run by `test_learn`.

With the name of a file, everything is also written there as JSON, for a script to repeat it.
"""

import hashlib
import json
import sys

import numpy as np

from cnnlib import Chain, Layer, conv2d, flatten, linear, max_pool2d, relu
from cnnlib.exact import on_grid
from cnnlib.learn import Random, Training, batches, rate_at

EPOCHS, SIZE, RATE = 6, 10, 0.05


def network(random):
    """Two convolutions on images of 20×20, and three classes."""
    weights = random.weights
    return Chain(
        Layer(conv2d, weights(3, 1, 5, 5), np.zeros(3)),
        Layer(on_grid),
        Layer(relu),
        Layer(max_pool2d, 2),
        Layer(conv2d, weights(5, 3, 3, 3), np.zeros(5)),
        Layer(on_grid),
        Layer(relu),
        Layer(max_pool2d, 2),
        Layer(flatten, 1),
        Layer(linear, weights(3, 45), np.zeros(3)),
        Layer(on_grid),
    )


def images(random, count=120):
    """Bars of three directions in noise, with their labels."""
    pictures, labels = np.zeros((count, 20, 20)), np.arange(count) % 3
    for picture, label in zip(pictures, labels, strict=True):
        row, col = 5 + random.below(10), 5 + random.below(10)
        for step in range(-4, 5):
            down, across = ((0, step), (step, 0), (step, step))[label]
            picture[row + down, col + across] = 200 + random.below(56)
        picture += np.array([random.below(40) for _ in range(400)]).reshape(20, 20)
    return pictures / 256, labels


def train():
    """Return the network before and after, and the losses."""
    random = Random(7)
    chain = network(random)
    pictures, labels = images(random)
    training = Training(chain, exactly=True)
    start = [fine.tolist() for fine in training.fine]
    steps, losses = EPOCHS * (len(pictures) // SIZE), []
    used = []
    for _ in range(EPOCHS):
        for x, y in batches(pictures, labels, random, SIZE):
            used.append((x, y))
            losses.append(training.step(x, y, rate_at(len(losses), steps, RATE, warmup=5)))
    return start, training, losses, used


def digest(arrays):
    """Return a hash of the bytes of some arrays."""
    return hashlib.sha256(b"".join(np.asarray(a, "<f8").tobytes() for a in arrays)).hexdigest()


if __name__ == "__main__":
    _, training, losses, _ = train()
    print(json.dumps({"fine": digest(training.fine), "used": digest(training.parameters)}))
    print(losses[0], losses[-1], file=sys.stderr)
