"""The benchmark's cases: float32 operations, each with cnnlib and with other libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
from onnx import helper
from scipy import ndimage, signal
from skimage.measure import block_reduce

import cnnlib
from blog.measure.bench.networks import BATCH_SIZES, NETWORKS, Run, network_runs, training_runs
from blog.measure.bench.onnx_session import run_graph

torch: Any = import_module("torch") if find_spec("torch") else None


@dataclass
class Case:
    """One operation; `runs` returns a callable per library, for a number of threads."""

    group: str
    name: str
    runs: Callable[[int], dict[str, Run]]
    arrays: dict[str, Any] = field(default_factory=dict)


def session(operator: str, inputs: list[np.ndarray], threads: int, **attributes: Any) -> Run:
    """Return a callable that runs one ONNX operator; all inputs but the first are constants."""
    names = ["x", "w", "b"][: len(inputs)]
    node = helper.make_node(operator, names, ["y"], **attributes)
    return run_graph([node], inputs[0], dict(zip(names[1:], inputs[1:], strict=True)), threads)


def normal(*shape: int) -> np.ndarray:
    """Return reproducible normally distributed float32 numbers."""
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


def layer(
    group: str,
    name: str,
    shape: tuple[int, ...],
    outputs: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Case:
    """Return a convolution of a batch of shape (N, C, H, W)."""
    geometry: dict[str, Any] = {"stride": stride, "padding": padding}
    geometry |= {"dilation": dilation, "groups": groups}

    def runs(threads: int) -> dict[str, Run]:
        x, w = normal(*shape), normal(outputs, shape[1] // groups, kernel, kernel)
        pads = {"strides": [stride] * 2, "pads": [padding] * 4, "dilations": [dilation] * 2}
        found = {
            "cnnlib": lambda: cnnlib.conv2d(x, w, **geometry),
            "ONNX Runtime": session("Conv", [x, w], threads, group=groups, **pads),
        }
        if torch:
            xt, wt = torch.from_numpy(x), torch.from_numpy(w)
            found["PyTorch"] = lambda: torch.nn.functional.conv2d(xt, wt, **geometry)
        return found

    return Case(
        group, name, runs, {"shape": shape, "outputs": outputs, "kernel": kernel} | geometry
    )


def decoder(
    name: str, shape: tuple[int, ...], outputs: int, kernel: int, stride: int, padding: int
) -> Case:
    """Return a transposed convolution of a batch of shape (N, C, H, W)."""

    def runs(threads: int) -> dict[str, Run]:
        x, w = normal(*shape), normal(shape[1], outputs, kernel, kernel)
        geometry: dict[str, Any] = {"stride": stride, "padding": padding}
        pads = {"strides": [stride] * 2, "pads": [padding] * 4}
        found = {
            "cnnlib": lambda: cnnlib.conv_transpose2d(x, w, **geometry),
            "ONNX Runtime": session("ConvTranspose", [x, w], threads, **pads),
        }
        if torch:
            xt, wt = torch.from_numpy(x), torch.from_numpy(w)
            found["PyTorch"] = lambda: torch.nn.functional.conv_transpose2d(xt, wt, **geometry)
        return found

    return Case("decoder", name, runs)


def picture(size: int, kernel: int) -> Case:
    """Return a convolution of a one-channel image, with "same" padding."""

    def runs(threads: int) -> dict[str, Run]:
        x, w = normal(size, size), normal(kernel, kernel)
        found = {
            "cnnlib": lambda: cnnlib.conv2d(x, w, padding=kernel // 2),
            "OpenCV": lambda: cv2.filter2D(x, -1, w, borderType=cv2.BORDER_CONSTANT),
            "ONNX Runtime": session(
                "Conv", [x[None, None], w[None, None]], threads, pads=[kernel // 2] * 4
            ),
            "SciPy correlate2d": lambda: signal.correlate2d(x, w, "same"),
            "SciPy ndimage": lambda: ndimage.correlate(x, w, mode="constant"),
            "SciPy oaconvolve": lambda: signal.oaconvolve(x, w[::-1, ::-1], "same"),
        }
        if torch:
            xt, wt = torch.from_numpy(x[None, None]), torch.from_numpy(w[None, None])
            found["PyTorch"] = lambda: torch.nn.functional.conv2d(xt, wt, padding=kernel // 2)
        return found

    return Case(
        "picture",
        f"{size}² with {kernel}×{kernel}",
        runs,
        {"shape": (1, 1, size, size), "kernel": kernel},
    )


def pooling(kind: str, shape: tuple[int, ...], kernel: int, stride: int, padding: int) -> Case:
    """Return a pooling of a batch of shape (N, C, H, W)."""

    def runs(threads: int) -> dict[str, Run]:
        x = normal(*shape)
        geometry = {"stride": stride, "padding": padding}
        attributes: dict[str, Any] = {"kernel_shape": [kernel] * 2}
        attributes |= {"strides": [stride] * 2, "pads": [padding] * 4}
        if kind == "avg":
            attributes["count_include_pad"] = 1
        ours = getattr(cnnlib, f"{kind}_pool2d")
        operator = "MaxPool" if kind == "max" else "AveragePool"
        found = {
            "cnnlib": lambda: ours(x, kernel, **geometry),
            "ONNX Runtime": session(operator, [x], threads, **attributes),
        }
        if torch:
            theirs, xt = getattr(torch.nn.functional, f"{kind}_pool2d"), torch.from_numpy(x)
            found["PyTorch"] = lambda: theirs(xt, kernel, **geometry)
        if kernel == stride:
            reduce = np.max if kind == "max" else np.mean
            found["block_reduce"] = lambda: block_reduce(x, (1, 1, kernel, kernel), reduce)
        return found

    size = "×".join(map(str, shape))
    return Case("pooling", f"{kind} {kernel}×{kernel} stride {stride}, {size}", runs)


def training_step(threads: int) -> dict[str, Run]:
    """Return a training step of LeNet-5; the number of threads is set by the caller."""
    return training_runs("LeNet-5", 64)


def network(name: str, batch_size: int) -> Case:
    """Return a network, run from images to scores."""
    runs = partial(network_runs, name, batch_size)
    return Case("network", f"{name} from images to scores, batch {batch_size}", runs)


def tiny() -> Case:
    """Return the example of the first post: a 4×4 input and a 2×2 kernel."""

    def runs(threads: int) -> dict[str, Run]:
        x, w = normal(4, 4), normal(2, 2)
        found = {
            "cnnlib": lambda: cnnlib.conv2d(x, w),
            "SciPy correlate2d": lambda: signal.correlate2d(x, w, "valid"),
            "OpenCV": lambda: cv2.filter2D(x, -1, w),
        }
        if torch:
            xt, wt = torch.from_numpy(x[None, None]), torch.from_numpy(w[None, None])
            found["PyTorch"] = lambda: torch.nn.functional.conv2d(xt, wt)
        return found

    return Case("tiny", "4×4 with 2×2", runs)


def pictures() -> Iterator[Case]:
    """Yield the convolutions of images with one channel."""
    for size in (512, 1024, 2048, 4096):
        for kernel in (3, 5, 7, 11):
            yield picture(size, kernel)


def vgg_layers(n: int) -> Iterator[Case]:
    """Yield the layers of VGG-16, for a batch of n."""
    for channels, outputs, size in (
        (3, 64, 224), (64, 64, 224), (64, 128, 112), (128, 128, 112), (128, 256, 56),
        (256, 256, 56), (256, 512, 28), (512, 512, 28), (512, 512, 14),
    ):  # fmt: skip
        name = f"VGG-16 {channels}→{outputs} at {size}, batch {n}"
        yield layer("layers", name, (n, channels, size, size), outputs, 3, padding=1)


def other_layers(n: int) -> Iterator[Case]:
    """Yield layers with strides, dilation, and kernels of other sizes, for a batch of n."""
    add = partial(layer, "layers")
    name = f"ResNet stem 7×7 stride 2, batch {n}"
    yield add(name, (n, 3, 224, 224), 64, 7, stride=2, padding=3)
    name = f"3×3 stride 2, 128 at 56, batch {n}"
    yield add(name, (n, 128, 56, 56), 128, 3, stride=2, padding=1)
    name = f"dilated 3×3, 256 at 28, batch {n}"
    yield add(name, (n, 256, 28, 28), 256, 3, dilation=2, padding=2)
    yield add(f"1×1, 256→64 at 56, batch {n}", (n, 256, 56, 56), 64, 1)
    yield add(f"1×1, 512→128 at 28, batch {n}", (n, 512, 28, 28), 128, 1)


def lenet_layers() -> Iterator[Case]:
    """Yield the convolutions of LeNet-5."""
    yield layer("lenet", "LeNet-5 c1, batch 64", (64, 1, 32, 32), 6, 5)
    yield layer("lenet", "LeNet-5 c2, batch 64", (64, 6, 14, 14), 16, 5)
    yield layer("lenet", "LeNet-5 c5, batch 64", (64, 16, 5, 5), 120, 5)


def depthwise_layers() -> Iterator[Case]:
    """Yield convolutions in groups: the depthwise ones of MobileNet, and one in eight groups."""
    add = partial(layer, "depthwise", kernel=3, padding=1)
    for channels, size, stride in ((32, 112, 1), (64, 112, 2), (128, 56, 1), (256, 28, 1),
                                   (512, 14, 1), (1024, 7, 1)):  # fmt: skip
        name = f"depthwise 3×3 stride {stride}, {channels} at {size}"
        shape = (1, channels, size, size)
        yield add(name, shape, channels, stride=stride, groups=channels)
    yield add("3×3 in 8 groups, 256 at 28", (1, 256, 28, 28), 256, groups=8)


def decoders() -> Iterator[Case]:
    """Yield transposed convolutions, as decoders and generators have them."""
    yield decoder("transposed 4×4 stride 2, 512→256 at 14", (1, 512, 14, 14), 256, 4, 2, 1)
    yield decoder("transposed 4×4 stride 2, 128→64 at 56", (1, 128, 56, 56), 64, 4, 2, 1)
    yield decoder("transposed 3×3, 64→64 at 64", (1, 64, 64, 64), 64, 3, 1, 1)
    yield decoder("transposed 2×2 stride 2, 64→32 at 64", (1, 64, 64, 64), 32, 2, 2, 0)
    yield decoder("transposed 3×3 stride 2, 256→128 at 16", (8, 256, 16, 16), 128, 3, 2, 1)
    yield decoder("transposed 5×5, 16→8 at 8", (32, 16, 8, 8), 8, 5, 1, 0)


def poolings() -> Iterator[Case]:
    """Yield maximum and average poolings."""
    for kind in ("max", "avg"):
        yield pooling(kind, (1, 64, 224, 224), 2, 2, 0)
        yield pooling(kind, (8, 256, 56, 56), 2, 2, 0)
        yield pooling(kind, (1, 512, 28, 28), 2, 2, 0)
        yield pooling(kind, (1, 64, 112, 112), 3, 2, 1)


def all_cases() -> Iterator[Case]:
    """Yield all cases, in the order of the goal table."""
    yield from pictures()
    for n in (1, 8):
        yield from vgg_layers(n)
        yield from other_layers(n)
    yield from lenet_layers()
    yield from depthwise_layers()
    yield from decoders()
    yield from poolings()
    for name in NETWORKS:
        for batch_size in BATCH_SIZES:
            yield network(name, batch_size)
    yield Case("training", "training step of LeNet-5, batch 64", training_step)
    yield tiny()
