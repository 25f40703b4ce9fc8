"""Figures with Matplotlib: scenes, photographs, maps, bars and curves.

Only the modules of this package import Matplotlib. Lengths are in pixels, 96 to an inch, counted
from the top left corner; nothing here leaves a global setting changed.
"""

try:
    from cnnlib.explain.plots.export import figure_file
    from cnnlib.explain.plots.images import draw_maps, draw_photograph
    from cnnlib.explain.plots.scenes import draw_scene
    from cnnlib.explain.plots.style import COLOURS, canvas, settings, style
except ModuleNotFoundError as error:
    if error.name != "matplotlib":
        raise
    raise ModuleNotFoundError(
        "cnnlib draws with Matplotlib, which is not installed: pip install 'cnnlib[draw]'",
        name="matplotlib",
    ) from error

__all__ = [
    "COLOURS",
    "canvas",
    "draw_maps",
    "draw_photograph",
    "draw_scene",
    "figure_file",
    "settings",
    "style",
]
