"""Learning: a chain run forwards and then backwards, and its weights moved downhill.

A *loss* says how wrong the scores of a chain are. Backpropagation finds, for every weight, how the
loss would change if the weight grew a little: its gradient. Gradient descent moves each weight a
little against its gradient, again and again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from cnnlib import exact
from cnnlib.chain import Chain, Layer, apply_layer
from cnnlib.gradients import GRADIENTS, cross_entropy_input
from cnnlib.losses import cross_entropy
from cnnlib.shapes import Array, window_geometry
from cnnlib.windows import pad, windows

PARAMETERS = ("weight", "bias")
PASSED_BACK = GRADIENTS | {exact.on_grid: {"input": exact.on_grid_input}}


def trained(layer: Layer) -> list[str]:
    """Name the parameters of a layer that training changes."""
    return [name for name in PARAMETERS if layer.options.get(name) is not None]


def forward(chain: Chain, x: Array) -> list[Array]:
    """Run a chain; return its input and the output of each layer, of which the scores are last.

    Examples
    --------
    >>> from cnnlib import linear, relu
    >>> [y.tolist() for y in forward(Chain(relu, Layer(linear, [[1, 2]])), np.array([[-3, 4]]))]
    [[[-3, 4]], [[0, 4]], [[8]]]
    """
    values = [x]
    for index, layer in enumerate(chain.flat()):
        values.append(apply_layer(index, layer, values[-1]))
    return values


def backward(
    chain: Chain, values: Sequence[Array], grad: Array, to_input: bool = False
) -> list[dict[str, Array]]:
    """Run a chain backwards from ∂L/∂scores; return for each layer its gradients, by argument.

    `values` are those of `forward`. The gradient of the first layer's input is left out unless
    `to_input` is true, since training does not change the input.

    Examples
    --------
    >>> from cnnlib import linear, relu
    >>> net = Chain(relu, Layer(linear, [[1, 2]]))
    >>> passed = backward(net, forward(net, np.array([[-3, 4]])), np.array([[1]]))
    >>> passed[1]["weight"].tolist(), passed[1]["input"].tolist()
    ([[0, 4]], [[1, 2]])
    """
    passed: list[dict[str, Array]] = []
    steps = list(zip(chain.flat(), values, strict=False))  # each layer with its input
    for number, (layer, x) in reversed(list(enumerate(steps))):
        if layer.function not in PASSED_BACK:
            known = ", ".join(function.__name__ for function in PASSED_BACK)
            raise ValueError(f"layer {layer.name} has no gradient here; {known} have")
        names = trained(layer) + ["input"] * (number > 0 or to_input)
        rules = PASSED_BACK[layer.function]
        passed.insert(0, {name: rules[name](grad, x, **layer.options) for name in names})
        grad = passed[0].get("input", grad)
    return passed


class Training:
    """Stochastic gradient descent with momentum on a chain of layers.

    Each step moves the parameters by ``velocity = momentum · velocity + gradient`` times minus the
    rate: past gradients carry on for a while, so that their common direction adds up.

    Parameters
    ----------
    chain : Chain
        Its parameters, which must be float32 or float64, are changed in place.
    momentum : float
    exactly : bool
        Keep the chain's parameters on their grid, so that each sum is exact, and check that it is.
        They must be float64, and `exact.on_grid` must follow each layer with weights. Finer
        parameters are kept beside them, since single steps are smaller than the grid.

    Raises
    ------
    TypeError
        If the parameters have another dtype, or cannot be changed.
    ValueError
        If two layers share an array.

    Examples
    --------
    >>> from cnnlib import flatten, linear
    >>> net = Chain(Layer(flatten, 1), Layer(linear, np.zeros((2, 1)), np.zeros(2)))
    >>> training = Training(net)
    >>> x, labels = np.array([-1.0, 1.0]).reshape(2, 1, 1, 1), np.array([0, 1])
    >>> [round(training.step(x, labels, rate=1.0), 3) for _ in range(3)]
    [0.693, 0.313, 0.084]
    """

    def __init__(self, chain: Chain, momentum: float = 0.9, exactly: bool = False) -> None:
        self.chain, self.momentum, self.exactly = chain, momentum, exactly
        self.parameters = [layer.options[name] for layer in chain.flat() for name in trained(layer)]
        for n, parameter in enumerate(self.parameters):
            allowed = ["float64"] if exactly else ["float32", "float64"]
            if parameter.dtype.name not in allowed or not parameter.flags.writeable:
                found = f"{parameter.dtype}, writeable={parameter.flags.writeable}"
                raise TypeError(f"parameters must be writeable {' or '.join(allowed)}, got {found}")
            if any(np.may_share_memory(parameter, other) for other in self.parameters[:n]):
                raise ValueError("each layer must have arrays of its own; a copy would fit")
        self.fine = [parameter.copy() for parameter in self.parameters]
        self.velocities = [np.zeros_like(parameter) for parameter in self.parameters]
        self.store()

    def store(self) -> None:
        """Write the fine parameters to the chain, rounded to their grid if sums are exact."""
        for parameter, fine in zip(self.parameters, self.fine, strict=True):
            parameter[...] = exact.round_to(fine, exact.WEIGHT_BITS) if self.exactly else fine

    def step(self, x: Array, labels: Array, rate: float) -> float:
        """Move all parameters once; return the mean cross-entropy of the batch before."""
        values = forward(self.chain, x)
        if self.exactly:
            loss, grad = exact.cross_entropy(values[-1], labels)
        else:
            loss = float(cross_entropy(values[-1], labels))
            grad = cross_entropy_input(values[-1], labels)
        passed = backward(self.chain, values, grad)
        if self.exactly:
            check_sums(self.chain, values, [*(found["input"] for found in passed[1:]), grad])
        gradients = [back[name] for back in passed for name in PARAMETERS if name in back]
        for fine, velocity, gradient in zip(self.fine, self.velocities, gradients, strict=True):
            velocity *= self.momentum
            velocity += gradient
            fine -= rate * velocity
        self.store()
        return loss


def check_sums(chain: Chain, values: Sequence[Array], grads: Sequence[Array]) -> None:
    """Prove that the sums of each layer with weights were exact, forwards and backwards."""
    for layer, x, grad in zip(chain.flat(), values, grads, strict=False):
        if layer.arrays:
            weight, bias = layer.options["weight"], layer.options.get("bias")
            largest = 0.0 if bias is None else float(np.abs(bias).max())
            inputs = exact.measure(x, exact.ACTIVATION_BITS)
            weights = exact.measure(weight, exact.WEIGHT_BITS)
            deltas = exact.measure(grad, exact.GRADIENT_BITS)
            outputs = grad.size // grad.shape[1]
            exact.check_sum(weight[0].size, inputs, weights, start=largest)
            exact.check_sum(weight[:, 0].size, deltas, weights)
            exact.check_sum(outputs, deltas, inputs)
            exact.check_sum(outputs, deltas)


def rate_at(step: int, steps: int, rate: float, warmup: int = 500) -> float:
    """Return the rate of a step: it rises to `rate` over the warm-up, then falls linearly to 0.

    Examples
    --------
    >>> [rate_at(step, 10, 1.0, warmup=2) for step in (0, 1, 2, 6)]
    [0.5, 1.0, 1.0, 0.5]
    """
    if step < warmup:
        return rate * (step + 1) / warmup
    return rate * (1 - (step - warmup) / max(1, steps - warmup))


def accuracy(chain: Chain, images: Array, labels: Array) -> float:
    """Return the share of images (N, H, W) whose highest score is that of the right class."""
    return float((chain(images[:, None]).argmax(axis=1) == labels).mean())


class Random:
    """Random numbers that are the same in every language: the minimal standard generator.

    ``state = 48271 · state mod (2³¹ - 1)``; no product leaves 53 bits, so that languages whose
    numbers are all float64 compute the same.

    Parameters
    ----------
    seed : int

    Notes
    -----
    Source: Park and Miller, "Random number generators: good ones are hard to find" (1988), with the
    multiplier that they later recommended; C++ calls it ``minstd_rand``.

    Examples
    --------
    >>> random = Random(1)
    >>> random.below(10), random.below(10), random.order(5)
    (7, 9, [3, 4, 2, 0, 1])
    """

    MODULUS = 2**31 - 1

    def __init__(self, seed: int) -> None:
        self.state = seed % (self.MODULUS - 1) + 1
        for _ in range(3):  # small seeds begin with small numbers
            self.uniform()

    def uniform(self) -> float:
        """Return a number above 0 and below 1."""
        self.state = self.state * 48271 % self.MODULUS
        return self.state / self.MODULUS

    def below(self, n: int) -> int:
        """Return a whole number from 0 to n - 1."""
        return int(self.uniform() * n)

    def order(self, n: int) -> list[int]:
        """Return the numbers from 0 to n - 1 in a random order (Fisher and Yates's shuffle)."""
        numbers = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self.below(last + 1)
            numbers[last], numbers[other] = numbers[other], numbers[last]
        return numbers

    def weights(self, *shape: int) -> Array:
        """Return weights between ±√(6 / inputs), so that the layers keep the size of their values.

        Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers" (2015).
        """
        bound = math.sqrt(6 * shape[0] / math.prod(shape))
        drawn = [(2 * self.uniform() - 1) * bound for _ in range(math.prod(shape))]
        return np.array(drawn).reshape(shape)


def batches(
    images: Array, labels: Array, random: Random, size: int, reach: int = 1
) -> Iterator[tuple[Array, Array]]:
    """Go once through images (N, H, W) in random order, each shifted by up to `reach` pixels.

    Yields batches (size, 1, H, W) with their labels; what is left over at the end is skipped.

    Examples
    --------
    >>> images, labels = np.arange(8.0).reshape(2, 2, 2), np.array([0, 1])
    >>> x, y = next(batches(images, labels, Random(5), size=2))
    >>> x.shape, y.tolist(), x[0, 0].tolist()
    ((2, 1, 2, 2), [1, 0], [[0.0, 6.0], [0.0, 0.0]])
    """
    padded = pad(images, ((reach, reach), (reach, reach)))
    geometry = window_geometry(padded.shape[1:], images.shape[1:])
    shifted = windows(padded, geometry)  # (N, 2·reach + 1, 2·reach + 1, H, W), a view
    order, choices = random.order(len(images)), 2 * reach + 1
    for first in range(0, len(order) - size + 1, size):
        chosen = order[first : first + size]
        moves = [(random.below(choices), random.below(choices)) for _ in chosen]
        down, across = zip(*moves, strict=True)
        yield shifted[chosen, down, across][:, None], labels[chosen]
