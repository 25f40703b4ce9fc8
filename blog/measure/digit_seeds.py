"""Train the network that reads digits from five seeds, and what it costs to leave something out.

`make digits-seeds` writes the accuracies on held-out digits, the curves and the times into the file
that the post about it reads. The first seed is that of the post and of ``digits.weights``. Every
training is exact, so that only the times depend on the machine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from blog.measure.digits_sheet import SHEET
from blog.measure.machine import describe_machine
from cnnlib.chain import Chain, Layer
from cnnlib.exact import on_grid
from cnnlib.explain.digit_network import EPOCHS, digit_network, train
from cnnlib.explain.digits import Digits, read_digits
from cnnlib.layers import flatten, linear
from cnnlib.learn import Random, accuracy
from cnnlib.pool import avg_pool2d

RESULTS = Path(__file__).parent / "results" / "can-we-train-one-while-this-page-builds.json"
SEEDS = (1, 2, 3, 4, 5)
Measure = Callable[[Digits], dict[str, Any]]  # trains, and tests on digits held out
VARIANT_EPOCHS = 6  # for the variants, and for one training with which they are compared
FEW, HEART_EPOCHS = 500, 60  # digits that are learnt by heart


def without_relu(random: Random) -> Chain:
    """Return the network without ReLU."""
    return Chain(*(layer for layer in digit_network(random).flat() if layer.name != "relu"))


def averaging(random: Random) -> Chain:
    """Return the network with average pooling, whose results are rounded to their grid, too."""
    layers: list[Any] = []
    for layer in digit_network(random).flat():
        is_pool = layer.name == "max_pool2d"
        layers += [Layer(avg_pool2d, 2), on_grid] if is_pool else [layer]
    return Chain(*layers)


def averaging_without_relu(random: Random) -> Chain:
    """Return the network with average pooling and without ReLU, which only adds and multiplies."""
    return Chain(*(layer for layer in averaging(random).flat() if layer.name != "relu"))


def one_convolution(random: Random) -> Chain:
    """Return the network without its second convolution."""
    first = list(digit_network(random))[:4]
    return Chain(
        *first,
        Layer(flatten, 1),
        Layer(linear, random.weights(10, 8 * 12 * 12), np.zeros(10)),
        on_grid,
    )


def linear_alone(random: Random) -> Chain:
    """Return weighted sums of the pixels, without any convolution."""
    layer = Layer(linear, random.weights(10, 28 * 28), np.zeros(10))
    return Chain(Layer(flatten, 1), layer, on_grid)


def run(
    digits: Digits, held_out: Digits, seed: int = 1, epochs: int = EPOCHS, **options: Any
) -> dict[str, Any]:
    """Train once; return the accuracies, the losses, the processor's time."""
    start, losses, accuracies = time.process_time(), [], []
    for chain, loss in train(digits, seed, epochs, **options):
        losses.append(round(loss, 4))
        accuracies.append(round(accuracy(chain, held_out.images, held_out.labels), 5))
    seconds = time.process_time() - start
    return {
        "seed": seed,
        "digits": len(digits),
        "epochs": epochs,
        "parameters": sum(array.size for layer in chain.flat() for array in layer.arrays),
        "seconds": round(seconds, 1),
        "losses": losses,
        "accuracies": accuracies,
        "learnt": round(accuracy(chain, digits.images, digits.labels), 5),
    }


def fewer(digits: Digits, part: int) -> Digits:
    """Keep every part-th digit, so that all classes stay."""
    return Digits(digits.images[::part], digits.labels[::part])


def shuffled(digits: Digits, seed: int = 1) -> Digits:
    """Give the same images the same labels in a random order."""
    return Digits(digits.images, digits.labels[Random(seed).order(len(digits))])


def scrambled(digits: Digits, seed: int = 1) -> Digits:
    """Put the pixels of all images into the same random order."""
    pixels = digits.images.reshape(len(digits), -1)  # (N, 784)
    order = Random(seed).order(pixels.shape[1])
    return Digits(pixels[:, order].reshape(digits.images.shape), digits.labels)


def variants(digits: Digits) -> dict[str, Measure]:
    """Return the trainings in which something is left out, by name; first one with everything.

    Fewer digits are gone through more often, so that the number of steps is the same.
    """
    by_heart = shuffled(fewer(digits, len(digits) // FEW))
    mixed = scrambled(digits)

    def short(part: Digits = digits, times: int = 1, **options: Any) -> Measure:
        return lambda held_out: run(part, held_out, epochs=times * VARIANT_EPOCHS, **options)

    def of_scrambled(**options: Any) -> Measure:
        return lambda held_out: short(mixed, reach=0, **options)(scrambled(held_out))

    return {
        "nothing": short(),
        "half": short(fewer(digits, 2), 2),
        "tenth": short(fewer(digits, 10), 10),
        "no shifts": short(reach=0),
        "no ReLU": short(build=without_relu),
        "averages": short(build=averaging),
        "averages, no ReLU": short(build=averaging_without_relu),
        "one convolution": short(build=one_convolution),
        "no convolution": short(build=linear_alone),
        "scrambled": of_scrambled(),
        "scrambled, no convolution": of_scrambled(build=linear_alone),
        "random labels": lambda held: run(by_heart, held, epochs=HEART_EPOCHS, reach=0),
    }


def main() -> None:
    """Train, print each result, and write all into the file."""
    digits, held_out = read_digits(SHEET)
    found: dict[str, Any] = {"machine": describe_machine(("numpy",)), "held_out": len(held_out)}
    found |= {"seeds": [], "variants": {}}
    for name, measure in variants(digits).items():
        found["variants"][name] = measure(held_out)
        print(f"{name}: {found['variants'][name]['accuracies'][-1]:.2%}", flush=True)
    for seed in SEEDS:
        found["seeds"].append(run(digits, held_out, seed))
        print(f"seed {seed}: {found['seeds'][-1]['accuracies'][-1]:.2%}", flush=True)
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
