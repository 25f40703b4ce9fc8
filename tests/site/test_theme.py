"""Every page: its landmarks, its links, its size, and what it loads from other hosts (nothing)."""

import gzip
import re
import runpy
from itertools import pairwise
from urllib.parse import unquote, urldefrag, urlsplit

from tests.tools import ROOT

KILOBYTE = 1000


def test_each_page_has_one_heading_one_main_part_and_named_landmarks(pages):
    language = runpy.run_path(str(ROOT / "conf.py"))["language"].replace("_", "-")
    for name, page in pages.items():
        assert page.html["lang"] == language, name
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


def test_prose_and_captions_have_curly_quotes(pages):
    for name, page in pages.items():
        if name.startswith("_modules"):
            continue
        for text in page.main.find_all(string=re.compile("[a-z]'[a-z]|\"")):
            ignored = ("pre", "code", "script", "template", "dt", "svg", "math")
            assert text.find_parent(ignored), (name, text)


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
