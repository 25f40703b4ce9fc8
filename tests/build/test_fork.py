"""A blog of one's own, made of this one as guide/make-it-yours.md says: nothing of ours is left."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from lxml import etree
from PIL import Image

from tests.build.small_site import ROOT, Site, say
from tests.site import test_seo, test_theme
from tests.site.test_feed_rules import broken_rules
from tests.tools import make_once

COPIED = ["conf.py", "pyproject.toml", "README.md", "LICENSE", "index.md", "glossary.md"]
COPIED += ["requirements/site.txt", "_static", "blog", "cnnlib", "guide", "posts"]
OWN = {
    "project": "Wellen und Fenster",
    "tagline": "Signale, Schritt für Schritt",
    "description": "Ein Blog über Signale und Bilder, von Grund auf erklärt.",
    "authors": {"ann": ("Ann Löwe", "https://ann.example.org/"), "li": ("李明", None)},
    "language": "de",
    "licences": {"Alles": ("CC0", "https://creativecommons.org/publicdomain/zero/1.0/")},
    "links": {"Mastodon": "https://social.example.org/@ann"},
    "repository": "https://git.example.org/ann/wellen",
    "colours": {"kernel": ("#7d5700", "#f5bf48"), "accent": ("#00695c", "#80cbc4")},
    "logo_letter": "W",
    "navigation": {"posts": "Beiträge", "playground": "Spielplatz", "about": "Über uns"},
    "search_examples": ["Faltung", "卷积"],
    "words": {"Archive": "Früheres"},
}
SUBJECTS = 'tags = ["bilder", "卷积"]\ncategories = ["Grundlagen"]\n'
POST = """\
---
blogpost: true
date: {date}
tags: {tags}
category: Grundlagen
author: {author}
lang: {lang}
description: {description}
---

# {title}

{text}
"""
GERMAN = POST.format(
    date="2026-02-03",
    tags="bilder",
    author="ann, li",
    lang="de",
    title="Größe ist Übungssache",
    description="Wie groß ein Ergebnis wird, lässt sich vorher ausrechnen.",
    text="Ein Fenster gleitet.\n\n![Ein Kessel](kessel.png)\n\n"
    "## Schärfe\n\nSiehe [oben](#schärfe) und {doc}`was`.",
)
CHINESE = POST.format(
    date="2026-03-04",
    tags="卷积, bilder",
    author="li",
    lang="zh-CN",
    title="卷积是什么",
    description="卷积核在图像上滑动，每一步都把对应的数相乘再相加，得到一个新的数字。",
    text="卷积核在图像上滑动。" * 100 + "\n\n## 步幅\n\n步幅越大，输出越小。",
)
STUB = "---\ndescription: Eine Seite, wie sie hier stehen könnte.\n---\n\n# {}\n\nEigene Worte.\n"
COPIED = [name for name in COPIED if (ROOT / name).exists()]  # a fork may have deleted pages
FRONT = "---\nhide-toc: true\n---\n\n# Nichts als ein Anfang\n\n<!-- latest posts -->\n"
DEFAULTS = re.compile("Sliding Windows|#9c4100|#f2925a|MIT</a>|CC BY", re.IGNORECASE)


def copy(folder):
    """Copy this blog, with the tests of our posts."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy(source, target)
    (folder / "tests/site/posts").mkdir(parents=True)
    return Site(folder)


def remove_posts(site):
    """Run the commands of the guide that remove what is ours."""
    text = (site.folder / "guide/make-it-yours.md").read_text("utf-8")
    (commands,) = re.findall(r"^## \d+\. Remove our posts\n\n```sh\n(.*?)^```", text, re.M | re.S)
    subprocess.run(["sh", "-ec", commands], cwd=site.folder, check=True)
    for path in site.folder.glob("posts/*/*.ipynb"):  # which a fork may have written
        path.unlink()


def without_broken_links(text, folder):
    """Return a page without the paragraphs that lead to pages which are not there."""

    def leads_on(paragraph):
        targets = re.findall(r"\]\(/?([\w/.-]+\.md)", paragraph)
        return all((folder / target).exists() for target in targets)

    return "\n\n".join(paragraph for paragraph in text.split("\n\n") if leads_on(paragraph))


@pytest.fixture(scope="session")
def fork(tmp_path_factory):
    """Build a blog of our pages, with its own facts and posts; return its folder."""

    def make(folder):
        site = copy(folder)
        remove_posts(site)
        assert not list(folder.glob("posts/*/*.md"))
        site.write("conf.py", say((folder / "conf.py").read_text("utf-8"), OWN))
        site.write("posts/subjects.toml", SUBJECTS)
        site.write("posts/2026/groesse.md", GERMAN)
        site.write("posts/2026/was.md", CHINESE)
        # Wider than high, so that the middle of it is what lists show.
        kettle = Image.new("RGB", (90, 30), "white")
        kettle.paste("red", (30, 0, 60, 30))
        kettle.save(folder / "posts/2026/kessel.png")
        for page in ("playground", "about"):
            site.write(f"{page}.md", STUB.format(page))
        front = (folder / "index.md").read_text("utf-8")
        site.write("index.md", without_broken_links(front, folder))
        done = site.build()
        assert done.returncode == 0, done.stderr

    return make_once(tmp_path_factory, "fork", make) / "_build/html"


@pytest.fixture(scope="module")
def forked(fork):
    return read_pages(fork)


def read_pages(folder):
    return {
        path.relative_to(folder).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html5lib")
        for path in sorted(folder.rglob("*.html"))
    }


def check_all(pages, folder):
    """Run the checks of the built site that say nothing of its content."""
    test_theme.test_no_link_within_the_site_is_broken(pages, folder)
    test_theme.test_external_links_open_in_a_new_tab_and_nothing_external_is_loaded(pages, folder)
    test_theme.test_headings_go_down_one_level_at_a_time(pages)
    test_theme.test_ids_are_unique_and_labels_point_somewhere(pages)
    test_theme.test_each_page_has_a_title_and_a_description_of_its_own(pages)
    test_theme.test_the_only_inline_script_is_the_choice_of_colours(pages)
    test_theme.test_scrollable_boxes_can_be_focused(pages)
    test_seo.test_each_page_has_its_address_title_and_description(pages)
    test_seo.test_the_content_security_policy_allows_only_this_site(pages, folder)


def test_a_blog_of_one_s_own_passes_the_checks_of_the_site(forked, fork):
    check_all(forked, fork)
    for name in ("posts", "posts/author/ann-lowe", "posts/author/李明"):
        assert broken_rules((fork / name / "atom.xml").read_bytes()) == []


def test_the_tests_of_pages_pass_in_it(fork):
    folder = fork.parents[1]
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "posts")
    shutil.copytree(ROOT / "tests", folder / "tests", dirs_exist_ok=True, ignore=ignored)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/site"]
    # As the workflow that publishes a fork on GitHub runs them.
    command += ["-m", "not (browser or node or java)"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env |= {"SITE": str(fork), "PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_nothing_names_the_blog_that_it_was_made_of(fork):
    left = [
        path.relative_to(fork).as_posix()
        for path in fork.rglob("*")
        if path.suffix in (".html", ".css", ".js", ".svg", ".xml", ".txt", ".ipynb")
        and path.parts[len(fork.parts)] != "_modules"  # the library's source
        and DEFAULTS.search(path.read_text("utf-8"))
    ]
    assert left == []


def test_the_facts_of_conf_py_are_where_readers_see_them(forked, fork):
    page = forked["index.html"]
    assert page.html["lang"] == "de"
    assert page.select_one(".brand").get_text(strip=True) == "WWellen und Fenster"
    assert [a.get_text() for a in page.select(".masthead nav a")] == [*OWN["navigation"].values()]
    alt = page.find("meta", property="og:image:alt")["content"]
    assert alt.startswith(f"“{OWN['tagline']}”, daneben ein Fenster auf einem Gitter")
    foot = page.select_one(".foot")
    assert "© Ann Löwe, 李明. Alles: CC0." in foot.get_text()
    addresses = {a.get_text(): a["href"] for a in foot.select("nav a")}
    assert addresses["Früheres"] == "posts/archive.html"
    assert addresses["Mastodon"] == OWN["links"]["Mastodon"]
    assert addresses["Quelltext"] == OWN["repository"]
    assert forked["search.html"].h1.get_text() == "Suche"
    assert "--kernel:light-dark(#7d5700,#f5bf48)" in (fork / "_static/palette.css").read_text()
    icon = etree.fromstring((fork / "_static/favicon.svg").read_bytes())
    assert "".join(icon.itertext()).endswith("W")
    drawn = "".join(path.read_text("utf-8") for path in (fork / "_images").glob("*.svg"))
    assert "--kernel:#7d5700" in drawn.replace(" ", "") or "#7d5700" in drawn
    for name in ("index", "posts/2026/groesse", "posts/2026/was"):
        data = (fork / f"social/{name}.png").read_bytes()
        assert struct.unpack(">II", data[16:24]) == (1200, 630)


def test_several_authors_have_bylines_pages_and_feeds(forked, fork):
    post = forked["posts/2026/groesse.html"]
    by = post.select("article .meta a[rel=author]")
    assert [a.get_text() for a in by] == ["Ann Löwe", "李明"]
    assert post.find("meta", attrs={"name": "author"})["content"] == "Ann Löwe, 李明"
    own = forked["posts/author/ann-lowe.html"]
    assert [a.get_text() for a in own.select(".cards h2 a")] == ["Größe ist Übungssache"]
    assert own.select_one(".list-head a[rel~=me]")["href"] == OWN["authors"]["ann"][1]
    assert own.find_all("link", rel="alternate")[1]["href"] == "ann-lowe/atom.xml"
    names = "{http://www.w3.org/2005/Atom}name"
    found = {}
    for feed in ("posts", "posts/author/ann-lowe", "posts/author/李明"):
        entries = etree.parse(fork / feed / "atom.xml").getroot().iterfind("{*}entry")
        found[feed] = [[name.text for name in entry.iter(names)] for entry in entries]
    both = ["Ann Löwe", "李明"]
    assert found == {
        "posts": [["李明"], both],
        "posts/author/ann-lowe": [both],
        "posts/author/李明": [["李明"], both],
    }


def test_posts_in_german_and_chinese_are_at_home(forked, fork):
    german, chinese = forked["posts/2026/groesse.html"], forked["posts/2026/was.html"]
    assert chinese.article["lang"] == "zh-CN"
    assert german.select_one("article time").get_text() == "03.02.2026"
    # 1,000 characters, in three minutes, as 600 English words would take.
    assert "3 Min. Lesezeit" in chinese.select_one("article .meta").get_text()
    assert forked["posts/tag/卷积.html"].select_one(".cards h2 a").get_text() == "卷积是什么"
    card = forked["posts.html"].find("a", string="卷积是什么").find_parent("li")
    assert card["lang"] == "zh-CN"
    link = german.find("a", string="oben")["href"]
    assert german.find(id=link.removeprefix("#"))
    index = (fork / "searchindex.js").read_text("utf-8")
    terms = json.loads(index.removeprefix("Search.setIndex(").rstrip(")\n;"))["terms"]
    assert {"卷积", "越大", "fenst"} <= terms.keys()
    places = etree.parse(fork / "sitemap.xml").getroot().itertext()
    assert any(place.endswith("posts/tag/%E5%8D%B7%E7%A7%AF.html") for place in places)


@pytest.mark.skipif("glossary.md" not in COPIED, reason="this blog has no glossary")
def test_pages_that_are_kept_do_not_speak_of_posts_that_are_gone(forked):
    glossary = forked["glossary.html"].main
    assert len(glossary.select("dt")) > 25
    assert not glossary.select("a[href*='posts/20']")
    assert "introduction" not in glossary.get_text()


@pytest.mark.skipif("first-post" not in (ROOT / "index.md").read_text("utf-8"), reason="no link")
def test_the_front_page_leads_to_the_first_post(forked):
    start = forked["index.html"].select("h1 ~ p a")
    assert [a["href"] for a in start][:1] == ["posts/2026/groesse.html"]


def test_the_words_around_the_texts_are_german(forked):
    missing = forked["404.html"]
    assert missing.title.get_text() == "Seite nicht gefunden · Wellen und Fenster"
    names = [one["aria-label"] for one in missing.select("[aria-label]")]
    assert names[:3] == ["Hauptmenü", "Suche", "Farben: wie im System eingestellt"]
    foot = [a.get_text() for a in missing.select(".foot nav a")]
    assert foot[:5] == ["Früheres", "Schlagwörter", "Kategorien", "Autoren", "Feed"]
    assert forked["posts.html"].title.get_text().startswith("Beiträge ·")
    assert forked["posts/tag/bilder.html"].select_one(".list-head .meta").get_text() == "2 Beiträge"
    post = forked["posts/2026/groesse.html"]
    assert post.select_one("article .meta").get_text().split()[:2] == ["Von", "Ann"]
    assert post.select_one(".headerlink")["aria-label"] == "Link zu: Schärfe"
    # What the scripts say, and only where they say it.
    words = json.loads(forked["search.html"].find("meta", attrs={"name": "words"})["content"])
    assert words["Results"] == "Ergebnisse"
    words = json.loads(post.find("meta", attrs={"name": "words"})["content"])
    assert words["Copied"] == "Kopiert"
    assert "Results" not in words


def test_the_guide_says_that_it_is_in_english(forked):
    guide = [page for name, page in forked.items() if name.startswith("guide/")]
    assert {page.main["lang"] for page in guide} == ({"en"} if guide else set())
    assert "lang" not in forked["about.html"].main.attrs


def test_a_blog_without_a_series_does_not_speak_of_an_order_to_read(forked):
    assert forked["posts.html"].select_one(".list-head .meta").get_text() == "2 Beiträge"
    (latest, _) = forked["404.html"].select(".missing .cards h2 a")
    assert latest.get_text() == "卷积是什么"


def test_without_a_series_the_front_page_has_the_latest_posts(forked):
    section = forked["index.html"].select_one("section.path")
    assert section.h2.get_text() == "Neueste Beiträge"
    assert [a.get_text() for a in section.select("h3 a")] == ["卷积是什么", "Größe ist Übungssache"]
    assert "Hier beginnen" not in section.get_text()
    assert len(section.select("time")) == 2
    after = forked["posts/2026/groesse.html"].select_one("a.next")
    assert after.get_text() == "Danach 卷积是什么"


def test_posts_without_an_operation_have_their_photograph_or_a_letter(forked, fork):
    for name in ("index.html", "posts.html", "posts/tag/bilder.html", "posts/archive.html"):
        shown = {}
        for face in forked[name].select("main li > .thumbnail"):
            title = face.parent.find("a", string=re.compile("卷积是|Größe"))
            shown[title.get_text()] = face
        letter, photograph = shown["卷积是什么"], shown["Größe ist Übungssache"]
        assert letter.get_text() == "卷", name
        assert photograph["alt"] == "", name
        address = (fork / name).parent / photograph["src"]
        image = Image.open(address).convert("RGB")
        assert image.width == image.height
        assert image.getpixel((9, 9)) == pytest.approx((255, 0, 0), abs=12), name
    for name in ("groesse", "was"):
        page = forked[f"posts/2026/{name}.html"]
        alt = page.find("meta", property="og:image:alt")["content"]
        assert alt == f"“{page.h1.get_text()}”", name
        picture = Image.open(fork / f"social/posts/2026/{name}.png").convert("L")
        assert picture.crop((900, 0, 1200, 630)).getextrema()[0] > 200, name


def test_a_blog_may_have_no_post_and_no_other_page(tmp_path):
    site = copy(tmp_path / "blog")
    remove_posts(site)
    for name in ("glossary.md", "guide"):
        path = site.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    site.write("index.md", FRONT)
    facts = {"navigation": OWN["navigation"], "language": "zh_CN"}
    site.write("conf.py", say((site.folder / "conf.py").read_text("utf-8"), facts))
    done = site.build()
    assert done.returncode == 0, done.stderr
    folder = site.folder / "_build/html"
    pages = read_pages(folder)
    check_all(pages, folder)
    names = {name for name in pages if not name.startswith("_modules")}
    assert names == {"index.html", "posts.html", "search.html", "404.html"}
    assert [a.get_text() for a in pages["404.html"].select(".masthead nav a")] == ["Beiträge"]
    assert broken_rules((folder / "posts/atom.xml").read_bytes()) == []
    assert {page.html["lang"] for page in pages.values()} == {"zh-CN"}
    alt = pages["index.html"].find("meta", property="og:image:alt")["content"]
    (tagline,) = re.findall('^tagline = "(.*)"', (site.folder / "conf.py").read_text("utf-8"), re.M)
    assert alt == f"“{tagline}”"  # the front page has no window
    picture = Image.open(folder / "social/index.png").convert("L").crop((800, 0, 1200, 630))
    assert picture.getextrema()[0] > 200


def test_only_tests_that_go_with_our_posts_name_them():
    names = [path.relative_to(ROOT).with_suffix("") for path in ROOT.glob("posts/*/*.md")]
    for path in (ROOT / "tests").rglob("*.py"):
        if path.parent.name != "posts":
            text = path.read_text("utf-8")
            assert not [name for name in names if name.as_posix() in text], path.name
