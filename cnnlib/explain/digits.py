"""Handwritten digits from a sheet, and which of them a network never learns from.

The sheet is one picture, a row of 100 digits below the other, sorted by class. It takes a tenth of
the memory of its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlib.shapes import Array

SIDE, COLUMNS, GREYS = 28, 100, 16
# How many digits of each class, from 0 to 9, the sheet holds.
COUNTS = (1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978)


@dataclass(frozen=True, repr=False)
class Digits:
    """Images and their classes.

    Attributes
    ----------
    images : array, shape (N, 28, 28)
        Greys from 0 to 15/16, each a multiple of 1/16; the stroke is bright.
    labels : array of int, shape (N,)
    """

    images: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)


def is_held_out() -> Array:
    """Say for each digit of the sheet whether it is held out: every fifth of its class.

    This is the only place that decides it. Of each class, digits number 3, 8, 13 and so on are held
    out, counted from 0, and with them the 7 that the posts use, number 853 of its class.

    Examples
    --------
    >>> int(is_held_out().sum())
    1998
    """
    return np.concatenate([np.arange(count) % 5 == 3 for count in COUNTS])


def read_digits(path: str | Path) -> tuple[Digits, Digits]:
    """Read a sheet of digits, and split it.

    Parameters
    ----------
    path : str or Path
        The sheet, a PNG of 2800×2800 pixels in 16 greys.

    Returns
    -------
    tuple of two Digits
        Those to learn from, and those held out to test what was learnt.

    Raises
    ------
    ValueError
        If the picture has another size.
    """
    from PIL import Image

    with Image.open(path) as picture:
        sheet = np.asarray(picture.convert("L"))
    labels = np.repeat(np.arange(len(COUNTS)), COUNTS)
    size = len(labels) // COLUMNS * SIDE, COLUMNS * SIDE
    if sheet.shape != size:
        raise ValueError(f"path: a sheet of digits has {size} pixels, got {sheet.shape}")
    rows = sheet.reshape(-1, SIDE, COLUMNS, SIDE).swapaxes(1, 2)
    # PNG spreads 16 greys over 0 to 255, in steps of 17.
    images = rows.reshape(-1, SIDE, SIDE) // (255 // (GREYS - 1)) / GREYS
    held_out = is_held_out()
    return Digits(images[~held_out], labels[~held_out]), Digits(images[held_out], labels[held_out])
