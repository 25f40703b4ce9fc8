"""The live preview: each save is built and updates once, errors pass, and Ctrl-C ends it."""

import io
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

from blog.build import live as live_build

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
                return f"status {error.code}: {error.read().decode()}"
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
description: A sketch to test with.
---

# A sketch

Not for publication yet.
"""


def listen(live):
    """Return a list that grows by each message that tells the browser to reload."""
    received = []
    address = live.wait(r"^Serving at http(://127\.0\.0\.1:\d+/) ")

    def receive():
        with suppress(ConnectionClosed), connect(f"ws{address}websocket-reload") as browser:
            received.extend(browser)

    threading.Thread(target=receive, daemon=True).start()
    return received


def assert_count(received, count):
    """Assert how many messages came; the last one may still be on its way."""
    end = time.monotonic() + TIMEOUT
    while len(received) < count and time.monotonic() < end:
        time.sleep(0.05)
    assert len(received) == count


def test_edits_errors_and_corrections_are_shown_once(live, post):
    assert "Not for publication yet." in live.page("drafts/sketch.html")
    assert "reload" in live.page("_live.js")
    assert "_live.js" in live.page("posts/2024/one.html")
    assert live.log.read_text().startswith("Building the blog for the first time, ")
    reloads = listen(live)
    updates = len(re.findall("^Updated in", live.log.read_text(), flags=re.MULTILINE))

    live.write("posts/2024/one.md", post("print('fresh', 6 * 111)"))
    live.wait(r"^Updated in", updates + 1)
    assert "fresh 666" in live.page("posts/2024/one.html")
    assert live.wait(r"^Saved: (.*)$") == "posts/2024/one.md"
    assert live.wait(r"^(.*): ran its cells in [\d.]+ s$") == "posts/2024/one.md"

    live.write("posts/2024/one.md", post("1 / 0"))
    live.wait(r"^posts/2024/one\.md:16: a cell raised ZeroDivisionError: division by zero$")
    live.wait(r"^Fix the error and save again$")
    fault = "<pre>posts/2024/one.md:16: a cell raised ZeroDivisionError: division by zero\n"
    assert fault in live.page("posts/2024/one.html")
    assert fault in live.page("no-such-page.html")
    live.write("_static/more.css", "")  # the error remains when another file is saved
    live.wait(r"^Fix the error and save again$", 2)
    live.write("posts/2024/one.md", post("import cnnlib\nprint('fixed', cnnlib.relu(-2))"))
    live.wait(r"^Updated in", updates + 2)
    assert "fixed 0" in live.page("posts/2024/one.html")
    assert "live-faults" not in live.page("posts/2024/one.html")

    package = live.folder / "cnnlib" / "__init__.py"
    live.write("cnnlib/__init__.py", package.read_text() + "\nrelu = abs\n")
    live.wait(r"^Updated in", updates + 3)
    assert "fixed 2" in live.page("posts/2024/one.html")

    styles = live.folder / "_static" / "site.css"
    live.write("_static/site.css", styles.read_text() + "\n.quokka{color:red}\n")
    live.wait(r"^Updated in", updates + 4)
    assert "quokka" in live.page("_static/site.css")

    # A corrected package recovers, though no build was good since the settings changed.
    good = package.read_text()
    live.write("cnnlib/__init__.py", good + "\nrelu = None\n")
    live.wait(r"^Fix the error and save again$", 3)
    live.write("conf.py", (live.folder / "conf.py").read_text() + "\n# Another setting.\n")
    live.wait(r"^Fix the error and save again$", 4)
    live.write("cnnlib/__init__.py", good + "\nrelu = str\n")
    live.wait(r"^Updated in", updates + 5)
    assert "fixed -2" in live.page("posts/2024/one.html")
    live.wait(r"^Updated all pages in", 2)

    # What a build writes sets off no other build; one after an earlier save would be counted here.
    saves = len(re.findall(r"^Saved: ", live.log.read_text(), flags=re.MULTILINE))
    builds = len(re.findall(r"^(?:Updated in|Fix)", live.log.read_text(), flags=re.MULTILINE))
    assert (saves, builds) == (9, updates + 9)
    assert_count(reloads, 9)  # one for each save, good or not

    os.killpg(live.process.pid, signal.SIGINT)
    assert live.process.wait(timeout=30) == 0
    assert "Traceback" not in live.log.read_text().split("Fix the error")[-1]


def test_the_open_page_is_built_first_and_a_deleted_one_disappears(live, post):
    assert "Two" in live.page("posts/2025/two.html")
    reloads = listen(live)
    updates = len(re.findall("^Updated in", live.log.read_text(), flags=re.MULTILINE))
    for year, name, tag in ((2024, "one", "cnn"), (2025, "two", "vision")):
        code = f"import cnnlib\nprint('now', cnnlib.relu(-2))  # {name}"
        text = post(code, date=f"{year}-05-17", title=f"Post {name}", tags=tag)
        live.write(f"posts/{year}/{name}.md", text)
        updates += 1
        live.wait(r"^Updated in", updates)
    assert "now 0" in live.page("posts/2024/one.html")
    assert "now 0" in live.page("posts/2025/two.html")

    package = live.folder / "cnnlib" / "__init__.py"
    live.write("cnnlib/__init__.py", package.read_text() + "\nrelu = abs\n")
    live.wait(r"^Updated all pages in")
    assert "now 2" in live.page("posts/2024/one.html")
    assert "now 2" in live.page("posts/2025/two.html")
    work = live.log.read_text().split("Saved: cnnlib/__init__.py\n")[1]
    steps = re.findall(r"^(posts\S+(?=: ran its)|Updated(?: all)?)", work, flags=re.MULTILINE)
    assert steps == ["posts/2025/two.md", "Updated", "posts/2024/one.md", "Updated all"]
    assert_count(reloads, 3)

    # A page that is taken away is updates no more, nor are the pages that only listed it.
    assert "Not for publication yet." in live.page("drafts/sketch.html")
    assert "/two.html" in live.page("posts/archive.html")
    assert "Post two" in live.page("posts/tag/vision.html")
    updates = len(re.findall("^Updated in", live.log.read_text(), flags=re.MULTILINE))

    (live.folder / "posts" / "2025" / "two.md").rename(live.folder / "posts" / "2024" / "three.md")
    live.wait(r"^Fix the error and save again$")  # it is of 2025
    assert live.wait(r"^Deleted: (.*)$") == "posts/2025/two.md"
    assert live.wait(r"^Saved: (.*)$") == "posts/2024/three.md"

    (live.folder / "posts" / "2024" / "three.md").unlink()
    live.wait(r"^Updated in", updates + 1)
    for name in ("posts/2025/two.html", "posts/tag/vision.html", "notebooks/posts/2025/two.ipynb"):
        assert live.page(name).startswith("status 404")
    for name in ("index.html", "posts.html", "posts/archive.html"):
        assert "/one.html" in live.page(name)
        assert "/two.html" not in live.page(name)
    assert "Not for publication yet." in live.page("drafts/sketch.html")


def test_a_build_has_the_colours_that_were_saved_while_its_process_waited(tmp_path, monkeypatch):
    built = []
    (tmp_path / "conf.py").write_text('colours = {"kernel": ("#7d5700", "#f5bf48")}\n')
    monkeypatch.setenv("CNNLIB_PALETTE", "{}")
    monkeypatch.setattr(live_build, "SOURCE", tmp_path)
    monkeypatch.setattr(live_build, "PRELOADED", ())
    monkeypatch.setattr(live_build.sys, "stdin", io.StringIO("index\n"))
    monkeypatch.setattr(live_build.os, "_exit", sys.exit)
    monkeypatch.setattr(
        live_build, "build_changes", lambda page: built.append((page, os.environ["CNNLIB_PALETTE"]))
    )
    with pytest.raises(SystemExit):
        live_build.run_worker()
    assert built == [("index", '{"kernel": ["#7d5700", "#f5bf48"]}')]
