"""Facts of the blog in conf.py: a mistake stops the build with the line and what to write."""

import pytest

from blog.check.settings import check_settings

FACTS = {
    "project": "Waves",
    "tagline": "Signals, step by step",
    "description": "A blog on signals.",
    "authors": {"ann": ("Ann", None), "ben-2": ("Ben", "https://ben.example.org")},
    "language": "zh_CN",
    "licences": {"All": ("CC0", "https://creativecommons.org/publicdomain/zero/1.0/")},
    "links": {"Mastodon": "https://social.example.org/@ann"},
    "repository": "",
    "colours": {"kernel": ("#7d5700", "#f5bf48")},
    "logo_letter": "WF",
    "words": {"Search": "Suche"},
}


def test_valid_facts_have_no_problem():
    assert check_settings(FACTS, "") == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("project", "", "'' is not a text"),
        ("authors", {}, "{} names nobody; write {"),
        ("authors", {"Ann Lee": ("Ann", None)}, '"Ann Lee" is not a key; use lower-case'),
        ("authors", {"ann": "Ann"}, "\"ann\" is 'Ann'; write a name, and an address"),
        ("authors", {"ann": ("Ann", "ann.org")}, "write a name, and an address"),
        ("language", "German", '"German" is not the name of a language'),
        ("licences", {"All": "CC0"}, "\"All\" is 'CC0'; write a name and an address"),
        ("links", {"Mail": "ann@example.org"}, "\"Mail\" leads to 'ann@example.org'"),
        ("repository", "git@example.org:a/b", "is not an address (https://…)"),
        ("logo_letter", "Wave", "'Wave' is more than two letters"),
        ("words", {"Search": None}, '"Search" is None; write a text'),
        ("colours", {"kernl": ("#7d5700", "#f5bf48")}, '"kernl" is not one of paper, surface'),
        ("colours", {"kernel": "#7d5700"}, "kernel is '#7d5700'; write two colours as #rrggbb"),
        ("colours", {"kernel": ("brown", "#f5bf48")}, "write two colours as #rrggbb"),
        (
            "colours",
            {"kernel": ("#f5bf48", "#f5bf48")},
            "kernel in #f5bf48 has a contrast of 1.6 on the light paper, #fcfbf8; 4.5 is needed",
        ),
        ("colours", {"paper": ("#808080", "#15181d")}, "on the light paper, #808080"),
    ],
)
def test_a_mistake_is_found_on_its_line(name, value, message):
    text = (
        f'project = "Waves"\n\n{name}: object = ...\n' if name != "project" else "\n\nproject = ..."
    )
    found = check_settings(FACTS | {name: value}, text)
    assert found
    assert found[0].startswith(f"conf.py:3: {name}: ")
    assert message in found[0]
