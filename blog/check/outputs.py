"""Check what the cells of a page show: that readers see it, and that each build shows the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from blog.check.raw_html import check_output_html

# A message that the kernel's start-up files leave for the build, in place of an output.
FAULT = "application/vnd.blog.fault"
# Longer outputs bury the text around them.
MAX_LINES, MAX_CHARACTERS = 200, 20_000
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x0d\x0e-\x1f\x7f]")
CONTROL_ADVICE = {
    "\r": "print repr(...) of it; of a progress bar, print the last state alone",
    "\x1b": "print repr(...) of it; pages show colours, but no other codes of terminals",
}
ADDRESS = re.compile(r"<([\w.]+)(?:[^<>]|<\w+>)*\bat 0x[0-9a-f]+>")
FIGURE = re.compile(r"<Figure size [^<>]*>")
SHOW_FIGURE = (
    'end the cell with picture(fig, alt="what it shows", caption="what to notice") from '
    "cnnlib.explain; where no variable holds the figure, fig is plt.gcf()"
)
# What only scripts of other sites could show.
LIVE = {
    "application/vnd.jupyter.widget-view+json": "a widget",
    "application/vnd.plotly.v1+json": "a plotly figure",
    "application/vnd.bokehjs_exec.v0+json": "a Bokeh figure",
    "application/vnd.vegalite.v5+json": "a Vega chart",
    "application/javascript": "a script",
    "application/pdf": "a PDF file",
    "video/mp4": "a video",
}
INSTEAD = "show a picture of it, for example by Matplotlib, or write a link"


def check_outputs(outputs: Sequence[Mapping[str, Any]], root: str) -> Iterator[str]:
    """Yield the message of each problem in the outputs of one cell.

    Parameters
    ----------
    outputs : sequence of mapping
        As in a notebook.
    root : str
        The folder of the blog, which must not be shown.
    """
    outputs = list(_join_printed(outputs))
    faults = [output["data"][FAULT] for output in outputs if FAULT in output.get("data", {})]
    yield from faults
    for output in outputs:
        data = output.get("data", {})
        for kind, what in LIVE.items():
            if kind in data or any(name.startswith(kind.split(".v")[0] + ".v") for name in data):
                yield f"{what} needs scripts of other sites, which do not run here: {INSTEAD}"
                break
        else:
            if "text/html" in data and "image/svg+xml" not in data:
                yield from (
                    f"a cell shows {message}"
                    for message in check_output_html("".join(data["text/html"]))
                )
            text = output.get("text", data.get("text/plain", "") if len(data) == 1 else "")
            text = output.get("traceback", text)
            if not faults:
                yield from check_text("".join(text), root)


def _join_printed(outputs: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield outputs, with all that is printed as one: it arrives in pieces."""
    printed = "".join("".join(one.get("text", "")) for one in outputs)
    if printed:
        yield {"text": printed}
    yield from (one for one in outputs if "text" not in one)


def check_text(text: str, root: str) -> Iterator[str]:
    """Check text that a cell prints, or that stands for its last value."""
    text = COLOURS.sub("", text)
    if control := CONTROL.search(text):
        advice = CONTROL_ADVICE.get(control[0], "print repr(...) of it")
        yield f"a cell prints the control character U+{ord(control[0]):04X}: {advice}"
    if len(text) > MAX_CHARACTERS or text.count("\n") > MAX_LINES:
        yield (
            f"a cell prints {text.count(chr(10)) + 1:,} lines with {len(text):,} characters; pages "
            f"take {MAX_LINES} lines and {MAX_CHARACTERS:,} characters: print a part"
        )
    if FIGURE.search(text):
        yield f"a cell ends with a Matplotlib figure, which shows no picture: {SHOW_FIGURE}"
    elif found := ADDRESS.search(text):
        yield (
            f"a cell shows an object of type {found[1]} with its address, which differs each time: "
            "show what is in it, or end the line with `;` to show nothing"
        )
    for folder in (root, str(Path.home())):
        if re.search(rf"(?<![\w/]){re.escape(folder)}(?![\w-])", text) and len(folder) > 2:
            yield f"a cell shows {folder}, a folder of this machine: show the file's name alone"
            break
