"""Every page: its landmarks, its links, its size, and what it loads from other hosts (nothing)."""

import gzip
import posixpath
import re
from itertools import pairwise
from urllib.parse import unquote, urldefrag, urlsplit

KILOBYTE = 1000


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


def test_each_page_has_one_heading_one_main_part_and_named_landmarks(pages):
    for name, page in pages.items():
        assert page.html["lang"] == "en", name
        assert len(page.find_all("h1")) == 1, name
        assert len(page.find_all("main")) == 1, name
        assert page.find("main").h1, name
        skip = page.find("a")
        assert skip["href"] == "#content", name
        assert page.find(id="content").name == "main", name
        labels = [nav["aria-label"] for nav in page.find_all(["nav", "aside"])]
        assert len(labels) == len(set(labels)), (name, labels)


def test_headings_go_down_one_level_at_a_time(pages):
    for name, page in pages.items():
        levels = [int(h.name[1]) for h in page.main.find_all(re.compile("^h[1-6]$"))]
        for before, after in pairwise(levels):
            assert after <= before + 1, (name, levels)


def test_ids_are_unique_and_labels_point_somewhere(pages):
    for name, page in pages.items():
        ids = [node["id"] for node in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), name
        for label in page.find_all("label"):
            assert label.find(["input", "select", "textarea"]) or label["for"] in ids, name


def test_each_page_has_a_title_and_a_description_of_its_own(pages):
    titles = [page.title.get_text(strip=True) for page in pages.values()]
    assert len(titles) == len(set(titles))
    for name, page in pages.items():
        assert len(page.find("meta", attrs={"name": "description"})["content"]) > 20, name


def test_no_link_within_the_site_is_broken(pages, site):
    root_path = urlsplit(pages["index.html"].find("link", rel="canonical")["href"]).path
    for name, page in pages.items():
        for node in page.find_all(href=True) + page.find_all(src=True):
            address = node.get("href") or node.get("src")
            if re.match(r"[a-z]+:", address):
                continue
            path, fragment = urldefrag(unquote(address).split("?")[0])
            if path.startswith("/"):
                target = (site / path.removeprefix(root_path)).resolve()
            else:
                target = ((site / name).parent / path).resolve() if path else site / name
            assert target.is_file(), (name, address)
            key = target.relative_to(site.resolve()).as_posix() if path else name
            if fragment and key in pages:
                assert pages[key].find(id=fragment), (name, address)


def test_external_links_open_in_a_new_tab_and_nothing_external_is_loaded(pages, site):
    for name, page in pages.items():
        for link in page.find_all("a", href=re.compile("^https?://")):
            assert link["target"] == "_blank", (name, link["href"])
            assert "noopener" in link["rel"], (name, link["href"])
        loaded = page.select("script[src], img, source, link[rel=stylesheet], link[rel=preload]")
        for node in loaded:
            source = node.get("src", node.get("href", ""))
            assert "//" not in source or source.startswith("data:image/"), (name, source)
    for sheet in site.rglob("*.css"):
        text = sheet.read_text("utf-8")
        assert "@import" not in text
        assert "//" not in "".join(re.findall(r"url\(([^)]*)\)", text)), sheet


def test_the_only_inline_script_is_the_choice_of_colours(pages):
    inline = {
        s.string for page in pages.values() for s in page.find_all("script") if not s.get("src")
    }
    assert len(inline) == 1
    for name, page in pages.items():
        assert not [a for node in page.find_all(True) for a in node.attrs if a.startswith("on")], (
            name
        )


def test_pages_without_pictures_stay_below_85_kilobytes(pages, site):
    def size(path):
        data = path.read_bytes()
        return len(data) if path.suffix == ".woff2" else len(gzip.compress(data, mtime=0))

    static = site / "_static"
    fonts = sum(size(static / "fonts" / f"{n}.woff2") for n in ("serif", "serif-italic", "math"))
    shared = fonts + sum(size(static / n) for n in ("palette.css", "site.css", "theme.js"))
    for name in pages:
        assert shared + size(site / name) < 85 * KILOBYTE, name


def test_scrollable_boxes_can_be_focused(pages):
    for name, page in pages.items():
        for code in page.main.find_all("pre"):
            if max(map(len, code.get_text().splitlines()), default=0) > 36:
                assert code.get("tabindex") == "0", name
        # A grid has cells to go to; a worksheet's tables show on paper only; those of a photograph
        # have one size, to which their cells are scaled.
        aside = set(page.select(".sheet table, cnn-photograph table"))
        on_screen = set(page.main.find_all("table", role=None)) - aside
        for table in on_screen:
            assert table.parent.get("tabindex") == "0", name
            assert table.find("th"), name


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


def test_each_post_leads_to_the_next_one_of_the_front_page(pages):
    path = [link["href"] for link in pages["index.html"].select(".path h3 a")]
    assert len(path) >= 3
    for name, following in pairwise(path):
        link = pages[name].select_one(".beside .next")["href"]
        assert posixpath.normpath(posixpath.join(posixpath.dirname(name), link)) == following
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


def test_prose_and_captions_have_curly_quotes(pages):
    for name, page in pages.items():
        if name.startswith("_modules"):
            continue
        for text in page.main.find_all(string=re.compile("[a-z]'[a-z]|\"")):
            ignored = ("pre", "code", "script", "template", "dt", "svg", "math")
            assert text.find_parent(ignored), (name, text)


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


def test_fonts_include_their_licences(site):
    fonts = site / "_static" / "fonts"
    assert "SIL OPEN FONT LICENSE" in (fonts / "serif-OFL.txt").read_text("utf-8")
    assert "GUST Font License" in (fonts / "math-GUST-FONT-LICENSE.txt").read_text("utf-8")


def test_code_is_marked_only_where_a_style_colours_it(pages, site):
    css = (site / "_static/site.css").read_text("utf-8")
    marked = {
        name
        for page in pages.values()
        for span in page.select(".highlight span[class]")
        for name in span["class"]
    } - {"pre", "viewcode-block", "linenos"}
    assert marked >= {"kn", "s2", "mi", "c1"}
    assert {name for name in marked if not re.search(rf"\.{name}\b", css)} == set()
