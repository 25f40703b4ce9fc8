"""Show the source of every module of cnnlib, and link the modules that a source imports.

Sphinx's "viewcode" shows only modules of which a page describes something.
"""

from __future__ import annotations

import pkgutil
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer

import cnnlib

IMPORT = re.compile(r'(<span class="kn">from</span> )(cnnlib[\w.]*)')
# Packages are left out: viewcode's index would put a list directly into a list for them.
MODULES = [
    module.name for module in pkgutil.walk_packages(cnnlib.__path__, "cnnlib.") if not module.ispkg
]


def add_modules(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Add the modules that no page describes to those that viewcode shows."""
    known: dict[str, Any] = env.__dict__.setdefault("_viewcode_modules", {})
    # A blog without a reference of the library shows none of its sources.
    for name in MODULES if known else ():
        if not known.get(name):
            analyzer = ModuleAnalyzer.for_module(name)
            analyzer.find_tags()
            known[name] = analyzer.code, analyzer.tags, {}, name
    return []


def page_name(module: str) -> str:
    """Return the name of the page with the source of a module.

    >>> page_name("cnnlib.conv")
    '_modules/cnnlib/conv'
    """
    return f"_modules/{module.replace('.', '/')}"


def link_imports(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Turn the names of imported modules into links to their sources."""
    if not pagename.startswith("_modules/cnnlib"):
        return

    def link(found: re.Match[str]) -> str:
        if found[2] not in MODULES:
            return found[0]
        address = app.builder.get_relative_uri(pagename, page_name(found[2]))
        return f'{found[1]}<a href="{address}">{found[2]}</a>'

    context["body"] = IMPORT.sub(link, context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("env-updated", add_modules)
    app.connect("html-page-context", link_imports)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
