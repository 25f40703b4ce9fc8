"""The words around the texts, in the language of the blog.

Templates, extensions and the scripts in _static/ write them in English: `say("Search")`. A language
may have a file in blog/words/ with its own; `words` in conf.py goes before these.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

FOLDER = Path(__file__).resolve().parents[1] / "words"
# What the scripts say, on every page and on the search page; these have the translations.
IN_SCRIPTS = (
    *("Colours", "as the system has them", "light", "dark"),
    *("Copy", "Copy the code", "Copied", "Selected"),
)
IN_SEARCH = (
    *("Searching …", "Results", "One page or section was found."),
    "${resultCount} pages and sections were found.",
    "Nothing was found. Try fewer words, or a word from a heading.",
    *("Functions of this name", "Glossary", "Posts", "Pages", "Library", "The library"),
)


def read_words(language: str) -> dict[str, str]:
    """Return the words of a language by the English ones; none if it has no file.

    >>> read_words("de_AT")["Archive"], read_words("fr_CA")
    ('Archiv', {})
    """
    names = (language.replace("-", "_"), language.replace("-", "_").partition("_")[0])
    for path in (FOLDER / f"{name}.toml" for name in names):
        if path.exists():
            return tomllib.loads(path.read_text("utf-8"))
    return {}


def say(config: Config, text: str) -> str:
    """Return some words in the language of the blog; as they are, without this extension."""
    return str(getattr(config, "words", {}).get(text, text))


def add_words(app: Sphinx, config: Config) -> None:
    """Complete `words` in conf.py by those of the language."""
    config.words = read_words(config.language or "en") | config.words
    config.nb_code_prompt_show = say(config, config.nb_code_prompt_show)
    missing = config.notfound_context
    about = {name: say(config, text) for name, text in missing["meta"].items()}
    config.notfound_context = {"title": say(config, missing["title"]), "meta": about}


def page_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Let the templates say words, and pass those of the scripts on."""
    words = app.config.words
    context["say"] = lambda text: say(app.config, text)
    said = IN_SCRIPTS + (IN_SEARCH if pagename == "search" else ())
    context["script_words"] = {text: words[text] for text in said if text in words}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("words", {}, "env", [dict])
    app.connect("config-inited", add_words, priority=100)
    app.connect("html-page-context", page_context, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
