"""MathML as a line of text, for feed readers, which remove the elements and keep their letters."""

from __future__ import annotations

from lxml import etree

SUBSCRIPT = str.maketrans("0123456789+-−,()", "₀₁₂₃₄₅₆₇₈₉₊₋₋,₍₎")
SUPERSCRIPT = str.maketrans("0123456789+-−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾")
INVISIBLE = str.maketrans("", "", "\u2061\u2062\u2063\u2064")
# Operators with a space on both sides, unless they are a sign.
SPACED = {*"+-−=<>≤≥≠≈·×→↦∗"}


def plain_text(node: etree._Element) -> str:
    """Write an element of MathML, or one with MathML in it, as text.

    >>> total = "<mrow><mn>3</mn><mo>+</mo><mn>1</mn></mrow>"
    >>> mean = f"<math><mi>Y</mi><mo>=</mo><mfrac>{total}<mn>2</mn></mfrac></math>"
    >>> plain_text(etree.fromstring(mean))
    'Y = (3 + 1) / 2'
    >>> table = "<mtable><mtr><mtd><mn>3</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable>"
    >>> plain_text(etree.fromstring(f"<math><mi>max</mi><mo>[</mo>{table}<mo>]</mo></math>"))
    'max [3 1]'
    """
    return " ".join(_write(node).split()).replace("( ", "(").replace("[ ", "[")


def _write(node: etree._Element) -> str:
    name = etree.QName(node).localname
    children = [child for child in node if isinstance(child.tag, str)]
    if name in ("mo", "mi", "mn", "mtext"):
        text = (node.text or "").translate(INVISIBLE)
        if name == "mo" and text in SPACED and node.get("form") != "prefix":
            return f" {text} "
        return f"{text} " if name == "mo" and text in (",", ";") else text
    if name == "mtable":
        rows = (" ".join(_write(cell).strip() for cell in row) for row in children)
        return "; ".join(rows)
    if name == "mfrac":
        above, below = (_in_brackets(_write(child).strip()) for child in children)
        return f"{above} / {below}"
    if name in ("msub", "munder"):
        base, low = map(_write, children)
        return base + _index(low, SUBSCRIPT, "_")
    if name in ("msup", "mover"):
        base, high = map(_write, children)
        return base + _index(high, SUPERSCRIPT, "^")
    if name in ("msubsup", "munderover"):
        base, low, high = map(_write, children)
        return base + _index(low, SUBSCRIPT, "_") + _index(high, SUPERSCRIPT, "^")
    if name == "msqrt":
        return "√" + _in_brackets(_row(children))
    if name == "mspace":
        return " "
    return _row(children)


def _row(children: list[etree._Element]) -> str:
    """Write elements one after another; a sign without a term before it is unary."""
    text = ""
    for child in children:
        written = _write(child)
        last = text.rstrip()[-1:]
        if written.strip() in ("-", "−", "+") and (not last or last in "([,;" or last in SPACED):
            written = written.strip()
        # A word such as "max" stands apart from the bracket after it, if that holds a matrix.
        elif text and last.isalpha() and len(text.split()[-1]) > 2 and written[:1] == "[":
            written = f" {written}"
        text += written
    return text


def _in_brackets(text: str) -> str:
    return text if text.replace(".", "").isalnum() else f"({text})"


def _index(text: str, table: dict[int, int], mark: str) -> str:
    """Write an index with small digits if there is one for each letter."""
    text = "".join(text.split())
    small = text.translate(table)
    if all(ord(letter) in table or letter == "," for letter in text):
        return small
    return f"{mark}{_in_brackets(text)}"
