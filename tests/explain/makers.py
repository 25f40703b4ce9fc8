"""Every function that makes a picture, with what it is to show."""

import numpy as np
from matplotlib.figure import Figure

from cnnlib import conv2d, max_pool2d, relu
from cnnlib.explain import plots
from cnnlib.explain.picture import (
    animate,
    animate_matrices,
    picture,
    show_contours,
    show_curve,
    show_dots,
    show_images,
    show_lines,
    show_matrices,
    show_patches,
    show_stages,
    show_step,
    show_windows,
)
from cnnlib.explain.trace import trace

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
TRACED = trace(conv2d, X, K)
POOLED = trace(max_pool2d, [[3, 1, 0], [4, 2, 5], [1, 6, 2]], 2)
FACE = np.linspace(0, 1, 64).reshape(8, 8)
MAPS = np.stack([FACE - 0.5, -FACE])


def heat_map(image, caption="c"):
    with plots.style():
        fig = Figure(figsize=(2, 2))
        fig.add_axes((0, 0, 1, 1)).imshow(image)
    return picture(fig, alt="a", caption=caption)


MOMENTS = [
    ("start", {"K": [[0, 8]], "Y": [[1, 2], [3, 4]]}),
    ("a step", {"K": [[1, 4]], "Y": [[1, -2], [3, 4]]}),
]
PATHS = {"ours": [(-1, 1), (0, 0.5)], "other": [(2, -1), (1, 0), (0, 0)]}


def bowl(x, y):
    return x**2 + 3 * y**2


# Every function that makes a picture, by what makes it with a caption.
MAKERS = {
    "show_step": lambda caption: show_step(TRACED, (0, 1), caption=caption),
    "show_windows": lambda caption: show_windows(POOLED, caption=caption),
    "show_matrices": lambda caption: show_matrices(caption, image=X, twice=2 * X),
    "animate": lambda caption: animate(TRACED, caption=caption),
    "show_images": lambda caption: show_images(caption, face=FACE),
    "show_stages": lambda caption: show_stages(
        caption,
        [
            ("photograph", FACE[None], []),
            ("maps", MAPS, ["left", "right"]),
            ("scores", np.array([0.234, 0.323, 0.443]), ["a", "b", "c"]),
        ],
        alt="A square becomes maps.",
        limit=float(np.abs(MAPS).max()),
        framed=(slice(1, 3), slice(2, 6)),
    ),
    "show_curve": lambda caption: show_curve(relu, caption=caption),
    "show_lines": lambda caption: show_lines(
        caption,
        {"times": {"one": [1, 10], "other": [2, 10.5]}},
        x=[8, 16],
        alt="Lines.",
        across="n",
    ),
    "show_patches": lambda caption: show_patches(
        caption, {"1": [FACE, FACE], "2": [FACE]}, kernels=[MAPS[0], MAPS[1]], alt="Faces."
    ),
    "show_dots": lambda caption: show_dots(caption, {"kind": {"one": [1.5], "other": [2, 3]}}),
    "animate_matrices": lambda caption: animate_matrices(caption, MOMENTS, ["kernel", "output"]),
    "show_contours": lambda caption: show_contours(
        caption, bowl, PATHS, x=(-2, 2), y=(-1, 1), alt="A bowl.", strong="ours"
    ),
    "picture": lambda caption: heat_map(np.eye(4), caption),
}
SCENES = ("show_step", "show_windows", "show_matrices", "animate", "animate_matrices")


def network_of_six_stages():
    maps = ("maps", np.zeros((4, 8, 8)), list("abcd"))
    stages = [("image", FACE[None], []), *[maps] * 4, ("scores", np.ones(3) / 3, list("abc"))]
    return show_stages("c", stages, alt="Maps.")
