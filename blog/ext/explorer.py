"""Explorers on pages: the tag alone, numbered, and one small script that fetches the rest.

In a notebook the tag brings its script along (`cnnlib.explain.embed.with_script`); here that
part is taken away, and `explorer-loader.js` fetches it once, when an explorer comes near the
screen. A page with a full explorer is there for its sake: it asks for script and styles
at once.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from cnnlib.explain.embed import BUNDLE

_BUNDLED = re.compile(re.escape(BUNDLE[0]) + ".*?" + re.escape(BUNDLE[1]), re.DOTALL)
_TAG = re.compile(r'<cnn-explorer(?P<rest>(?: data-[a-z]+="[^"]*")*)>')
# What a full explorer writes for readers without scripts: every equation.
_EQUATIONS = re.compile(
    r'(<cnn-explorer[^>]* data-form="full"[^>]*>.*?</svg>)(.*?)(?=<template>)', re.DOTALL
)
_NAME = re.compile(r' data-name="([^"]*)"')


class Tags(SphinxPostTransform):
    """Take the bundled script away, and give each explorer of a page its id."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Visit the raw HTML of one page."""
        count = 0

        def numbered(tag: re.Match[str]) -> str:
            nonlocal count
            count += 1
            name = _NAME.search(tag["rest"])
            given = name[1] if name else "explorer" if count == 1 else f"explorer-{count}"
            return f'<cnn-explorer id="{given}"{tag["rest"]}>'

        for raw in self.document.findall(nodes.raw):
            if "<cnn-worksheet" in raw.astext():
                self.document["has_worksheet"] = True
            if BUNDLE[0] in raw.astext():
                text = _TAG.sub(numbered, _BUNDLED.sub("", raw.astext()))
                # Others would lay out dozens of equations only for the script to take them away.
                text, full = _EQUATIONS.subn(r"\1<noscript>\2</noscript>", text)
                self.document["has_full_explorer" if full else "has_explorer"] = True
                raw.children = [nodes.Text(text)]
                raw.rawsource = text


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Tell the template of a page which scripts and styles it needs."""
    for name in ("has_explorer", "has_full_explorer", "has_worksheet"):
        context[name] = doctree is not None and name in doctree


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(Tags)
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
