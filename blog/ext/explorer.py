"""Explorers on pages: give each element an id, and load the script only once per page.

In a notebook each explorer contains its script (`cnnlib.explain.explorer.with_script`). Here the
script is removed, and `explorer-loader.js` loads it when an explorer comes near the viewport. Pages
with a full explorer load script and styles at once.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from cnnlib.explain.explorer import BUNDLE

_BUNDLED = re.compile(re.escape(BUNDLE[0]) + ".*?" + re.escape(BUNDLE[1]), re.DOTALL)
_TAG = re.compile(r'<cnn-explorer(?P<rest>(?: data-[a-z]+="[^"]*")*)>')
# The equations that a full explorer contains for readers without JavaScript.
_EQUATIONS = re.compile(
    r'(<cnn-explorer[^>]* data-form="full"[^>]*>.*?</svg>)(.*?)(?=<template>)', re.DOTALL
)
_NAME = re.compile(r' data-name="([^"]*)"')


class ExplorerTags(SphinxPostTransform):
    """Remove the bundled script, and give each explorer of a page an id."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Process the raw HTML of one page."""
        count = 0

        def add_id(tag: re.Match[str]) -> str:
            nonlocal count
            count += 1
            name = _NAME.search(tag["rest"])
            default = "explorer" if count == 1 else f"explorer-{count}"
            return f'<cnn-explorer id="{name[1] if name else default}"{tag["rest"]}>'

        for raw in self.document.findall(nodes.raw):
            if "<cnn-worksheet" in raw.astext():
                self.document["has_worksheet"] = True
            if BUNDLE[0] in raw.astext():
                text = _TAG.sub(add_id, _BUNDLED.sub("", raw.astext()))
                # Otherwise browsers lay out dozens of equations before the script removes them.
                text, full = _EQUATIONS.subn(r"\1<noscript>\2</noscript>", text)
                self.document["has_full_explorer" if full else "has_explorer"] = True
                raw.children = [nodes.Text(text)]
                raw.rawsource = text


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Tell the template which scripts and styles a page needs."""
    for name in ("has_explorer", "has_full_explorer", "has_worksheet"):
        context[name] = doctree is not None and name in doctree


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(ExplorerTags)
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
