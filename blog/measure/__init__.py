"""Benchmarks of the pages, the build, the explorer and cnnlib."""
