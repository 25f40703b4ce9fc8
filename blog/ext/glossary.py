"""Glossaries: letters that lead to their first terms, small pictures, and one place for each entry.

Names of the same thing share a definition. Links, the index and the search go to the first name,
so that the search shows the entry once.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from docutils import nodes
from sphinx.addnodes import glossary, index
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from blog.ext.operations import draw

# The functions of `cnnlib` whose pictures stand beside terms.
PICTURES = {
    "adaptive pooling": "adaptive_max_pool2d",
    "average pooling": "avg_pool2d",
    "convolution": "conv2d",
    "flatten": "flatten",
    "linear layer": "linear",
    "max pooling": "max_pool2d",
    "padding": "output_size",
    "ReLU": "relu",
    "softmax": "softmax",
    "transposed convolution": "conv_transpose2d",
}


def entries(place: glossary) -> Iterator[list[nodes.term]]:
    """Yield the names of each entry."""
    for item in place.findall(nodes.definition_list_item):
        yield [child for child in item if isinstance(child, nodes.term)]


class OnePlace(SphinxTransform):
    """Give all names of an entry the place of the first one."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Process one page."""
        domain = self.env.domains.standard_domain
        for place in self.document.findall(glossary):
            for first, *others in entries(place):
                (target,) = first["ids"]
                for term in others:
                    domain.objects["term", term.astext()] = (self.env.docname, target)
                    for node in term.findall(index):
                        node["entries"] = [
                            (kind, name, target, *rest) for kind, name, _, *rest in node["entries"]
                        ]


class Letters(SphinxPostTransform):
    """Add the row and the pictures to each glossary of a page, whose terms are sorted by now."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Process one page."""
        for place in list(self.document.findall(glossary)):
            first: dict[str, str] = {}
            for term, *_ in entries(place):
                first.setdefault(term.astext()[0].upper(), term["ids"][0])
            links = "".join(
                f'<a href="#{escape(term)}">{escape(letter)}</a>' for letter, term in first.items()
            )
            row = f'<nav class="letters" aria-label="Terms by their first letter">{links}</nav>'
            place.parent.insert(place.parent.index(place), nodes.raw("", row, format="html"))
            for definition in place.findall(nodes.definition):
                name = definition.parent[0].astext()
                if name in PICTURES:
                    definition.insert(0, nodes.raw("", draw(PICTURES[name]), format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(OnePlace)
    app.add_post_transform(Letters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
