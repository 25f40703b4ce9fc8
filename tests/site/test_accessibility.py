"""Headings, folds, search and citations for readers with a screen reader or a keyboard."""

import re

import pytest

from tests.tools import say


@pytest.fixture(scope="module")
def design(pages):
    return pages["guide/design.html"]


def test_headings_have_plain_names_and_labelled_links(pages, design):
    for name, page in pages.items():
        for heading in page.main.find_all(re.compile("^h[1-6]$")):
            assert "#" not in heading.get_text(), name
        for link in page.select("a.headerlink"):
            assert len(link["aria-label"]) > 8, name
    links = design.select("section > a.headerlink")
    assert len(links) > 3
    for link in links:
        heading = link.find_previous_sibling()
        assert heading.name in ("h2", "h3")
        assert link["aria-label"] == f"{say('Link to')}: {heading.get_text()}"


def test_folded_code_follows_its_output_and_names_it(pages):
    for name, page in pages.items():
        folds = page.select("details.hide")
        for fold in folds:
            assert not fold.find_next_siblings(class_="cell_output"), name
        names = [fold.summary.get_text(" ", strip=True) for fold in folds]
        assert all(f" {say('of')}: " in words for words in names), (name, names)
        assert len(set(names)) == len(names), (name, names)


def test_citations_show_author_and_year_and_link_back(pages):
    page = pages["guide/design.html"]
    cited = [link.get_text() for link in page.select("a.cite")]
    assert len(cited) > 2
    for text in cited:
        assert re.fullmatch(r"\[\w.* \d{4}\]", text), text
    entries = page.select(".footnote")
    names = [entry.p.get_text().split(" (")[0].split()[-1] for entry in entries]
    assert names == sorted(names)
    assert len(names) == len(cited)
    for link in page.select("a.cite"):
        entry = page.select_one(link["href"])
        back = entry.select_one("a[role=doc-backlink]")
        assert back["href"] == f"#{link['id']}"
        assert back["aria-label"] == say("Back to the text")


def test_the_pieces_of_an_equation_are_announced_as_one(design):
    for equation in design.select(".equation:not(template *)"):
        assert equation["role"] == "group"
        assert equation["aria-label"] in ("Equation", say("Equation"))  # the library's are English
