"""An incremental build equals a clean one, and runs no cell whose result is cached."""

import os
import random
import re
import shutil
import subprocess
import threading

import pytest

ONE, TWO = "posts/2024/one.md", "posts/2025/two.md"
RAN = re.compile(r"(.*): ran its cells in \d+\.\d s")
BUILT = "The blog is built: open _build/html/index.html\n"


def ran(done):
    """Return the pages whose cells a build ran."""
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.endswith(BUILT)
    lines = done.stdout.removesuffix(BUILT).splitlines()
    assert all(RAN.fullmatch(line) for line in lines), lines
    return [RAN.fullmatch(line)[1] for line in lines]


def test_a_build_runs_the_cells_that_a_change_touches(small, post):
    one, two, package, versions = (
        (small.folder / name).read_text()
        for name in (ONE, TWO, "cnnlib/activations.py", "requirements/site.txt")
    )
    # A change of text or tags runs no cells; the build prints nothing but where the site is.
    small.write(ONE, one.replace("tags: cnn", "tags: vision"))
    small.write(TWO, two.replace("Some words.", "Other words."))
    assert ran(small.build()) == []
    assert "Other words." in small.html("posts/2025/two.html")

    # Only one of the posts uses the package, and nothing of what shows a computation.
    small.write("cnnlib/activations.py", package + "\n\nEXTRA = 1\n")
    small.write(
        "cnnlib/explain/text.py", (small.folder / "cnnlib/explain/text.py").read_text() + "#"
    )
    assert ran(small.build()) == [ONE]

    # Only one reads the data; another post's data, styles and scripts change nothing.
    small.write("cnnlib/activations.py", package)
    small.write("cnnlib/explain/web/explorer.css", "cnn-explorer { color: red }")
    small.write("posts/2024/other.csv", "1")
    small.write("posts/2025/numbers.txt", "four five six")
    assert ran(small.build()) == [TWO]
    assert "four five six" in small.html("posts/2025/two.html")

    small.write(TWO, post("print(6 * 8)", date="2025-01-02"))
    assert ran(small.build()) == [TWO]
    assert "48" in small.html("posts/2025/two.html")

    small.write("requirements/site.txt", versions + "\npytest==0.1 \\\n")
    assert ran(small.build()) == [ONE, TWO]

    # A failing cell is not cached: it fails until it is corrected.
    small.write(TWO, post("1 / 0", date="2025-01-02"))
    for _ in range(2):
        done = small.build()
        assert done.returncode == 1
        assert done.stderr.startswith(f"{TWO}:16: a cell raised ZeroDivisionError")

    # All of this is cached.
    small.write("requirements/site.txt", versions)
    small.write("posts/2025/numbers.txt", "one two three")
    small.write(TWO, two)
    assert ran(small.build()) == []
    assert "one two three" in small.html("posts/2025/two.html")


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
def test_any_sequence_of_edits_ends_as_a_build_from_nothing(model, small, post, seed):
    chance = random.Random(seed)
    kinds = sorted(edits(chance, small, post))
    chance.shuffle(kinds)
    for step, kind in enumerate(kinds):
        edits(chance, small, post)[kind]()
        if step % 4 == 3:
            assert small.build().returncode == 0
    assert small.build().returncode == 0
    assert small.built() == small.from_nothing()
    small.copy_sources(model)
    assert ran(small.build()) == []
    assert small.built() == model.built()


def without_network(command):
    """Return the command in a namespace with loopback alone, where the system has those."""
    probe = ["unshare", "-rn", "true"]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True).returncode:
        return command
    script = 'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$@"'
    return ["unshare", "-rn", "sh", "-c", script, "sh", *command]


def test_two_builds_at_once_on_another_machine_give_the_same_site(model, tmp_path):
    """One waits for the other; neither time zone, hash seed, network nor spaces matter."""
    site = type(model)(tmp_path / "my blog")
    site.folder.mkdir()
    site.copy_sources(model)
    environment = {"TZ": "America/Lima", "PYTHONHASHSEED": "9"}
    results = []

    def build():
        results.append(site.build(wrap=without_network, **environment))

    both = [threading.Thread(target=build) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [done.returncode for done in results] == [0, 0], results
    output = "".join(done.stdout for done in results)
    assert output.count("Another build is running here") == 1
    assert RAN.findall(output) == [ONE, TWO]
    assert site.built() == model.built()
