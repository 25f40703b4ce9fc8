"""A link that leads nowhere and a picture that is not there say what to write instead."""

import pytest

from blog.build.messages import drop_repeated, explain
from tests.build.small_site import make_post

HERE = "posts/2024/one.md"
FAULTS = {
    "[a](elsewhere.md)": "there is no page posts/2024/elsewhere.md; link to the file of a page",
    "[a](tow.md#part)": "there is no page posts/2024/tow.md; did you mean posts/2024/two.md?",
    "[a](old.md)": "there is no page posts/2024/old.md; did you mean posts/2023/old.md?",
    "[a](/posts/2024/Two.md)": "there is no page posts/2024/Two.md; did you mean posts/2024/two",
    "[a](two.html)": "two.html is not a file here: link to the file of the page, /posts/2024/two",
    "[a](www.example.org)": "www.example.org is taken for a page of this blog: write https://www.",
    "[a](example.org/b)": "example.org/b is taken for a page of this blog: write https://example.",
    "![a](kettle.JPG)": "there is no picture posts/2024/kettle.JPG; you have kettle.jpg",
    "![a](kettle.png)": "there is no picture posts/2024/kettle.png; you have kettle.jpg",
    "![a](bowl.png)": "there is no picture posts/2024/bowl.png; save the picture there",
    "![a](cup.HEIC)": "browsers do not show posts/2024/cup.HEIC: save the picture as JPEG or PNG",
    "```{image} ketle.jpg\n:alt: a\n```": "there is no picture posts/2024/ketle.jpg; you have",
}
GOOD = [
    "[a](two.md) [b](/posts/2023/old.md#c) [c](#d) [e](data.csv) [f](/index) [g](two)",
    "<https://a.org> [a](mailto:a@b.org) ![a](kettle.jpg) ![b](/posts/2024/kettle.jpg)",
]


@pytest.fixture
def check(check_page, tmp_path):
    (tmp_path / "posts/2024/kettle.jpg").write_bytes(b"...")
    for name, year in (("two", 2024), ("old", 2023)):
        assert check_page(make_post(date=f"{year}-01-01"), f"posts/{year}/{name}.md") == []
    return lambda text: check_page(make_post(text=text))


@pytest.mark.parametrize("text", FAULTS)
def test_what_a_link_leads_to_is_there(check, text):
    (found,) = check(text)
    assert found.startswith(f"{HERE}:12: {FAULTS[text]}")


@pytest.mark.parametrize("text", GOOD)
def test_a_link_to_what_is_there_is_no_fault(check, text):
    assert check(text) == []


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Unknown directive type: 'code-cel'", 'there is no directive {code-cel}; did you mean "'),
        (
            'Unknown interpreted text role "rfe".',
            'there is no role {rfe}; did you mean "ref"?',
        ),
        (
            "'myst' cross-reference target not found: 'nothing'",
            "there is nothing that the link to nothing could lead to: link to pages by their file",
        ),
        (
            "more than one target found for 'myst' cross-reference tea: could be :std:ref: or ",
            "the link to tea can mean several things: link to pages by their file",
        ),
        (
            "local id not found in doc 'posts/2024/two': 'zip'",
            'posts/2024/two.md has no heading or label "zip"',
        ),
        ("anything else", "anything else"),
    ],
)
def test_messages_of_sphinx_are_said_in_plain_words(message, words):
    assert explain(f"a.md:3: {message}").startswith(f"a.md:3: {words}")


def test_a_message_without_a_place_is_not_repeated():
    one, two = "posts/2024/a.md:3: alike", "posts/2024/b.ipynb: cell 3, line 2: alike"
    assert drop_repeated(["alike", one, two, "conf.py:1: wrong"]) == [one, two, "conf.py:1: wrong"]
    assert drop_repeated(["alike"]) == ["alike"]
