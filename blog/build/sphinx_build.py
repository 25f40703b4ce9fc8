"""Run Sphinx and return its warnings and errors as a list of short messages."""

from __future__ import annotations

import gc
import io
import logging
import os
import re
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from blog.build.messages import drop_repeated, explain
from blog.check.pages import DRAFTS
from blog.check.source import name_cells

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# The type of a warning, which Sphinx appends to its message.
WARNING_TYPE = re.compile(r"( \[[a-z_-]+(\.[\w-]+)?\])+$")


class WarningStream(io.StringIO):
    """The stream that Sphinx writes its warnings to, one message per call."""

    def __init__(self, source: Path) -> None:
        super().__init__()
        self.source = source
        self.messages: list[str] = []

    def write(self, text: str) -> int:
        """Keep a new message, with paths relative to the source folder and without its type."""
        message = WARNING_TYPE.sub("", text.strip("\n"))
        for prefix in (str(self.source.resolve()) + os.sep, str(self.source) + os.sep):
            message = message.replace(prefix, "")
        first, *more = message.split("\n")
        first = re.sub(r"^(WARNING|ERROR|CRITICAL): ", "", first)
        first = re.sub(r"(?<=: )(WARNING|ERROR|CRITICAL): ", "", first)
        quoted = [f"    {line}" if line[0] != " " else line for line in more if line.strip()]
        message = "\n".join([explain(name_cells(first), self.source), *quoted])
        if message.strip() and message not in self.messages:
            self.messages.append(message)
        return len(text)


def sphinx_build(
    source: Path, out: Path, *, fresh: bool = True, preview: bool = False, first: str = ""
) -> list[str]:
    """Build the pages into a folder and return the warnings and errors.

    Parameters
    ----------
    source, out : Path
        The folder of conf.py, and the output folder. Sphinx's doctrees are kept next to the output.
    fresh : bool
        Whether to read all pages, or only those that changed since the last build.
    preview : bool
        Whether to include drafts/ as posts, and to skip the pictures for social media.
    first : str
        The name of a page. If it is outdated, only this page is read; the other outdated pages are
        left to the next build.
    """
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.console import nocolor

    from blog.check.site import check_site

    nocolor()
    gc.disable()  # Short-lived process: disabling GC saves 20 %
    stream = WarningStream(source)
    app = None
    try:
        app = Sphinx(
            source,
            source,
            out,
            out.parent / "doctrees",
            "html",
            status=None,
            warning=stream,
            freshenv=fresh,
            confoverrides=preview_settings(source) if preview else {},
        )
        progress = logging.StreamHandler(sys.stdout)
        logging.getLogger("sphinx.blog.ext").addHandler(progress)
        if first in app.env.all_docs:  # without an environment, Sphinx has to read all pages
            read_only(app, first)
        app.build(force_all=True)
        if not stream.messages:
            stream.messages += check_site(out, source, app.config.html_baseurl)
    except SphinxError as error:
        stream.write(f"{_current_page(app)}{error}")
    except Exception as error:
        report = Path(".cache", "traceback.txt")
        (source / report).parent.mkdir(exist_ok=True)
        (source / report).write_text(traceback.format_exc())
        stream.write(
            f"{_location(error, source)}{type(error).__name__}: {error}\n"
            f"    ({_current_page(app)}the full traceback is in {report})"
        )
    return drop_repeated(stream.messages)


def read_only(app: Sphinx, first: str) -> None:
    """If a page is outdated, let Sphinx read this page and no other."""
    get_outdated_files = app.env.get_outdated_files

    def get_first(config_changed: bool) -> tuple[set[str], set[str], set[str]]:
        del app.env.get_outdated_files  # Sphinx pickles the environment; this closure would fail
        added, changed, removed = get_outdated_files(config_changed)
        if first in added | changed:
            added, changed = added & {first}, changed & {first}
        return added, changed, removed

    app.env.get_outdated_files = get_first  # type: ignore[method-assign]


def preview_settings(source: Path) -> dict[str, object]:
    """Return the settings in which a preview differs from conf.py."""
    from runpy import run_path

    settings = run_path(str(source / "conf.py"))
    return {
        "include_patterns": [*settings["include_patterns"], *DRAFTS],
        "blog_post_pattern": [*settings["blog_post_pattern"], "drafts/*"],
        "social_pictures": False,
    }


def _location(error: Exception, source: Path) -> str:
    """Return file and line of the innermost frame of an error within this repository."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{os.path.relpath(error.filename, source)}:{error.lineno}: "
    frames = traceback.extract_tb(error.__traceback__)
    names = [(os.path.relpath(frame.filename, source), frame.lineno) for frame in frames]
    own = [
        (name, line)
        for name, line in names
        if name[0] not in "./<" and not name.startswith("blog/build/")
    ]
    return f"{own[-1][0]}:{own[-1][1]}: " if own else ""


def _current_page(app: Sphinx | None) -> str:
    """Return the name of the page that Sphinx is reading or writing, if any."""
    env = getattr(app, "env", None)
    name = getattr(getattr(env, "current_document", None), "docname", "")
    return f"{env.doc2path(name, base=False)}: " if env and name else ""
