"""Scripts and styles that an element's HTML brings along into a notebook."""

from __future__ import annotations

import re
from importlib.resources import files

# Markers around what is embedded; the blog removes it and loads its own copies.
BUNDLE = ("<!-- explorer: script -->", "<!-- explorer: end -->")


def web_file(name: str) -> str:
    """Return the text of a file in ``cnnlib/explain/web``."""
    return (files("cnnlib.explain") / "web" / name).read_text("utf-8")


def explorer_modules() -> list[str]:
    """Return the names of the explorer's modules, each after those that it imports."""
    return re.findall(r'^export \* from "\./(.+)";$', web_file("explorer.js"), re.MULTILINE)


def explorer_script() -> str:
    """Join the explorer's modules into one script, without the imports between them.

    It exports what the modules export. Since they share one scope in it, no two modules may
    declare the same name.
    """
    return "".join(map(_without_imports, explorer_modules()))


def stages_script() -> str:
    """Return what the script of an explorer with stages has in addition."""
    return _without_imports("stages.js")


def _without_imports(name: str) -> str:
    return re.sub(r"^import .*\n", "", web_file(name), flags=re.MULTILINE)


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
