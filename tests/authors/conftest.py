"""A site of two short posts on the blog's own configuration, to break and to mend."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
FILES = ["conf.py", "pyproject.toml", "README.md", "LICENSE", "404.md", "posts/subjects.toml"]
FILES += ["requirements/site.txt"]
FOLDERS = ["_ext", "_static", "_templates", "cnnlib", "tools"]

INDEX = """\
---
description: A site to test with.
---

# A small site

Two posts, no more.

<!-- motif -->

<!-- latest posts -->
"""

POST = """\
---
blogpost: true
date: {date}
tags: {tags}
category: Deep Learning
description: {description}
file_format: mystnb
---

# {title}

{text}

```{{code-cell}} python
{code}
```
"""


def make_post(code="print(6 * 7)", **changes):
    """Return the source of a post."""
    words = {
        "date": "2024-05-17",
        "tags": "cnn",
        "description": "A short post.",
        "title": "A short post",
        "text": "Some words.",
    }
    return POST.format(code=code, **(words | changes))


@dataclass
class Site:
    """A folder with a small blog in it."""

    folder: Path

    def write(self, name, text):
        """Write a file, made of text or bytes."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def command(self, *arguments):
        """Return the command that builds."""
        return [sys.executable, str(self.folder / "tools" / "build.py"), *arguments]

    def build(self, *arguments, **environment):
        """Build, and return the finished process."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def html(self, name="index.html"):
        """Return the text of a page that was built."""
        return (self.folder / "_build" / "html" / name).read_text()


def contents(folder):
    """Return all files of a folder by their names."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def copy_site(folder):
    """Lay out the blog's own machinery with two posts of a few lines."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in FOLDERS:
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite")
        )
    site = Site(folder)
    site.write("index.md", INDEX)
    code = "import cnnlib\n\nprint(cnnlib.relu(-3), cnnlib.relu(3))"
    site.write("posts/2024/one.md", make_post(code, title="One"))
    site.write("posts/2025/two.md", make_post(date="2025-01-02", title="Two", tags="vision"))
    return site


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """Build the small site once; the copies of it find the results of its cells."""
    site = copy_site(tmp_path_factory.mktemp("model"))
    done = site.build()
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture
def small(model, tmp_path):
    """Return a built copy of the small site, to be changed at will."""
    shutil.copytree(model.folder, tmp_path / "blog", symlinks=True)
    return Site(tmp_path / "blog")


@pytest.fixture
def post():
    """Return what writes the source of a post."""
    return make_post
