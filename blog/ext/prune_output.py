"""Delete unused files from the output, join the modules of scripts, and strip comments."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from blog.ext.minify import minify
from cnnlib.explain.embed import (
    classifier_script,
    explorer_modules,
    explorer_script,
    photograph_script,
    question_script,
    training_script,
    training_worker,
)

# Relative to the output folder.
FILES = (
    "posts/drafts.html",
    "_static/file.png",
    "_static/minus.png",
    "_static/plus.png",
    "_static/pygments.css",
    "_static/basic.css",
    "_static/debug.css",
    "_static/skeleton.css",
    "_static/mystnb.*.css",
    "_static/sphinx_highlight.js",
)
# Scripts whose comments are stripped.
SCRIPTS: tuple[str, ...] = ("explorer.js", "explorer-loader.js", "idle.js", "question.js")
SCRIPTS += ("stages.js", "code.js", "copies.js", "drawing.js", "photograph.js", "worksheet.js")
SCRIPTS += ("answers.js", "guess.js", "network.js", "training.js", "training-worker.js")
SCRIPTS += ("classifier.js", "forward.js")
SCRIPTS += ("theme.js", "contents.js", "folds.js", "copy.js", "search-settings.js")
SCRIPTS += ("searchtools.js", "doctools.js")
FOLDERS = ("_sources", "_static/styles", "_static/scripts", "_static/ablog")


def remove(app: Sphinx, exception: Exception | None) -> None:
    """Delete the files and folders above, join the modules of scripts, and minify."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for pattern in FILES:
        for path in out.glob(pattern):
            path.unlink()
    indexes = ("explorer.js", "photograph.js", "classifier.js")
    for name in (name for index in indexes for name in explorer_modules(index)):
        (out / "_static" / name).unlink(missing_ok=True)
    (out / "_static" / "explorer.js").write_text(explorer_script(), "utf-8")
    (out / "_static" / "photograph.js").write_text(photograph_script(), "utf-8")
    (out / "_static" / "classifier.js").write_text(classifier_script(), "utf-8")
    (out / "_static" / "question.js").write_text(question_script(), "utf-8")
    (out / "_static" / "training-worker.js").write_text(training_worker(), "utf-8")
    (out / "_static" / "training.js").write_text(training_script(), "utf-8")
    for name in ("learn.js", "training-plot.js"):
        (out / "_static" / name).unlink(missing_ok=True)
    append_styles(out / "_static" / "site.css", out / "_static" / "controls.css")
    for folder in FOLDERS:
        shutil.rmtree(out / folder, ignore_errors=True)
    for file in (*out.glob("_static/*.css"), *(out / "_static" / name for name in SCRIPTS)):
        file.write_text(minify(file.read_text("utf-8"), script=file.suffix == ".js"), "utf-8")


def append_styles(sheet: Path, more: Path) -> None:
    """Append a style sheet to another one, so that no page loads it separately."""
    if more.exists():
        sheet.write_text(sheet.read_text("utf-8") + more.read_text("utf-8"), "utf-8")
        more.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, to run after all other extensions."""
    app.connect("build-finished", remove, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
