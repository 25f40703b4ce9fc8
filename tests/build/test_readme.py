"""README.md, CONTRIBUTING.md and CHANGELOG.md name what exists."""

import importlib.util
import pkgutil
import re

import pytest
from markdown_it import MarkdownIt

from tests.build.small_site import ROOT

PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
PAGES = [name for name in PAGES if (ROOT / name).exists()]


def may_be_gone():
    """Return what the guide lets a blog of one's own delete: the text may still name it."""
    guide = ROOT / "guide/make-it-yours.md"
    text = guide.read_text("utf-8") if guide.exists() else ""
    steps = re.findall(r"^## \d+\. (?:Decide which|Put your).*?(?=^## )", text, re.M | re.S)
    sentences = re.findall(r"[^.:]*\bdelete\b.*?\.\s", " ".join(steps), re.S)
    return {path for one in sentences for path in re.findall(r"`([\w./-]+)`", one)}


def tokens(name):
    """Return the block tokens of a page and their inline children."""
    blocks = MarkdownIt("commonmark").enable("table").parse((ROOT / name).read_text("utf-8"))
    return [token for block in blocks for token in (block, *(block.children or ()))]


def fences(name, language):
    found = tokens(name)
    return [token.content for token in found if token.type == "fence" and token.info == language]


def spans(name):
    return [token.content for token in tokens(name) if token.type == "code_inline"]


@pytest.mark.parametrize("name", PAGES)
def test_commands_exist(name):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    commands = "\n".join([*fences(name, "sh"), *spans(name)])
    for target in re.findall(r"\bmake ([a-z][a-z-]*)", commands):
        assert target in targets
    for module in re.findall(r"python -m ([\w.]+)", commands):
        assert importlib.util.find_spec(module), module


@pytest.mark.parametrize("name", PAGES)
def test_paths_and_links_exist(name):
    links = [str(token.attrGet("href") or token.attrGet("src") or "") for token in tokens(name)]
    paths = {link.split("#")[0] for link in links if not link.startswith("https:")}
    for span in spans(name):
        looks_like_a_path = re.fullmatch(r"\.?\w[\w.*-]*/[\w./*-]*|[\w-]+\.(md|py|toml)", span)
        # Not what a build writes, nor placeholders such as posts/YYYY/.
        if looks_like_a_path and not re.search(r"^_build/|\.html$|[A-Z]{4}/|/NAME\.", span):
            paths.add(span)
    paths -= {"", *may_be_gone()}
    assert [path for path in paths if not list(ROOT.glob(path))] == []


@pytest.mark.parametrize("name", PAGES)
def test_names_of_the_package_exist(name):
    for span in spans(name):
        if re.fullmatch(r"cnnlib\.explain[\w.]*|cnnlib\.[a-z]+2d", span):
            assert pkgutil.resolve_name(span)
