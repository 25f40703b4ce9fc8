"""The pages while one writes: what changed is shown once a save, errors pass, Ctrl-C ends it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

TIMEOUT = 90


@pytest.fixture
def live(small):
    """Start the preview; yield its folder, its output so far, and what waits for a line."""
    small.write("drafts/sketch.md", SKETCH)
    log = small.folder.parent / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "blog.build.live", "--no-browser"],
            cwd=small.folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait(pattern, times=1):
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            found = re.findall(pattern, log.read_text(), flags=re.MULTILINE)
            if len(found) >= times:
                return found[-1]
            time.sleep(0.1)
        raise AssertionError(f"{pattern} did not come {times} times:\n{log.read_text()}")

    def page(name):
        address = wait(r"^Serving at (http://127\.0\.0\.1:\d+/) ")
        for _ in range(100):  # it says so a moment before it answers
            try:
                with urllib.request.urlopen(address + name) as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as error:
                return f"status {error.code}"
            except urllib.error.URLError:
                time.sleep(0.1)
        raise AssertionError(f"{address}{name} does not come:\n{log.read_text()}")

    small.wait, small.page, small.log, small.process = wait, page, log, process
    yield small
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


SKETCH = """\
---
blogpost: true
date: 2999-12-31
tags: cnn
category: Deep Learning
description: A sketch.
---

# A sketch

Its day will come.
"""


def reloads(live):
    """Return a list that grows by each word to the browser that it should load anew."""
    told = []
    address = live.wait(r"^Serving at http(://127\.0\.0\.1:\d+/) ")

    def listen():
        with suppress(ConnectionClosed), connect(f"ws{address}websocket-reload") as browser:
            told.extend(browser)

    threading.Thread(target=listen, daemon=True).start()
    return told


def test_a_day_at_the_desk(live, post):
    assert "Its day will come." in live.page("drafts/sketch.html")
    assert "reload" in live.page("posts/2024/one.html")  # the browser is told to load anew
    told = reloads(live)
    shown = len(re.findall("^Updated in", live.log.read_text(), flags=re.MULTILINE))

    live.write("posts/2024/one.md", post("print('fresh', 6 * 111)"))
    live.wait(r"^Updated in", shown + 1)
    assert "fresh 666" in live.page("posts/2024/one.html")
    assert live.wait(r"^Saved: (.*)$") == "posts/2024/one.md"
    assert live.wait(r"^(.*): running its cells$") == "posts/2024/one.md"

    live.write("posts/2024/one.md", post("1 / 0"))
    live.wait(r"^posts/2024/one\.md:16: a cell raised ZeroDivisionError: division by zero$")
    live.wait(r"^Fix the error and save again$")
    live.write("_static/more.css", "")  # what is wrong remains so when something else is saved
    live.wait(r"^Fix the error and save again$", 2)
    live.write("posts/2024/one.md", post("import cnnlib\nprint('mended', cnnlib.relu(-2))"))
    live.wait(r"^Updated in", shown + 2)
    assert "mended 0" in live.page("posts/2024/one.html")

    package = live.folder / "cnnlib" / "__init__.py"
    live.write("cnnlib/__init__.py", package.read_text() + "\nrelu = abs\n")
    live.wait(r"^Updated in", shown + 3)
    assert "mended 2" in live.page("posts/2024/one.html")

    styles = live.folder / "_static" / "site.css"
    live.write("_static/site.css", styles.read_text() + "\n.quokka{color:red}\n")
    live.wait(r"^Updated in", shown + 4)
    assert "quokka" in live.page("_static/site.css")

    time.sleep(4)  # long enough for a build that its own output might have set off
    saves = len(re.findall(r"^Saved: ", live.log.read_text(), flags=re.MULTILINE))
    builds = len(re.findall(r"^(?:Updated in|Fix)", live.log.read_text(), flags=re.MULTILINE))
    assert (saves, builds) == (6, shown + 6)
    assert len(told) == 4  # of each good save, once, and of no other

    os.killpg(live.process.pid, signal.SIGINT)
    assert live.process.wait(timeout=30) == 0
    assert "Traceback" not in live.log.read_text().split("Fix the error")[-1]


def test_after_an_edit_to_the_package_the_open_page_comes_first(live, post):
    assert "Two" in live.page("posts/2025/two.html")
    told = reloads(live)
    shown = len(re.findall("^Updated in", live.log.read_text(), flags=re.MULTILINE))
    for name, day in (("2024/one", "2024-05-17"), ("2025/two", "2025-05-17")):
        code = f"import cnnlib\nprint('now', cnnlib.relu(-2))  # {day}"
        live.write(f"posts/{name}.md", post(code, date=day, title=f"Post {name[5:]}"))
        shown += 1
        live.wait(r"^Updated in", shown)
    assert "now 0" in live.page("posts/2024/one.html")
    assert "now 0" in live.page("posts/2025/two.html")

    package = live.folder / "cnnlib" / "__init__.py"
    live.write("cnnlib/__init__.py", package.read_text() + "\nrelu = abs\n")
    live.wait(r"^Updated all pages in")
    assert "now 2" in live.page("posts/2024/one.html")
    assert "now 2" in live.page("posts/2025/two.html")
    work = live.log.read_text().split("Saved: cnnlib/__init__.py\n")[1]
    steps = re.findall(r"^(posts\S+(?=: running)|Updated(?: all)?)", work, flags=re.MULTILINE)
    assert steps == ["posts/2025/two.md", "Updated", "posts/2024/one.md", "Updated all"]
    assert len(told) == 3


def test_a_mended_package_recovers_though_no_pass_was_good_since_the_settings_changed(live, post):
    assert "reload" in live.page("posts/2024/one.html")
    live.write("posts/2024/one.md", post("import cnnlib\nprint('now', cnnlib.relu(-2))"))
    live.wait(r"^Updated in", 2)
    package = live.folder / "cnnlib" / "__init__.py"
    good = package.read_text()
    live.write("cnnlib/__init__.py", good + "\nrelu = None\n")
    live.wait(r"^Fix the error and save again$")
    live.write("conf.py", (live.folder / "conf.py").read_text() + "\n# Another setting.\n")
    live.wait(r"^Fix the error and save again$", 2)
    live.write("cnnlib/__init__.py", good + "\nrelu = abs\n")
    live.wait(r"^Updated in", 3)
    assert "now 2" in live.page("posts/2024/one.html")


def test_a_page_that_is_taken_away_is_shown_no_more(live):
    assert "Its day will come." in live.page("drafts/sketch.html")
    assert "/two.html" in live.page("posts/archive.html")
    assert "Two" in live.page("posts/tag/vision.html")
    shown = len(re.findall("^Updated in", live.log.read_text(), flags=re.MULTILINE))

    (live.folder / "posts" / "2025" / "two.md").rename(live.folder / "posts" / "2024" / "three.md")
    live.wait(r"^Fix the error and save again$")  # it is of 2025
    assert live.wait(r"^Deleted: (.*)$") == "posts/2025/two.md"
    assert live.wait(r"^Saved: (.*)$") == "posts/2024/three.md"

    (live.folder / "posts" / "2024" / "three.md").unlink()
    live.wait(r"^Updated in", shown + 1)
    for name in ("posts/2025/two.html", "posts/tag/vision.html", "notebooks/posts/2025/two.ipynb"):
        assert live.page(name) == "status 404"
    for name in ("index.html", "posts.html", "posts/archive.html"):
        assert "/one.html" in live.page(name)
        assert "/two.html" not in live.page(name)
    assert "Its day will come." in live.page("drafts/sketch.html")
