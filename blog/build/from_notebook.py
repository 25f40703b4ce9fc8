"""Convert a Jupyter notebook to a post: its front matter, text and code, without outputs."""

from __future__ import annotations

import base64
import binascii
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import yaml

from blog.build.cell_options import read_options
from blog.build.converted import Converted, take_title
from blog.build.from_markdown import bare, name_of
from blog.build.other_front_matter import (
    FASTPAGES,
    is_draft,
    read_front_matter,
    stated_day,
    translate,
)
from blog.build.other_markdown import convert_text
from blog.check.cells import CELL_TAGS
from blog.check.front_matter import PAGE_KEYS, POST_KEYS, slug
from blog.check.source import Cell, Notebook, read_notebook, write_markdown

# Pictures within the text of a cell.
EMBEDDED = re.compile(
    r"(?P<before>\]\(|\bsrc=[\"'])(?:attachment:(?P<name>[^)\"'\s]+)|"
    r"data:image/(?P<kind>png|jpeg|gif|webp);base64,(?P<data>[\w+/=\s]+?))(?=[)\"' ])"
)


def convert_notebook(path: Path) -> Converted:
    """Convert a notebook.

    The build says what is still to be done, such as a figure that no caption explains.

    Raises
    ------
    ValueError
        If it is not a notebook, or its code is not Python.
    """
    try:
        text, pictures = take_pictures(path.read_text("utf-8"), slug(bare(name_of(path))))
        notebook = read_notebook(text)
        keys, front, cells = read_front(notebook, path)
    except OSError as error:
        raise ValueError(f"{path}: the notebook cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    left_out: tuple[str, ...] = ()
    if set(keys) - {*POST_KEYS, *PAGE_KEYS}:
        front, left_out = translate(keys)
    body = write_markdown(Notebook(None, "", [_convert(one) for one in cells])).text
    title, body = take_title(body, str(keys.get("title") or "").strip(), bare(path.stem))
    return Converted(title, body, front, left_out, pictures, is_draft(keys))


def _convert(cell: Cell) -> Cell:
    """Return a cell with the tags that this blog has."""
    if cell.kind != "code":
        return replace(cell, source=convert_text(cell.source))
    tags, source = read_options(cell.source)
    kept = dict.fromkeys([*(tag for tag in cell.tags if tag in CELL_TAGS), *tags])
    return replace(cell, tags=list(kept), source=source)


def read_front(notebook: Notebook, path: Path) -> tuple[dict[str, Any], str, list[Cell]]:
    """Return the front matter of a notebook, as keys and as lines, and its other cells."""
    cells, front = list(notebook.cells), notebook.front or ""
    first = cells[0] if cells else None
    if not front and first and first.kind != "code" and FASTPAGES.match(first.source):
        keys, rest = read_front_matter(first.source)
        cells[0] = replace(first, source=rest.strip())
    else:
        keys = yaml.safe_load(front) if front else {}
        keys = keys if isinstance(keys, dict) else {}
    if (day := stated_day(path.stem)) and "date" not in keys:
        keys["date"] = day
        front = f"{front}\ndate: {day}".strip()
    return keys, front, cells


def take_pictures(text: str, name: str) -> tuple[str, Mapping[str, bytes]]:
    """Return a notebook without the pictures that are stored in its text, and these pictures.

    Parameters
    ----------
    text : str
        The notebook; what cannot be read as one stays as it is.
    name : str
        How the files of pictures begin.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)
    except Exception:  # `read_notebook` says what is wrong
        return text, {}
    pictures: dict[str, bytes] = {}
    for cell in notebook.cells:
        stored = cell.get("attachments", {})

        def save(found: re.Match[str], stored: Mapping[str, Any] = stored) -> str:
            suffix, data = _picture(found, stored)
            if not data:
                return found[0]
            file = f"{name}-{len(pictures) + 1}.{suffix}"
            pictures[file] = data
            return f"{found['before']}{file}"

        if cell.get("cell_type") == "markdown":
            cell.source = EMBEDDED.sub(save, cell.source)
        if not EMBEDDED.search(cell.get("source", "")):  # or `read_notebook` refuses it
            cell.pop("attachments", None)
    return (json.dumps(notebook) if pictures or "attachments" in text else text), pictures


def _picture(found: re.Match[str], stored: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the suffix and the bytes of a picture; these are empty if there is none."""
    if found["data"]:
        kind, data = f"image/{found['kind']}", found["data"]
    else:
        kind, data = next(iter(stored.get(found["name"], {}).items()), ("", ""))
    suffix = {"image/jpeg": "jpg", "image/svg+xml": "svg"}.get(kind, kind.partition("/")[2])
    data = "".join(data)
    if data.lstrip().startswith("<"):
        return suffix, data.encode()
    try:
        return suffix, base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return "", b""
