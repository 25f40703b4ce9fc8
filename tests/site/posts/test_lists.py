"""What the front page, the lists, the index of the search and the head of a page say of posts."""

import json
import posixpath
import re
from itertools import pairwise

from blog.check.pages import KEPT
from blog.ext.kept_pages import leave_out
from tests.site.test_seo import meta
from tests.tools import ROOT

POST = "posts/2021/brief-introduction-to-cnn"


def test_the_expected_pages_are_there_and_no_list_of_drafts(pages):
    names = {name for name in pages if name.startswith("posts")}
    assert {
        "posts.html",
        "posts/archive.html",
        "posts/2021.html",
        "posts/tag.html",
        "posts/tag/cnn.html",
        "posts/tag/deep-learning.html",
        "posts/tag/vision.html",
        "posts/category.html",
        "posts/category/deep-learning.html",
        "posts/2021/brief-introduction-to-cnn.html",
    } <= names
    assert {"index.html", "about.html", "404.html", "search.html", "api/index.html"} <= set(pages)
    assert "posts/drafts.html" not in pages


def test_the_front_page_lists_the_posts_and_its_sums_are_right(pages):
    front = pages["index.html"]
    path = front.select(".path h3 a")
    assert path[0]["href"] == "posts/2021/brief-introduction-to-cnn.html"  # the series begins
    for link in path:
        post = pages[link["href"]]
        card = link.find_parent("li")
        assert link.get_text() == post.h1.get_text()
        assert card.select_one("svg.thumbnail")["aria-hidden"] == "true"
        assert (
            card.select("p")[-1].get_text()
            == post.find("meta", attrs={"name": "description"})["content"]
        )
    starts = {a.get_text(): a["href"] for a in front.select("h1 ~ p a")}
    assert starts["Start with the introduction"] == path[0]["href"]
    assert starts["Try it"] == "playground.html"
    cells = {
        part: [
            int(t.get_text().lstrip("×").replace("\u2212", "-"))
            for t in front.select(f".motif .{part} text")
        ]
        for part in ("input", "over", "output")
    }
    rows = [cells["input"][n : n + 4] for n in range(0, 16, 4)]
    assert rows[0] == [0, 4, 9, 8]  # the piece of the handwritten 7 that the first post works with
    sums = [
        sum(rows[r + u][c + v] * cells["over"][2 * u + v] for u in range(2) for v in range(2))
        for r in range(3)
        for c in range(3)
    ]
    assert sums == cells["output"]


def test_lists_show_a_thumbnail_of_each_post_with_its_own_values(pages):
    for name in ("posts.html", "posts/archive.html", "posts/tag.html", "posts/tag/cnn.html"):
        drawn = {
            svg.parent.a["href"].rpartition("/")[2]: str(svg)
            for svg in pages[name].select("main svg.thumbnail")
        }
        assert len(set(drawn.values())) == len(drawn) >= 2, name


def test_lists_begin_with_the_newest_post_and_of_one_day_with_the_last_of_the_path(pages):
    path = [link["href"] for link in pages["index.html"].select(".path h3 a")]
    dates = {name: pages[name].select_one("article time")["datetime"] for name in path}
    newest_first = sorted(path, key=lambda name: (dates[name], path.index(name)), reverse=True)
    assert len(set(dates.values())) < len(path)
    for name, links in {
        "posts.html": ".card :is(h2, h3) a",
        "posts/archive.html": ".lines a",
        "posts/tag/cnn.html": ".card :is(h2, h3) a",
    }.items():
        listed = [
            posixpath.normpath(posixpath.join(posixpath.dirname(name), link["href"]))
            for link in pages[name].select(links)
        ]
        assert listed == newest_first, name


def test_each_post_leads_to_the_next_one_of_the_front_page(pages):
    path = [link["href"] for link in pages["index.html"].select(".path h3 a")]
    assert len(path) >= 3
    for name, following in pairwise(path):
        link = pages[name].select_one(".beside .next")["href"]
        assert posixpath.normpath(posixpath.join(posixpath.dirname(name), link)) == following
        # The end of the text does not say it once more.
        said = [a["href"] for a in pages[name].select("article > section > p:last-of-type a")]
        assert posixpath.basename(following) not in map(posixpath.basename, said), name
    assert pages[path[-1]].select_one(".beside .next") is None


def test_lists_are_named_by_their_subject_alone(pages):
    names = {
        "tag/vision": ("Tags", "Vision"),
        "category/deep-learning": ("Categories", "Deep Learning"),
    }
    for name, (kind, subject) in (names | {"2021": ("Archive", "2021")}).items():
        head = pages[f"posts/{name}.html"].select_one(".list-head")
        assert (head.select_one(".kicker").get_text(strip=True), head.h1.get_text()) == (
            kind,
            subject,
        )
    assert pages["posts/tag/vision.html"].title.get_text().startswith("Vision")


def test_charts_have_their_finding_as_title_and_named_axes(pages, site):
    page = pages["posts/2026/how-fast-can-numpy-convolve.html"]
    charts = page.select(".cell_output > figure + figure, .cell_output > figure:has(+ figure)")
    assert len(charts) == 6
    for chart in charts:
        compared = (
            r"\d\.\d+ (?:of|times) \S+’s time|: (?:as fast as \w+ \(|\d\.\d times \w+er than \w+)"
        )
        assert re.search(compared, chart.figcaption.get_text())
        drawn = (site / "posts/2026" / chart.img["src"]).read_text("utf-8")
        words = re.sub(r"<[^>]*>", " ", drawn)
        assert ("milliseconds" in words) or ("← faster" in words and "slower →" in words)


def test_a_post_shows_its_date_tags_and_reading_time(pages):
    post = pages["posts/2021/brief-introduction-to-cnn.html"]
    assert post.select_one("article time")["datetime"] == "2021-08-17"
    assert re.search(r"\b6 min read\b", post.select_one("article .meta").get_text())
    assert [a.get_text() for a in post.select(".tags a")] == ["Deep learning", "CNN", "Vision"]
    assert post.select_one(".kicker a").get_text() == "Deep Learning"


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


def test_a_post_has_its_date_and_tags(pages):
    post = pages[f"{POST}.html"]
    assert meta(post, "og:type") == "article"
    assert meta(post, "article:published_time") == "2021-08-17"
    tags = [tag["content"] for tag in post.find_all("meta", property="article:tag")]
    assert tags == ["deep-learning", "cnn", "vision"]


def test_pages_that_others_keep_lead_only_to_pages_that_are_there():
    there = {path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.rglob("*.md")}
    for path in (ROOT / "draw.md", ROOT / "glossary.md", *(ROOT / "guide").glob("*.md")):
        text = path.read_text("utf-8")
        assert leave_out(text, there)[1] == 0, path.name


def test_pages_that_lead_to_our_posts_leave_that_out_when_the_posts_are_gone():
    paths = [*ROOT.glob("*.md"), *ROOT.glob("api/*.md"), *ROOT.glob("guide/*.md")]
    linked = [
        path.relative_to(ROOT).as_posix()
        for path in paths
        if re.search(r"posts/20\S+\.md|\]\(/?posts/20", path.read_text("utf-8"))
    ]
    assert "draw.md" in linked
    others = {name for name in linked if not KEPT.fullmatch(name)}
    assert others <= {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}  # which are no pages


def test_the_sitemap_lists_every_kind_of_page(site):
    text = (site / "sitemap.xml").read_text("utf-8")
    for name in ("about", "playground", "snippets", "glossary", "api/index", POST):
        assert f"/{name}.html</loc>" in text
