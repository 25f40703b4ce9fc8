"""Restrict the files that cells can open, and report those that they read."""

from blog.ext.ipython.file_access import restrict_open

restrict_open()
del restrict_open
