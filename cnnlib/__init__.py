"""The operations of convolutional neural networks in NumPy."""

from cnnlib.activations import relu, sigmoid, softmax, tanh
from cnnlib.conv import conv2d
from cnnlib.layers import flatten, linear
from cnnlib.pool import avg_pool2d, max_pool2d
from cnnlib.shapes import ShapeError, output_size

__all__ = [
    "ShapeError",
    "avg_pool2d",
    "conv2d",
    "flatten",
    "linear",
    "max_pool2d",
    "output_size",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
