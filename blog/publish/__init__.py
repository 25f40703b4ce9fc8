"""Checks before publication, and the wheel that the site serves."""
