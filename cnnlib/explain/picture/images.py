"""Pictures of photographs, maps and patches, and of what the stages of a network give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnlib.explain.descriptions import span
from cnnlib.explain.picture.display import Picture, picture, with_narrow
from cnnlib.shapes import Array


def show_images(
    caption: str,
    *,
    signed: Sequence[str] = (),
    columns: int = 2,
    framed: Mapping[str, tuple[slice, slice]] | None = None,
    alt: str = "",
    **images: Any,
) -> Picture:
    """Show photographs and maps side by side.

    Parameters
    ----------
    caption : str
        What to notice.
    signed : sequence of str
        Which of the images are maps of signed values: green for positive, purple for negative
        entries.
    columns : int
        How many stand side by side.
    framed : mapping of str to (slice, slice), optional
        By the name of an image, the rows and columns to put a frame around.
    alt : str
        What the images show, if that says more than their sizes and values.
    **images : array_like, shape (height, width) or (height, width, 3)
        What to show, by name (``_`` stands for a space).

    Raises
    ------
    ValueError
        If `framed` names an image that is not shown, or a frame that is empty.
    """
    from cnnlib.explain.plots.images import images_figure

    named = {name.replace("_", " "): np.asarray(image) for name, image in images.items()}
    frames = {name.replace("_", " "): frame for name, frame in (framed or {}).items()}
    for name in frames:
        if name not in named:
            raise ValueError(f"framed: {name!r} is none of the images {', '.join(named)}")
    places = "".join(
        f" Framed in {name}: {_describe_frame(name, frame, named[name].shape)}."
        for name, frame in frames.items()
    )
    fig = images_figure(named, {name.replace("_", " ") for name in signed}, columns, frames)
    words = "; ".join(
        f"{name}: {' by '.join(map(str, image.shape))}, values from {image.min():.3g} to "
        f"{image.max():.3g}"
        for name, image in named.items()
    )
    return picture(fig, alt=f"{alt or f'{words}.'}{places}", caption=caption)


def show_patches(
    caption: str,
    strips: Mapping[str, Sequence[npt.ArrayLike]],
    *,
    kernels: Sequence[npt.ArrayLike] = (),
    alt: str,
) -> Picture:
    """Show which parts of images a kernel or a map answers to: strips of small patches.

    Parameters
    ----------
    caption : str
        What to notice.
    strips : mapping of str to sequence of array_like, shape (side, side)
        By the name of each kernel or map its patches, in greys.
    kernels : sequence of array_like, shape (side, side)
        For each strip the kernel to draw before it: green for positive weights, purple for
        negative ones. All share one scale.
    alt : str
        What the picture shows.

    Raises
    ------
    ValueError
        If there are no strips, or kernels for only some of them.

    Examples
    --------
    >>> show_patches("What each kernel answers to.", {"1": []}, alt="Patches.")
    Traceback (most recent call last):
    ValueError: strips: expected at least one patch in each strip, got {'1': []}
    """
    if not strips or not all(map(len, strips.values())):
        raise ValueError(f"strips: expected at least one patch in each strip, got {strips!r}")
    if len(kernels) not in (0, len(strips)):
        raise ValueError(f"kernels: expected one for each of {len(strips)}, got {len(kernels)}")
    from cnnlib.explain.plots.images import patches_figure

    patches = {name: [np.asarray(patch) for patch in strip] for name, strip in strips.items()}
    weights = [np.asarray(kernel, float) for kernel in kernels]
    drawn = picture(patches_figure(patches, weights, width=500), alt=alt, caption=caption)
    on_phones = patches_figure(patches, weights, width=396, columns=1 if weights else 2)
    return with_narrow(drawn, on_phones)


def _describe_frame(name: str, frame: tuple[slice, slice], shape: Sequence[int]) -> str:
    """Say which rows and columns of an image a frame lies around."""
    rows, cols = (
        tuple(range(*piece.indices(length))) for piece, length in zip(frame, shape, strict=False)
    )
    if not rows or not cols:
        raise ValueError(f"framed: the frame of {name!r} is empty; its shape is {tuple(shape)}")
    return f"{span('row', rows)}, {span('column', cols)}"


def show_stages(
    caption: str,
    stages: Sequence[tuple[str, Any, Sequence[str]]],
    *,
    alt: str,
    limit: float = 1.0,
    framed: tuple[slice, slice] | None = None,
    of: Sequence[int] = (),
) -> Picture:
    """Show what each stage of a network gives: an image, maps, and scores.

    They stand in one strip, and on a phone in rows of two.

    Parameters
    ----------
    caption : str
        What to notice.
    stages : sequence of (str, array_like, sequence of str)
        The title of each stage, what it gives, and the names of its maps or classes: an image of
        shape (1, height, width) first, at most four maps of shape (channels, height, width),
        scores of shape (classes,).
    alt : str
        What the picture shows; sizes, names and scores are added to it.
    limit : float
        The value of full colour, the same in all maps.
    framed : (slice, slice), optional
        The rows and columns of the image to put a frame around.
    of : sequence of int, optional
        How many maps each stage has, if only some of them are shown.

    Raises
    ------
    ValueError
        If maps or classes and their names differ in number, if there are more than four maps, if a
        map has values beyond `limit`, or if `of` has not one number for each stage.
    """
    from cnnlib.explain.plots.stages import stages_figure

    arrays = [(title, np.asarray(stage), names) for title, stage, names in stages]
    if of and len(of) != len(arrays):
        raise ValueError(f"of: expected {len(arrays)} numbers, one a stage, got {len(of)}")
    for title, stage, names in arrays[1:]:
        _check_stage(title, stage, names, limit)
    totals = of or [len(stage) for _, stage, _ in arrays]
    words = [_describe_stage(*stage, total) for stage, total in zip(arrays, totals, strict=True)]
    fig = stages_figure(arrays, limit, framed, of=of)
    drawn = picture(fig, alt=" ".join([alt, *words]), caption=caption)
    if len(arrays) <= 2:
        return drawn
    return with_narrow(drawn, stages_figure(arrays, limit, framed, in_row=2, of=of))


def _check_stage(title: str, stage: Array, names: Sequence[str], limit: float) -> None:
    """Check that each map or class has a name, and that maps can be drawn."""
    if len(names) != len(stage):
        raise ValueError(f"{title}: expected {len(stage)} names, got {len(names)}")
    if stage.ndim == 1:
        return
    if len(stage) > 4:
        raise ValueError(f"{title}: expected at most 4 maps, got {len(stage)}")
    if (largest := float(np.abs(stage).max())) > limit:
        raise ValueError(f"{title}: limit is {limit:g}, but a value reaches {largest:.3g}")


def _describe_stage(title: str, stage: Array, names: Sequence[str], total: int) -> str:
    """Say the size of a stage, and the names of its maps or the shares of its classes."""
    from cnnlib.explain.plots.stages import percentages

    title = f"{title[:1].upper()}{title[1:]}"
    if stage.ndim == 1:
        shares = zip(names, percentages(stage), strict=True)
        return f"{title}: {', '.join(f'{name} {share}%' for name, share in shares)}."
    size = " by ".join(map(str, stage.shape))
    if len(stage) < total:
        size = f"{len(stage)} of {total} maps, {' by '.join(map(str, stage.shape[1:]))}"
    named = f" ({', '.join(names)})" if names else ""
    return f"{title}, {size}{named}."
