"""Make the HTML of Sphinx and MyST-NB valid, and usable by keyboard and screen reader."""

from __future__ import annotations

import re
from functools import partial
from html import escape, unescape
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from blog.ext.figures import picture
from blog.ext.words import say

# Longer lines of code do not fit on the narrowest screens, so they must be scrollable by keyboard.
MAX_LINE = 36
TABLE = '<div class="table-wrapper'
BOX_ID = re.compile(r'(<div class="table-wrapper[^"]*") id="[^"]*"')
# The link to a function's source, whose word Sphinx writes within brackets, in any language.
SOURCE = re.compile(
    r'(<span class="viewcode-link">)<span class="pre">\[([^\]<]+)\]</span>(?=</span>)'
)
# A task of a list, which readers cannot change.
TASK = re.compile(r'<input class="task-list-item-checkbox" (checked="checked" )?[^>]*>')
LINK = re.compile(r'<a class="headerlink" href="(#[^"]+)" title="([^"]+)">#</a>')
HEADING = re.compile(rf"(<h([1-6])>(?P<words>.*?)){LINK.pattern}</h\2>", re.DOTALL)


class FoldedCode(SphinxPostTransform):
    """Move folded code after its output, label the fold, and exclude code from the search."""

    default_priority = 600
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Process the cells of one page."""
        last_text = ""
        for node in list(self.document.findall(nodes.Element)):
            if isinstance(node, nodes.paragraph | nodes.title):
                last_text = node.astext()
            elif node.get("nb_element") == "cell_code_source":
                node["classes"].append("no-search")
            elif isinstance(node, HideCodeCellNode):
                cell = node.parent
                captions = [figure["caption"] for figure in cell.findall(picture)]
                label = sentences(captions[0])[0] if captions else sentences(last_text)[-1]
                node["label"] = shorten(label)
                if node[0].get("nb_element") == "cell_code_output":
                    node["prompt_show"] = say(self.config, "Show the output")
                elif len(cell) > 1:
                    cell.remove(node)
                    cell.append(node)


def sentences(text: str) -> list[str]:
    """Split a text into sentences."""
    return re.split(r"(?<=[.?!])\s+", text.strip())


def shorten(sentence: str) -> str:
    """Return the first twelve words of a sentence."""
    words = sentence.rstrip(":. ").split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")


def visit_fold(self: HTML5Translator, node: HideCodeCellNode) -> None:
    """Write a cell's code as a fold whose summary names, for screen readers, what it computes."""
    classes = " ".join(["hide", *node["classes"]])
    label = node.get("label")
    of = say(self.config, "of")
    more = f'<span class="visually-hidden"> {of}: {escape(label)}</span>' if label else ""
    words = f"<span>{escape(node['prompt_show'])}{more}</span>"
    self.body.append(f'<details class="{classes}"><summary>{words}</summary>\n')


def depart_fold(self: HTML5Translator, node: HideCodeCellNode) -> None:
    """Close the fold."""
    self.body.append("</details>\n")


def make_focusable(match: re.Match[str]) -> str:
    """Make a code block focusable if it is wide enough to scroll."""
    # Sphinx wraps parts of a module's source in <div>, which is not allowed within <pre>.
    code = match[1].replace("<div ", "<span ").replace("</div>", "</span>")
    wide = max(map(len, strip_tags(code).splitlines()), default=0) > MAX_LINE
    return f'<pre tabindex="0">{code}</pre>' if wide else f"<pre>{code}</pre>"


def strip_tags(html: str) -> str:
    """Return the text content of HTML."""
    return unescape(re.sub(r"<[^>]+>", "", html))


def move_permalink(config: Config, match: re.Match[str]) -> str:
    """Move a heading's permalink behind the heading, so that "#" is not part of its text."""
    heading = f"{match[1]}</h{match[2]}>"
    if match[2] == "1":
        return heading
    name = escape(" ".join(strip_tags(match["words"]).split()))
    name = f"{say(config, 'Link to')}: {name}"
    return f'{heading}<a class="headerlink" href="{match[4]}" aria-label="{name}">#</a>'


def show_task(config: Config, match: re.Match[str]) -> str:
    """Replace the box of a task by a sign with a name."""
    name, sign = ("Done", "☑") if match[1] else ("To do", "☐")
    return f'<span role="img" aria-label="{say(config, name)}">{sign}</span> '


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Correct the rendered body of one page."""
    if "body" in context:
        body = re.sub(r"<pre>(.*?)</pre>", make_focusable, context["body"], flags=re.DOTALL)
        body = LINK.sub(
            r'<a class="headerlink" href="\1" aria-label="\2">#</a>',
            HEADING.sub(partial(move_permalink, app.config), body),
        )
        body = TASK.sub(partial(show_task, app.config), body)
        body = SOURCE.sub(r"\1\2", body)
        # Docutils writes footnotes as <aside role="doc-footnote">; the role alone is enough.
        body = body.replace("<aside", "<div").replace("</aside>", "</div>")
        body = BOX_ID.sub(r"\1", body)  # which its table has, too
        table = f'<div tabindex="0" role="group" aria-label="{say(app.config, "Table")}"'
        context["body"] = body.replace(TABLE, TABLE.replace("<div", table))
        # One fold is opened faster by itself than by a switch for all.
        context["has_folds"] = body.count('<details class="hide') > 1
        context["has_reference"] = '<dl class="py' in body or '<ul class="operations' in body
        context["has_code"] = '<div class="highlight' in body


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(HideCodeCellNode, override=True, html=(visit_fold, depart_fold))
    app.add_post_transform(FoldedCode)
    app.connect("html-page-context", page_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
