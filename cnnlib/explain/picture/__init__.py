"""Pictures with a caption and a text alternative, as objects that notebooks and pages show.

Pictures of traces and matrices need only NumPy; photographs, maps, charts and figures of your own
need Matplotlib.
"""

from cnnlib.explain.picture.animations import animate, animate_matrices
from cnnlib.explain.picture.charts import show_contours, show_curve, show_dots, show_lines
from cnnlib.explain.picture.display import Picture, picture
from cnnlib.explain.picture.images import show_images, show_patches, show_stages
from cnnlib.explain.picture.matrices import (
    show_matrices,
    show_product,
    show_step,
    show_stops,
    show_windows,
)
from cnnlib.explain.picture.windows import WindowList, show_equations, window_icon

__all__ = [
    "Picture",
    "WindowList",
    "animate",
    "animate_matrices",
    "picture",
    "show_contours",
    "show_curve",
    "show_dots",
    "show_equations",
    "show_images",
    "show_lines",
    "show_matrices",
    "show_patches",
    "show_product",
    "show_stages",
    "show_step",
    "show_stops",
    "show_windows",
    "window_icon",
]
