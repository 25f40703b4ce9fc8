"""What one output entry is made of: the entries under the window, and their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from cnnlib.shapes import Pair

Nested = tuple[Any, ...]


class Matrix(NamedTuple):
    """What a matrix of a trace is called, and its colour.

    Attributes
    ----------
    title : str
        What stands above it.
    symbol : str
        Its letter in formulas.
    role : str
        The name of its colour in the palette: it is the same wherever the matrix appears.
    """

    title: str
    symbol: str
    role: str

    @property
    def words(self) -> str:
        """How a description names it: as its title does, but without a letter at the end."""
        words = self.title.removesuffix(f" {self.symbol}")
        return words[0].upper() + words[1:]


class Matrices(NamedTuple):
    """The matrices of a trace: what is read, what lies on it, and what comes out.

    Of a gradient, these are other ones than those of the operation that it belongs to. `window` is
    the colour of the window's frame and of the weights.
    """

    input: Matrix = Matrix("input X", "X", "input")
    kernel: Matrix = Matrix("kernel K", "K", "kernel")
    output: Matrix = Matrix("output Y", "Y", "output")
    window: str = "kernel"


FORWARD = Matrices()


@dataclass(frozen=True, slots=True)
class Term:
    """One input entry under a window, with the weight that it is multiplied by.

    Attributes
    ----------
    channel, row, col : int
        Where the entry lies in the input, counted from 0. A row or column below 0, or beyond the
        last one, lies in the padding.
    entry : number or object
        The entry; in the padding, what the padding holds there.
    weight : number or object, optional
        The weight; None for pooling.
    kernel : (int, int), optional
        Row and column of that weight in the kernel; None for pooling.
    padding : bool
        Whether the entry lies in the padding.
    """

    channel: int
    row: int
    col: int
    entry: Any
    weight: Any = None
    kernel: Pair | None = None
    padding: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one output entry is made of.

    Attributes
    ----------
    index : tuple of int
        Row and column of the output entry, after its channel if there are channels; from 0.
    channels, rows, cols : tuple of int
        Channels, rows and columns of the input that are read. The entries read are all
        combinations of them. (For a transposed convolution, those whose stamps reach this output
        entry, possibly none.)
    terms : tuple of Term
        The entries read, by channel, then row, then column.
    value : number or object
        The output entry, as the operation returned it.
    bias : number or object, optional
        What is added to the sum of products.
    kind : {"sum", "max", "mean"}
        What the operation makes of the terms: the sum of products of a convolution, the largest
        entry, or the mean.
    size : (int, int)
        Rows and columns of the input: what lies outside them is padding.
    of : str or object, optional
        Of a gradient, the name of the entry that it belongs to: in ``∂L/∂k_11`` that is ``k_11``.
    matrices : Matrices
        What entries, weights and value belong to.
    """

    index: tuple[int, ...]
    channels: tuple[int, ...]
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    terms: tuple[Term, ...]
    value: Any
    bias: Any = None
    kind: str = "sum"
    size: Pair = (0, 0)
    of: Any = None
    matrices: Matrices = FORWARD

    @property
    def place(self) -> Pair:
        """Row and column of the output entry in its channel."""
        return self.index[-2], self.index[-1]

    @property
    def pairs(self) -> tuple[tuple[Any, Any], ...]:
        """Each entry with the weight it is multiplied by, in window order."""
        if self.kind != "sum":
            raise ValueError("pairs: a pooling step has entries but no weights")
        return tuple((term.entry, term.weight) for term in self.terms)

    @property
    def entries(self) -> Nested:
        """The entries, row by row; of several channels, one such table for each."""
        return self._nested([term.entry for term in self.terms])

    @property
    def weights(self) -> Nested | None:
        """The weights, arranged like the entries; None for pooling."""
        if self.kind != "sum":
            return None
        return self._nested([term.weight for term in self.terms])

    def _nested(self, values: list[Any]) -> Nested:
        width, height = len(self.cols), len(self.rows)
        lines = [tuple(values[n : n + width]) for n in range(0, len(values), max(width, 1))]
        if len(self.channels) == 1:
            return tuple(lines)
        return tuple(tuple(lines[n : n + height]) for n in range(0, len(lines), max(height, 1)))
