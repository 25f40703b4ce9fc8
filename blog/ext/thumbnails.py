"""Thumbnails of posts, computed from the operations that their cells trace, and the series.

A post that traces no operation has its first picture in lists, or else the first letter of its
title.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import ablog
import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

import cnnlib
import cnnlib.gradients
from blog.check.pages import front_matter_line
from blog.check.source import read_source
from blog.ext.miniature import corner_to_corner, letter
from blog.ext.small_pictures import small_picture
from cnnlib.explain.marks import Panel, Scene
from cnnlib.explain.scene import step_scene
from cnnlib.explain.trace import Trace, trace

logger = logging.getLogger(__name__)


def traced_operations(notebook: Path) -> Iterator[Trace]:
    """Yield the traced operations in a notebook's outputs, in their order."""
    cells = nbformat.read(notebook, as_version=4).cells if notebook.exists() else ()
    for cell in cells:
        for output in cell.get("outputs", ()):
            found = output.get("metadata", {}).get("trace")
            if found:
                # An activation is an argument of its gradient, by its name.
                arguments = {
                    name: getattr(cnnlib, value) if name == "function" else value
                    for name, value in found["arguments"].items()
                }
                yield trace(attrgetter(found["function"])(cnnlib), **arguments)


def trace_of_post(app: Sphinx, docname: str) -> Trace | None:
    """Return the operation that stands for a post: the one that `image` counts to, or the first."""
    notebook = Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb"
    found = list(traced_operations(notebook))
    number = int(app.env.metadata[docname].get("image", 1))
    if number > max(len(found), 1):
        line, _ = front_matter_line(read_source(Path(app.env.doc2path(docname))).text, "image")
        message = "image: %s, but the cells trace %s operations; count those from 1 on"
        logger.warning(message, number, len(found), location=(docname, line))
        number = 1
    return found[number - 1] if found else None


def middle_scene(traced: Trace) -> tuple[Scene, list[Panel]]:
    """Show the middle step of a trace; return the scene, and the panels of input and output."""
    step = traced.steps[len(traced) // 2]
    scene = step_scene(traced, step.index)
    channel = step.index[0] if len(step.index) > 2 else 0
    return scene, [scene.panel("input", step.channels[0]), scene.panel("output", channel)]


def draw(traced: Trace | None, title: str) -> str:
    """Return an SVG without numbers: input and output corner to corner, in shades of their values.

    It repeats what the title beside it says, so screen readers skip it. Without an operation, it
    has the first letter of the title.
    """
    return corner_to_corner(*middle_scene(traced)) if traced else letter(title)


def in_order(app: Sphinx, posts: Sequence[Any]) -> list[Any]:
    """Sort posts: those of the series by their numbers, then all others by date and title.

    Lists and feeds have those of a day in the same order.
    """

    def key(post: Any) -> tuple[float, Any, str]:
        place = float(app.env.metadata[post.docname].get("series", "inf"))
        return place, post.date, post.title

    return sorted(posts, key=key)


def newest_first(path: Sequence[Any], posts: Iterable[Any]) -> list[Any]:
    """Sort posts by date, newest first; of those of one day, the last on the path comes first."""
    places = {post.docname: place for place, post in enumerate(path)}
    return sorted(posts, key=lambda post: (post.date, places.get(post.docname, -1)), reverse=True)


@dataclass
class Faces:
    """What stands for posts in lists, by their names; each is made once."""

    drawn: dict[str, str] = field(default_factory=dict)
    traced: dict[str, bool] = field(default_factory=dict)  # whether an operation stands for it
    photographs: dict[str, str] = field(default_factory=dict)  # addresses; only without operation

    def clear(self, app: Sphinx) -> None:
        """Forget those of the build before."""
        self.drawn.clear()
        self.traced.clear()
        self.photographs.clear()

    def add(self, app: Sphinx, post: Any) -> None:
        """Make what stands for a post, if it is not there yet."""
        if post.docname not in self.drawn:
            traced = trace_of_post(app, post.docname)
            self.drawn[post.docname] = draw(traced, post.title)
            self.traced[post.docname] = traced is not None
            self.photographs[post.docname] = "" if traced else small_picture(app, post.docname)


def page_context(
    faces: Faces,
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the series, the posts before and after a post, and the thumbnails to the context."""
    posts = in_order(app, [post for post in ablog.Blog(app).posts if post.published])
    for post in posts:
        faces.add(app, post)
    context["path"], context["thumbnails"] = posts, faces.drawn
    context["photographs"], context["traced"] = faces.photographs, faces.traced
    context["newest_first"] = partial(newest_first, posts)
    context["series"] = any("series" in app.env.metadata[post.docname] for post in posts)
    names = [post.docname for post in posts]
    if pagename in names:
        place = names.index(pagename)
        context["before"] = posts[place - 1] if place else None
        context["after"] = posts[place + 1] if place + 1 < len(posts) else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    faces = Faces()
    app.connect("builder-inited", faces.clear)
    app.connect("html-page-context", partial(page_context, faces))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
