"""A new post needs a description and then builds; drafts stay at home."""

import os
import subprocess
import sys
from unittest.mock import ANY

import pytest

from blog.check.front_matter import PLACEHOLDER
from blog.check.pages import check_pages
from tests.build.small_site import ROOT, say


@pytest.fixture
def begin(small):
    def run(**environment):
        return subprocess.run(
            [sys.executable, "-m", "blog.build.new_post"],
            cwd=small.folder,
            env=environment,
            capture_output=True,
            text=True,
        )

    return run


TITLES = {
    "What a blur does": ("what-a-blur-does", "What a blur does"),
    "Größe / Maß": ("grosse-mass", "Größe / Maß"),
    '"It\'s" <b> `x` $a$ 5*3*2': ("it-s-b-x-a-5-3-2", "“It’s” &lt;b&gt; `x` $a$ 5*3*2"),
    "☕": ("post", "☕"),
    "Tag": ("tag-post", "Tag"),
    "../../etc": ("etc", "../../etc"),
}


def test_every_title_makes_a_post_that_builds_and_a_draft_stays_out(small, begin):
    for path in small.folder.glob("posts/*/*.md"):
        path.unlink()
    made = {}
    for title, (name, _) in TITLES.items():
        done = begin(TITLE=title)
        assert done.returncode == 0, done.stderr
        (path,) = small.folder.glob(f"posts/*/{name}.md")
        assert f"Created {path.relative_to(small.folder)};" in done.stdout
        made[title] = path
    assert begin(TITLE="Quokka", DRAFT="1").returncode == 0
    assert (small.folder / "drafts/quokka.md").exists()
    assert check_pages(small.folder, drafts=True) == []
    assert [message.split(": ", 2)[1:] for message in check_pages(small.folder)] == [
        ["description", ANY] for _ in TITLES
    ]
    for path in made.values():
        text = path.read_text("utf-8")
        path.write_text(text.replace(PLACEHOLDER, f"What {path.stem} teaches readers."), "utf-8")
    done = small.build()
    assert done.returncode == 0, done.stderr
    for title, (_, shown) in TITLES.items():
        page = small.html(f"posts/{made[title].parent.name}/{made[title].stem}.html")
        assert f"<h1>{shown}<" in page
        assert "<figcaption>What K makes of the first window of X.</figcaption>" in page
        assert 'alt="Input, 3 by 3: 1, 2, 0; 0, 3, 1; 2, 1, 4. Kernel, 2 by 2: 1, 0; 0, −1.' in page
        assert '<div class="equation"' in page
    for name, content in small.built().items():
        assert "quokka" not in name
        assert b"quokka" not in content.lower(), name


def test_in_a_german_blog_the_name_is_written_as_in_german_addresses(small, begin):
    conf = (small.folder / "conf.py").read_text("utf-8")
    small.write("conf.py", say(conf, {"language": "de"}))
    assert "posts/" in begin(TITLE="Größe der Brücke").stdout
    (path,) = small.folder.glob("posts/*/groesse-der-bruecke.md")
    assert "# Größe der Brücke\n" in path.read_text("utf-8")


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_make_takes_the_title_as_it_is_typed(tmp_path, how):
    title = r"What $k \times k$ `kernels` \"do\" $(shell touch ran)"
    show = tmp_path / "show.py"
    show.write_text("import os\nprint(os.environ['TITLE'])\n")
    command = ["make", "-s", "-f", str(ROOT / "Makefile"), "-o", ".venv/site.stamp", "post"]
    command += [f"PY={sys.executable} {show} #", *([f"TITLE={title}"] if how == "argument" else [])]
    env = os.environ | ({"TITLE": title} if how == "environment" else {})
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.stdout == title + "\n"
    assert not (tmp_path / "ran").exists()


def test_an_existing_post_is_not_touched(small, begin):
    before = (small.folder / "posts/2024/one.md").read_text()
    done = begin(TITLE="One")
    assert done.returncode == 1
    assert done.stderr == (
        "posts/2024/one.md already exists: choose another title, or a name for the file with "
        "FILE=...\n"
    )
    assert (small.folder / "posts/2024/one.md").read_text() == before


def test_a_title_without_latin_letters_takes_the_name_of_its_file(small, begin):
    assert begin(TITLE="卷积是什么", FILE="convolution").returncode == 0
    (path,) = small.folder.glob("posts/*/convolution.md")
    assert "\n# 卷积是什么\n" in path.read_text("utf-8")
    done = begin(TITLE="卷积", FILE="Eins/Zwei")
    assert done.stderr.startswith('"Eins/Zwei" cannot be the name of a post: use lower')


def test_a_title_is_needed(begin):
    done = begin(TITLE="  ")
    assert done.returncode == 1
    assert done.stderr == 'A post needs a title: make post TITLE="What a blur does"\n'


def test_a_post_of_another_blog_is_brought_with_its_name_and_year(small, begin):
    old = small.write(
        "old/_posts/2019-02-03-Blur.md", "---\ntitle: A mean\nlayout: post\n---\n\nSo.\n"
    )
    done = begin(FROM=str(old))
    assert done.stdout.split("\n")[:2] == [
        "Created posts/2019/blur.md; preview it with `make live`",
        "Left out of the front matter: layout",
    ]
    assert "date: 2019-02-03\n" in (small.folder / "posts/2019/blur.md").read_text()
    old.write_text("---\ntitle: A mean\ndraft: true\n---\n\nSo.\n")
    assert begin(FROM=str(old), FILE="mean").stdout.startswith("Created drafts/mean.md;")
    assert begin(FROM=str(old)).stderr.startswith("posts/2019/blur.md already exists: choose")
