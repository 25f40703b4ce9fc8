"""Measurements: pages, builds, the explorer, and cnnlib beside its peers."""
