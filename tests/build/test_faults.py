"""Each fault stops the build with one message that names file and cause; the last site stays."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.build.small_site import make_post

ONE = "posts/2024/one.md"
BARE = "<svg viewBox='0 0 1 1' xmlns='http://www.w3.org/2000/svg'/>"

# For each fault: what changes on the page; then the line of the message, how it begins, and what it
# quotes of the cell.
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
        (15, "a cell wrote to stderr: UserWarning: old; pages do not show it: mend its", ""),
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
        (
            16,
            "a cell raised ModuleNotFoundError: No module named 'nosuch'; if it ",
            "import nosuch",
        ),
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
        (16, "picture without alt text: in a cell, use cnnlib.explain.picture(...)", ""),
    ),
    "broken-reference": (
        {"text": "See {ref}`nowhere`."},
        (12, "undefined label: 'nowhere'; write (label)= on the line above it", ""),
    ),
    "broken-link": (
        {"text": "[this](nothing)"},
        (12, "there is nothing that the link to nothing could lead to: link to pages by", ""),
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
    "reads-the-machine": (
        {"code": "from pathlib import Path\nPath('/etc/passwd').read_text()"},
        (17, "a cell raised PermissionError: /etc/passwd: cells can read only", "Path('/etc"),
    ),
    "image-that-is-none": (
        {"extra": "\nimage: 3"},
        (7, "image: 3, but the cells trace 0 operations; count those from 1 on\n", ""),
    ),
    "figure-not-shown": (
        {"code": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"},
        (
            15,
            "a cell draws a figure, but does not show it: end the cell with picture(fig, alt=",
            "",
        ),
    ),
    "loads-from-elsewhere": (
        {"code": "import socket\nsocket.getaddrinfo('example.org', 80)"},
        (17, "a cell raised PermissionError: example.org: cells cannot load any", "socket.getaddr"),
    ),
    "writes-among-sources": (
        {"code": "open('x.txt', 'w').close()"},
        (16, "a cell raised PermissionError: posts/2024/x.txt: cells must not wri", "open('x.txt'"),
    ),
}
IN_FRONT_MATTER = {
    "malformed-yaml": ({"tags": "a: b"}, 4, "invalid front matter: a text with a"),
    "bad-date": ({"date": "05/08/2024"}, 3, 'date: "05/08/2024" is not a valid date; use YYYY-'),
    "no-day": ({"date": "Aug 2024"}, 3, 'date: "Aug 2024" is not a valid date; use YYYY-MM-DD'),
    "future-date": ({"date": "2999-01-01"}, 3, "date: 2999-01-01 is in the future; keep the page"),
    "no-date": ({"date": ""}, 3, 'date: "" is not a valid date; use YYYY-MM-DD'),
    "no-title": ({"title": ""}, 10, "empty heading"),
    "missing-image": (
        {"text": "![a cat](cat.png)"},
        12,
        "there is no picture posts/2024/cat.png; save",
    ),
    "missing-page": ({"text": "[a](no.md)"}, 12, "there is no page posts/2024/no.md; link to the"),
    "unknown-tag": ({"tags": "cnns"}, 4, 'tags: "cnns" is not in posts/subjects.toml; did you me'),
}
NOT_TEXT = {
    "empty": (b"", 1, "the file is empty"),
    "latin": ("---\ntags: Übung\n---\n".encode("latin-1"), 2, "not valid UTF-8 (byte 0xdc); save"),
}


def report(done):
    """Return the messages of a failed build; further lines of a message are indented."""
    assert done.returncode == 1
    assert "sphinx" not in done.stderr.lower()
    messages, end = done.stderr.split("\n\nThe build failed. ")
    assert end == "The last good site is still in _build/html.\n"
    return [message + "\n" for message in re.split(r"\n(?=\S)", messages)]


def message_for(messages, place):
    """Return the only message about a place, without the place."""
    (message,) = (message for message in messages if message.startswith(f"{place}:"))
    return message.removeprefix(f"{place}:")


@pytest.fixture(scope="module")
def broken(model, tmp_path_factory):
    """Build a site on which each of many pages has a fault that only Sphinx finds."""
    site = model.copy(tmp_path_factory.mktemp("broken") / "blog")
    for name, (changes, _) in IN_CELLS_AND_PAGES.items():
        site.write(f"posts/2024/{name}.md", make_post(**changes))
    messages = report(site.build())
    assert site.built() == model.built()
    assert len(messages) == len(IN_CELLS_AND_PAGES)
    return messages


@pytest.mark.parametrize("fault", IN_CELLS_AND_PAGES)
def test_a_fault_in_a_page_has_one_message(broken, fault):
    line, start, shown = IN_CELLS_AND_PAGES[fault][1]
    message = message_for(broken, f"posts/2024/{fault}.md")
    assert message.startswith(f"{line}: {start}")
    assert shown in message
    assert ("\n    " in message) == bool(shown)  # the cell's own traceback, where there is one


@pytest.fixture(scope="module")
def refused(model, tmp_path_factory):
    """Build a site whose pages are refused before Sphinx runs, after a build that was killed."""
    site = model.copy(tmp_path_factory.mktemp("refused") / "blog")
    html = site.folder / "_build" / "html"
    html.rename(html.with_name("html.old"))
    for name, (changes, _, _) in IN_FRONT_MATTER.items():
        site.write(f"posts/2024/{name}.md", make_post(**changes))
    for name, (raw, _, _) in NOT_TEXT.items():
        site.write(f"posts/2024/{name}.md", raw)
    site.write("posts/2025/one.md", make_post(date="2025-03-01"))
    messages = report(site.build())
    assert site.built() == model.built()
    assert sorted(os.listdir(site.folder / "_build")) == [".lock", "html"]
    return messages


@pytest.mark.parametrize("fault", IN_FRONT_MATTER | NOT_TEXT)
def test_a_page_that_cannot_be_read_is_refused(refused, fault):
    _, line, start = (IN_FRONT_MATTER | NOT_TEXT)[fault]
    assert message_for(refused, f"posts/2024/{fault}.md").startswith(f"{line}: {start}")


def test_two_posts_with_one_name_are_refused(refused):
    message = message_for(refused, "posts/2025/one.md")
    assert message.startswith(f" {ONE} has the same name, so ")


@pytest.mark.parametrize(
    ("text", "error"),
    [("raise RuntimeError('broken')\n", "RuntimeError: broken\n"), ("x = = 1\n", "SyntaxError: ")],
)
def test_a_package_that_cannot_be_imported(small, text, error):
    small.write("cnnlib/__init__.py", text)
    (message,) = report(small.build())
    assert message.startswith(f"cnnlib/__init__.py:1: {error}")


def test_an_extension_that_fails(small):
    path = small.folder / "blog" / "ext" / "external_links.py"
    text = path.read_text().replace("own_host = ", "own_host = 1 / 0 or ")
    path.write_text(text)
    line = text[: text.index("1 / 0")].count("\n") + 1
    (message,) = report(small.build())
    assert message.startswith(
        f"blog/ext/external_links.py:{line}: ZeroDivisionError: division by zero\n"
    )
    assert "the full traceback is in .cache/traceback.txt)" in message
    assert "Traceback" in (small.folder / ".cache" / "traceback.txt").read_text()


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


# How to tell that a build has reached a stage.
STAGES = {
    "it begins": lambda site, output: (site.folder / "_build/new").exists(),
    "cells run": lambda site, output: ": ran its cells" in output.read_text(),
    "pages are written": lambda site, output: any(
        site.folder.glob("_build/new/html/posts/*/*.html")
    ),
}


def test_a_killed_build_leaves_the_last_site_and_the_next_one_is_good(model, small, tmp_path):
    """The site is the last one or the new one, and the next build equals a clean build."""
    html = small.folder / "_build" / "html"
    shutil.rmtree(html)
    small.write("_build/html/index.html", "the last good site")
    last, new = small.built(), model.built()
    output = tmp_path / "output"
    for stage, reached in STAGES.items():
        shutil.rmtree(small.folder / ".cache", ignore_errors=True)
        with output.open("w") as stream:
            process = subprocess.Popen(
                small.command(), cwd=small.folder, stdout=stream, stderr=subprocess.STDOUT
            )
        while process.poll() is None and not reached(small, output):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = small.built()
        assert after in (last, new), stage
        assert process.returncode == -signal.SIGKILL or after == new, output.read_text()
        last = after
    done = small.build()
    assert done.returncode == 0, done.stderr
    assert small.built() == new
