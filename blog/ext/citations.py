"""Author-year citations: a footnote that starts with names and a year is cited by them.

    ... need fewer products [^winograd].

    [^winograd]: A. Lavin, S. Gray (2016). *Fast algorithms ...*

The sentence then shows [Lavin and Gray 2016], a link to the entry, and an arrow in the entry links
back. All other footnotes keep their numbers. The entries are sorted by name.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

_ENTRY = re.compile(r"(?P<names>[^()]+?) \((?P<year>\d{4}[a-z]?)\)\. ")
_INITIALS = re.compile(r"(?:[A-Z]\.[ -]?)+")
_BACK = re.compile(r'(<a role="doc-backlink" href="#[^"]+")>↑</a>')


def short_names(names: str) -> str:
    r"""Shorten a list of authors to the form used in citations.

    A no-break space keeps the name of an organisation together.

    >>> short_names("G. M. Machado, M. M. Oliveira, L. A. F. Fernandes")
    'Machado et al.'
    >>> short_names("A. Lavin, S. Gray"), short_names("W3C")
    ('Lavin and Gray', 'W3C')
    >>> short_names("LeCun, Y."), short_names("van Rijn, R. H., and Lavin, A.")
    ('LeCun', 'van Rijn and Lavin')
    >>> short_names("ONNX\N{NO-BREAK SPACE}Runtime")
    'ONNX\xa0Runtime'
    """
    parts = [part for part in re.split(r",? and |,? & |, ", names) if part]
    if any(_INITIALS.fullmatch(part) for part in parts):  # which follow the names
        last = [part for part in parts if not _INITIALS.fullmatch(part)]
    else:
        last = [name.split(" ")[-1] for name in parts]
    return f"{last[0]} et al." if len(last) > 2 else " and ".join(last)


class Citations(SphinxPostTransform):
    """Replace the numbers of citations by author and year."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Process the footnotes of one page."""
        cited: dict[str, str] = {}
        for note in list(self.document.findall(nodes.footnote)):
            label, text = note[0], " ".join(part.astext() for part in note[1:])
            found = _ENTRY.match(text)
            if found and isinstance(label, nodes.label):
                cited |= dict.fromkeys(
                    note["ids"], f"{short_names(found['names'])} {found['year']}"
                )
                label.children = [nodes.Text("↑")]
                note["classes"].append("cited")
        for link in self.document.findall(nodes.footnote_reference):
            if link["refid"] in cited:
                link.children = [nodes.Text(cited[link["refid"]])]
                link["classes"].append("cite")
        # The sorted entries take the places of the unsorted ones.
        entries = [n for n in self.document.findall(nodes.footnote) if "cited" in n["classes"]]
        for parent in {id(entry.parent): entry.parent for entry in entries}.values():
            places = [n for n, child in enumerate(parent.children) if child in entries]
            ours = (entry for entry in entries if entry.parent is parent)
            by_name = sorted(ours, key=lambda entry: cited[entry["ids"][0]].lower())
            for n, entry in zip(places, by_name, strict=True):
                parent.children[n] = entry


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Label the arrows that link back."""
    if "body" in context:
        context["body"] = _BACK.sub(r'\1 aria-label="Back to the text">↑</a>', context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(Citations)
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
