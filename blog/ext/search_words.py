"""What the search finds: words of Chinese and Japanese, too, and no words of controls.

Sphinx takes what stands between two spaces for a word, and finds parts of it if they have three
letters or more. Most Chinese words have two: each pair of neighbouring characters becomes a word of
the index as well.

An explorer's buttons and lists say "Stride" and "Pooling" on each page that has one. Such pages
are found by what they are about.
"""

from __future__ import annotations

import re
from importlib import import_module
from itertools import pairwise
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.search import SearchLanguage, languages
from sphinx.transforms.post_transforms import SphinxPostTransform

# Questions are prose.
CONTROLS = re.compile("<cnn-(?:classifier|explorer|network|photograph|training|worksheet)")
RUN = re.compile("[\u3041-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+")


def pairs(text: str) -> list[str]:
    """Return the pairs of neighbouring characters that are not separated by anything.

    >>> pairs("一个 CNN 卷积核")
    ['一个', '卷积', '积核']
    """
    return [one + other for run in RUN.findall(text) for one, other in pairwise(run)]


def with_pairs(base: type[SearchLanguage], name: str) -> type[SearchLanguage]:
    """Return the rules of a language with these words added."""

    class WithPairs(base):  # type: ignore[misc, valid-type]
        lang = name

        def split(self, input: str) -> list[str]:
            """Split a text into words."""
            # Sphinx splits Chinese with a library that is not installed.
            return [*SearchLanguage.split(self, input), *pairs(input)]

        def word_filter(self, word: str) -> bool:
            """Say whether a word belongs into the index."""
            return SearchLanguage.word_filter(self, word)

    return WithPairs


def choose(app: Sphinx, config: Config) -> None:
    """Take the rules of the language of the blog, or those of English."""
    name = config.language.split("_")[0]
    base = languages.get(name, languages["en"])
    if isinstance(base, str):
        module, _, attribute = base.rpartition(".")
        base = getattr(import_module(module), attribute)
    app.add_search_language(with_pairs(base, name))


class Controls(SphinxPostTransform):
    """Leave the elements that readers work with out of the index."""

    default_priority = 800
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Process one page."""
        for raw in self.document.findall(nodes.raw):
            if CONTROLS.search(raw.astext()) and isinstance(raw.parent, nodes.container):
                raw.parent["classes"].append("no-search")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", choose)
    app.add_post_transform(Controls)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
