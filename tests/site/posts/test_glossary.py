"""Each term of the glossary has a sentence, and a link to a place that shows it."""

import posixpath
from urllib.parse import urlsplit

import pytest

# Where a place speaks of a term in other words.
SPOKEN = {
    "activation function": "activation",
    "checkerboard pattern": "checkerboard",
    "invariance": "invariant",
}


@pytest.fixture(scope="module")
def terms(pages):
    """Return each definition by its terms."""
    found = {}
    names = []
    for node in (
        pages["glossary.html"].select_one("dl.glossary").find_all(["dt", "dd"], recursive=False)
    ):
        if node.name == "dt":
            names.append(node.contents[0].strip())
        else:
            found[tuple(names)] = node
            names = []
    return found


def test_terms_are_in_order_and_each_is_explained_in_a_sentence(terms):
    first = [names[0].lower() for names in terms]
    assert first == sorted(first)
    assert len(terms) >= 25
    for names, definition in terms.items():
        words = definition.text.split()
        assert 10 <= len(words) <= 70, names
        assert definition.text.strip().endswith("."), names


def test_each_term_links_to_a_place_that_shows_it(terms, pages):
    for names, definition in terms.items():
        links = [urlsplit(a["href"]) for a in definition.select("a[href]")]
        places = [link for link in links if link.path]
        assert places, names
        for link in places:
            page = pages[posixpath.normpath(link.path)]
            place = page.find(id=link.fragment) if link.fragment else page.find("article")
            place = place or page.find("main")
            assert place is not None, (names, link)
        shown = " ".join(
            (
                pages[posixpath.normpath(link.path)].find(id=link.fragment) or pages[link.path].main
            ).text
            for link in places
        ).lower()
        spoken = {SPOKEN.get(name, name).lower() for name in names}
        assert any(name in shown for name in spoken), names


def test_each_letter_leads_to_its_first_term(terms, pages):
    links = pages["glossary.html"].select("nav.letters a")
    first = {}
    for names in terms:
        first.setdefault(names[0][0].upper(), names[0])
    assert [link.text for link in links] == list(first)
    for link in links:
        place = pages["glossary.html"].find(id=link["href"].removeprefix("#"))
        assert place.contents[0].strip() == first[link.text]


def test_terms_that_the_posts_use_are_there(terms):
    wanted = "depth,linear layer,fully connected layer,flatten,class,share,slice,invariance"
    wanted += ",threshold,global average pooling,training,parameter"
    assert set(wanted.split(",")) <= {name for names in terms for name in names}


def test_the_front_page_leads_to_the_glossary(pages):
    links = [a["href"] for a in pages["index.html"].select("main a")]
    assert "glossary.html" in links


def test_terms_of_operations_have_pictures(terms):
    shown = {names[0] for names, definition in terms.items() if definition.select("svg.thumbnail")}
    assert {"convolution", "max pooling", "padding", "ReLU", "softmax"} <= shown
    assert "bias" not in shown
