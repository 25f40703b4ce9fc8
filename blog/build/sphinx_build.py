"""One pass of Sphinx over the pages; what is wrong comes back as a list of short messages."""

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

if TYPE_CHECKING:
    from sphinx.application import Sphinx

KINDS = re.compile(r"( \[[a-z_-]+(\.[\w-]+)?\])+$")


class Messages(io.StringIO):
    """Where Sphinx writes its warnings: each call is one message."""

    def __init__(self, source: Path) -> None:
        super().__init__()
        self.source = source
        self.found: list[str] = []

    def write(self, text: str) -> int:
        """Keep a message once: path from the source folder, the cause, and its further lines."""
        message = KINDS.sub("", text.strip("\n"))
        for prefix in (str(self.source.resolve()) + os.sep, str(self.source) + os.sep):
            message = message.replace(prefix, "")
        first, *more = message.split("\n")
        first = re.sub(r"^(WARNING|ERROR|CRITICAL): ", "", first)
        first = re.sub(r"(?<=: )(WARNING|ERROR|CRITICAL): ", "", first)
        message = "\n".join([first, *more])
        if message.strip() and message not in self.found:
            self.found.append(message)
        return len(text)


def sphinx_build(
    source: Path, out: Path, *, fresh: bool = True, preview: bool = False, first: str = ""
) -> list[str]:
    """Build the pages into a folder and return what is wrong with them.

    Parameters
    ----------
    source, out : Path
        The folder of conf.py, and where the HTML goes. What Sphinx remembers lies beside it.
    fresh : bool
        Whether to read every page, or only those that changed since the last pass.
    preview : bool
        Whether to show the pages in drafts/ as posts, and leave out what only others will see.
    first : str
        A page that is read alone if it is known and to be read; the others wait for the next pass.
    """
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.console import nocolor

    nocolor()
    # A pass ends before its memory is short; looking for what to free takes a fifth of its time.
    gc.disable()
    messages = Messages(source)
    app = None
    try:
        settings = for_preview(source) if preview else {}
        app = Sphinx(
            source,
            source,
            out,
            out.parent / "doctrees",
            "html",
            status=None,
            warning=messages,
            freshenv=fresh,
            confoverrides=settings,
        )
        progress = logging.StreamHandler(sys.stdout)
        logging.getLogger("sphinx.blog.ext.execution").addHandler(progress)
        if first in app.env.all_docs:  # else Sphinx knows no page, and must read them all
            read_alone(app, first)
        app.build(force_all=True)
    except SphinxError as error:
        messages.write(f"{_page(app)}{error}")
    except Exception as error:
        report = Path(".cache", "traceback.txt")
        (source / report).parent.mkdir(exist_ok=True)
        (source / report).write_text(traceback.format_exc())
        messages.write(
            f"{_place(error, source)}{type(error).__name__}: {error}\n"
            f"    ({_page(app)}all of it is in {report})"
        )
    return messages.found


def read_alone(app: Sphinx, first: str) -> None:
    """Let Sphinx read one page, if it is to be read, and leave the others as they are."""
    outdated = app.env.get_outdated_files

    def only_first(config_changed: bool) -> tuple[set[str], set[str], set[str]]:
        del app.env.get_outdated_files  # what Sphinx remembers is pickled without it
        added, changed, removed = outdated(config_changed)
        if first in added | changed:
            added, changed = added & {first}, changed & {first}
        return added, changed, removed

    app.env.get_outdated_files = only_first


def for_preview(source: Path) -> dict[str, object]:
    """Return what a preview sets otherwise than conf.py."""
    from runpy import run_path

    known = run_path(str(source / "conf.py"))
    return {
        "include_patterns": [*known["include_patterns"], "drafts/*.md"],
        "blog_post_pattern": [known["blog_post_pattern"], "drafts/*"],
        "social_pictures": False,
    }


def _place(error: Exception, source: Path) -> str:
    """Name the line of this project's own code that an error came through last."""
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


def _page(app: object) -> str:
    """Name the page at work, if there is one."""
    env = getattr(app, "env", None)
    name = getattr(getattr(env, "current_document", None), "docname", "")
    return f"{env.doc2path(name, base=False)}: " if env and name else ""
