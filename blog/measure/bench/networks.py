"""The benchmark's networks, run from images to scores: LeNet-5 and a small VGG.

A network is a list of steps with random weights. Each library gets its own translation of it;
PyTorch, JAX and MyGrad take part if they are installed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from onnx import NodeProto, helper

import cnnlib
from blog.measure.bench.onnx_session import run_graph
from cnnlib import Chain, Layer
from cnnlib.learn import Training

Run = Callable[[], Any]
BATCH_SIZES = (1, 8, 64)
TRAINING_RATE = 1e-4  # so small that long measuring does not change what is measured


class Step(NamedTuple):
    """One step: "conv", "linear", "relu", "pool" (2×2 maxima) or "flatten"."""

    kind: str
    weight: np.ndarray = np.empty(0, np.float32)
    bias: np.ndarray = np.empty(0, np.float32)
    padding: int = 0


def random_step(kind: str, *shape: int, padding: int = 0) -> Step:
    """Return a step with weights of such a size that sums keep the size of their terms."""
    rng = np.random.default_rng(shape[0])
    weight = rng.normal(size=shape) * (2 / np.prod(shape[1:])) ** 0.5
    bias = rng.normal(size=shape[0])
    return Step(kind, weight.astype(np.float32), bias.astype(np.float32), padding)


def lenet() -> list[Step]:
    """Return LeNet-5 with ReLU and maxima, for images of 1×32×32."""
    relu, pool = Step("relu"), Step("pool")
    return [
        *(random_step("conv", 6, 1, 5, 5), relu, pool),
        *(random_step("conv", 16, 6, 5, 5), relu, pool, Step("flatten")),
        *(random_step("linear", 120, 400), relu),
        *(random_step("linear", 84, 120), relu),
        random_step("linear", 10, 84),
    ]


def small_vgg() -> list[Step]:
    """Return a network in the manner of VGG, for images of 3×32×32."""
    steps, channels = [], 3
    for outputs in (32, 64, 128):
        for _ in range(2):
            steps += [random_step("conv", outputs, channels, 3, 3, padding=1), Step("relu")]
            channels = outputs
        steps.append(Step("pool"))
    return [
        *(*steps, Step("flatten")),
        *(random_step("linear", 256, 128 * 4 * 4), Step("relu")),
        random_step("linear", 10, 256),
    ]


# The networks, with the number of channels of their images of 32×32.
NETWORKS = {"LeNet-5": (lenet, 1), "small VGG": (small_vgg, 3)}


def network_runs(name: str, batch_size: int, threads: int) -> dict[str, Run]:
    """Return a callable for each library that computes the scores of a batch."""
    build, channels = NETWORKS[name]
    steps = build()
    x = np.random.default_rng(0).normal(size=(batch_size, channels, 32, 32)).astype(np.float32)
    runs = {"cnnlib": cnnlib_run(steps, x), "ONNX Runtime": onnx_run(steps, x, threads)}
    for module, peer, translate in (
        ("torch", "PyTorch", torch_run),
        ("jax", "JAX", jax_run),
        ("mygrad", "MyGrad", mygrad_run),
    ):
        if find_spec(module):
            runs[peer] = translate(steps, x)
    return runs


def training_runs(name: str, batch_size: int) -> dict[str, Run]:
    """Return a callable for each library that trains for one step and returns the loss."""
    build, channels = NETWORKS[name]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch_size, channels, 32, 32)).astype(np.float32)
    labels = rng.integers(0, 10, batch_size)
    training = Training(cnnlib_chain(build()))
    runs: dict[str, Run] = {"cnnlib": lambda: training.step(x, labels, TRAINING_RATE)}
    if find_spec("torch"):
        runs["PyTorch"] = torch_training(build(), x, labels)
    return runs


def cnnlib_run(steps: list[Step], x: np.ndarray) -> Run:
    """Translate a network to a chain of layers, and return its call."""
    chain = cnnlib_chain(steps)
    return lambda: chain(x)


def cnnlib_chain(steps: list[Step]) -> Chain:
    """Translate a network to a chain of layers."""

    def layer(step: Step) -> Layer:
        if step.kind == "conv":
            return Layer(cnnlib.conv2d, step.weight, step.bias, padding=step.padding)
        if step.kind == "linear":
            return Layer(cnnlib.linear, step.weight, step.bias)
        options = {"relu": (cnnlib.relu,), "pool": (cnnlib.max_pool2d, 2)}
        return Layer(*options.get(step.kind, (cnnlib.flatten, 1)))

    return Chain(*map(layer, steps))


def onnx_run(steps: list[Step], x: np.ndarray, threads: int) -> Run:
    """Translate a network to a graph of ONNX operators."""
    nodes: list[NodeProto] = []
    constants: dict[str, np.ndarray] = {}
    operators = {"relu": "Relu", "flatten": "Flatten", "conv": "Conv", "linear": "Gemm"}
    for i, step in enumerate(steps):
        inputs, output = [f"{i}" if i else "x"], "y" if i == len(steps) - 1 else f"{i + 1}"
        attributes: dict[str, Any] = {}
        if step.weight.size:
            inputs += [f"w{i}", f"b{i}"]
            constants |= {f"w{i}": step.weight, f"b{i}": step.bias}
            attributes = {"pads": [step.padding] * 4} if step.kind == "conv" else {"transB": 1}
        elif step.kind == "pool":
            attributes = {"kernel_shape": [2, 2], "strides": [2, 2]}
        operator = operators.get(step.kind, "MaxPool")
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
    return run_graph(nodes, x, constants, threads)


def torch_run(steps: list[Step], x: np.ndarray) -> Run:
    """Translate a network to calls of PyTorch."""
    torch = import_module("torch")
    parameters = [(torch.from_numpy(s.weight), torch.from_numpy(s.bias)) for s in steps]

    def run() -> Any:
        with torch.inference_mode():
            return torch_scores(steps, parameters, torch.from_numpy(x)).numpy()

    return run


def torch_scores(steps: list[Step], parameters: list[Any], y: Any) -> Any:
    """Compute the scores of a batch with PyTorch."""
    functional = import_module("torch").nn.functional
    for step, (weight, bias) in zip(steps, parameters, strict=True):
        if step.kind == "conv":
            y = functional.conv2d(y, weight, bias, padding=step.padding)
        elif step.kind == "linear":
            y = functional.linear(y, weight, bias)
        elif step.kind == "relu":
            y = functional.relu(y)
        else:
            y = functional.max_pool2d(y, 2) if step.kind == "pool" else y.flatten(1)
    return y


def torch_training(steps: list[Step], x: np.ndarray, labels: np.ndarray) -> Run:
    """Translate the training of a network to calls of PyTorch."""
    torch = import_module("torch")
    images, classes = torch.from_numpy(x), torch.from_numpy(labels)
    parameters = [
        tuple(torch.from_numpy(a).requires_grad_(a.size > 0) for a in (s.weight, s.bias))
        for s in steps
    ]
    trained = [a for pair in parameters for a in pair if a.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=TRAINING_RATE, momentum=0.9)

    def run() -> float:
        optimiser.zero_grad()
        scores = torch_scores(steps, parameters, images)
        loss = torch.nn.functional.cross_entropy(scores, classes)
        loss.backward()
        optimiser.step()
        return float(loss.detach())

    return run


def jax_run(steps: list[Step], x: np.ndarray) -> Run:
    """Translate a network to a function that JAX compiles; its weights are constants."""
    jax = import_module("jax")
    jax.config.update("jax_platforms", "cpu")

    def forward(y: Any) -> Any:
        for step in steps:
            if step.kind == "conv":
                padding = [(step.padding, step.padding)] * 2
                y = jax.lax.conv_general_dilated(y, step.weight, (1, 1), padding)
                y = y + step.bias[:, None, None]
            elif step.kind == "linear":
                y = y @ step.weight.T + step.bias
            elif step.kind == "relu":
                y = jax.nn.relu(y)
            elif step.kind == "pool":
                window = (1, 1, 2, 2)
                y = jax.lax.reduce_window(y, -np.inf, jax.lax.max, window, window, "VALID")
            else:
                y = y.reshape(len(y), -1)
        return y

    compiled = jax.jit(forward)
    return lambda: np.asarray(compiled(x))


def mygrad_run(steps: list[Step], x: np.ndarray) -> Run:
    """Translate a network to calls of MyGrad, without recording gradients."""
    mygrad = import_module("mygrad")
    layers = import_module("mygrad.nnet.layers")

    def run() -> Any:
        y = x
        with mygrad.no_autodiff:
            for step in steps:
                if step.kind == "conv":
                    y = layers.conv_nd(y, step.weight, stride=1, padding=step.padding)
                    y = y + step.bias[:, None, None]
                elif step.kind == "linear":
                    y = mygrad.matmul(y, step.weight.T) + step.bias
                elif step.kind == "relu":
                    y = mygrad.maximum(y, np.float32(0))  # an integer would give float64
                elif step.kind == "pool":
                    y = layers.max_pool(y, (2, 2), 2)
                else:
                    y = y.reshape(len(y), -1)
        return y.data

    return run
