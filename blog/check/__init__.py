"""Checks of the pages' sources before a build and of the built pages after it."""
