"""A build gives what a build from nothing gives, and runs no cell whose result is known."""

import os
import random

import pytest

ONE, TWO = "posts/2024/one.md", "posts/2025/two.md"


def ran(done):
    """Return the pages whose cells a build ran."""
    assert done.returncode == 0, done.stderr
    ending = ": running its cells"
    return [x.removesuffix(ending) for x in done.stdout.split("\n") if x.endswith(ending)]


def test_says_where_to_look_and_nothing_else(small):
    done = small.build()
    assert done.stdout == "The blog is built: open _build/html/index.html\n"
    assert done.stderr == ""


def test_runs_the_cells_that_a_change_touches(small, post):
    write = small.write
    one, two = ((small.folder / name).read_text() for name in (ONE, TWO))
    assert ran(small.build()) == []
    write(TWO, two.replace("Some words.", "Other words."))
    assert ran(small.build()) == []
    assert "Other words." in small.html("posts/2025/two.html")
    write(TWO, two.replace("6 * 7", "6 * 8"))
    assert ran(small.build()) == [TWO]
    assert "48" in small.html("posts/2025/two.html")
    write(TWO, two)
    assert ran(small.build()) == []
    relu = small.folder / "cnnlib" / "activations.py"
    known = relu.read_text()
    write("cnnlib/activations.py", known + "\n\nEXTRA = 1\n")
    assert ran(small.build()) == [ONE]
    write("cnnlib/activations.py", known)
    write("cnnlib/explain/web/extra.js", "// what a cell shows may be made of other files, too")
    assert ran(small.build()) == [ONE]
    (small.folder / "cnnlib/explain/web/extra.js").unlink()
    write(ONE, one.replace("tags: cnn", "tags: vision"))
    assert ran(small.build()) == []


def test_runs_again_when_data_or_versions_change(small, post):
    reads = post("print(open('data/numbers.txt').read())", date="2025-01-02")
    small.write(TWO, reads)
    small.write("posts/2025/data/numbers.txt", "one two three")
    assert ran(small.build()) == [TWO]
    assert "one two three" in small.html("posts/2025/two.html")
    small.write("posts/2025/data/numbers.txt", "four five six")
    assert ran(small.build()) == [TWO]
    assert "four five six" in small.html("posts/2025/two.html")
    assert ran(small.build()) == []
    versions = small.folder / "requirements" / "site.txt"
    small.write("requirements/site.txt", versions.read_text() + "\npytest==0.1 \\\n")
    assert ran(small.build()) == [ONE, TWO]


def edits(chance, site, post):
    """Return the ways to change a site, by name; each changes the files at random."""
    names = sorted(p.relative_to(site.folder).as_posix() for p in site.folder.glob("posts/*/*.md"))
    page = site.folder / chance.choice(names)
    number = chance.randrange(10**6)
    year = page.parent.name
    package = site.folder / "cnnlib" / "activations.py"
    configuration = site.folder / "conf.py"

    def swap(path, old, new):
        path.write_text(path.read_text().replace(old, new))

    return {
        "words": lambda: swap(page, "Some words.", f"Some words. Words {number}."),
        "code": lambda: swap(page, "```\n", f"\nprint({number})\n```\n"),
        "title": lambda: swap(page, "\n# ", f"\n# Title {number} "),
        "tags": lambda: swap(page, "tags: vision", "tags: cnn"),
        "other tags": lambda: swap(page, "tags: cnn", "tags: vision, deep-learning"),
        "package": lambda: swap(package, "def relu", f"NUMBER_{number} = 0\n\n\ndef relu"),
        "configuration": lambda: swap(configuration, '"Sliding Windows', f'"Sliding {number}'),
        "rename": lambda: page.rename(page.with_name(f"renamed-{number}.md")),
        "new": lambda: site.write(
            f"posts/{year}/new-{number}.md", post(f"print({number})", date=f"{year}-03-04")
        ),
        "delete": lambda: page.unlink() if len(names) > 1 else None,
    }


@pytest.mark.parametrize("seed", range(int(os.environ.get("EDIT_SEQUENCES", "1"))))
def test_any_sequence_of_edits_ends_as_a_build_from_nothing(small, post, seed):
    chance = random.Random(seed)
    kinds = sorted(edits(chance, small, post))
    chance.shuffle(kinds)
    saved = {}
    for step, kind in enumerate(kinds):
        if step == 4:
            saved = {path: path.read_bytes() for path in small.folder.glob("posts/*/*.md")}
        edits(chance, small, post)[kind]()
        if step % 3 == 2:
            assert small.build().returncode == 0
    assert small.build().returncode == 0
    assert small.built() == small.from_nothing()
    for path in small.folder.glob("posts/*/*.md"):  # and back to an earlier state
        path.unlink()
    for path, text in saved.items():
        path.write_bytes(text)
    assert small.build().returncode == 0
    assert small.built() == small.from_nothing()


def test_the_time_that_is_given_is_honoured(small):
    def wheel():
        return next(text for name, text in small.built().items() if name.endswith(".whl"))

    before = wheel()
    assert (
        small.build(SOURCE_DATE_EPOCH="1000000000", TZ="Asia/Tokyo", PYTHONHASHSEED="7").returncode
        == 0
    )
    assert wheel() != before
    assert small.build(TZ="America/Lima", PYTHONHASHSEED="9").returncode == 0
    assert wheel() == before


def test_settings_of_the_machine_do_not_reach_a_page(small, post, tmp_path):
    (tmp_path / "home/.config/matplotlib").mkdir(parents=True)
    (tmp_path / "home/.config/matplotlib/matplotlibrc").write_text("lines.linewidth: 7\n")
    (tmp_path / "home/.ipython/profile_default/startup").mkdir(parents=True)
    (tmp_path / "home/.ipython/profile_default/startup/a.py").write_text("leak = 1\n")
    code = "import matplotlib as mpl\nprint(mpl.rcParams['lines.linewidth'], 'leak' in globals())"
    small.write(TWO, post(code, date="2025-01-02"))
    assert ran(small.build(HOME=str(tmp_path / "home"))) == [TWO]
    assert "1.5 False" in small.html("posts/2025/two.html")


def test_a_site_that_a_kill_left_aside_comes_back(small):
    html = small.folder / "_build" / "html"
    html.rename(html.with_name("html.old"))
    small.write(ONE, "")
    done = small.build()
    assert done.returncode == 1
    assert "The last good site is still in _build/html." in done.stderr
    assert html.is_dir()


def test_in_a_folder_with_spaces(small):
    moved = small.folder.rename(small.folder.parent / "my blog")
    small.folder = moved
    assert ran(small.build()) == []
