"""Interactive elements on pages: give each an id, and load scripts once per page.

In a notebook each element contains its script (`cnnlib.explain.embed.with_script`). Here the
script is removed, and `explorer-loader.js` loads it when an element comes near the viewport. Pages
with a full explorer load its script and styles at once. The images of a photograph and the weights
of a classifier become files, which are loaded together with their scripts; so do the data of a
training, which are loaded when it begins.
"""

from __future__ import annotations

import re
from base64 import b64decode
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

from cnnlib.explain.embed import BUNDLE

_BUNDLED = re.compile(re.escape(BUNDLE[0]) + ".*?" + re.escape(BUNDLE[1]), re.DOTALL)
_TAG = re.compile(
    r"<cnn-(?P<kind>explorer|photograph|network|training|classifier)"
    r'(?P<rest>(?: data-[a-z]+="[^"]*")*)>'
)
_IMAGE = re.compile(r'(?<=<img src=")data:image/webp;base64,([^"]+)')
_DATA = re.compile(r'(?<=")data:application/octet-stream;base64,([^"]+)')
# The equations that a full explorer contains for readers without JavaScript.
_EQUATIONS = re.compile(
    r'(<cnn-explorer[^>]* data-form="full"[^>]*>.*?</svg>)(.*?)(?=<template>)', re.DOTALL
)
_NAME = re.compile(r' data-name="([^"]*)"')
_FOLLOWED = re.compile(r'<cnn-worksheet data-for="([^"]+)"')
logger = logging.getLogger(__name__)


class ExplorerTags(SphinxPostTransform):
    """Remove the bundled script, and give each explorer of a page an id."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Process the raw HTML of one page."""
        names: list[str] = []
        followed: dict[str, nodes.raw] = {}  # the worksheet that follows each explorer

        def add_id(raw: nodes.raw, tag: re.Match[str]) -> str:
            kind = tag["kind"]
            default = f"{kind}-{len(names) + 1}" if names else kind
            given = _NAME.search(tag["rest"])
            name = given[1] if given else default
            if name in names:
                _warn(f'two {kind}s on this page are named "{name}": rename one of them', raw)
            elif name in self.document.ids:
                _warn(f'{kind} "{name}": a heading has this name too; rename the {kind}', raw)
            names.append(name)
            return f'<cnn-{kind} id="{name}"{tag["rest"]}>'

        for raw in self.document.findall(nodes.raw):
            for name in _FOLLOWED.findall(raw.astext()):
                if name in followed:
                    _warn(f'two worksheets on this page follow the explorer "{name}"', raw)
                followed.setdefault(name, raw)
            if "<cnn-worksheet" in raw.astext():
                self.document["has_worksheet"] = True
            if BUNDLE[0] in raw.astext():
                text = _TAG.sub(partial(add_id, raw), _BUNDLED.sub("", raw.astext()))
                # Otherwise browsers lay out dozens of equations before the script removes them.
                text, full = _EQUATIONS.subn(r"\1<noscript>\2</noscript>", text)
                if "<cnn-explorer" in text:
                    self.document["has_full_explorer" if full else "has_explorer"] = True
                if "<cnn-network" in text:
                    self.document["has_network"] = True
                if "<cnn-photograph" in text:
                    self.document["has_photograph"] = True
                    text = _IMAGE.sub(partial(self.save, "photograph-{}.webp"), text)
                if "<cnn-training" in text:
                    self.document["has_training"] = True
                    text = _DATA.sub(partial(self.save, "training-{}.bin"), text)
                if "<cnn-classifier" in text:
                    is_full = ' data-form="full"' in text
                    self.document["has_full_classifier" if is_full else "has_classifier"] = True
                    text = _DATA.sub(partial(self.save, "classifier-{}.bin"), text)
                raw.children = [nodes.Text(text)]
                raw.rawsource = text
        for name, raw in followed.items():
            if name not in names:
                _warn(f'worksheet: no explorer on this page is named "{name}"', raw)

    def save(self, name: str, found: re.Match[str]) -> str:
        """Write what a URL holds into a file named by its hash; return its address from here."""
        content = b64decode(found[1])
        name = name.format(sha256(content).hexdigest()[:16])
        path = Path(self.app.outdir, "_images", name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return relative_uri(self.app.builder.get_target_uri(self.env.docname), f"_images/{name}")


def _warn(message: str, node: nodes.Element) -> None:
    """Log a warning with the line of the node, or of the nearest node around it that has one."""
    while not node.line and node.parent is not None:
        node = node.parent
    logger.warning(message, location=node, type="explorer")


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Tell the template which scripts and styles a page needs."""
    kinds = ["explorer", "full_explorer", "photograph", "worksheet", "network", "training"]
    kinds += ["classifier", "full_classifier"]
    for name in (f"has_{kind}" for kind in kinds):
        context[name] = doctree is not None and name in doctree


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(ExplorerTags)
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
