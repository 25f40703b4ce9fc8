"""The Atom feed: its dates, links and content, which must work outside the site."""

import re
from datetime import datetime
from urllib.parse import urldefrag

import pytest
from bs4 import BeautifulSoup
from lxml import etree

from blog.ext.plain_math import plain_text
from cnnlib import avg_pool2d
from cnnlib.explain.equations import mean
from cnnlib.explain.trace import trace

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def feed(site):
    return etree.parse(site / "posts" / "atom.xml").getroot()


@pytest.fixture(scope="module")
def base(feed):
    return feed.findtext("a:id", namespaces=ATOM)


def founding(feed):
    """Find the founding post's entry: the oldest."""
    return feed.findall("a:entry", ATOM)[-1]


@pytest.fixture(scope="module")
def post(site):
    """Return the founding post's page."""
    path = site / "posts/2021/brief-introduction-to-cnn.html"
    return BeautifulSoup(path.read_text("utf-8"), "html5lib")


@pytest.fixture(scope="module")
def content(feed):
    return BeautifulSoup(founding(feed).findtext("a:content", namespaces=ATOM), "html5lib").body


def test_the_feed_has_what_rfc_4287_requires(feed):
    for place in (feed, *feed.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(place.findall(f"a:{name}", ATOM)) == 1, (place.tag, name)
    assert feed.find("a:link[@rel='self']", ATOM).get("href").endswith("/posts/atom.xml")
    for entry in feed.findall("a:entry", ATOM):
        assert entry.findtext("a:author/a:name", namespaces=ATOM)
        assert entry.find("a:content", ATOM).get("type") == "html"


def test_dates_are_those_of_the_posts_not_of_the_build(feed, post):
    entry = feed.findall("a:entry", ATOM)[-1]
    assert entry.findtext("a:title", namespaces=ATOM) == post.h1.get_text()
    published = datetime.fromisoformat(entry.findtext("a:published", namespaces=ATOM))
    assert (published.year, published.month, published.day) == (2021, 8, 17)
    assert published.utcoffset().total_seconds() == 0
    newest = max(e.findtext("a:updated", namespaces=ATOM) for e in feed.findall("a:entry", ATOM))
    assert feed.findtext("a:updated", namespaces=ATOM) == newest


def test_every_figure_has_one_picture(feed, site):
    for entry in feed.findall("a:entry", ATOM):
        content = BeautifulSoup(entry.findtext("a:content", namespaces=ATOM), "html5lib")
        figures = [figure for figure in content.select("figure") if not figure.table]
        wrong = [figure.get_text()[:60] for figure in figures if len(figure.select("img")) != 1]
        assert wrong == []
        assert not content.select("picture, source")


def test_every_address_is_absolute_and_those_of_the_site_exist(feed, content, base, site):
    links = [node.get("href") for node in feed.iterfind(".//a:link", ATOM)]
    links += [node["href"] for node in content.find_all(href=True)]
    links += [node["src"] for node in content.find_all(src=True)]
    assert len(links) > 8
    for link in links:
        assert re.match(r"https?://", link), link
        if link.startswith(base):
            path = urldefrag(link)[0].removeprefix(base) or "index.html"
            assert (site / path).is_file(), link


def read_plainly(content):
    """Return what a reader shows that strips MathML, SVG, styles, scripts and unknown elements."""
    shown = BeautifulSoup(str(content), "html5lib").body
    for node in shown.select("math, svg, style, script, template, button, input, form"):
        node.decompose()
    return " ".join(shown.get_text(" ").split())


def test_the_content_is_complete_and_its_equations_are_lines_of_text(content, post):
    text = read_plainly(content)
    parts = post.article.section.select("h2, h3, section > p:not(.standfirst)")
    assert len(parts) > 8
    for part in parts:
        for words in part.find_all(string=True, recursive=False):
            assert " ".join(words.split()) in text
    assert "Y₁,₁ = a · k₁₁ + b · k₁₂ + e · k₂₁ + f · k₂₂" in text
    assert not re.search(r"\\(?:frac|cdot|begin)", text)


def test_a_reader_without_mathml_and_scripts_shows_sensible_text(content):
    text = read_plainly(content)
    assert "max [3 1; 4 2] = 4" in text
    assert not content.find_all(["cnn-explorer", "cnn-question", "math", "template", "button"])
    assert "Show the code" not in text
    assert "The answer" not in text


def test_a_mean_is_written_in_one_line():
    traced = trace(avg_pool2d, [[3, 1], [4, 2]], 2)
    equation = etree.fromstring(f"<div>{mean(traced[0, 0]).mathml}</div>")
    assert plain_text(equation) == "(3 + 1 + 4 + 2) / 4 = 2.5"


def test_explorers_and_questions_lead_to_the_page(content, post, base, site):
    tried = [a["href"] for a in content.find_all("a", string="Try it on the page")]
    pages_own = [explorer["id"] for explorer in post.find_all("cnn-explorer")]
    assert [link.rpartition("#")[2] for link in tried] == pages_own
    assert pages_own
    assert content.find_all("a", string="Answer it on the page")
    for link in content.find_all("a", string="Try it on the page"):
        picture = link.parent.img
        assert picture["alt"].startswith("Input")
        assert picture.find_next_sibling() == link.find_previous_sibling("br")


def test_what_an_explorer_shows_is_not_shown_again(content, post):
    animation = post.select_one(".cell:has(cnn-explorer) + .cell figure.animation")
    assert animation.figcaption.get_text() not in content.get_text()
    assert not content.find_all("img", src=re.compile("#step"))


def test_pictures_have_light_paper_of_their_own(content, base, site):
    pictures = content.find_all("img")
    assert len(pictures) > 4
    for picture in pictures:
        assert picture["alt"]
        drawn = (site / urldefrag(picture["src"])[0].removeprefix(base)).read_text("utf-8")
        assert '<rect width="100%" height="100%" fill="#fcfbf8"/>' in drawn
        assert "prefers-color-scheme" not in drawn
        etree.fromstring(drawn.encode())


def test_the_content_has_no_scripts_controls_or_error_messages(content):
    assert not content.select("script, style, input, label, [id], [class], .system-message")
    assert "System Message" not in content.get_text()
    assert not content.find_all("a", string="↑")


def test_the_summary_is_the_post_s_description(feed, post):
    described = post.find("meta", attrs={"name": "description"})["content"]
    assert founding(feed).findtext("a:summary", namespaces=ATOM) == described
