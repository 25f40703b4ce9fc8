"""Draw scenes into the axes of a figure."""

from __future__ import annotations

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cnnlib.explain.lettering import INDEX_DROP, INDEX_SIZE, text_width
from cnnlib.explain.marks import Label, Rect, Scene
from cnnlib.explain.plots.style import COLOURS, POINT


def draw_scene(ax: Axes, scene: Scene, *, at: tuple[float, float] = (0, 0)) -> list[Artist]:
    """Draw a scene into axes that count in pixels, as those of `canvas` do.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    scene : Scene
        What to draw; of an animation, choose a moment with `Scene.still`.
    at : (float, float)
        Where the scene's top left corner goes.
    """
    artists: list[Artist] = []
    for shape in scene.shapes:
        drawn = _draw_rect(ax, shape, at) if isinstance(shape, Rect) else _draw_label(ax, shape, at)
        artists += drawn
    return artists


# How each kind of rectangle is outlined: the colour (None for its own), the width, the dashes.
_OUTLINES: dict[str, tuple[str | None, float, tuple[float, ...] | None]] = {
    "cell": ("line", 1.0, None),
    "padding": ("muted", 1.0, (3, 2)),
    "trimmed": ("muted", 1.0, (2, 3)),
    "missed": (None, 1.0, (3, 2)),
    "read": (None, 0.35, None),
    "window": (None, 2.5, None),
    "result": (None, 2.5, None),
    "place": (None, 2.5, None),
}


def _draw_rect(ax: Axes, rect: Rect, at: tuple[float, float]) -> list[Artist]:
    corner, size = (at[0] + rect.x, at[1] + rect.y), (rect.width, rect.height)
    patches = []
    if rect.level:
        patches.append(
            Rectangle(corner, *size, fc=COLOURS[rect.role], alpha=round(rect.level, 3), lw=0)
        )
    if rect.kind in _OUTLINES:
        name, width, dashes = _OUTLINES[rect.kind]
        line = (0, dashes) if dashes else "solid"
        edge = COLOURS[name or rect.role]
        patches.append(Rectangle(corner, *size, fc="none", ec=edge, lw=width * POINT, ls=line))
    for patch in patches:
        patch.set_gid(f"{rect.kind}-{len(ax.patches)}")
        ax.add_patch(patch)
    return list(patches)


def _draw_label(ax: Axes, label: Label, at: tuple[float, float]) -> list[Artist]:
    left, artists = label.left, []
    for part, is_index in label.runs:
        size = label.size * (INDEX_SIZE if is_index else 1.0)
        baseline = label.y + (label.size * INDEX_DROP if is_index else 0.0)
        text = ax.text(
            at[0] + left,
            at[1] + baseline,
            part,
            size=size * POINT,
            color=COLOURS[label.role],
            ha="left",
            va="baseline",
            parse_math=False,
        )
        text.set_gid(f"{label.kind}-{len(ax.texts)}")
        artists.append(text)
        left += size * text_width(part)
    return list(artists)
