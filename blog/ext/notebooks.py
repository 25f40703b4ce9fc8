"""Write each page with cells as a notebook, and the wheel that its first cell installs."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from blog.check.pages import SUFFIX
from blog.ext.execution import POST_DATA
from blog.ext.notebook_text import PlainText, Resolve
from blog.publish.wheel import build_wheel
from cnnlib.explain.embed import renew_scripts

FETCH = 'import urllib.request; urllib.request.urlretrieve("{url}", "{name}")'
FOLDER = 'import os; os.makedirs("{name}", exist_ok=True)'
COLAB = "https://colab.research.google.com/github/"
RESULTS = Path(__file__).resolve().parents[1] / "measure" / "results"
INSTALL = '%pip install --quiet "cnnlib[posts] @ {url}"'
INSTALL_LOCAL = """\
# cnnlib and data are in the folder of the site, or beside this notebook if you saved them there.
from pathlib import Path

wheel = Path("{path}")
if not wheel.exists():
    wheel = Path(wheel.name)
missing = [str(name) for name in {files} if not Path(name).exists()]
if missing:
    raise FileNotFoundError(f"save beside this notebook, from the links of its page: {{missing}}")
%pip install --quiet "{{wheel}}[posts]"\
"""


def finalize(notebook: nbformat.NotebookNode, install: str) -> nbformat.NotebookNode:
    """Insert the cell that installs cnnlib, and make ids and metadata reproducible."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(install))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        tags = cell.metadata.pop("tags", [])
        if "hide-input" in tags:
            cell.metadata["jupyter"] = {"source_hidden": True}
        if "raises-exception" in tags:  # so that Jupyter runs the cells that follow, too
            cell.metadata["tags"] = ["raises-exception"]
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = count
                if html := output.get("data", {}).get("text/html"):
                    output.data["text/html"] = renew_scripts(html)
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
    }
    return notebook


def data_files(page: Path, notebook: nbformat.NotebookNode) -> list[Path]:
    """Find the files named in a page's cells: around it, of the benchmark, or of another post."""
    code = "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    posts = [page.parent / name for name in dict.fromkeys(POST_DATA.findall(code))]
    nearby = [path for path in sorted(page.parent.rglob("*")) if not SUFFIX.search(path.name)]
    if (page.parent / "posts").exists():  # in the root folder, only what lies beside the page
        nearby = [path for path in nearby if path.parent == page.parent]
    found = [*nearby, *sorted(RESULTS.iterdir()), *posts]
    return [file for file in found if file.is_file() and file.name in code]


def use_local_copy(notebook: nbformat.NotebookNode, page: Path, file: Path) -> str:
    """Return the place of a data file, seen from the notebook.

    Files around the page keep their places; the path of another one is replaced in the cells.
    """
    path = Path(os.path.relpath(file, page.parent)).as_posix()
    if not path.startswith("../") and not POST_DATA.fullmatch(path):
        return path
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = cell.source.replace(path, file.name)
    return file.name


def resolver(app: Sphinx, page: str) -> Resolve:
    """Return a function that finds what a link or a role on a page leads to.

    Without the address of the published site there is nothing that a notebook could link to.
    """
    labels = app.env.get_domain("std").labels  # type: ignore[attr-defined]

    def resolve(kind: str, target: str) -> tuple[str, str]:
        path, _, anchor = target.partition("#")
        if kind in ("ref", "numref"):
            name, anchor, title = labels.get(target.lower(), ("", "", target))
        else:
            folder = posixpath.join("/", posixpath.dirname(page))
            name = posixpath.normpath(posixpath.join(folder, path)) if path else f"/{page}"
            name = SUFFIX.sub("", name.lstrip("/"))
            title = app.env.titles[name].astext() if name in app.env.titles else target
        if not app.config.published or name not in app.env.titles:
            return "", title
        address = app.config.html_baseurl + app.builder.get_target_uri(name)
        return address + (f"#{anchor}" if anchor else ""), title

    return resolve


def executed_pages(app: Sphinx) -> list[str]:
    """Return the names of the pages that have cells."""
    return sorted(
        name for name, data in getattr(app.env, "nb_metadata", {}).items() if "exec_data" in data
    )


def read_executed(app: Sphinx, name: str) -> nbformat.NotebookNode:
    """Read the notebook that MyST-NB made of a page."""
    folder = Path(app.outdir).parent / "jupyter_execute"
    notebook: nbformat.NotebookNode = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    return notebook


def page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the links to a page's notebook to its context.

    Colab opens notebooks from GitHub only: github.com/googlecolab/colabtools, issue 1305.
    """
    if pagename in executed_pages(app):
        context["notebook"] = f"notebooks/{pagename}.ipynb"
        if not app.config.published:
            notebook = read_executed(app, pagename)
            page = Path(app.env.doc2path(pagename))
            folder = posixpath.dirname(context["notebook"])
            data = data_files(page, notebook)
            context["beside_notebook"] = [
                f"wheels/{app.config.wheel}",
                *(f"{folder}/{use_local_copy(notebook, page, file)}" for file in data),
            ]
        if app.config.notebooks_github:
            context["colab"] = f"{COLAB}{app.config.notebooks_github}/{context['notebook']}"


def check_config(app: Sphinx, config: Config) -> None:
    """Check the form of the setting `notebooks_github`."""
    location = config.notebooks_github
    if location and not re.fullmatch(r"[\w.-]+/[\w.-]+/blob/[\w./-]*[\w-]", location, re.ASCII):
        raise ConfigError(f"BLOG_NOTEBOOKS must be OWNER/REPOSITORY/blob/BRANCH, got {location!r}")
    if location and not config.published:
        raise ConfigError(
            "BLOG_NOTEBOOKS needs BLOG_BASEURL, the address of the published site: a notebook that "
            "is opened in Colab fetches cnnlib from there"
        )


def write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Write the wheel, the notebooks and their data into the site.

    Notebooks of a published site also work in another folder: they download the wheel and the data.
    """
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    wheel = build_wheel(Path(app.srcdir), out / "wheels")
    for name in executed_pages(app):
        notebook = read_executed(app, name)
        path = out / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        base = app.config.html_baseurl
        page = Path(app.env.doc2path(name))
        data = {file: use_local_copy(notebook, page, file) for file in data_files(page, notebook)}
        if app.config.published:
            install = INSTALL.format(url=f"{base}wheels/{wheel}")
        else:
            relative = Path(os.path.relpath(out / "wheels" / wheel, path.parent)).as_posix()
            files = "".join(f', "{local}"' for local in data.values())
            install = INSTALL_LOCAL.format(path=relative, files=f"(wheel{files or ','})")
        text = PlainText(resolver(app, name), app.config.myst_substitutions)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = text.convert(cell.source)
        # A fold may have left a cell empty.
        notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
        finalize(notebook, install)
        for file, local in data.items():
            (path.parent / local).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, path.parent / local)
            if app.config.published:
                first, folder = notebook.cells[0], posixpath.dirname(local)
                first.source += f"\n{FOLDER.format(name=folder)}" if folder else ""
                url = f"{base}{path.parent.relative_to(out).as_posix()}/{quote(local)}"
                first.source += f"\n{FETCH.format(url=url, name=local)}"
        nbformat.write(notebook, path)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("notebooks_github", "", "html", [str])
    app.add_config_value("published", False, "html", [bool])
    app.add_config_value("wheel", "", "html", [str])
    app.connect("config-inited", check_config)
    app.connect("html-page-context", page_context)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
