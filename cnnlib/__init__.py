"""The operations of convolutional neural networks in NumPy."""

from cnnlib.activations import (
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from cnnlib.algorithms import choose_algorithm
from cnnlib.chain import Chain, Layer
from cnnlib.conv import conv2d, conv_transpose2d, convolve2d
from cnnlib.layers import batch_norm, flatten, linear
from cnnlib.losses import cross_entropy, mse_loss
from cnnlib.pool import adaptive_avg_pool2d, adaptive_max_pool2d, avg_pool2d, max_pool2d
from cnnlib.shapes import ShapeError, output_size

__all__ = [
    "Chain",
    "Layer",
    "ShapeError",
    "adaptive_avg_pool2d",
    "adaptive_max_pool2d",
    "avg_pool2d",
    "batch_norm",
    "choose_algorithm",
    "conv2d",
    "conv_transpose2d",
    "convolve2d",
    "cross_entropy",
    "elu",
    "flatten",
    "gelu",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "output_size",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]

__version__ = "0.3.0"


def __getattr__(name: str) -> object:
    if name in ("explain", "reference"):  # loaded when they are first used
        from importlib import import_module

        return import_module(f"cnnlib.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
