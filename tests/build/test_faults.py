"""Each fault stops the build with one message that names file and cause; the last site stays."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.build.small_site import make_post

ONE = "posts/2024/one.md"
CHECK = "from cnnlib.explain.checks import Checks\nChecks()('sums', [1, 2], loops=[1, 3])"
SLOW = {"description: A": "mystnb: {execution_timeout: 1}\ndescription: A"}

BARE = "<svg viewBox='0 0 1 1' xmlns='http://www.w3.org/2000/svg'/>"

# What a page says instead, the line of the message, how it begins, what it shows of the cell.
IN_CELLS_AND_PAGES = {
    "raises": (
        {"code": "x = 1\n\n1 / 0"},
        (18, "a cell raised ZeroDivisionError: division by zero\n", "1 / 0"),
    ),
    "hangs": (
        {"code": "import time\ntime.sleep(60)", "extra": "\nmystnb: {execution_timeout: 1}"},
        (16, "a cell ran for more than 1 seconds; to allow it more time, add `mystnb: {", ""),
    ),
    "stderr": (
        {"code": "import warnings\nwarnings.warn('old')"},
        (15, "a cell wrote to stderr: UserWarning: old\n", ""),
    ),
    "dies": (
        {"code": "import os\nos._exit(3)"},
        (15, "the kernel died while it ran a cell\n", ""),
    ),
    "syntax-error": (
        {"code": "print(1)\nx = = 2"},
        (17, "a cell raised SyntaxError: invalid syntax\n", "x = = 2"),
    ),
    "import-error": (
        {"code": "import nosuch"},
        (16, "a cell raised ModuleNotFoundError: No module named 'nosuch'\n", "import nosuch"),
    ),
    "check-disagrees": (
        {
            "code": "from cnnlib.explain.checks import Checks\n"
            "Checks()('sums', [1, 2], loops=[1, 3])"
        },
        (17, "a cell raised CheckError: sums: shown 2 at (1,), but loops gives 3\n", "Checks()("),
    ),
    "picture-without-alt": (
        {"code": f'from IPython.display import SVG\nSVG("{BARE}")'},
        (16, "picture without alt text: in a cell, use cnnlib.explain.picture.picture(...)", ""),
    ),
    "missing-image": (
        {"text": "![a cat](cat.png)"},
        (12, "image file not readable: posts/2024/cat.png\n", ""),
    ),
    "broken-reference": (
        {"text": "See {ref}`nowhere`."},
        (12, "undefined label: 'nowhere'\n", ""),
    ),
    "broken-link": (
        {"text": "[this](no.md)"},
        (12, "'myst' cross-reference target not found: 'no.md'\n", ""),
    ),
    "broken-equation": ({"text": r"$\nosuch{1}$"}, (12, "cannot convert TeX to MathML: ", "")),
    "huge-output": (
        {"code": "print('x' * 3_000_000)"},
        (15, "a cell produced more than 1,000,000 characters of output\n", ""),
    ),
    "endless-output": (
        {"code": "while True: print('x' * 999)"},
        (15, "a cell produced more than 1,000,000 characters of output\n", ""),
    ),
    "reads-elsewhere": (
        {"code": "open('../../conf.py').read()"},
        (16, "a cell raised PermissionError: conf.py: cells can read data only ", "open('../.."),
    ),
    "writes-among-sources": (
        {"code": "open('x.txt', 'w').close()"},
        (16, "a cell raised PermissionError: posts/2024/x.txt: cells must not wri", "open('x.txt'"),
    ),
}
IN_FRONT_MATTER = {
    "malformed YAML": ({"tags": "a: b"}, 4, "invalid front matter: mapping values"),
    "bad date": (
        {"date": "05/08/2024"},
        3,
        'date: "05/08/2024" is not a valid date; use YYYY-MM-DD',
    ),
    "no day": ({"date": "Aug 2024"}, 3, 'date: "Aug 2024" is not a valid date; use YYYY-MM-DD'),
    "future date": ({"date": "2999-01-01"}, 3, "date: 2999-01-01 is in the future; keep the page"),
    "no date": ({"date": ""}, 3, 'date: "" is not a valid date; use YYYY-MM-DD'),
    "no title": ({"title": ""}, 10, "empty heading"),
    "unknown tag": ({"tags": "cnns"}, 4, 'tags: "cnns" is not in posts/subjects.toml; did you me'),
}


def one_message(done, where, said):
    """Assert that a build failed with one message, in the words of this project."""
    assert done.returncode == 1
    report = done.stderr.split(
        "\n\nThe build failed. The last good site is still in _build/html.\n"
    )
    assert len(report) == 2
    assert report[1] == ""
    first, *rest = (report[0] + "\n").split("\n")
    assert f"{first}\n".startswith(f"{where}: {said}")
    assert all(line == "" or line.startswith("    ") for line in rest)
    assert "sphinx" not in done.stderr.lower()
    return "\n".join(rest)


@pytest.fixture(scope="module")
def broken(model, tmp_path_factory):
    """Build a site on which each of many pages has a fault of its own."""
    folder = tmp_path_factory.mktemp("broken") / "blog"
    shutil.copytree(model.folder, folder)
    site = type(model)(folder)
    before = site.built()
    for name, (changes, _) in IN_CELLS_AND_PAGES.items():
        site.write(f"posts/2024/{name}.md", make_post(**changes))
    done = site.build()
    assert done.returncode == 1
    assert site.built() == before
    assert "sphinx" not in done.stderr.lower()
    assert done.stderr.endswith(
        "\n\nThe build failed. The last good site is still in _build/html.\n"
    )
    return "\n" + done.stderr.split("\n\nThe build failed.")[0] + "\n"


@pytest.mark.parametrize("fault", IN_CELLS_AND_PAGES)
def test_a_fault_in_a_page_has_one_message(broken, fault):
    line, said, shown = IN_CELLS_AND_PAGES[fault][1]
    start = f"\nposts/2024/{fault}.md:"
    assert broken.count(start) == 1
    message = re.search(rf"{re.escape(start)}(.*\n(?:    .*\n|\n)*)", broken)[1]
    assert message.startswith(f"{line}: {said}")
    assert shown in message
    assert ("\n    " in message) == bool(shown)  # the cell's own traceback, where there is one


def test_a_failing_build_goes_on_failing_until_mended(small, post):
    small.write(ONE, post("1 / 0"))
    for _ in range(2):
        one_message(small.build(), f"{ONE}:16", "a cell raised ZeroDivisionError")
    small.write(ONE, post("1 / 1"))
    assert small.build().returncode == 0


@pytest.mark.parametrize("fault", IN_FRONT_MATTER)
def test_a_fault_in_front_matter(small, post, fault):
    changes, line, said = IN_FRONT_MATTER[fault]
    before = small.built()
    small.write(ONE, post(**changes))
    one_message(small.build(), f"{ONE}:{line}", said)
    assert small.built() == before
    assert sorted(os.listdir(small.folder / "_build")) == [".lock", "html"]


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"", 1, "the file is empty"),
        (
            "---\ntags: Übung\n---\n".encode("latin-1"),
            2,
            "not valid UTF-8 (byte 0xdc); save the file",
        ),
    ],
)
def test_files_that_are_no_text(small, raw, line, said):
    small.write(ONE, raw)
    one_message(small.build(), f"{ONE}:{line}", said)


def test_two_posts_with_one_name(small, post):
    small.write("posts/2025/one.md", post(date="2025-03-01"))
    one_message(small.build(), "posts/2025/one.md", f"{ONE} has the same name, so ")


@pytest.mark.parametrize(
    ("text", "said"),
    [("raise RuntimeError('broken')\n", "RuntimeError: broken\n"), ("x = = 1\n", "SyntaxError: ")],
)
def test_a_package_that_cannot_be_imported(small, text, said):
    small.write("cnnlib/__init__.py", text)
    one_message(small.build(), "cnnlib/__init__.py:1", said)


def test_an_extension_that_fails(small):
    links = small.folder / "blog" / "ext" / "external_links.py"
    small.write(
        "blog/ext/external_links.py",
        links.read_text().replace("own_host = ", "own_host = 1 / 0 or "),
    )
    done = small.build()
    one_message(done, "blog/ext/external_links.py:20", "ZeroDivisionError: division by zero\n")
    assert "the full traceback is in .cache/traceback.txt)" in done.stderr
    assert "Traceback" in (small.folder / ".cache" / "traceback.txt").read_text()


def test_settings_that_cannot_be_read(small):
    small.write("conf.py", "project =\n")
    one_message(small.build(), "conf.py:1", "SyntaxError: invalid syntax")


def test_a_folder_that_cannot_be_written(small, tmp_path):
    """A file stands where the output's folder should be: nobody can write there, not even root."""
    small.write("elsewhere", "")
    done = small.build(".", "elsewhere/html")
    assert done.returncode == 1
    assert re.match(r"\S+/elsewhere\S*: cannot be written: ", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="mounts need root"
)
def test_a_read_only_folder(small):
    before = small.built()
    place = small.folder / "_build"
    script = f'mount --bind "{place}" "{place}" && mount -o remount,ro,bind "{place}" && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", *small.command()]
    if subprocess.run([*command[:3], "-c", "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let anyone mount")
    done = subprocess.run(command, cwd=small.folder, capture_output=True, text=True)
    assert re.match(r"\S+/_build/\S*: cannot be written: Read-only file system\n", done.stderr)
    assert done.returncode == 1
    assert small.built() == before


def test_no_network(small):
    """In a namespace of its own a build reaches loopback and nothing else."""
    probe = ["unshare", "-rn", "true"]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("this machine has no network namespaces")
    shutil.rmtree(small.folder / ".cache")
    script = 'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$@"'
    command = ["unshare", "-rn", "sh", "-c", script, "sh", *small.command()]
    before = small.built()
    done = subprocess.run(command, cwd=small.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "posts/2024/one.md: running its cells" in done.stdout
    assert small.built() == before


def test_killed_at_any_moment(small, post):
    """The last good site stays whole, and the next build is as one from nothing."""
    before = small.built()
    small.write(ONE, post("print('new')"))
    for wait in (0.4, 1.0, 1.6, 2.4, 3.4, 5):
        shutil.rmtree(small.folder / ".cache", ignore_errors=True)
        process = subprocess.Popen(
            small.command(), cwd=small.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = small.built()
        if process.returncode != -signal.SIGKILL:
            break  # it was done before
        assert after == before or "new" in after["posts/2024/one.html"].decode()
        before = after
    done = small.build()
    assert done.returncode == 0, done.stderr
    assert "new" in small.html("posts/2024/one.html")
    assert small.from_nothing() == small.built()


def test_two_at_once(small, post):
    small.write(ONE, post("print('both')"))
    results = []
    both = [threading.Thread(target=lambda: results.append(small.build())) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [done.returncode for done in results] == [0, 0]
    assert any("Another build is running here" in done.stdout for done in results)
    assert "both" in small.html("posts/2024/one.html")
    assert sum("running its cells" in done.stdout for done in results) == 1
