"""The operations of convolutional neural networks in NumPy."""
