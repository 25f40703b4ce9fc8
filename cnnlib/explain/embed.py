"""Scripts and styles that an element's HTML brings along into a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

from cnnlib.explain.palette import PALETTE

_IMPORT = re.compile(r'^import \{ (.+) \} from "\./(.+)";$', re.MULTILINE)
# Markers around what is embedded; the blog removes it and loads its own copies.
BUNDLE = ("<!-- explorer: script -->", "<!-- explorer: end -->")


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


def training_worker() -> str:
    """Return the script of the worker that trains a network."""
    return _join(["learn.js", "training-worker.js"])


def extra_script() -> str:
    """Return what explorers with all their controls need besides: code, copying, and stages."""
    return _join(["code.js", "drawing.js", "copies.js", "stages.js"])


def photograph_script() -> str:
    """Join the modules of photographs into one script, which imports the explorer's."""
    own = explorer_modules("photograph.js")
    imports = {
        name
        for text in map(web_file, own)
        for names, module in _IMPORT.findall(text)
        if module not in own
        for name in names.split(", ")
    }
    shared = f'import {{ {", ".join(sorted(imports))} }} from "./explorer.js";\n'
    return shared + join_modules("photograph.js")


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
    names = PALETTE | {"accent": ("#3a43ad", "#a9b4ff"), "positive": ("#b03a2e", "#f08a7a")}
    palette = "".join(f"--{name}:light-dark({a},{b});" for name, (a, b) in names.items())
    # The id raises the specificity above that of the notebook's own rules for tables.
    tag_or_id = f":is({tag}, #{tag}-in-a-notebook)"
    reset = "*, ::before, ::after { box-sizing: border-box }"
    reset += " tbody, tr { padding: 0; background: none }"
    rules = "".join(re.sub(r"^cnn-[\w, -]+(?= \{)", tag_or_id, css) for css in styles)
    return f"{tag_or_id}{{color-scheme:light dark;{palette} {reset}}}{rules}"


def with_script(html: str, script: str, css: str = "") -> str:
    """Append a script to the HTML of an element that needs it.

    Parameters
    ----------
    html : str
        The element.
    script : str
        The text of the script, a module.
    css : str
        The style rules of the element, if it has any.
    """
    style = f"<style>{css}</style>" if css else ""
    return f'{html}{BUNDLE[0]}{style}<script type="module">{script}</script>{BUNDLE[1]}'
