"""What controls have in common on all pages."""

import re


def test_all_that_plays_has_the_same_style(pages):
    found = 0
    for name, page in pages.items():
        for one in page.select("button, .stops > label"):
            if re.match(r"(Play|Stop|Pause)\b", one.get("aria-label", "") + one.get_text()):
                assert "play" in one.get("class", []), (name, one)
                found += 1
    assert found or not any(
        page.select("cnn-explorer, figure.animation") for page in pages.values()
    )


def test_the_rules_of_controls_are_there_once(site):
    sheets = {path.name: path.read_text("utf-8") for path in site.glob("_static/*.css")}
    assert "controls.css" not in sheets
    for rule in (
        ".play::before{content",
        "[aria-pressed=true]:not(.all-code)",
        "summary::before,.toggle",
    ):
        assert [name for name, text in sheets.items() for _ in range(text.count(rule))] == [
            "site.css"
        ], rule
