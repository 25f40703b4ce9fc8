"""The answers to a page's questions, collected for paper: there, folds cannot be opened."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

QUESTION = re.compile(
    r"<cnn-question\b[^>]*><p>(?P<question>.*?)</p><details[^>]*><summary>.*?</summary>"
    r"(?P<answer><p>.*?</p>)",
    re.DOTALL,
)


def find_answers(html: str) -> list[tuple[str, str]]:
    """Return each question of a page with its answer, without the common mistakes.

    >>> find_answers(
    ...     '<cnn-question data-answers="[]"><p>How many?</p><details class="answer">'
    ...     "<summary>The answer</summary><p><b>2</b></p></details></cnn-question>"
    ... )
    [('How many?', '<p><b>2</b></p>')]
    """
    return [(found["question"], found["answer"]) for found in QUESTION.finditer(html)]


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the answers to the context of one page."""
    context["answers"] = find_answers(context.get("body", ""))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
