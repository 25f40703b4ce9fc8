"""Scripts and styles that an element's HTML brings along into a notebook."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from cnnlib.explain.palette import CONTROLS, PALETTE

# What an element can be called, for links to it.
NAME = re.compile(r"[a-z][a-z0-9-]*")
_IMPORT = re.compile(r'^import \{ (.+) \} from "\./(.+)";$', re.MULTILINE)
WORKER = "./training-worker.js"
# Markers around what is embedded; the blog removes it and loads its own copies. The first one
# goes on with the names of the parts, so that they can be put in anew.
BUNDLE = ("<!-- explorer: script ", "<!-- explorer: end -->")
_BUNDLED = re.compile(f"{BUNDLE[0]}([a-z+]+) -->.*?{BUNDLE[1]}", re.DOTALL)


def web_file(name: str) -> str:
    """Return the text of a file in ``cnnlib/explain/web``."""
    return (files("cnnlib.explain") / "web" / name).read_text("utf-8")


def explorer_modules(index: str = "explorer.js") -> list[str]:
    """Return the names of the modules in an index, each after those that it imports."""
    return re.findall(r'^export \* from "\./(.+)";$', web_file(index), re.MULTILINE)


def explorer_script() -> str:
    """Return the script of explorers."""
    return join_modules("explorer.js")


def question_script() -> str:
    """Return the script of questions."""
    return _join(["answers.js", "question.js"])


def _join(modules: Iterable[str]) -> str:
    """Join modules into one script, without the imports between them.

    It exports what the modules export. Since they share one scope in it, no two modules may
    declare the same name.
    """
    return "".join(map(_without_imports, modules))


def guess_script() -> str:
    """Return what the script of an explorer that asks for guesses has in addition."""
    return _join(["answers.js", "guess.js"])


def training_script() -> str:
    """Return the script of trainings."""
    return _join(["training-plot.js", "training.js"])


def training_worker() -> str:
    """Return the script of the worker that trains a network."""
    return _join(["forward.js", "learn.js", "training-worker.js"])


def extra_script() -> str:
    """Return what explorers with all their controls need besides: code, copying, and stages."""
    return _join(["code.js", "drawing.js", "copies.js", "stages.js"])


def photograph_script() -> str:
    """Join the modules of photographs into one script, which imports the explorer's."""
    return _import_from("explorer.js", "photograph.js") + join_modules("photograph.js")


def classifier_script() -> str:
    """Join the modules of classifiers into one script, which imports ``forward.js``."""
    return _import_from("forward.js", "classifier.js") + join_modules("classifier.js")


def _import_from(shared: str, index: str) -> str:
    """Return one import of all that the modules in an index take from others."""
    own = explorer_modules(index)
    imports = {
        name
        for text in map(web_file, own)
        for names, module in _IMPORT.findall(text)
        if module not in own
        for name in names.split(", ")
    }
    return f'import {{ {", ".join(sorted(imports))} }} from "./{shared}";\n'


def join_modules(*indexes: str) -> str:
    """Join the modules in indexes into one script, without the imports between them."""
    return "".join(_without_imports(name) for index in indexes for name in explorer_modules(index))


def _without_imports(name: str) -> str:
    return re.sub(r"^import .*\n", "", web_file(name), flags=re.MULTILINE)


def notebook_css(tag: str, *styles: str) -> str:
    """Return the styles of an element for a notebook, with the colours of the blog's pages.

    Parameters
    ----------
    tag : str
        The name of the element.
    *styles : str
        Its style sheets, each one rule for the element with others nested in it.
    """
    names = PALETTE | CONTROLS
    palette = "".join(f"--{name}:light-dark({a},{b});" for name, (a, b) in names.items())
    palette += f"--lens:{PALETTE['kernel'][1]};"  # on photographs, which are the same on all pages
    # The id raises the specificity above that of the notebook's own rules for tables.
    tag_or_id = f":is({tag}, #{tag}-in-a-notebook)"
    reset = "*, ::before, ::after { box-sizing: border-box }"
    reset += " tbody, tr { padding: 0; background: none }"
    rules = "".join(re.sub(r"^cnn-[\w, -]+(?= \{)", tag_or_id, css) for css in styles)
    shared = f"{tag_or_id}{{{web_file('controls.css')}}}"
    return f"{tag_or_id}{{color-scheme:light dark;{palette} {reset}}}{shared}{rules}"


def with_script(html: str, *parts: str) -> str:
    """Append scripts and styles to the HTML of an element that needs them.

    Parameters
    ----------
    html : str
        The element.
    *parts : str
        The names of its scripts and styles: "explorer" and, for what only some explorers need,
        "extra" and "guess"; "photograph", "network", "training", "classifier" or "question".
    """
    return html + _bundle("+".join(parts))


def renew_scripts(html: str) -> str:
    """Put the scripts and styles as they are now in the place of those that an element's HTML has.

    Examples
    --------
    >>> html = with_script("<cnn-question></cnn-question>", "question")
    >>> renew_scripts(html.replace("function", "fun")) == html
    True
    """
    return _BUNDLED.sub(lambda found: _bundle(found[1]), html)


@cache
def _bundle(names: str) -> str:
    """Return the styles and the script of parts, between markers."""
    styles, scripts = zip(*(_part(name) for name in names.split("+")), strict=True)
    style = f"<style>{''.join(styles)}</style>" if any(styles) else ""
    script = f'<script type="module">{"".join(scripts)}</script>'
    return f"{BUNDLE[0]}{names} -->{style}{script}{BUNDLE[1]}"


def _part(name: str) -> tuple[str, str]:
    """Return the style rules and the script of a part."""
    if name == "explorer":
        return notebook_css("cnn-explorer", web_file("explorer.css")), explorer_script()
    if name == "photograph":
        styles = web_file("explorer.css"), web_file("photograph.css")
        script = join_modules("explorer.js", "photograph.js")
        return notebook_css("cnn-photograph", *styles), script
    if name == "network":
        return notebook_css("cnn-network", web_file("network.css")), web_file("network.js")
    if name == "training":
        worker = base64.b64encode(training_worker().encode()).decode()
        script = training_script().replace(WORKER, f"data:text/javascript;base64,{worker}")
        return notebook_css("cnn-training", web_file("training.css")), script
    if name == "classifier":
        script = web_file("forward.js") + join_modules("classifier.js")
        return notebook_css("cnn-classifier", web_file("classifier.css")), script
    scripts = {"extra": extra_script, "guess": guess_script, "question": question_script}
    return "", scripts[name]()
