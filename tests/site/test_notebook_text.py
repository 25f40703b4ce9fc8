"""The text of downloaded notebooks: plain Markdown, which every program shows as it is meant."""

import re
from types import SimpleNamespace

import nbformat
import pytest
from docutils import nodes
from markdown_it import MarkdownIt
from sphinx.errors import ConfigError

from blog.ext import notebooks
from blog.ext.notebook_text import PlainText
from tests.tools import ROOT, read_page

RAW = re.compile(r":::|```\{|\{[\w:-]+\}`|\{\{|\[\^|</?details|^\(\w+\)=$", re.MULTILINE)


@pytest.fixture(scope="module")
def prose(site):
    """Return all text of each notebook that is not code."""
    found = {}
    for path in sorted((site / "notebooks").rglob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
        tokens = [token for text in texts for token in MarkdownIt().parse(text)]
        children = [child for token in tokens for child in token.children or ()]
        code = ("code_inline", "fence", "code_block")
        found[path.relative_to(site).as_posix()] = (
            "\n".join(t.content for t in children if t.type not in code),
            [child.attrs["href"] for child in children if child.type == "link_open"],
        )
    return found


def test_no_notebook_has_directives_roles_or_notes_of_its_page(prose):
    cells = "```{code-cell}"
    posts = [path for path in ROOT.glob("posts/*/*.md") if cells in path.read_text("utf-8")]
    assert len(prose) >= len(posts)
    for name, (text, _) in prose.items():
        assert not RAW.search(text), (name, RAW.search(text))
        assert text.strip(), name
    assert sum(len(text) for text, _ in prose.values()) > 40 * len(prose)


def test_text_in_place_of_what_is_shown_is_short_and_the_same_in_each_build(site):
    for path in (site / "notebooks").rglob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        for text in [output.get("data", {}).get("text/plain", "") for output in outputs]:
            assert len(text) < 2000, (path.name, text[:100])
            assert " at 0x" not in text, (path.name, text)


def test_links_of_a_notebook_lead_to_other_hosts_as_the_site_has_no_address(prose):
    links = [link for _, found in prose.values() for link in found]
    assert len(links) > 5
    assert all(re.match(r"https?://", link) for link in links), links
    read_page("snippets.md")
    text, _ = prose["notebooks/snippets.ipynb"]
    assert "The library" in text


PAGES = {"a/b": ("https://example.org/a/b.html", "Page B"), "c": ("", "Page C")}


def convert(text, substitutions=()):
    def resolve(kind, target):
        return PAGES.get(target.partition("#")[0].strip("/").removesuffix(".md"), ("", target))

    return PlainText(resolve, dict(substitutions)).convert(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("See {doc}`/a/b`.", "See [Page B](https://example.org/a/b.html)."),
        ("See {doc}`that <a/b>`.", "See [that](https://example.org/a/b.html)."),
        ("See {doc}`c` or [d](c.md).", "See Page C or d."),
        (
            "[b](/a/b.md) and [NumPy](https://numpy.org)",
            "[b](https://example.org/a/b.html) and [NumPy](https://numpy.org)",
        ),
        ("{math}`n + 1` {py:func}`~cnnlib.conv2d`", "$n + 1$ `cnnlib.conv2d`"),
        ("code: `{doc}`, `[a](b)` and ``{doc}`c` ``", "code: `{doc}`, `[a](b)` and ``{doc}`c` ``"),
        (":::{note}\nSee {doc}`c`.\n:::", "> **Note**\n>\n> See Page C."),
        ("```{admonition} Why\n:class: tip\n\nSo.\n```", "> **Why**\n>\n> So."),
        ("```{figure} x.png\n:alt: A cat\n\nLook.\n```", "*A cat*\n\nLook."),
        ("```{toctree}\na\n```\nText", "Text"),
        ("```{math}\na + b\n```", "$$\na + b\n$$"),
        ("```sh\nmake {doc}`c`\n```", "```sh\nmake {doc}`c`\n```"),
        ("````markdown\n```{note}\n```\n````", "````markdown\n```{note}\n```\n````"),
        ("(here)=\n# Title", "# Title"),
        ("![a cat](cat.png){width=50px}", "*a cat*"),
        ("{doc}`c`\n: What it is.", "- Page C: What it is."),
        ("One [^b], two[^a].\n\n[^a]: A.\n[^b]: B.", "One [1], two [2].\n\n[2] A.\n[1] B."),
        ('<details class="fold">\n<summary>Why?</summary>\n\nSo.\n\n</details>', "**Why?**\n\nSo."),
        ("Run {{ install }}", "Run pip"),
    ],
)
def test_myst_becomes_plain_markdown(text, plain):
    assert convert(text, {"install": "pip"}) == plain


@pytest.fixture
def app():
    labels = {"a-label": ("guide/a", "there", "A section")}
    return SimpleNamespace(
        config=SimpleNamespace(
            published=True, html_baseurl="https://example.org/blog/", notebooks_github=""
        ),
        env=SimpleNamespace(
            titles={name: nodes.title("", f"Title of {name}") for name in ("guide/a", "posts/b")},
            get_domain=lambda _: SimpleNamespace(labels=labels),
        ),
        builder=SimpleNamespace(get_target_uri=lambda name: f"{name}.html"),
    )


@pytest.mark.parametrize(
    ("kind", "target", "found"),
    [
        ("link", "../posts/b.md#part", ("posts/b.html#part", "Title of posts/b")),
        ("link", "#part", ("guide/a.html#part", "Title of guide/a")),
        ("doc", "/posts/b", ("posts/b.html", "Title of posts/b")),
        ("ref", "A-Label", ("guide/a.html#there", "A section")),
    ],
)
def test_links_of_a_published_site_have_its_address(app, kind, target, found):
    address, title = found
    resolve = notebooks.resolver(app, "guide/a")
    assert resolve(kind, target) == (f"https://example.org/blog/{address}", title)
    app.config.published = False
    assert resolve(kind, target) == ("", title)


def test_what_leads_to_no_page_has_no_address(app):
    assert notebooks.resolver(app, "guide/a")("link", "none.md") == ("", "none.md")


def test_colab_needs_the_address_of_the_site(app):
    app.config.notebooks_github = "me/blog/blob/pages"
    notebooks.check_config(app, app.config)
    app.config.published = False
    with pytest.raises(ConfigError, match="BLOG_NOTEBOOKS needs BLOG_BASEURL"):
        notebooks.check_config(app, app.config)
