"""What keyboards, screen readers and HTML checkers ask for, and the stack's writers leave out."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from blog.ext.figures import picture

# Longer lines do not fit on the narrowest screen: by keyboard, too, one must be able to scroll.
NARROW = 36
TABLE = '<div class="table-wrapper'
LINK = re.compile(r'<a class="headerlink" href="(#[^"]+)" title="([^"]+)">#</a>')
HEADING = re.compile(rf"(<h([1-6])>(?P<words>.*?)){LINK.pattern}</h\2>", re.DOTALL)


class Cells(SphinxPostTransform):
    """Put folded code after what it made, say what it made, and keep code out of the search."""

    default_priority = 600
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Visit the cells of one page."""
        said = ""
        for node in list(self.document.findall(nodes.Element)):
            if isinstance(node, nodes.paragraph | nodes.title):
                said = node.astext()
            elif node.get("nb_element") == "cell_code_source":
                node["classes"].append("no-search")
            elif isinstance(node, HideCodeCellNode) and node.parent[0] is node:
                cell = node.parent
                captions = [drawn["caption"] for drawn in cell.findall(picture)]
                node["of"] = short(sentences(captions[0])[0] if captions else sentences(said)[-1])
                if len(cell) > 1:
                    cell.remove(node)
                    cell.append(node)


def sentences(text: str) -> list[str]:
    """Split a text after each stop."""
    return re.split(r"(?<=[.?!])\s+", text.strip())


def short(sentence: str) -> str:
    """Return the first words of a sentence."""
    words = sentence.rstrip(":. ").split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")


def visit_fold(self: HTML5Translator, node: HideCodeCellNode) -> None:
    """Fold a cell's code under a summary; those who do not see the page hear what it belongs to."""
    classes = " ".join(["hide", *node["classes"]])
    of = node.get("of")
    more = f'<span class="visually-hidden"> of: {escape(of)}</span>' if of else ""
    self.body.append(
        f'<details class="{classes}"><summary><span>{escape(node["prompt_show"])}{more}</span>'
        "</summary>\n"
    )


def depart_fold(self: HTML5Translator, node: HideCodeCellNode) -> None:
    """Close the fold."""
    self.body.append("</details>\n")


def focusable(match: re.Match[str]) -> str:
    """Let the keyboard reach code that may have to be scrolled."""
    # Sphinx marks the parts of a module's source with a <div>, which <pre> may not have.
    code = match[1].replace("<div ", "<span ").replace("</div>", "</span>")
    wide = max(map(len, plain(code).splitlines()), default=0) > NARROW
    return f'<pre tabindex="0">{code}</pre>' if wide else f"<pre>{code}</pre>"


def plain(html: str) -> str:
    """Return the text of some HTML."""
    return unescape(re.sub(r"<[^>]+>", "", html))


def beside(match: re.Match[str]) -> str:
    """Put the link to a heading after it, with a name: inside, each heading would end in '#'."""
    heading = f"{match[1]}</h{match[2]}>"
    if match[2] == "1":
        return heading
    name = escape(" ".join(plain(match["words"]).split()))
    return f'{heading}<a class="headerlink" href="{match[4]}" aria-label="Link to: {name}">#</a>'


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Mend the finished body of one page."""
    if "body" in context:
        body = re.sub(r"<pre>(.*?)</pre>", focusable, context["body"], flags=re.DOTALL)
        body = LINK.sub(
            r'<a class="headerlink" href="\1" aria-label="\2">#</a>', HEADING.sub(beside, body)
        )
        # Notes are not asides: readers who listen are told of each as a note already.
        body = body.replace("<aside", "<div").replace("</aside>", "</div>")
        context["body"] = body.replace(
            TABLE, TABLE.replace("<div", '<div tabindex="0" role="group" aria-label="Table"')
        )
        context["has_code"] = '<div class="highlight' in body


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(HideCodeCellNode, override=True, html=(visit_fold, depart_fold))
    app.add_post_transform(Cells)
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
