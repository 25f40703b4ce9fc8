"""Sphinx extensions, each with one purpose."""
