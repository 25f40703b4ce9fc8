"""The benchmark of cnnlib against other libraries: `make bench`."""
