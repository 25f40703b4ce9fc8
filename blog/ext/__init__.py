"""Sphinx extensions, one concern each."""
