"""The words around the texts: each language has all of them, and none that nobody says."""

import re
import tomllib

import pytest

from blog.ext import words
from tests.build.small_site import ROOT

LANGUAGES = sorted(words.FOLDER.glob("*.toml"))
SAID = re.compile(r"""\b(?:say|word)\((?:(?:self\.|app\.)?config, )?(['"])([^'"]+)\1\)""")


def said(text):
    """Return the words that a template, an extension or a script says."""
    return {words for _, words in SAID.findall(text)}


def sources():
    """Return the text of everything that may say something."""
    paths = [*ROOT.glob("blog/templates/**/*.html"), *ROOT.glob("blog/ext/*.py")]
    paths += [*ROOT.glob("_static/*.js"), ROOT / "conf.py"]
    return {path: path.read_text("utf-8") for path in paths}


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_language_has_the_words_that_are_said(path):
    known = tomllib.loads(path.read_text("utf-8"))
    everything = "\n".join(sources().values())
    assert {"Search", "Copied", "Link to", "Filed under"} <= said(everything)
    assert said(everything) - known.keys() == set()
    quoted = [(f'"{text}"', f"'{text}'") for text in known]
    assert [one for one, other in quoted if one not in everything and other not in everything] == []
    assert "" not in known.values()


def test_pages_have_the_words_that_their_scripts_say():
    scripts = {path.name: text for path, text in sources().items() if path.suffix == ".js"}
    search, elsewhere = said(scripts.pop("search-settings.js")), said("\n".join(scripts.values()))
    assert "Results" in search
    assert "Copied" in elsewhere
    assert search <= set(words.IN_SEARCH)
    assert elsewhere <= set(words.IN_SCRIPTS)


def test_a_dialect_has_the_words_of_its_language_and_others_stay_english():
    assert words.read_words("de_AT") == words.read_words("de")
    assert words.read_words("xx") == {}
