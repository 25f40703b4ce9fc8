"""The search finds what this blog has, and shows it in an order that helps."""

import re

import pytest
from bs4 import BeautifulSoup

POST = "posts/2021/brief-introduction-to-cnn.html"


def test_search_shows_a_post_with_its_description_by_keyboard(visit, site):
    page = BeautifulSoup((site / POST).read_text("utf-8"), "html.parser")
    description = page.find("meta", attrs={"name": "description"})["content"]
    assert description in search(visit, "introduction", POST)


@pytest.mark.parametrize(
    ("words", "found"), [("pooling", "#pooling"), ("max_pool2d", "#cnnlib.max_pool2d")]
)
def test_search_finds_sections_and_names_by_keyboard(visit, words, found):
    assert words in search(visit, words, found).lower()


def test_search_speaks_like_the_site(visit):
    page = visit("search.html?q=pooling")
    results = page.locator("#search-results")
    results.locator("li").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert results.locator("h3").all_inner_texts() == ["Glossary", "Posts", "Pages", "Library"]
    # A post has its picture once, and what is found in it stands below.
    posts = results.locator("ul.posts li")
    names = posts.locator("a").evaluate_all("all => all.map(one => one.pathname)")
    shown = [item.locator(".thumbnail").is_visible() for item in posts.all()]
    assert shown == [name not in names[:number] for number, name in enumerate(names)]
    assert sum(shown) >= 3
    assert results.locator("li:not(.posts li) .thumbnail:visible").count() == 0
    assert re.search(r"\d+ pages and sections were found\.", results.inner_text())
    section = results.locator("li", has=page.locator("a[href$='#pooling']")).first
    assert section.locator("a").inner_text() == "Pooling"
    assert "Brief introduction to Convolutional Neural Networks ·" in section.inner_text()
    function = results.locator("li", has=page.locator("a[href$='ask_pooling']")).first
    assert "Python function" not in function.inner_text()
    assert function.locator(".context").inner_text().startswith("Pictures · Ask")
    assert results.locator("li .context").count() == results.locator("li").count()
    assert "Search" not in results.inner_text()
    page = visit("search.html?q=zebra")
    page.get_by_text("Nothing was found").wait_for()


def test_search_shows_each_place_once_and_parts_of_a_class_last(visit):
    page = visit("search.html?q=padding")
    results = page.locator("#search-results li > a")
    results.first.wait_for()
    page.wait_for_load_state("networkidle")
    links = results.evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert len(links) == len(set(links))
    parts = ["Trace.padding" in link for link in links]
    assert any(parts)
    assert parts == sorted(parts)


def test_search_finds_every_term_with_the_word_and_shows_the_word_in_each_result(visit):
    page = visit("search.html?q=pooling")
    results = page.locator("#search-results li")
    results.first.wait_for()
    page.wait_for_load_state("networkidle")
    names = results.locator("a").evaluate_all("all => all.map(one => one.textContent)")
    for kind in ("max", "average", "adaptive", "global average"):
        assert f"{kind} pooling" in names
    assert "Pooling forgives small shifts, not large ones" in names
    for text in results.all_inner_texts():
        assert "pool" in text.lower(), text
    # What the library's list says of a page is left out where the page is found.
    places = page.locator("#search-results ul.library li").all_inner_texts()
    assert len([text for text in places if text.startswith("Pooling")]) == 1


def test_search_shows_an_entry_of_the_glossary_once_whatever_its_name(visit):
    for words in ("padding", "half padding"):
        page = visit(f"search.html?q={words}")
        terms = page.locator("#search-results a[href*='#term-']")
        terms.first.wait_for()
        links = terms.evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert "glossary.html#term-same-padding" in links
        assert not any("half-padding" in link for link in links)


def test_search_begins_with_terms_and_posts_and_ends_with_what_explains(visit):
    for words, first in (("pooling", "glossary.html#"), ("conv2d", "api/convolution.html#cnnlib")):
        page = visit(f"search.html?q={words}")
        results = page.locator("#search-results li > a")
        results.first.wait_for()
        page.wait_for_load_state("networkidle")
        links = results.evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert links[0].startswith(first)
        # After functions of that name:
        rest = [link for link in links if not link.endswith(f".{words}")]
        starts = ["posts/", "playground", "snippets", "api/"]
        ranks = [n for link in rest for n, start in enumerate(starts) if link.startswith(start)]
        assert ranks == sorted(ranks)
        assert {0, 2, 3} <= set(ranks)
        explains = ["#cnnlib.explain." in link for link in links]
        assert explains == sorted(explains)
    # Pages of the same name say where they are.
    named = page.locator("#search-results li", has=page.locator("a[href='api/pooling.html']"))
    page.goto(page.url.replace("conv2d", "pooling"))
    assert named.locator(".context").inner_text().startswith("The library · ")


def test_search_marks_the_words_and_shows_what_two_terms_share(visit):
    page = visit("search.html?q=padding")
    term = page.locator("#search-results li", has=page.locator("a[href$='#term-same-padding']"))
    term.wait_for()
    page.wait_for_load_state("networkidle")
    assert len(term.locator(".context").inner_text()) > 60
    marks = term.locator("mark").all_text_contents()
    assert marks
    assert all(word.lower().startswith("pad") for word in marks)


def search(visit, words, found):
    """Search by keyboard, and return the text of the first result that links to `found`."""
    page = visit("search.html")
    page.wait_for_function("document.activeElement.id === 'q'")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    results = page.locator("#search-results")
    result = results.locator("li", has=page.locator(f"a[href*='{found}']")).first
    result.wait_for()
    page.wait_for_load_state("networkidle")  # summaries come after the results
    assert "import " not in results.inner_text()
    return result.inner_text()
