"""Build a page or two in this process, with some extensions of the blog and no cells: quickly."""

import runpy
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils

from blog.build.sphinx_build import WarningStream

SETTINGS = runpy.run_path(str(Path(__file__).parents[2] / "conf.py"))
CONF = 'project = "Tiny"\nhtml_theme = "basic"\n'
CONF += "".join(
    f"{name} = {value!r}\n"
    for name, value in SETTINGS.items()
    if name.startswith("myst_")
    or name in ("html_math_renderer", "html_scaled_image_link", "suppress_warnings")
)
EXTENSIONS = ("myst_parser", "blog.ext.images", "blog.ext.figures", "blog.ext.mathml")


@dataclass
class Built:
    """What a build gave."""

    out: Path
    messages: list[str]
    env: BuildEnvironment

    def page(self, name="index"):
        """Return a page, parsed."""
        return BeautifulSoup((self.out / f"{name}.html").read_text("utf-8"), "html5lib")


def build(folder, text, *extensions, conf=CONF, **files):
    """Build a page with a text; further arguments are other pages."""
    names = [*EXTENSIONS, *extensions]
    (folder / "conf.py").write_text(f"{conf}\nextensions = {names!r}\n")
    for name, content in ({"index": text} | files).items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    stream = WarningStream(folder)
    out = folder / "_build"
    nocolor()
    with patch_docutils(folder), docutils_namespace():
        app = Sphinx(folder, folder, out, folder / "_doctrees", "html", status=None, warning=stream)
        app.build(force_all=True)
    return Built(out, stream.messages, app.env)
