"""Checks of what authors write, before and after a build."""
