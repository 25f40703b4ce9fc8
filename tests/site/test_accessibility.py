"""Headings, folds, search and citations for readers with a screen reader or a keyboard."""

import json
import re

import pytest


@pytest.fixture(scope="module")
def post(pages):
    return pages["posts/2021/brief-introduction-to-cnn.html"]


def test_headings_have_plain_names_and_labelled_links(pages, post):
    for name, page in pages.items():
        for heading in page.main.find_all(re.compile("^h[1-6]$")):
            assert "#" not in heading.get_text(), name
        for link in page.select("a.headerlink"):
            assert len(link["aria-label"]) > 8, name
    links = post.select("section > a.headerlink")
    assert len(links) > 3
    for link in links:
        heading = link.find_previous_sibling()
        assert heading.name in ("h2", "h3")
        assert link["aria-label"] == f"Link to: {heading.get_text()}"


def test_folded_code_follows_its_output_and_names_it(pages):
    for name, page in pages.items():
        folds = page.select("details.hide")
        for fold in folds:
            assert not fold.find_next_siblings(class_="cell_output"), name
        names = [fold.summary.get_text(" ", strip=True) for fold in folds]
        assert all(" of: " in words for words in names), (name, names)
        assert len(set(names)) == len(names), (name, names)


def test_the_search_index_has_prose_and_names_but_no_code(site):
    text = (site / "searchindex.js").read_text("utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").rstrip(")\n;"))
    number = index["docnames"].index("posts/2021/brief-introduction-to-cnn")

    def found(word):
        where = index["terms"].get(word, [])
        return number in (where if isinstance(where, list) else [where])

    assert found("kernel")
    assert found("averag")
    assert not found("fig")  # a variable of its cells
    assert not found("imshow")
    assert "CNN process" in str(index["alltitles"].keys())
    assert "max_pool2d" in str(index["objects"])


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
        assert back["aria-label"] == "Back to the text"


def test_the_pieces_of_an_equation_are_announced_as_one(post):
    for equation in post.select(".equation:not(template *)"):
        assert (equation["role"], equation["aria-label"]) == ("group", "Equation")
