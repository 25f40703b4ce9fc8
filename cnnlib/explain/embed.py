"""Scripts and styles that an element's HTML brings along into a notebook."""

from __future__ import annotations

from importlib.resources import files

# Markers around what is embedded; the blog removes it and loads its own copies.
BUNDLE = ("<!-- explorer: script -->", "<!-- explorer: end -->")


def web_file(name: str) -> str:
    """Return the text of a file in ``cnnlib/explain/web``."""
    return (files("cnnlib.explain") / "web" / name).read_text("utf-8")


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
