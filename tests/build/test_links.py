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
FAULTS |= {
    "[a](data2.csv)": "there is no file posts/2024/data2.csv; you have data.csv",
    "[a](/README.md)": "README.md is not a page of the blog, so readers cannot open it: remove the",
    "[a](ann@example.org)": "ann@example.org is taken for a page of this blog: write mailto:ann@",
    "[a](mailto:ann)": "mailto:ann is not an address of e-mail: write mailto:name@example.org",
    "[a](tel:+491234)": 'tel:+491234: unknown URL scheme "tel"; allowed: http, https, mailto',
}
GOOD = [
    "[a](two.md) [b](/posts/2023/old.md#c) [c](#d) [e](data.csv) [f](/index) [g](two)",
    "<https://a.org> [a](mailto:a@b.org) ![a](kettle.jpg) ![b](/posts/2024/kettle.jpg)",
]


@pytest.fixture
def check(check_page, tmp_path):
    for name in ("kettle.jpg", "data.csv"):
        (tmp_path / "posts/2024" / name).write_bytes(b"...")
    (tmp_path / "README.md").write_text("Words.\n")
    exclude = "exclude_patterns = ['README.md', '**/.ipynb_checkpoints']\n"
    with (tmp_path / "conf.py").open("a") as conf:
        conf.write(exclude)
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
        (
            "Pygments lexer name 'pyton' is not known",
            'there is no language "pyton"; did you mean "',
        ),
        (
            "Pygments lexer name 'note' is not known",
            'there is no language "note"; for a directive,',
        ),
        ("'myst' cross-reference target not found: ''", "the link leads nowhere: write an address"),
        (
            "Pygments lexer name 'plaintext' is not known",
            'there is no language "plaintext": write ```text',
        ),
        (
            "Pygments lexer name 'mermaid' is not known",
            "a block of mermaid is not shown as one: draw it in a code cell, and show it with pic",
        ),
        ("Unknown directive type: 'python'", "there is no directive {python}: write {code-cell} p"),
        (
            "Found an unexpected `code-cell` or `raw-cell` directive. Either this file",
            "a code cell stands by itself: outside of lists, notes and quotes",
        ),
        (
            "Directive 'figure': 1 argument(s) required, 0 supplied",
            "something is missing behind the name of {figure}: a file for a picture, or a title",
        ),
        (
            "Document or section may not begin with a transition.",
            "a line --- stands where a section begins: remove it",
        ),
        (
            'Duplicate explicit target name: "one".',
            'the label "one" is already used on this page: give it another name',
        ),
        (
            "duplicate label one, other instance in posts/2024/b.md",
            'the label "one" is already used in posts/2024/b.md: give it another name',
        ),
        (
            "equation not found: one",
            'no equation has the label "one": write it behind the equation, $$ ... $$ (one)',
        ),
        (
            "Substitution error:UndefinedError: 'name' is undefined",
            "nothing is defined that could stand for {{ name }}: to show it, write it between ba",
        ),
        (
            "Substitution error:TemplateSyntaxError: unexpected '<'",
            "what stands between {{ and }} is not understood here: write out what it stands for",
        ),
        ("download file not readable: a.csv", "there is no file a.csv; save it there"),
        (
            "py:func reference target not found: cnnlib.conv3d",
            "the reference of the library has no cnnlib.conv3d: write `cnnlib.conv3d`",
        ),
        ("anything else", "anything else"),
    ],
)
def test_messages_of_sphinx_are_said_in_plain_words(message, words):
    assert explain(f"a.md:3: {message}").startswith(f"a.md:3: {words}")


LOOKED_UP = {
    "'myst' cross-reference target not found: 'Part-One'": "did you mean #part-one?",
    "'myst' cross-reference target not found: '/posts/2024/tow'": "you mean /posts/2024/two.md?",
    "'myst' cross-reference target not found: '/posts/'": "write {ref}`posts <blog-posts>`",
    "more than one target found for 'myst' cross-reference two: could": "write /posts/2024/two.md",
    "local id not found in doc 'posts/2024/two': 'kernel'": "did you mean #kernels?",
    "unknown document: '/posts/2024/tw'": "did you mean /posts/2024/two.md?",
}


@pytest.mark.parametrize("message", LOOKED_UP)
def test_what_was_meant_is_looked_up(tmp_path, message):
    (tmp_path / "posts/2024").mkdir(parents=True)
    (tmp_path / HERE).write_text("# One\n\n## Part one\n\n[a](#Part-One)\n")
    (tmp_path / "posts/2024/two.md").write_text("# Two\n\n## Kernels\n")
    assert LOOKED_UP[message] in explain(f"{HERE}:5: {message}", tmp_path)


def test_what_sphinx_says_again_in_other_words_is_left_out():
    label = f'{HERE}:9: the label "x" is already that of an equation in posts/2024/one'
    ids = 'posts/2024/one.md:: Duplicate ID: "equation-x" used by <target> and <target>'
    error = f"{HERE}:9: a cell raised SyntaxError: invalid syntax"
    colours = f"{HERE}:9: this code is not ipython3 at 'x': correct it"
    assert drop_repeated([label, ids, error, colours, error]) == [label, error]
    assert drop_repeated([colours]) == [colours]


def test_a_message_without_a_place_is_not_repeated():
    one, two = "posts/2024/a.md:3: alike", "posts/2024/b.ipynb: cell 3, line 2: alike"
    assert drop_repeated(["alike", one, two, "conf.py:1: wrong"]) == [one, two, "conf.py:1: wrong"]
    assert drop_repeated(["alike"]) == ["alike"]
