"""Author-year citations: a footnote that starts with names and a year is cited by them.

    ... need fewer products [^winograd].

    [^winograd]: A. Lavin, S. Gray (2016). *Fast algorithms ...*

The sentence then shows [Lavin and Gray 2016], a link to the entry, and an arrow in the entry links
back. All other footnotes keep their numbers. The entries are sorted by name.
"""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from blog.ext.words import say

_ENTRY = re.compile(r"(?P<names>[^()]+?) \((?P<year>\d{4}[a-z]?)\)\. ")
_SUFFIX = re.compile(r"Jr\.?|Sr\.?|II|III")
_INITIALS = re.compile(r"(?:[A-Z]\.[ -]?)+")
_BACK = re.compile(r'(<a role="doc-backlink" href="#[^"]+")>↑</a>')


def short_names(names: str) -> str:
    r"""Shorten a list of authors to the form used in citations.

    A no-break space keeps the name of an organisation together. Words in small letters belong to
    the last name that follows them.

    >>> short_names("G. M. Machado, M. M. Oliveira, L. A. F. Fernandes")
    'Machado et al.'
    >>> short_names("A. Lavin, S. Gray"), short_names("W3C")
    ('Lavin and Gray', 'W3C')
    >>> short_names("LeCun, Y."), short_names("van Rijn, R. H., and Lavin, A.")
    ('LeCun', 'van Rijn and Lavin')
    >>> short_names("ONNX\N{NO-BREAK SPACE}Runtime"), short_names("L. van der Maaten; G. Hinton")
    ('ONNX\xa0Runtime', 'van der Maaten and Hinton')
    >>> short_names("A. Vaswani et al."), short_names("M. L. King Jr."), short_names("李明")
    ('Vaswani et al.', 'King', '李明')
    """
    parts = [part for part in re.split(r",? and |,? & |[,;] ", names) if part]
    parts = [part for part in parts if not _SUFFIX.fullmatch(part)]
    named, others, _ = parts[-1].partition(" et al")
    parts[-1] = named
    if any(_INITIALS.fullmatch(part) for part in parts):  # which follow the names
        last = [part for part in parts if not _INITIALS.fullmatch(part)]
    else:
        last = [last_name(name) for name in parts]
    return f"{last[0]} et al." if len(last) > 2 or others else " and ".join(last)


def last_name(name: str) -> str:
    """Return the last word of a name, with the words in small letters before it."""
    words = [word for word in name.split(" ") if not _SUFFIX.fullmatch(word)]
    begin = len(words) - 1
    while begin > 1 and words[begin - 1].islower():
        begin -= 1
    return " ".join(words[begin:])


def tell_apart(cited: dict[str, str]) -> dict[str, str]:
    """Add a letter to citations that would be the same, in the order of their notes.

    >>> tell_apart({"a": "Hinton 2012", "b": "LeCun 1989", "c": "Hinton 2012"})
    {'a': 'Hinton 2012a', 'b': 'LeCun 1989', 'c': 'Hinton 2012b'}
    """
    texts = list(cited.values())
    found: dict[str, str] = {}
    for name, text in cited.items():
        number = [cited[other] for other in found].count(text)
        found[name] = text + (ascii_lowercase[number] if texts.count(text) > 1 else "")
    return found


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
                cited[note["ids"][0]] = f"{short_names(found['names'])} {found['year']}"
                label.children = [nodes.Text("↑")]
                note["classes"].append("cited")
        cited = tell_apart(cited)
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
        back = rf'\1 aria-label="{say(app.config, "Back to the text")}">↑</a>'
        context["body"] = _BACK.sub(back, context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(Citations)
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
